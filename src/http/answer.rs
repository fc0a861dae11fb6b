//! Answers: a representation under the request's conditions.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use hyper::body::Frame;

use super::conditional::{Verdict, evaluate};
use crate::feed::Encoded;

/// How long a cache may keep an answer before it asks again, in seconds. A page of the paper that
/// lands is to be read within a minute.
pub(super) const MINUTE: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// The same for what only some may read: no cache that others share keeps it.
pub(super) const PRIVATE_MINUTE: HeaderValue = HeaderValue::from_static("private, max-age=60");

/// The same for what never changes under its address: a year, which is as good as for ever
/// (RFC 8246 for `immutable`).
pub(super) const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The same for what changes with newsboy's version at most: thirty days.
pub(super) const MONTH: HeaderValue = HeaderValue::from_static("public, max-age=2592000");

/// A representation that was selected for a request.
pub(super) struct Selected<'a> {
    pub(super) status: StatusCode,
    pub(super) content_type: &'static str,
    pub(super) encoded: &'a Encoded,
    /// `Content-Encoding`, where the bytes are encoded.
    pub(super) coding: Option<&'static str>,
    /// The request's headers that other representations are chosen by: `Vary`.
    pub(super) vary: Option<&'static str>,
    pub(super) last_modified: Option<DateTime<Utc>>,
    /// `Link`, where there is one.
    pub(super) link: Option<&'a str>,
    /// `Cache-Control` where the answer is no failure.
    pub(super) caching: HeaderValue,
}

/// A body that is not sent, as opposed to one of no bytes: of the latter axum would tell the
/// length, and a 304 must tell no length but that of the 200 (RFC 9110, section 8.6).
struct Absent;

impl hyper::body::Body for Absent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }
}

/// The answer to a `GET`; for a `HEAD` the server leaves the body out.
///
/// A 304 carries what section 15.4.5 of RFC 9110 asks for and no more.
pub(super) fn answer(headers: &HeaderMap, selected: &Selected<'_>) -> Response {
    let verdict = match selected.status {
        StatusCode::OK => evaluate(headers, &selected.encoded.etag, selected.last_modified),
        // Conditions are void where the answer without them is no success (section 13.2.1).
        _ => Verdict::Send,
    };
    let (status, body) = match verdict {
        Verdict::Send => (selected.status, Body::from(selected.encoded.bytes.clone())),
        Verdict::NotModified => (StatusCode::NOT_MODIFIED, Body::new(Absent)),
        Verdict::PreconditionFailed => (StatusCode::PRECONDITION_FAILED, Body::empty()),
    };
    let mut response = (status, body).into_response();
    let mut set = |name: HeaderName, value: HeaderValue| response.headers_mut().insert(name, value);
    if status == StatusCode::PRECONDITION_FAILED {
        return response;
    }
    // A failure is over when it is over.
    set(header::CACHE_CONTROL, if status.is_server_error() { HeaderValue::from_static("no-store") } else { selected.caching.clone() });
    if let Some(vary) = selected.vary {
        set(header::VARY, HeaderValue::from_static(vary));
    }
    if selected.status == StatusCode::OK
        && let Ok(etag) = HeaderValue::from_str(&selected.encoded.etag)
    {
        set(header::ETAG, etag);
    }
    // A subscriber looks for the hub in whatever answer it gets.
    if let Some(link) = selected.link.and_then(|link| HeaderValue::from_str(link).ok()) {
        set(header::LINK, link);
    }
    if status == StatusCode::NOT_MODIFIED {
        return response;
    }
    set(header::CONTENT_TYPE, HeaderValue::from_static(selected.content_type));
    if let Some(coding) = selected.coding {
        set(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    if let Some(modified) = selected.last_modified
        && let Ok(date) = HeaderValue::from_str(&httpdate::fmt_http_date(modified.into()))
    {
        set(header::LAST_MODIFIED, date);
    }
    response
}
