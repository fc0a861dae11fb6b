//! `kind = "discord"`: Discord's webhooks, an embed an item.
//!
//! <https://discord.com/developers/docs/resources/webhook#execute-webhook>.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::markup::{commonmark, markdown_link};
use super::pack::{self, Order, Packing, Part, Shown, messages, utf16};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{Settings, URL};
use super::text::ending;
use crate::model::shorten::shorten;
use crate::model::{Digest, DueDelivery, Message, Outcome};

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "discord", settings: &[URL], parse: Config::parse };

/// Characters of the content (the page above).
const CONTENT_CHARS: usize = 2000;
/// Embeds of a message (the page above).
const MESSAGE_EMBEDS: usize = 10;
/// Characters of an embed's title: <https://discord.com/developers/docs/resources/message#embed-object-embed-limits>.
const TITLE_CHARS: usize = 256;
/// Characters of an embed's description (the same page).
const DESCRIPTION_CHARS: usize = 4096;
/// Characters of an embed's footer (the same page).
const FOOTER_CHARS: usize = 2048;
/// Characters of all embeds of a message together (the same page).
const EMBEDS_CHARS: usize = 6000;

/// Characters of a digest's title; newsboy's own limit, so that the line at the end has room too.
const LEAD_CHARS: usize = 1000;

/// Its settings.
struct Config {
    endpoint: Endpoint,
}

impl Config {
    /// The address, asked to wait until the message is kept: without that Discord says nothing of a
    /// message that it does not take.
    fn parse(settings: &Settings) -> Result<Arc<dyn Service>, DestinationError> {
        Ok(Arc::new(Self { endpoint: settings.url()?.with_query("wait", "true") }))
    }
}

#[derive(Serialize)]
struct Body<'a> {
    content: String,
    embeds: &'a [Embed],
    allowed_mentions: Mentions,
}

/// Nobody is mentioned, whatever a text says.
#[derive(Serialize)]
struct Mentions {
    parse: [&'static str; 0],
}

#[derive(Serialize)]
struct Embed {
    title: String,
    /// Embeds that share one address collapse to the first; those of articles differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    footer: Option<Footer>,
}

#[derive(Serialize)]
struct Footer {
    text: String,
}

impl Embed {
    /// What Discord counts of it.
    fn chars(&self) -> usize {
        let texts = [Some(&self.title), self.description.as_ref(), self.footer.as_ref().map(|footer| &footer.text)];
        texts.into_iter().flatten().map(|text| utf16(text)).sum()
    }
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits { message: Some(EMBEDS_CHARS), title: Some(LEAD_CHARS), items: Some(MESSAGE_EMBEDS), ..Limits::none(Unit::Utf16) }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        let render = |part: &Part<'_, Embed>| {
            let title = commonmark(&pack::title(digest, order, part.label, LEAD_CHARS, |c| utf16(&commonmark(c.encode_utf8(&mut [0; 4])))));
            let end = ending(digest, part.last, part.items.is_empty());
            let link = super::endpoint::link(&digest.link);
            let end = end.map(|text| format!("\n{}", markdown_link(&commonmark(text), link.as_deref())));
            let content = format!("**{title}**{}", end.unwrap_or_default());
            // The address of the paper is the one thing here that nobody bounds.
            let content = if utf16(&content) <= CONTENT_CHARS { content } else { format!("**{title}**") };
            pack::json(&Body { content, embeds: part.items, allowed_mentions: Mentions { parse: [] } })
        };
        let packing = Packing {
            room: EMBEDS_CHARS,
            items: MESSAGE_EMBEDS,
            frame: &|_| 0,
            weigh: &Embed::chars,
            escape: commonmark,
            show: &embed,
            render: &render,
        };
        messages(digest, order, &packing)
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        Call::post(&self.endpoint, delivery.body.clone())
    }

    /// The error codes of the body:
    /// <https://discord.com/developers/docs/topics/opcodes-and-status-codes#json>.
    fn judge(&self, answer: &Answer) -> Outcome {
        match (answer.status, answer.code("code")) {
            (_, Some(10015)) => Outcome::Disabled { why: "code 10015: the webhook was removed; make a new one and set its url".to_owned() },
            (401 | 403, _) | (_, Some(50027)) => Outcome::GaveUp {
                why: format!("answered {}: Discord does not accept the token of the url{}", answer.status, answer.quote()),
            },
            _ => answer.by_status(),
        }
    }
}

/// An item as an embed: its title as a link, the summary, where it stands.
fn embed(shown: &Shown<'_>) -> Option<Embed> {
    let title = commonmark(&shorten(&shown.title, TITLE_CHARS, |c| utf16(&commonmark(c.encode_utf8(&mut [0; 4])))));
    let description = shown.own.clone().or_else(|| shown.summary.map(commonmark));
    let footer = shown.place.map(|place| Footer { text: shorten(place, FOOTER_CHARS, char::len_utf16).into_owned() });
    let fits = description.as_ref().is_none_or(|text| utf16(text) <= DESCRIPTION_CHARS);
    fits.then(|| Embed { title, url: shown.url.map(str::to_owned), description, footer })
}
