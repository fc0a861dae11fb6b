//! RSS 2.0.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rss::extension::atom::{AtomExtension, Link};
use rss::extension::dublincore::DublinCoreExtension;
use rss::{Category, Channel, Guid, Item};

use super::content::escape;
use super::{Entry, Feed, Format, RenderError};

/// Minutes for which a reader may keep the feed before it asks again (`ttl`).
const TTL_MINUTES: &str = "60";

/// `generator`. Without a version, for a new version of newsboy changes no feed.
pub(super) const GENERATOR: &str = "newsboy";

/// The feed as RSS 2.0 with `content:encoded` (purl.org/rss/1.0/modules/content), `dc:creator`
/// (purl.org/dc/elements/1.1) and `atom:link rel=self`.
pub(super) fn write(feed: &Feed) -> Result<Vec<u8>, RenderError> {
    let channel = Channel {
        title: feed.title.clone(),
        link: feed.home.clone(),
        description: feed.description.clone(),
        language: feed.language.clone(),
        last_build_date: Some(rfc_5322(feed.updated)),
        generator: Some(GENERATOR.to_owned()),
        ttl: Some(TTL_MINUTES.to_owned()),
        atom_ext: Some(AtomExtension {
            links: vec![Link {
                href: feed.address(Format::Rss).to_owned(),
                rel: "self".to_owned(),
                mime_type: Some(Format::Rss.media_type().to_owned()),
                ..Link::default()
            }],
        }),
        items: feed.entries.iter().map(item).collect(),
        // The writer declares only what is used; a feed declares the same whether it is empty or not.
        namespaces: BTreeMap::from([
            ("atom".to_owned(), "http://www.w3.org/2005/Atom".to_owned()),
            ("content".to_owned(), "http://purl.org/rss/1.0/modules/content/".to_owned()),
            ("dc".to_owned(), "http://purl.org/dc/elements/1.1/".to_owned()),
        ]),
        ..Channel::default()
    };
    Ok(channel.write_to(Vec::new())?)
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
        // Never `author`: that one must hold an e-mail address, and both together are faulted.
        dublin_core_ext: Some(DublinCoreExtension { creators: entry.authors.clone(), ..DublinCoreExtension::default() }),
        ..Item::default()
    }
}

/// A date as RSS wants it: RFC 822 with the four-digit year of RFC 5322, and `+0000` rather than
/// `UTC`, which validators fault.
fn rfc_5322(instant: DateTime<Utc>) -> String {
    instant.to_rfc2822()
}
