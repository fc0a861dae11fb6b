//! Webhooks: a digest to messages within a service's limits, and their sending.

use chrono::Duration;

use crate::digest::schedule::Schedule;
use crate::model::Secret;

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

/// The kinds of services, each with its own settings.
#[derive(Debug, Clone, PartialEq)]
pub enum DestinationConfig {
    /// Prints to standard output.
    Console,
    /// JSON signed by Standard Webhooks.
    Webhook {
        /// Where to send.
        url: Secret,
        /// The signing key, `whsec_…`.
        secret: Option<Secret>,
    },
    /// Slack's incoming webhooks.
    Slack {
        /// Where to send.
        url: Secret,
    },
    /// Feishu's and Lark's custom bots.
    Feishu {
        /// Where to send.
        url: Secret,
        /// The key of the signature check.
        secret: Option<Secret>,
    },
}
