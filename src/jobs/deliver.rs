//! Delivering: what is queued for a webhook is leased, sent, and recorded.
//!
//! Delivery is at least once. Between a service's "yes" and the record of it lies the only moment
//! at which a crash, or a store that fails for long, leads to a duplicate: the lease runs out, and the
//! message is sent again under the same id, by which a receiver can tell.

use std::time::Duration as StdDuration;

use chrono::{DateTime, Duration, Utc};
use fastrand::Rng;
use tokio_util::sync::CancellationToken;

use crate::model::{Attempt, DeliveryId, DueDelivery, Outcome};
use crate::store::{NextStep, Store, StoreError};
use crate::webhook::{RetryPolicy, Sender, Sent, WebhookConfig};

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

/// What a pass over a webhook's deliveries did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pass {
    /// How many messages the service took.
    pub delivered: u32,
    /// How many attempts failed and will be repeated.
    pub retried: u32,
    /// How many messages were given up.
    pub dead: u32,
    /// Until when the service asked to be left alone; no pass before, whatever is due.
    pub rest_until: Option<DateTime<Utc>>,
    /// When the next message is due. `None` where nothing is pending.
    pub next: Option<DateTime<Utc>>,
}

/// Sends what is due for the webhook, one message after the other, and returns when nothing is due
/// any more, when the service asks to wait, or when `stop` is cancelled; then the message at hand is
/// finished and recorded first.
///
/// A message that failed is tried again after the next wait of the webhook's retry policy, a tenth
/// longer or shorter at random, and not before the service's Retry-After. Where that would be after
/// its time has run out it is given up at once, so that a person hears of it early.
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
    jitter: &mut Rng,
    stop: &CancellationToken,
) -> Result<Pass, StoreError> {
    let lease = Duration::from_std(sender.timeouts().request).unwrap_or(Duration::MAX / 2) + LEASE_MARGIN;
    let pause = webhook.destination.limits().pause;
    let mut pass = Pass::default();

    while !stop.is_cancelled() {
        let now = clock();
        let Some(delivery) = store.claim(&webhook.name, now, now + lease).await? else { break };
        let sent = match delivery.expires {
            expires if expires <= now => expired(expires),
            _ => sender.send(&webhook.destination, &delivery, now).await,
        };
        let ended = clock();
        let next = next_step(&sent.outcome, &delivery, &webhook.retry, ended, jitter);
        let attempt = attempt(&delivery, &sent, next, now);
        record(store, &delivery.id, &attempt, next).await?;
        report(&delivery, &attempt, next);
        match next {
            NextStep::Delivered => pass.delivered += 1,
            NextStep::RetryAt(_) => pass.retried += 1,
            NextStep::Dead => pass.dead += 1,
        }
        if let Outcome::Retry { after: Some(after), .. } = sent.outcome {
            pass.rest_until = Some(ended + after);
            break;
        }
        rest(pause, stop).await;
    }

    pass.next = store.next_due(&webhook.name).await?.map(|due| pass.rest_until.map_or(due, |rest| due.max(rest)));
    Ok(pass)
}

/// Writes an attempt into the ledger, if need be by several tries.
async fn record(store: &dyn Store, id: &DeliveryId, attempt: &Attempt, next: NextStep) -> Result<(), StoreError> {
    for pause in RECORD_PAUSES {
        match store.record(id, attempt, next).await {
            Err(error) if error.may_pass() => {
                tracing::warn!("{id}: {error}; the attempt ({}) is recorded again in {pause:?}", attempt.result);
                tokio::time::sleep(pause).await;
            }
            done => return done,
        }
    }
    store.record(id, attempt, next).await
}

/// What is recorded instead of an attempt for a message whose time ran out before it was sent.
fn expired(expires: DateTime<Utc>) -> Sent {
    let why = format!("not sent: its time ran out at {}", expires.format("%Y-%m-%d %H:%M:%S UTC"));
    Sent { outcome: Outcome::GaveUp { why }, status: None, answer: String::new() }
}

fn next_step(outcome: &Outcome, delivery: &DueDelivery, policy: &RetryPolicy, now: DateTime<Utc>, jitter: &mut Rng) -> NextStep {
    match outcome {
        Outcome::Delivered => NextStep::Delivered,
        Outcome::GaveUp { .. } => NextStep::Dead,
        Outcome::Retry { after, .. } => {
            let wait = jittered(policy.wait_after(delivery.attempts.saturating_add(1)), jitter);
            match now.checked_add_signed(wait.max(after.unwrap_or_default())) {
                Some(again) if again < delivery.expires => NextStep::RetryAt(again),
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

fn attempt(delivery: &DueDelivery, sent: &Sent, next: NextStep, at: DateTime<Utc>) -> Attempt {
    let result = match (&sent.outcome, next) {
        (Outcome::Delivered, _) => "delivered".to_owned(),
        (Outcome::Retry { why, .. }, NextStep::Dead) => format!("{why}; given up, because the next attempt would be too late"),
        (Outcome::Retry { why, .. } | Outcome::GaveUp { why }, _) => why.clone(),
    };
    Attempt { number: delivery.attempts.saturating_add(1), at, result, status: sent.status, answer: sent.answer.clone() }
}

fn report(delivery: &DueDelivery, attempt: &Attempt, next: NextStep) {
    let (webhook, id, number, result) = (&delivery.webhook, &delivery.id, attempt.number, &attempt.result);
    match next {
        NextStep::Delivered => tracing::info!(webhook, %id, number, "delivered"),
        NextStep::RetryAt(again) => tracing::warn!(webhook, %id, number, %again, "not delivered: {result}"),
        NextStep::Dead => tracing::error!(webhook, %id, number, "given up: {result}"),
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
