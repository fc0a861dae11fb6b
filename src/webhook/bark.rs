//! `kind = "bark"`: Bark, which pushes to iPhones.
//!
//! <https://github.com/Finb/bark-server/blob/master/docs/API_V2.md>.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::endpoint::link;
use super::markup::{commonmark, markdown_item, markdown_link};
use super::pack::{self, Order, json_bytes};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{Setting, Settings, URL};
use super::text::{TextStyle, text_messages};
use crate::model::{Digest, DueDelivery, Message, Outcome, Secret};

/// The key of the device.
const KEY: Setting = Setting::secret("key");

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "bark", settings: &[URL, KEY], parse: Config::parse };

/// Where Bark is, unless `url` names a server of one's own.
const SERVER: &str = "https://api.day.app";

/// Bytes of what the server hands to Apple:
/// <https://developer.apple.com/documentation/usernotifications/generating-a-remote-notification>.
const PAYLOAD_BYTES: usize = 4096;

/// Bytes that the server's own part of it needs: the `aps` of an alert, sound, category, and the names of
/// the fields.
const SERVER_BYTES: usize = 500;

/// Bytes of a title; newsboy's own limit.
const TITLE_BYTES: usize = 300;

/// Bytes of the other members: title, group, address and id.
const AROUND_BYTES: usize = 900;

/// Its settings.
struct Config {
    server: Endpoint,
    key: Secret,
}

impl Config {
    fn parse(settings: &Settings) -> Result<Arc<dyn Service>, DestinationError> {
        Ok(Arc::new(Self { server: settings.url_or(SERVER)?, key: settings.required_secret(KEY.name)? }))
    }
}

#[derive(Serialize)]
struct Body<'a> {
    title: &'a str,
    markdown: &'a str,
    /// Messages of one group stand together.
    group: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits { message: Some(PAYLOAD_BYTES - SERVER_BYTES), title: Some(TITLE_BYTES), ..Limits::none(Unit::Bytes) }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        let url = link(&digest.link).filter(|url| url.len() <= TITLE_BYTES);
        let style = TextStyle {
            room: PAYLOAD_BYTES - SERVER_BYTES - AROUND_BYTES,
            measure: json_bytes,
            items: usize::MAX,
            title: TITLE_BYTES,
            between: "\n\n",
            escape: commonmark,
            lead: &|_| String::new(),
            item: &|shown| markdown_item(shown, commonmark, "**", "\n\n"),
            link: markdown_link,
            body: &|title, text| pack::json(&Body { title, markdown: text, group: &digest.webhook, url: url.as_deref() }),
        };
        text_messages(digest, order, &style)
    }

    /// The delivery's id is the one under which Apple shows the message: sent twice, it replaces itself.
    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        let body = pack::with_members(&delivery.body, &[("device_key", self.key.expose()), ("id", delivery.id.as_str())]);
        Call::post_to(self.server.below(&["push"]), Vec::new(), body)
    }

    /// Success is 200 and `code` 200.
    fn judge(&self, answer: &Answer) -> Outcome {
        let said = answer.said("message");
        match (answer.status, answer.code("code")) {
            (200..=299, Some(200)) => Outcome::Delivered,
            (200..=299, None) => answer.without("a code"),
            _ if said.contains("PayloadTooLarge") => Outcome::Split { why: format!("the message is too long ({said})") },
            (_, Some(code @ 500..=599)) => answer.retry(format!("code {code} ({said})")),
            (_, Some(code @ 400..=499)) if code != 429 => Outcome::GaveUp { why: format!("code {code}: check key ({said})") },
            (200..=299, Some(code)) => answer.retry(format!("code {code} ({said})")),
            _ => answer.by_status(),
        }
    }
}
