//! Articles to a digest: their order, the limit, the words around them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::order;
use super::wording::Wording;
use crate::model::{
    Article, ArticleId, Digest, DigestId, DigestItem, Heard, Language, MARK_CLOSE, MARK_OPEN, Place, StoredArticle, SummaryKind,
};

/// Sentences of watched words that an item shows at most; the words are named all the same.
const MOST_SENTENCES: usize = 5;

/// An article that may come into a digest, and what the digest says of it besides.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The article.
    pub article: StoredArticle,
    /// The watched words that stand in it.
    pub heard: Vec<Heard>,
    /// The other articles that tell the same story.
    pub also: Vec<StoredArticle>,
}

impl From<StoredArticle> for Candidate {
    fn from(article: StoredArticle) -> Self {
        Self { article, heard: Vec::new(), also: Vec::new() }
    }
}

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
    papers: BTreeMap<(usize, String), Vec<Candidate>>,
    taken: usize,
    newest: Option<NaiveDate>,
}

impl<'a> Selection<'a> {
    /// A selection without articles.
    pub fn new(brief: Brief<'a>) -> Self {
        Self { brief, papers: BTreeMap::new(), taken: 0, newest: None }
    }

    /// Adds articles that are to be in the digest, in whatever order they come.
    pub fn add(&mut self, articles: impl IntoIterator<Item = impl Into<Candidate>>) {
        for candidate in articles {
            let candidate: Candidate = candidate.into();
            let key = &candidate.article.key;
            self.taken += 1;
            self.newest = self.newest.max(Some(key.date));
            let known = self.brief.papers.iter().position(|p| p.source == key.source);
            let paper = self.papers.entry((known.unwrap_or(self.brief.papers.len()), key.source.clone())).or_default();
            paper.push(candidate);
            // Sorted only when as many have come again, so that each is sorted a few times at most.
            if paper.len() > self.brief.limit.saturating_mul(4) {
                put_in_order(paper, self.brief.limit.saturating_mul(2));
            }
        }
    }

    /// The articles that may come into the digest: twice as many of each paper as it can show, so that
    /// there are others in place of those that are taken out by [`Selection::take_out`].
    pub fn shortlist(&mut self) -> impl Iterator<Item = &StoredArticle> {
        let most = self.brief.limit.saturating_mul(2);
        self.papers.values_mut().for_each(|paper| put_in_order(paper, most));
        self.papers.values().flatten().map(|candidate| &candidate.article)
    }

    /// Takes articles out: they are neither shown nor counted.
    pub fn take_out(&mut self, articles: &BTreeSet<ArticleId>) {
        for paper in self.papers.values_mut() {
            let before = paper.len();
            paper.retain(|candidate| !articles.contains(&candidate.article.id));
            self.taken -= before - paper.len();
        }
        self.papers.retain(|_, paper| !paper.is_empty());
    }

    /// Says of an article where else its story is told.
    pub fn tell_of(&mut self, article: &ArticleId, also: Vec<StoredArticle>) {
        if let Some(candidate) = self.papers.values_mut().flatten().find(|candidate| candidate.article.id == *article) {
            candidate.also = also;
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
    /// it the front page and the sections after it in their order, the most prominent article of each
    /// first (`order`). Where there are more articles than the limit, the papers share it evenly, so that a
    /// thick one does not crowd out a thin one, and of each the most prominent come in. An article of a
    /// paper that the brief does not know comes last, under its source's name. Where watched words stand
    /// in an article, their sentences are its summary.
    pub fn compose(mut self, summarize: &dyn Fn(&Article) -> String) -> Digest {
        let brief = self.brief;
        self.papers.values_mut().for_each(|paper| put_in_order(paper, brief.limit));
        let title_of =
            |source: &str| brief.papers.iter().find(|p| p.source == source).map_or_else(|| source.to_owned(), |p| p.title.clone());
        let shares = shares(self.papers.values().map(Vec::len), brief.limit);
        let wording = brief.language.map_or_else(|| Wording::of(brief.papers.iter().map(|p| p.language.as_str())), Wording);
        for (paper, share) in self.papers.values_mut().zip(shares) {
            paper.truncate(share);
            order::group(paper);
        }
        let shown = self.papers.values().flatten();
        let items: Vec<DigestItem> = shown.map(|c| item(c, &title_of, wording, brief.public_url, summarize)).collect();

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

/// Sorts a paper's articles by prominence and keeps the first `most`.
fn put_in_order(paper: &mut Vec<Candidate>, most: usize) {
    paper.sort_by(order::by_prominence);
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
    candidate: &Candidate,
    title_of: &dyn Fn(&str) -> String,
    wording: Wording,
    public_url: &str,
    summarize: &dyn Fn(&Article) -> String,
) -> DigestItem {
    let Candidate { article: stored, heard, also } = candidate;
    let section = stored.article.section.as_deref().map(str::trim).filter(|section| !section.is_empty());
    let url_of = |id: &ArticleId| format!("{}/articles/{id}", public_url.trim_end_matches('/'));
    let place = |a: &StoredArticle| Place { source_title: title_of(&a.key.source), page: a.key.page.to_string(), url: url_of(&a.id) };
    let (summary, summary_kind) = match heard.as_slice() {
        [] => (summarize(&stored.article), SummaryKind::Extract),
        heard => (sentences_of(heard), SummaryKind::Alert),
    };
    DigestItem {
        article: stored.id.clone(),
        kind: stored.article.kind,
        title: one_line(&stored.article.title()),
        url: url_of(&stored.id),
        summary: one_line(&summary),
        summary_kind,
        heard: heard.iter().map(|h| h.word.clone()).collect(),
        source_title: title_of(&stored.key.source),
        page: stored.key.page.to_string(),
        section: section.map(str::to_owned),
        place: one_line(&wording.place(&stored.key.page.to_string(), section)),
        also: also.iter().map(place).collect(),
        published: stored.published,
    }
}

/// The sentences of watched words, one after the other. One in which several words stand is shown once,
/// with all of them marked.
fn sentences_of(heard: &[Heard]) -> String {
    let mut shown: Vec<(String, Vec<bool>)> = Vec::new();
    for sentence in heard.iter().map(|h| unmarked(&h.sentence)) {
        if let Some((_, marks)) = shown.iter_mut().find(|(text, _)| *text == sentence.0) {
            marks.iter_mut().zip(sentence.1).for_each(|(mark, more)| *mark |= more);
        } else if shown.len() < MOST_SENTENCES {
            shown.push(sentence);
        }
    }
    shown.iter().map(|(text, marks)| marked(text, marks)).collect::<Vec<_>>().join(" ")
}

/// A sentence without its marks, and which of its characters stand between them.
fn unmarked(sentence: &str) -> (String, Vec<bool>) {
    let (mut text, mut marks, mut inside) = (String::new(), Vec::new(), false);
    for c in sentence.chars() {
        match c {
            MARK_OPEN => inside = true,
            MARK_CLOSE => inside = false,
            c => {
                text.push(c);
                marks.push(inside);
            }
        }
    }
    (text, marks)
}

/// A sentence with marks around the runs of characters that are marked.
fn marked(text: &str, marks: &[bool]) -> String {
    let mut out = String::with_capacity(text.len() + 12);
    let mut inside = false;
    for (c, mark) in text.chars().zip(marks) {
        if *mark != inside {
            out.push(if *mark { MARK_OPEN } else { MARK_CLOSE });
            inside = *mark;
        }
        out.push(c);
    }
    if inside {
        out.push(MARK_CLOSE);
    }
    out
}

/// `text` with every run of white space made one space.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
