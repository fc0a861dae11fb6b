//! How large the pictures and files of an issue are: asked for by HEAD, which hands nothing over.
//!
//! RSS names an enclosure only with its size and type, and a site's pages tell neither. So a paper whose
//! description says `picture.measure = true` is asked, once for each address: for the first picture of an
//! article, which is the one that becomes its enclosure, and for what shows the whole page.

use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Method, Url};

use super::fetch::Session;
use super::read::PageOfIssue;
use crate::model::{KeptDocument, Measure};
use crate::outgoing::{Answer, Request};

/// Measures what the pages of an issue show, where the description wants it.
///
/// What cannot be measured stays without a measure, and is no problem of the issue: nothing is missing
/// from the paper.
pub(super) async fn measure(session: &mut Session<'_>, pages: &mut [PageOfIssue]) {
    if !session.description.picture.measure {
        return;
    }
    for page in pages {
        for article in &mut page.articles {
            if let Some(picture) = article.site.as_deref_mut().and_then(|site| site.pictures.first_mut()) {
                picture.measure = of(session, &picture.url).await;
            }
        }
        let facsimile = &mut page.facsimile;
        if let Some(image) = &facsimile.image {
            facsimile.image_measure = of(session, image).await;
        }
        if let Some(pdf) = &facsimile.pdf {
            facsimile.pdf_measure = of(session, pdf).await;
        }
    }
}

/// The measure of what stands at an address, which is asked for once: what a paper has printed does not
/// change its size.
async fn of(session: &mut Session<'_>, url: &str) -> Option<Measure> {
    let url: Url = url.parse().ok()?;
    if let Some(kept) = session.shelved(&url).await.ok()? {
        return of_kept(&kept);
    }
    // Whatever keeps the answer from coming, a spent budget and robots.txt among them, may let it come
    // in another pass.
    let answer = session.once(Request { method: Method::HEAD, ..Request::get(url.clone()) }, session.body_limit()).await.ok()?.ok()?;
    if answer.status.is_server_error() {
        return None;
    }
    let kept = kept_of(&answer);
    // What cannot be kept is asked for again.
    let _ = session.shelve(&url, &kept).await;
    of_kept(&kept)
}

/// An answer to HEAD as it is kept: in place of a body, which it has not, the length that it names. A
/// packed answer names another one, and what is not there or leads elsewhere none at all.
fn kept_of(answer: &Answer) -> KeptDocument {
    let is_whole = answer.status.is_success() && answer.header(CONTENT_ENCODING).is_none_or(|encoding| encoding == "identity");
    let length = answer.header(CONTENT_LENGTH).filter(|_| is_whole).unwrap_or_default();
    KeptDocument {
        etag: None,
        last_modified: None,
        content_type: answer.header(CONTENT_TYPE).map(str::to_owned),
        body: length.as_bytes().to_vec(),
    }
}

fn of_kept(kept: &KeptDocument) -> Option<Measure> {
    // A file of no bytes is none.
    let bytes = std::str::from_utf8(&kept.body).ok()?.trim().parse::<u64>().ok().filter(|bytes| *bytes > 0)?;
    let essence = |kind: &str| kind.split(';').next().map(|kind| kind.trim().to_ascii_lowercase());
    Some(Measure { bytes, media_type: kept.content_type.as_deref().and_then(essence).filter(|kind| !kind.is_empty()) })
}
