//! Which articles somebody wants.

use super::ArticleKind;

/// A choice of articles by what stands in them. What is empty binds nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchRule {
    /// At least one of these words stands in the article.
    pub any: Vec<String>,
    /// Each of these words stands in it.
    pub all: Vec<String>,
    /// None of these words stands in it.
    pub none: Vec<String>,
    /// At least one of these phrases stands in one of its paragraphs, as whole words where it is written in
    /// letters that are parted by spaces.
    pub phrase: Vec<String>,
    /// At least one of these regular expressions, in the syntax of the `regex` crate, finds something in it.
    pub regex: Vec<String>,
    /// It is of one of these sections.
    pub sections: Vec<String>,
    /// It stands on one of these pages.
    pub pages: Vec<String>,
    /// It is of one of these kinds. By default the news: articles and photos.
    pub kinds: Vec<ArticleKind>,
    /// Its text has at least so many characters.
    pub min_chars: usize,
}

impl Default for MatchRule {
    fn default() -> Self {
        Self {
            any: Vec::new(),
            all: Vec::new(),
            none: Vec::new(),
            phrase: Vec::new(),
            regex: Vec::new(),
            sections: Vec::new(),
            pages: Vec::new(),
            kinds: vec![ArticleKind::Article, ArticleKind::Photo],
            min_chars: 0,
        }
    }
}
