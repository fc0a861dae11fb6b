//! Pages for people, made of the store.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Serialize;

use super::answer::{MINUTE, MONTH, Selected, answer};
use super::feeds::one_form;
use super::language::interface;
use super::templates::{FEED_STYLE, ICON_ICO, ICON_SVG, STYLE, render};
use super::views::{ArticlePage, EditionPage, EditionView, FeedLink, Frame, FrontPage, Link, MessagePage, edition_link};
use super::{Served, Shown};
use crate::feed::{Encoded, Heading, Wording};
use crate::model::{ArticleId, PageLabel};
use crate::store::{EditionSummary, StoreError};

/// Editions that are looked at for the front page: the newest of each paper is shown, the others
/// are listed.
const EDITIONS_LISTED: u32 = 60;

/// Papers whose newest edition the front page shows in full; of further ones there is a link.
const PAPERS_SHOWN: usize = 8;

/// Dates of a source among which an edition's neighbours are looked for.
const DATES_LOOKED_AT: u32 = 4_000;

/// The site's name: that of its paper, where it has one.
pub(super) fn site_title(shown: &Shown) -> String {
    match shown.site.sources.as_slice() {
        [only] => only.title.clone(),
        _ => "newsboy".to_owned(),
    }
}

/// `/`
pub(super) async fn front(State(served): State<Arc<Served>>, headers: HeaderMap) -> Response {
    let shown = served.shown.load_full();
    let wording = interface(&headers, first_language(&shown));
    let read = async {
        let newest = served.store.editions(EDITIONS_LISTED).await?;
        let known = newest.into_iter().filter(|e| shown.site.source(&e.source).is_some());
        let (mut editions, mut earlier) = (Vec::<(EditionSummary, _)>::new(), Vec::new());
        for edition in known {
            let is_shown = editions.iter().any(|(e, _)| e.source == edition.source);
            if is_shown || editions.len() == PAPERS_SHOWN {
                earlier.push(edition_link(&shown.site, &edition.source, edition.date, shown.site.sources.len() > 1, wording));
            } else {
                let articles = served.store.edition(&edition.source, edition.date).await?;
                editions.push((edition, articles));
            }
        }
        Ok::<_, StoreError>(FrontPage {
            frame: Frame::new(&shown, wording, site_title(&shown), None).at(shown.site.home()),
            editions: editions.iter().map(|(edition, articles)| EditionView::new(&shown.site, edition, articles, wording)).collect(),
            earlier,
        })
    };
    match read.await {
        Ok(page) => send(&headers, StatusCode::OK, "front.html", &page),
        Err(error) => store_fails(&shown, &headers, &error),
    }
}

/// `/editions/{source}/{date}`
pub(super) async fn edition(
    State(served): State<Arc<Served>>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    match path {
        Ok(Path((source, date))) => edition_or_page(&served, &source, &date, None, &headers).await,
        Err(_) => nothing_here(&served.shown.load(), &headers),
    }
}

/// An edition, or one page of it, where `page` names one.
pub(super) async fn edition_or_page(served: &Served, source: &str, date: &str, page: Option<&str>, headers: &HeaderMap) -> Response {
    let shown = served.shown.load_full();
    let Some((source, date)) = shown.site.source(source).zip(one_form(date)) else { return nothing_here(&shown, headers) };
    let read = async {
        let articles = served.store.edition(&source.name, date).await?;
        let dates = served.store.source_dates(&source.name, DATES_LOOKED_AT).await?;
        Ok::<_, StoreError>((articles, dates))
    };
    let (articles, dates) = match read.await {
        Ok(read) => read,
        Err(error) => return store_fails(&shown, headers, &error),
    };
    if articles.is_empty() && !dates.contains(&date) {
        return nothing_here(&shown, headers);
    }
    let wording = interface(headers, &source.language);
    let site = &shown.site;
    let summary = EditionSummary { source: source.name.clone(), date, pages: 0, news: 0 };
    let mut edition = EditionView::new(site, &summary, &articles, wording);
    let (name, leaves) = (edition.name(), edition.leaves());
    let (title, address, label, previous, next) = match page {
        None => {
            let link = |date: Option<&NaiveDate>| date.map(|d| edition_link(site, &source.name, *d, false, wording));
            // Dates run downwards.
            let (previous, next) = (link(dates.iter().find(|d| **d < date)), link(dates.iter().rev().find(|d| **d > date)));
            (name, site.edition(&source.name, date), None, previous, next)
        }
        Some(page) => {
            // One form of a label, one address.
            let label = wording.page(page);
            let is_one = PageLabel::new(page).as_str() == page;
            let Some(at) = leaves.iter().position(|leaf| leaf.text == label).filter(|_| is_one) else {
                return nothing_here(&shown, headers);
            };
            edition = edition.only(&label, &articles, site);
            let (previous, next) = (at.checked_sub(1).and_then(|at| leaves.get(at)).cloned(), leaves.get(at + 1).cloned());
            (format!("{name} {label}"), site.edition_page(&source.name, date, page), Some(label), previous, next)
        }
    };
    let view = EditionPage {
        frame: Frame::new(&shown, wording, title, Some(&source.name)).at(address),
        edition,
        leaves,
        page: label,
        feed: FeedLink::of(&Heading::edition(source, date, site)),
        previous,
        next,
    };
    send(headers, StatusCode::OK, "edition.html", &view)
}

/// `/articles/{id}`
pub(super) async fn article(State(served): State<Arc<Served>>, path: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    let shown = served.shown.load_full();
    let Some(id) = path.ok().and_then(|Path(id)| ArticleId::parse(&id)) else { return nothing_here(&shown, &headers) };
    let read = async {
        let Some(stored) = served.store.article(&id).await? else { return Ok(None) };
        let edition = served.store.edition(&stored.key.source, stored.key.date).await?;
        let facsimile = if stored.article.site.is_some() { served.store.facsimile(&stored.key).await? } else { None };
        Ok::<_, StoreError>(Some((stored, edition, facsimile)))
    };
    let (stored, edition, facsimile) = match read.await {
        Ok(Some(read)) => read,
        Ok(None) => return nothing_here(&shown, &headers),
        Err(error) => return store_fails(&shown, &headers, &error),
    };
    // The article of a source that left the configuration keeps its address.
    let language = shown.site.source(&stored.key.source).map(|s| s.language.as_str()).unwrap_or_default();
    let wording = interface(&headers, language);
    let link = || edition_link(&shown.site, &stored.key.source, stored.key.date, true, wording);
    // What was never public is told first, whatever became of it since.
    if stored.held {
        let (title, text) = match wording {
            Wording::Chinese => ("尚未发布", "这篇报道还在核对，核对后会在这里发布。"),
            Wording::English => ("Not published yet", "This article is still being checked; it will stand here once that is done."),
        };
        return message(&shown, wording, StatusCode::NOT_FOUND, title, text, Some(link()));
    }
    if stored.withdrawn {
        let (title, text) = match wording {
            Wording::Chinese => ("已撤回", "这篇报道已不在报纸的这一版上，全文不再提供。"),
            Wording::English => ("Withdrawn", "The paper has taken this article off its page; its text is no longer shown."),
        };
        return message(&shown, wording, StatusCode::GONE, title, text, Some(link()));
    }
    let paper = shown.site.source(&stored.key.source).map_or(stored.key.source.as_str(), |s| s.title.as_str());
    let title = format!("{} · {paper}", stored.article.title());
    let frame = Frame::new(&shown, wording, title, Some(&stored.key.source)).at(shown.site.article(&id));
    send(&headers, StatusCode::OK, "article.html", &ArticlePage::new(frame, &shown.site, language, &stored, &edition, facsimile))
}

/// `/style.css`
pub(super) async fn style(headers: HeaderMap) -> Response {
    fixed(&headers, "text/css; charset=utf-8", STYLE.as_bytes(), MINUTE)
}

/// `/feed.css`
pub(super) async fn feed_style(headers: HeaderMap) -> Response {
    fixed(&headers, "text/css; charset=utf-8", FEED_STYLE.as_bytes(), MINUTE)
}

/// `/favicon.svg`
pub(super) async fn icon_svg(headers: HeaderMap) -> Response {
    fixed(&headers, "image/svg+xml", ICON_SVG.as_bytes(), MONTH)
}

/// `/favicon.ico`
pub(super) async fn icon_ico(headers: HeaderMap) -> Response {
    fixed(&headers, "image/x-icon", ICON_ICO, MONTH)
}

/// What newsboy brings along.
fn fixed(headers: &HeaderMap, content_type: &'static str, bytes: &'static [u8], caching: HeaderValue) -> Response {
    let encoded = Encoded::new(bytes);
    let status = StatusCode::OK;
    answer(
        headers,
        &Selected { status, content_type, encoded: &encoded, coding: None, vary: None, last_modified: None, link: None, caching },
    )
}

/// Every other path.
pub(super) async fn not_found(State(served): State<Arc<Served>>) -> Response {
    nothing_here(&served.shown.load(), &HeaderMap::new())
}

fn nothing_here(shown: &Shown, headers: &HeaderMap) -> Response {
    let wording = interface(headers, first_language(shown));
    let (title, text) = match wording {
        Wording::Chinese => ("没有这一页", "这个地址下没有内容。"),
        Wording::English => ("Nothing here", "There is nothing at this address."),
    };
    message(shown, wording, StatusCode::NOT_FOUND, title, text, None)
}

/// The answer where the store fails.
pub(super) fn store_fails(shown: &Shown, headers: &HeaderMap, error: &StoreError) -> Response {
    tracing::error!(%error, "a page could not be shown");
    let wording = interface(headers, first_language(shown));
    let (title, text) = match wording {
        Wording::Chinese => ("暂时无法打开", "暂时读不到数据，请稍后再试。"),
        Wording::English => ("Not now", "The articles cannot be read at the moment. Please try again later."),
    };
    message(shown, wording, StatusCode::SERVICE_UNAVAILABLE, title, text, None)
}

/// The language of the first paper, in which pages speak that are about none.
pub(super) fn first_language(shown: &Shown) -> &str {
    shown.site.sources.first().map(|s| s.language.as_str()).unwrap_or_default()
}

fn message(shown: &Shown, wording: Wording, status: StatusCode, title: &str, text: &str, link: Option<Link>) -> Response {
    let page = MessagePage { frame: Frame::new(shown, wording, title.to_owned(), None), message: text.to_owned(), link };
    send(&HeaderMap::new(), status, "message.html", &page)
}

/// A page as the answer to a request.
pub(super) fn send(headers: &HeaderMap, status: StatusCode, template: &'static str, page: &impl Serialize) -> Response {
    match render(template, page) {
        Ok(html) => {
            let encoded = Encoded::new(html);
            let selected = Selected {
                status,
                content_type: "text/html; charset=utf-8",
                encoded: &encoded,
                coding: None,
                vary: Some("accept-language"),
                last_modified: None,
                link: None,
                caching: MINUTE,
            };
            answer(headers, &selected)
        }
        Err(error) => {
            tracing::error!(%error, template, "a template failed");
            (StatusCode::INTERNAL_SERVER_ERROR, "this page could not be made").into_response()
        }
    }
}
