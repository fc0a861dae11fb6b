//! Telling subscribers: what has changed is announced to the store, and what the store has queued for
//! callbacks is sent.
//!
//! Like deliveries to webhooks, what is to be sent outlives the process: a change is announced in one
//! transaction with the version of the feed that was announced last, so that one that was published
//! before a crash is announced after it, and once.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use fastrand::Rng;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::feed::{FeedConfig, Format, Publications, Representation, Site};
use crate::store::{DueHubTask, HubStep, HubTask, SharedStore, Store, StoreError, Wish};
use crate::websub::{Config, Envelope, GIVE_UP_AFTER, Hub, Messenger, REQUEST_TIMEOUT, RETRY_WAITS, Sent};

/// How much longer than an attempt its lease lasts.
const LEASE_MARGIN: Duration = Duration::seconds(30);

/// Callbacks that are called at once, so that a slow one holds up few others.
const AT_ONCE: usize = 16;

/// What a subscriber is told whose feed is no longer in the configuration.
const GONE: &str = "this feed is no longer published";

/// A public feed in one format: what can be subscribed to.
#[derive(Debug, Clone)]
pub struct Topic {
    /// Its address.
    pub address: String,
    /// The feed as it is published.
    pub representation: Arc<Representation>,
}

/// The topics of a site: every published feed that everybody may read, in every format.
pub fn topics(feeds: &[FeedConfig], site: &Site, published: &Publications) -> Vec<Topic> {
    let public = feeds.iter().filter(|feed| feed.token.is_none());
    let formats = public.flat_map(|feed| Format::ALL.map(|format| (feed, format)));
    formats
        .filter_map(|(feed, format)| {
            let representation = published.get(&feed.name, format.file_name())?;
            Some(Topic { address: site.feed(&feed.name, format), representation })
        })
        .collect()
}

/// Announces every topic that has changed since it was last announced, and ends the subscriptions of
/// feeds that are gone. Gives how many messages were queued.
///
/// # Errors
/// The store fails; calling again goes on where it failed.
pub async fn announce(store: &dyn Store, config: &Config, topics: &[Topic], now: DateTime<Utc>) -> Result<u64, StoreError> {
    let other_hub = match &config.hub {
        Hub::Nobody => return Ok(0),
        Hub::Own => None,
        Hub::Outside(url) => Some(url.as_str()),
    };
    let expires = now + GIVE_UP_AFTER;
    let mut queued = 0;
    for topic in topics {
        queued += store.announce(&topic.address, &topic.representation.identity.etag, other_hub, expires, now).await?;
    }
    let addresses: Vec<String> = topics.iter().map(|topic| topic.address.clone()).collect();
    Ok(queued + store.keep_topics(&addresses, GONE, expires, now).await?)
}

/// What a pass did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pass {
    /// How many messages were taken and wishes verified.
    pub done: u32,
    /// How many attempts failed.
    pub failed: u32,
    /// When the next task is due; `None` where there is none.
    pub next: Option<DateTime<Utc>>,
}

/// What tasks are done with.
pub struct Post<'a> {
    /// The store.
    pub store: &'a SharedStore,
    /// How messages are signed.
    pub config: &'a Config,
    /// What sends.
    pub messenger: &'a Messenger,
    /// The clock.
    pub clock: fn() -> DateTime<Utc>,
    /// The topics as they stand at an instant.
    pub topics: &'a (dyn Fn() -> Vec<Topic> + Sync),
}

impl Post<'_> {
    /// Does what is due, several at once, and returns when nothing is due any more, or when `stop` is
    /// cancelled; then what is under way is finished and recorded first.
    ///
    /// # Errors
    /// The store failed. What was not recorded is done again after its lease.
    pub async fn deliver_due(&self, stop: &CancellationToken) -> Result<Pass, StoreError> {
        let lease = Duration::from_std(REQUEST_TIMEOUT).unwrap_or(Duration::MAX / 2) + LEASE_MARGIN;
        let mut pass = Pass::default();
        let mut under_way = JoinSet::new();
        loop {
            let now = (self.clock)();
            let due = match under_way.len() < AT_ONCE && !stop.is_cancelled() {
                true => self.store.claim_hub_task(now, now + lease).await?,
                false => None,
            };
            if let Some(task) = due {
                under_way.spawn(self.attempt(task, now));
                continue;
            }
            // A task that broke is told of by its lease, which runs out.
            let Some(ended) = under_way.join_next().await else { break };
            let Ok((task, sent)) = ended else { continue };
            let now = (self.clock)();
            let step = next_step(&task, &sent, now);
            report(&task, &sent, step);
            match step {
                HubStep::Done | HubStep::Ended => pass.done += 1,
                HubStep::RetryAt(_) | HubStep::GivenUp => pass.failed += 1,
            }
            self.store.finish_hub_task(&task, step, now).await?;
        }
        pass.next = self.store.next_hub_task().await?;
        Ok(pass)
    }

    /// One attempt, as work of its own; it gives the task as what was sent makes it: an update is
    /// always the feed as it stands now, which may be newer than what was announced.
    fn attempt(&self, mut task: DueHubTask, now: DateTime<Utc>) -> impl Future<Output = (DueHubTask, Sent)> + Send + 'static {
        let envelope = self.envelope(&mut task);
        let messenger = self.messenger.clone();
        async move {
            let sent = match envelope {
                _ if task.expires <= now => Sent::Refused("its time ran out".to_owned()),
                None => Sent::Refused("the feed is not published".to_owned()),
                Some(envelope) => messenger.send(&envelope, &task.topic, &task.callback).await,
            };
            (task, sent)
        }
    }

    fn envelope(&self, task: &mut DueHubTask) -> Option<Envelope> {
        Some(match &mut task.task {
            HubTask::Verify(Wish::Subscribe { lease, .. }) => Envelope::Verify { subscribe_for: Some(*lease) },
            HubTask::Verify(Wish::Unsubscribe) => Envelope::Verify { subscribe_for: None },
            HubTask::Deny { reason } => Envelope::Deny { reason: reason.clone() },
            HubTask::Ping { .. } => Envelope::Ping,
            HubTask::Update { secret, version } => {
                let Topic { representation, .. } = (self.topics)().into_iter().find(|topic| topic.address == task.topic)?;
                version.clone_from(&representation.identity.etag);
                Envelope::Update {
                    content_type: representation.content_type,
                    body: representation.identity.bytes.clone(),
                    link: representation.link.clone().unwrap_or_default(),
                    signing: secret.clone().map(|secret| (secret, self.config.signature)),
                }
            }
        })
    }
}

fn next_step(task: &DueHubTask, sent: &Sent, now: DateTime<Utc>) -> HubStep {
    match sent {
        Sent::Taken => HubStep::Done,
        Sent::Unwanted => HubStep::Ended,
        Sent::Refused(_) => HubStep::GivenUp,
        Sent::Unreached(_) => {
            let place = usize::try_from(task.attempts).unwrap_or(usize::MAX);
            let wait = RETRY_WAITS.get(place).or(RETRY_WAITS.last()).copied().unwrap_or_default();
            // A tenth longer or shorter, so that who failed together is not tried together.
            let jitter = wait * i32::from(Rng::new().u8(0..=20)) / 100 - wait / 10;
            let again = now + wait + jitter;
            if again < task.expires { HubStep::RetryAt(again) } else { HubStep::GivenUp }
        }
    }
}

/// Callbacks are addresses that subscribers gave; they may hold a key in their query, so only the host
/// is told.
fn report(task: &DueHubTask, sent: &Sent, step: HubStep) {
    let host = task.callback.split('/').nth(2).unwrap_or_default();
    let topic = &task.topic;
    match (sent, step) {
        (Sent::Taken, _) => tracing::debug!(topic, host, "a subscriber was told"),
        (Sent::Unwanted, _) => tracing::info!(topic, host, "a subscriber has ended its subscription"),
        (Sent::Refused(why) | Sent::Unreached(why), HubStep::RetryAt(again)) => {
            tracing::info!(topic, host, %again, "a subscriber was not told: {why}")
        }
        (Sent::Refused(why) | Sent::Unreached(why), _) => tracing::warn!(topic, host, "given up to tell a subscriber: {why}"),
    }
}
