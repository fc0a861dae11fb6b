//! Feeds on order: of a section, a page, an edition, a query, and the archives.
//!
//! There are more of them than anybody reads, so they are made when they are asked for, and kept as
//! long as the store has not changed. What comes out is the same kind of representation as that of a
//! published feed, twins and all, so that polling it costs as little.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, NaiveDate, Utc};
use thiserror::Error;
use tokio::sync::Semaphore;

use super::publish_feeds::{Facsimiles, archives_of, facsimiles_of, items};
use crate::feed::{Archives, Config, Feed, FeedConfig, Format, Heading, RenderError, Representation, Selector, Site, SourceFacts, Subject};
use crate::model::{PageLabel, StoredArticle};
use crate::store::{SearchOrder, SearchRequest, SharedStore, StoreError};

/// Feeds on order that are made at once; further ones wait. Making one takes a processor for a tenth
/// of a second.
const PRESSES: usize = 2;

/// Feeds that are kept. One is a few hundred kilobytes with its twins.
const KEPT: usize = 128;

/// Which feed is wanted.
#[derive(Debug, Clone)]
pub enum Order<'a> {
    /// A section of a source.
    Section {
        /// The source.
        source: &'a SourceFacts,
        /// As the paper names it.
        section: &'a str,
    },
    /// One page of all editions of a source.
    Page {
        /// The source.
        source: &'a SourceFacts,
        /// What the page is called.
        page: &'a str,
    },
    /// One edition.
    Edition {
        /// The source.
        source: &'a SourceFacts,
        /// Its date.
        date: NaiveDate,
    },
    /// What a query finds, the newest first.
    Search {
        /// The query as a person typed it.
        typed: &'a str,
        /// What stands behind the `?` of the address.
        asked: &'a str,
        /// What to look for. Its order is not used, and its limit not beyond the feeds' own.
        request: &'a SearchRequest,
        /// Whether articles are given in full.
        is_full: bool,
    },
    /// An archive of a feed.
    Archive {
        /// The feed.
        feed: &'a FeedConfig,
        /// Which one, out of [`OrderDesk::archives`].
        archives: &'a Archives,
        /// The archive's date.
        date: NaiveDate,
    },
}

/// Why a feed could not be made.
#[derive(Debug, Error)]
pub enum OrderError {
    /// Its articles could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It could not be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// It could not be compressed, or the work was broken off.
    #[error("it could not be compressed: {0}")]
    Compress(String),
}

/// A feed that is kept, and the count of the store's changes at which it was made.
struct Kept {
    change: i64,
    used: u64,
    representation: Arc<Representation>,
}

/// The feeds that are kept, by their address.
#[derive(Default)]
struct Shelf {
    feeds: HashMap<String, Kept>,
    uses: u64,
}

impl Shelf {
    fn get(&mut self, address: &str, change: i64) -> Option<Arc<Representation>> {
        self.uses += 1;
        let kept = self.feeds.get_mut(address).filter(|kept| kept.change == change)?;
        kept.used = self.uses;
        Some(Arc::clone(&kept.representation))
    }

    fn put(&mut self, address: String, change: i64, representation: &Arc<Representation>) {
        if self.feeds.len() >= KEPT
            && !self.feeds.contains_key(&address)
            && let Some(oldest) = self.feeds.iter().min_by_key(|(_, kept)| kept.used).map(|(address, _)| address.clone())
        {
            self.feeds.remove(&oldest);
        }
        self.uses += 1;
        self.feeds.insert(address, Kept { change, used: self.uses, representation: Arc::clone(representation) });
    }
}

/// Where feeds are ordered.
pub struct OrderDesk {
    store: SharedStore,
    config: Config,
    presses: Semaphore,
    shelf: Mutex<Shelf>,
}

impl OrderDesk {
    /// A desk that makes feeds of what `store` holds.
    pub fn new(store: SharedStore, config: Config) -> Self {
        Self { store, config, presses: Semaphore::new(PRESSES), shelf: Mutex::default() }
    }

    /// The archives of a feed.
    ///
    /// # Errors
    /// The store fails.
    pub async fn archives(&self, feed: &FeedConfig, site: &Site) -> Result<Archives, StoreError> {
        archives_of(&*self.store, feed, site, &self.config.authority).await
    }

    /// The feed in one format; `None` where there is nothing of the kind: a section or page that never
    /// was, an edition without a page, a date without an archive.
    ///
    /// # Errors
    /// The store fails, or the feed cannot be written.
    pub async fn fill(&self, order: &Order<'_>, site: &Site, format: Format) -> Result<Option<Arc<Representation>>, OrderError> {
        let Some(heading) = heading(order, site) else { return Ok(None) };
        let address = heading.address(format).to_owned();
        let change = self.store.changes().await?;
        if let Some(kept) = self.shelf().get(&address, change) {
            return Ok(Some(kept));
        }
        // A semaphore that is never closed gives its places out.
        let _press = self.presses.acquire().await;
        let Some(articles) = self.articles(order).await? else { return Ok(None) };
        // An archive is cached for ever. A site adds the file of a page when it likes, and no version tells
        // of it.
        let facsimiles = match order {
            Order::Archive { .. } => Facsimiles::new(),
            _ => facsimiles_of(&*self.store, &articles).await?,
        };
        let modified = self.last_change(&heading).await?;
        let before = self.shelf().feeds.get(&address).map(|kept| Arc::clone(&kept.representation));
        let (authority, site) = (self.config.authority.clone(), site.clone());
        let made = super::publish_feeds::blocking(move || {
            let feed = Feed::under(heading, &authority, &site, &items(articles, &facsimiles));
            let bytes = feed.render(format)?;
            // The same bytes keep their time.
            if let Some(before) = before.filter(|before| before.identity.bytes == bytes) {
                return Ok(before);
            }
            let made = Representation::compress(format, bytes, modified).map_err(|error| OrderError::Compress(error.to_string()))?;
            Ok(Arc::new(made))
        });
        let made = made.await.map_err(OrderError::Compress).and_then(|made| made)?;
        self.shelf().put(address, change, &made);
        Ok(Some(made))
    }

    fn shelf(&self) -> std::sync::MutexGuard<'_, Shelf> {
        // What a panic left behind is a feed more or less.
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The articles of an order; `None` where there is nothing of the kind.
    async fn articles(&self, order: &Order<'_>) -> Result<Option<Vec<StoredArticle>>, StoreError> {
        let news = crate::feed::MatchRule::default().kinds;
        let request = |source: &SourceFacts| SearchRequest {
            sources: vec![source.name.clone()],
            kinds: news.clone(),
            order: SearchOrder::Newest,
            limit: self.config.entries,
            ..SearchRequest::default()
        };
        let request = match order {
            Order::Section { source, section } => SearchRequest { sections: vec![(*section).to_owned()], ..request(source) },
            Order::Page { source, page } => SearchRequest { pages: vec![PageLabel::new(page).to_string()], ..request(source) },
            Order::Search { request, .. } => {
                SearchRequest { order: SearchOrder::Newest, limit: request.limit.min(self.config.entries), ..(*request).clone() }
            }
            Order::Edition { source, date } => {
                let articles = self.store.edition(&source.name, *date).await?;
                let is_known = !articles.is_empty() || !self.store.pages(&source.name, *date).await?.is_empty();
                let news = articles.into_iter().filter(|article| article.is_public() && article.article.kind.is_news());
                return Ok(is_known.then(|| last_changed_first(news)));
            }
            Order::Archive { feed, date, .. } => {
                let rule = Selector::new(&feed.rule);
                let mut articles = Vec::new();
                for source in &feed.sources {
                    let edition = self.store.edition(source, *date).await?;
                    articles.extend(edition.into_iter().filter(|a| a.is_public() && rule.takes(&Subject::new(&a.article))));
                }
                return Ok(Some(last_changed_first(articles)));
            }
        };
        let found = self.store.search(&request).await?;
        // A query may find nothing today; a section of which there was never an article is none.
        let is_there = matches!(order, Order::Search { .. }) || !found.articles.is_empty();
        Ok(is_there.then(|| last_changed_first(found.articles)))
    }

    /// When the editions that the feed draws from last changed.
    async fn last_change(&self, heading: &Heading) -> Result<DateTime<Utc>, StoreError> {
        let marks = self.store.edition_marks(heading.sources()).await?;
        Ok(marks.iter().map(|mark| mark.changed).max().unwrap_or(DateTime::UNIX_EPOCH))
    }
}

fn heading(order: &Order<'_>, site: &Site) -> Option<Heading> {
    Some(match order {
        Order::Section { source, section } => Heading::section(source, section, site),
        Order::Page { source, page } => Heading::page(source, &PageLabel::new(page), site),
        Order::Edition { source, date } => Heading::edition(source, *date, site),
        Order::Search { typed, asked, request, is_full } => {
            let all = || site.sources.iter().map(|source| source.name.clone()).collect();
            let sources = if request.sources.is_empty() { all() } else { request.sources.clone() };
            Heading::search(typed, asked, sources, *is_full, site)
        }
        Order::Archive { feed, archives, date } => archives.heading(feed, archives.get(*date)?, site),
    })
}

fn last_changed_first(articles: impl IntoIterator<Item = StoredArticle>) -> Vec<StoredArticle> {
    let mut articles: Vec<StoredArticle> = articles.into_iter().collect();
    articles.sort_by_key(|article| std::cmp::Reverse(article.updated));
    articles
}
