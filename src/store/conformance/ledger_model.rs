//! Deliveries against a model: whatever is queued, claimed, recorded and sent again in whatever
//! order, the store does what a list in memory does by the rules as the trait tells them.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::digests::digest;
use super::{Place, at};
use crate::model::{Attempt, DeliveryId, DeliveryState, DueDelivery};
use crate::store::{Beginning, DeliveryQuery, NextStep, Store};

#[derive(Debug, Clone)]
enum Step {
    /// Time passes, in seconds.
    Wait(i64),
    /// A digest of so many messages is queued.
    Queue(u32),
    /// The next message is claimed for so many seconds.
    Claim(i64),
    /// Time passes to just before the next due instant, then up to it, with a claim at both.
    ClaimWhenDue(i64),
    /// One of the claims made so far tells its outcome: delivered, dead, or to be retried in so
    /// many seconds.
    Record(prop::sample::Index, Option<i64>, bool),
    /// One of the messages claimed so far is sent again by hand.
    Redeliver(prop::sample::Index, i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_i64..400).prop_map(Step::Wait),
        (0_u32..4).prop_map(Step::Queue),
        (1_i64..300).prop_map(Step::Claim),
        (1_i64..300).prop_map(Step::ClaimWhenDue),
        (any::<prop::sample::Index>(), prop::option::of(0_i64..900), any::<bool>()).prop_map(|(c, r, d)| Step::Record(c, r, d)),
        (any::<prop::sample::Index>(), 1_i64..900).prop_map(|(c, e)| Step::Redeliver(c, e)),
    ]
}

#[derive(Debug)]
struct Message {
    slot: DateTime<Utc>,
    part: u32,
    state: DeliveryState,
    next_attempt: DateTime<Utc>,
    expires: DateTime<Utc>,
    lease: Option<DateTime<Utc>>,
    attempts: u32,
}

impl Message {
    fn due(&self) -> DateTime<Utc> {
        let ready = self.next_attempt.min(self.expires);
        self.lease.map_or(ready, |lease| lease.max(ready))
    }
}

/// The model, and the store beside it.
struct Pair<'a> {
    store: &'a dyn Store,
    webhook: String,
    now: DateTime<Utc>,
    /// In the order of slots and parts.
    messages: Vec<Message>,
    claims: Vec<(DueDelivery, usize)>,
}

impl Pair<'_> {
    /// The messages that nothing holds back.
    fn open(&self) -> impl Iterator<Item = (usize, &Message)> {
        let pending = |m: &&Message| m.state == DeliveryState::Pending;
        let held = move |m: &Message| self.messages.iter().filter(pending).any(|a| a.slot == m.slot && a.part < m.part);
        self.messages.iter().enumerate().filter(move |(_, m)| pending(m) && !held(m))
    }

    async fn queue(&mut self, parts: u32) -> Result<(), TestCaseError> {
        let mark = self.store.enrol_webhook(&self.webhook, Beginning::Now, self.now).await.unwrap();
        let slot = mark.slot + Duration::seconds(1);
        let mut queued = digest(&self.webhook, mark, slot, parts);
        (queued.now, queued.due) = (self.now, self.now);
        queued.expires = self.now + Duration::seconds(600);
        prop_assert!(self.store.queue_digest(queued.clone()).await.unwrap());
        self.messages.extend((1..=parts).map(|part| Message {
            slot,
            part,
            state: DeliveryState::Pending,
            next_attempt: self.now,
            expires: queued.expires,
            lease: None,
            attempts: 0,
        }));
        Ok(())
    }

    async fn claim(&mut self, seconds: i64) -> Result<(), TestCaseError> {
        let lease = self.now + Duration::seconds(seconds);
        let claimed = self.store.claim(&self.webhook, self.now, lease).await.unwrap();
        let expected = self.open().find(|(_, m)| m.due() <= self.now).map(|(index, _)| index);
        prop_assert_eq!(claimed.is_some(), expected.is_some());
        if let (Some(due), Some(index)) = (claimed, expected) {
            let message = &mut self.messages[index];
            prop_assert_eq!((due.slot, due.attempts, due.expires), (message.slot, message.attempts, message.expires));
            prop_assert_eq!(&due.body, &format!("{{\"part\":{}}}", message.part));
            message.attempts += 1;
            message.lease = Some(lease);
            self.claims.push((due, index));
        }
        Ok(())
    }

    async fn record(&mut self, which: &prop::sample::Index, retry: Option<i64>, delivered: bool) {
        if self.claims.is_empty() {
            return;
        }
        let (due, index) = which.get(&self.claims);
        let next = match retry {
            Some(seconds) => NextStep::RetryAt(self.now + Duration::seconds(seconds)),
            None if delivered => NextStep::Delivered,
            None => NextStep::Dead,
        };
        let number = due.attempts + 1;
        let attempt = Attempt { number, at: self.now, result: "told".to_owned(), status: Some(500), answer: String::new() };
        self.store.record(&due.id, &attempt, next).await.unwrap();
        let message = &mut self.messages[*index];
        let decides = message.state == DeliveryState::Pending && message.attempts == number;
        match next {
            NextStep::Delivered => message.state = DeliveryState::Delivered,
            NextStep::RetryAt(at) if decides => message.next_attempt = at,
            NextStep::Dead if decides => message.state = DeliveryState::Dead,
            _ => return,
        }
        message.lease = None;
    }

    async fn redeliver(&mut self, which: &prop::sample::Index, seconds: i64) -> Result<(), TestCaseError> {
        if let Some((due, index)) = (!self.claims.is_empty()).then(|| which.get(&self.claims)) {
            let expires = self.now + Duration::seconds(seconds);
            prop_assert!(self.store.redeliver(&due.id, self.now, expires).await.unwrap());
            let message = &mut self.messages[*index];
            (message.state, message.next_attempt, message.expires) = (DeliveryState::Pending, self.now, expires);
        }
        Ok(())
    }

    async fn run(&mut self, steps: &[Step]) -> Result<(), TestCaseError> {
        for step in steps {
            match step {
                Step::Wait(seconds) => self.now += Duration::seconds(*seconds),
                Step::Queue(parts) => self.queue(*parts).await?,
                Step::Claim(seconds) => self.claim(*seconds).await?,
                Step::ClaimWhenDue(seconds) => {
                    if let Some(due) = self.store.next_due(&self.webhook).await.unwrap().filter(|due| *due > self.now) {
                        self.now = due - Duration::milliseconds(1);
                        let early = self.store.claim(&self.webhook, self.now, self.now).await.unwrap();
                        prop_assert!(early.is_none(), "nothing is due before the next due instant");
                        self.now = due;
                    }
                    let claims = self.claims.len();
                    self.claim(*seconds).await?;
                    let nothing_open = self.open().next().is_none();
                    prop_assert!(self.claims.len() > claims || nothing_open, "a message is due at the due instant");
                }
                Step::Record(which, retry, delivered) => self.record(which, *retry, *delivered).await,
                Step::Redeliver(which, seconds) => self.redeliver(which, *seconds).await?,
            }
            let due = self.open().map(|(_, m)| m.due()).min();
            prop_assert_eq!(self.store.next_due(&self.webhook).await.unwrap(), due);
        }
        self.compare_ledger().await
    }

    async fn compare_ledger(&self) -> Result<(), TestCaseError> {
        let query = DeliveryQuery { webhook: Some(self.webhook.clone()), limit: u32::MAX, ..DeliveryQuery::default() };
        let mut ledger = self.store.deliveries(&query).await.unwrap();
        ledger.sort_by_key(|delivery| (delivery.slot, delivery.part));
        prop_assert_eq!(ledger.len(), self.messages.len());
        for (delivery, message) in ledger.iter().zip(&self.messages) {
            prop_assert_eq!((delivery.state, delivery.expires), (message.state, message.expires));
            prop_assert_eq!(delivery.attempts.len(), message.attempts as usize);
            prop_assert_eq!(delivery.next_attempt, (message.state == DeliveryState::Pending).then(|| message.due()));
            prop_assert!(DeliveryId::parse(delivery.id.as_str()).is_some());
        }
        Ok(())
    }
}

/// See the head of this module.
pub(crate) fn claims_due_times_and_the_ledger_agree_with_a_model<P: Place>() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let place = P::fresh();
    let store = runtime.block_on(place.open());
    // Every case has a webhook of its own, and so a ledger of its own.
    let case = AtomicU32::new(0);
    let mut runner = TestRunner::new(Config { cases: 48, failure_persistence: None, ..Config::default() });
    let ran = runner.run(&prop::collection::vec(step(), 1..40), |steps| {
        let webhook = format!("desk {}", case.fetch_add(1, Ordering::Relaxed));
        let mut pair = Pair { store: &*store, webhook, now: at("08:00:00"), messages: Vec::new(), claims: Vec::new() };
        runtime.block_on(pair.run(&steps))
    });
    if let Err(error) = ran {
        panic!("{error}");
    }
}
