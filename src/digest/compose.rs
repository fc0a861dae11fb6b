//! Articles to a digest: their order, the limit, the words around them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::wording::Wording;
use crate::model::page_order::by_page;
use crate::model::{Article, Digest, DigestId, DigestItem, Language, StoredArticle};

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
    /// The language of the words around the items; that of the papers where it is `None`.
    pub language: Option<Language>,
}

/// The articles of one slot's digest, gathered piece by piece: of each paper no more are kept than the
/// digest can show, so that the archive of years takes no more room than a day's edition.
#[derive(Debug)]
pub struct Selection<'a> {
    brief: Brief<'a>,
    /// By the paper's place and its source: the first articles in the digest's order, and lately added
    /// ones in none.
    papers: BTreeMap<(usize, String), Vec<StoredArticle>>,
    taken: usize,
    newest: Option<NaiveDate>,
}

impl<'a> Selection<'a> {
    /// A selection without articles.
    pub fn new(brief: Brief<'a>) -> Self {
        Self { brief, papers: BTreeMap::new(), taken: 0, newest: None }
    }

    /// Adds articles that are to be in the digest, in whatever order they come.
    pub fn add(&mut self, articles: impl IntoIterator<Item = StoredArticle>) {
        for article in articles {
            self.taken += 1;
            self.newest = self.newest.max(Some(article.key.date));
            let known = self.brief.papers.iter().position(|p| p.source == article.key.source);
            let paper = self.papers.entry((known.unwrap_or(self.brief.papers.len()), article.key.source.clone())).or_default();
            paper.push(article);
            // Sorted only when as many have come again, so that each is sorted a few times at most.
            if paper.len() > self.brief.limit.saturating_mul(2) {
                put_in_order(paper, self.brief.limit);
            }
        }
    }

    /// How many articles were added.
    pub fn len(&self) -> usize {
        self.taken
    }

    /// Whether none was added.
    pub fn is_empty(&self) -> bool {
        self.taken == 0
    }

    /// Composes the digest.
    ///
    /// The items stand in the order of the papers; of one paper the newest edition comes first, and in
    /// it the front page and the pages after it in their order. Where there are more articles than the
    /// limit, the papers share it evenly, so that a thick one does not crowd out a thin one. An article
    /// of a paper that the brief does not know comes last, under its source's name.
    pub fn compose(mut self, summarize: &dyn Fn(&Article) -> String) -> Digest {
        let brief = self.brief;
        self.papers.values_mut().for_each(|paper| put_in_order(paper, brief.limit));
        let title_of =
            |source: &str| brief.papers.iter().find(|p| p.source == source).map_or_else(|| source.to_owned(), |p| p.title.clone());
        let shares = shares(self.papers.values().map(Vec::len), brief.limit);
        let shown = self.papers.values().zip(shares).flat_map(|(paper, share)| &paper[..share]);
        let wording = brief.language.map_or_else(|| Wording::of(brief.papers.iter().map(|p| p.language.as_str())), Wording);
        let items: Vec<DigestItem> = shown.map(|a| item(a, title_of(&a.key.source), wording, brief.public_url, summarize)).collect();

        let left_out = self.taken - items.len();
        let date = self.newest.unwrap_or_else(|| brief.slot.with_timezone(&brief.zone).date_naive());
        Digest {
            id: DigestId::assign(&[brief.webhook.as_bytes(), brief.slot.to_rfc3339().as_bytes()]),
            webhook: brief.webhook.to_owned(),
            slot: brief.slot,
            title: one_line(&wording.title(self.only_paper(), date, self.taken)),
            paper: self.only_paper().map(str::to_owned),
            date,
            items,
            left_out,
            more: (left_out > 0).then(|| wording.more(left_out)),
            open: wording.open().to_owned(),
            link: brief.public_url.to_owned(),
        }
    }

    /// The title of the paper that all articles are of; without articles, of the only paper that there
    /// could have been some of.
    fn only_paper(&self) -> Option<&'a str> {
        let mut sources: Vec<&str> = self.papers.keys().map(|(_, source)| source.as_str()).collect();
        if sources.is_empty() {
            sources = self.brief.papers.iter().map(|p| p.source.as_str()).collect();
        }
        match sources[..] {
            [source] => self.brief.papers.iter().find(|p| p.source == source).map(|p| p.title.as_str()),
            _ => None,
        }
    }
}

/// Composes the digest of one slot from the articles that are to be in it; see [`Selection::compose`].
pub fn compose(brief: &Brief<'_>, articles: &[StoredArticle], summarize: &dyn Fn(&Article) -> String) -> Digest {
    let mut selection = Selection::new(*brief);
    selection.add(articles.iter().cloned());
    selection.compose(summarize)
}

/// Sorts a paper's articles as a digest shows them and keeps the first `most`.
fn put_in_order(paper: &mut Vec<StoredArticle>, most: usize) {
    paper.sort_by(|a, b| {
        let place = b.key.date.cmp(&a.key.date).then_with(|| by_page(&a.key.page, &b.key.page));
        place.then_with(|| (a.position, a.arrival, &a.id).cmp(&(b.position, b.arrival, &b.id)))
    });
    paper.truncate(most);
}

/// How many articles of each paper the limit lets through, given how many each has.
fn shares(papers: impl Iterator<Item = usize>, limit: usize) -> Vec<usize> {
    let papers: Vec<usize> = papers.collect();
    let mut shares = vec![0; papers.len()];
    let mut room = limit.min(papers.iter().sum());
    while room > 0 {
        for (share, all) in shares.iter_mut().zip(&papers) {
            if room > 0 && *share < *all {
                *share += 1;
                room -= 1;
            }
        }
    }
    shares
}

fn item(
    stored: &StoredArticle,
    source_title: String,
    wording: Wording,
    public_url: &str,
    summarize: &dyn Fn(&Article) -> String,
) -> DigestItem {
    let section = stored.article.section.as_deref().map(str::trim).filter(|section| !section.is_empty());
    DigestItem {
        article: stored.id.clone(),
        kind: stored.article.kind,
        title: one_line(&stored.article.title()),
        url: format!("{}/articles/{}", public_url.trim_end_matches('/'), stored.id),
        summary: one_line(&summarize(&stored.article)),
        source_title,
        page: stored.key.page.to_string(),
        section: section.map(str::to_owned),
        place: one_line(&wording.place(&stored.key.page.to_string(), section)),
        published: stored.published,
    }
}

/// `text` with every run of white space made one space.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
