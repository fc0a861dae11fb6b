//! `kind = "serverchan"`: ServerChan (Server酱), Turbo and the third edition.
//!
//! <https://sct.ftqq.com/>, <https://doc.sc3.ft07.com/serverchan3/server/api>.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::markup::{commonmark, markdown_item, markdown_link};
use super::pack::{self, Order, bytes, chars};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{Setting, Settings, URL};
use super::text::{TextStyle, text_messages};
use crate::model::{Digest, DueDelivery, Message, Outcome, Secret};

/// The key to send with: `SCT…` or `sctp…`.
const KEY: Setting = Setting::secret("key");

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "serverchan", settings: &[KEY, URL], parse: Config::parse };

/// Characters of a title (the first page above, "title").
const TITLE_CHARS: usize = 32;
/// Bytes of a text, 32 KB taken as thousands (the first page above, "desp").
const TEXT_BYTES: usize = 32_000;

/// How long to wait where the day's number of messages is used up.
const USED_UP_WAIT: Duration = Duration::hours(1);

/// Its settings.
struct Config {
    address: Endpoint,
}

impl Config {
    /// The key tells which of the two editions it is for, and with which of its servers.
    fn parse(settings: &Settings) -> Result<Arc<dyn Service>, DestinationError> {
        let key = settings.required_secret(KEY.name)?;
        let text = key.expose();
        let third = text.strip_prefix("sctp").and_then(|rest| rest.split_once('t')).map(|(number, _)| number);
        let address = match third {
            Some(number) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => {
                format!("https://{number}.push.ft07.com/send/{text}.send")
            }
            _ if text.starts_with("SCT") && text.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                format!("https://sctapi.ftqq.com/{text}.send")
            }
            _ => return Err(DestinationError::Value { setting: KEY.name, why: "is none: expected SCT… or sctp…".to_owned() }),
        };
        let address = match settings.secret(URL.name)? {
            None => Endpoint::parse(&Secret::new(address))?,
            Some(_) => {
                let own = settings.url()?;
                let path = if third.is_some() { vec!["send".to_owned(), format!("{text}.send")] } else { vec![format!("{text}.send")] };
                Endpoint::of(own.below(&path.iter().map(String::as_str).collect::<Vec<_>>()))
            }
        };
        Ok(Arc::new(Self { address }))
    }
}

#[derive(Serialize)]
struct Body<'a> {
    title: &'a str,
    desp: &'a str,
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits { message: Some(TEXT_BYTES), title: None, ..Limits::none(Unit::Bytes) }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        // The whole title leads the text; what stands beside it has room for its beginning alone.
        let style = TextStyle {
            room: TEXT_BYTES,
            measure: bytes,
            items: usize::MAX,
            title: TEXT_BYTES / 10,
            between: "\n\n",
            escape: commonmark,
            lead: &|title| format!("### {title}"),
            item: &|shown| markdown_item(shown, commonmark, "**", "\n\n"),
            link: markdown_link,
            body: &|title, text| pack::json(&Body { title: &in_title(title), desp: text }),
        };
        text_messages(digest, order, &style)
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        Call::post(&self.address, delivery.body.clone())
    }

    /// Success is `code` 0.
    fn judge(&self, answer: &Answer) -> Outcome {
        let said = [answer.said("message"), answer.said("info")].join(" ");
        let said = said.trim();
        match answer.code("code") {
            Some(0) => Outcome::Delivered,
            Some(code) if said.contains("次数") => answer.retry_in(USED_UP_WAIT, format!("code {code}: too many messages ({said})")),
            Some(code @ 40_001) => Outcome::GaveUp { why: format!("code {code}: check key ({said})") },
            Some(code) if (200..300).contains(&answer.status) => answer.retry(format!("code {code} ({said})")),
            _ => answer.without("a code"),
        }
    }
}

/// The title as it fits into its field. The label of the part stays at its end.
fn in_title(title: &str) -> String {
    let (line, label) = title.rfind(" (").filter(|_| title.ends_with(')')).map_or((title, ""), |at| title.split_at(at));
    let label = if chars(label) < TITLE_CHARS { label } else { "" };
    crate::model::shorten::shorten(line, TITLE_CHARS - chars(label), |_| 1).into_owned() + label
}
