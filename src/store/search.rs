//! What is asked of the full-text index, and what it answers.

use chrono::NaiveDate;

use crate::model::{ArticleKind, StoredArticle};
use crate::search::Query;

/// Which articles to look for. Only public ones are found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SearchRequest {
    /// The words; where empty, the other fields alone decide.
    pub query: Query,
    /// Of one of these sources; of any where empty.
    pub sources: Vec<String>,
    /// Of one of these sections as the papers name them; of any where empty.
    pub sections: Vec<String>,
    /// On one of these pages, each in the form of [`crate::model::PageLabel`]; on any where empty.
    pub pages: Vec<String>,
    /// Of these kinds; of all where empty.
    pub kinds: Vec<ArticleKind>,
    /// Of this edition date or later.
    pub from: Option<NaiveDate>,
    /// Of this edition date or earlier.
    pub to: Option<NaiveDate>,
    /// Which come first.
    pub order: SearchOrder,
    /// How many to pass over.
    pub offset: u32,
    /// How many at most; 0, the default, gives none.
    pub limit: u32,
}

/// Which of the articles found come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SearchOrder {
    /// Those that the words say most about: a word in the headline counts more than one in the body,
    /// a rare one more than a common one.
    #[default]
    Best,
    /// Those published last.
    Newest,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// The articles, in the order that was asked for.
    pub articles: Vec<StoredArticle>,
    /// How many there are of them in all, counted up to [`MOST_COUNTED`].
    pub total: u32,
}

/// Articles found that are counted. Nobody reads that far, and counting a common word in a hundred
/// thousand articles would take longer than finding it.
pub const MOST_COUNTED: u32 = 1_000;

/// How an edition stands: what of it is archived is told apart by this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionMark {
    /// The source's name.
    pub source: String,
    /// The date of the edition.
    pub date: NaiveDate,
    /// The number of the store's change that last touched it.
    pub change: i64,
    /// When that was.
    pub changed: chrono::DateTime<chrono::Utc>,
}

/// A section or page of a source, and how many articles there are of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// As the paper names it.
    pub name: String,
    /// How many public articles have been filed under it; it may count some that were taken back.
    pub articles: u32,
}
