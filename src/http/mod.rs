//! HTTP: the published feeds, and pages for people.
//!
//! Feeds are sent from memory, as they were compressed when they were published; pages are made of
//! the store at each request. Everything is read-only: `GET` and `HEAD`, no cookies, no scripts.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;

use crate::feed::{FeedConfig, Format, Publications, Site};
use crate::jobs::order_feed::OrderDesk;
use crate::store::SharedStore;
use crate::websub::MAX_FORM_BYTES;

mod answer;
mod asked;
mod conditional;
mod encoding;
mod feeds;
mod find;
mod freshness;
mod hub;
mod language;
mod pages;
mod serve;
mod status;
mod templates;
#[cfg(test)]
mod tests;
mod texts;
mod twin;
mod views;

pub use freshness::Habit;
pub use hub::HubDoor;
pub use serve::serve;
pub use status::{NextSlots, StatusPage};
pub use twin::{TwinFile, walk};

/// How long a request may take before it is answered with 503.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Requests that are worked on at once; further ones are answered with 503 at once, for a queue
/// would only make every one of them late.
const MAX_REQUESTS: usize = 256;

/// How long the store has to answer for `/health`.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);

/// What the pages may do: take their style sheet and their icon from here, and nothing else.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);

/// What requests are answered from.
pub struct Served {
    /// Where articles and editions are read.
    pub store: SharedStore,
    /// The feeds as they are published.
    pub publications: Arc<Publications>,
    /// What the configuration says of papers and feeds; swapped when it is read again.
    pub shown: ArcSwap<Shown>,
    /// Where feeds are made on order.
    pub desk: OrderDesk,
    /// Where the present instant comes from.
    pub clock: fn() -> DateTime<Utc>,
    /// What `/hub` needs; without it there is no such page.
    pub hub: Option<HubDoor>,
    /// What `/status` needs; without it there is no such page.
    pub status: Option<StatusPage>,
}

/// What the configuration says of papers and feeds.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Public address and papers.
    pub site: Site,
    /// The feeds, in the order in which they are listed.
    pub feeds: Vec<FeedConfig>,
    /// When the papers come out.
    pub habits: Vec<Habit>,
}

/// The routes:
///
/// | path | what |
/// |---|---|
/// | `/` | today's papers and all feeds |
/// | `/editions/{source}/{date}` | an edition, page by page |
/// | `/articles/{id}` | an article's permanent address; 410 once it is withdrawn, 404 while it is held |
/// | `/editions/{source}/{date}/{page}` | one page of it |
/// | `/editions/{source}/{date}/rss.xml`, `atom.xml`, `feed.json` | the edition as a feed |
/// | `/feeds` | all feeds, and a form that builds one |
/// | `/feeds.opml` | all feeds, for readers to import |
/// | `/feeds/{feed}/rss.xml`, `atom.xml`, `feed.json` | a feed; 401 where it wants a token |
/// | `/feeds/{feed}/{token}/rss.xml`, … | the same, for readers that cannot send a password; 403 for another token |
/// | `/feeds/{source}/sections/{section}/rss.xml`, … | a section of a paper |
/// | `/feeds/{source}/pages/{page}/rss.xml`, … | one page of all its editions |
/// | `/feeds/{feed}/archive/{date}/{version}/rss.xml`, … | an archive; 410 for a version that is not the present one |
/// | `/feeds/{feed}/{date}.rss`, `.atom`, `.json` | leads to the archive of a date |
/// | `/search` | articles by words; `/search.rss`, `.atom`, `.json` the same as a feed |
/// | `/hub` | where subscribers ask to be told of changes (POST) |
/// | `/style.css`, `/feed.css` | the style sheets of pages and feeds |
/// | `/favicon.svg`, `/favicon.ico` | the pages' icon; browsers ask for the second unasked |
/// | `/status` | how newsboy stands, for who has the token; 404 where none is configured |
/// | `/metrics` | the same in numbers, for Prometheus |
/// | `/health` | `ok` while the store answers, else 503 |
pub fn router(served: Arc<Served>) -> Router {
    let bounds = Bounds { places: Semaphore::new(MAX_REQUESTS), time: REQUEST_TIMEOUT };
    Router::new()
        .route("/", get(pages::front))
        .route("/editions/{source}/{date}", get(pages::edition))
        .route("/articles/{id}", get(pages::article))
        .route("/editions/{source}/{date}/{part}", get(edition_part))
        .route("/feeds", get(find::feeds))
        .route("/feeds.opml", get(feeds::list))
        .route("/feeds/{feed}/{file}", get(feeds::feed))
        .route("/feeds/{feed}/{token}/{file}", get(feeds::private))
        .route("/feeds/{source}/sections/{section}/{file}", get(feeds::section))
        .route("/feeds/{source}/pages/{page}/{file}", get(feeds::page))
        .route("/feeds/{feed}/archive/{date}/{version}/{file}", get(feeds::archive))
        .route("/search", get(find::search))
        .route("/search.rss", get(async |State(served), query, headers| feeds::search(served, query, headers, Format::Rss).await))
        .route("/search.atom", get(async |State(served), query, headers| feeds::search(served, query, headers, Format::Atom).await))
        .route("/search.json", get(async |State(served), query, headers| feeds::search(served, query, headers, Format::Json).await))
        .route("/hub", post(hub::hub).layer(DefaultBodyLimit::max(MAX_FORM_BYTES)))
        .route("/style.css", get(pages::style))
        .route("/feed.css", get(pages::feed_style))
        .route("/favicon.svg", get(pages::icon_svg))
        .route("/favicon.ico", get(pages::icon_ico))
        .route("/status", get(status::status))
        .route("/metrics", get(status::metrics))
        .route("/health", get(health))
        .fallback(pages::not_found)
        .layer(middleware::from_fn_with_state(Arc::new(bounds), bounded))
        .with_state(served)
}

/// `/editions/{source}/{date}/{part}`: the edition as a feed, or one page of it.
async fn edition_part(
    State(served): State<Arc<Served>>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    match path {
        Ok(Path((source, date, page))) if Format::of_file(&page).is_none() => {
            pages::edition_or_page(&served, &source, &date, Some(&page), &headers).await
        }
        path => feeds::edition(State(served), path, headers).await,
    }
}

/// What requests may take.
struct Bounds {
    places: Semaphore,
    time: Duration,
}

/// Bounds the number of requests and the time of each, and sets what every answer carries.
async fn bounded(State(bounds): State<Arc<Bounds>>, request: Request, next: Next) -> Response {
    let mut response = match bounds.places.try_acquire() {
        Err(_) => busy("too many requests at once"),
        Ok(_place) => match tokio::time::timeout(bounds.time, next.run(request)).await {
            Ok(response) => response,
            Err(_) => busy("the answer took too long"),
        },
    };
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    response
}

fn busy(why: &'static str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], why).into_response()
}

async fn health(State(served): State<Arc<Served>>) -> Response {
    // What is wrong goes to the log: anybody may ask, and errors name paths.
    let (status, text) = match tokio::time::timeout(HEALTH_TIMEOUT, served.store.editions(1)).await {
        Ok(Ok(_)) => (StatusCode::OK, "ok"),
        Ok(Err(error)) => {
            tracing::error!(%error, "the store fails");
            (StatusCode::SERVICE_UNAVAILABLE, "the store fails; the log has the reason")
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer"),
    };
    (status, [(header::CACHE_CONTROL, "no-store")], text).into_response()
}
