//! `/hub`: where subscribers ask to be told of changes (W3C WebSub, section 5).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use super::{Served, pages};
use crate::feed::Format;
use crate::store::{HubLimits, HubWish, Wish, WishTaken};
use crate::websub::{Ask, Intent, MAX_SUBSCRIBERS, MAX_WAITING, VERIFY_WITHIN};

/// Seconds after which somebody who came when too many waited may come again.
const COME_AGAIN: &str = "60";

/// What `/hub` needs besides the store.
pub struct HubDoor {
    /// Where the present instant comes from.
    pub clock: fn() -> DateTime<Utc>,
    /// Rung when there is something to be verified.
    pub rung: Arc<Notify>,
}

/// `/hub`
pub(super) async fn hub(State(served): State<Arc<Served>>, form: Result<Bytes, BytesRejection>) -> Response {
    let Some(door) = &served.hub else { return pages::not_found(State(served)).await };
    let Ok(form) = form else { return told(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large") };
    let ask = match Ask::parse(&form) {
        Ok(ask) => ask,
        Err(error) => return told(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    if !is_topic(&served, &ask.topic) {
        return told(
            StatusCode::NOT_FOUND,
            "hub.topic is no feed of this hub; it tells of its own feeds, by the address in their rel=self",
        );
    }
    let wish = match ask.intent {
        Intent::Subscribe { secret, lease } => Wish::Subscribe { secret, lease },
        Intent::Unsubscribe => Wish::Unsubscribe,
        Intent::Publish => return told(StatusCode::ACCEPTED, "this hub notices changes by itself"),
    };
    let now = (door.clock)();
    let wish = HubWish { topic: ask.topic, callback: ask.callback, wish, expires: now + VERIFY_WITHIN, now };
    match served.store.take_wish(&wish, HubLimits { subscribers: MAX_SUBSCRIBERS, waiting: MAX_WAITING }).await {
        // What comes of it is told to the callback, not to who asks.
        Ok(WishTaken::Queued | WishTaken::Denied) => {
            door.rung.notify_one();
            told(StatusCode::ACCEPTED, "")
        }
        Ok(WishTaken::Busy) => {
            let mut response = told(StatusCode::SERVICE_UNAVAILABLE, "too many requests wait to be verified");
            response.headers_mut().insert(header::RETRY_AFTER, axum::http::HeaderValue::from_static(COME_AGAIN));
            response
        }
        Err(error) => {
            tracing::error!(%error, "a subscriber's request could not be kept");
            told(StatusCode::SERVICE_UNAVAILABLE, "the request could not be kept")
        }
    }
}

/// Whether the address is that of a published feed that everybody may read.
fn is_topic(served: &Served, topic: &str) -> bool {
    let shown = served.shown.load();
    let mut public = shown.feeds.iter().filter(|feed| feed.token.is_none());
    public.any(|feed| Format::ALL.iter().any(|format| shown.site.feed(&feed.name, *format) == topic))
}

fn told(status: StatusCode, text: &str) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, text.to_owned()).into_response()
}
