//! What the store keeps of WebSub: topics, subscriptions, and what is to be sent.

use chrono::{DateTime, Duration, Utc};

use crate::model::Secret;

/// A subscriber's wish, to be verified before it counts.
#[derive(Debug, Clone, PartialEq)]
pub struct HubWish {
    /// The feed's address.
    pub topic: String,
    /// The subscriber's address.
    pub callback: String,
    /// What is wanted.
    pub wish: Wish,
    /// Until when it is tried to verify it.
    pub expires: DateTime<Utc>,
    /// The present instant.
    pub now: DateTime<Utc>,
}

/// What a subscriber wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// To be told of changes, from the verification on for this long.
    Subscribe {
        /// What messages are signed with.
        secret: Option<Secret>,
        /// For how long.
        lease: Duration,
    },
    /// To be told no more.
    Unsubscribe,
}

/// What may be in the store at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubLimits {
    /// Subscribers of one topic.
    pub subscribers: u32,
    /// Tasks that wait, other than updates.
    pub waiting: u32,
}

/// What became of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WishTaken {
    /// It will be verified.
    Queued,
    /// The topic has as many subscribers as it may have; the subscriber will be told so.
    Denied,
    /// Too many wishes wait already.
    Busy,
}

/// What is to be sent.
#[derive(Debug, Clone, PartialEq)]
pub enum HubTask {
    /// To be asked whether it is wanted.
    Verify(Wish),
    /// To be told that there is no subscription.
    Deny {
        /// Why.
        reason: String,
    },
    /// To be sent the feed as it is.
    Update {
        /// What it is signed with.
        secret: Option<Secret>,
        /// The version that was announced.
        version: String,
    },
    /// Another hub is to be told.
    Ping {
        /// The version that was announced.
        version: String,
    },
}

/// A task that is to be done now; whoever holds it has leased it.
#[derive(Debug, Clone, PartialEq)]
pub struct DueHubTask {
    /// Its number.
    pub id: i64,
    /// What is to be done.
    pub task: HubTask,
    /// The feed's address.
    pub topic: String,
    /// Where to.
    pub callback: String,
    /// How many attempts were made before.
    pub attempts: u32,
    /// When it is given up.
    pub expires: DateTime<Utc>,
}

/// What came of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HubStep {
    /// It is done: a wish comes true, an update was taken. An update that was announced meanwhile is
    /// due at once.
    Done,
    /// It is done, and the subscription ends with it.
    Ended,
    /// It is tried again at this instant.
    RetryAt(DateTime<Utc>),
    /// It is given up: a wish comes to nothing, a subscription stays.
    GivenUp,
}
