//! Webhooks: a digest to messages within a service's limits, and their sending.
//!
//! Every kind of service is one file: its settings, its limits with the page that states them, how a
//! digest becomes its messages, how a message becomes a request, and what its answers mean. It is
//! known elsewhere by one line each in [`DestinationConfig`], [`DestinationConfig::KINDS`],
//! `DestinationConfig::parse` and `DestinationConfig::service`.
//!
//! Encoding is pure and done once, when a digest is composed; what the ledger shows is what is
//! sent. Only what must be made anew at each attempt, time stamps and signatures, is added by
//! sending.

use chrono::Duration;

use crate::digest::schedule::Schedule;
use crate::model::{Digest, Message, Secret};

pub mod console;
mod endpoint;
pub mod feishu;
mod pack;
mod send;
mod service;
mod signature;
pub mod slack;
pub mod standard;

pub use endpoint::Endpoint;
pub use send::{Sender, SenderError, Sent, Timeouts};
use service::Service;
pub use service::{Limits, Unit};

/// One `[[webhook]]` of the configuration, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookConfig {
    /// Its name, unique; the ledger and the watermark are kept under it.
    pub name: String,
    /// What kind of service it is, with its own settings.
    pub destination: DestinationConfig,
    /// When its digests are due.
    pub schedule: Schedule,
    /// The feeds whose articles it gets; never empty.
    pub feeds: Vec<String>,
    /// The budget of an item's summary in characters.
    pub summary_chars: usize,
    /// How many items a digest has at most.
    pub limit: usize,
    /// What to do at a slot without news.
    pub when_empty: WhenEmpty,
    /// When a failed message is tried again, and when it is given up.
    pub retry: RetryPolicy,
    /// Whether it gets what was there before: with its first digest what the store holds, and
    /// whenever it is read, what a source held before newsboy knew it.
    pub backfill: bool,
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
    /// schedule its last wait repeats; an empty schedule waits as the default one does.
    pub fn wait_after(&self, attempt: u32) -> Duration {
        let waits = if self.schedule.is_empty() { &DEFAULT_WAITS[..] } else { &self.schedule[..] };
        let place = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
        waits.get(place).or(waits.last()).copied().unwrap_or(DEFAULT_EXPIRES)
    }
}

/// The kinds of services, each with its own settings.
#[derive(Debug, Clone, PartialEq)]
pub enum DestinationConfig {
    /// Prints to standard output.
    Console(console::Config),
    /// JSON signed by Standard Webhooks.
    Webhook(standard::Config),
    /// Slack's incoming webhooks.
    Slack(slack::Config),
    /// Feishu's and Lark's custom bots.
    Feishu(feishu::Config),
}

/// Why a destination cannot be used. No secret stands in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// There is no such kind.
    #[error("kind {found:?} is unknown, expected one of {}", DestinationConfig::KINDS.join(", "))]
    Kind {
        /// What was found.
        found: String,
    },
    /// The kind needs a setting that is missing.
    #[error("kind {kind:?} needs {setting:?}")]
    Missing {
        /// The kind.
        kind: &'static str,
        /// The setting.
        setting: &'static str,
    },
    /// The kind has no use for a setting, which then does not do what somebody expects of it.
    #[error("kind {kind:?} has no {setting:?}: remove it")]
    Unused {
        /// The kind.
        kind: &'static str,
        /// The setting.
        setting: &'static str,
    },
    /// The address cannot be one.
    #[error("the url {why}, expected an address such as https://example.org/hook (it is not shown here, because it is a secret)")]
    Url {
        /// What is wrong with it.
        why: String,
    },
    /// The key cannot be one.
    #[error("the secret {why}")]
    Key {
        /// What is wrong with it, and what is expected.
        why: String,
    },
}

impl DestinationConfig {
    /// The names of the kinds in the configuration.
    pub const KINDS: [&'static str; 4] = [console::KIND, standard::KIND, slack::KIND, feishu::KIND];

    /// Checks the settings of a destination: `kind`, `url` and `secret` of a `[[webhook]]`.
    ///
    /// # Errors
    ///
    /// The kind is unknown; a setting is missing, of no use, or cannot be right.
    pub fn parse(kind: &str, url: Option<Secret>, secret: Option<Secret>) -> Result<Self, DestinationError> {
        match kind {
            console::KIND => console::Config::new(url, secret).map(Self::Console),
            standard::KIND => standard::Config::new(url, secret).map(Self::Webhook),
            slack::KIND => slack::Config::new(url, secret).map(Self::Slack),
            feishu::KIND => feishu::Config::new(url, secret).map(Self::Feishu),
            _ => Err(DestinationError::Kind { found: kind.to_owned() }),
        }
    }

    fn service(&self) -> &dyn Service {
        match self {
            Self::Console(service) => service,
            Self::Webhook(service) => service,
            Self::Slack(service) => service,
            Self::Feishu(service) => service,
        }
    }

    /// What the service takes at most.
    pub fn limits(&self) -> Limits {
        self.service().limits()
    }
}

/// The messages of a digest for a destination: at least one, each within the service's limits.
///
/// Text is escaped first, then measured in the service's unit, then split between items, never
/// inside one. Every item stands in exactly one message, in the digest's order. One that is too
/// large by itself loses its summary, then the end of its title, then its link.
pub fn encode(destination: &DestinationConfig, digest: &Digest) -> Vec<Message> {
    destination.service().encode(digest)
}

#[cfg(test)]
mod tests;
