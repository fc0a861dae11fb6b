//! Articles to a digest: their order, the limit, the words around them.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::wording::Wording;
use crate::model::page_order::by_page;
use crate::model::{Article, Digest, DigestId, DigestItem, StoredArticle};

/// A paper whose articles a digest may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// The name of its source in the configuration.
    pub source: String,
    /// Its title, shown to readers.
    pub title: String,
    /// Its language as a BCP 47 tag.
    pub language: String,
}

/// What a digest is made by, apart from its articles.
#[derive(Debug, Clone, Copy)]
pub struct Brief<'a> {
    /// The webhook's name.
    pub webhook: &'a str,
    /// The slot of its schedule.
    pub slot: DateTime<Utc>,
    /// The zone of its schedule: the date of a digest that has no edition's date is the slot's there.
    pub zone: Tz,
    /// The papers of its feeds, in the order in which their articles are shown.
    pub papers: &'a [Paper],
    /// The address under which newsboy is reached.
    pub public_url: &'a str,
    /// How many items the digest has at most.
    pub limit: usize,
}

/// Composes the digest of one slot from the articles that are to be in it, in whatever order they
/// come.
///
/// The items stand in the order of the papers; of one paper the newest edition comes first, and in
/// it the front page and the pages after it in their order. Where there are more articles than the
/// limit, the papers share it evenly, so that a thick one does not crowd out a thin one. An article
/// of a paper that `brief` does not know comes last, under its source's name.
pub fn compose(brief: &Brief<'_>, articles: &[StoredArticle], summarize: &dyn Fn(&Article) -> String) -> Digest {
    let place = |a: &StoredArticle| brief.papers.iter().position(|p| p.source == a.key.source).unwrap_or(brief.papers.len());
    let mut ordered: Vec<(usize, &StoredArticle)> = articles.iter().map(|a| (place(a), a)).collect();
    ordered.sort_by(|(paper_a, a), (paper_b, b)| {
        (paper_a, &a.key.source, Reverse(a.key.date))
            .cmp(&(paper_b, &b.key.source, Reverse(b.key.date)))
            .then_with(|| by_page(&a.key.page, &b.key.page))
            .then_with(|| (a.position, a.arrival).cmp(&(b.position, b.arrival)))
    });

    let title_of = |source: &str| brief.papers.iter().find(|p| p.source == source).map_or_else(|| source.to_owned(), |p| p.title.clone());
    let items: Vec<DigestItem> =
        within_limit(&ordered, brief.limit).map(|a| item(a, title_of(&a.key.source), brief.public_url, summarize)).collect();

    let left_out = articles.len() - items.len();
    let wording = Wording::of(brief.papers.iter().map(|p| p.language.as_str()));
    let newest = ordered.iter().map(|(_, a)| a.key.date).max();
    let date = newest.unwrap_or_else(|| brief.slot.with_timezone(&brief.zone).date_naive());
    Digest {
        id: DigestId::assign(&[brief.webhook.as_bytes(), brief.slot.to_rfc3339().as_bytes()]),
        webhook: brief.webhook.to_owned(),
        slot: brief.slot,
        title: one_line(&wording.title(only_paper(brief, &ordered), date, articles.len())),
        items,
        left_out,
        more: (left_out > 0).then(|| wording.more(left_out)),
        link: brief.public_url.to_owned(),
    }
}

/// The title of the paper that all articles are of; without articles, of the only paper that there
/// could have been some of.
fn only_paper<'a>(brief: &Brief<'a>, articles: &[(usize, &StoredArticle)]) -> Option<&'a str> {
    let mut sources: Vec<&str> = match articles {
        [] => brief.papers.iter().map(|p| p.source.as_str()).collect(),
        articles => articles.iter().map(|(_, a)| a.key.source.as_str()).collect(),
    };
    sources.dedup();
    match sources[..] {
        [source] => brief.papers.iter().find(|p| p.source == source).map(|p| p.title.as_str()),
        _ => None,
    }
}

/// The articles that the limit lets through, in their order: of every paper the first ones.
fn within_limit<'a>(ordered: &'a [(usize, &'a StoredArticle)], limit: usize) -> impl Iterator<Item = &'a StoredArticle> {
    let papers: Vec<&[(usize, &StoredArticle)]> = ordered.chunk_by(|(_, a), (_, b)| a.key.source == b.key.source).collect();
    let mut shares = vec![0; papers.len()];
    let mut room = limit.min(ordered.len());
    while room > 0 {
        for (share, paper) in shares.iter_mut().zip(&papers) {
            if room > 0 && *share < paper.len() {
                *share += 1;
                room -= 1;
            }
        }
    }
    papers.into_iter().zip(shares).flat_map(|(paper, share)| paper.iter().take(share).map(|(_, a)| *a))
}

fn item(stored: &StoredArticle, source_title: String, public_url: &str, summarize: &dyn Fn(&Article) -> String) -> DigestItem {
    DigestItem {
        article: stored.id.clone(),
        kind: stored.article.kind,
        title: one_line(&stored.article.title()),
        url: format!("{}/articles/{}", public_url.trim_end_matches('/'), stored.id),
        summary: one_line(&summarize(&stored.article)),
        source_title,
        page: stored.key.page.to_string(),
        published: stored.published,
    }
}

/// `text` with every run of white space made one space.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
