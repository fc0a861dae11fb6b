//! Feeds: articles to bytes, in RSS 2.0, Atom 1.0 and JSON Feed 1.1.

use std::path::PathBuf;

use crate::model::ArticleKind;

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
}

/// Which articles belong to a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchRule {
    /// At least one of these words stands in the article; where empty, no word is needed.
    pub any: Vec<String>,
    /// None of these words stands in it.
    pub none: Vec<String>,
    /// It is of one of these sections; of any where empty.
    pub sections: Vec<String>,
    /// It is of one of these kinds. By default the news: articles and photos.
    pub kinds: Vec<ArticleKind>,
}

impl Default for MatchRule {
    fn default() -> Self {
        Self { any: Vec::new(), none: Vec::new(), sections: Vec::new(), kinds: vec![ArticleKind::Article, ArticleKind::Photo] }
    }
}
