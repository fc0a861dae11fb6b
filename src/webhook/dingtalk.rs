//! `kind = "dingtalk"`: the custom bots of DingTalk (钉钉).
//!
//! <https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages>.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::markup::{full_width, markdown_item, markdown_link};
use super::pace::Rate;
use super::pack::{self, Order, json_bytes};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{SECRET, Settings, URL};
use super::signature::hmac_sha256;
use super::text::{TextStyle, text_messages};
use crate::model::{Digest, DueDelivery, Message, Outcome, Secret};

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "dingtalk", settings: &[URL, SECRET], parse: Config::parse };

/// Bytes of a whole body: what is longer is refused as 460101
/// (<https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages>, "错误码").
const BODY_BYTES: usize = 20_000;
/// 20 messages a minute, or the bot is blocked for ten (the page above, "频率限制").
const RATES: &[Rate] = &[Rate::per_seconds(20, 60)];

/// How long a bot is blocked that was too fast.
const BLOCKED: Duration = Duration::minutes(10);

/// Bytes of a title as it stands in JSON; newsboy's own limit, so that a title leaves room for items.
const TITLE_BYTES: usize = 600;

/// Bytes of the body around the text, the title among them.
const AROUND_BYTES: usize = 100 + TITLE_BYTES;

/// Its settings.
struct Config {
    endpoint: Endpoint,
    secret: Option<Secret>,
}

impl Config {
    fn parse(settings: &Settings) -> Result<Arc<dyn Service>, DestinationError> {
        Ok(Arc::new(Self { endpoint: settings.url()?, secret: settings.secret(SECRET.name)? }))
    }
}

#[derive(Serialize)]
struct Body<'a> {
    msgtype: &'static str,
    markdown: Markdown<'a>,
}

#[derive(Serialize)]
struct Markdown<'a> {
    /// What the list of conversations shows.
    title: &'a str,
    text: &'a str,
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits { message: Some(BODY_BYTES), title: Some(TITLE_BYTES), rates: RATES, ..Limits::none(Unit::Bytes) }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        let style = TextStyle {
            room: BODY_BYTES - AROUND_BYTES,
            measure: json_bytes,
            items: usize::MAX,
            title: TITLE_BYTES,
            between: "\n\n",
            escape: full_width,
            lead: &|title| format!("### {title}"),
            item: &|shown| markdown_item(shown, full_width, "**", "\n\n"),
            link: markdown_link,
            body: &|title, text| pack::json(&Body { msgtype: "markdown", markdown: Markdown { title, text } }),
        };
        text_messages(digest, order, &style)
    }

    /// Time stamp and signature stand in the address and are made anew at each attempt: DingTalk refuses
    /// those older than an hour.
    fn call(&self, delivery: &DueDelivery, now: DateTime<Utc>) -> Call {
        let endpoint = match &self.secret {
            None => self.endpoint.clone(),
            Some(secret) => {
                let timestamp = now.timestamp_millis();
                self.endpoint.clone().with_query("timestamp", &timestamp.to_string()).with_query("sign", &sign(timestamp, secret))
            }
        };
        Call::post(&endpoint, delivery.body.clone())
    }

    /// Success is `errcode` 0. The codes that need a person are told by name; one that is not known may pass.
    fn judge(&self, answer: &Answer) -> Outcome {
        let Some(code) = answer.code("errcode") else { return answer.without("an errcode") };
        let msg = answer.said("errmsg");
        let gave_up = |what: &str| Outcome::GaveUp { why: format!("errcode {code}: {what} ({msg})") };
        match code {
            0 => Outcome::Delivered,
            130_101 | 410_100 => answer.retry_in(BLOCKED, format!("errcode {code}: too many messages ({msg})")),
            460_101 => Outcome::Split { why: format!("errcode {code}: the message is too long ({msg})") },
            400_013 | 400_102 => {
                Outcome::Disabled { why: format!("errcode {code}: the group is dissolved or the bot was stopped ({msg})") }
            }
            310_000 => gave_up("the bot's security settings refuse the message: keyword, signature or this machine's address"),
            300_001 | 300_005 | 400_101 => gave_up("the token of the url is not known; set url to the bot's address"),
            40_035 | 43_004 | 400_105 | 400_106 | 430_101 | 430_102 | 430_103 | 430_104 => gave_up("DingTalk does not accept the message"),
            _ => answer.retry(format!("errcode {code} ({msg})")),
        }
    }
}

/// The signature of a time in milliseconds (the page above, "加签"); it is percent-encoded with the address.
fn sign(timestamp: i64, secret: &Secret) -> String {
    hmac_sha256(secret.expose().as_bytes(), format!("{timestamp}\n{}", secret.expose()).as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_signature_is_the_one_that_dingtalk_computes() {
        let endpoint = Endpoint::parse(&Secret::new("https://oapi.dingtalk.test/robot/send?access_token=T")).unwrap();
        let signed = endpoint.with_query("sign", &sign(1_599_360_473_000, &Secret::new("SECdemo")));
        assert!(
            signed.url().as_str().ends_with("?access_token=T&sign=tGWkA5eQOQNCNPDgphtxIoNLO%2B%2FgD8Lcb705KQoRzeY%3D"),
            "{}",
            signed.url()
        );
    }
}
