//! Webhooks that are stopped or fail, words of problems, and messages in the place of others.

use chrono::{DateTime, Duration, Utc};

use super::at;
use super::digests::{digest, queue};
use crate::model::{Attempt, DeliveryState, Digest, DigestId, DueDelivery, Message};
use crate::store::{Beginning, DeliveryQuery, NextStep, StoppedBy, Store, StoreError, WebhookState};

async fn claim(store: &dyn Store, now: DateTime<Utc>) -> Option<DueDelivery> {
    store.claim("desk", now, now + Duration::minutes(1)).await.unwrap()
}

fn attempt(due: &DueDelivery, now: DateTime<Utc>, result: &str) -> Attempt {
    Attempt { number: due.attempts + 1, at: now, result: result.to_owned(), status: None, answer: String::new() }
}

/// Part, number of parts, state and label of all deliveries of a webhook, in the order of their parts.
async fn parts(store: &dyn Store) -> Vec<(u32, u32, DeliveryState, String)> {
    let mut all = store.deliveries(&DeliveryQuery { webhook: Some("desk".to_owned()), limit: 99, ..Default::default() }).await.unwrap();
    all.sort_by_key(|delivery| delivery.part);
    all.iter().map(|delivery| (delivery.part, delivery.parts, delivery.state, delivery.body.clone())).collect()
}

pub(crate) async fn other_messages_take_the_place_of_one_and_later_parts_are_counted_on(store: &dyn Store) {
    use DeliveryState::{Delivered, Pending, Replaced};
    let queued = queue(store, "desk", 3).await;
    let first = claim(store, at("08:00:00")).await.unwrap();
    assert!(!first.is_last && first.articles == queued.messages[0].articles);
    store.record(&first.id, &attempt(&first, at("08:00:01"), "delivered"), NextStep::Delivered).await.unwrap();
    let second = claim(store, at("08:00:02")).await.unwrap();
    let message = |body: &str| Message { body: body.to_owned(), articles: Vec::new(), label: " (2/3 · 1/2)".to_owned() };
    store.replace(&second.id, &attempt(&second, at("08:00:03"), "too long"), &[message("2a"), message("2b")]).await.unwrap();

    let body = |part: usize| queued.messages[part - 1].body.clone();
    let expected = [
        (1, Delivered, body(1)),
        (2, Replaced, body(2)),
        (3, Pending, "2a".to_owned()),
        (4, Pending, "2b".to_owned()),
        (5, Pending, body(3)),
    ];
    assert_eq!(parts(store).await, expected.map(|(part, state, body)| (part, 5, state, body)));
    let replaced = store.delivery(&second.id).await.unwrap().unwrap();
    assert_eq!((replaced.next_attempt, replaced.attempts[0].result.as_str()), (None, "too long"));

    for expected in ["2a", "2b", &body(3)] {
        let due = claim(store, at("08:00:04")).await.unwrap();
        assert_eq!((due.body.as_str(), due.is_last), (expected, expected == body(3)));
        assert!(due.body.len() > 2 || due.label == " (2/3 · 1/2)");
        store.record(&due.id, &attempt(&due, at("08:00:05"), "delivered"), NextStep::Delivered).await.unwrap();
    }
    // Who comes late changes nothing.
    store.replace(&first.id, &attempt(&first, at("08:00:06"), "too long"), &[message("1a")]).await.unwrap();
    assert_eq!(parts(store).await.len(), 5);
    let unknown = crate::model::DeliveryId::assign(&[b"unknown"]);
    let refused = store.replace(&unknown, &attempt(&first, at("08:00:06"), "x"), &[]).await;
    assert!(matches!(refused, Err(StoreError::UnknownDelivery { id }) if id == unknown));
}

pub(crate) async fn a_webhook_that_a_person_stopped_gets_nothing_until_it_goes_on(store: &dyn Store) {
    assert!(!store.stop_webhook("desk", "paused", at("07:00:00")).await.unwrap(), "it was never enrolled");
    let queued = queue(store, "desk", 1).await;
    assert!(store.stop_webhook("desk", "paused", at("08:00:00")).await.unwrap());
    assert!(store.stop_webhook("desk", "paused again", at("09:00:00")).await.unwrap());
    let stop = store.webhook_state("desk").await.unwrap().stop.unwrap();
    assert_eq!((stop.since, stop.why.as_str(), stop.by), (at("08:00:00"), "paused", StoppedBy::Person));
    assert_eq!(store.webhooks().await.unwrap()[0].state.stop, Some(stop));
    assert_eq!((claim(store, at("08:30:00")).await, store.next_due("desk").await.unwrap()), (None, None));

    // A message by hand does not let it go on, and its mark stays.
    let id = store.deliveries(&DeliveryQuery { limit: 1, ..Default::default() }).await.unwrap().remove(0).id;
    assert!(store.redeliver(&id, at("08:31:00"), queued.expires).await.unwrap());
    assert_eq!(claim(store, at("08:32:00")).await, None);
    assert_eq!(store.enrol_webhook("desk", Beginning::Now, at("09:00:00")).await.unwrap().slot, at("08:00:00"));

    let expires = queued.expires + Duration::days(1);
    assert!(store.resume_webhook("desk", expires).await.unwrap());
    assert!(!store.resume_webhook("desk", expires).await.unwrap());
    let due = claim(store, at("10:00:00")).await.unwrap();
    assert_eq!((due.expires, due.tries()), (expires, 0), "what waited has time again");
    assert_eq!(store.webhook_state("desk").await.unwrap(), WebhookState::default());
}

pub(crate) async fn a_service_stops_its_webhook_and_a_message_by_hand_lets_it_go_on(store: &dyn Store) {
    queue(store, "desk", 2).await;
    queue(store, "room", 1).await;
    let due = claim(store, at("08:00:00")).await.unwrap();
    store.record(&due.id, &attempt(&due, at("08:00:01"), "answered 410"), NextStep::Stop).await.unwrap();
    let stop = store.webhook_state("desk").await.unwrap().stop.unwrap();
    assert_eq!((stop.since, stop.why.as_str(), stop.by), (at("08:00:01"), "answered 410", StoppedBy::Service));
    assert_eq!(store.delivery(&due.id).await.unwrap().unwrap().state, DeliveryState::Dead);
    assert_eq!(claim(store, at("08:01:00")).await, None, "the second part waits");
    assert!(store.claim("room", at("08:01:00"), at("08:02:00")).await.unwrap().is_some(), "others are not concerned");
    assert!(store.redeliver(&due.id, at("08:02:00"), due.expires).await.unwrap());
    assert_eq!(claim(store, at("08:02:00")).await.map(|due| due.id), Some(due.id));
}

pub(crate) async fn it_is_kept_since_when_a_webhook_fails(store: &dyn Store) {
    queue(store, "desk", 2).await;
    let since = async || store.webhook_state("desk").await.unwrap().failing_since;
    assert_eq!(since().await, None);
    for (now, next) in [("08:00:00", "08:10:00"), ("08:10:00", "08:20:00")] {
        let due = claim(store, at(now)).await.unwrap();
        store.record(&due.id, &attempt(&due, at(now), "busy"), NextStep::RetryAt(at(next))).await.unwrap();
        assert_eq!(since().await, Some(at("08:00:00")));
    }
    let due = claim(store, at("08:20:00")).await.unwrap();
    store.record(&due.id, &attempt(&due, at("08:20:00"), "refused"), NextStep::Dead).await.unwrap();
    assert_eq!(since().await, Some(at("08:00:00")), "what is refused tells nothing of the others");
    let due = claim(store, at("08:21:00")).await.unwrap();
    store.record(&due.id, &attempt(&due, at("08:21:00"), "delivered"), NextStep::Delivered).await.unwrap();
    assert_eq!(since().await, None);
}

pub(crate) async fn word_of_a_problem_is_queued_once_and_moves_no_mark(store: &dyn Store) {
    let word = |slot| Digest::bare(DigestId::assign(&[b"word"]), "desk", slot, "broken", "https://example.org/");
    let message = [Message { body: "broken".to_owned(), articles: Vec::new(), label: String::new() }];
    let tell = async |slot| store.queue_notice(&word(slot), &message, at("23:00:00"), at("08:00:00")).await.unwrap();
    assert!(!tell(at("08:00:00")).await, "the webhook was never enrolled");
    queue(store, "desk", 1).await;
    let mark = store.enrol_webhook("desk", Beginning::Now, at("09:00:00")).await.unwrap();
    // At the slot of a digest, which keeps its place.
    assert!(tell(at("08:00:00")).await);
    assert!(!tell(at("08:30:00")).await);
    assert_eq!(store.enrol_webhook("desk", Beginning::Now, at("09:00:00")).await.unwrap(), mark);
    let bodies: Vec<String> = parts(store).await.into_iter().map(|(.., body)| body).collect();
    assert!(bodies.len() == 2 && bodies.contains(&"broken".to_owned()), "{bodies:?}");
    assert!(store.queue_digest(digest("desk", mark, at("10:00:00"), 1)).await.unwrap());
}

pub(crate) async fn a_digest_is_read_back_as_it_was_composed(store: &dyn Store) {
    let queued = queue(store, "desk", 1).await;
    assert_eq!(store.digest(&queued.digest.id).await.unwrap(), Some(queued.digest));
    assert_eq!(store.digest(&DigestId::assign(&[b"unknown"])).await.unwrap(), None);
}
