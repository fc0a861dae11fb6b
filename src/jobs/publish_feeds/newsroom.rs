//! A store with editions in a folder of its own, for the tests of what reads it.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use tempfile::TempDir;

use super::{PublishReport, publish};
use crate::feed::specimen::{AUTHORITY, at, config, site};
use crate::feed::{Config, FeedConfig, MatchRule, Publications, Site};
use crate::model::{Article, ArticleId, ContentHash, Facsimile, PageKey};
use crate::store::{Applied, IdentifiedArticle, PageChange, SharedStore, open};

pub(crate) struct Newsroom {
    pub(crate) folder: TempDir,
    pub(crate) store: SharedStore,
    pub(crate) config: Config,
    pub(crate) site: Site,
    pub(crate) feeds: Vec<FeedConfig>,
    pub(crate) publications: Arc<Publications>,
    /// What the pages that are printed look like on their site.
    pub(crate) facsimile: Option<Facsimile>,
}

/// Articles of less confidence than this are held back.
pub(crate) const HOLD_BELOW: f32 = 0.2;

pub(crate) fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 12).unwrap()
}

/// Six hours after the paper's hour.
pub(crate) fn noon() -> DateTime<Utc> {
    at(6 * 3600)
}

impl Newsroom {
    /// Without any article; its one feed is that of its first paper.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open("sqlite:newsboy.db", folder.path()).await.unwrap();
        let config_of_feeds = Config { dir: folder.path().join("feeds"), entries: 100, authority: AUTHORITY.to_owned() };
        Self {
            store,
            config: config_of_feeds,
            site: site(),
            feeds: vec![config()],
            publications: Arc::new(Publications::new()),
            facsimile: None,
            folder,
        }
    }

    /// Makes `articles` the page; their ids hang on source, date, page and place.
    pub(crate) async fn print_page(&self, source: &str, date: NaiveDate, page: &str, articles: Vec<Article>) {
        self.print_items(source, date, page, articles.into_iter().enumerate().collect()).await;
    }

    /// As [`Self::print_page`], with the number that each article's id hangs on.
    pub(crate) async fn print_items(&self, source: &str, date: NaiveDate, page: &str, articles: Vec<(usize, Article)>) {
        let key = PageKey { source: source.to_owned(), date, page: page.into() };
        let seen = self.store.page(&key).await.unwrap().map_or(0, |p| p.revision);
        let identified = |(n, article): (usize, Article)| IdentifiedArticle {
            id: article_id(source, date, page, n),
            // As with a source whose `hold_below` is this.
            doubtful: article.confidence < HOLD_BELOW,
            article: Article { page: page.to_owned(), ..article },
            sketch: Vec::new(),
        };
        let change = PageChange {
            hash: ContentHash::of(format!("{key:?} {seen}").as_bytes()),
            key,
            cutter: 1,
            origin: "a test".to_owned(),
            seen_revision: seen,
            articles: articles.into_iter().map(identified).collect(),
            problems: Vec::new(),
            facsimile: self.facsimile.clone(),
            backlog: false,
            hour: at(0),
            now: noon(),
        };
        assert!(matches!(self.store.apply(change).await.unwrap(), Applied::Done(_)));
    }

    /// A feed beside the others.
    pub(crate) fn add_feed(&mut self, name: &str, rule: MatchRule) {
        self.feeds.push(FeedConfig { name: name.to_owned(), title: name.to_owned(), rule, ..config() });
    }

    pub(crate) async fn publish(&self, now: DateTime<Utc>) -> PublishReport {
        publish(&*self.store, &self.feeds, &self.config, &self.site, &self.publications, now).await
    }
}

pub(crate) fn article_id(source: &str, date: NaiveDate, page: &str, n: usize) -> ArticleId {
    ArticleId::assign(&[source.as_bytes(), date.to_string().as_bytes(), page.as_bytes(), n.to_string().as_bytes()])
}
