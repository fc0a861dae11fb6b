//! `kind = "mattermost"`: Mattermost's incoming webhooks.
//!
//! <https://developers.mattermost.com/integrate/webhooks/incoming/>.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::markup::{commonmark, markdown_item, markdown_link};
use super::pack::{self, Order, chars};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{Settings, URL};
use super::text::{TextStyle, text_messages};
use crate::model::{Digest, DueDelivery, Message, Outcome};

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "mattermost", settings: &[URL], parse: Config::parse };

/// Characters of a post (the server's `PostMessageMaxRunesV2`; what comes by a webhook and is longer, it
/// cuts into several posts wherever that falls):
/// <https://github.com/mattermost/mattermost/blob/master/server/public/model/post.go>.
const POST_CHARS: usize = 16_383;

/// Characters of a title; newsboy's own limit, so that a title leaves room for items.
const TITLE_CHARS: usize = 400;

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
        Limits { message: Some(POST_CHARS), title: Some(TITLE_CHARS), ..Limits::none(Unit::Chars) }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        let style = TextStyle {
            room: POST_CHARS,
            measure: chars,
            items: usize::MAX,
            title: TITLE_CHARS,
            between: "\n\n",
            escape: commonmark,
            lead: &|title| format!("#### {title}"),
            item: &|shown| markdown_item(shown, commonmark, "**", "\n\n"),
            link: markdown_link,
            body: &|_, text| pack::json(&Body { text }),
        };
        text_messages(digest, order, &style)
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        Call::post(&self.endpoint, delivery.body.clone())
    }

    /// Success is 200 with the body `ok`; errors are JSON with an `id` that names them. A server of the
    /// older schema takes 4000 characters.
    fn judge(&self, answer: &Answer) -> Outcome {
        let id = answer.json["id"].as_str().unwrap_or_default();
        match answer.status {
            200..=299 if answer.text.trim() == "ok" => Outcome::Delivered,
            200..=299 => answer.without("\"ok\""),
            400..=499 if id.contains("too_long") || id.contains("too_large") || id.contains("max_length") => {
                Outcome::Split { why: format!("the message is too long{}", answer.quote()) }
            }
            _ => answer.by_status(),
        }
    }
}
