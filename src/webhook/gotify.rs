//! `kind = "gotify"`: an application of Gotify.
//!
//! <https://gotify.net/docs/pushmsg>, <https://gotify.net/docs/msgextras>.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::endpoint::link;
use super::markup::{commonmark, markdown_item, markdown_link};
use super::pack::{self, Order, json_bytes};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{Settings, TOKEN, URL};
use super::text::{TextStyle, text_messages};
use crate::model::{Digest, DueDelivery, Message, Outcome, Secret};

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "gotify", settings: &[URL, TOKEN], parse: Config::parse };

/// Bytes of a message. Gotify states none; this is newsboy's own, because what is longer nobody reads on a
/// telephone.
const MESSAGE_BYTES: usize = 60_000;

/// Bytes of a title; newsboy's own limit.
const TITLE_BYTES: usize = 600;

/// The priority at which its application makes a sound (the page above).
const PRIORITY: u8 = 5;

/// Its settings.
struct Config {
    server: Endpoint,
    token: Secret,
}

impl Config {
    fn parse(settings: &Settings) -> Result<Arc<dyn Service>, DestinationError> {
        Ok(Arc::new(Self { server: settings.url()?, token: settings.required_secret(TOKEN.name)? }))
    }
}

#[derive(Serialize)]
struct Body<'a> {
    title: &'a str,
    message: &'a str,
    priority: u8,
    extras: &'a Value,
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits { message: Some(MESSAGE_BYTES), title: Some(TITLE_BYTES), ..Limits::none(Unit::Bytes) }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        let mut extras = json!({ "client::display": { "contentType": "text/markdown" } });
        if let Some(url) = link(&digest.link) {
            extras["client::notification"] = json!({ "click": { "url": url } });
        }
        let style = TextStyle {
            room: MESSAGE_BYTES,
            measure: json_bytes,
            items: usize::MAX,
            title: TITLE_BYTES,
            between: "\n\n",
            escape: commonmark,
            lead: &|_| String::new(),
            item: &|shown| markdown_item(shown, commonmark, "**", "\n\n"),
            link: markdown_link,
            body: &|title, text| pack::json(&Body { title, message: text, priority: PRIORITY, extras: &extras }),
        };
        text_messages(digest, order, &style)
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        Call::post_to(self.server.below(&["message"]), vec![("x-gotify-key", self.token.expose().to_owned())], delivery.body.clone())
    }

    fn judge(&self, answer: &Answer) -> Outcome {
        answer.by_status()
    }
}
