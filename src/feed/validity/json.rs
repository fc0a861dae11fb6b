//! The rules of JSON Feed 1.1 (jsonfeed.org/version/1.1): the names of the faults are our own, for
//! the W3C's validator does not read it.

use serde_json::Value;

use super::{Expected, Fault, Faults, html};

const FEED: [&str; 10] =
    ["version", "title", "home_page_url", "feed_url", "next_url", "description", "language", "authors", "hubs", "items"];
const ITEM: [&str; 12] = [
    "id",
    "url",
    "title",
    "summary",
    "content_html",
    "date_published",
    "date_modified",
    "language",
    "authors",
    "tags",
    "image",
    "attachments",
];
const ATTACHMENT: [&str; 4] = ["url", "mime_type", "title", "size_in_bytes"];

/// Every fault of a JSON feed.
pub(super) fn check(bytes: &[u8], expected: &Expected<'_>) -> Vec<Fault> {
    let mut faults = Faults::default();
    let feed: Value = match serde_json::from_slice(bytes) {
        Ok(feed) => feed,
        Err(why) => return vec![Fault { name: "NotJson", detail: why.to_string() }],
    };
    strings(&feed, &mut |text| faults.characters(text));
    known(&mut faults, &feed, &FEED);
    if text(&feed, "version") != "https://jsonfeed.org/version/1.1" {
        faults.add("WrongVersion", text(&feed, "version"));
    }
    faults.title(text(&feed, "title"));
    faults.url(text(&feed, "home_page_url"), "home_page_url");
    if text(&feed, "feed_url") != expected.address {
        faults.add("SelfDoesntMatchLocation", text(&feed, "feed_url"));
    }
    if !feed["next_url"].is_null() {
        faults.url(text(&feed, "next_url"), "next_url");
    }
    for hub in feed["hubs"].as_array().into_iter().flatten() {
        faults.not_blank(text(hub, "type"), "hub type");
        faults.url(text(hub, "url"), "hub url");
    }
    common(&mut faults, &feed);
    let Some(items) = feed["items"].as_array() else {
        faults.add("MissingElement", "items");
        return faults.0;
    };
    faults.unique("DuplicateValue", items.iter().map(|i| text(i, "id")));
    for item in items {
        known(&mut faults, item, &ITEM);
        faults.id(text(item, "id"), "id");
        faults.url(text(item, "url"), "url");
        faults.title(text(item, "title"));
        faults.not_blank(text(item, "content_html"), "content_html");
        html::check(&mut faults, text(item, "content_html"), "content_html");
        for date in ["date_published", "date_modified"] {
            faults.rfc_3339(text(item, date), expected);
        }
        for tag in item["tags"].as_array().into_iter().flatten() {
            faults.not_blank(tag.as_str().unwrap_or_default(), "tag");
        }
        if !item["image"].is_null() {
            faults.url(text(item, "image"), "image");
        }
        for attachment in item["attachments"].as_array().into_iter().flatten() {
            known(&mut faults, attachment, &ATTACHMENT);
            faults.url(text(attachment, "url"), "attachment");
            faults.media_type(Some(text(attachment, "mime_type")), "attachment");
            if !attachment["size_in_bytes"].is_null() && !attachment["size_in_bytes"].is_u64() {
                faults.add("InvalidIntegerAttribute", "size_in_bytes");
            }
        }
        common(&mut faults, item);
    }
    faults.0
}

fn common(faults: &mut Faults, object: &Value) {
    if !object["language"].is_null() {
        faults.language(text(object, "language"));
    }
    let authors = object["authors"].as_array().map(Vec::as_slice).unwrap_or_default();
    if authors.is_empty() {
        faults.add("MissingElement", "authors");
    }
    authors.iter().for_each(|a| faults.not_blank(text(a, "name"), "author name"));
}

fn known(faults: &mut Faults, object: &Value, names: &[&str]) {
    for name in object.as_object().into_iter().flat_map(|o| o.keys()).filter(|n| !names.contains(&n.as_str())) {
        faults.add("UndefinedElement", name.as_str());
    }
}

fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().unwrap_or_default()
}

fn strings(value: &Value, visit: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => visit(text),
        Value::Array(values) => values.iter().for_each(|v| strings(v, visit)),
        Value::Object(members) => members.values().for_each(|v| strings(v, visit)),
        _ => {}
    }
}
