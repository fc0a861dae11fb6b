//! Temporary stand-in.

use crate::model::{Article, ArticleId, ArticleKind, Page, PageKey, StoredArticle};

/// Temporary stand-in.
pub const CUTTER_VERSION: u32 = 1;

/// Temporary stand-in.
pub fn cut(page: &Page, _language: &str) -> Vec<Article> {
    let article = |lines: &Vec<String>| Article {
        kind: ArticleKind::Article,
        kicker: None,
        headline: lines.first().cloned(),
        deck: None,
        dateline: None,
        byline: Vec::new(),
        credit: Vec::new(),
        paragraphs: lines.get(1..).unwrap_or_default().to_vec(),
        page: page.number.clone(),
        section: None,
        confidence: 1.0,
        problems: Vec::new(),
    };
    page.blocks.iter().map(|block| article(&block.lines)).collect()
}

/// Temporary stand-in.
pub fn identify(key: &PageKey, known: &[StoredArticle], cut: Vec<Article>) -> Vec<(ArticleId, Article)> {
    cut.into_iter()
        .map(|article| {
            let same = known.iter().find(|stored| stored.article.headline == article.headline);
            let headline = article.headline.clone().unwrap_or_default();
            let assign = || ArticleId::assign(&[key.source.as_bytes(), key.date.to_string().as_bytes(), headline.as_bytes()]);
            (same.map_or_else(assign, |stored| stored.id.clone()), article)
        })
        .collect()
}

/// Temporary stand-in.
pub fn explain(page: &Page, _language: &str) -> String {
    format!("{page:?}")
}
