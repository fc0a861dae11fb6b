//! Yesterday's issue under today's address: some sites answer any date with the issue that they have.
//!
//! Where nothing on the page prints a date, the articles alone tell. So a number for each article of an
//! issue is kept beside the site's answers, and an issue whose articles are those of a day before is none.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use super::fetch::{FetchError, Session};
use super::read::PageOfIssue;
use crate::model::{ContentHash, KeptDocument};

/// Days before an issue whose issues it is held against: papers pause for a week and more over the
/// Spring Festival.
const BACK: u64 = 10;

/// Articles that an issue has at least to be told by them. One alone may be the same each day, such as
/// the hours of the paper's own desk.
const LEAST: usize = 2;

/// The share of both issues' articles, in tenths, that must be the same. A correction or two makes no new
/// issue, and no paper prints most of its articles twice.
const TENTHS: usize = 8;

/// The earlier day whose issue this one is, if it is one of these.
///
/// # Errors
///
/// What is remembered could not be read.
pub(super) async fn earlier(session: &Session<'_>, date: NaiveDate, pages: &[PageOfIssue]) -> Result<Option<NaiveDate>, FetchError> {
    let own = marks(pages);
    if own.len() < LEAST {
        return Ok(None);
    }
    for back in 1..=BACK {
        let Some(day) = date.checked_sub_days(Days::new(back)) else { break };
        let Some(kept) = session.noted(&name(day)).await? else { continue };
        // What cannot be read was written by another version, and tells nothing.
        let other: BTreeSet<i64> = serde_json::from_slice(&kept.body).unwrap_or_default();
        if own.intersection(&other).count() * 10 >= own.len().max(other.len()) * TENTHS {
            return Ok(Some(day));
        }
    }
    Ok(None)
}

/// Keeps what tells the issue of a day from others.
///
/// # Errors
///
/// It could not be written.
pub(super) async fn remember(session: &Session<'_>, date: NaiveDate, pages: &[PageOfIssue]) -> Result<(), FetchError> {
    // A list of numbers always has a form in JSON.
    let body = serde_json::to_vec(&marks(pages)).unwrap_or_default();
    let (name, kept) = (name(date), KeptDocument { etag: None, last_modified: None, content_type: None, body });
    if session.noted(&name).await?.as_ref() == Some(&kept) {
        return Ok(());
    }
    session.note(&name, &kept).await
}

/// The name under which the numbers of a day are kept: no address of a site looks so.
fn name(date: NaiveDate) -> String {
    format!("issue:{date}")
}

/// A number for the text of each article, whatever its address and its page.
fn marks(pages: &[PageOfIssue]) -> BTreeSet<i64> {
    let news = pages.iter().flat_map(|page| &page.articles).filter(|article| article.kind.is_news());
    let text = |article: &crate::model::Article| format!("{}\n{}", article.headline.as_deref().unwrap_or_default(), article.body());
    news.map(|article| ContentHash::of(text(article).as_bytes()).number()).collect()
}
