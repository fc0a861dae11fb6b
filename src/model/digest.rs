//! Digests: the summaries one webhook gets for one slot of its schedule.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{ArticleId, ArticleKind, DigestId};

/// A language in which newsboy speaks itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    Chinese,
    /// English.
    English,
}

/// What stands around a watched word in its sentence. Brackets rather than markup: every service shows
/// them, none of them breaks where Chinese has no spaces, and a text may pass through them unescaped.
pub const MARK_OPEN: char = '【';
/// See [`MARK_OPEN`].
pub const MARK_CLOSE: char = '】';

/// A watched word that stands in an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// The word as it is watched for.
    pub word: String,
    /// The sentence that it stands in, the word as printed between 【 and 】. Plain text, one line.
    pub sentence: String,
}

/// Another place where a story is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The paper's name.
    pub source_title: String,
    /// The page, as the source names it.
    pub page: String,
    /// The permanent address of the article there, absolute.
    pub url: String,
}

/// Where a summary comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SummaryKind {
    /// Sentences of the article, as printed.
    Extract,
    /// The sentences in which watched words stand.
    Alert,
    /// Written by a language model, figures and names held against the article.
    Llm,
}

impl SummaryKind {
    /// The name used in messages to programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Extract => "extract",
            Self::Alert => "alert",
            Self::Llm => "llm",
        }
    }
}

/// One story of a digest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DigestItem {
    /// The article.
    pub article: ArticleId,
    /// What it is.
    pub kind: ArticleKind,
    /// Its headline, or what stands in for it. Plain text, one line.
    pub title: String,
    /// Its permanent address, absolute.
    pub url: String,
    /// Whole sentences within the webhook's budget of characters. Plain text; may be empty.
    pub summary: String,
    /// Where the summary comes from.
    pub summary_kind: SummaryKind,
    /// The watched words that stand in it.
    pub heard: Vec<String>,
    /// The paper's name.
    pub source_title: String,
    /// The page it stands on, as the source names it.
    pub page: String,
    /// The section of that page, as the paper names it.
    pub section: Option<String>,
    /// Page and section in words, for readers. Plain text, one line.
    pub place: String,
    /// Where else the same story is told.
    pub also: Vec<Place>,
    /// When it was published.
    pub published: DateTime<Utc>,
}

/// The summaries one webhook gets for one slot, before they are cut into messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    /// Given by webhook and slot.
    pub id: DigestId,
    /// The webhook's name in the configuration.
    pub webhook: String,
    /// The instant of its schedule that this digest belongs to.
    pub slot: DateTime<Utc>,
    /// The line that leads: paper, date, count. Plain text.
    pub title: String,
    /// The paper that all stories are of; `None` where they are of several.
    pub paper: Option<String>,
    /// The date that leads.
    pub date: NaiveDate,
    /// The stories, in the order in which they are sent.
    pub items: Vec<DigestItem>,
    /// How many more there were than the webhook's limit lets through.
    pub left_out: usize,
    /// The line that says so in the paper's language, shown as a link to `link`; `None` where
    /// nothing was left out. Plain text.
    pub more: Option<String>,
    /// The words for a link to `link` where nothing was left out. Plain text.
    pub open: String,
    /// Where all of them can be read.
    pub link: String,
}

impl Digest {
    /// A digest without stories, and without words but its title.
    pub fn bare(id: DigestId, webhook: &str, slot: DateTime<Utc>, title: &str, link: &str) -> Self {
        Self {
            id,
            webhook: webhook.to_owned(),
            slot,
            title: title.to_owned(),
            paper: None,
            date: slot.date_naive(),
            items: Vec::new(),
            left_out: 0,
            more: None,
            open: String::new(),
            link: link.to_owned(),
        }
    }
}

/// One message of a digest in the form its service takes, complete but for what must be made anew
/// at each attempt (time stamps and signatures).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The body, measured and within the service's limits.
    pub body: String,
    /// The stories it carries.
    pub articles: Vec<ArticleId>,
    /// What stands behind its title where the digest has several messages: ` (2/3)`.
    pub label: String,
}
