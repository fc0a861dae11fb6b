//! RSS 2.0.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rss::extension::atom::{AtomExtension, Link};
use rss::extension::dublincore::DublinCoreExtension;
use rss::extension::{Extension, ExtensionMap};
use rss::{Category, Channel, Enclosure, Guid, Item};

use super::content::escape;
use super::{Entry, Feed, Format, History, Media, RenderError};

/// Minutes for which a reader may keep the feed before it asks again (`ttl`).
const TTL_MINUTES: &str = "60";

/// The namespace of RFC 5005.
pub(super) const HISTORY: &str = "http://purl.org/syndication/history/1.0";

/// The namespace of Media RSS.
const MEDIA: &str = "http://search.yahoo.com/mrss/";

/// `generator`. Without a version, for a new version of newsboy changes no feed.
pub(super) const GENERATOR: &str = "newsboy";

/// The feed as RSS 2.0 with `content:encoded` (purl.org/rss/1.0/modules/content), `dc:creator`
/// (purl.org/dc/elements/1.1), `media:content` (rssboard.org/media-rss) and `atom:link rel=self`.
pub(super) fn write(feed: &Feed) -> Result<Vec<u8>, RenderError> {
    let channel = Channel {
        title: feed.title.clone(),
        link: feed.home.clone(),
        description: feed.description.clone(),
        language: feed.language.clone(),
        last_build_date: Some(rfc_5322(feed.updated)),
        generator: Some(GENERATOR.to_owned()),
        ttl: Some(TTL_MINUTES.to_owned()),
        atom_ext: Some(AtomExtension { links: links(feed) }),
        extensions: archive_mark(feed),
        items: feed.entries.iter().map(item).collect(),
        // The writer declares only what is used; a feed declares the same whether it is empty or not.
        namespaces: BTreeMap::from([
            ("atom".to_owned(), "http://www.w3.org/2005/Atom".to_owned()),
            ("content".to_owned(), "http://purl.org/rss/1.0/modules/content/".to_owned()),
            ("dc".to_owned(), "http://purl.org/dc/elements/1.1/".to_owned()),
            ("fh".to_owned(), HISTORY.to_owned()),
            ("media".to_owned(), MEDIA.to_owned()),
        ]),
        ..Channel::default()
    };
    Ok(channel.write_to(Vec::new())?)
}

fn links(feed: &Feed) -> Vec<Link> {
    let link = |(rel, href, mime_type): (&str, &str, Option<&str>)| Link {
        href: href.to_owned(),
        rel: rel.to_owned(),
        mime_type: mime_type.map(str::to_owned),
        ..Link::default()
    };
    relations(feed, Format::Rss).into_iter().map(link).collect()
}

/// Relation, address and type of what a feed's XML links to on its own behalf.
pub(super) fn relations(feed: &Feed, format: Format) -> Vec<(&'static str, &str, Option<&'static str>)> {
    let own = Some(format.media_type());
    let History { current, previous, next } = &feed.history;
    let neighbours = [("current", current), ("prev-archive", previous), ("next-archive", next)];
    let mut relations = vec![("self", feed.address(format), own)];
    relations.extend(feed.hub.as_deref().map(|hub| ("hub", hub, None)));
    relations.extend(neighbours.into_iter().filter_map(|(rel, addresses)| Some((rel, addresses.as_ref()?[format as usize].as_str(), own))));
    relations
}

/// `fh:archive`, in an archive.
fn archive_mark(feed: &Feed) -> ExtensionMap {
    if feed.history.current.is_none() {
        return ExtensionMap::new();
    }
    let mark = Extension { name: "fh:archive".to_owned(), ..Extension::default() };
    ExtensionMap::from([("fh".to_owned(), BTreeMap::from([("archive".to_owned(), vec![mark])]))])
}

fn item(entry: &Entry) -> Item {
    Item {
        title: Some(entry.title.clone()),
        link: Some(entry.url.clone()),
        // An item's description is HTML, whether one wants it or not; a title's nature nobody knows.
        // It stands in front of the body even when it is empty (NeedDescriptionBeforeContent).
        description: Some(escape(&entry.summary)),
        content: Some(entry.content_html.clone()),
        guid: Some(Guid { value: entry.id.clone(), permalink: false }),
        pub_date: Some(rfc_5322(entry.published)),
        categories: entry.categories.iter().map(|c| Category { name: c.label.clone(), domain: Some(c.scheme.clone()) }).collect(),
        enclosure: entry.media.iter().find_map(enclosure),
        extensions: media(&entry.media),
        // Never `author`: that one must hold an e-mail address, and both together are faulted.
        dublin_core_ext: Some(DublinCoreExtension { creators: entry.authors.clone(), ..DublinCoreExtension::default() }),
        ..Item::default()
    }
}

fn enclosure(media: &Media) -> Option<Enclosure> {
    let (bytes, media_type) = media.as_enclosure()?;
    Some(Enclosure { url: media.url.clone(), length: bytes.to_string(), mime_type: media_type.to_owned() })
}

/// `media:content`, one for each.
fn media(media: &[Media]) -> ExtensionMap {
    if media.is_empty() {
        return ExtensionMap::new();
    }
    ExtensionMap::from([("media".to_owned(), BTreeMap::from([("content".to_owned(), media.iter().map(media_content).collect())]))])
}

fn media_content(media: &Media) -> Extension {
    let attributes = [
        ("url", Some(media.url.clone())),
        ("medium", Some(media.medium.as_str().to_owned())),
        ("type", media.media_type.clone()),
        ("fileSize", media.bytes.map(|bytes| bytes.to_string())),
    ];
    let caption = Extension {
        name: "media:description".to_owned(),
        value: Some(media.caption.clone()),
        attrs: BTreeMap::from([("type".to_owned(), "plain".to_owned())]),
        ..Extension::default()
    };
    let captions = BTreeMap::from([("description".to_owned(), vec![caption])]);
    Extension {
        name: "media:content".to_owned(),
        attrs: attributes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect(),
        children: if media.caption.is_empty() { BTreeMap::new() } else { captions },
        ..Extension::default()
    }
}

/// A date as RSS wants it: RFC 822 with the four-digit year of RFC 5322, and `+0000` rather than
/// `UTC`, which validators fault.
fn rfc_5322(instant: DateTime<Utc>) -> String {
    instant.to_rfc2822()
}
