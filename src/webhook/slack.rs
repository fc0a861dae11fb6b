//! `kind = "slack"`: Slack's incoming webhooks.
//!
//! Sending: <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.
//! Markup: <https://docs.slack.dev/messaging/formatting-message-text>.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::pack::{self, Packing, Part, Shown, messages, utf16};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::{DestinationError, Endpoint};
use crate::model::{Digest, DueDelivery, Message, Outcome, Secret};

/// The name in the configuration.
pub const KIND: &str = "slack";

/// Blocks of a message: <https://docs.slack.dev/reference/block-kit/blocks>.
pub const MESSAGE_BLOCKS: usize = 50;
/// Characters of a section's text: <https://docs.slack.dev/reference/block-kit/blocks/section-block>.
pub const SECTION_CHARS: usize = 3000;
/// Characters of a header's text: <https://docs.slack.dev/reference/block-kit/blocks/header-block>.
pub const HEADER_CHARS: usize = 150;
/// Characters of a whole message, its JSON included. Slack's documents name no limit; messages of
/// more than about 13,200 were refused as `msg_blocks_too_long`, and a maintainer spoke of 12,000
/// and some room for the blocks: <https://github.com/slackapi/bolt-js/issues/2509>.
pub const MESSAGE_CHARS: usize = 12_000;
/// One message a second and channel: <https://docs.slack.dev/apis/web-api/rate-limits>.
pub const PAUSE: Duration = Duration::from_secs(1);

/// The blocks that are no items: the header and the line that says what was left out.
const FRAME_BLOCKS: usize = 2;

/// Its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    endpoint: Endpoint,
}

impl Config {
    /// Checks the settings: an address, and no secret, because the address is the secret.
    ///
    /// # Errors
    ///
    /// See [`DestinationError`].
    pub fn new(url: Option<Secret>, secret: Option<Secret>) -> Result<Self, DestinationError> {
        if secret.is_some() {
            return Err(DestinationError::Unused { kind: KIND, setting: "secret" });
        }
        let url = url.ok_or(DestinationError::Missing { kind: KIND, setting: "url" })?;
        Ok(Self { endpoint: Endpoint::parse(&url)? })
    }
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
            unit: Unit::Utf16,
            message: Some(MESSAGE_CHARS),
            title: Some(HEADER_CHARS),
            item: Some(SECTION_CHARS),
            items: Some(MESSAGE_BLOCKS - FRAME_BLOCKS),
            pause: PAUSE,
        }
    }

    fn encode(&self, digest: &Digest) -> Vec<Message> {
        let render = |part: &Part<'_, Block>| {
            let title = escape(&pack::title(digest, part.label, HEADER_CHARS, escaped_chars));
            let mut blocks = vec![Block::Header { text: Text::PlainText { text: title.clone() } }];
            blocks.extend(part.items.iter().cloned());
            if let Some(more) = digest.more.as_ref().filter(|_| part.last) {
                blocks.push(Block::Context { elements: [Text::mrkdwn(linked(more, super::endpoint::link(&digest.link).as_deref()))] });
            }
            pack::json(&Body { text: &title, blocks, unfurl_links: false, unfurl_media: false })
        };
        let items = MESSAGE_BLOCKS - FRAME_BLOCKS;
        messages(digest, &Packing { room: MESSAGE_CHARS, items, measure: utf16, show: &section, render: &render })
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call<'_> {
        Call::Post { endpoint: &self.endpoint, headers: Vec::new(), body: delivery.body.clone() }
    }

    /// Success is status 200 with the body `ok`. Slack names its errors in the body:
    /// <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors>.
    fn judge(&self, answer: &Answer) -> Outcome {
        let error = answer.text.trim();
        match (answer.status, error) {
            (200..=299, "ok") => Outcome::Delivered,
            (200..=299, _) => answer.retry(format!("answered {} but not \"ok\"{}", answer.status, answer.quote())),
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

    fn redact(&self, text: &str) -> String {
        self.endpoint.redact(text)
    }
}

/// An item as a section: its title as a link, the paper's name, its summary.
fn section(shown: &Shown<'_>) -> Option<Block> {
    // An asterisk of the title would end the bold text early.
    let bold = if shown.title.contains('*') { "" } else { "*" };
    let title = linked(&shown.title, shown.url);
    let source = shown.source.map(|s| format!(" · {}", escape(s))).unwrap_or_default();
    let summary = shown.summary.map(|s| format!("\n{}", escape(s))).unwrap_or_default();
    let text = format!("{bold}{title}{bold}{source}{summary}");
    (utf16(&text) <= SECTION_CHARS).then(|| Block::Section { text: Text::mrkdwn(text) })
}

fn linked(text: &str, url: Option<&str>) -> String {
    match url {
        Some(url) => format!("<{}|{}>", escape(url), escape(text)),
        None => escape(text),
    }
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
