//! `kind = "telegram"`: a bot that writes to a chat or a channel of Telegram.
//!
//! <https://core.telegram.org/bots/api#sendmessage>.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::markup::{APART, html, html_link, plain, plain_item, plain_link};
use super::pace::Rate;
use super::pack::{self, Order, utf16};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{Setting, Settings, TOKEN, URL};
use super::text::{TextStyle, text_messages};
use crate::model::{Digest, DueDelivery, Message, Outcome, Secret};

/// The chat: `@name` of a channel, or a number.
const CHAT: Setting = Setting::text("chat");

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "telegram", settings: &[TOKEN, CHAT, URL], parse: Config::parse };

/// Where the bots' interface is, unless `url` names a server of one's own.
const SERVER: &str = "https://api.telegram.org";

/// Characters of a message "after entities parsing" (the page above).
const MESSAGE_CHARS: usize = 4096;
/// 20 messages a minute to a group: <https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this>.
const RATES: &[Rate] = &[Rate::per_seconds(1, 1), Rate::per_seconds(20, 60)];

/// Characters of a title; newsboy's own limit, so that a title leaves room for items.
const TITLE_CHARS: usize = 256;

/// Its settings.
struct Config {
    server: Endpoint,
    token: Secret,
    chat: String,
}

impl Config {
    fn parse(settings: &Settings) -> Result<Arc<dyn Service>, DestinationError> {
        let chat = settings.required_text(CHAT.name)?;
        let is_right = chat.strip_prefix('@').is_some_and(|name| !name.is_empty()) || chat.parse::<i64>().is_ok();
        if !is_right {
            return Err(DestinationError::Value {
                setting: CHAT.name,
                why: format!("is {chat:?}, expected the @name of a channel or a chat's number"),
            });
        }
        Ok(Arc::new(Self { server: settings.url_or(SERVER)?, token: settings.required_secret(TOKEN.name)?, chat }))
    }
}

#[derive(Serialize)]
struct Body<'a> {
    chat_id: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parse_mode: Option<&'static str>,
    link_preview_options: LinkPreview,
}

#[derive(Serialize)]
struct LinkPreview {
    is_disabled: bool,
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits { message: Some(MESSAGE_CHARS), title: Some(TITLE_CHARS), rates: RATES, ..Limits::none(Unit::Utf16) }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        let body = |parse_mode| {
            move |text: &str| {
                pack::json(&Body { chat_id: &self.chat, text, parse_mode, link_preview_options: LinkPreview { is_disabled: true } })
            }
        };
        let (rich, unmarked) = (body(Some("HTML")), body(None));
        let style = TextStyle {
            room: MESSAGE_CHARS,
            measure: visible,
            items: usize::MAX,
            title: TITLE_CHARS,
            between: "\n\n",
            escape,
            lead: &|title| format!("<b>{title}</b>"),
            item: &|shown| {
                let title = html_link(&escape(&shown.title), shown.url);
                let summary = shown.summary.map(|s| format!("\n{}", escape(s))).unwrap_or_default();
                format!("{title}{}{summary}", shown.behind_title(escape))
            },
            link: html_link,
            body: &|_, text| rich(text),
        };
        if !order.plain {
            return text_messages(digest, order, &style);
        }
        let (lead, item) = (plain, plain_item);
        let style = TextStyle {
            measure: utf16,
            escape: plain,
            lead: &|title| lead(title),
            item: &|shown| item(shown),
            link: plain_link,
            body: &|_, text| unmarked(text),
            ..style
        };
        text_messages(digest, order, &style)
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        let method = format!("bot{}", self.token.expose());
        Call::post_to(self.server.below(&[&method, "sendMessage"]), Vec::new(), delivery.body.clone())
    }

    /// Success is `ok`. What went wrong stands in `description`:
    /// <https://core.telegram.org/bots/api#making-requests>.
    fn judge(&self, answer: &Answer) -> Outcome {
        if answer.json["ok"].as_bool() == Some(true) {
            return Outcome::Delivered;
        }
        let said = answer.said("description");
        let about = |words: &[&str]| words.iter().any(|word| said.to_lowercase().contains(word));
        match answer.code("error_code").unwrap_or(i64::from(answer.status)) {
            400 if about(&["too long"]) => Outcome::Split { why: format!("the message is too long ({said})") },
            400 if about(&["can't parse", "parse entities", "entity"]) => {
                Outcome::Plain { why: format!("Telegram cannot read the markup ({said})") }
            }
            400 if answer.json["parameters"]["migrate_to_chat_id"].is_number() => {
                let chat = &answer.json["parameters"]["migrate_to_chat_id"];
                Outcome::GaveUp { why: format!("the group has become a supergroup: set chat = \"{chat}\" ({said})") }
            }
            400 => Outcome::GaveUp { why: format!("Telegram does not accept the message: check chat ({said})") },
            401 | 404 => Outcome::GaveUp { why: format!("the bot does not exist: check token ({said})") },
            403 => Outcome::GaveUp { why: format!("the bot may not write to the chat: add it there again ({said})") },
            429 => answer.retry(format!("too many messages ({said})")),
            _ if (200..300).contains(&answer.status) => answer.retry(format!("answered {} but not ok{}", answer.status, answer.quote())),
            _ => answer.by_status(),
        }
    }
}

/// HTML in which nobody is mentioned: Telegram makes a mention of every `@name` by itself.
fn escape(text: &str) -> String {
    html(text).replace('@', APART)
}

/// What Telegram counts of HTML: the text without its tags, an entity as the one character that it stands
/// for. Characters are counted in UTF-16, as all lengths and offsets of Telegram are.
fn visible(text: &str) -> usize {
    let (mut count, mut within_tag, mut rest) = (0, false, text.chars());
    while let Some(c) = rest.next() {
        match c {
            '<' => within_tag = true,
            '>' if within_tag => within_tag = false,
            _ if within_tag => {}
            '&' => {
                // Every ampersand that is written here begins an entity.
                rest.by_ref().take_while(|c| *c != ';').for_each(drop);
                count += 1;
            }
            c => count += c.len_utf16(),
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_visible_is_counted() {
        assert_eq!(visible("<b>a&amp;b</b> <a href=\"https://x/?a=1&amp;b=2\">𠮷&lt;</a>"), "a&b ".len() + 2 + 1);
    }
}
