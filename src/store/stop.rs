//! How a webhook stands: whether it fails, and whether it is stopped.

use chrono::{DateTime, Utc};

/// Whether a webhook's service takes messages, and whether it is to get any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookState {
    /// Since when no attempt went well; `None` where the last one did.
    pub failing_since: Option<DateTime<Utc>>,
    /// Why nothing is composed and sent; `None` where it is.
    pub stop: Option<Stop>,
}

/// Why nothing is composed for and sent to a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Since when.
    pub since: DateTime<Utc>,
    /// The reason.
    pub why: String,
    /// Who stopped it.
    pub by: StoppedBy,
}

/// Who stopped a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoppedBy {
    /// A person.
    Person,
    /// Its service, which has closed the address.
    Service,
}

impl StoppedBy {
    /// The name used in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Service => "service",
        }
    }

    /// Reads a name back.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Person, Self::Service].into_iter().find(|by| by.as_str() == name)
    }
}
