//! Sources: where editions come from. They find and fetch pages and understand nothing of them.
//!
//! A source speaks to the jobs by [`SourceEvent`]s through a bounded channel: where the jobs are
//! slow, the source waits. [`watch`] reports for as long as newsboy runs, [`once`] looks once.

use std::path::PathBuf;

use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

use crate::model::{CutPage, PageKey, Problem, RawPage, SiteDay};

pub mod directory;
pub mod epaper;

/// One `[[source]]` of the configuration, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceConfig {
    /// Its name, unique; feeds and webhooks refer to it.
    pub name: String,
    /// The paper's name, shown to readers.
    pub title: String,
    /// The paper's language as a BCP 47 tag with a hyphen: `zh-Hans`.
    pub language: String,
    /// The paper's time zone.
    pub timezone: Tz,
    /// The hour of the day at which an edition counts as published.
    pub published: NaiveTime,
    /// The confidence, from 0 to 1, below which an article is held back; 0 holds none.
    pub hold_below: f32,
    /// Where the editions are.
    pub place: Place,
}

/// The kinds of places.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// Files in a directory.
    Directory(directory::Config),
    /// An e-paper site.
    Epaper(Box<epaper::Config>),
}

/// What a source has to say.
#[derive(Debug, Clone, PartialEq)]
pub enum SourceEvent {
    /// A page, whole. It may be one that was sent before: whoever takes it compares hashes.
    Page(RawPage),
    /// A page of a site, whole; as above.
    Cut(Box<CutPage>),
    /// A day of a site has been dealt with, and all its pages have been sent.
    Day {
        /// How it stands.
        day: Box<SiteDay>,
        /// The bounds of the past days that were asked for, of which it is one.
        past: Option<(NaiveDate, NaiveDate)>,
    },
    /// Something is wrong with a page or with the source. It is told when it begins, and again
    /// when it comes back after it was gone, not at every look.
    Problem {
        /// The source's name.
        source: String,
        /// The page, where it is one page's problem.
        key: Option<PageKey>,
        /// Where it was found, for people: a path or an address.
        origin: String,
        /// What it is.
        problem: Problem,
    },
    /// A page that was there is there no longer. What was published of it stays.
    Gone {
        /// The page.
        key: PageKey,
        /// Where it was.
        path: PathBuf,
    },
    /// Everything that can be was looked through, and every page that stood still has been sent. It
    /// comes after the look at the start and after each look at everything.
    ScanDone {
        /// The source's name.
        source: String,
        /// How many pages the source has now.
        pages: usize,
        /// Whether nothing that was there is still to come: not so where a directory is missing or
        /// cannot be read, most often one that is not mounted yet, or where a file did not stand
        /// still.
        whole: bool,
    },
}

/// The dates of the editions to read; without bounds, all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dates {
    /// The first date.
    pub from: Option<NaiveDate>,
    /// The last date, itself included.
    pub to: Option<NaiveDate>,
}

impl Dates {
    /// Whether an edition of this date is to be read.
    pub fn contain(&self, date: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= date) && self.to.is_none_or(|to| date <= to)
    }
}

/// Reports every page of the source, then each one that comes or changes, until `shutdown` or
/// until nobody listens to `events` any more.
pub async fn watch(source: &SourceConfig, world: &epaper::World, events: Sender<SourceEvent>, shutdown: CancellationToken) {
    match &source.place {
        Place::Directory(config) => directory::watch(&source.name, config, events, shutdown).await,
        Place::Epaper(config) => epaper::watch(&source.name, config, world, events, shutdown).await,
    }
}

/// Reports every page of the source whose edition is of one of `dates`, and comes to an end. A
/// page that is being written is waited for, but not without bound: then it is reported as a
/// problem.
pub async fn once(source: &SourceConfig, dates: Dates, world: &epaper::World, events: Sender<SourceEvent>) {
    match &source.place {
        Place::Directory(config) => directory::once(&source.name, config, dates, events).await,
        Place::Epaper(config) => epaper::once(&source.name, config, dates, world, events).await,
    }
}
