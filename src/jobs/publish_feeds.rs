//! Publishing: the store's articles to feeds in memory and on disk.
//!
//! Each feed goes load → select → compose → render → compare → compress → put. Feeds of the same
//! sources are read together. Where a feed's bytes are what
//! is published already, nothing is compressed, written or swapped: neither its entity tags nor
//! its files' times move. A feed that fails stops no other, and one that cannot be written is
//! still served from memory.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::feed::{
    Archives, Config, EditionState, Feed, FeedConfig, Format, Heading, Item, Publications, RenderError, Representation, Selector, Site,
    Subject, valid_name,
};
use crate::model::{Facsimile, PageKey, StoredArticle};
use crate::store::{ArticleQuery, EditionMark, Store, StoreError};
use crate::summary;

mod files;
#[cfg(test)]
pub(crate) mod newsroom;
#[cfg(test)]
mod tests;

use files::{Disk, RealDisk};

/// Characters of an entry's summary.
const SUMMARY_CHARS: usize = 200;

/// Articles read from the store at once while a rule is held against them.
const BATCH: u32 = 200;

/// Articles that are held against a feed's rule before the search for further entries is given up,
/// so that a word which never occurs does not read the whole archive at each publication. At
/// fifty articles an edition it is a hundred editions.
pub const MAX_EXAMINED: u32 = 5_000;

/// Pages as their sites show them.
pub(super) type Facsimiles = HashMap<PageKey, Facsimile>;

/// Why a feed was not published as it should be.
#[derive(Debug, Error)]
pub enum PublishError {
    /// The name cannot be a folder's.
    #[error("{0:?} cannot be a feed's name: letters, digits, `-`, `_` and `.` only, no `.` in front, at most 80 bytes")]
    Name(String),
    /// Its articles could not be read; what was published before stays.
    #[error("its articles could not be read: {0}")]
    Store(Arc<StoreError>),
    /// It could not be rendered; what was published before stays.
    #[error("it could not be rendered: {0}")]
    Render(#[from] RenderError),
    /// It could not be compressed; what was published before stays.
    #[error("it could not be compressed: {0}")]
    Compress(io::Error),
    /// A file could not be written. It is served from memory, and the next publication tries
    /// again.
    #[error("{path} could not be written: {source}; newsboy serves the feed from memory and tries again at the next publication", path = path.display())]
    Write {
        /// The file, or the folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The work ended before it was done: a defect of newsboy, or its shutdown.
    #[error("the work on it was broken off: {0}")]
    BrokenOff(String),
}

/// What became of one feed.
#[derive(Debug)]
pub struct FeedOutcome {
    /// The feed's name.
    pub feed: String,
    /// How many entries it has now.
    pub entries: usize,
    /// How many articles were left out because the feed would have become too large.
    pub left_out: usize,
    /// The formats whose bytes changed.
    pub changed: Vec<Format>,
    /// What went wrong, if anything did.
    pub error: Option<PublishError>,
}

impl FeedOutcome {
    fn failed(feed: &str, error: PublishError) -> Self {
        Self { feed: feed.to_owned(), entries: 0, left_out: 0, changed: Vec::new(), error: Some(error) }
    }
}

/// What became of a publication.
#[derive(Debug)]
pub struct PublishReport {
    /// Every feed, in the order of the configuration.
    pub feeds: Vec<FeedOutcome>,
}

impl PublishReport {
    /// The feeds that failed, and why.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &PublishError)> {
        self.feeds.iter().filter_map(|f| Some((f.feed.as_str(), f.error.as_ref()?)))
    }

    /// How many feeds changed.
    pub fn changed(&self) -> usize {
        self.feeds.iter().filter(|f| !f.changed.is_empty()).count()
    }
}

/// Publishes every feed of `feeds` and withdraws from memory those that are no longer among them;
/// the files of a withdrawn feed are left to the person who withdrew it.
///
/// Each feed is written to `DIR/<name>/rss.xml`, `atom.xml` and `feed.json` with `.gz` and `.br`
/// beside each, and put into `published`. One call at a time: of two at once the slower one would
/// have the last word.
pub async fn publish(
    store: &dyn Store,
    feeds: &[FeedConfig],
    config: &Config,
    site: &Site,
    published: &Arc<Publications>,
    now: DateTime<Utc>,
) -> PublishReport {
    publish_on(Arc::new(RealDisk), store, feeds, config, site, published, now).await
}

async fn publish_on(
    disk: Arc<dyn Disk>,
    store: &dyn Store,
    feeds: &[FeedConfig],
    config: &Config,
    site: &Site,
    published: &Arc<Publications>,
    now: DateTime<Utc>,
) -> PublishReport {
    published.retain(&feeds.iter().map(|f| f.name.as_str()).collect::<HashSet<_>>());
    let site = Arc::new(site.clone());
    let mut outcomes: Vec<Option<FeedOutcome>> = feeds.iter().map(|_| None).collect();
    for group in groups(feeds) {
        let members: Vec<&FeedConfig> = group.iter().map(|at| &feeds[*at]).collect();
        let selected = match articles_of(store, &members, config.entries).await {
            Ok(selected) => selected,
            Err(error) => {
                for at in group {
                    outcomes[at] = Some(FeedOutcome::failed(&feeds[at].name, error.clone().into()));
                }
                continue;
            }
        };
        for (at, articles) in group.into_iter().zip(selected) {
            let surroundings = async {
                let archives = archives_of(store, &feeds[at], &site, &config.authority).await?;
                Ok::<_, StoreError>((archives, facsimiles_of(store, &articles).await?))
            };
            let (archives, facsimiles) = match surroundings.await {
                Ok(surroundings) => surroundings,
                Err(error) => {
                    outcomes[at] = Some(FeedOutcome::failed(&feeds[at].name, PublishError::Store(Arc::new(error))));
                    continue;
                }
            };
            let press = Press {
                disk: Arc::clone(&disk),
                heading: archives.subscription(&feeds[at], &site),
                feed: feeds[at].clone(),
                config: config.clone(),
                site: Arc::clone(&site),
                published: Arc::clone(published),
                now,
            };
            let done = blocking(move || press.publish(articles, &facsimiles)).await.map_err(PublishError::BrokenOff).and_then(|done| done);
            outcomes[at] = Some(done.unwrap_or_else(|error| FeedOutcome::failed(&feeds[at].name, error)));
        }
    }
    let refused = |feed: &FeedConfig| FeedOutcome::failed(&feed.name, PublishError::Name(feed.name.clone()));
    PublishReport { feeds: outcomes.into_iter().zip(feeds).map(|(outcome, feed)| outcome.unwrap_or_else(|| refused(feed))).collect() }
}

/// The places of the feeds that draw from the same sources and kinds, so that what fifty topics
/// have in common is read once. Feeds whose name is refused are in none.
fn groups(feeds: &[FeedConfig]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, feed) in feeds.iter().enumerate().filter(|(_, feed)| valid_name(&feed.name)) {
        let alike = |group: &&mut Vec<usize>| {
            let first = &feeds[group[0]];
            first.sources == feed.sources && first.rule.kinds == feed.rule.kinds
        };
        match groups.iter_mut().find(alike) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups
}

/// Runs what computes or waits for the disk where it holds up no request; the error says why it
/// was broken off.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    tokio::task::spawn_blocking(work).await.map_err(|broken| broken.to_string())
}

/// Why the articles of a group could not be read: every feed of it fails alike.
#[derive(Debug, Clone)]
enum ReadFailure {
    Store(Arc<StoreError>),
    BrokenOff(String),
}

impl From<ReadFailure> for PublishError {
    fn from(failure: ReadFailure) -> Self {
        match failure {
            ReadFailure::Store(error) => Self::Store(error),
            ReadFailure::BrokenOff(why) => Self::BrokenOff(why),
        }
    }
}

/// For each feed of a group the newest `entries` articles, by `updated` downwards, looked for among
/// the newest [`MAX_EXAMINED`] of the group's sources.
async fn articles_of(store: &dyn Store, group: &[&FeedConfig], entries: u32) -> Result<Vec<Vec<StoredArticle>>, ReadFailure> {
    let mut sieve = Sieve {
        selectors: group.iter().map(|feed| Selector::new(&feed.rule)).collect(),
        taken: vec![Vec::new(); group.len()],
        wanted: usize::try_from(entries).unwrap_or(usize::MAX),
    };
    let Some(first) = group.first() else { return Ok(Vec::new()) };
    let mut query = ArticleQuery {
        sources: first.sources.clone(),
        kinds: first.rule.kinds.clone(),
        date: None,
        before: None,
        limit: if sieve.selectors.iter().all(Selector::is_by_kind_alone) { entries.min(MAX_EXAMINED) } else { BATCH },
    };
    let mut examined = 0;
    while sieve.is_hungry() && examined < MAX_EXAMINED {
        let batch = store.articles(&query).await.map_err(|error| ReadFailure::Store(Arc::new(error)))?;
        let Some(last) = batch.last() else { break };
        // No two articles share `updated`, so that nothing is lost or met twice between batches.
        query.before = Some(last.updated);
        let read = u32::try_from(batch.len()).unwrap_or(u32::MAX);
        examined = examined.saturating_add(read);
        sieve = blocking(move || sieve.pass(batch)).await.map_err(ReadFailure::BrokenOff)?;
        if read < query.limit {
            break;
        }
    }
    Ok(sieve.taken)
}

/// What the feeds of a group have taken so far.
struct Sieve {
    selectors: Vec<Selector>,
    taken: Vec<Vec<StoredArticle>>,
    wanted: usize,
}

impl Sieve {
    fn is_hungry(&self) -> bool {
        self.taken.iter().any(|taken| taken.len() < self.wanted)
    }

    fn pass(mut self, batch: Vec<StoredArticle>) -> Self {
        for stored in batch {
            let subject = Subject::new(&stored.article);
            for (selector, taken) in self.selectors.iter().zip(&mut self.taken) {
                if taken.len() < self.wanted && selector.takes(&subject) {
                    taken.push(stored.clone());
                }
            }
        }
        self
    }
}

/// The pages of articles as their sites show them. An article that is no site's has none.
pub(super) async fn facsimiles_of(store: &dyn Store, articles: &[StoredArticle]) -> Result<Facsimiles, StoreError> {
    let mut facsimiles = Facsimiles::new();
    for article in articles.iter().filter(|article| article.article.site.is_some()) {
        if !facsimiles.contains_key(&article.key) {
            let facsimile = store.facsimile(&article.key).await?;
            facsimiles.insert(article.key.clone(), facsimile.unwrap_or_default());
        }
    }
    Ok(facsimiles)
}

/// Articles with the summaries that stand for them and the pages that they stand on.
pub(super) fn items(articles: Vec<StoredArticle>, facsimiles: &Facsimiles) -> Vec<Item> {
    let item = |article: StoredArticle| Item {
        summary: summary::lead(&article.article, SUMMARY_CHARS),
        facsimile: facsimiles.get(&article.key).cloned().unwrap_or_default(),
        article,
    };
    articles.into_iter().map(item).collect()
}

/// The archives of a feed. One that needs a token has none: what a cache keeps for a year is
/// no place for it.
pub(super) async fn archives_of(store: &dyn Store, feed: &FeedConfig, site: &Site, authority: &str) -> Result<Archives, StoreError> {
    if feed.token.is_some() {
        return Ok(Archives::default());
    }
    let marks = store.edition_marks(&feed.sources).await?;
    let editions: Vec<EditionState<'_>> =
        marks.iter().map(|EditionMark { source, date, change, .. }| EditionState { source, date: *date, change: *change }).collect();
    Ok(Archives::of(feed, site, authority, &editions))
}

/// What one feed's publication needs, once its articles are read; all of it blocks.
struct Press {
    disk: Arc<dyn Disk>,
    feed: FeedConfig,
    heading: Heading,
    config: Config,
    site: Arc<Site>,
    published: Arc<Publications>,
    now: DateTime<Utc>,
}

impl Press {
    fn publish(&self, articles: Vec<StoredArticle>, facsimiles: &Facsimiles) -> Result<FeedOutcome, PublishError> {
        let feed = Feed::under(self.heading.clone(), &self.config.authority, &self.site, &items(articles, facsimiles));
        let folder = self.config.dir.join(&self.feed.name);

        let mut changed = Vec::new();
        let mut representations = Vec::with_capacity(Format::ALL.len());
        for format in Format::ALL {
            let (representation, is_new) = self.represent(&folder, format, feed.render(format)?, feed.link_header(format))?;
            if is_new {
                changed.push(format);
            }
            representations.push((format, representation));
        }
        // Memory first: it cannot fail, and a full disk must not keep the news from readers.
        self.published.replace(&self.feed.name, &representations);
        // What only some may read has no place in a folder that any web server may serve.
        let error = if self.feed.token.is_none() { self.put(&folder, &representations).err() } else { None };
        Ok(FeedOutcome { feed: self.feed.name.clone(), entries: feed.entries.len(), left_out: feed.left_out, changed, error })
    }

    /// The bytes with their twins, and whether they are new: neither in memory nor, after a
    /// restart, on disk.
    fn represent(
        &self,
        folder: &Path,
        format: Format,
        bytes: Vec<u8>,
        link: Option<String>,
    ) -> Result<(Arc<Representation>, bool), PublishError> {
        if let Some(published) = self.published.get(&self.feed.name, format.file_name()) {
            if published.identity.bytes == bytes {
                return Ok((published, false));
            }
        } else if let Some((found, modified)) = files::read(&folder.join(format.file_name()), bytes.len())
            && found == bytes
        {
            let twin =
                |ending| files::read(&folder.join(twin_name(format, ending)), bytes.len() + files::TWIN_SLACK).map(|(bytes, _)| bytes);
            // A clock that was ahead at the last publication must not make the feed of tomorrow.
            let modified = modified.min(self.now);
            let restored = Representation::restore(format, found, twin("gz"), twin("br"), modified).map_err(PublishError::Compress)?;
            return Ok((Arc::new(restored.linking(link)), false));
        }
        let compressed = Representation::compress(format, bytes, self.now).map_err(PublishError::Compress)?;
        Ok((Arc::new(compressed.linking(link)), true))
    }

    /// Brings the folder to what is published. All files are tried; the first failure is told.
    fn put(&self, folder: &Path, representations: &[(Format, Arc<Representation>)]) -> Result<(), PublishError> {
        let mut failure = None;
        let mut wrote = false;
        for (format, representation) in representations {
            let twins = [
                (format.file_name().to_owned(), &representation.identity),
                (twin_name(*format, "gz"), &representation.gzip),
                (twin_name(*format, "br"), &representation.brotli),
            ];
            for (name, encoded) in twins {
                let path = folder.join(&name);
                if files::read(&path, encoded.bytes.len()).is_some_and(|(found, _)| found == encoded.bytes) {
                    continue;
                }
                if !wrote {
                    files::prepare(&*self.disk, folder, self.now)
                        .map_err(|source| PublishError::Write { path: folder.to_owned(), source })?;
                    wrote = true;
                }
                if let Err(source) = files::replace(&*self.disk, folder, &name, &encoded.bytes, representation.last_modified) {
                    failure = failure.or(Some(PublishError::Write { path, source }));
                }
            }
        }
        if wrote && let Err(source) = self.disk.sync_folder(folder) {
            failure = failure.or(Some(PublishError::Write { path: folder.to_owned(), source }));
        }
        failure.map_or(Ok(()), Err)
    }
}

fn twin_name(format: Format, ending: &str) -> String {
    format!("{}.{ending}", format.file_name())
}
