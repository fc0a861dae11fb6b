//! `kind = "feishu"`: the custom bots of Feishu and Lark.
//!
//! <https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot>; Lark's bots
//! (`open.larksuite.com`) are the same.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::endpoint::link;
use super::pack::{self, Packing, Part, Shown, bytes, messages};
use super::service::{Answer, Call, Limits, Service, Unit, in_brief};
use super::signature::hmac_sha256;
use super::{DestinationError, Endpoint};
use crate::model::{Digest, DueDelivery, Message, Outcome, Secret};

/// The name in the configuration.
pub const KIND: &str = "feishu";

/// Bytes of a request's body: 20 KB, taken as thousands (the page above).
pub const REQUEST_BYTES: usize = 20_000;
/// Bytes of a title; newsboy's own limit, so that a title leaves room for items.
pub const TITLE_BYTES: usize = 600;
/// 100 messages a minute and 5 a second for a bot (the page above); the slower one counts.
pub const PAUSE: Duration = Duration::from_millis(600);

/// How long to wait where the bot was too fast: the minute that its limit counts.
const TOO_FAST_WAIT: chrono::Duration = chrono::Duration::minutes(1);

/// Bytes that time stamp and signature add to a body: `"timestamp":"…","sign":"…",` with up to 20
/// digits and the 44 characters of an HMAC-SHA256 in base 64.
const SIGNATURE_BYTES: usize = 96;

/// Its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    endpoint: Endpoint,
    secret: Option<Secret>,
}

impl Config {
    /// Checks the settings: an address, and where the bot asks for signatures, its secret. White
    /// space around the secret, such as the line end of a file, is not part of it.
    ///
    /// # Errors
    ///
    /// See [`DestinationError`].
    pub fn new(url: Option<Secret>, secret: Option<Secret>) -> Result<Self, DestinationError> {
        let url = url.ok_or(DestinationError::Missing { kind: KIND, setting: "url" })?;
        let secret = match secret {
            Some(secret) if secret.expose().trim().is_empty() => {
                return Err(DestinationError::Key { why: "is empty; remove it if the bot asks for no signatures".to_owned() });
            }
            secret => secret.map(|s| Secret::new(s.expose().trim())),
        };
        Ok(Self { endpoint: Endpoint::parse(&url)?, secret })
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
        Limits { unit: Unit::Bytes, message: Some(REQUEST_BYTES), title: Some(TITLE_BYTES), item: None, items: None, pause: PAUSE }
    }

    fn encode(&self, digest: &Digest) -> Vec<Message> {
        let render = |part: &Part<'_, Vec<Tag>>| {
            let mut lines = part.items.to_vec();
            let more = digest.more.as_ref().filter(|_| part.last);
            // A post without a line is refused.
            if let Some(text) = more.or(lines.is_empty().then_some(&digest.link)) {
                lines.push(vec![linked(text, link(&digest.link).as_deref())]);
            }
            let title = harmless(&pack::title(digest, part.label, TITLE_BYTES, harmless_bytes));
            pack::json(&Body { msg_type: "post", content: Content { post: Post { zh_cn: Lines { title, content: &lines } } } })
        };
        let show = |shown: &Shown<'_>| Some(line(shown));
        let room = REQUEST_BYTES - SIGNATURE_BYTES;
        messages(digest, &Packing { room, items: usize::MAX, measure: bytes, show: &show, render: &render })
    }

    /// Time stamp and signature stand in the body and are made anew at each attempt: Feishu refuses
    /// those older than an hour.
    fn call(&self, delivery: &DueDelivery, now: DateTime<Utc>) -> Call<'_> {
        let body = match (&self.secret, delivery.body.strip_prefix('{')) {
            (Some(secret), Some(rest)) => {
                let timestamp = now.timestamp();
                format!(r#"{{"timestamp":"{timestamp}","sign":"{}",{rest}"#, sign(timestamp, secret))
            }
            _ => delivery.body.clone(),
        };
        Call::Post { endpoint: &self.endpoint, headers: Vec::new(), body }
    }

    /// Success is `code` 0 in the body, whatever the HTTP status. The codes that need a person are
    /// told by name; one that is not known may pass.
    fn judge(&self, answer: &Answer) -> Outcome {
        let Ok(Verdict { code, msg }) = serde_json::from_str(&answer.text) else {
            return match answer.by_status() {
                Outcome::Delivered => answer.retry(format!("answered {} without a code{}", answer.status, answer.quote())),
                other => other,
            };
        };
        // What JSON wrote with escapes may hold a secret that was not to be found in the body.
        let msg = in_brief(&self.redact(&msg));
        let gave_up = |what: &str| Outcome::GaveUp { why: format!("code {code}: {what} ({msg})") };
        let too_fast =
            || Outcome::Retry { why: format!("code {code}: too many messages ({msg})"), after: answer.retry_after.or(Some(TOO_FAST_WAIT)) };
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
            19036 => gave_up("the message is too long"),
            _ => answer.retry(format!("code {code} ({msg})")),
        }
    }

    fn redact(&self, text: &str) -> String {
        let text = self.endpoint.redact(text);
        self.secret.iter().fold(text, |text, secret| secret.redact(&text))
    }
}

/// What stands in every answer of the bot.
#[derive(Deserialize)]
struct Verdict {
    code: i64,
    #[serde(default)]
    msg: String,
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
    let source = shown.source.map(|s| format!(" · {s}")).unwrap_or_default();
    let summary = shown.summary.map(|s| format!("\n{s}")).unwrap_or_default();
    let mut line = vec![linked(&shown.title, shown.url)];
    if !(source.is_empty() && summary.is_empty()) {
        line.push(Tag::Text { text: harmless(&format!("{source}{summary}")) });
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
