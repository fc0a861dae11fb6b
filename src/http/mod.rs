//! HTTP: the published feeds, and pages for people.
//!
//! Feeds are sent from memory, as they were compressed when they were published; pages are made of
//! the store at each request. Everything is read-only: `GET` and `HEAD`, no cookies, no scripts.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::sync::Semaphore;

use crate::feed::{FeedConfig, Publications, Site};
use crate::store::SharedStore;

mod answer;
mod conditional;
mod encoding;
mod feeds;
mod pages;
mod serve;
mod status;
mod templates;
#[cfg(test)]
mod tests;
mod views;

pub use serve::serve;
pub use status::{NextSlots, StatusPage};

/// How long a request may take before it is answered with 503.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Requests that are worked on at once; further ones are answered with 503 at once, for a queue
/// would only make every one of them late.
const MAX_REQUESTS: usize = 256;

/// How long the store has to answer for `/health`.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);

/// What the pages may do: take their style sheet and their icon from here, and nothing else.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// What requests are answered from.
pub struct Served {
    /// Where articles and editions are read.
    pub store: SharedStore,
    /// The feeds as they are published.
    pub publications: Arc<Publications>,
    /// What the configuration says of papers and feeds; swapped when it is read again.
    pub shown: ArcSwap<Shown>,
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
}

/// The routes:
///
/// | path | what |
/// |---|---|
/// | `/` | today's papers and all feeds |
/// | `/editions/{source}/{date}` | an edition, page by page |
/// | `/articles/{id}` | an article's permanent address; 410 once it is withdrawn, 404 while it is held |
/// | `/feeds/{feed}/rss.xml`, `atom.xml`, `feed.json` | a feed |
/// | `/style.css` | the pages' style sheet |
/// | `/favicon.svg`, `/favicon.ico` | the pages' icon; browsers ask for the second unasked |
/// | `/status` | how newsboy stands, for who has the token; 404 where none is configured |
/// | `/health` | `ok` while the store answers, else 503 |
pub fn router(served: Arc<Served>) -> Router {
    let bounds = Bounds { places: Semaphore::new(MAX_REQUESTS), time: REQUEST_TIMEOUT };
    Router::new()
        .route("/", get(pages::front))
        .route("/editions/{source}/{date}", get(pages::edition))
        .route("/articles/{id}", get(pages::article))
        .route("/feeds/{feed}/{file}", get(feeds::feed))
        .route("/style.css", get(pages::style))
        .route("/favicon.svg", get(pages::icon_svg))
        .route("/favicon.ico", get(pages::icon_ico))
        .route("/status", get(status::status))
        .route("/health", get(health))
        .fallback(pages::not_found)
        .layer(middleware::from_fn_with_state(Arc::new(bounds), bounded))
        .with_state(served)
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
