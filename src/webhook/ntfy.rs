//! `kind = "ntfy"`: a topic of ntfy.
//!
//! <https://docs.ntfy.sh/publish/#publish-as-json>.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::endpoint::link;
use super::markup::{commonmark, markdown_item, markdown_link};
use super::pace::Rate;
use super::pack::{self, Order, json_bytes};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{Setting, Settings, TOKEN, URL};
use super::text::{TextStyle, text_messages};
use crate::model::{Digest, DueDelivery, Message, Outcome, Secret};

/// The topic.
const TOPIC: Setting = Setting::text("topic");

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "ntfy", settings: &[URL, TOPIC, TOKEN], parse: Config::parse };

/// Where ntfy is, unless `url` names a server of one's own.
const SERVER: &str = "https://ntfy.sh";

/// Bytes of a message; what is longer becomes an attachment: <https://docs.ntfy.sh/publish/#limitations>.
const MESSAGE_BYTES: usize = 4096;
/// Bytes of a whole body, twice the message's (`jsonBodyBytesLimit` of the server); since the message is
/// measured as it stands in JSON, no body comes near it.
const BODY_BYTES: usize = 8192;
/// 60 messages at once, and one each five seconds after that (the page above).
const RATES: &[Rate] = &[Rate::per_seconds(60, 300)];

/// Bytes of a title; newsboy's own limit.
const TITLE_BYTES: usize = 400;

/// Its settings.
struct Config {
    server: Endpoint,
    topic: String,
    token: Option<Secret>,
}

impl Config {
    fn parse(settings: &Settings) -> Result<Arc<dyn Service>, DestinationError> {
        let topic = settings.required_text(TOPIC.name)?;
        if topic.len() > 64 || !topic.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
            return Err(DestinationError::Value { setting: TOPIC.name, why: "is none: at most 64 letters, digits, - and _".to_owned() });
        }
        Ok(Arc::new(Self { server: settings.url_or(SERVER)?, topic, token: settings.secret(TOKEN.name)? }))
    }
}

#[derive(Serialize)]
struct Body<'a> {
    topic: &'a str,
    title: &'a str,
    message: &'a str,
    markdown: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    click: Option<&'a str>,
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits { message: Some(MESSAGE_BYTES), title: Some(TITLE_BYTES), rates: RATES, ..Limits::none(Unit::Bytes) }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        let click = link(&digest.link).filter(|link| link.len() < BODY_BYTES / 4);
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
            body: &|title, text| pack::json(&Body { topic: &self.topic, title, message: text, markdown: true, click: click.as_deref() }),
        };
        text_messages(digest, order, &style)
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        let headers = self.token.iter().map(|token| ("authorization", format!("Bearer {}", token.expose()))).collect();
        Call::post_to(self.server.url().clone(), headers, delivery.body.clone())
    }

    /// Success is 200. Errors have codes: <https://github.com/binwiederhier/ntfy/blob/main/server/errors.go>.
    fn judge(&self, answer: &Answer) -> Outcome {
        let said = answer.said("error");
        match answer.code("code") {
            Some(code @ (40_014 | 41_301 | 41_303)) => Outcome::Split { why: format!("code {code}: the message is too long ({said})") },
            Some(code @ 42_900..=42_999) => answer.retry(format!("code {code}: too many messages ({said})")),
            Some(code @ 40_000..=40_099) => Outcome::GaveUp { why: format!("code {code}: ntfy does not accept the message ({said})") },
            Some(code @ (40_100..=40_199 | 40_300..=40_399)) => {
                Outcome::GaveUp { why: format!("code {code}: check topic and token ({said})") }
            }
            _ => answer.by_status(),
        }
    }
}
