//! Delivering: what is queued for a webhook is leased, sent, and recorded.
//!
//! Delivery is at least once. Between a service's "yes" and the record of it lies the only moment
//! at which a crash, or a store that fails for long, leads to a duplicate: the lease runs out, and the
//! message is sent again under the same id, by which a receiver can tell.

use std::time::{Duration as StdDuration, Instant};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use fastrand::Rng;
use tokio_util::sync::CancellationToken;

use crate::model::{Attempt, DeliveryId, DueDelivery, Message, Outcome};
use crate::store::{NextStep, Store, StoreError};
use crate::webhook::{MAX_ATTEMPTS, Pace, RetryPolicy, Sender, Sent, WebhookConfig, encode_plain, encode_smaller};

/// How much longer than the longest attempt a lease lasts: time to record the attempt, and for the
/// clocks of two machines to differ.
const LEASE_MARGIN: Duration = Duration::seconds(40);

/// The pauses between the tries to record an attempt. What was sent and is not recorded is sent
/// twice, so a store that is busy for a moment is worth some seconds; one that fails for longer is
/// told of, and the lease runs out.
const RECORD_PAUSES: [StdDuration; 4] =
    [StdDuration::from_millis(500), StdDuration::from_secs(1), StdDuration::from_secs(2), StdDuration::from_secs(4)];

/// The share by which a wait is made longer or shorter at random, so that messages that failed
/// together are not tried together.
const JITTER: f64 = 0.1;

/// The shortest wait between two attempts, whatever the schedule says.
const SHORTEST_WAIT: Duration = Duration::seconds(1);

/// How long a webhook fails before it counts as broken: it is spared what would fail too, and whoever is to
/// hear of problems hears of it.
const BROKEN_AFTER: Duration = Duration::hours(1);

/// How long a broken webhook is left alone after an attempt, so that all that waits for it costs no more
/// than one attempt each time, and what is due goes out soon after it works again.
const PROBE_AFTER: Duration = Duration::minutes(5);

/// What a pass over a webhook's deliveries did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pass {
    /// How many messages the service took.
    pub delivered: u32,
    /// How many attempts failed and will be repeated.
    pub retried: u32,
    /// How many messages were replaced by others that their service is to like better.
    pub replaced: u32,
    /// How many messages were given up.
    pub dead: u32,
    /// Until when the service is to be left alone; no pass before, whatever is due.
    pub rest_until: Option<DateTime<Utc>>,
    /// When the next message is due. `None` where nothing is pending.
    pub next: Option<DateTime<Utc>>,
    /// What a person should hear of.
    pub troubles: Vec<Trouble>,
}

/// What a person should hear of a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing has arrived for long.
    Broken {
        /// Since when.
        since: DateTime<Utc>,
        /// What the last attempt came to.
        why: String,
    },
    /// It works again.
    Mended {
        /// Since when it did not.
        since: DateTime<Utc>,
    },
    /// Its service has closed the address.
    Stopped {
        /// When.
        at: DateTime<Utc>,
        /// What it said.
        why: String,
    },
    /// The language model that writes its summaries was asked as often as it may be on a day.
    ModelSpent {
        /// The day, of UTC.
        day: NaiveDate,
        /// What was found, and what to do.
        why: String,
    },
    /// A message was given up.
    GaveUp {
        /// The message.
        delivery: DeliveryId,
        /// What the last attempt came to.
        why: String,
    },
}

/// What lives as long as a webhook's task: chance, and what was sent lately.
pub struct Postman {
    /// Chance, by which waits are made longer or shorter.
    pub jitter: Rng,
    /// How fast the service may be called.
    pub pace: Pace,
}

impl Postman {
    /// One that has sent nothing yet.
    pub fn new(webhook: &WebhookConfig, jitter: Rng) -> Self {
        Self { jitter, pace: Pace::new(webhook.destination.limits().rates) }
    }
}

/// Sends what is due for the webhook, one message after the other, and returns when nothing is due
/// any more, when the service is to be left alone, in quiet hours, or when `stop` is cancelled; then the
/// message at hand is finished and recorded first.
///
/// A message that failed is tried again after the next wait of the webhook's retry policy, a tenth
/// longer or shorter at random, and not before the service's Retry-After. Where that would be after
/// its time has run out, or it had [`MAX_ATTEMPTS`], it is given up at once, so that a person hears of it
/// early. One that is too long
/// for its service, or in a form that it does not read, is replaced by others.
///
/// # Errors
///
/// The store failed. A message whose record was lost, though it was tried for some seconds, is sent
/// again after its lease.
pub async fn deliver_due(
    store: &dyn Store,
    webhook: &WebhookConfig,
    sender: &Sender,
    clock: &(dyn Fn() -> DateTime<Utc> + Sync),
    postman: &mut Postman,
    stop: &CancellationToken,
) -> Result<Pass, StoreError> {
    let lease = Duration::from_std(sender.timeouts().request).unwrap_or(Duration::MAX / 2) + LEASE_MARGIN;
    let mut pass = Pass::default();
    let mut failing_since = store.webhook_state(&webhook.name).await?.failing_since;

    while !stop.is_cancelled() {
        if let Some(end) = webhook.timing.quiet_until(clock()) {
            pass.next = Some(end);
            return Ok(pass);
        }
        // Before anything is claimed, so that no lease runs out meanwhile.
        rest(postman.pace.wait(Instant::now()), stop).await;
        if stop.is_cancelled() {
            break;
        }
        let now = clock();
        let Some(delivery) = store.claim(&webhook.name, now, now + lease).await? else { break };
        let sent = match delivery.expires {
            expires if expires <= now => expired(expires),
            _ if delivery.tries() >= MAX_ATTEMPTS => exhausted(),
            _ => {
                postman.pace.count(Instant::now());
                sender.send(&webhook.destination, &delivery, now).await
            }
        };
        let ended = clock();
        let step = match replacement(store, webhook, &delivery, &sent.outcome).await? {
            Some(messages) => Step::Replace(messages),
            None => Step::Next(next_step(&sent.outcome, &delivery, &webhook.retry, ended, &mut postman.jitter)),
        };
        let attempt = attempt(&delivery, &sent, &step, now);
        record(store, &delivery.id, &attempt, &step).await?;
        report(&delivery, &attempt, &step);
        match &step {
            Step::Replace(_) => pass.replaced += 1,
            Step::Next(NextStep::Delivered) => {
                pass.delivered += 1;
                let since = failing_since.take().filter(|since| ended - *since >= BROKEN_AFTER);
                pass.troubles.extend(since.map(|since| Trouble::Mended { since }));
            }
            Step::Next(NextStep::RetryAt(again)) => {
                pass.retried += 1;
                let since = *failing_since.get_or_insert(now);
                if ended - since >= BROKEN_AFTER {
                    pass.troubles.push(Trouble::Broken { since, why: attempt.result.clone() });
                    pass.rest_until = Some((*again).min(ended + PROBE_AFTER));
                }
            }
            Step::Next(NextStep::Dead) => {
                pass.dead += 1;
                // Word of a problem carries no story: two webhooks that take none would tell each other for ever.
                if !delivery.articles.is_empty() {
                    pass.troubles.push(Trouble::GaveUp { delivery: delivery.id.clone(), why: attempt.result.clone() });
                }
            }
            Step::Next(NextStep::Stop) => {
                pass.dead += 1;
                pass.troubles.push(Trouble::Stopped { at: now, why: attempt.result.clone() });
                break;
            }
        }
        let asked = match sent.outcome {
            Outcome::Retry { after, .. } => after,
            _ => sent.rest,
        };
        pass.rest_until = pass.rest_until.max(asked.map(|asked| ended + asked));
        if pass.rest_until.is_some() {
            break;
        }
    }

    pass.next = store.next_due(&webhook.name).await?.map(|due| pass.rest_until.map_or(due, |rest| due.max(rest)));
    Ok(pass)
}

/// How a delivery goes on after an attempt.
enum Step {
    /// As it is.
    Next(NextStep),
    /// By other messages.
    Replace(Vec<Message>),
}

/// The messages that are to stand for one that its service did not take in this form; `None` where there
/// is no other form of it, or nothing is wrong with this one.
async fn replacement(
    store: &dyn Store,
    webhook: &WebhookConfig,
    delivery: &DueDelivery,
    outcome: &Outcome,
) -> Result<Option<Vec<Message>>, StoreError> {
    let encode = match outcome {
        Outcome::Split { .. } => encode_smaller,
        Outcome::Plain { .. } => encode_plain,
        _ => return Ok(None),
    };
    let digest = store.digest(&delivery.digest).await?;
    Ok(digest.map(|digest| encode(webhook, &digest, delivery)).filter(|messages| !messages.is_empty()))
}

/// Writes an attempt into the ledger, if need be by several tries.
async fn record(store: &dyn Store, id: &DeliveryId, attempt: &Attempt, step: &Step) -> Result<(), StoreError> {
    let write = async || match step {
        Step::Next(next) => store.record(id, attempt, *next).await,
        Step::Replace(messages) => store.replace(id, attempt, messages).await,
    };
    for pause in RECORD_PAUSES {
        match write().await {
            Err(error) if error.may_pass() => {
                tracing::warn!("{id}: {error}; the attempt ({}) is recorded again in {pause:?}", attempt.result);
                tokio::time::sleep(pause).await;
            }
            done => return done,
        }
    }
    write().await
}

/// What is recorded instead of an attempt for a message whose time ran out before it was sent.
fn expired(expires: DateTime<Utc>) -> Sent {
    let why = format!("not sent: its time ran out at {}", expires.format("%Y-%m-%d %H:%M:%S UTC"));
    Sent { outcome: Outcome::GaveUp { why }, status: None, rest: None, answer: String::new() }
}

/// What is recorded instead of one attempt more for a message that had as many as there may be without an
/// outcome in the ledger: newsboy ended during each of them, or could not record it.
fn exhausted() -> Sent {
    let why = format!("not sent: {MAX_ATTEMPTS} attempts are the most; the log tells why newsboy ended while it was being sent");
    Sent { outcome: Outcome::GaveUp { why }, status: None, rest: None, answer: String::new() }
}

fn next_step(outcome: &Outcome, delivery: &DueDelivery, policy: &RetryPolicy, now: DateTime<Utc>, jitter: &mut Rng) -> NextStep {
    match outcome {
        Outcome::Delivered => NextStep::Delivered,
        Outcome::GaveUp { .. } | Outcome::Split { .. } | Outcome::Plain { .. } => NextStep::Dead,
        Outcome::Disabled { .. } => NextStep::Stop,
        Outcome::Retry { after, .. } => {
            let wait = jittered(policy.wait_after(delivery.tries().saturating_add(1)), jitter);
            match now.checked_add_signed(wait.max(after.unwrap_or_default())) {
                Some(again) if again < delivery.expires && delivery.tries() + 1 < MAX_ATTEMPTS => NextStep::RetryAt(again),
                _ => NextStep::Dead,
            }
        }
    }
}

/// The wait, up to a tenth longer or shorter.
fn jittered(wait: Duration, jitter: &mut Rng) -> Duration {
    let factor = 1.0 - JITTER + 2.0 * JITTER * jitter.f64();
    Duration::milliseconds((wait.num_milliseconds() as f64 * factor) as i64).max(SHORTEST_WAIT)
}

fn attempt(delivery: &DueDelivery, sent: &Sent, step: &Step, at: DateTime<Utc>) -> Attempt {
    let result = match (&sent.outcome, step) {
        (Outcome::Delivered, _) => "delivered".to_owned(),
        (Outcome::Retry { why, .. }, Step::Next(NextStep::Dead)) if delivery.tries() + 1 >= MAX_ATTEMPTS => {
            format!("{why}; given up after {MAX_ATTEMPTS} attempts")
        }
        (Outcome::Retry { why, .. }, Step::Next(NextStep::Dead)) => format!("{why}; given up, because the next attempt would be too late"),
        (Outcome::Split { why }, Step::Next(_)) => format!("{why}; given up, because there is no smaller form of it"),
        (Outcome::Plain { why }, Step::Next(_)) => format!("{why}; given up, because it has no markup"),
        (Outcome::Split { why }, Step::Replace(messages)) => format!("{why}; {} smaller messages take its place", messages.len()),
        (Outcome::Plain { why }, Step::Replace(_)) => format!("{why}; it is sent again without markup"),
        (Outcome::Disabled { why }, _) => {
            format!("{why}; nothing is sent to it any more until `newsboy webhook resume {}`", delivery.webhook)
        }
        (Outcome::Retry { why, .. } | Outcome::GaveUp { why }, _) => why.clone(),
    };
    Attempt { number: delivery.attempts.saturating_add(1), at, result, status: sent.status, answer: sent.answer.clone() }
}

fn report(delivery: &DueDelivery, attempt: &Attempt, step: &Step) {
    let (webhook, id, number, result) = (&delivery.webhook, &delivery.id, attempt.number, &attempt.result);
    match step {
        Step::Next(NextStep::Delivered) => tracing::info!(webhook, %id, number, "delivered"),
        Step::Next(NextStep::RetryAt(again)) => tracing::warn!(webhook, %id, number, %again, "not delivered: {result}"),
        Step::Replace(_) => tracing::warn!(webhook, %id, number, "not delivered: {result}"),
        Step::Next(NextStep::Dead) => tracing::error!(webhook, %id, number, "given up: {result}"),
        Step::Next(NextStep::Stop) => tracing::error!(webhook, %id, number, "stopped: {result}"),
    }
}

/// Waits between two messages, as the service's limits ask.
async fn rest(pause: StdDuration, stop: &CancellationToken) {
    if !pause.is_zero() {
        let _ = tokio::time::timeout(pause, stop.cancelled()).await;
    }
}

#[cfg(test)]
mod tests;
