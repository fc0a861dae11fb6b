//! What is known of a site's day, and what of its answers is kept to ask only for what has changed.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::Problem;

/// What a site says of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DayAnswer {
    /// There is an issue.
    Issue,
    /// There is none, and none will come.
    None,
    /// There is none yet; the day has not ended.
    NotYet,
    /// It cannot be told; it is asked again.
    Unknown,
}

impl DayAnswer {
    const ALL: [Self; 4] = [Self::Issue, Self::None, Self::NotYet, Self::Unknown];

    /// Its name in the store, in logs and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::None => "none",
            Self::NotYet => "not-yet",
            Self::Unknown => "unknown",
        }
    }

    /// Reads a name back.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.as_str() == name)
    }
}

impl fmt::Display for DayAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a site's day stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteDay {
    /// The source's name.
    pub source: String,
    /// The day.
    pub date: NaiveDate,
    /// What the site says.
    pub answer: DayAnswer,
    /// Why, for people.
    pub why: String,
    /// Pages that were read.
    pub pages: u32,
    /// Articles and pictures that were read.
    pub articles: u32,
    /// Whether everything that the issue lists was read, or is known not to be there.
    pub whole: bool,
    /// How often in a row the issue was read without a change.
    pub unchanged: u32,
    /// What is wrong with the issue as a whole.
    pub problems: Vec<Problem>,
    /// When the site was last asked.
    pub asked: DateTime<Utc>,
}

/// An answer of a site as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDocument {
    /// The entity tag that it came with.
    pub etag: Option<String>,
    /// The date of its last change that it came with.
    pub last_modified: Option<String>,
    /// The header that names its encoding.
    pub content_type: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// What a source has asked of its site on one day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Requests.
    pub requests: u32,
    /// Bytes of answers.
    pub bytes: u64,
}
