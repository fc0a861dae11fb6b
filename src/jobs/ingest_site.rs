//! Takes the pages of a site in: articles that come already cut, and how the day stands.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::ingest_page::{
    self, Cut, IngestError, Ingested, MAX_ROUNDS, PaperHabits, cutter_failed, identified_article, instant_of, name_of, sketch_of, unchanged,
};
use super::read_page::PageReader;
use crate::article::{self, CUTTER_VERSION};
use crate::model::{
    Article, ArticleId, CutPage, DayAnswer, PageFormat, PageKey, PagePdf, Problem, RawPage, SiteDay, StoredArticle, article_id,
};
use crate::store::{Applied, IdentifiedArticle, PageChange, SourceMark, Store, StoreError};

/// The version of the cutter that pages of sites with text are stored with: nothing was cut.
const NOT_CUT: u32 = 0;

/// Editions from which it is learnt how large one usually is.
const USUAL_OF: u32 = 10;

/// Editions that must be there besides one to say that it is smaller than usual.
const USUAL_FROM: usize = 2;

/// Makes `cut` the present version of its page, unless the store has just this state of it.
///
/// An article is known by the site's own name for it, whatever becomes of its text. What an edition held
/// when it was first read is no news if it was there before the source was known; what is added to it
/// later is. Of a page without text, the PDF is read by `reader` and cut, as that of a folder would be.
///
/// # Errors
/// [`IngestError`]; the page can be taken in again at any time.
pub async fn ingest_cut(
    store: &dyn Store,
    cut: &CutPage,
    reader: &PageReader,
    paper: &PaperHabits,
    mark: SourceMark,
    now: DateTime<Utc>,
) -> Result<Ingested, IngestError> {
    let key = &cut.key;
    let cutter = if cut.pdf.is_some() { CUTTER_VERSION } else { NOT_CUT };
    let mut read: Option<FromPdf> = None;
    for _ in 0..MAX_ROUNDS {
        let seen = store.page(key).await?;
        if seen.as_ref().is_some_and(|page| page.hash == cut.hash && page.cutter >= cutter) {
            return unchanged(store, seen).await;
        }
        if let (Some(PagePdf::Bytes(bytes)), None) = (&cut.pdf, &read) {
            read = Some(from_pdf(cut, bytes, reader, paper).await?);
        }
        let known = store.edition(&key.source, key.date).await?;
        let since = mark.since.with_timezone(&paper.timezone).date_naive();
        let (articles, problems) = match &read {
            Some(FromPdf { articles, problems }) => (identified_by_text(key, &known, articles, paper).await?, problems.clone()),
            None => (identified(cut, &known), cut.problems.clone()),
        };
        let change = PageChange {
            key: key.clone(),
            hash: cut.hash.clone(),
            cutter,
            origin: cut.origin.clone(),
            seen_revision: seen.as_ref().map_or(0, |page| page.revision),
            articles,
            problems: problems.clone(),
            facsimile: Some(cut.facsimile.clone()),
            backlog: seen.is_none() && (key.date < since || !mark.caught_up),
            hour: instant_of(key.date, paper),
            now,
        };
        if let Applied::Done(changes) = store.apply(change).await? {
            return Ok(Ingested::Applied { changes, problems });
        }
    }
    Err(IngestError::Contended { page: name_of(key) })
}

/// What the PDF of a page without text holds.
struct FromPdf {
    articles: Vec<Article>,
    problems: Vec<Problem>,
}

/// Characters that the articles of a PDF have at least: a file with less text than that is a picture with
/// a line beneath it, and the page stands with its picture alone.
const LEAST_TEXT: usize = 60;

/// Reads and cuts the PDF of a page. Without an article in it, the page keeps the problem of having no
/// text, besides what is wrong with the file.
///
/// Problems besides those of reading and cutting: `page-pdf-pages` (the file holds other pages as well).
async fn from_pdf(cut: &CutPage, bytes: &[u8], reader: &PageReader, paper: &PaperHabits) -> Result<FromPdf, IngestError> {
    let raw = RawPage {
        key: cut.key.clone(),
        format: PageFormat::Pdf,
        origin: cut.facsimile.pdf.clone().unwrap_or_else(|| cut.origin.clone()),
        modified: None,
        bytes: bytes.to_vec(),
        companions: Vec::new(),
    };
    let cuts = match ingest_page::cut(raw, reader.clone(), paper.language.clone()).await {
        Ok(cuts) => cuts,
        Err(ended) if ended.is_cancelled() => return Err(IngestError::Stopping { page: name_of(&cut.key) }),
        Err(panicked) => vec![Cut { key: cut.key.clone(), articles: Vec::new(), problems: vec![cutter_failed(panicked)] }],
    };
    let (count, mut problems) = (cuts.len(), Vec::new());
    // The first page of a file has the name that was asked for, the others that of their folio.
    let own = cuts.iter().skip(1).position(|other| other.key.page == cut.key.page).map_or(0, |n| n + 1);
    let Some(page) = cuts.into_iter().nth(own) else { return Ok(FromPdf { articles: Vec::new(), problems: cut.problems.clone() }) };
    if count > 1 {
        let message = format!("the PDF of the page holds {count} pages, of which number {} is taken for this one", own + 1);
        problems.push(Problem::new("page-pdf-pages", message));
    }
    problems.extend(page.problems);
    let text: usize = page.articles.iter().filter(|article| article.kind.is_news()).map(|article| article.body().chars().count()).sum();
    if text < LEAST_TEXT {
        return Ok(FromPdf { articles: Vec::new(), problems: cut.problems.iter().cloned().chain(problems).collect() });
    }
    let section = cut.section.clone();
    let named = |article: Article| Article { page: cut.key.page.to_string(), section: section.clone().or(article.section), ..article };
    Ok(FromPdf { articles: page.articles.into_iter().map(named).collect(), problems })
}

/// The articles of a PDF with their ids: the site has no name for them, so they are known by their text.
async fn identified_by_text(
    key: &PageKey,
    known: &[StoredArticle],
    articles: &[Article],
    paper: &PaperHabits,
) -> Result<Vec<IdentifiedArticle>, IngestError> {
    let (at, known, articles) = (key.clone(), known.to_vec(), articles.to_vec());
    let found = tokio::task::spawn_blocking(move || article::identify(&at, &known, articles)).await;
    let found = found.map_err(|_| IngestError::Stopping { page: name_of(key) })?;
    Ok(found.into_iter().map(|(id, article)| identified_article(id, article, paper)).collect())
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
        let is_lost = match stored.article.site.as_deref() {
            Some(site) => cut.unread.contains(&site.id),
            None => cut.pdf == Some(PagePdf::Unread),
        };
        stored.key == cut.key && !stored.withdrawn && is_lost
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
/// whole: it holds nothing, or is half as large as usual. Gives the day as it was kept.
///
/// # Errors
/// The store failed; the day can be kept again.
pub async fn finish_day(store: &dyn Store, day: &SiteDay, past: Option<(NaiveDate, NaiveDate)>) -> Result<SiteDay, StoreError> {
    let mut day = day.clone();
    if day.answer == DayAnswer::Issue {
        let pdfs = from_pdfs(store, &day).await?;
        day.articles = day.articles.saturating_add(pdfs);
        if day.articles == 0 && !day.problems.iter().any(|problem| problem.code == NO_ARTICLES) {
            let message = format!("{} pages, and no article on any of them, nor in their PDFs", day.pages);
            day.problems.push(Problem::new(NO_ARTICLES, message));
        }
        day.problems.extend(smaller_than_usual(store, &day).await?);
    }
    store.set_site_day(&day, past).await?;
    Ok(day)
}

/// The code of the problem of an edition without an article.
const NO_ARTICLES: &str = "issue-no-articles";

/// How many articles of a day's edition came out of PDFs: those that the site has no name for.
async fn from_pdfs(store: &dyn Store, day: &SiteDay) -> Result<u32, StoreError> {
    let edition = store.edition(&day.source, day.date).await?;
    let is_from_pdf = |stored: &&StoredArticle| !stored.withdrawn && stored.article.site.is_none() && stored.article.kind.is_news();
    Ok(u32::try_from(edition.iter().filter(is_from_pdf).count()).unwrap_or(u32::MAX))
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
