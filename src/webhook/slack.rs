//! `kind = "slack"`: Slack's incoming webhooks.
//!
//! Sending: <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.
//! Markup: <https://docs.slack.dev/messaging/formatting-message-text>.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::markup::plain_item;
use super::pace::Rate;
use super::pack::{self, Order, Packing, Part, Shown, messages, utf16};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{Settings, URL};
use super::text::{TextStyle, text_messages};
use crate::model::{Digest, DueDelivery, Message, Outcome};

/// Its name and settings; the address is the secret.
pub(super) const KIND: Kind = Kind { name: "slack", settings: &[URL], parse: Config::parse };

/// Blocks of a message: <https://docs.slack.dev/reference/block-kit/blocks>.
const MESSAGE_BLOCKS: usize = 50;
/// Characters of a section's text: <https://docs.slack.dev/reference/block-kit/blocks/section-block>.
const SECTION_CHARS: usize = 3000;
/// Characters of a header's text: <https://docs.slack.dev/reference/block-kit/blocks/header-block>.
const HEADER_CHARS: usize = 150;
/// Characters of a whole message, its JSON included. Slack's documents name no limit; messages of
/// more than about 13,200 were refused as `msg_blocks_too_long`, and a maintainer spoke of 12,000
/// and some room for the blocks: <https://github.com/slackapi/bolt-js/issues/2509>.
const MESSAGE_CHARS: usize = 12_000;
/// One message a second and channel: <https://docs.slack.dev/apis/web-api/rate-limits>.
const RATES: &[Rate] = &[Rate::per_seconds(1, 1)];

/// The blocks that are no items: the header and the line that says what was left out.
const FRAME_BLOCKS: usize = 2;

/// Characters of a text without blocks: <https://docs.slack.dev/changelog/2018-truncating-really-long-messages>.
const TEXT_CHARS: usize = 40_000;

/// Its settings.
struct Config {
    endpoint: Endpoint,
}

impl Config {
    fn parse(settings: &Settings) -> Result<Arc<dyn Service>, DestinationError> {
        Ok(Arc::new(Self { endpoint: settings.url()? }))
    }

    /// The digest without blocks, for a Slack that could not read them.
    fn encode_plain(digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        let style = TextStyle {
            room: MESSAGE_CHARS.min(TEXT_CHARS),
            measure: utf16,
            items: usize::MAX,
            title: HEADER_CHARS,
            between: "\n\n",
            escape,
            lead: &|title| title.to_owned(),
            item: &|shown| escape(&plain_item(shown)),
            link: linked_text,
            body: &|_, text| pack::json(&PlainBody { text, mrkdwn: false }),
        };
        text_messages(digest, order, &style)
    }
}

#[derive(Serialize)]
struct PlainBody<'a> {
    text: &'a str,
    mrkdwn: bool,
}

#[derive(Serialize)]
struct Body<'a> {
    /// What a notification shows.
    text: &'a str,
    blocks: Vec<Block>,
    unfurl_links: bool,
    unfurl_media: bool,
}

#[derive(Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Header { text: Text },
    Section { text: Text },
    Context { elements: [Text; 1] },
}

#[derive(Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Text {
    PlainText { text: String },
    Mrkdwn { text: String, verbatim: bool },
}

impl Text {
    /// Text with markup. `verbatim` keeps Slack from making links and mentions of plain text.
    fn mrkdwn(text: String) -> Self {
        Self::Mrkdwn { text, verbatim: true }
    }
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits {
            message: Some(MESSAGE_CHARS),
            title: Some(HEADER_CHARS),
            item: Some(SECTION_CHARS),
            items: Some(MESSAGE_BLOCKS - FRAME_BLOCKS),
            rates: RATES,
            ..Limits::none(Unit::Utf16)
        }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        if order.plain {
            return Self::encode_plain(digest, order);
        }
        let render = |part: &Part<'_, Block>| {
            let title = escape(&pack::title(digest, order, part.label, HEADER_CHARS, escaped_chars));
            let mut blocks = vec![Block::Header { text: Text::PlainText { text: title.clone() } }];
            blocks.extend(part.items.iter().cloned());
            if let Some(more) = digest.more.as_ref().filter(|_| part.last) {
                blocks.push(Block::Context { elements: [Text::mrkdwn(linked(more, super::endpoint::link(&digest.link).as_deref()))] });
            }
            pack::json(&Body { text: &title, blocks, unfurl_links: false, unfurl_media: false })
        };
        let items = MESSAGE_BLOCKS - FRAME_BLOCKS;
        let packing = Packing {
            room: MESSAGE_CHARS,
            items,
            frame: &|part| utf16(&render(part)),
            weigh: &|block: &Block| utf16(&pack::json(block)) + 1,
            escape,
            show: &section,
            render: &render,
        };
        messages(digest, order, &packing)
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        Call::post(&self.endpoint, delivery.body.clone())
    }

    /// Success is status 200 with the body `ok`. Slack names its errors in the body:
    /// <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors>.
    fn judge(&self, answer: &Answer) -> Outcome {
        let error = answer.text.trim();
        match (answer.status, error) {
            (200..=299, "ok") => Outcome::Delivered,
            (410, _) => answer.by_status(),
            (200..=299, _) => answer.retry(format!("answered {} but not \"ok\"{}", answer.status, answer.quote())),
            (400..=499, "msg_blocks_too_long" | "msg_too_long") => Outcome::Split { why: format!("the message is too long ({error})") },
            (400..=499, "invalid_blocks" | "invalid_blocks_format") => {
                Outcome::Plain { why: format!("Slack cannot read the blocks ({error})") }
            }
            (_, "rollup_error") => answer.retry(format!("answered {}{}", answer.status, answer.quote())),
            (400..=499, "no_service" | "no_service_id" | "no_team" | "team_disabled" | "invalid_token") => Outcome::GaveUp {
                why: format!("the webhook does not exist or was disabled ({error}): make a new one in Slack and set its url"),
            },
            (
                400..=499,
                "channel_not_found" | "channel_is_archived" | "posting_to_general_channel_denied" | "action_prohibited" | "user_not_found",
            ) => {
                Outcome::GaveUp { why: format!("Slack does not let the webhook post to its channel ({error}): see the channel's settings") }
            }
            _ => answer.by_status(),
        }
    }
}

/// An item as a section: its title as a link, the paper's name, its summary.
fn section(shown: &Shown<'_>) -> Option<Block> {
    // An asterisk of the title would end the bold text early.
    let bold = if shown.title.contains('*') { "" } else { "*" };
    let title = linked(&shown.title, shown.url);
    let summary = shown.summary.map(|s| format!("\n{}", escape(s))).unwrap_or_default();
    let text = match &shown.own {
        Some(own) => own.clone(),
        None => format!("{bold}{title}{bold}{}{summary}", shown.behind_title(escape)),
    };
    (utf16(&text) <= SECTION_CHARS).then(|| Block::Section { text: Text::mrkdwn(text) })
}

fn linked(text: &str, url: Option<&str>) -> String {
    linked_text(&escape(text), url)
}

/// A text, escaped, as a link.
fn linked_text(text: &str, url: Option<&str>) -> String {
    url.map_or_else(|| text.to_owned(), |url| format!("<{}|{text}>", escape(url)))
}

/// What Slack obeys are `&`, `<` and `>`, which also begin every mention (`<!channel>`, `<@U…>`).
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn escaped_chars(c: char) -> usize {
    match c {
        '&' => "&amp;".len(),
        '<' | '>' => "&lt;".len(),
        c => c.len_utf16(),
    }
}
