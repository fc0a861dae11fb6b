//! Atom 1.0.

use atom_syndication::{Category, Content, Entry as AtomEntry, Feed as AtomFeed, Generator, Link, Person, Text};

use super::content::escape;
use super::rss::GENERATOR;
use super::{Entry, Feed, Format, RenderError};

/// The feed as Atom 1.0 (RFC 4287). Bodies and summaries are `type="html"`, which says what they
/// are; `xhtml` would need well-formed markup and the writer does not see to that.
pub(super) fn write(feed: &Feed) -> Result<Vec<u8>, RenderError> {
    let atom = AtomFeed {
        title: Text::plain(feed.title.clone()),
        id: feed.id.clone(),
        updated: feed.updated.fixed_offset(),
        authors: feed.authors.iter().map(person).collect(),
        generator: Some(Generator { value: GENERATOR.to_owned(), uri: None, version: None }),
        links: vec![link("self", feed.address(Format::Atom), Format::Atom.media_type()), link("alternate", &feed.home, "text/html")],
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
        links: vec![link("alternate", &entry.url, "text/html")],
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

fn person(name: impl Into<String>) -> Person {
    Person { name: name.into(), ..Person::default() }
}

fn link(rel: &str, href: &str, mime_type: &str) -> Link {
    Link { href: href.to_owned(), rel: rel.to_owned(), mime_type: Some(mime_type.to_owned()), ..Link::default() }
}
