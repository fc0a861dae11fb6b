//! Webhooks: a digest to messages within a service's limits, and their sending.
//!
//! Every kind of service is one file: its settings, its limits with the page that states them, how a
//! digest becomes its messages, how a message becomes a request, and what its answers mean. It is
//! known elsewhere by one line in `destination.rs`.
//!
//! Encoding is pure and done once, when a digest is composed; what the ledger shows is what is
//! sent. Only what must be made anew at each attempt, time stamps and signatures, and what must not be
//! kept, keys, is added by sending.

use chrono::{DateTime, Duration, Timelike, Utc};
use chrono_tz::Tz;

use crate::digest::schedule::Timing;
use crate::model::{Digest, DueDelivery, Language, MatchRule, Message};

mod bark;
mod command;
mod console;
mod destination;
mod dingtalk;
mod discord;
mod endpoint;
mod feishu;
mod googlechat;
mod gotify;
mod mail;
mod markup;
mod matrix;
mod mattermost;
mod ntfy;
mod pace;
mod pack;
mod program;
mod pushover;
mod pushplus;
mod rocketchat;
mod send;
mod serverchan;
mod service;
mod settings;
mod signature;
mod slack;
mod smtp;
mod standard;
mod teams;
mod telegram;
mod template;
mod text;
mod wecom;

pub use destination::{DestinationConfig, DestinationError};
pub use endpoint::Endpoint;
pub use pace::{Pace, Rate};
use pack::Order;
pub use send::{Sender, SenderError, Sent, Timeouts};
pub use service::{Limits, Unit};
pub use settings::{Form, Setting, Settings};
pub use template::{TemplateError, Templates};

/// One `[[webhook]]` of the configuration, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookConfig {
    /// Its name, unique; the ledger and the watermark are kept under it.
    pub name: String,
    /// What kind of service it is, with its own settings.
    pub destination: DestinationConfig,
    /// When its digests are due.
    pub timing: Timing,
    /// How late a missed slot is still made up for; an older one is left out, and what it would have
    /// told is in the next one. Without bound where it is `None`.
    pub catch_up: Option<Duration>,
    /// How long after its slot a digest goes at most, so that not everybody's go at once. Where it is
    /// `None`, the service decides.
    pub jitter: Option<Duration>,
    /// The feeds whose articles it gets; never empty.
    pub feeds: Vec<String>,
    /// The sources whose articles of those it gets; of all where it is `None`.
    pub sources: Option<Vec<String>>,
    /// Which of those articles it gets.
    pub rule: MatchRule,
    /// The budget of an item's summary in characters.
    pub summary_chars: usize,
    /// How many items a digest has at most.
    pub limit: usize,
    /// What to do at a slot without news.
    pub when_empty: WhenEmpty,
    /// The language of the words around the items; that of the papers where it is `None`.
    pub language: Option<Language>,
    /// The person's own words for title and items.
    pub templates: Templates,
    /// When a failed message is tried again, and when it is given up.
    pub retry: RetryPolicy,
    /// Whether it gets what was there before: with its first digest what the store holds, and
    /// whenever it is read, what a source held before newsboy knew it.
    pub backfill: bool,
    /// Whether it is told of what newsboy cannot do: of another webhook that takes nothing any more, say.
    pub problems: bool,
}

/// What to do at a slot without news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenEmpty {
    /// Send nothing.
    Skip,
    /// Send a message that says so.
    Send,
}

/// When a failed message is tried again.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryPolicy {
    /// The waits between the attempts, before jitter.
    pub schedule: Vec<Duration>,
    /// How long after its queueing a message is given up.
    pub expires: Duration,
}

/// The waits of Standard Webhooks' example schedule, "Deliverability and reliability":
/// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.
const DEFAULT_WAITS: [Duration; 9] = [
    Duration::seconds(5),
    Duration::minutes(5),
    Duration::minutes(30),
    Duration::hours(2),
    Duration::hours(5),
    Duration::hours(10),
    Duration::hours(14),
    Duration::hours(20),
    Duration::hours(24),
];

/// The attempts that a message has at most, from when it was queued or from when a person had it sent
/// again; then it is dead. [`RetryPolicy::wait_after`] keeps clear of it whatever the settings say, so it is
/// met only by a message at which newsboy itself ends again and again.
pub const MAX_ATTEMPTS: u32 = 1_000;

/// Into how many waits a message's time is parted at most, behind the end of its schedule. With the waits
/// of a schedule before, and each a tenth shorter by chance, fewer than [`MAX_ATTEMPTS`].
const MAX_REPEATS: i32 = 800;

/// Yesterday's digest is of no use to anybody, so what cannot be delivered within a day is given up,
/// unlike in the schedule above, which goes on for three.
const DEFAULT_EXPIRES: Duration = Duration::hours(24);

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { schedule: DEFAULT_WAITS.to_vec(), expires: DEFAULT_EXPIRES }
    }
}

impl RetryPolicy {
    /// The wait after the `attempt`th attempt, counted from 1, before jitter. Behind the end of the
    /// schedule its last wait repeats, or an eight-hundredth of the time until the message is given up where
    /// that is longer, so that its attempts stay below [`MAX_ATTEMPTS`]; an empty schedule waits as the
    /// default one does.
    pub fn wait_after(&self, attempt: u32) -> Duration {
        let waits = if self.schedule.is_empty() { &DEFAULT_WAITS[..] } else { &self.schedule[..] };
        let place = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
        let repeated = || waits.last().copied().unwrap_or(DEFAULT_EXPIRES).max(self.expires / MAX_REPEATS);
        waits.get(place).copied().unwrap_or_else(repeated)
    }
}

/// How long after a full or half hour a digest goes at most to a service that dislikes those.
const BESIDE_FULL_HOURS: Duration = Duration::seconds(50);

impl WebhookConfig {
    /// How long after its slot a digest goes at most: as the configuration says, or where it is silent,
    /// off the hours at which the service does not like to be called.
    pub fn spread(&self, slot: DateTime<Utc>) -> Duration {
        let zone: Tz = self.timing.zone();
        let wall = slot.with_timezone(&zone);
        let is_full = wall.minute().is_multiple_of(30) && wall.second() == 0 && self.timing.batch().is_none();
        match self.jitter {
            Some(jitter) => jitter,
            None if is_full && self.destination.limits().avoids_full_hours => BESIDE_FULL_HOURS,
            None => Duration::zero(),
        }
    }
}

/// The messages of a digest for a webhook: at least one, each within the service's limits.
///
/// Text is escaped first, then measured in the service's unit, then split between items, never
/// inside one. Every item stands in exactly one message, in the digest's order. One that is too
/// large by itself loses its summary, then the end of its title, then its link.
pub fn encode(webhook: &WebhookConfig, digest: &Digest) -> Vec<Message> {
    webhook.destination.service().encode(digest, &Order::first(&webhook.templates))
}

/// The messages that stand for one that its service found too long: its items in halves, or where it has
/// one, less of it. None where there is no smaller form. `digest` is the whole one.
pub fn encode_smaller(webhook: &WebhookConfig, digest: &Digest, delivery: &DueDelivery) -> Vec<Message> {
    let part = part_of(digest, delivery);
    let order = order_again(webhook, delivery);
    let service = webhook.destination.service();
    if part.items.len() > 1 {
        return service.encode(&part, &Order { items: part.items.len().div_ceil(2), ..order });
    }
    let forms = (1..pack::FORMS).map(|lean| service.encode(&part, &Order { lean, ..order }));
    let smaller = |messages: &Vec<Message>| messages.iter().all(|message| message.body.len() < delivery.body.len());
    forms.into_iter().find(smaller).filter(|_| !part.items.is_empty()).unwrap_or_default()
}

/// The messages that stand for one whose markup its service could not read: the same without any. None
/// where it has none already.
pub fn encode_plain(webhook: &WebhookConfig, digest: &Digest, delivery: &DueDelivery) -> Vec<Message> {
    let order = Order { plain: true, ..order_again(webhook, delivery) };
    let messages = webhook.destination.service().encode(&part_of(digest, delivery), &order);
    if messages.iter().any(|message| message.body == delivery.body) { Vec::new() } else { messages }
}

fn order_again<'a>(webhook: &'a WebhookConfig, delivery: &'a DueDelivery) -> Order<'a> {
    let instead_of = Some(delivery.label.trim_matches([' ', '(', ')'])).filter(|label| !label.is_empty());
    Order { instead_of, to_the_end: delivery.is_last, ..Order::first(&webhook.templates) }
}

/// The digest with the items of one of its messages alone.
fn part_of(digest: &Digest, delivery: &DueDelivery) -> Digest {
    let items = digest.items.iter().filter(|item| delivery.articles.contains(&item.article));
    Digest { items: items.cloned().collect(), ..digest.clone() }
}

#[cfg(test)]
mod tests;
