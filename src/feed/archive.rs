//! A feed's history (RFC 5005, section 4): one archive a date, each under a version of its own.
//!
//! An archive's version is made of what its editions went through and of the version of the archive
//! before it. So a correction, a withdrawal or an edition that is filled in gives a new address to the
//! archive that it touches and to all that lead to it: whoever walks back from the subscription
//! document walks just as far as something has changed, and no document that a cache keeps leads to an
//! address that is gone.

use chrono::NaiveDate;
use sha2::{Digest as _, Sha256};

use super::{FeedConfig, Format, Heading, History, Site};

/// Moves when the same articles give other archives.
const FORMAT: &str = "1";

/// Bytes of the hash that a version shows: 64 bits, for a handful of versions of one date.
const VERSION_BYTES: usize = 8;

/// An archive: a date, and the version that stands at present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// The date of its editions.
    pub date: NaiveDate,
    /// Sixteen hexadecimal digits.
    pub version: String,
}

/// What has happened to an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionState<'a> {
    /// The source's name.
    pub source: &'a str,
    /// The edition's date.
    pub date: NaiveDate,
    /// A number that moves with every change of the edition.
    pub change: i64,
}

/// All archives of one feed, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Archives(Vec<Archive>);

impl Archives {
    /// The archives of a feed whose sources' editions stand like this, by date upwards. The newest date
    /// is still open: its pages may be landing, and the subscription document has them. It closes when
    /// there is an edition behind it, and not by time, so that no feed changes without news. What the
    /// configuration says of feed and site is a part of every version, for it shows in the document.
    pub fn of(feed: &FeedConfig, site: &Site, authority: &str, editions: &[EditionState<'_>]) -> Self {
        let mut before = hash(&[FORMAT, authority, &format!("{feed:?}"), &format!("{site:?}")]);
        let mut archives = Vec::new();
        let newest = editions.iter().map(|edition| edition.date).max();
        for of_date in editions.chunk_by(|a, b| a.date == b.date) {
            let Some(date) = of_date.first().map(|edition| edition.date) else { continue };
            if Some(date) == newest {
                break;
            }
            let state = of_date.iter().map(|edition| format!("{} {}\n", edition.source, edition.change)).collect::<String>();
            let version = hash(&[&before, &date.to_string(), &state]);
            before.clone_from(&version);
            archives.push(Archive { date, version });
        }
        Self(archives)
    }

    /// The archives, the oldest first.
    pub fn all(&self) -> &[Archive] {
        &self.0
    }

    /// The archive of a date.
    pub fn get(&self, date: NaiveDate) -> Option<&Archive> {
        self.0.iter().find(|archive| archive.date == date)
    }

    /// The first archive behind a date.
    pub fn after(&self, date: NaiveDate) -> Option<&Archive> {
        self.0.iter().find(|archive| archive.date > date)
    }

    /// The last archive before a date.
    fn before(&self, date: NaiveDate) -> Option<&Archive> {
        self.0.iter().rev().find(|archive| archive.date < date)
    }

    /// The heading of the subscription document, which leads to the newest archive.
    pub fn subscription(&self, feed: &FeedConfig, site: &Site) -> Heading {
        let previous = self.0.last().map(|archive| addresses(site, feed, archive));
        Heading::feed(feed, site).with_history(History { previous, ..History::default() })
    }

    /// The heading of an archive.
    pub fn heading(&self, feed: &FeedConfig, archive: &Archive, site: &Site) -> Heading {
        let history = History {
            current: Some(Format::ALL.map(|format| site.feed(&feed.name, format))),
            previous: self.before(archive.date).map(|before| addresses(site, feed, before)),
            // Always the same address, so that a later edition changes no archive before it.
            next: (!site.is_static).then(|| Format::ALL.map(|format| site.archive_after(&feed.name, archive.date, format))),
        };
        Heading::feed(feed, site).archived(addresses(site, feed, archive), history)
    }
}

fn addresses(site: &Site, feed: &FeedConfig, archive: &Archive) -> [String; 3] {
    Format::ALL.map(|format| site.archive(&feed.name, archive.date, &archive.version, format))
}

/// Whether a text has the form of a version.
pub fn is_version(text: &str) -> bool {
    text.len() == 2 * VERSION_BYTES && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(VERSION_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::feed::specimen::{AUTHORITY, config, site};

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    fn edition(date: u32, change: i64) -> EditionState<'static> {
        EditionState { source: "yunpu", date: day(date), change }
    }

    fn archives(editions: &[EditionState<'_>]) -> Archives {
        Archives::of(&config(), &site(), AUTHORITY, editions)
    }

    #[test]
    fn an_edition_closes_when_another_comes() {
        let dates = |archives: Archives| archives.0.into_iter().map(|a| a.date).collect::<Vec<_>>();
        assert_eq!(dates(archives(&[edition(10, 1), edition(11, 2)])), [day(10)]);
        assert_eq!(dates(archives(&[edition(10, 1)])), []);
        assert_eq!(dates(archives(&[])), []);
    }

    #[test]
    fn a_change_moves_the_version_of_its_archive_and_of_all_that_lead_to_it() {
        let before = archives(&[edition(10, 1), edition(11, 2), edition(12, 3), edition(13, 4)]);
        let after = archives(&[edition(10, 1), edition(11, 5), edition(12, 3), edition(13, 4)]);
        let same: Vec<bool> = before.0.iter().zip(&after.0).map(|(a, b)| a.version == b.version).collect();
        assert_eq!(same, [true, false, false]);
        assert!(after.0.iter().all(|archive| is_version(&archive.version)));
        let filled_in = archives(&[edition(9, 9), edition(10, 1), edition(11, 2)]);
        assert_ne!(filled_in.get(day(10)).unwrap().version, before.get(day(10)).unwrap().version);
    }

    #[test]
    fn a_new_edition_moves_no_version() {
        let before = archives(&[edition(10, 1), edition(11, 2), edition(12, 3)]);
        let after = archives(&[edition(10, 1), edition(11, 2), edition(12, 3), edition(13, 4)]);
        assert_eq!(before.0, after.0[..2]);
    }

    #[test]
    fn what_shows_in_the_document_is_a_part_of_its_version() {
        let editions = [edition(10, 1), edition(11, 2)];
        let renamed = FeedConfig { title: "别名".to_owned(), ..config() };
        let other = Archives::of(&renamed, &site(), AUTHORITY, &editions);
        assert_ne!(other.0, archives(&editions).0);
    }

    #[test]
    fn archives_lead_to_each_other_and_to_the_subscription_document() {
        let archives = archives(&[edition(10, 1), edition(11, 2), edition(12, 3)]);
        let [first, second] = archives.all() else { panic!("two are closed") };
        let at = |archive: &Archive| site().archive("yunpu", archive.date, &archive.version, Format::Atom);
        let of = |addresses: &Option<[String; 3]>| addresses.as_ref().map(|a| a[Format::Atom as usize].clone());
        let subscription = archives.subscription(&config(), &site());
        assert_eq!((of(&subscription.history.current), of(&subscription.history.previous)), (None, Some(at(second))));
        let heading = archives.heading(&config(), second, &site());
        assert_eq!(heading.address(Format::Atom), at(second));
        assert_eq!(of(&heading.history.current), Some(site().feed("yunpu", Format::Atom)));
        assert_eq!(of(&heading.history.previous), Some(at(first)));
        assert_eq!(of(&heading.history.next), Some(site().archive_after("yunpu", day(11), Format::Atom)));
        assert_eq!(archives.heading(&config(), first, &site()).history.previous, None);
        assert_eq!(archives.after(day(10)), Some(second));
        assert_eq!(archives.after(day(11)), None);
    }
}
