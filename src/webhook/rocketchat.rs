//! `kind = "rocketchat"`: Rocket.Chat's incoming webhooks.
//!
//! <https://docs.rocket.chat/docs/integrations#incoming-webhooks>.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::markup::{full_width, markdown_item, markdown_link};
use super::pack::{self, Order, utf16};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{Settings, URL};
use super::text::{TextStyle, text_messages};
use crate::model::{Digest, DueDelivery, Message, Outcome};

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "rocketchat", settings: &[URL], parse: Config::parse };

/// Characters of a message, unless the server's setting `Message_MaxAllowedSize` says otherwise; the server
/// counts as JavaScript does: <https://docs.rocket.chat/docs/message>.
const MESSAGE_CHARS: usize = 5000;

/// Characters of a title; newsboy's own limit, so that a title leaves room for items.
const TITLE_CHARS: usize = 256;

/// Its settings.
struct Config {
    endpoint: Endpoint,
}

impl Config {
    fn parse(settings: &Settings) -> Result<Arc<dyn Service>, DestinationError> {
        Ok(Arc::new(Self { endpoint: settings.url()? }))
    }
}

#[derive(Serialize)]
struct Body<'a> {
    text: &'a str,
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits { message: Some(MESSAGE_CHARS), title: Some(TITLE_CHARS), ..Limits::none(Unit::Utf16) }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        let style = TextStyle {
            room: MESSAGE_CHARS,
            measure: utf16,
            items: usize::MAX,
            title: TITLE_CHARS,
            between: "\n\n",
            escape: full_width,
            lead: &|title| format!("*{title}*"),
            item: &|shown| markdown_item(shown, full_width, "**", "\n\n"),
            link: markdown_link,
            body: &|_, text| pack::json(&Body { text }),
        };
        text_messages(digest, order, &style)
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        Call::post(&self.endpoint, delivery.body.clone())
    }

    /// Success is `success`. Where a person has switched the integration off, the server answers 503.
    fn judge(&self, answer: &Answer) -> Outcome {
        let error = answer.said("error");
        match answer.json["success"].as_bool() {
            Some(true) => Outcome::Delivered,
            Some(false) if error.contains("size-exceeded") || error.contains("too-long") => {
                Outcome::Split { why: format!("the message is too long ({error})") }
            }
            Some(false) if (200..300).contains(&answer.status) => {
                Outcome::GaveUp { why: format!("Rocket.Chat does not accept the message ({error})") }
            }
            _ => answer.without("\"success\""),
        }
    }
}
