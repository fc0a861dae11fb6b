//! `kind = "webhook"`: JSON to any address, signed as Standard Webhooks asks for.
//!
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use ring::signature::Ed25519KeyPair;
use serde::Serialize;

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::markup::plain;
use super::pack::{self, Order, Packing, Part, Shown, bytes, messages};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{SECRET, Settings, URL};
use super::signature::hmac_sha256;
use crate::model::{Digest, DueDelivery, Message, Outcome, Place};

/// Its name and settings. With several keys between spaces, every message carries a signature of each, so
/// that a receiver can change its key at any moment.
pub(super) const KIND: Kind = Kind { name: "webhook", settings: &[URL, SECRET], parse: Config::parse };

/// Bytes of a body: "usually smaller than 20kb" (section "Payload size").
const MESSAGE_BYTES: usize = 20_000;
/// Bytes of a digest's title in a body; newsboy's own limit, so that a title leaves room for items.
pub(super) const TITLE_BYTES: usize = 600;
/// What the text of a key that both sides have begins with (section "Signature scheme").
const KEY_PREFIX: &str = "whsec_";
/// What the text of a key begins with that newsboy alone has, while receivers have its public half (the
/// same section): Ed25519, as its 32 bytes, with the public half behind them or without.
const PRIVATE_KEY_PREFIX: &str = "whsk_";
/// Bytes of a key, decoded: "at least 24 bytes (192 bits, 512 maximum)" (section "Signature scheme").
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The `type` of the event.
const EVENT: &str = "newsboy.digest";

/// Its settings.
struct Config {
    endpoint: Endpoint,
    keys: Vec<SigningKey>,
}

impl Config {
    fn parse(settings: &Settings) -> Result<Arc<dyn Service>, DestinationError> {
        let secret = settings.secret(SECRET.name)?;
        let keys = secret.iter().flat_map(|secret| secret.expose().split_whitespace()).map(SigningKey::parse);
        Ok(Arc::new(Self { endpoint: settings.url()?, keys: keys.collect::<Result<_, _>>()? }))
    }
}

/// A key that signs messages.
enum SigningKey {
    /// `v1`: HMAC-SHA256 with a key that both sides have.
    Shared(Vec<u8>),
    /// `v1a`: Ed25519.
    Private(Ed25519KeyPair),
}

impl SigningKey {
    fn parse(text: &str) -> Result<Self, DestinationError> {
        let wrong = |what: String| DestinationError::Value {
            setting: SECRET.name,
            why: format!(
                "{what}, expected {KEY_PREFIX} and {} to {} bytes in base 64, such as `openssl rand -base64 32` makes, or {PRIVATE_KEY_PREFIX} and an Ed25519 key",
                KEY_BYTES.start(),
                KEY_BYTES.end()
            ),
        };
        let decode = |encoded| STANDARD.decode(encoded).map_err(|_| wrong("is not base 64 behind its beginning".to_owned()));
        if let Some(encoded) = text.strip_prefix(KEY_PREFIX) {
            let bytes = decode(encoded)?;
            return if KEY_BYTES.contains(&bytes.len()) {
                Ok(Self::Shared(bytes))
            } else {
                Err(wrong(format!("has {} bytes", bytes.len())))
            };
        }
        let encoded = text.strip_prefix(PRIVATE_KEY_PREFIX);
        let bytes = decode(encoded.ok_or_else(|| wrong(format!("begins with neither {KEY_PREFIX} nor {PRIVATE_KEY_PREFIX}")))?)?;
        let pair = match bytes.split_at_checked(ED25519_BYTES) {
            Some((seed, [])) => Ed25519KeyPair::from_seed_unchecked(seed),
            Some((seed, public)) => Ed25519KeyPair::from_seed_and_public_key(seed, public),
            None => return Err(wrong(format!("has {} bytes", bytes.len()))),
        };
        pair.map(Self::Private).map_err(|_| wrong("holds a key whose halves do not belong together".to_owned()))
    }

    /// A signature as it stands in the header.
    fn sign(&self, signed: &str) -> String {
        match self {
            Self::Shared(key) => format!("v1,{}", hmac_sha256(key, signed.as_bytes())),
            Self::Private(pair) => format!("v1a,{}", STANDARD.encode(pair.sign(signed.as_bytes()))),
        }
    }
}

/// Bytes of each half of an Ed25519 key (RFC 8032, section 5.1.5).
const ED25519_BYTES: usize = 32;

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
    /// What there is to say besides: how many stories were left out, or what is wrong.
    more: Option<&'a str>,
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
    section: Option<String>,
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
        Limits { message: Some(MESSAGE_BYTES), title: Some(TITLE_BYTES), ..Limits::none(Unit::Bytes) }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        encode_within(digest, order, MESSAGE_BYTES)
    }

    fn call(&self, delivery: &DueDelivery, now: DateTime<Utc>) -> Call {
        let (id, timestamp) = (delivery.id.as_str(), now.timestamp().to_string());
        let signed = format!("{id}.{timestamp}.{}", delivery.body);
        let signatures: Vec<String> = self.keys.iter().map(|key| key.sign(&signed)).collect();
        let mut headers = vec![("webhook-id", id.to_owned()), ("webhook-timestamp", timestamp)];
        if !signatures.is_empty() {
            headers.push(("webhook-signature", signatures.join(" ")));
        }
        Call::post_to(self.endpoint.url().clone(), headers, delivery.body.clone())
    }

    fn judge(&self, answer: &Answer) -> Outcome {
        answer.by_status()
    }
}

/// The messages of a digest as data, of so many bytes each.
pub(super) fn encode_within(digest: &Digest, order: &Order<'_>, room: usize) -> Vec<Message> {
    let render = |part: &Part<'_, Item>| {
        pack::json(&Body {
            r#type: EVENT,
            timestamp: rfc3339(digest.slot),
            data: Data {
                digest_id: digest.id.as_str(),
                webhook: &digest.webhook,
                title: pack::title(digest, order, part.label, TITLE_BYTES, char::len_utf8),
                part: part.number,
                parts: part.of,
                items: part.items,
                left_out: digest.left_out,
                more: digest.more.as_deref().filter(|_| part.last),
                link: &digest.link,
            },
        })
    };
    let packing = Packing {
        room,
        items: usize::MAX,
        frame: &|part| bytes(&render(part)),
        weigh: &|item: &Item| bytes(&pack::json(item)) + 1,
        escape: plain,
        show: &|shown| Some(item(shown)),
        render: &render,
    };
    messages(digest, order, &packing)
}

fn item(shown: &Shown<'_>) -> Item {
    let detail = |text: &str| (!shown.bare).then(|| text.to_owned());
    Item {
        id: shown.item.article.to_string(),
        kind: shown.item.kind.as_str(),
        title: shown.title.clone().into_owned(),
        url: shown.url.map(str::to_owned),
        // Who wrote it is told beside it.
        summary: shown.summary.map(|_| pack::one_line(&shown.item.summary)),
        summary_kind: shown.summary.map(|_| shown.item.summary_kind.as_str()),
        heard: if shown.bare { Vec::new() } else { shown.item.heard.clone() },
        also: if shown.bare { Vec::new() } else { shown.item.also.iter().map(elsewhere).collect() },
        source: detail(&shown.item.source_title),
        page: detail(&shown.item.page),
        section: shown.item.section.as_deref().and_then(detail),
        published: rfc3339(shown.item.published),
    }
}

fn elsewhere(place: &Place) -> Elsewhere {
    Elsewhere { source: place.source_title.clone(), page: place.page.clone(), url: place.url.clone() }
}

fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}
