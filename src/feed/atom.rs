//! Atom 1.0.

use std::collections::BTreeMap;

use atom_syndication::extension::{Extension, ExtensionMap};
use atom_syndication::{Category, Content, Entry as AtomEntry, Feed as AtomFeed, Generator, Link, Person, Text};

use super::content::escape;
use super::rss::{GENERATOR, HISTORY, relations};
use super::{Entry, Feed, Format, Media, RenderError};

/// The feed as Atom 1.0 (RFC 4287). Bodies and summaries are `type="html"`, which says what they
/// are; `xhtml` would need well-formed markup and the writer does not see to that.
pub(super) fn write(feed: &Feed) -> Result<Vec<u8>, RenderError> {
    let atom = AtomFeed {
        title: Text::plain(feed.title.clone()),
        id: feed.id.clone(),
        updated: feed.updated.fixed_offset(),
        authors: feed.authors.iter().map(person).collect(),
        generator: Some(Generator { value: GENERATOR.to_owned(), uri: None, version: None }),
        links: links(feed),
        extensions: archive_mark(feed),
        // Declared whether it is used or not, as in RSS.
        namespaces: BTreeMap::from([("fh".to_owned(), HISTORY.to_owned())]),
        subtitle: Some(Text::plain(feed.description.clone())),
        entries: feed.entries.iter().map(entry).collect(),
        lang: feed.language.clone(),
        ..AtomFeed::default()
    };
    Ok(atom.write_to(Vec::new())?)
}

fn entry(entry: &Entry) -> AtomEntry {
    AtomEntry {
        title: Text::plain(entry.title.clone()),
        id: entry.id.clone(),
        updated: entry.updated.fixed_offset(),
        published: Some(entry.published.fixed_offset()),
        authors: entry.authors.iter().map(person).collect(),
        categories: entry
            .categories
            .iter()
            .map(|c| Category { term: c.term.clone(), scheme: Some(c.scheme.clone()), label: Some(c.label.clone()) })
            .collect(),
        links: std::iter::once(link("alternate", &entry.url, Some("text/html"))).chain(entry.media.iter().map(enclosure)).collect(),
        summary: Some(Text { lang: entry.language.clone(), ..Text::html(escape(&entry.summary)) }).filter(|s| !s.value.is_empty()),
        content: Some(Content {
            value: Some(entry.content_html.clone()),
            content_type: Some("html".to_owned()),
            lang: entry.language.clone(),
            ..Content::default()
        }),
        ..AtomEntry::default()
    }
}

/// Atom takes any number of enclosures, and those whose size nobody knows.
fn enclosure(media: &Media) -> Link {
    Link {
        title: Some(media.caption.clone()).filter(|caption| !caption.is_empty()),
        length: media.bytes.map(|bytes| bytes.to_string()),
        ..link("enclosure", &media.url, media.media_type.as_deref())
    }
}

fn person(name: impl Into<String>) -> Person {
    Person { name: name.into(), ..Person::default() }
}

fn links(feed: &Feed) -> Vec<Link> {
    let mut links: Vec<Link> = relations(feed, Format::Atom).into_iter().map(|(rel, href, mime_type)| link(rel, href, mime_type)).collect();
    links.push(link("alternate", &feed.home, Some("text/html")));
    links
}

fn link(rel: &str, href: &str, mime_type: Option<&str>) -> Link {
    Link { href: href.to_owned(), rel: rel.to_owned(), mime_type: mime_type.map(str::to_owned), ..Link::default() }
}

/// `fh:archive`, in an archive.
fn archive_mark(feed: &Feed) -> ExtensionMap {
    if feed.history.current.is_none() {
        return ExtensionMap::new();
    }
    let mark = Extension { name: "fh:archive".to_owned(), ..Extension::default() };
    ExtensionMap::from([("fh".to_owned(), BTreeMap::from([("archive".to_owned(), vec![mark])]))])
}
