//! `kind = "console"`: prints to standard output, to see what would go out.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::destination::{DestinationError, Kind};
use super::markup::plain;
use super::pack::{self, Order, Packing, Part, Shown, messages};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::Settings;
use crate::model::{Digest, DueDelivery, Message, Outcome};

/// Its name. It has no settings.
pub(super) const KIND: Kind = Kind { name: "console", settings: &[], parse: Config::parse };

struct Config;

impl Config {
    fn parse(_settings: &Settings) -> Result<Arc<dyn Service>, DestinationError> {
        Ok(Arc::new(Self))
    }
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits::none(Unit::Bytes)
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        let render = |part: &Part<'_, String>| {
            let mut lines = vec![pack::title(digest, order, part.label, usize::MAX, |_| 1)];
            lines.extend(part.items.iter().cloned());
            lines.push(match &digest.more {
                Some(more) if part.last => format!("{more} · {}", digest.link),
                _ => digest.link.clone(),
            });
            lines.join("\n\n")
        };
        let packing = Packing {
            room: usize::MAX,
            items: usize::MAX,
            frame: &|_| 0,
            weigh: &|_| 0,
            escape: plain,
            show: &|shown| Some(lines_of(shown)),
            render: &render,
        };
        messages(digest, order, &packing)
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        Call::Print(delivery.body.clone())
    }

    fn judge(&self, _answer: &Answer) -> Outcome {
        Outcome::Delivered
    }
}

fn lines_of(shown: &Shown<'_>) -> String {
    if let Some(own) = &shown.own {
        return own.clone();
    }
    let below = [shown.summary, shown.url];
    let title = format!("* {}{}", shown.title, shown.behind_title(plain));
    below.into_iter().flatten().fold(title, |lines, line| format!("{lines}\n  {line}"))
}
