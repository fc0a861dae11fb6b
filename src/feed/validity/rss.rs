//! The rules of RSS 2.0.

use chrono::{DateTime, Datelike, Duration, Utc};

use super::tree::{Element, parse};
use super::{Expected, Fault, Faults, html};

const SELF: &str = "{http://www.w3.org/2005/Atom}link";
const CREATOR: &str = "{http://purl.org/dc/elements/1.1/}creator";
const MEDIA_CONTENT: &str = "{http://search.yahoo.com/mrss/}content";
const MEDIA_DESCRIPTION: &str = "{http://search.yahoo.com/mrss/}description";
const CONTENT: &str = "{http://purl.org/rss/1.0/modules/content/}encoded";

/// Elements of a channel and of an item that a newspaper's feed may have.
const CHANNEL: [&str; 10] = ["title", "link", "description", "language", "lastBuildDate", "generator", "ttl", SELF, "item", super::ARCHIVE];
const ITEM: [&str; 11] =
    ["title", "link", "description", "category", "guid", "pubDate", "author", "enclosure", CREATOR, CONTENT, MEDIA_CONTENT];

/// Every fault of an RSS feed.
pub(super) fn check(bytes: &[u8], expected: &Expected<'_>) -> Vec<Fault> {
    let mut faults = Faults::default();
    let root = match parse(bytes) {
        Ok(root) => root,
        Err(why) => return vec![Fault { name: "SAXError", detail: why }],
    };
    root.walk(&mut |element| {
        faults.characters(&element.text);
        element.attributes.iter().for_each(|(_, value)| faults.characters(value));
    });
    if root.name != "rss" || root.attribute("version") != Some("2.0") {
        faults.add("UndeterminableVocabulary", root.name.as_str());
    }
    let Some(channel) = root.one("channel") else {
        faults.add("MissingChannel", "");
        return faults.0;
    };
    unexpected(&mut faults, channel, &CHANNEL);
    for required in ["title", "link", "description"] {
        if channel.text_of(required).is_none() {
            faults.add("MissingElement", required);
        }
    }
    faults.title(channel.text_of("title").unwrap_or_default());
    faults.url(channel.text_of("link").unwrap_or_default(), "channel link");
    if let Some(language) = channel.text_of("language") {
        faults.language(language);
    }
    if let Some(ttl) = channel.text_of("ttl")
        && ttl.parse::<u32>().ok().is_none_or(|minutes| minutes == 0)
    {
        faults.add("InvalidPositiveInteger", format!("ttl {ttl}"));
    }
    if let Some(date) = channel.text_of("lastBuildDate") {
        self::date(&mut faults, date, expected);
    }
    match channel.all(SELF).find(|l| l.attribute("rel") == Some("self")) {
        None => faults.add("MissingAtomSelfLink", ""),
        Some(link) if link.attribute("href") != Some(expected.address) => {
            faults.add("SelfDoesntMatchLocation", link.attribute("href").unwrap_or_default());
        }
        Some(_) => {}
    }
    channel.all(SELF).for_each(|link| faults.url(link.attribute("href").unwrap_or_default(), "atom:link"));
    faults.unique("DuplicateValue", channel.all("item").filter_map(|i| i.text_of("guid")));
    channel.all("item").for_each(|i| item(&mut faults, i, expected));
    faults.0
}

fn unexpected(faults: &mut Faults, parent: &Element, known: &[&str]) {
    for child in &parent.children {
        if !known.contains(&child.name.as_str()) {
            let foreign = child.name.starts_with('{');
            faults.add(if foreign { "UnknownNamespace" } else { "UndefinedElement" }, child.name.as_str());
        }
    }
}

fn item(faults: &mut Faults, item: &Element, expected: &Expected<'_>) {
    unexpected(faults, item, &ITEM);
    faults.title(item.text_of("title").unwrap_or_default());
    faults.url(item.text_of("link").unwrap_or_default(), "item link");
    match item.one("guid") {
        None => faults.add("MissingGuid", ""),
        Some(guid) if guid.attribute("isPermaLink") == Some("false") => faults.id(&guid.text, "guid"),
        Some(guid) if !guid.text.starts_with("http") => faults.add("InvalidPermalink", guid.text.as_str()),
        Some(_) => {}
    }
    match item.text_of("pubDate") {
        None => faults.add("MissingElement", "pubDate"),
        Some(text) => date(faults, text, expected),
    }
    if let Some(author) = item.text_of("author") {
        if !author.contains('@') {
            faults.add("InvalidContact", author);
        }
        if item.one(CREATOR).is_some() {
            faults.add("DuplicateItemSemantics", author);
        }
    }
    item.all(CREATOR).for_each(|c| faults.not_blank(&c.text, "dc:creator"));
    item.all("category").for_each(|c| faults.not_blank(&c.text, "category"));
    enclosures(faults, item);
    item.all(MEDIA_CONTENT).for_each(|content| media_content(faults, content));
    if let Some(description) = item.text_of("description") {
        html::check(faults, description, "description");
    }
    let place = |name: &str| item.children.iter().position(|c| c.name == name);
    if place(CONTENT).is_some() && place("description").is_none_or(|d| Some(d) > place(CONTENT)) {
        faults.add("NeedDescriptionBeforeContent", "");
    }
    match item.text_of(CONTENT) {
        None => faults.add("MissingElement", "content:encoded"),
        Some(content) => {
            faults.not_blank(content, "content:encoded");
            html::check(faults, content, "content:encoded");
        }
    }
}

/// An item has one, which says where it is, how large and what.
fn enclosures(faults: &mut Faults, item: &Element) {
    if item.all("enclosure").count() > 1 {
        faults.add("DuplicateEnclosure", "");
    }
    for enclosure in item.all("enclosure") {
        for required in ["url", "length", "type"] {
            if enclosure.attribute(required).is_none() {
                faults.add("MissingAttribute", format!("enclosure {required}"));
            }
        }
        if enclosure.attribute("url").is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
            faults.add("InvalidURLAttribute", "enclosure url");
        }
        faults.url(enclosure.attribute("url").unwrap_or_default(), "enclosure");
        if enclosure.attribute("length").is_some_and(|length| length.parse::<u64>().is_err()) {
            faults.add("InvalidIntegerAttribute", "enclosure length");
        }
        faults.media_type(enclosure.attribute("type"), "enclosure");
    }
}

/// Media RSS: an address, the rest as it is known.
fn media_content(faults: &mut Faults, content: &Element) {
    faults.url(content.attribute("url").unwrap_or_default(), "media:content");
    faults.media_type(content.attribute("type"), "media:content");
    if content.attribute("fileSize").is_some_and(|size| size.parse::<u64>().is_err()) {
        faults.add("InvalidIntegerAttribute", "media:content fileSize");
    }
    if content.attribute("medium").is_some_and(|medium| !["image", "audio", "video", "document", "executable"].contains(&medium)) {
        faults.add("InvalidMediaMedium", content.attribute("medium").unwrap_or_default());
    }
    unexpected(faults, content, &[MEDIA_DESCRIPTION]);
    for description in content.all(MEDIA_DESCRIPTION) {
        faults.not_blank(&description.text, "media:description");
        if html::looks_like_markup(&description.text) {
            faults.add("ContainsHTML", description.text.as_str());
        }
    }
}

/// `Thu, 20 Feb 2025 06:00:00 +0800`: day names right, four-digit years, zones by number or one of
/// RFC 822's names.
fn date(faults: &mut Faults, text: &str, expected: &Expected<'_>) {
    let parts: Vec<&str> = text.split(' ').collect();
    let [weekday, day, month, year, time, zone] = parts.as_slice() else {
        return faults.add("InvalidRFC2822Date", text);
    };
    let zone = match *zone {
        "GMT" | "Z" | "UT" => "+0000",
        "EST" | "CDT" => "-0500",
        "EDT" => "-0400",
        "CST" | "MDT" => "-0600",
        "MST" | "PDT" => "-0700",
        "PST" => "-0800",
        zone => zone,
    };
    if year.len() == 2 {
        return faults.add("ProblematicalRFC822Date", text);
    }
    let Ok(date) = DateTime::parse_from_str(&format!("{day} {month} {year} {time} {zone}"), "%d %b %Y %H:%M:%S %z") else {
        return faults.add("InvalidRFC2822Date", text);
    };
    if *weekday != format!("{},", date.weekday()) {
        faults.add("IncorrectDOW", text);
    }
    let date: DateTime<Utc> = date.to_utc();
    faults.plausible(date, expected, Duration::minutes(10));
}
