//! `kind = "command"`: a program on this machine, for every service that newsboy does not know.
//!
//! It reads the digest as JSON from standard input, in the form that the kind `webhook` posts, and finds
//! `NEWSBOY_WEBHOOK`, `NEWSBOY_DELIVERY` (the same over all attempts) and `NEWSBOY_ATTEMPT` in its
//! environment, which holds nothing else of newsboy's. How it ends tells what became of the message, by the
//! codes of `sysexits.h`: <https://man.openbsd.org/sysexits.3>.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::destination::{DestinationError, Kind};
use super::pack::Order;
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{Setting, Settings};
use super::standard;
use crate::model::{Digest, DueDelivery, Message, Outcome};

/// The program and its arguments.
const COMMAND: Setting = Setting::list("command");

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "command", settings: &[COMMAND], parse: Config::parse };

/// Bytes of a message; newsboy's own limit.
const MESSAGE_BYTES: usize = 1_000_000;

/// The codes with which a program says that it will never take the message: wrong usage, wrong data, no
/// user, no permission, wrong configuration.
const NEVER: [u16; 5] = [64, 65, 67, 77, 78];

/// Its settings.
struct Config {
    command: Vec<String>,
}

impl Config {
    fn parse(settings: &Settings) -> Result<Arc<dyn Service>, DestinationError> {
        let command = settings.required_list(COMMAND.name)?;
        if command[0].trim().is_empty() || command.iter().any(|word| word.contains('\0')) {
            return Err(DestinationError::Value {
                setting: COMMAND.name,
                why: "names no program, expected [\"program\", \"argument\", …]".to_owned(),
            });
        }
        Ok(Arc::new(Self { command }))
    }
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits { message: Some(MESSAGE_BYTES), title: Some(standard::TITLE_BYTES), ..Limits::none(Unit::Bytes) }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        standard::encode_within(digest, order, MESSAGE_BYTES)
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        let attempt = delivery.attempts.saturating_add(1).to_string();
        let environment = vec![
            ("NEWSBOY_WEBHOOK", delivery.webhook.clone()),
            ("NEWSBOY_DELIVERY", delivery.id.to_string()),
            ("NEWSBOY_ATTEMPT", attempt),
        ];
        Call::Run { command: self.command.clone(), environment, input: delivery.body.clone() }
    }

    /// 0 says that it took the message.
    fn judge(&self, answer: &Answer) -> Outcome {
        match answer.status {
            0 => Outcome::Delivered,
            code if NEVER.contains(&code) => {
                Outcome::GaveUp { why: format!("the program ended with {code}: it does not accept the message{}", answer.quote()) }
            }
            code => answer.retry(format!("the program ended with {code}{}", answer.quote())),
        }
    }
}
