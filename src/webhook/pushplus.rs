//! `kind = "pushplus"`: PushPlus (推送加).
//!
//! <https://www.pushplus.plus/doc/guide/api.html>.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::markup::{commonmark, markdown_item, markdown_link};
use super::pace::Rate;
use super::pack::{self, Order, utf16};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{Setting, Settings, TOKEN, URL};
use super::text::{TextStyle, text_messages};
use crate::model::{Digest, DueDelivery, Message, Outcome, Secret};

/// The group of readers; the owner of the token alone where there is none.
const TOPIC: Setting = Setting::text("topic");

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "pushplus", settings: &[TOKEN, TOPIC, URL], parse: Config::parse };

/// Where PushPlus is.
const ADDRESS: &str = "https://www.pushplus.plus/send";

/// Characters of a title, as counted by Apprise:
/// <https://github.com/caronc/apprise/blob/master/apprise/plugins/pushplus.py>.
const TITLE_CHARS: usize = 200;
/// Characters of a content (the same place).
const CONTENT_CHARS: usize = 20_000;
/// 200 messages a day; whoever sends more is banned: <https://www.pushplus.plus/doc/help/limit.html>.
const RATES: &[Rate] = &[Rate::per_seconds(200, 24 * 3_600)];

/// Its settings.
struct Config {
    address: Endpoint,
    token: Secret,
    topic: Option<String>,
}

impl Config {
    fn parse(settings: &Settings) -> Result<Arc<dyn Service>, DestinationError> {
        let topic = settings.text(TOPIC.name).map(str::to_owned);
        Ok(Arc::new(Self { address: settings.url_or(ADDRESS)?, token: settings.required_secret(TOKEN.name)?, topic }))
    }
}

#[derive(Serialize)]
struct Body<'a> {
    title: &'a str,
    content: &'a str,
    template: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<&'a str>,
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits { message: Some(CONTENT_CHARS), title: Some(TITLE_CHARS), rates: RATES, ..Limits::none(Unit::Utf16) }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        let style = TextStyle {
            room: CONTENT_CHARS,
            measure: utf16,
            items: usize::MAX,
            title: TITLE_CHARS,
            between: "\n\n",
            escape: commonmark,
            lead: &|_| String::new(),
            item: &|shown| markdown_item(shown, commonmark, "**", "\n\n"),
            link: markdown_link,
            body: &|title, text| pack::json(&Body { title, content: text, template: "markdown", topic: self.topic.as_deref() }),
        };
        text_messages(digest, order, &style)
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        Call::post(&self.address, pack::with_members(&delivery.body, &[("token", self.token.expose())]))
    }

    /// The HTTP status is 200 whatever happens; `code` 200 says that the message is queued:
    /// <https://www.pushplus.plus/doc/guide/code.html>.
    fn judge(&self, answer: &Answer) -> Outcome {
        let Some(code) = answer.code("code") else { return answer.without("a code") };
        let said = answer.said("msg");
        let gave_up = |what: &str| Outcome::GaveUp { why: format!("code {code}: {what} ({said})") };
        match code {
            200 => Outcome::Delivered,
            // To try again would make the ban longer.
            900 => gave_up("the account is banned for sending too much"),
            903 => gave_up("the token is not known; check token"),
            905 => gave_up("the account is not verified"),
            907..=909 | 912 => gave_up("PushPlus does not accept the message"),
            _ => answer.retry(format!("code {code} ({said})")),
        }
    }
}
