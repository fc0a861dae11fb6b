//! Whether a feed is valid, judged independently of how newsboy makes it: the rules of the W3C's
//! feed validator that can touch a newspaper's feed, under the validator's own names.
//!
//! It shares no code with the writers. It parses strictly: the crates' own readers and feed-rs let
//! pass what every strict reader rejects.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::Format;

mod atom;
mod html;
mod json;
mod mutations;
mod rss;
mod tree;

/// The mark of an archive, which RFC 5005 gives to both formats.
const ARCHIVE: &str = "{http://purl.org/syndication/history/1.0}archive";

/// A fault: the validator's name for it, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) detail: String,
}

/// What the feed is held against.
pub(crate) struct Expected<'a> {
    /// The address it was fetched from.
    pub(crate) address: &'a str,
    /// When.
    pub(crate) now: DateTime<Utc>,
}

/// Every fault of a feed in a format.
pub(crate) fn check(format: Format, bytes: &[u8], expected: &Expected<'_>) -> Vec<Fault> {
    match format {
        Format::Rss => rss::check(bytes, expected),
        Format::Atom => atom::check(bytes, expected),
        Format::Json => json::check(bytes, expected),
    }
}

/// Faults found so far.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, name: &'static str, detail: impl Into<String>) {
        self.0.push(Fault { name, detail: detail.into() });
    }

    /// The characters of a decoded text.
    fn characters(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\t' | '\n' => {}
                '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => self.add("SAXError", format!("{c:?} is no character of XML 1.0")),
                '\u{7f}'..='\u{9f}' | '\u{fffd}' => self.add("BadCharacters", format!("{c:?}")),
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => self.add("BidiOverride", format!("{c:?}")),
                _ => {}
            }
        }
    }

    /// An address: absolute, with a host, in ASCII, of nothing that a URI cannot hold.
    fn url(&mut self, url: &str, place: &str) {
        if !url.is_ascii() {
            self.add("UriNotIri", format!("{place}: {url}"));
        } else if url.bytes().any(|b| b <= b' ' || b"\"<>\\^`{|}".contains(&b)) {
            self.add("InvalidURI", format!("{place}: {url}"));
        }
        let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
        if host.is_none_or(|h| h.is_empty() || h.starts_with('/')) {
            self.add("InvalidFullLink", format!("{place}: {url}"));
        }
    }

    /// An id: a URI with a scheme.
    fn id(&mut self, id: &str, place: &str) {
        let scheme = id.split_once(':').map(|(s, _)| s).unwrap_or_default();
        let scheme_holds = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        if !scheme_holds || !id.is_ascii() || id.bytes().any(|b| b <= b' ') {
            self.add("InvalidFullLink", format!("{place}: {id}"));
        }
        if let Some(tag) = id.strip_prefix("tag:") {
            // RFC 4151: tagging entity, colon, specific.
            let entity = tag.split_once(':').map(|(e, _)| e).unwrap_or_default();
            let date = entity.split_once(',').map(|(_, d)| d).unwrap_or_default();
            let date_holds = matches!(date.len(), 4 | 7 | 10) && date.bytes().all(|b| b.is_ascii_digit() || b == b'-');
            if !date_holds {
                self.add("InvalidTAG", format!("{place}: {id}"));
            }
        }
    }

    /// Language tags, by ISO 639 code and hyphens.
    fn language(&mut self, tag: &str) {
        let mut subtags = tag.split('-');
        let primary = subtags.next().unwrap_or_default();
        let holds = (2..=3).contains(&primary.len())
            && primary.bytes().all(|b| b.is_ascii_alphabetic())
            && subtags.all(|s| (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric()));
        if !holds {
            self.add("InvalidLanguage", tag);
        }
    }

    /// Dates must be neither before 1990 nor further ahead than `ahead` allows.
    fn plausible(&mut self, date: DateTime<Utc>, expected: &Expected<'_>, ahead: chrono::Duration) {
        if date.timestamp() < 631_152_000 || date > expected.now + ahead {
            self.add("ImplausibleDate", date.to_rfc3339());
        }
    }

    /// RFC 3339 with a zone.
    fn rfc_3339(&mut self, text: &str, expected: &Expected<'_>) -> Option<DateTime<Utc>> {
        match DateTime::parse_from_rfc3339(text) {
            Ok(date) => {
                self.plausible(date.to_utc(), expected, chrono::Duration::days(1));
                Some(date.to_utc())
            }
            Err(_) => {
                self.add("InvalidRFC3339Date", text);
                None
            }
        }
    }

    /// Nothing may come twice.
    fn unique<'a>(&mut self, name: &'static str, values: impl IntoIterator<Item = &'a str>) {
        let mut seen = HashSet::new();
        for value in values {
            if !seen.insert(value) {
                self.add(name, value);
            }
        }
    }

    /// Plain text must not look like HTML, nor be blank.
    fn title(&mut self, text: &str) {
        if text.trim().is_empty() {
            self.add("NotBlank", "title");
        }
        if html::looks_like_markup(text) {
            self.add("ContainsHTML", text);
        }
    }

    /// A media type, where there is one: two tokens with a slash between them.
    fn media_type(&mut self, media_type: Option<&str>, place: &str) {
        let token = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&b));
        if media_type.is_some_and(|name| !name.split_once('/').is_some_and(|(kind, form)| token(kind) && token(form))) {
            self.add("InvalidMIMEAttribute", format!("{place}: {media_type:?}"));
        }
    }

    fn not_blank(&mut self, text: &str, place: &str) {
        if text.trim().is_empty() {
            self.add("NotBlank", place);
        }
    }
}
