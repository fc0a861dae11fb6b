//! Feeds, sent as they were published.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::answer::{MINUTE, Selected, answer};
use super::encoding::{Coding, choose};
use super::{Served, pages};

/// `/feeds/{feed}/{file}`
pub(super) async fn feed(
    State(served): State<Arc<Served>>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let published = path.ok().and_then(|Path((feed, file))| served.publications.get(&feed, &file));
    let Some(published) = published else { return pages::not_found(State(served)).await };
    let Some(coding) = choose(&headers) else {
        let what = "this feed is sent as it is, or as gzip or br; the request accepts none of them";
        return (StatusCode::NOT_ACCEPTABLE, [(header::VARY, HeaderValue::from_static("accept-encoding"))], what).into_response();
    };
    let selected = Selected {
        status: StatusCode::OK,
        content_type: published.content_type,
        encoded: match coding {
            Coding::Identity => &published.identity,
            Coding::Gzip => &published.gzip,
            Coding::Brotli => &published.brotli,
        },
        coding: coding.name(),
        varies: true,
        last_modified: Some(published.last_modified),
        caching: MINUTE,
    };
    answer(&headers, &selected)
}
