//! Takes one page in: bytes to articles, and the articles into the store.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use thiserror::Error;
use tokio::task::JoinError;

use crate::article::{self, CUTTER_VERSION};
use crate::jobs::read_page::PageReader;
use crate::model::{Article, ArticleId, ArticleKind, ContentHash, Page, PageKey, Problem, RawPage};
use crate::store::{Applied, Changes, IdentifiedArticle, PageChange, Store, StoreError, StoredPage};
use crate::story::Telling;

/// How often a page is matched anew because another process changed it meanwhile. Each round lost
/// is one that another process has won, so more than a few mean that something is wrong.
pub(super) const MAX_ROUNDS: u32 = 5;

/// What the configuration says of the paper a page belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct PaperHabits {
    /// Its language as a BCP 47 tag.
    pub language: String,
    /// Its time zone.
    pub timezone: Tz,
    /// The hour of the day at which an edition counts as published.
    pub published: NaiveTime,
    /// The confidence, from 0 to 1, below which an article is held back.
    pub hold_below: f32,
}

/// What became of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ingested {
    /// The store has the articles of just these bytes already.
    Unchanged,
    /// The page's articles are those of these bytes now.
    Applied {
        /// How many articles were touched.
        changes: Changes,
        /// What is wrong with the page.
        problems: Vec<Problem>,
    },
    /// The bytes could not be used. If the store has an older version of the page, its articles
    /// stay as they are.
    Unusable {
        /// Why; at least one.
        problems: Vec<Problem>,
        /// Whether one of these is seen for the first time, and so worth a line in the log.
        news: bool,
    },
}

/// Why a page could not be taken in. The store is as it was before.
#[derive(Debug, Error)]
pub enum IngestError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Other processes changed the page each time between reading and writing it.
    #[error("{page} was changed {MAX_ROUNDS} times by other processes while it was taken in; see that its source gives one version of it")]
    Contended {
        /// The page, for people.
        page: String,
    },
    /// newsboy is shutting down.
    #[error("{page} was not taken in because newsboy is stopping; it is taken in at the next start")]
    Stopping {
        /// The page, for people.
        page: String,
    },
}

impl IngestError {
    /// Whether the same page may be taken in later as it is.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Store(error) => error.may_pass(),
            Self::Contended { .. } | Self::Stopping { .. } => true,
        }
    }
}

/// What was cut out of one page of a file.
#[derive(Clone)]
pub(super) struct Cut {
    pub(super) key: PageKey,
    pub(super) articles: Vec<Article>,
    pub(super) problems: Vec<Problem>,
}

/// Makes `raw` the present version of its page, unless the store has the articles of the same
/// bytes from this cutter or a newer one. A PDF of several pages gives several; they are taken in
/// from the last to the first, whose presence tells that all are there.
///
/// Reading and cutting may take as long as a page is large, so they run on the runtime's blocking
/// threads. A cutter that panics makes the page unusable and nothing else.
///
/// # Errors
/// [`IngestError`]; the page can be taken in again at any time.
pub async fn ingest_page(
    store: &dyn Store,
    raw: RawPage,
    reader: &PageReader,
    paper: &PaperHabits,
    backlog: bool,
    now: DateTime<Utc>,
) -> Result<Ingested, IngestError> {
    let (key, origin) = (raw.key.clone(), raw.origin.clone());
    let stopping = |_: JoinError| IngestError::Stopping { page: name_of(&key) };
    let (raw, hash) = tokio::task::spawn_blocking(move || {
        let hash = raw.hash();
        (raw, hash)
    })
    .await
    .map_err(stopping)?;
    let seen = store.page(&key).await?;
    if is_present(seen.as_ref(), &hash) {
        return unchanged(store, seen).await;
    }
    let cuts = match cut(raw, reader.clone(), paper.language.clone()).await {
        Ok(cuts) => cuts,
        Err(ended) if ended.is_cancelled() => return Err(stopping(ended)),
        Err(panicked) => vec![Cut { key: key.clone(), articles: Vec::new(), problems: vec![cutter_failed(panicked)] }],
    };
    let file = File { hash, origin, paper, backlog, now };
    let mut whole: Option<Ingested> = None;
    for cut in cuts.into_iter().rev() {
        let ingested = apply(store, cut, &file).await?;
        whole = Some(match whole {
            Some(others) => together(ingested, others),
            None => ingested,
        });
    }
    Ok(whole.unwrap_or(Ingested::Unchanged))
}

/// What all pages of a file have in common.
struct File<'f> {
    hash: ContentHash,
    origin: String,
    paper: &'f PaperHabits,
    backlog: bool,
    now: DateTime<Utc>,
}

/// Makes one page's cut its present version.
async fn apply(store: &dyn Store, cut: Cut, file: &File<'_>) -> Result<Ingested, IngestError> {
    let key = cut.key.clone();
    let mut seen = store.page(&key).await?;
    if is_present(seen.as_ref(), &file.hash) {
        return unchanged(store, seen).await;
    }
    if cut.articles.is_empty() && !cut.problems.is_empty() {
        return unusable(store, &key, cut.problems, file.now).await;
    }
    for _ in 0..MAX_ROUNDS {
        let known = store.edition(&key.source, key.date).await?;
        let (articles, at) = (cut.articles.clone(), key.clone());
        let identified = tokio::task::spawn_blocking(move || article::identify(&at, &known, articles)).await;
        let identified = match identified {
            Ok(identified) => identified,
            Err(ended) if ended.is_cancelled() => return Err(IngestError::Stopping { page: name_of(&key) }),
            Err(panicked) => return unusable(store, &key, vec![cutter_failed(panicked)], file.now).await,
        };
        let change = PageChange {
            key: key.clone(),
            hash: file.hash.clone(),
            cutter: CUTTER_VERSION,
            origin: file.origin.clone(),
            seen_revision: seen.as_ref().map_or(0, |page| page.revision),
            articles: identified.into_iter().map(|(id, article)| identified_article(id, article, file.paper)).collect(),
            problems: cut.problems.clone(),
            facsimile: None,
            backlog: file.backlog,
            hour: instant_of(key.date, file.paper),
            now: file.now,
        };
        if let Applied::Done(changes) = store.apply(change).await? {
            return Ok(Ingested::Applied { changes, problems: cut.problems });
        }
        seen = store.page(&key).await?;
        if is_present(seen.as_ref(), &file.hash) {
            return unchanged(store, seen).await;
        }
    }
    Err(IngestError::Contended { page: name_of(&key) })
}

/// What finds an article's story told elsewhere: that of news only.
pub(super) fn sketch_of(article: &Article) -> Vec<u32> {
    if article.kind.is_news() { Telling::of(article).sketch().to_vec() } else { Vec::new() }
}

pub(super) fn identified_article(id: ArticleId, article: Article, paper: &PaperHabits) -> IdentifiedArticle {
    IdentifiedArticle { doubtful: is_doubtful(&article, paper.hold_below), sketch: sketch_of(&article), id, article }
}

/// The problem of an article over which no headline was found.
const HEADLINE_MISSING: &str = "headline-missing";

/// Whether an article is held back where the paper holds those of less confidence than `below`.
///
/// A picture seldom has a headline, which alone makes the cutter less sure of it: without another
/// problem it is shown. What is no news is never held, for it has no headline and no body to be wrong.
fn is_doubtful(article: &Article, below: f32) -> bool {
    // What is no number is no confidence.
    let unsure = article.confidence < below || (article.confidence.is_nan() && below > 0.0);
    let only_headless = || article.headline.is_none() && article.problems.iter().all(|problem| problem.code == HEADLINE_MISSING);
    match article.kind {
        ArticleKind::Article => unsure,
        ArticleKind::Photo => unsure && !only_headless(),
        ArticleKind::Ad | ArticleKind::Notice | ArticleKind::Weather | ArticleKind::Masthead => false,
    }
}

/// What became of two pages of one file.
fn together(first: Ingested, others: Ingested) -> Ingested {
    use Ingested::{Applied, Unchanged, Unusable};
    match (first, others) {
        (Unchanged, other) | (other, Unchanged) => other,
        (Applied { changes: a, problems: mut told }, Applied { changes: b, problems }) => {
            told.extend(problems);
            let changes = Changes {
                added: a.added + b.added,
                revised: a.revised + b.revised,
                restored: a.restored + b.restored,
                unchanged: a.unchanged + b.unchanged,
                withdrawn: a.withdrawn + b.withdrawn,
                held: a.held + b.held,
            };
            Applied { changes, problems: told }
        }
        (Applied { changes, problems: mut told }, Unusable { problems, .. })
        | (Unusable { problems, .. }, Applied { changes, problems: mut told }) => {
            told.extend(problems);
            Applied { changes, problems: told }
        }
        (Unusable { problems: mut told, news }, Unusable { problems, news: more }) => {
            told.extend(problems);
            Unusable { problems: told, news: news || more }
        }
    }
}

pub(super) fn name_of(key: &PageKey) -> String {
    format!("page {} of {} {}", key.page, key.source, key.date)
}

/// Whether the store has the articles of these bytes. What a newer cutter has cut, an older one
/// that still runs beside it leaves alone.
fn is_present(seen: Option<&StoredPage>, hash: &ContentHash) -> bool {
    seen.is_some_and(|page| page.hash == *hash && page.cutter >= CUTTER_VERSION)
}

/// The page is as the store has it; what was noted of versions in between holds no longer.
pub(super) async fn unchanged(store: &dyn Store, seen: Option<StoredPage>) -> Result<Ingested, IngestError> {
    if let Some(page) = seen.filter(|page| !page.noted.is_empty()) {
        store.forget_problems(&page.key).await?;
    }
    Ok(Ingested::Unchanged)
}

async fn unusable(store: &dyn Store, key: &PageKey, problems: Vec<Problem>, now: DateTime<Utc>) -> Result<Ingested, IngestError> {
    let mut news = false;
    for problem in &problems {
        news |= store.note_problem(key, problem, now).await?;
    }
    Ok(Ingested::Unusable { problems, news })
}

pub(super) async fn cut(raw: RawPage, reader: PageReader, language: String) -> Result<Vec<Cut>, JoinError> {
    tokio::task::spawn_blocking(move || {
        let cut = |page: Page| {
            let key = PageKey { page: page.number.as_str().into(), ..raw.key.clone() };
            let (articles, told) = article::cut_and_tell(&page, &language);
            Cut { key, articles, problems: page.problems.into_iter().chain(told).collect() }
        };
        reader.read(&raw).into_iter().map(cut).collect()
    })
    .await
}

pub(super) fn cutter_failed(panicked: JoinError) -> Problem {
    let why = match panicked.try_into_panic() {
        Ok(payload) => match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => payload.downcast_ref::<&str>().map_or_else(|| "no reason given".to_owned(), |text| (*text).to_owned()),
        },
        Err(ended) => ended.to_string(),
    };
    Problem::new("page-cutter-failed", format!("the cutter broke down ({why}); please report it to newsboy's authors with the page"))
}

/// The instant at which an edition counts as published: the paper's hour of that day in its zone.
///
/// Where a change of the clocks leaves the hour out, it is the first instant after the gap; where
/// the hour comes twice, the earlier one.
pub(super) fn instant_of(date: NaiveDate, paper: &PaperHabits) -> DateTime<Utc> {
    let local = date.and_time(paper.published);
    match paper.timezone.from_local_datetime(&local).earliest() {
        Some(instant) => instant.with_timezone(&Utc),
        None => first_after_gap(paper.timezone, local),
    }
}

/// More than the longest gap there was: Samoa left out 30 December 2011 when it crossed the date line.
const LONGEST_GAP_SECONDS: i64 = 2 * 86_400;

/// The first instant after the gap that `local` lies in, found by halving.
fn first_after_gap(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let after = |seconds: i64| {
        let later = local.checked_add_signed(Duration::seconds(seconds))?;
        zone.from_local_datetime(&later).earliest().map(|instant| instant.with_timezone(&Utc))
    };
    let (mut inside, mut outside) = (0, LONGEST_GAP_SECONDS);
    while outside - inside > 1 {
        let middle = inside + (outside - inside) / 2;
        if after(middle).is_some() {
            outside = middle;
        } else {
            inside = middle;
        }
    }
    // Only at the end of the calendar is there nothing behind a gap.
    after(outside).unwrap_or_else(|| local.and_utc())
}

#[cfg(test)]
mod tests;
