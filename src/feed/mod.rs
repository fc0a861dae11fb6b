//! Feeds: articles to bytes, in RSS 2.0, Atom 1.0 and JSON Feed 1.1.
//!
//! A *feed* is a list of *entries*, one an article. [`Feed::compose`] makes it of the articles a
//! job read from the store; the three writers say the same in three formats; [`Publications`]
//! holds what is published, ready to be sent. Everything here is a plain function of its
//! arguments: the same articles give the same bytes, whenever and wherever they are written.
//!
//! What the writers keep to is what the W3C's feed validator demands for a verdict without a
//! warning; `validity.rs` holds every feed of the tests to it.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::model::Secret;

mod address;
mod archive;
mod atom;
mod compose;
mod content;
mod heading;
mod json;
mod language;
mod media;
mod opml;
mod publication;
mod rss;
mod select;
#[cfg(test)]
pub(crate) mod specimen;
#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) mod validity;
mod wording;

pub use crate::model::MatchRule;
pub use address::{Site, SourceFacts, local, valid_authority, valid_name};
pub use archive::{Archive, Archives, EditionState, is_version};
pub use compose::{Item, MAX_CONTENT_BYTES};
pub use heading::{Heading, History};
pub use language::{UNDETERMINED, right_to_left, valid_language};
pub use media::{Media, Medium};
pub use opml::{Listed, opml};
pub use publication::{Encoded, Publications, Representation, compress_twins};
pub use select::{Selector, Subject, expression};
pub use wording::Wording;

/// The `[feeds]` section of the configuration, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where the feeds are written, one folder a feed.
    pub dir: PathBuf,
    /// How many entries a feed has at most.
    pub entries: u32,
    /// The authority of the entries' `tag:` ids (RFC 4151): `example.org,2026`.
    pub authority: String,
}

/// One feed: made of a `[[source]]`, or of a `[[feed]]` of the configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedConfig {
    /// Its name, unique over sources and feeds; a folder and a part of its address.
    pub name: String,
    /// Its title, shown to readers.
    pub title: String,
    /// The language of its sources where they share one.
    pub language: Option<String>,
    /// The sources it draws from; never empty.
    pub sources: Vec<String>,
    /// Which of their articles it takes.
    pub rule: MatchRule,
    /// Who may read it: where there is a token, only who has it. Such a feed is served, and stands
    /// neither in a folder nor in a list.
    pub token: Option<Secret>,
}

/// A feed before it is written. Every text in it is clean (see [`crate::model::text`]), every
/// address absolute and percent-encoded.
///
/// The standards: RSS 2.0 (rssboard.org/rss-specification), RFC 4287 (Atom), JSON Feed 1.1
/// (jsonfeed.org/version/1.1).
#[derive(Debug, Clone, PartialEq)]
pub struct Feed {
    /// Atom `id`: `tag:AUTHORITY:feed/NAME`. RSS has none; JSON Feed goes by its address.
    pub id: String,
    /// RSS `title`, Atom `title`, JSON `title`. Plain text, one line, free of what reads as markup.
    pub title: String,
    /// RSS `description`, Atom `subtitle`, JSON `description`. Plain text, one line.
    pub description: String,
    /// RSS `language`, Atom `xml:lang`, JSON `language`: a BCP 47 tag; `None` where its sources do
    /// not share one.
    pub language: Option<String>,
    /// RSS `link`, Atom `link rel=alternate`, JSON `home_page_url`.
    pub home: String,
    /// Atom `author`, JSON `authors`: the papers it draws from; never empty.
    pub authors: Vec<String>,
    /// RSS `lastBuildDate`, Atom `updated`: the newest change among the entries, so that it stands
    /// still while they do. JSON Feed has none.
    pub updated: DateTime<Utc>,
    /// RSS `item`, Atom `entry`, JSON `items`, in the order in which they were given.
    pub entries: Vec<Entry>,
    /// How many articles were left out because the feed would have become too large; see
    /// [`MAX_CONTENT_BYTES`].
    pub left_out: usize,
    /// RSS and Atom `link rel=hub`, JSON `hubs`: who tells of its changes (W3C WebSub).
    pub hub: Option<String>,
    /// Its place among the documents of its history. An archive is marked as such (RFC 5005, section
    /// 4); JSON Feed has `next_url` for the document before it and no more.
    pub history: History,
    /// The style sheet that shows it to who opens it in a browser, as a path on the same host.
    style: String,
    /// The address of each format.
    addresses: [String; 3],
}

impl Feed {
    /// Atom and RSS `link rel=self`, JSON `feed_url`: where the feed can be fetched.
    pub fn address(&self, format: Format) -> &str {
        &self.addresses[format as usize]
    }

    /// The feed's bytes in one format.
    ///
    /// # Errors
    /// Writing into memory does not fail; the error is there because the writers' signatures have
    /// one.
    pub fn render(&self, format: Format) -> Result<Vec<u8>, RenderError> {
        match format {
            Format::Rss => rss::write(self).map(|xml| self.styled(xml)),
            Format::Atom => atom::write(self).map(|xml| self.styled(xml)),
            Format::Json => json::write(self),
        }
    }

    /// The value of the `Link` header that goes with the feed: itself first, for some subscribers read
    /// no further, and its hub (W3C WebSub, section 4). `None` where it has no hub.
    pub fn link_header(&self, format: Format) -> Option<String> {
        let hub = self.hub.as_ref()?;
        Some(format!("<{}>; rel=\"self\", <{hub}>; rel=\"hub\"", self.address(format)))
    }

    /// The document with the instruction that a browser finds its style sheet by. The writers of the
    /// crates have no place for it.
    fn styled(&self, xml: Vec<u8>) -> Vec<u8> {
        let behind = memchr::memmem::find(&xml, b"?>").map_or(0, |at| at + 2);
        let instruction = format!("<?xml-stylesheet type=\"text/css\" href=\"{}\"?>", self.style);
        [&xml[..behind], instruction.as_bytes(), &xml[behind..]].concat()
    }
}

/// One article in a feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// RSS `guid` (`isPermaLink=false`), Atom `id`, JSON `id`: `tag:AUTHORITY:article/art_…`. It
    /// holds neither host nor scheme nor headline, so that none of them makes an old story new.
    pub id: String,
    /// RSS `link`, Atom `link rel=alternate`, JSON `url`.
    pub url: String,
    /// RSS `title`, Atom `title`, JSON `title`. Plain text, one line, never empty, free of what
    /// reads as markup.
    pub title: String,
    /// RSS `description`, Atom `summary`, JSON `summary`. Plain text; may be empty.
    pub summary: String,
    /// RSS `content:encoded`, Atom `content type=html`, JSON `content_html`. Never empty.
    pub content_html: String,
    /// Atom `content xml:lang`, JSON `language`: the paper's language.
    pub language: Option<String>,
    /// RSS `dc:creator`, Atom `author`, JSON `authors`: who wrote it, or took the picture; the
    /// paper where nobody is named, so never empty.
    pub authors: Vec<String>,
    /// RSS `category`, Atom `category`, JSON `tags`.
    pub categories: Vec<Category>,
    /// RSS `media:content`, and `enclosure` for the first whose size and type are known, for an item
    /// has one at most and both must be said; Atom `link rel=enclosure`; JSON `attachments` for those
    /// whose type is known, and `image`.
    pub media: Vec<Media>,
    /// RSS `pubDate`, Atom `published`, JSON `date_published`.
    pub published: DateTime<Utc>,
    /// Atom `updated`, JSON `date_modified`. RSS has none.
    pub updated: DateTime<Utc>,
}

/// What an entry is filed under: section, page, kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Atom `term`: what programs compare, the same in every language. Never blank.
    pub term: String,
    /// Atom `scheme`, RSS `domain`: `tag:AUTHORITY:section`, `…:page`, `…:kind`.
    pub scheme: String,
    /// Atom `label`, RSS the element's text, JSON the tag: what people read. Never blank.
    pub label: String,
}

/// The formats a feed is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// RSS 2.0 with `content:encoded`, `dc:creator` and `atom:link`.
    Rss,
    /// Atom 1.0, RFC 4287.
    Atom,
    /// JSON Feed 1.1.
    Json,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Rss, Self::Atom, Self::Json];

    /// The file's name in the feed's folder, and the last part of its address.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Rss => "rss.xml",
            Self::Atom => "atom.xml",
            Self::Json => "feed.json",
        }
    }

    /// The format whose file has this name.
    pub fn of_file(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.file_name() == name)
    }

    /// What the address of a search's feed ends in.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::Json => "json",
        }
    }

    /// The media type without parameters, for `link type=…`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml",
            Self::Atom => "application/atom+xml",
            Self::Json => "application/feed+json",
        }
    }

    /// The value of `Content-Type`. JSON has no `charset` parameter (RFC 8259, section 11).
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Json => "application/feed+json",
        }
    }
}

/// Why a feed could not be written.
#[derive(Debug, Error)]
pub enum RenderError {
    /// The RSS writer failed.
    #[error("writing RSS: {0}")]
    Rss(#[from] ::rss::Error),
    /// The Atom writer failed.
    #[error("writing Atom: {0}")]
    Atom(#[from] atom_syndication::Error),
    /// The JSON writer failed.
    #[error("writing JSON Feed: {0}")]
    Json(#[from] serde_json::Error),
}
