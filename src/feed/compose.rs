//! Articles to a feed: what every format says alike is decided here.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::address::{article_id, local, scheme};
use super::content::{Texts, abstract_of, body};
use super::media::media;
use super::{Category, Entry, Feed, FeedConfig, Heading, Site, SourceFacts, Wording};
use crate::model::{ArticleKind, Facsimile, StoredArticle};

/// Bytes of content that a feed's entries hold together. Readers refuse larger downloads (15 MB is
/// the default limit of miniflux, `HTTP_CLIENT_MAX_BODY_SIZE`), and escaping adds to it. The
/// entries behind the limit are left out; the first one stays whatever its size.
pub const MAX_CONTENT_BYTES: usize = 8 << 20;

/// `updated` of a feed without entries. Fixed, for an empty feed does not change; after 1990, for
/// validators call anything before implausible.
const EMPTY_FEED_UPDATED: DateTime<Utc> = instant(946_684_800);

/// What RFC 5322 and RFC 3339 can both write: the years 1900 to 9999.
const WRITABLE: (DateTime<Utc>, DateTime<Utc>) = (instant(-2_208_988_800), instant(253_402_300_799));

const fn instant(seconds: i64) -> DateTime<Utc> {
    match DateTime::from_timestamp(seconds, 0) {
        Some(instant) => instant,
        None => DateTime::UNIX_EPOCH,
    }
}

/// An article and the summary that stands for it, made by another stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The article.
    pub article: StoredArticle,
    /// Whole sentences from its beginning. Plain text; may be empty.
    pub summary: String,
    /// Its page as its site shows it; empty for a page that is no site's.
    pub facsimile: Facsimile,
}

impl Feed {
    /// The feed of `items`, in their order; the job gives the last changed first.
    ///
    /// An id that comes twice is taken once. An article whose source is not among `site.sources`
    /// is shown under its source's name. Times are taken from the store, which holds none that
    /// lies in the future and gives no two articles the same `updated`.
    pub fn compose(config: &FeedConfig, authority: &str, site: &Site, items: &[Item]) -> Self {
        Self::under(Heading::feed(config, site), authority, site, items)
    }

    /// As [`Feed::compose`], under any heading.
    pub fn under(heading: Heading, authority: &str, site: &Site, items: &[Item]) -> Self {
        let language = heading.language.as_deref();
        let papers: Vec<String> = heading.sources.iter().map(|name| paper(site.source(name), name)).collect();
        let mut seen = HashSet::new();
        let mut content = 0;
        let mut entries: Vec<Entry> = Vec::with_capacity(items.len());
        let mut left_out = 0;
        for item in items {
            if !seen.insert(&item.article.id) {
                continue;
            }
            let entry = entry(item, authority, site, heading.is_full);
            content += entry.content_html.len();
            if content > MAX_CONTENT_BYTES && !entries.is_empty() {
                left_out = items.len() - entries.len();
                break;
            }
            entries.push(entry);
        }

        Self {
            id: format!("tag:{authority}:{}", heading.id),
            title: heading.title,
            description: Wording::of(language.unwrap_or_default()).feed_description(&papers, heading.is_full),
            language: heading.language,
            home: heading.home,
            authors: papers,
            updated: entries.iter().map(|e| e.updated).max().unwrap_or(EMPTY_FEED_UPDATED),
            entries,
            left_out,
            hub: heading.hub,
            history: heading.history,
            style: local(&site.feed_style()).to_owned(),
            addresses: heading.addresses,
        }
    }
}

/// The paper's name as an author.
fn paper(source: Option<&SourceFacts>, name: &str) -> String {
    let title = source.map(|s| Texts::of(Some(&s.language)).label(&s.title)).unwrap_or_default();
    if title.is_empty() { name.to_owned() } else { title }
}

fn entry(item: &Item, authority: &str, site: &Site, is_full: bool) -> Entry {
    let StoredArticle { id, key, article, .. } = &item.article;
    let source = site.source(&key.source);
    let language = source.map(|s| s.language.as_str());
    let (texts, wording) = (Texts::of(language), Wording::of(language.unwrap_or_default()));
    let paper = paper(source, &key.source);
    let page = texts.label(&article.page);
    let section = article.section.as_deref().map(|s| texts.label(s)).filter(|s| !s.is_empty());

    let title = match texts.label(&article.title()) {
        title if !title.is_empty() => title,
        _ if page.is_empty() => paper.clone(),
        _ => wording.page(&page),
    };
    let people = match article.kind {
        ArticleKind::Photo => [&article.credit, &article.byline],
        _ => [&article.byline, &article.credit],
    };
    let mut authors: Vec<String> = people
        .into_iter()
        .map(|names| names.iter().map(|n| texts.label(n)).filter(|n| !n.is_empty()).collect::<Vec<_>>())
        .find(|names| !names.is_empty())
        .unwrap_or_else(|| vec![paper.clone()]);
    let mut named = HashSet::new();
    authors.retain(|name| named.insert(name.clone()));

    let mut categories = Vec::with_capacity(4);
    let mut file_under = |what: &str, term: &str, label: String| {
        if !term.is_empty() {
            categories.push(Category { term: term.to_owned(), scheme: scheme(authority, what), label });
        }
    };
    file_under("section", section.as_deref().unwrap_or_default(), section.clone().unwrap_or_default());
    file_under("page", &page, wording.page(&page));
    // That an article is an article says nothing.
    if article.kind != ArticleKind::Article {
        file_under("kind", article.kind.as_str(), wording.kind(article.kind).to_owned());
    }

    // A reader that shows an entry again says why.
    if item.article.revision > 1 {
        file_under("revision", "corrected", wording.corrected().to_owned());
    }

    let summary = texts.clean(&item.summary).trim().to_owned();
    let content_html = if is_full {
        body(article, &paper, section.as_deref(), &page, language.unwrap_or_default())
    } else {
        abstract_of(&summary, &title)
    };
    Entry {
        id: article_id(authority, id),
        url: site.article(id),
        title,
        summary,
        content_html,
        language: language.map(str::to_owned),
        authors,
        categories,
        media: media(article, &item.facsimile, texts),
        published: item.article.published.clamp(WRITABLE.0, WRITABLE.1),
        updated: item.article.updated.clamp(WRITABLE.0, WRITABLE.1),
    }
}
