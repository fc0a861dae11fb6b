//! `kind = "matrix"`: a room of Matrix, by an account's access token.
//!
//! <https://spec.matrix.org/v1.11/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid>.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::endpoint::link;
use super::markup::{html, html_link, plain_item, plain_link};
use super::pack::{self, Order, Packing, Part, Shown, bytes, json_bytes, messages};
use super::service::{Answer, Call, JSON, Limits, Request, Service, Unit};
use super::settings::{Setting, Settings, TOKEN, URL};
use super::text::ending;
use crate::model::{Digest, DueDelivery, Message, Outcome, Secret};

/// The room: `!id:server`.
const ROOM: Setting = Setting::text("room");

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "matrix", settings: &[URL, TOKEN, ROOM], parse: Config::parse };

/// Bytes of a whole event: <https://spec.matrix.org/v1.11/client-server-api/#size-limits>.
const EVENT_BYTES: usize = 65_536;

/// Bytes that the server needs for what it adds to an event: sender, room, signatures, earlier events.
const SERVER_BYTES: usize = 8_000;

/// Bytes of a title; newsboy's own limit, so that a title leaves room for items.
const TITLE_BYTES: usize = 600;

/// Its settings.
struct Config {
    server: Endpoint,
    token: Secret,
    room: String,
}

impl Config {
    fn parse(settings: &Settings) -> Result<Arc<dyn Service>, DestinationError> {
        let room = settings.required_text(ROOM.name)?;
        if !room.starts_with('!') {
            return Err(DestinationError::Value {
                setting: ROOM.name,
                why: format!(
                    "is {room:?}, expected a room's internal id such as \"!abc:example.org\", which its settings show under \"Advanced\""
                ),
            });
        }
        Ok(Arc::new(Self { server: settings.url()?, token: settings.required_secret(TOKEN.name)?, room }))
    }
}

#[derive(Serialize)]
struct Body<'a> {
    msgtype: &'static str,
    body: &'a str,
    format: &'static str,
    formatted_body: &'a str,
    /// Nobody is mentioned: <https://spec.matrix.org/v1.11/client-server-api/#user-and-room-mentions>.
    #[serde(rename = "m.mentions")]
    mentions: Mentions,
}

#[derive(Serialize)]
struct Mentions {}

/// An item for clients that show HTML and for those that do not.
struct Item {
    html: String,
    plain: String,
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits { message: Some(EVENT_BYTES - SERVER_BYTES), title: Some(TITLE_BYTES), ..Limits::none(Unit::Bytes) }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        let render = |part: &Part<'_, Item>| {
            let title = pack::title(digest, order, part.label, TITLE_BYTES, |c| html(c.encode_utf8(&mut [0; 4])).len());
            let (mut formatted, mut body) = (format!("<h3>{}</h3>", html(&title)), title);
            for item in part.items {
                formatted.push_str(&item.html);
                body = body + "\n\n" + &item.plain;
            }
            if let Some(text) = ending(digest, part.last, part.items.is_empty()) {
                let link = link(&digest.link);
                formatted.push_str(&format!("<p>{}</p>", html_link(&html(text), link.as_deref())));
                body = body + "\n\n" + &plain_link(text, link.as_deref());
            }
            let format = "org.matrix.custom.html";
            pack::json(&Body { msgtype: "m.text", body: &body, format, formatted_body: &formatted, mentions: Mentions {} })
        };
        let packing = Packing {
            room: EVENT_BYTES - SERVER_BYTES,
            items: usize::MAX,
            frame: &|part| bytes(&render(part)),
            weigh: &|item: &Item| json_bytes(&item.html) + json_bytes(&item.plain) + json_bytes("\n\n"),
            escape: html,
            show: &|shown| Some(item(shown)),
            render: &render,
        };
        messages(digest, order, &packing)
    }

    /// The delivery's id is the transaction's: sent twice, it is one event.
    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        let path = ["_matrix", "client", "v3", "rooms", &self.room, "send", "m.room.message", delivery.id.as_str()];
        Call::Http(Request {
            method: reqwest::Method::PUT,
            url: self.server.below(&path),
            content_type: JSON,
            headers: vec![("authorization", format!("Bearer {}", self.token.expose()))],
            body: delivery.body.clone(),
        })
    }

    /// Success is an `event_id`. Errors: <https://spec.matrix.org/v1.11/client-server-api/#standard-error-response>.
    fn judge(&self, answer: &Answer) -> Outcome {
        let code = answer.said("errcode");
        let error = answer.said("error");
        match (answer.status, code.as_str()) {
            (200..=299, _) if answer.json["event_id"].is_string() => Outcome::Delivered,
            (200..=299, _) => answer.without("an event_id"),
            (_, "M_TOO_LARGE") => Outcome::Split { why: format!("M_TOO_LARGE: the message is too long ({error})") },
            (_, "M_LIMIT_EXCEEDED") => answer.retry(format!("M_LIMIT_EXCEEDED: too many messages ({error})")),
            (_, "M_UNKNOWN_TOKEN" | "M_MISSING_TOKEN") => Outcome::GaveUp { why: format!("{code}: check token ({error})") },
            (_, "M_FORBIDDEN") => {
                Outcome::GaveUp { why: format!("M_FORBIDDEN: the account is not in the room or may not write there ({error})") }
            }
            _ => answer.by_status(),
        }
    }
}

/// An item: its title as a link, its place, its summary.
fn item(shown: &Shown<'_>) -> Item {
    if let Some(own) = &shown.own {
        return Item { html: format!("<p>{own}</p>"), plain: plain_item(shown) };
    }
    let title = html_link(&html(&shown.title), shown.url);
    let summary = shown.summary.map(|s| format!("<br>{}", html(s))).unwrap_or_default();
    Item { html: format!("<p>{title}{}{summary}</p>", shown.behind_title(html)), plain: plain_item(shown) }
}
