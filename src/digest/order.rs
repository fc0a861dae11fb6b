//! The order of a digest: which articles come into it, and where they stand.
//!
//! As an editor would have it: the newest edition, its front page, then the sections of the paper one
//! after the other. Which articles come in where there is no room for all, and which of a section comes
//! first, is decided by their prominence.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::compose::Candidate;
use crate::model::page_order::by_page;
use crate::model::{ArticleKind, StoredArticle};

/// Points for standing at the head of a page; the second article has half of it, the third a third.
const HEAD_OF_PAGE: f32 = 2.0;
/// Points that a page costs for each page before it, and at most.
const PAGE: f32 = 0.15;
const MOST_PAGES: f32 = 12.0;
/// Characters of a brief. An article has points for each doubling of it, up to a limit.
const BRIEF: f32 = 150.0;
const DOUBLING: f32 = 0.4;
const MOST_DOUBLINGS: f32 = 4.0;
/// Points for a watched word, and for every other place that tells the same story.
const WATCHED: f32 = 3.0;
const TOLD_TWICE: f32 = 1.0;
/// Points that a picture has less than a text.
const PICTURE: f32 = 1.0;

/// How an article stands among those of its paper, smaller is better: what comes into a digest first.
pub(super) fn by_prominence(a: &Candidate, b: &Candidate) -> Ordering {
    let (one, other) = (&a.article, &b.article);
    (other.key.date.cmp(&one.key.date))
        .then_with(|| stands_in_front(b).cmp(&stands_in_front(a)))
        .then_with(|| prominence(b).total_cmp(&prominence(a)))
        .then_with(|| by_page(&one.key.page, &other.key.page))
        .then_with(|| (one.position, one.arrival, &one.id).cmp(&(other.position, other.arrival, &other.id)))
}

/// Puts a paper's articles, which are sorted by prominence, into the order in which they are shown: of
/// each edition the front page, then the sections in the order of their pages. Where the paper names no
/// section, a page is one.
pub(super) fn group(paper: &mut [Candidate]) {
    let key = |c: &Candidate| match stands_in_front(c) {
        true => (c.article.key.date, String::new()),
        false => (c.article.key.date, section(&c.article).to_owned()),
    };
    let mut first_pages: HashMap<_, _> = HashMap::new();
    for candidate in paper.iter() {
        let page = candidate.article.key.page.clone();
        let first = first_pages.entry(key(candidate)).or_insert_with(|| page.clone());
        if by_page(&page, first).is_lt() {
            *first = page;
        }
    }
    // The sort is stable: within a section prominence decides.
    paper.sort_by(|a, b| {
        let edition = b.article.key.date.cmp(&a.article.key.date).then_with(|| stands_in_front(b).cmp(&stands_in_front(a)));
        let (a, b) = (key(a), key(b));
        let pages = first_pages.get(&a).zip(first_pages.get(&b));
        edition.then_with(|| pages.map_or(Ordering::Equal, |(one, other)| by_page(one, other))).then_with(|| a.cmp(&b))
    });
}

/// What is grouped: the section as the paper names it, or else the page.
fn section(article: &StoredArticle) -> &str {
    let named = article.article.section.as_deref().map(str::trim).filter(|name| !name.is_empty());
    named.unwrap_or_else(|| article.key.page.as_str())
}

/// Whether the story stands on a front page, be it only with its beginning.
fn stands_in_front(candidate: &Candidate) -> bool {
    std::iter::once(&candidate.article).chain(&candidate.also).any(|article| page_number(article) == Some((String::new(), 1)))
}

/// The part of the paper and the number within it that a page's name has: `A05` is the fifth of part A.
/// The first part of a paper in parts is as good as no part.
fn page_number(article: &StoredArticle) -> Option<(String, u32)> {
    let name = article.key.page.as_str();
    let digits = name.find(|c: char| c.is_ascii_digit())?;
    let number: String = name[digits..].chars().take_while(char::is_ascii_digit).collect();
    let part = name[..digits].to_uppercase();
    Some((if part == "A" { String::new() } else { part }, number.parse().ok()?))
}

fn prominence(candidate: &Candidate) -> f32 {
    let stored = &candidate.article;
    let positions = std::iter::once(stored).chain(&candidate.also).map(|article| article.position);
    let position = positions.min().unwrap_or_default() as f32;
    let page = page_number(stored).map_or(0, |(_, number)| number.saturating_sub(1)) as f32;
    let length = stored.article.paragraphs.iter().map(|p| p.chars().count()).sum::<usize>() as f32;
    HEAD_OF_PAGE / (1.0 + position) - PAGE * page.min(MOST_PAGES)
        + DOUBLING * (length / BRIEF).max(1.0).log2().min(MOST_DOUBLINGS)
        + if candidate.heard.is_empty() { 0.0 } else { WATCHED }
        + TOLD_TWICE * candidate.also.len().min(3) as f32
        - if stored.article.kind == ArticleKind::Photo { PICTURE } else { 0.0 }
}
