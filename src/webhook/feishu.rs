//! `kind = "feishu"`: the custom bots of Feishu and Lark.
//!
//! <https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot>; Lark's bots
//! (`open.larksuite.com`) are the same.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::endpoint::link;
use super::markup::plain;
use super::pace::Rate;
use super::pack::{self, Order, Packing, Part, Shown, bytes, messages};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{SECRET, Settings, URL};
use super::signature::hmac_sha256;
use super::text::ending;
use crate::model::{Digest, DueDelivery, Message, Outcome, Secret};

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "feishu", settings: &[URL, SECRET], parse: Config::parse };
/// Lark's, which are the same.
pub(super) const LARK: Kind = Kind { name: "lark", ..KIND };

/// Bytes of a request's body: 20 KB, taken as thousands (the page above).
const REQUEST_BYTES: usize = 20_000;
/// Bytes of a title; newsboy's own limit, so that a title leaves room for items.
const TITLE_BYTES: usize = 600;
/// 100 messages a minute and 5 a second for a bot (the page above).
const RATES: &[Rate] = &[Rate::per_seconds(5, 1), Rate::per_seconds(100, 60)];

/// How long to wait where the bot was too fast: the minute that its limit counts.
const TOO_FAST_WAIT: chrono::Duration = chrono::Duration::minutes(1);

/// Bytes that time stamp and signature add to a body: `"timestamp":"…","sign":"…",` with up to 20
/// digits and the 44 characters of an HMAC-SHA256 in base 64.
const SIGNATURE_BYTES: usize = 96;

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
    msg_type: &'static str,
    content: Content<'a>,
}

#[derive(Serialize)]
struct Content<'a> {
    post: Post<'a>,
}

#[derive(Serialize)]
struct Post<'a> {
    /// The language in whose client the post is shown; a client in another language shows it too
    /// where there is no other.
    zh_cn: Lines<'a>,
}

#[derive(Serialize)]
struct Lines<'a> {
    title: String,
    content: &'a [Vec<Tag>],
}

#[derive(Clone, Serialize)]
#[serde(tag = "tag", rename_all = "lowercase")]
enum Tag {
    A { text: String, href: String },
    Text { text: String },
}

impl Service for Config {
    fn limits(&self) -> Limits {
        let limits = Limits::none(Unit::Bytes);
        Limits { message: Some(REQUEST_BYTES), title: Some(TITLE_BYTES), rates: RATES, avoids_full_hours: true, ..limits }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        let render = |part: &Part<'_, Vec<Tag>>| {
            let mut lines = part.items.to_vec();
            // A post without a line is refused.
            if let Some(text) = ending(digest, part.last, lines.is_empty()) {
                lines.push(vec![linked(text, link(&digest.link).as_deref())]);
            }
            let title = harmless(&pack::title(digest, order, part.label, TITLE_BYTES, harmless_bytes));
            pack::json(&Body { msg_type: "post", content: Content { post: Post { zh_cn: Lines { title, content: &lines } } } })
        };
        let packing = Packing {
            room: REQUEST_BYTES - SIGNATURE_BYTES,
            items: usize::MAX,
            frame: &|part| bytes(&render(part)),
            weigh: &|line: &Vec<Tag>| bytes(&pack::json(line)) + 1,
            escape: plain,
            show: &|shown| Some(line(shown)),
            render: &render,
        };
        messages(digest, order, &packing)
    }

    /// Time stamp and signature stand in the body and are made anew at each attempt: Feishu refuses
    /// those older than an hour.
    fn call(&self, delivery: &DueDelivery, now: DateTime<Utc>) -> Call {
        let timestamp = now.timestamp();
        let body = self.secret.as_ref().map(|secret| {
            let members = [("timestamp", timestamp.to_string()), ("sign", sign(timestamp, secret))];
            pack::with_members(&delivery.body, &members.each_ref().map(|(name, value)| (*name, value.as_str())))
        });
        Call::post(&self.endpoint, body.unwrap_or_else(|| delivery.body.clone()))
    }

    /// Success is `code` 0 in the body, whatever the HTTP status. The codes that need a person are
    /// told by name; one that is not known may pass.
    fn judge(&self, answer: &Answer) -> Outcome {
        let Some(code) = answer.code("code") else { return answer.without("a code") };
        let msg = answer.said("msg");
        let gave_up = |what: &str| Outcome::GaveUp { why: format!("code {code}: {what} ({msg})") };
        let too_fast = || answer.retry_in(TOO_FAST_WAIT, format!("code {code}: too many messages ({msg})"));
        match code {
            0 => Outcome::Delivered,
            11232 => too_fast(),
            9499 if is_about_frequency(&msg) => too_fast(),
            9499 | 19002 => gave_up("Feishu does not accept the message"),
            19001 => gave_up("the bot does not exist or was removed; check url"),
            19007 => gave_up("the bot is not enabled"),
            19021 => gave_up("the signature does not fit; check secret, and the clock of this machine"),
            19022 => gave_up("the bot does not allow this machine's address; see its security settings"),
            19024 => gave_up("the message has none of the bot's keywords; see its security settings"),
            19036 => Outcome::Split { why: format!("code {code}: the message is too long ({msg})") },
            _ => answer.retry(format!("code {code} ({msg})")),
        }
    }
}

/// Feishu uses code 9499 for requests that are wrong and for bots that are too fast.
fn is_about_frequency(msg: &str) -> bool {
    let msg = msg.to_lowercase();
    msg.contains("too many") || msg.contains("frequency")
}

/// The signature: the HMAC of nothing, under a key made of time stamp and secret.
fn sign(timestamp: i64, secret: &Secret) -> String {
    hmac_sha256(format!("{timestamp}\n{}", secret.expose()).as_bytes(), b"")
}

/// An item as a line: its title as a link, the paper's name, its summary.
fn line(shown: &Shown<'_>) -> Vec<Tag> {
    if let Some(own) = &shown.own {
        return vec![Tag::Text { text: harmless(own) }];
    }
    let summary = shown.summary.map(|s| format!("\n{s}")).unwrap_or_default();
    let below = format!("{}{summary}", shown.behind_title(plain));
    let mut line = vec![linked(&shown.title, shown.url)];
    if !below.is_empty() {
        line.push(Tag::Text { text: harmless(&below) });
    }
    line
}

fn linked(text: &str, url: Option<&str>) -> Tag {
    let text = harmless(text);
    match url {
        Some(href) => Tag::A { text, href: href.to_owned() },
        None => Tag::Text { text },
    }
}

/// Bytes of a character in a text that is made harmless, at most.
fn harmless_bytes(c: char) -> usize {
    if c == '<' { '＜'.len_utf8() } else { c.len_utf8() }
}

/// `text` in which nothing mentions anybody: Feishu obeys `<at user_id="all">` in some texts, so the
/// bracket of anything of that form becomes a full-width one, which looks alike and does nothing.
fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find('<') {
        let (before, tag) = rest.split_at(place);
        let name = tag[1..].trim_start_matches(|c: char| c == '/' || c.is_whitespace());
        let mention = name.get(..2).is_some_and(|name| name.eq_ignore_ascii_case("at"));
        out.push_str(before);
        out.push(if mention { '＜' } else { '<' });
        rest = &tag[1..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_that_feishu_computes() {
        assert_eq!(sign(1_599_360_473, &Secret::new("demo")), "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=");
    }

    #[test]
    fn a_mention_becomes_text_and_other_brackets_stay() {
        assert_eq!(
            harmless(r#"a<at user_id="all">x</at> <AT> < at> 1<2 <attic <"#),
            r#"a＜at user_id="all">x＜/at> ＜AT> ＜ at> 1<2 ＜attic <"#
        );
    }
}
