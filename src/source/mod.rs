//! Sources: where editions come from. They find and fetch pages and understand nothing of them.

use chrono::NaiveTime;
use chrono_tz::Tz;

pub mod directory;

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
    /// Where the editions are.
    pub place: Place,
}

/// The kinds of places.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// Files in a directory.
    Directory(directory::Config),
}
