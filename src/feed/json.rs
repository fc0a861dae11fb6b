//! JSON Feed 1.1.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::{Entry, Feed, Format, Media, Medium, RenderError};

/// The value of `version` (jsonfeed.org/version/1.1).
const VERSION: &str = "https://jsonfeed.org/version/1.1";

#[derive(Serialize)]
struct JsonFeed<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_url: Option<&'a str>,
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    authors: Vec<Author<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hubs: Vec<Hub<'a>>,
    items: Vec<JsonItem<'a>>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Hub<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
struct JsonItem<'a> {
    id: &'a str,
    url: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    summary: &'a str,
    content_html: &'a str,
    date_published: String,
    date_modified: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    authors: Vec<Author<'a>>,
    tags: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<Attachment<'a>>,
}

#[derive(Serialize)]
struct Attachment<'a> {
    url: &'a str,
    mime_type: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_in_bytes: Option<u64>,
}

/// The feed as JSON Feed 1.1.
pub(super) fn write(feed: &Feed) -> Result<Vec<u8>, RenderError> {
    let json = JsonFeed {
        version: VERSION,
        title: &feed.title,
        home_page_url: &feed.home,
        feed_url: feed.address(Format::Json),
        next_url: feed.history.previous.as_ref().map(|addresses| addresses[Format::Json as usize].as_str()),
        description: &feed.description,
        language: feed.language.as_deref(),
        authors: authors(&feed.authors),
        hubs: feed.hub.iter().map(|url| Hub { kind: "WebSub", url }).collect(),
        items: feed.entries.iter().map(item).collect(),
    };
    Ok(serde_json::to_vec(&json)?)
}

fn item(entry: &Entry) -> JsonItem<'_> {
    JsonItem {
        id: &entry.id,
        url: &entry.url,
        title: &entry.title,
        summary: &entry.summary,
        content_html: &entry.content_html,
        date_published: rfc_3339(entry.published),
        date_modified: rfc_3339(entry.updated),
        language: entry.language.as_deref(),
        authors: authors(&entry.authors),
        tags: entry.categories.iter().map(|c| c.label.as_str()).collect(),
        image: entry.media.iter().find(|media| media.medium == Medium::Image).map(|media| media.url.as_str()),
        attachments: entry.media.iter().filter_map(attachment).collect(),
    }
}

/// An attachment must say what it is.
fn attachment(media: &Media) -> Option<Attachment<'_>> {
    let mime_type = media.media_type.as_deref()?;
    Some(Attachment { url: &media.url, mime_type, title: &media.caption, size_in_bytes: media.bytes })
}

fn authors(names: &[String]) -> Vec<Author<'_>> {
    names.iter().map(|name| Author { name }).collect()
}

fn rfc_3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}
