//! Addresses and ids: everything that programs follow or compare.
//!
//! Addresses are absolute and percent-encoded to ASCII, for RSS and Atom validators fault an IRI
//! where a URL is expected. Ids are `tag:` URIs (RFC 4151).

use chrono::NaiveDate;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Format;
use crate::model::ArticleId;

/// Everything of a path segment but RFC 3986's `unreserved`.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What RFC 3986 allows nowhere in a URI. `%` stays, so that an encoded address stays as it is.
const NEVER_IN_URI: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// Bytes of a feed's name; three times as many, percent-encoded, still make a file's name.
const MAX_NAME_BYTES: usize = 80;

/// One part of a path, percent-encoded.
pub(super) fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// A whole address with everything percent-encoded that may stand nowhere in one.
pub(super) fn encoded(url: &str) -> String {
    utf8_percent_encode(url, NEVER_IN_URI).to_string()
}

/// Whether a feed or source may have this name: letters and digits of any script, `-`, `_` and
/// `.`, at most 80 bytes, no `.` in front. It is a folder's name and a part of an address.
pub fn valid_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_NAME_BYTES
        && !name.starts_with('.')
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// Whether `authority` has the form of an RFC 4151 `taggingEntity` with a domain, in lower case as
/// that RFC recommends: `example.org,2026`, `example.org,2026-07` or `example.org,2026-07-01`.
pub fn valid_authority(authority: &str) -> bool {
    let Some((domain, date)) = authority.split_once(',') else { return false };
    let label = |l: &str| {
        !l.is_empty()
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let number = |n: &str, digits: usize| (n.len() == digits && n.bytes().all(|b| b.is_ascii_digit())).then(|| n.parse::<u16>().ok())?;
    let parts: Vec<&str> = date.split('-').collect();
    let date_holds = match parts.as_slice() {
        [year] => number(year, 4).is_some(),
        [year, month] => number(year, 4).is_some() && number(month, 2).is_some_and(|m| (1..=12).contains(&m)),
        [year, month, day] => {
            number(year, 4).is_some()
                && number(month, 2).is_some_and(|m| (1..=12).contains(&m))
                && number(day, 2).is_some_and(|d| (1..=31).contains(&d))
        }
        _ => false,
    };
    domain.split('.').all(label) && date_holds
}

/// What of the installation shows in feeds and pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Where readers reach newsboy: `http://127.0.0.1:8080`; a path is allowed, a `/` at the end
    /// does not count.
    pub public_url: String,
    /// The sources, in the order of the configuration.
    pub sources: Vec<SourceFacts>,
    /// The address of the hub that tells of changes, newsboy's own or another; `None` for none.
    pub hub: Option<String>,
    /// Whether it is read as plain files: nothing leads to what has to be asked of newsboy.
    pub is_static: bool,
}

/// What of a source shows in feeds and pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFacts {
    /// Its name in the configuration.
    pub name: String,
    /// The paper's name.
    pub title: String,
    /// The paper's language, a BCP 47 tag.
    pub language: String,
}

impl Site {
    /// A source by its name.
    pub fn source(&self, name: &str) -> Option<&SourceFacts> {
        self.sources.iter().find(|s| s.name == name)
    }

    fn base(&self) -> String {
        encoded(self.public_url.trim().trim_end_matches('/'))
    }

    /// The address of the front page.
    pub fn home(&self) -> String {
        format!("{}/", self.base())
    }

    /// The permanent address of an article.
    pub fn article(&self, id: &ArticleId) -> String {
        format!("{}/articles/{id}", self.base())
    }

    /// The address of an edition.
    pub fn edition(&self, source: &str, date: NaiveDate) -> String {
        format!("{}/editions/{}/{date}", self.base(), segment(source))
    }

    /// The address of one page of an edition.
    pub fn edition_page(&self, source: &str, date: NaiveDate, page: &str) -> String {
        format!("{}/editions/{}/{date}/{}", self.base(), segment(source), segment(page))
    }

    /// The address of the list of feeds; `asked` is what stands behind the `?`.
    pub fn feeds_page(&self, asked: &str) -> String {
        self.asked("feeds", asked)
    }

    /// The address of a feed in one format.
    pub fn feed(&self, name: &str, format: Format) -> String {
        format!("{}/feeds/{}/{}", self.base(), segment(name), format.file_name())
    }

    /// The address of the feed of a source's section.
    pub fn section_feed(&self, source: &str, section: &str, format: Format) -> String {
        format!("{}/feeds/{}/sections/{}/{}", self.base(), segment(source), segment(section), format.file_name())
    }

    /// The address of the feed of one page of all a source's editions.
    pub fn page_feed(&self, source: &str, page: &str, format: Format) -> String {
        format!("{}/feeds/{}/pages/{}/{}", self.base(), segment(source), segment(page), format.file_name())
    }

    /// The address of the feed of an edition.
    pub fn edition_feed(&self, source: &str, date: NaiveDate, format: Format) -> String {
        format!("{}/editions/{}/{date}/{}", self.base(), segment(source), format.file_name())
    }

    /// The address of the search for people; `asked` is what stands behind the `?`.
    pub fn search(&self, asked: &str) -> String {
        self.asked("search", asked)
    }

    /// The address of the feed of a search.
    pub fn search_feed(&self, asked: &str, format: Format) -> String {
        self.asked(&format!("search.{}", format.ending()), asked)
    }

    fn asked(&self, page: &str, asked: &str) -> String {
        let mark = if asked.is_empty() { "" } else { "?" };
        format!("{}/{page}{mark}{}", self.base(), encoded(asked))
    }

    /// The address of one version of a feed's archive of one date.
    pub fn archive(&self, feed: &str, date: NaiveDate, version: &str, format: Format) -> String {
        format!("{}/feeds/{}/archive/{date}/{version}/{}", self.base(), segment(feed), format.file_name())
    }

    /// The address that leads to the archive behind that of a date, once there is one.
    pub fn archive_after(&self, feed: &str, date: NaiveDate, format: Format) -> String {
        format!("{}/feeds/{}/archive/{date}/next/{}", self.base(), segment(feed), format.file_name())
    }

    /// The address of newsboy's own hub.
    pub fn own_hub(&self) -> String {
        format!("{}/hub", self.base())
    }

    /// The address of the style sheet that shows a feed to who opens it in a browser.
    pub fn feed_style(&self) -> String {
        format!("{}/feed.css", self.base())
    }

    /// The address of the list of all feeds.
    pub fn opml(&self) -> String {
        format!("{}/feeds.opml", self.base())
    }
}

/// The part of an address that a page on the same host needs. A page then works under whatever
/// name it was reached, and behind a proxy that serves newsboy under a path.
pub fn local(address: &str) -> &str {
    let behind_scheme = address.split_once("://").map_or(address, |(_, rest)| rest);
    behind_scheme.find('/').map_or("/", |at| &behind_scheme[at..])
}

/// The id of an article's entry.
pub(super) fn article_id(authority: &str, id: &ArticleId) -> String {
    format!("tag:{authority}:article/{id}")
}

/// The scheme of a category: `section`, `page` or `kind`.
pub(super) fn scheme(authority: &str, what: &str) -> String {
    format!("tag:{authority}:{what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(public_url: &str) -> Site {
        Site { public_url: public_url.to_owned(), sources: Vec::new(), hub: None, is_static: false }
    }

    #[test]
    fn addresses_are_absolute_and_ascii() {
        let site = site("https://news.example.org/县报/");
        assert_eq!(site.feed("要闻", Format::Rss), "https://news.example.org/%E5%8E%BF%E6%8A%A5/feeds/%E8%A6%81%E9%97%BB/rss.xml");
        assert_eq!(site.home(), "https://news.example.org/%E5%8E%BF%E6%8A%A5/");
    }

    #[test]
    fn an_encoded_address_is_not_encoded_again() {
        assert_eq!(site("https://example.org/a%20b").home(), "https://example.org/a%20b/");
    }

    #[test]
    fn a_name_cannot_leave_its_folder() {
        for name in ["", ".", "..", ".hidden", "a/b", "a\\b", "a b", "a\u{0}", "a:b", "%2e", &"x".repeat(81)] {
            assert!(!valid_name(name), "{name:?}");
        }
        for name in ["sample", "energy-2", "要闻", "v1.0", "a_b"] {
            assert!(valid_name(name), "{name:?}");
        }
    }

    #[test]
    fn an_authority_is_a_domain_and_a_date() {
        for good in ["example.org,2026", "example.org,2026-07", "a-b.example.org,2026-07-31", "localhost,2026"] {
            assert!(valid_authority(good), "{good}");
        }
        for bad in [
            "example.org",
            "example.org,26",
            "Example.org,2026",
            "example..org,2026",
            "example.org,2026-13",
            "例.org,2026",
            ",2026",
            "a b,2026",
            "example.org,2026-07-01-01",
        ] {
            assert!(!valid_authority(bad), "{bad}");
        }
    }
}
