//! WebSub (W3C, <https://www.w3.org/TR/websub/>): subscribers hear of a feed's change when it happens.
//!
//! A subscriber asks the *hub* for a *topic*, a feed's address, and names a *callback*. The hub makes
//! sure that the callback's owner wants it, and from then on sends the feed there whenever it changes,
//! until the *lease* ends. newsboy is the hub of its own feeds, or tells another hub of their changes.
//!
//! Here is what is said over the wire: requests read, addresses and signatures made, answers judged.
//! What is to be sent, to whom and when, is in the store.

mod ask;
mod send;
mod signature;

use std::time::Duration as StdDuration;

use chrono::Duration;
use reqwest::Url;

pub use ask::{Ask, AskError, Intent, MAX_FORM_BYTES};
pub use send::{Envelope, Messenger, Sent};
pub use signature::Method;

/// Who tells subscribers of changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The hub that the feeds name.
    pub hub: Hub,
    /// How messages to subscribers that gave a secret are signed.
    pub signature: Method,
}

impl Default for Config {
    fn default() -> Self {
        Self { hub: Hub::Own, signature: Method::Sha256 }
    }
}

/// A choice of hub.
#[derive(Debug, Clone, PartialEq)]
pub enum Hub {
    /// newsboy's own, at `/hub`.
    Own,
    /// Another one, which is told of every change and fetches the feed.
    Outside(Url),
    /// None: the feeds name no hub.
    Nobody,
}

/// How long a subscription lasts where the subscriber asks for nothing else (section 5.1 recommends
/// ten days).
pub const DEFAULT_LEASE: Duration = Duration::days(10);

/// The longest lease that is granted; who asks for more gets this, and is told so.
pub const LONGEST_LEASE: Duration = Duration::days(30);

/// Subscribers of one topic at most: each change is sent to every one of them.
pub const MAX_SUBSCRIBERS: u32 = 1_000;

/// Requests that wait to be verified at most, of all topics together.
pub const MAX_WAITING: u32 = 1_000;

/// How long an answer is waited for.
pub const REQUEST_TIMEOUT: StdDuration = StdDuration::from_secs(15);

/// The waits between attempts to reach a subscriber. The last one repeats until [`GIVE_UP_AFTER`].
pub const RETRY_WAITS: [Duration; 6] =
    [Duration::seconds(5), Duration::minutes(1), Duration::minutes(5), Duration::minutes(30), Duration::hours(2), Duration::hours(6)];

/// How long after a change it is still tried to tell of it. The subscription stays.
pub const GIVE_UP_AFTER: Duration = Duration::hours(24);

/// How long it is tried to ask a callback that does not answer whether it wants the subscription.
pub const VERIFY_WITHIN: Duration = Duration::minutes(10);
