//! `kind = "webhook"`: JSON to any address, signed as Standard Webhooks asks for.
//!
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::pack::{self, Packing, Part, Shown, bytes, messages};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::signature::hmac_sha256;
use super::{DestinationError, Endpoint};
use crate::model::{Digest, DueDelivery, Message, Outcome, Place, Secret};

/// The name in the configuration.
pub const KIND: &str = "webhook";

/// Bytes of a body: "usually smaller than 20kb" (section "Payload size").
pub const MESSAGE_BYTES: usize = 20_000;
/// Bytes of a digest's title in a body; newsboy's own limit, so that a title leaves room for items.
pub const TITLE_BYTES: usize = 600;
/// What a key's text begins with (section "Signature scheme").
pub const KEY_PREFIX: &str = "whsec_";
/// Bytes of a key, decoded: "at least 24 bytes (192 bits, 512 maximum)" (section "Signature scheme").
pub const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The `type` of the event.
const EVENT: &str = "newsboy.digest";

/// Its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    endpoint: Endpoint,
    keys: Vec<SigningKey>,
}

impl Config {
    /// Checks the settings: an address, and where there is a secret, one key or several between
    /// spaces. With several, every message carries a signature of each, so that a receiver can
    /// change its key at any moment.
    ///
    /// # Errors
    ///
    /// See [`DestinationError`].
    pub fn new(url: Option<Secret>, secret: Option<Secret>) -> Result<Self, DestinationError> {
        let url = url.ok_or(DestinationError::Missing { kind: KIND, setting: "url" })?;
        let keys = match &secret {
            None => Vec::new(),
            Some(secret) if secret.expose().trim().is_empty() => {
                return Err(DestinationError::Key { why: "is empty; remove it if messages are not to be signed".to_owned() });
            }
            Some(secret) => secret.expose().split_whitespace().map(SigningKey::parse).collect::<Result<_, _>>()?,
        };
        Ok(Self { endpoint: Endpoint::parse(&url)?, keys })
    }
}

/// A key that signs messages.
#[derive(Clone, PartialEq)]
struct SigningKey {
    text: Secret,
    bytes: Vec<u8>,
}

impl SigningKey {
    fn parse(text: &str) -> Result<Self, DestinationError> {
        let wrong = |what: String| DestinationError::Key {
            why: format!(
                "{what}, expected {KEY_PREFIX} and {} to {} bytes in base 64, such as `openssl rand -base64 32` makes",
                KEY_BYTES.start(),
                KEY_BYTES.end()
            ),
        };
        let encoded = text.strip_prefix(KEY_PREFIX).ok_or_else(|| wrong(format!("does not begin with {KEY_PREFIX}")))?;
        let bytes = STANDARD.decode(encoded).map_err(|_| wrong(format!("is not base 64 behind {KEY_PREFIX}")))?;
        if !KEY_BYTES.contains(&bytes.len()) {
            return Err(wrong(format!("has {} bytes", bytes.len())));
        }
        Ok(Self { text: Secret::new(text), bytes })
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[secret]")
    }
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'static str,
    /// When the digest was due, not when it is sent.
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    digest_id: &'a str,
    webhook: &'a str,
    title: String,
    part: usize,
    parts: usize,
    items: &'a [Item],
    left_out: usize,
    link: &'a str,
}

#[derive(Serialize)]
struct Item {
    id: String,
    kind: &'static str,
    title: String,
    url: Option<String>,
    summary: Option<String>,
    summary_kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    heard: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<Elsewhere>,
    source: Option<String>,
    page: Option<String>,
    published: String,
}

/// Another place that tells the story.
#[derive(Serialize)]
struct Elsewhere {
    source: String,
    page: String,
    url: String,
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits {
            unit: Unit::Bytes,
            message: Some(MESSAGE_BYTES),
            title: Some(TITLE_BYTES),
            item: None,
            items: None,
            pause: std::time::Duration::ZERO,
        }
    }

    fn encode(&self, digest: &Digest) -> Vec<Message> {
        let render = |part: &Part<'_, Item>| {
            pack::json(&Body {
                r#type: EVENT,
                timestamp: rfc3339(digest.slot),
                data: Data {
                    digest_id: digest.id.as_str(),
                    webhook: &digest.webhook,
                    title: pack::title(digest, part.label, TITLE_BYTES, char::len_utf8),
                    part: part.number,
                    parts: part.of,
                    items: part.items,
                    left_out: digest.left_out,
                    link: &digest.link,
                },
            })
        };
        let show = |shown: &Shown<'_>| Some(item(shown));
        messages(digest, &Packing { room: MESSAGE_BYTES, items: usize::MAX, measure: bytes, show: &show, render: &render })
    }

    fn call(&self, delivery: &DueDelivery, now: DateTime<Utc>) -> Call<'_> {
        let (id, timestamp) = (delivery.id.as_str(), now.timestamp().to_string());
        let signed = format!("{id}.{timestamp}.{}", delivery.body);
        let signatures: Vec<String> = self.keys.iter().map(|key| format!("v1,{}", hmac_sha256(&key.bytes, signed.as_bytes()))).collect();
        let mut headers = vec![("webhook-id", id.to_owned()), ("webhook-timestamp", timestamp)];
        if !signatures.is_empty() {
            headers.push(("webhook-signature", signatures.join(" ")));
        }
        Call::Post { endpoint: &self.endpoint, headers, body: delivery.body.clone() }
    }

    fn judge(&self, answer: &Answer) -> Outcome {
        answer.by_status()
    }

    fn redact(&self, text: &str) -> String {
        self.keys.iter().fold(self.endpoint.redact(text), |text, key| key.text.redact(&text))
    }
}

fn item(shown: &Shown<'_>) -> Item {
    let detail = |text: &str| (!shown.bare).then(|| text.to_owned());
    Item {
        id: shown.item.article.to_string(),
        kind: shown.item.kind.as_str(),
        title: shown.title.clone().into_owned(),
        url: shown.url.map(str::to_owned),
        // Who wrote it is told beside it.
        summary: shown.summary.map(|_| shown.item.summary.clone()),
        summary_kind: shown.summary.map(|_| shown.item.summary_kind.as_str()),
        heard: if shown.bare { Vec::new() } else { shown.item.heard.clone() },
        also: if shown.bare { Vec::new() } else { shown.item.also.iter().map(elsewhere).collect() },
        source: detail(&shown.item.source_title),
        page: detail(&shown.item.page),
        published: rfc3339(shown.item.published),
    }
}

fn elsewhere(place: &Place) -> Elsewhere {
    Elsewhere { source: place.source_title.clone(), page: place.page.clone(), url: place.url.clone() }
}

fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}
