//! Takes the pages of a site in: articles that come already cut, and how the day stands.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::ingest_page::{IngestError, Ingested, MAX_ROUNDS, PaperHabits, instant_of, name_of, sketch_of, unchanged};
use crate::model::{Article, ArticleId, CutPage, DayAnswer, PageKey, Problem, SiteDay, StoredArticle, article_id};
use crate::store::{Applied, IdentifiedArticle, PageChange, SourceMark, Store, StoreError};

/// The version of the cutter that pages of sites are stored with: nothing was cut.
const NOT_CUT: u32 = 0;

/// Editions from which it is learnt how large one usually is.
const USUAL_OF: u32 = 10;

/// Editions that must be there besides one to say that it is smaller than usual.
const USUAL_FROM: usize = 2;

/// Makes `cut` the present version of its page, unless the store has just this state of it.
///
/// An article is known by the site's own name for it, whatever becomes of its text. What an edition held
/// when it was first read is no news if it was there before the source was known; what is added to it
/// later is.
///
/// # Errors
/// [`IngestError`]; the page can be taken in again at any time.
pub async fn ingest_cut(
    store: &dyn Store,
    cut: &CutPage,
    paper: &PaperHabits,
    mark: SourceMark,
    now: DateTime<Utc>,
) -> Result<Ingested, IngestError> {
    let key = &cut.key;
    for _ in 0..MAX_ROUNDS {
        let seen = store.page(key).await?;
        if seen.as_ref().is_some_and(|page| page.hash == cut.hash) {
            return unchanged(store, seen).await;
        }
        let known = store.edition(&key.source, key.date).await?;
        let since = mark.since.with_timezone(&paper.timezone).date_naive();
        let change = PageChange {
            key: key.clone(),
            hash: cut.hash.clone(),
            cutter: NOT_CUT,
            origin: cut.origin.clone(),
            seen_revision: seen.as_ref().map_or(0, |page| page.revision),
            articles: identified(cut, &known),
            problems: cut.problems.clone(),
            facsimile: Some(cut.facsimile.clone()),
            backlog: seen.is_none() && (key.date < since || !mark.caught_up),
            hour: instant_of(key.date, paper),
            now,
        };
        if let Applied::Done(changes) = store.apply(change).await? {
            return Ok(Ingested::Applied { changes, problems: cut.problems.clone() });
        }
    }
    Err(IngestError::Contended { page: name_of(key) })
}

/// The page's articles with their ids, each once, and behind them the known ones that could not be read
/// this time.
fn identified(cut: &CutPage, known: &[StoredArticle]) -> Vec<IdentifiedArticle> {
    let mut given: HashSet<ArticleId> = HashSet::new();
    let mut articles = Vec::new();
    for article in &cut.articles {
        if let Some(id) = id_of(&cut.key, article).filter(|id| given.insert(id.clone())) {
            articles.push(IdentifiedArticle { id, sketch: sketch_of(article), article: article.clone(), doubtful: false });
        }
    }
    let is_unread = |stored: &&StoredArticle| {
        let id = stored.article.site.as_deref().map(|site| &site.id);
        stored.key == cut.key && !stored.withdrawn && id.is_some_and(|id| cut.unread.contains(id))
    };
    for stored in known.iter().filter(is_unread).filter(|stored| !given.contains(&stored.id)) {
        articles.push(IdentifiedArticle {
            id: stored.id.clone(),
            sketch: sketch_of(&stored.article),
            article: stored.article.clone(),
            doubtful: false,
        });
    }
    articles
}

fn id_of(key: &PageKey, article: &Article) -> Option<ArticleId> {
    article.site.as_deref().map(|site| article_id(&key.source, key.date, &site.id))
}

/// Keeps how a day of a site stands, once its pages are in, with what is wrong with the edition as a
/// whole: it is half as large as usual. Gives the day as it was kept.
///
/// # Errors
/// The store failed; the day can be kept again.
pub async fn finish_day(store: &dyn Store, day: &SiteDay, past: Option<(NaiveDate, NaiveDate)>) -> Result<SiteDay, StoreError> {
    let mut day = day.clone();
    if day.answer == DayAnswer::Issue {
        day.problems.extend(smaller_than_usual(store, &day).await?);
    }
    store.set_site_day(&day, past).await?;
    Ok(day)
}

/// The problem of an edition of half as many articles as usual or fewer.
async fn smaller_than_usual(store: &dyn Store, day: &SiteDay) -> Result<Option<Problem>, StoreError> {
    let others = store.site_days(&day.source, USUAL_OF + 1).await?;
    let mut sizes: Vec<u32> =
        others.iter().filter(|other| other.date != day.date && other.answer == DayAnswer::Issue).map(|other| other.articles).collect();
    sizes.sort_unstable();
    if sizes.len() < USUAL_FROM {
        return Ok(None);
    }
    // The lower of two middle ones: rather miss a small edition than accuse a usual one.
    let usual = sizes[(sizes.len() - 1) / 2];
    let message = format!("{} articles, and {usual} are usual; see whether the site still fits its description", day.articles);
    Ok((usual > 0 && day.articles.saturating_mul(2) <= usual).then(|| Problem::new("issue-small", message)))
}

#[cfg(test)]
mod tests;
