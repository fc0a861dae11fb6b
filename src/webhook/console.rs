//! `kind = "console"`: prints to standard output, to see what would go out.

use chrono::{DateTime, Utc};

use super::pack::{Packing, Part, Shown, bytes, messages};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::{DestinationError, pack};
use crate::model::{Digest, DueDelivery, Message, Outcome, Secret};

/// The name in the configuration.
pub const KIND: &str = "console";

/// It has no settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {}

impl Config {
    /// Refuses an address and a secret, which would go unused.
    ///
    /// # Errors
    ///
    /// There is one of them.
    pub fn new(url: Option<Secret>, secret: Option<Secret>) -> Result<Self, DestinationError> {
        match (url, secret) {
            (None, None) => Ok(Self {}),
            (Some(_), _) => Err(DestinationError::Unused { kind: KIND, setting: "url" }),
            (None, Some(_)) => Err(DestinationError::Unused { kind: KIND, setting: "secret" }),
        }
    }
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits { unit: Unit::Bytes, message: None, title: None, item: None, items: None, pause: std::time::Duration::ZERO }
    }

    fn encode(&self, digest: &Digest) -> Vec<Message> {
        let render = |part: &Part<'_, String>| {
            let mut lines = vec![pack::title(digest, part.label, usize::MAX, |_| 1)];
            lines.extend(part.items.iter().cloned());
            lines.push(match &digest.more {
                Some(more) if part.last => format!("{more} · {}", digest.link),
                _ => digest.link.clone(),
            });
            lines.join("\n\n")
        };
        messages(
            digest,
            &Packing { room: usize::MAX, items: usize::MAX, measure: bytes, show: &|shown| Some(lines_of(shown)), render: &render },
        )
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call<'_> {
        Call::Print(delivery.body.clone())
    }

    fn judge(&self, _answer: &Answer) -> Outcome {
        Outcome::Delivered
    }

    fn redact(&self, text: &str) -> String {
        text.to_owned()
    }
}

fn lines_of(shown: &Shown<'_>) -> String {
    let source = shown.source.map(|s| format!(" · {s}")).unwrap_or_default();
    let below = [shown.summary, shown.url];
    below.into_iter().flatten().fold(format!("* {}{source}", shown.title), |lines, line| format!("{lines}\n  {line}"))
}
