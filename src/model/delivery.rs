//! Deliveries: one message of a digest to one webhook, with its attempts.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use super::{ArticleId, DeliveryId, DigestId};

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// To be sent, for the first time or again.
    Pending,
    /// The service took it.
    Delivered,
    /// Given up: a permanent error, or its time ran out. Kept, and can be sent again by hand.
    Dead,
    /// Its service did not take it in this form; other messages stand for it.
    Replaced,
}

impl DeliveryState {
    /// The name used in the store and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
            Self::Replaced => "replaced",
        }
    }

    /// Reads a name back.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Delivered, Self::Dead, Self::Replaced].into_iter().find(|s| s.as_str() == name)
    }
}

/// What came of one attempt. A sender reports this and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The service said, in its own way, that it took the message.
    Delivered,
    /// It may work in smaller messages.
    Split {
        /// What the service said.
        why: String,
    },
    /// It may work without markup.
    Plain {
        /// What the service said.
        why: String,
    },
    /// It will not work, and nothing else will: the service has closed the address.
    Disabled {
        /// What the service said, and what a person can do.
        why: String,
    },
    /// It may work later.
    Retry {
        /// What the service or the network said.
        why: String,
        /// How long the service asked to wait, if it did.
        after: Option<Duration>,
    },
    /// It will not work however often it is tried.
    GaveUp {
        /// What the service said, and what a person can do.
        why: String,
    },
}

/// One try to send a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// What came of it, in words; `delivered` where it worked.
    pub result: String,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The first 500 bytes of the answer, secrets taken out.
    pub answer: String,
}

/// A message that is to be sent now; whoever holds it has leased it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDelivery {
    /// The same over all attempts.
    pub id: DeliveryId,
    /// The digest it is a part of.
    pub digest: DigestId,
    /// The webhook it goes to.
    pub webhook: String,
    /// The slot of the digest.
    pub slot: DateTime<Utc>,
    /// The message's body.
    pub body: String,
    /// The stories it carries.
    pub articles: Vec<ArticleId>,
    /// What stands behind its title: ` (2/3)`.
    pub label: String,
    /// Whether it is the digest's last message.
    pub is_last: bool,
    /// How many attempts were made before.
    pub attempts: u32,
    /// How many of those were made before a person had it sent again, or let its webhook go on.
    pub earlier: u32,
    /// When it was queued.
    pub queued: DateTime<Utc>,
    /// When it is no longer worth sending.
    pub expires: DateTime<Utc>,
}

impl DueDelivery {
    /// How many attempts were made since it was queued, or since a person began anew with it.
    pub fn tries(&self) -> u32 {
        self.attempts.saturating_sub(self.earlier)
    }
}

/// A delivery as the ledger shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Delivery {
    /// The same over all attempts.
    pub id: DeliveryId,
    /// The digest it is a part of.
    pub digest: DigestId,
    /// The webhook it goes to.
    pub webhook: String,
    /// The slot of the digest.
    pub slot: DateTime<Utc>,
    /// Which message of the digest, from 1.
    pub part: u32,
    /// How many messages the digest has.
    pub parts: u32,
    /// Where it stands.
    pub state: DeliveryState,
    /// When it is tried next, while it is pending.
    pub next_attempt: Option<DateTime<Utc>>,
    /// When it is given up.
    pub expires: DateTime<Utc>,
    /// When it was queued.
    pub queued: DateTime<Utc>,
    /// The message's body.
    pub body: String,
    /// The stories it carries.
    pub articles: Vec<ArticleId>,
    /// Every attempt so far, the first one first.
    pub attempts: Vec<Attempt>,
}
