//! Feeds: those that are published, sent as they are, and those that are made on order.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::NaiveDate;

use super::answer::{FOR_EVER, MINUTE, PRIVATE_MINUTE, Selected, answer};
use super::asked::SearchAsked;
use super::encoding::{Coding, choose};
use super::{Served, Shown, freshness, pages};
use crate::feed::{Encoded, FeedConfig, Format, Heading, Listed, Representation, SourceFacts, is_version, local, opml};
use crate::jobs::order_feed::Order;
use crate::model::Secret;
use crate::store::{Store, StoreError};

/// The media type of OPML, which has none of its own that is registered.
const OPML_TYPE: &str = "text/x-opml; charset=utf-8";

/// Sections of a source that the list of feeds holds.
const SECTIONS_LISTED: usize = 100;

/// `/feeds/{feed}/{file}`: a published feed, or the way to an archive: `2026-11-20.atom`.
pub(super) async fn feed(
    State(served): State<Arc<Served>>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let shown = served.shown.load_full();
    let Ok(Path((name, file))) = path else { return pages::not_found(State(served)).await };
    let config = configured(&shown, &name);
    let Some(published) = served.publications.get(&name, &file) else {
        return match config.zip(dated(&file)) {
            Some((feed, (date, format))) if feed.token.is_none() => to_archive(&served, &shown, feed, date, format).await,
            _ => pages::not_found(State(served)).await,
        };
    };
    let Some(token) = config.and_then(|feed| feed.token.as_ref()) else { return send(&headers, &published, fresh(&served, &published)) };
    if !password(&headers).is_some_and(|password| token.matches(&password)) {
        let challenge = (header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"newsboy\", charset=\"UTF-8\""));
        let what = "this feed wants its token: as the password, with any user's name, or in the address in front of the file's name";
        return (StatusCode::UNAUTHORIZED, [challenge, NOT_KEPT], what).into_response();
    }
    send(&headers, &published, PRIVATE_MINUTE)
}

/// `/feeds/{feed}/{token}/{file}`: a feed that needs a token, for readers that cannot send one.
pub(super) async fn private(
    State(served): State<Arc<Served>>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let shown = served.shown.load_full();
    let Ok(Path((name, given, file))) = path else { return pages::not_found(State(served)).await };
    let wanted: Option<&Secret> = configured(&shown, &name).and_then(|feed| feed.token.as_ref());
    let Some((token, published)) = wanted.zip(served.publications.get(&name, &file)) else { return pages::not_found(State(served)).await };
    if !token.matches(&given) {
        return (StatusCode::FORBIDDEN, [NOT_KEPT], "this is not the feed's token").into_response();
    }
    send(&headers, &published, PRIVATE_MINUTE)
}

/// What is told to who has no token is no answer for anybody else.
const NOT_KEPT: (header::HeaderName, HeaderValue) = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// The password of HTTP's Basic authentication (RFC 7617).
fn password(headers: &HeaderMap) -> Option<String> {
    let (scheme, credentials) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
    let decoded = BASE64_STANDARD.decode(credentials.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    Some(String::from_utf8(decoded).ok()?.split_once(':')?.1.to_owned())
}

/// `/feeds/{source}/sections/{section}/{file}`
pub(super) async fn section(
    State(served): State<Arc<Served>>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let shown = served.shown.load_full();
    let Ok(Path((name, section, file))) = path else { return pages::not_found(State(served)).await };
    let order = shown.site.source(&name).map(|source| Order::Section { source, section: &section });
    ordered(&served, &shown, order, Format::of_file(&file), &headers, None).await
}

/// `/feeds/{source}/pages/{page}/{file}`
pub(super) async fn page(
    State(served): State<Arc<Served>>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let shown = served.shown.load_full();
    let Ok(Path((name, page, file))) = path else { return pages::not_found(State(served)).await };
    let order = shown.site.source(&name).map(|source| Order::Page { source, page: &page });
    ordered(&served, &shown, order, Format::of_file(&file), &headers, None).await
}

/// `/editions/{source}/{date}/{file}`
pub(super) async fn edition(
    State(served): State<Arc<Served>>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let shown = served.shown.load_full();
    let Ok(Path((name, date, file))) = path else { return pages::not_found(State(served)).await };
    let order = shown.site.source(&name).zip(one_form(&date)).map(|(source, date)| Order::Edition { source, date });
    ordered(&served, &shown, order, Format::of_file(&file), &headers, None).await
}

/// `/search.rss`, `/search.atom`, `/search.json`
pub(super) async fn search(served: Arc<Served>, query: RawQuery, headers: HeaderMap, format: Format) -> Response {
    let shown = served.shown.load_full();
    let asked = SearchAsked::parse(query.0.as_deref().unwrap_or_default());
    if asked.is_empty() {
        let what = "ask for something: ?q=WORDS, and if you like source, section, page, kind, from, to, limit and full=0";
        return (StatusCode::BAD_REQUEST, what).into_response();
    }
    let order = Order::Search { typed: &asked.typed, asked: &asked.raw, request: &asked.request, is_full: asked.is_full };
    ordered(&served, &shown, Some(order), Some(format), &headers, None).await
}

/// `/feeds/{feed}/archive/{date}/{version}/{file}`; the version `next` leads to the archive behind.
pub(super) async fn archive(
    State(served): State<Arc<Served>>,
    path: Result<Path<(String, String, String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let shown = served.shown.load_full();
    let Ok(Path((name, date, version, file))) = path else { return pages::not_found(State(served)).await };
    let public = configured(&shown, &name).filter(|feed| feed.token.is_none());
    let Some(((feed, date), format)) = public.zip(one_form(&date)).zip(Format::of_file(&file)) else {
        return pages::not_found(State(served)).await;
    };
    let archives = match served.desk.archives(feed, &shown.site).await {
        Ok(archives) => archives,
        Err(error) => return pages::store_fails(&shown, &headers, &error),
    };
    let Some(present) = archives.get(date) else { return pages::not_found(State(served)).await };
    if version == "next" {
        let behind = archives.after(date).map(|next| shown.site.archive(&name, next.date, &next.version, format));
        return lead_to(&behind.unwrap_or_else(|| shown.site.feed(&name, format)));
    }
    if present.version == version {
        return ordered(&served, &shown, Some(Order::Archive { feed, archives: &archives, date }), Some(format), &headers, Some(FOR_EVER))
            .await;
    }
    if !is_version(&version) {
        return pages::not_found(State(served)).await;
    }
    let what = "this version of the archive is no longer the present one; the subscription document leads to those that are";
    (StatusCode::GONE, [(header::CACHE_CONTROL, MINUTE)], what).into_response()
}

/// `/feeds.opml`
pub(super) async fn list(State(served): State<Arc<Served>>, headers: HeaderMap) -> Response {
    let shown = served.shown.load_full();
    let title = pages::site_title(&shown);
    let listed = match listed(&*served.store, &shown).await {
        Ok(listed) => listed,
        Err(error) => return pages::store_fails(&shown, &headers, &error),
    };
    match opml(&title, &listed) {
        Ok(bytes) => {
            let encoded = Encoded::new(bytes);
            let selected = Selected {
                status: StatusCode::OK,
                content_type: OPML_TYPE,
                encoded: &encoded,
                coding: None,
                vary: None,
                last_modified: None,
                link: None,
                caching: MINUTE,
            };
            answer(&headers, &selected)
        }
        Err(error) => {
            tracing::error!(%error, "the list of feeds could not be written");
            (StatusCode::INTERNAL_SERVER_ERROR, "the list of feeds could not be written").into_response()
        }
    }
}

/// Every feed that everybody may read, with the sections and pages of the papers.
pub(super) async fn listed(store: &dyn Store, shown: &Shown) -> Result<Vec<Listed>, StoreError> {
    let mut listed = Vec::new();
    for feed in shown.feeds.iter().filter(|feed| feed.token.is_none()) {
        let mut entry = Listed::alone(feed, &shown.site);
        if let Some(source) = own_source(shown, feed) {
            let sections = store.sections(&source.name).await?;
            entry.parts.extend(sections.iter().take(SECTIONS_LISTED).map(|s| Heading::section(source, &s.name, &shown.site)));
            let pages = store.page_labels(&source.name).await?;
            entry.parts.extend(pages.iter().take(SECTIONS_LISTED).map(|p| Heading::page(source, &p.name, &shown.site)));
        }
        listed.push(entry);
    }
    Ok(listed)
}

/// The source whose own feed this is.
fn own_source<'s>(shown: &'s Shown, feed: &FeedConfig) -> Option<&'s SourceFacts> {
    shown.site.source(&feed.name).filter(|_| feed.sources == [feed.name.as_str()])
}

fn configured<'s>(shown: &'s Shown, name: &str) -> Option<&'s FeedConfig> {
    shown.feeds.iter().find(|feed| feed.name == name)
}

/// A date in the one form that addresses have.
pub(super) fn one_form(date: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(date, "%Y-%m-%d").ok().filter(|parsed| parsed.to_string() == date)
}

/// `2026-11-20.atom`
fn dated(file: &str) -> Option<(NaiveDate, Format)> {
    let (date, ending) = file.split_once('.')?;
    Some((one_form(date)?, Format::ALL.into_iter().find(|format| format.ending() == ending)?))
}

/// Leads from a date to the present version of its archive.
async fn to_archive(served: &Arc<Served>, shown: &Shown, feed: &FeedConfig, date: NaiveDate, format: Format) -> Response {
    match served.desk.archives(feed, &shown.site).await {
        Ok(archives) => match archives.get(date) {
            Some(archive) => lead_to(&shown.site.archive(&feed.name, date, &archive.version, format)),
            None => pages::not_found(State(Arc::clone(served))).await,
        },
        Err(error) => pages::store_fails(shown, &HeaderMap::new(), &error),
    }
}

/// A redirect for now: where it leads changes.
fn lead_to(address: &str) -> Response {
    match HeaderValue::from_str(local(address)) {
        Ok(location) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location), (header::CACHE_CONTROL, MINUTE)]).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// How long a cache may keep a feed, by how long it has stood still and when a paper comes out.
fn fresh(served: &Served, feed: &Representation) -> HeaderValue {
    let shown = served.shown.load();
    freshness::caching(feed.last_modified, (served.clock)(), &shown.habits)
}

async fn ordered(
    served: &Arc<Served>,
    shown: &Shown,
    order: Option<Order<'_>>,
    format: Option<Format>,
    headers: &HeaderMap,
    caching: Option<HeaderValue>,
) -> Response {
    let Some((order, format)) = order.zip(format) else { return pages::not_found(State(Arc::clone(served))).await };
    match served.desk.fill(&order, &shown.site, format).await {
        Ok(Some(feed)) => {
            let caching = caching.unwrap_or_else(|| fresh(served, &feed));
            send(headers, &feed, caching)
        }
        Ok(None) => pages::not_found(State(Arc::clone(served))).await,
        Err(error) => {
            tracing::error!(%error, "a feed on order could not be made");
            (StatusCode::SERVICE_UNAVAILABLE, "this feed cannot be made at the moment").into_response()
        }
    }
}

/// What of a request a feed's answer depends on.
const FEED_VARIES_BY: &str = "accept-encoding, accept";

/// The media type of a feed for who asks. A browser shows the feed by its style sheet only where it is
/// called XML, and as a heap of tags, or not at all, where it is called what it is. Feed readers ask for
/// no `text/html`.
fn shown_as(headers: &HeaderMap, own: &'static str) -> &'static str {
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let is_xml = own.contains("+xml");
    if is_xml && accepts.contains("text/html") { "application/xml; charset=utf-8" } else { own }
}

fn send(headers: &HeaderMap, feed: &Representation, caching: HeaderValue) -> Response {
    let Some(coding) = choose(headers) else {
        let what = "this feed is sent as it is, or as gzip or br; the request accepts none of them";
        return (StatusCode::NOT_ACCEPTABLE, [(header::VARY, HeaderValue::from_static(FEED_VARIES_BY))], what).into_response();
    };
    let selected = Selected {
        status: StatusCode::OK,
        content_type: shown_as(headers, feed.content_type),
        encoded: match coding {
            Coding::Identity => &feed.identity,
            Coding::Gzip => &feed.gzip,
            Coding::Brotli => &feed.brotli,
        },
        coding: coding.name(),
        vary: Some(FEED_VARIES_BY),
        last_modified: Some(feed.last_modified),
        link: feed.link.as_deref(),
        caching,
    };
    answer(headers, &selected)
}
