//! `kind = "teams"`: Microsoft Teams by a workflow, an Adaptive Card a message.
//!
//! <https://support.microsoft.com/office/create-incoming-webhooks-with-workflows-for-microsoft-teams-8ae491c7-0394-4861-ba59-055e33f75498>,
//! cards: <https://learn.microsoft.com/adaptive-cards/authoring-cards/getting-started>.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::endpoint::link;
use super::markup::{commonmark, markdown_link};
use super::pace::Rate;
use super::pack::{self, Order, Packing, Part, Shown, bytes, messages};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{Settings, URL};
use crate::model::{Digest, DueDelivery, Message, Outcome};

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "teams", settings: &[URL], parse: Config::parse };

/// Bytes of a whole message. Teams says about 28 KB
/// (<https://learn.microsoft.com/microsoftteams/limits-specifications-teams#chat>); flows were seen to fail
/// from 21 KB on: <https://github.com/ansible-collections/community.general/issues/12374>.
const MESSAGE_BYTES: usize = 20_000;
/// Messages of a connector, whose limits workflows are said to share:
/// <https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using#rate-limiting-for-connectors>.
const RATES: &[Rate] = &[Rate::per_seconds(4, 1), Rate::per_seconds(60, 30), Rate::per_seconds(100, 3_600), Rate::per_seconds(150, 7_200)];

/// Bytes of a title; newsboy's own limit, so that a title leaves room for items.
const TITLE_BYTES: usize = 600;

/// The version of the schema that every client of Teams shows.
const VERSION: &str = "1.4";

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
    r#type: &'static str,
    attachments: [Attachment<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachment<'a> {
    content_type: &'static str,
    content_url: Option<&'static str>,
    content: Card<'a>,
}

#[derive(Serialize)]
struct Card<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    r#type: &'static str,
    version: &'static str,
    msteams: Msteams,
    body: Vec<Element<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<Action>,
}

#[derive(Serialize)]
struct Msteams {
    width: &'static str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Element<'a> {
    Title(TextBlock),
    Item(&'a Container),
}

/// An item: its blocks stand closer to each other than to those of the next one.
#[derive(Serialize)]
struct Container {
    r#type: &'static str,
    spacing: &'static str,
    separator: bool,
    items: Vec<TextBlock>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TextBlock {
    r#type: &'static str,
    text: String,
    wrap: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_subtle: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spacing: Option<&'static str>,
}

impl TextBlock {
    fn of(text: String) -> Self {
        Self { r#type: "TextBlock", text, wrap: true, weight: None, size: None, is_subtle: None, spacing: None }
    }
}

#[derive(Serialize)]
struct Action {
    r#type: &'static str,
    title: String,
    url: String,
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits { message: Some(MESSAGE_BYTES), title: Some(TITLE_BYTES), rates: RATES, ..Limits::none(Unit::Bytes) }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        let render = |part: &Part<'_, Container>| {
            let title = pack::title(digest, order, part.label, TITLE_BYTES, |c| escape(c.encode_utf8(&mut [0; 4])).len());
            let title = TextBlock { weight: Some("Bolder"), size: Some("Large"), ..TextBlock::of(escape(&title)) };
            let mut body = vec![Element::Title(title)];
            body.extend(part.items.iter().map(Element::Item));
            let text = digest.more.as_ref().unwrap_or(&digest.open);
            // Without items, the words are all there is, and a button cuts them.
            body.extend(part.items.is_empty().then(|| Element::Title(TextBlock::of(escape(text)))));
            let open = link(&digest.link).map(|url| Action { r#type: "Action.OpenUrl", title: text.clone(), url });
            let card = Card {
                schema: "http://adaptivecards.io/schemas/adaptive-card.json",
                r#type: "AdaptiveCard",
                version: VERSION,
                msteams: Msteams { width: "Full" },
                body,
                actions: open.filter(|_| part.last).into_iter().collect(),
            };
            let content_type = "application/vnd.microsoft.card.adaptive";
            pack::json(&Body { r#type: "message", attachments: [Attachment { content_type, content_url: None, content: card }] })
        };
        let packing = Packing {
            room: MESSAGE_BYTES,
            items: usize::MAX,
            frame: &|part| bytes(&render(part)),
            weigh: &|item: &Container| pack::json(item).len() + 1,
            escape,
            show: &|shown| Some(container(shown)),
            render: &render,
        };
        messages(digest, order, &packing)
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        Call::post(&self.endpoint, delivery.body.clone())
    }

    /// 202 says that the flow has the message; what goes wrong then stands in its history alone. A
    /// connector of the old kind says 200 to everything and names errors in the body.
    fn judge(&self, answer: &Answer) -> Outcome {
        match answer.by_status() {
            Outcome::Delivered if answer.text.contains("HTTP error 413") => {
                Outcome::Split { why: format!("the card is too large{}", answer.quote()) }
            }
            Outcome::Delivered if answer.text.contains("HTTP error 4") && !answer.text.contains("HTTP error 429") => {
                Outcome::GaveUp { why: format!("Teams does not accept the card{}", answer.quote()) }
            }
            Outcome::Delivered if answer.text.contains("HTTP error") => {
                answer.retry(format!("Teams could not take the card{}", answer.quote()))
            }
            other => other,
        }
    }
}

/// An item: its title as a link, the summary, where it stands.
fn container(shown: &Shown<'_>) -> Container {
    let items = match &shown.own {
        Some(own) => vec![TextBlock::of(own.clone())],
        None => {
            let title = TextBlock { weight: Some("Bolder"), ..TextBlock::of(markdown_link(&escape(&shown.title), shown.url)) };
            let below = |text: &str| TextBlock { spacing: Some("Small"), ..TextBlock::of(escape(text)) };
            let place = shown.place.map(|place| TextBlock { size: Some("Small"), is_subtle: Some(true), ..below(place) });
            [Some(title), shown.summary.map(below), place].into_iter().flatten().collect()
        }
    };
    Container { r#type: "Container", spacing: "Medium", separator: true, items }
}

/// The Markdown of cards, in which `{{DATE(…)}}` is a function besides.
fn escape(text: &str) -> String {
    commonmark(text).replace("{{", "{\u{200b}{")
}
