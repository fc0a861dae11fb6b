//! The reading of one day: the issue's pages, then its articles, then all of it together.

use std::collections::HashMap;

use chrono::NaiveDate;
use reqwest::Url;

use super::days::{self, Found, Front};
use super::fetch::{FetchError, Got, Session};
use super::measure::measure;
use super::read::{
    ArticleReading, Document, IssueReading, MISSING, PageOfIssue, PageRead, PageReading, article, assemble, listed, page, stem,
};
use crate::model::{DayAnswer, Problem};

/// The code of an article's problem that could not be had this time.
const UNREAD: &str = "article-unread";

/// What came of a day.
pub(super) struct DayRead {
    pub(super) answer: DayAnswer,
    pub(super) why: String,
    pub(super) pages: Vec<PageOfIssue>,
    /// The site's ids of articles that are listed and were not read.
    pub(super) unread: Vec<String>,
    /// Whether all that is listed was read, or is known not to be there.
    pub(super) whole: bool,
    pub(super) problems: Vec<Problem>,
}

impl DayRead {
    /// Makes nothing of the day but that the site gives the issue of an earlier one for it.
    pub(super) fn is_that_of(&mut self, earlier: NaiveDate, is_over: bool) {
        let answer = if is_over { DayAnswer::None } else { DayAnswer::NotYet };
        let why = format!("the site gives the issue of {earlier} again");
        let message = format!("{why}, under another date; it is not published twice");
        *self = Self::without_issue(answer, why, vec![Problem::new("issue-repeated", message)]);
    }

    fn without_issue(answer: DayAnswer, why: String, problems: Vec<Problem>) -> Self {
        Self { answer, why, pages: Vec::new(), unread: Vec::new(), whole: answer != DayAnswer::Unknown, problems }
    }
}

/// Reads the issue of `date`. `is_over` says that the day has ended in the paper's zone: an issue that is not there will not come.
///
/// # Errors
///
/// Every further request will fail as well; what was read is on the shelf.
pub(super) async fn read_day(session: &mut Session<'_>, date: NaiveDate, is_over: bool) -> Result<DayRead, FetchError> {
    let front = match days::find(session, date).await? {
        Found::Issue(front) => *front,
        Found::None { why } if is_over => return Ok(DayRead::without_issue(DayAnswer::None, why, Vec::new())),
        Found::None { why } => return Ok(DayRead::without_issue(DayAnswer::NotYet, why, Vec::new())),
        Found::Unknown { why, code } => {
            let problem = Problem::new(code, why.clone());
            return Ok(DayRead::without_issue(DayAnswer::Unknown, why, vec![problem]));
        }
    };
    let mut problems = Vec::new();
    let pages = read_pages(session, front, date, &mut problems).await?;
    let mut articles: HashMap<Url, Result<ArticleReading, Problem>> = HashMap::new();
    for link in listed(&pages) {
        if link.inline.is_none() {
            let read = read_article(session, &link.url).await?;
            articles.insert(link.url, read);
        }
    }
    let find = |url: &Url| articles.get(url).cloned().unwrap_or_else(|| Err(Problem::new(UNREAD, "it was not asked for")));
    let mut assembled = assemble(&IssueReading { pages: &pages, article: &find }, session.description);
    let unread: Vec<String> = articles.iter().filter(|(_, read)| read.is_err()).map(|(url, _)| site_id(session, url)).collect();
    let is_unread = articles.values().any(|read| read.as_ref().is_err_and(|problem| problem.code != MISSING));
    let whole = problems.is_empty() && !is_unread && !assembled.is_empty();
    let news = assembled.iter().flat_map(|page| &page.articles).filter(|article| article.kind.is_news()).count();
    // What pages without text hold is known once their PDFs are read.
    let has_pdf = |page: &PageOfIssue| page.facsimile.pdf.is_some() && session.description.fetch.pdf_megabytes > 0;
    if news == 0 && !assembled.iter().any(has_pdf) {
        let message = format!("{} pages, and no article on any of them; see whether [article] list still fits", assembled.len());
        problems.push(Problem::new("issue-no-articles", message));
    }
    measure(session, &mut assembled).await;
    let why = format!("{} pages", assembled.len());
    Ok(DayRead { answer: DayAnswer::Issue, why, pages: assembled, unread, whole, problems })
}

fn site_id(session: &Session<'_>, url: &Url) -> String {
    session.description.article_id(url).unwrap_or_else(|| stem(url))
}

/// Reads the pages that the front lists. One that cannot be read is a problem of the issue.
async fn read_pages(
    session: &mut Session<'_>,
    front: Front,
    date: NaiveDate,
    problems: &mut Vec<Problem>,
) -> Result<Vec<PageRead>, FetchError> {
    let Front { url: front_url, reading: front } = front;
    let mut pages = Vec::new();
    for link in front.pages.clone() {
        let Some(url) = link.url.clone() else {
            let reading = link.part.as_deref().cloned();
            pages.push(PageRead { link, reading });
            continue;
        };
        let reading = if url == front_url { Some(front.clone()) } else { read_page(session, &url, date, problems).await? };
        pages.push(PageRead { link, reading });
    }
    Ok(pages)
}

async fn read_page(
    session: &mut Session<'_>,
    url: &Url,
    date: NaiveDate,
    problems: &mut Vec<Problem>,
) -> Result<Option<PageReading>, FetchError> {
    let problem = match session.get(url).await {
        Ok(Got::Document { url, text, .. }) => {
            let document = Document::parse(url, text.to_string());
            return Ok(Some(page(&document, session.description, date)));
        }
        Ok(Got::Missing) => Problem::new("page-missing", format!("{url}: the list names it, and the site has not got it")),
        Ok(Got::Closed(status)) => Problem::new("page-unread", format!("{url}: the site answers {status}")),
        Err(error) if error.ends_pass() => return Err(error),
        Err(error) => Problem::new("page-unread", format!("{url}: {error}")),
    };
    problems.push(problem);
    Ok(None)
}

/// Reads an article; where the site cannot give it now, as it was when it last could.
async fn read_article(session: &mut Session<'_>, url: &Url) -> Result<Result<ArticleReading, Problem>, FetchError> {
    let problem = match session.get(url).await {
        Ok(Got::Document { url, text, lost }) => return Ok(parsed(session, url, &text, lost)),
        Ok(Got::Missing) => Problem::new(MISSING, "the list names it, and the site has not got it"),
        Ok(Got::Closed(status)) => Problem::new(UNREAD, format!("the site answers {status}")),
        Err(error) if error.ends_pass() => return Err(error),
        Err(error) => Problem::new(UNREAD, error.to_string()),
    };
    if problem.code == UNREAD
        && let Some(Got::Document { url, text, lost }) = session.kept(url).await
    {
        return Ok(parsed(session, url, &text, lost));
    }
    Ok(Err(problem))
}

/// Some sites say with a page of its own, and as if all were well, that there is nothing: what holds
/// neither headline nor text nor picture is no article, and takes the place of none.
fn parsed(session: &Session<'_>, url: Url, text: &str, lost: usize) -> Result<ArticleReading, Problem> {
    let document = Document::parse(url, text.to_owned());
    let reading = ArticleReading { lost, ..article(&document, session.description) };
    if reading.headline.is_none() && reading.paragraphs.is_empty() && reading.pictures.is_empty() {
        return Err(Problem::new("article-empty", "there is neither headline nor text nor picture; see whether [field] still fits"));
    }
    Ok(reading)
}
