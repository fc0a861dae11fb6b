//! `kind = "googlechat"`: the webhooks of Google Chat, a card a message.
//!
//! <https://developers.google.com/workspace/chat/quickstart/webhooks>.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::endpoint::link;
use super::markup::{full_width, html, html_link};
use super::pace::Rate;
use super::pack::{self, Order, Packing, Part, Shown, bytes, messages};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{Settings, URL};
use crate::model::{Digest, DueDelivery, Message, Outcome};

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "googlechat", settings: &[URL], parse: Config::parse };

/// Bytes of a message, its cards included:
/// <https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages>.
const MESSAGE_BYTES: usize = 32_000;
/// Widgets of a card; those behind them are not shown:
/// <https://developers.google.com/workspace/chat/api/reference/rest/v1/cards#section>.
const CARD_WIDGETS: usize = 100;
/// 60 messages a minute to a space, by all its applications:
/// <https://developers.google.com/workspace/chat/limits>.
const RATES: &[Rate] = &[Rate::per_seconds(1, 1), Rate::per_seconds(60, 60)];

/// Bytes of a title; newsboy's own limit, so that a title leaves room for items.
const TITLE_BYTES: usize = 600;

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
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    /// What a notification shows. In it, `<users/all>` would call everybody.
    text: &'a str,
    cards_v2: [Card<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Card<'a> {
    card_id: &'a str,
    card: Value,
}

/// A section of a card with one widget.
fn section(widget: Value) -> Value {
    json!({ "widgets": [widget] })
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits {
            message: Some(MESSAGE_BYTES),
            title: Some(TITLE_BYTES),
            items: Some(CARD_WIDGETS - 1),
            rates: RATES,
            ..Limits::none(Unit::Bytes)
        }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        let render = |part: &Part<'_, Value>| {
            let title = full_width(&pack::title(digest, order, part.label, TITLE_BYTES, |_| 4));
            let mut sections = part.items.to_vec();
            if let Some(url) = link(&digest.link).filter(|_| part.last) {
                let text = digest.more.as_ref().unwrap_or(&digest.open);
                // Without items, the words are all there is, and a button cuts them.
                if part.items.is_empty() {
                    sections.push(section(json!({ "textParagraph": { "text": html(text) } })));
                }
                sections
                    .push(section(json!({ "buttonList": { "buttons": [{ "text": text, "onClick": { "openLink": { "url": url } } }] } })));
            }
            let card = json!({ "header": { "title": title }, "sections": sections });
            pack::json(&Body { text: &title, cards_v2: [Card { card_id: digest.id.as_str(), card }] })
        };
        let packing = Packing {
            room: MESSAGE_BYTES,
            items: CARD_WIDGETS - 1,
            frame: &|part| bytes(&render(part)),
            weigh: &|item: &Value| pack::json(item).len() + 1,
            escape: html,
            show: &|shown| Some(section(json!({ "textParagraph": { "text": paragraph(shown) } }))),
            render: &render,
        };
        messages(digest, order, &packing)
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        Call::post(&self.endpoint, delivery.body.clone())
    }

    fn judge(&self, answer: &Answer) -> Outcome {
        answer.by_status()
    }
}

/// The text of an item in the HTML of cards:
/// <https://developers.google.com/workspace/chat/format-messages#card-formatting>.
fn paragraph(shown: &Shown<'_>) -> String {
    if let Some(own) = &shown.own {
        return own.clone();
    }
    let summary = shown.summary.map(|s| format!("<br>{}", html(s))).unwrap_or_default();
    format!("{}{}{summary}", html_link(&html(&shown.title), shown.url), shown.behind_title(html))
}
