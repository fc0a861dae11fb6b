//! The PDF of a page of which the site has no text.
//!
//! It is kept beside the site's other answers, so that it is asked for again only when it has changed, and
//! so that a pass which was broken off before its page was stored has not lost it.

use reqwest::Url;
use reqwest::header::{ETAG, LAST_MODIFIED};

use super::fetch::{FetchError, Session};
use super::read::{IMAGE_ONLY, PageOfIssue};
use crate::model::{KeptDocument, PagePdf, Problem};

/// The type that PDFs are kept under, whatever the site calls them.
const MEDIA_TYPE: &str = "application/pdf";

/// The code of a page's problem whose PDF could not be had this time.
const UNREAD: &str = "page-pdf-unread";

/// Bytes at a file's beginning among which the sign of a PDF stands; some writers put a few before it.
const SIGN_WITHIN: usize = 1024;

/// The PDF of a page that has no text and names one. Where it cannot be had, the page says why.
///
/// Problems: `page-pdf-missing` (there is none), [`UNREAD`].
///
/// # Errors
///
/// Every further request will fail as well.
pub(super) async fn pdf_of(session: &mut Session<'_>, page: &mut PageOfIssue) -> Result<Option<PagePdf>, FetchError> {
    let has_no_text = page.articles.is_empty() && page.problems.iter().any(|problem| problem.code == IMAGE_ONLY);
    if !has_no_text || session.description.fetch.pdf_megabytes == 0 {
        return Ok(None);
    }
    let Some(url) = page.facsimile.pdf.as_deref().and_then(|url| url.parse::<Url>().ok()) else { return Ok(None) };
    let (code, why) = match file(session, &url).await {
        Ok(Some(bytes)) if is_pdf(&bytes) => return Ok(Some(PagePdf::Bytes(bytes))),
        Ok(Some(_)) => ("page-pdf-missing", "what the site gives is no PDF".to_owned()),
        Ok(None) => ("page-pdf-missing", "the page names it, and the site has not got it".to_owned()),
        Err(error) if error.ends_pass() => return Err(error),
        Err(error) => (UNREAD, error.to_string()),
    };
    page.whole &= code != UNREAD;
    page.problems.push(Problem::new(code, format!("{url}: {why}")));
    Ok(Some(PagePdf::Unread))
}

fn is_pdf(bytes: &[u8]) -> bool {
    bytes.windows(5).take(SIGN_WITHIN).any(|window| window == b"%PDF-")
}

/// A file as it is now; where the site cannot give it, as it was when it last could; `None` where there is
/// none.
async fn file(session: &mut Session<'_>, url: &Url) -> Result<Option<Vec<u8>>, FetchError> {
    let url = session.fold(url.clone());
    let kept = session.shelved(&url).await?;
    // One file of the whole issue may stand on every page.
    if !session.files.insert(url.clone()) {
        return Ok(kept.map(|kept| kept.body));
    }
    match ask(session, &url, kept.as_ref()).await {
        Ok(Some(fresh)) => {
            if kept.as_ref().is_none_or(|kept| kept.body != fresh.body) {
                session.changed += 1;
            }
            session.shelve(&url, &fresh).await?;
            Ok(Some(fresh.body))
        }
        Ok(None) => Ok(None),
        Err(error) if error.ends_pass() => Err(error),
        Err(error) => kept.map(|kept| Some(kept.body)).ok_or(error),
    }
}

/// Asks for a file and follows where it leads.
async fn ask(session: &mut Session<'_>, url: &Url, kept: Option<&KeptDocument>) -> Result<Option<KeptDocument>, FetchError> {
    let (mut at, limit) = (url.clone(), session.description.fetch.redirects);
    let megabytes = session.description.fetch.pdf_megabytes as usize;
    for _ in 0..=limit {
        session.check_host(&at)?;
        let answer = session.answer(&at, kept, megabytes * 1024 * 1024).await?;
        if let Some(next) = answer.redirect() {
            at = next;
            continue;
        }
        let text = |name| answer.header(name).map(str::to_owned);
        let (etag, last_modified) = (text(ETAG), text(LAST_MODIFIED));
        return match (answer.status.as_u16(), kept) {
            (304, Some(kept)) => Ok(Some(kept.clone())),
            (200..=299, _) => Ok(Some(KeptDocument { etag, last_modified, content_type: Some(MEDIA_TYPE.to_owned()), body: answer.body })),
            (404 | 410, _) => Ok(None),
            (status, _) => Err(FetchError::Unanswered(format!("the site answers {status}"))),
        };
    }
    Err(FetchError::Redirects { limit })
}
