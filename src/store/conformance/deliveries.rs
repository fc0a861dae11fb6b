//! Claims, outcomes and the ledger.

use chrono::{DateTime, Duration, Utc};

use super::at;
use super::digests::{digest, queue};
use crate::model::{Attempt, Delivery, DeliveryId, DeliveryState, DueDelivery};
use crate::store::{Beginning, DeliveryQuery, GivenUp, NextStep, Store, StoreError, WebhookState, WebhookStatus};

/// Claims the next message for a minute.
async fn claim(store: &dyn Store, now: DateTime<Utc>) -> Option<DueDelivery> {
    store.claim("desk", now, now + Duration::minutes(1)).await.unwrap()
}

async fn record(store: &dyn Store, due: &DueDelivery, now: DateTime<Utc>, next: NextStep) -> Attempt {
    let result = if next == NextStep::Delivered { "delivered" } else { "HTTP 503" };
    let answer = "{\"ok\":true}".to_owned();
    let attempt = Attempt { number: due.attempts + 1, at: now, result: result.to_owned(), status: Some(503), answer };
    store.record(&due.id, &attempt, next).await.unwrap();
    attempt
}

async fn of(store: &dyn Store, id: &DeliveryId) -> Delivery {
    store.delivery(id).await.unwrap().unwrap()
}

fn part(due: &Option<DueDelivery>) -> Option<&str> {
    due.as_ref().map(|due| &*due.body)
}

pub(crate) async fn parts_are_sent_in_order_and_a_dead_one_holds_back_none(store: &dyn Store) {
    let queued = queue(store, "desk", 3).await;
    assert_eq!(claim(store, at("07:59:59.999")).await, None);
    let first = claim(store, at("08:00:00")).await.unwrap();
    assert_eq!((&first.digest, &*first.webhook, first.slot), (&queued.digest.id, "desk", queued.digest.slot));
    assert_eq!((&*first.body, first.attempts), (&*queued.messages[0].body, 0));
    assert_eq!((first.queued, first.expires), (queued.now, queued.expires));

    assert_eq!(claim(store, at("08:00:01")).await, None, "the first part is leased");
    record(store, &first, at("08:00:02"), NextStep::RetryAt(at("08:05:00"))).await;
    assert_eq!(claim(store, at("08:04:59")).await, None, "the first part waits");
    assert_eq!(store.next_due("desk").await.unwrap(), Some(at("08:05:00")));
    let again = claim(store, at("08:05:00")).await.unwrap();
    assert_eq!((&again.id, again.attempts), (&first.id, 1));
    record(store, &again, at("08:05:01"), NextStep::Delivered).await;

    let second = claim(store, at("08:05:01")).await.unwrap();
    assert_eq!(second.body, queued.messages[1].body);
    record(store, &second, at("08:05:02"), NextStep::Dead).await;
    let third = claim(store, at("08:05:02")).await.unwrap();
    assert_eq!(third.body, queued.messages[2].body);
    record(store, &third, at("08:05:03"), NextStep::Delivered).await;
    assert_eq!((claim(store, at("09:00:00")).await, store.next_due("desk").await.unwrap()), (None, None));
    assert_eq!(store.claim("other", at("09:00:00"), at("09:01:00")).await.unwrap(), None);
}

pub(crate) async fn an_attempt_whose_outcome_was_never_recorded_is_seen_and_tried_again_after_the_lease(store: &dyn Store) {
    queue(store, "desk", 1).await;
    let lost = claim(store, at("08:00:00")).await.unwrap();
    let ledger = of(store, &lost.id).await;
    assert_eq!((ledger.state, ledger.next_attempt), (DeliveryState::Pending, Some(at("08:01:00"))));
    assert_eq!(ledger.attempts.iter().map(|a| (a.number, a.at, a.status)).collect::<Vec<_>>(), [(1, at("08:00:00"), None)]);
    let begun = ledger.attempts[0].clone();

    assert_eq!(claim(store, at("08:00:59.999")).await, None);
    let again = claim(store, at("08:01:00")).await.unwrap();
    assert_eq!((&again.id, again.attempts), (&lost.id, 1));
    let attempt = record(store, &again, at("08:01:01"), NextStep::Delivered).await;
    let ledger = of(store, &lost.id).await;
    assert_eq!((ledger.state, ledger.next_attempt), (DeliveryState::Delivered, None));
    assert_eq!(ledger.attempts, [begun, attempt]);
}

pub(crate) async fn an_expired_message_is_handed_out_when_it_expires_but_not_while_it_is_leased(store: &dyn Store) {
    let queued = queue(store, "desk", 1).await;
    let due = claim(store, at("08:00:00")).await.unwrap();
    // The next attempt would come after the message's end.
    record(store, &due, at("08:00:01"), NextStep::RetryAt(queued.expires + Duration::hours(5))).await;
    assert_eq!(store.next_due("desk").await.unwrap(), Some(queued.expires));
    assert_eq!(claim(store, queued.expires - Duration::milliseconds(1)).await, None);
    let lease_until = queued.expires + Duration::hours(1);
    let expired = store.claim("desk", queued.expires, lease_until).await.unwrap().unwrap();
    assert!(expired.expires <= queued.expires);
    assert_eq!(claim(store, queued.expires + Duration::minutes(59)).await, None);
    assert_eq!(store.next_due("desk").await.unwrap(), Some(lease_until));
    record(store, &expired, queued.expires, NextStep::Dead).await;
    assert_eq!(of(store, &due.id).await.state, DeliveryState::Dead);
}

pub(crate) async fn a_late_outcome_counts_only_if_the_message_was_delivered(store: &dyn Store) {
    queue(store, "desk", 1).await;
    let slow = claim(store, at("08:00:00")).await.unwrap();
    let next = claim(store, at("08:01:00")).await.unwrap();
    // The slow sender tells its failures while another attempt is under way.
    record(store, &slow, at("08:01:10"), NextStep::Dead).await;
    record(store, &slow, at("08:01:11"), NextStep::RetryAt(at("08:01:12"))).await;
    let ledger = of(store, &slow.id).await;
    assert_eq!((ledger.state, ledger.next_attempt), (DeliveryState::Pending, Some(at("08:02:00"))));
    // And its success, after which the failure of the other changes nothing.
    record(store, &slow, at("08:01:13"), NextStep::Delivered).await;
    record(store, &next, at("08:01:14"), NextStep::RetryAt(at("08:01:15"))).await;
    record(store, &next, at("08:01:16"), NextStep::Dead).await;
    let ledger = of(store, &slow.id).await;
    assert_eq!((ledger.state, ledger.next_attempt), (DeliveryState::Delivered, None));
    assert_eq!(ledger.attempts.iter().map(|a| a.at).collect::<Vec<_>>(), [at("08:01:13"), at("08:01:16")]);
    assert_eq!(claim(store, at("09:00:00")).await, None);

    let unknown = DeliveryId::assign(&[b"unknown"]);
    let attempt = ledger.attempts[0].clone();
    let refused = store.record(&unknown, &attempt, NextStep::Delivered).await;
    assert!(matches!(refused, Err(StoreError::UnknownDelivery { id }) if id == unknown));
    assert_eq!(store.delivery(&unknown).await.unwrap(), None);
}

pub(crate) async fn a_message_is_sent_again_by_hand(store: &dyn Store) {
    queue(store, "desk", 2).await;
    let first = claim(store, at("08:00:00")).await.unwrap();
    record(store, &first, at("08:00:01"), NextStep::Dead).await;
    let second = claim(store, at("08:00:02")).await.unwrap();
    record(store, &second, at("08:00:03"), NextStep::Delivered).await;

    let expires = at("20:00:00");
    for id in [&first.id, &second.id] {
        assert!(store.redeliver(id, at("09:00:00"), expires).await.unwrap());
    }
    assert!(!store.redeliver(&DeliveryId::assign(&[b"unknown"]), at("09:00:00"), expires).await.unwrap());
    assert_eq!(claim(store, at("08:59:59")).await, None);
    let again = claim(store, at("09:00:00")).await.unwrap();
    assert_eq!((&again.id, again.attempts, again.expires), (&first.id, 1, expires));
    assert_eq!((first.tries(), again.earlier, again.tries()), (0, 1, 0), "its attempts are numbered on, and bounded anew");
    // By hand too, nobody sends what somebody else holds.
    assert!(store.redeliver(&first.id, at("09:00:01"), expires).await.unwrap());
    assert_eq!(claim(store, at("09:00:02")).await, None);
    record(store, &again, at("09:00:03"), NextStep::RetryAt(at("09:30:00"))).await;
    // What waits for its next attempt need not wait on.
    assert!(store.redeliver(&first.id, at("09:10:00"), expires).await.unwrap());
    let now = claim(store, at("09:10:00")).await.unwrap();
    record(store, &now, at("09:10:01"), NextStep::Delivered).await;
    assert_eq!(of(store, &first.id).await.attempts.len(), 3);
    assert_eq!(claim(store, at("09:10:02")).await.map(|due| due.id), Some(second.id));
}

pub(crate) async fn the_ledger_is_told_newest_first_by_webhook_state_and_time(store: &dyn Store) {
    queue(store, "desk", 2).await;
    queue(store, "room", 1).await;
    let mark = store.enrol_webhook("desk", Beginning::Now, at("09:00:00")).await.unwrap();
    assert!(store.queue_digest(digest("desk", mark, at("09:00:00"), 1)).await.unwrap());
    let due = claim(store, at("08:00:00")).await;
    assert_eq!(part(&due), Some("{\"part\":1}"));
    record(store, &due.unwrap(), at("08:00:01"), NextStep::Delivered).await;

    let told = async |query: DeliveryQuery| {
        let ledger = store.deliveries(&DeliveryQuery { limit: 9, ..query }).await.unwrap();
        let line = |d: &Delivery| format!("{} {} {}/{}", d.slot.format("%H"), d.webhook, d.part, d.parts);
        ledger.iter().map(line).collect::<Vec<_>>().join(", ")
    };
    let every = DeliveryQuery::default();
    assert_eq!(told(every.clone()).await, "09 desk 1/1, 08 desk 1/2, 08 desk 2/2, 08 room 1/1");
    assert_eq!(told(DeliveryQuery { webhook: Some("room".to_owned()), ..every.clone() }).await, "08 room 1/1");
    assert_eq!(told(DeliveryQuery { state: Some(DeliveryState::Delivered), ..every.clone() }).await, "08 desk 1/2");
    assert_eq!(told(DeliveryQuery { since: Some(at("08:00:00.001")), ..every.clone() }).await, "09 desk 1/1");
    let both = DeliveryQuery { webhook: Some("desk".to_owned()), state: Some(DeliveryState::Pending), ..every.clone() };
    assert_eq!(told(both).await, "09 desk 1/1, 08 desk 2/2");
    assert!(store.deliveries(&every).await.unwrap().is_empty(), "the limit of the default is 0");
    assert_eq!(store.deliveries(&DeliveryQuery { limit: 1, ..every }).await.unwrap().len(), 1);
}

pub(crate) async fn the_state_of_a_webhook_is_told(store: &dyn Store) {
    queue(store, "desk", 3).await;
    let idle = store.enrol_webhook("idle", Beginning::Now, at("07:00:00")).await.unwrap();
    let first = claim(store, at("08:00:00")).await.unwrap();
    record(store, &first, at("08:00:01"), NextStep::Dead).await;
    let second = claim(store, at("08:00:02")).await.unwrap();
    record(store, &second, at("08:00:03"), NextStep::Delivered).await;
    let mark = store.enrol_webhook("desk", Beginning::Now, at("09:00:00")).await.unwrap();
    let desk = WebhookStatus {
        webhook: "desk".to_owned(),
        mark,
        pending: 1,
        dead: 1,
        sent: 1,
        next_due: Some(at("08:00:00")),
        delivered: Some(at("08:00:03")),
        state: WebhookState::default(),
    };
    let idle = WebhookStatus {
        webhook: "idle".to_owned(),
        mark: idle,
        pending: 0,
        dead: 0,
        sent: 0,
        next_due: None,
        delivered: None,
        state: WebhookState::default(),
    };
    assert_eq!(store.webhooks().await.unwrap(), [desk, idle]);
}

pub(crate) async fn old_digests_are_forgotten_but_for_those_that_wait_or_were_tried_lately(store: &dyn Store) {
    let ids = async || store.deliveries(&DeliveryQuery { limit: 99, ..DeliveryQuery::default() }).await.unwrap();
    queue(store, "desk", 2).await;
    let first = claim(store, at("08:00:00")).await.unwrap();
    record(store, &first, at("08:00:01"), NextStep::Delivered).await;
    assert_eq!(store.prune(at("23:00:00"), 9).await.unwrap(), 0, "a part of it waits");
    let second = claim(store, at("08:00:02")).await.unwrap();
    record(store, &second, at("09:00:00"), NextStep::Dead).await;
    let mark = store.enrol_webhook("desk", Beginning::Now, at("10:00:00")).await.unwrap();
    assert!(store.queue_digest(digest("desk", mark, at("10:00:00"), 0)).await.unwrap());
    queue(store, "room", 1).await;

    assert_eq!(store.prune(at("08:00:00"), 9).await.unwrap(), 0, "it was queued at that instant, not before");
    assert_eq!(store.prune(at("09:00:00"), 9).await.unwrap(), 0, "it was tried at that instant");
    assert_eq!(ids().await.len(), 3);
    // The older one of two that could go.
    assert_eq!(store.prune(at("23:00:00"), 1).await.unwrap(), 1);
    assert_eq!(store.delivery(&first.id).await.unwrap(), None);
    assert_eq!(store.prune(at("23:00:00"), 9).await.unwrap(), 1);
    assert_eq!(ids().await.iter().map(|d| d.webhook.as_str()).collect::<Vec<_>>(), ["room"]);
    let after = store.enrol_webhook("desk", Beginning::Now, at("23:00:00")).await.unwrap();
    assert_eq!((after.arrival, after.slot), (mark.arrival, at("10:00:00")), "marks stay");
    assert!(!store.queue_digest(digest("desk", mark, at("10:00:00"), 1)).await.unwrap(), "no slot is composed again");
}

pub(crate) async fn messages_of_other_webhooks_are_given_up_unless_somebody_holds_them(store: &dyn Store) {
    queue(store, "desk", 2).await;
    queue(store, "former", 2).await;
    queue(store, "left", 1).await;
    let held = store.claim("left", at("08:00:00"), at("08:10:00")).await.unwrap().unwrap();
    let tried = store.claim("former", at("08:00:00"), at("08:01:00")).await.unwrap().unwrap();
    record(store, &tried, at("08:00:01"), NextStep::RetryAt(at("09:00:00"))).await;

    let configured = ["desk".to_owned()];
    let given_up = store.give_up_others(&configured, "it is gone", at("08:05:00")).await.unwrap();
    assert_eq!(given_up, [GivenUp { webhook: "former".to_owned(), messages: 2 }]);
    let ledger = of(store, &tried.id).await;
    assert_eq!((ledger.state, ledger.next_attempt), (DeliveryState::Dead, None));
    let told = |d: &Delivery| d.attempts.iter().map(|a| (a.number, a.at, a.result.clone())).collect::<Vec<_>>();
    assert_eq!(told(&ledger).last().unwrap(), &(2, at("08:05:00"), "it is gone".to_owned()));
    assert_eq!(store.next_due("former").await.unwrap(), None);
    assert_eq!(store.next_due("desk").await.unwrap(), Some(at("08:00:00")));
    assert_eq!(of(store, &held.id).await.state, DeliveryState::Pending);

    assert!(store.give_up_others(&configured, "it is gone", at("08:06:00")).await.unwrap().is_empty());
    assert_eq!(store.give_up_others(&configured, "it is gone", at("08:10:00")).await.unwrap().len(), 1);
    assert_eq!(of(store, &held.id).await.state, DeliveryState::Dead);
    // Where its webhook comes back, a person can send it again.
    assert!(store.redeliver(&tried.id, at("09:00:00"), at("20:00:00")).await.unwrap());
    assert_eq!(store.claim("former", at("09:00:00"), at("09:01:00")).await.unwrap().unwrap().attempts, 2);
}
