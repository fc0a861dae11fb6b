//! WebSub's outbox.

use chrono::{DateTime, Duration, Utc};

use super::at;
use crate::model::Secret;
use crate::store::{DueHubTask, HubLimits, HubStep, HubTask, HubWish, Store, Wish, WishTaken};

pub(crate) const TOPIC: &str = "https://news.example/feeds/county/atom.xml";
pub(crate) const CALLBACK: &str = "https://sub.example/cb?id=1";
pub(crate) const LIMITS: HubLimits = HubLimits { subscribers: 2, waiting: 5 };

pub(crate) fn wish(callback: &str, wish: Wish, now: DateTime<Utc>) -> HubWish {
    HubWish { topic: TOPIC.to_owned(), callback: callback.to_owned(), wish, expires: now + Duration::minutes(10), now }
}

pub(crate) fn subscribe(secret: &str, days: i64) -> Wish {
    Wish::Subscribe { secret: Some(Secret::new(secret)), lease: Duration::days(days) }
}

async fn claim(store: &dyn Store, now: DateTime<Utc>) -> Option<DueHubTask> {
    store.claim_hub_task(now, now + Duration::minutes(1)).await.unwrap()
}

/// Subscribes and verifies.
pub(crate) async fn subscribed(store: &dyn Store, callback: &str, of: Wish, now: DateTime<Utc>) {
    assert_eq!(store.take_wish(&wish(callback, of.clone(), now), LIMITS).await.unwrap(), WishTaken::Queued);
    let task = claim(store, now).await.unwrap();
    assert_eq!((task.task.clone(), task.callback.as_str(), task.topic.as_str()), (HubTask::Verify(of), callback, TOPIC));
    store.finish_hub_task(&task, HubStep::Done, now).await.unwrap();
}

pub(crate) async fn announce(store: &dyn Store, version: &str, now: DateTime<Utc>) -> u64 {
    store.announce(TOPIC, version, None, now + Duration::hours(24), now).await.unwrap()
}

fn update(secret: &str, version: &str) -> HubTask {
    HubTask::Update { secret: Some(Secret::new(secret)), version: version.to_owned() }
}

pub(crate) async fn a_wish_counts_once_it_is_verified_and_not_before(store: &dyn Store) {
    let now = at("08:00:00");
    store.take_wish(&wish(CALLBACK, subscribe("s", 1), now), LIMITS).await.unwrap();
    assert_eq!(announce(store, "1", now).await, 0, "it is not verified yet");
    let task = claim(store, now).await.unwrap();
    assert!(claim(store, now).await.is_none(), "it is leased");
    store.finish_hub_task(&task, HubStep::GivenUp, now).await.unwrap();
    assert_eq!(announce(store, "2", now).await, 0, "a failed verification changes nothing");
    subscribed(store, CALLBACK, subscribe("s", 1), now).await;
    assert_eq!(announce(store, "3", now).await, 1);
    assert_eq!(claim(store, now).await.unwrap().task, update("s", "3"));
}

pub(crate) async fn a_new_subscription_has_the_new_lease_and_secret_and_a_failed_one_leaves_the_old(store: &dyn Store) {
    let now = at("08:00:00");
    subscribed(store, CALLBACK, subscribe("old", 1), now).await;
    store.take_wish(&wish(CALLBACK, subscribe("never", 9), now), LIMITS).await.unwrap();
    let failed = claim(store, now).await.unwrap();
    store.finish_hub_task(&failed, HubStep::GivenUp, now).await.unwrap();
    assert_eq!(announce(store, "1", now).await, 1);
    let task = claim(store, now).await.unwrap();
    assert_eq!(task.task, update("old", "1"));
    store.finish_hub_task(&task, HubStep::Done, now).await.unwrap();
    subscribed(store, CALLBACK, subscribe("new", 3), now).await;
    let later = now + Duration::days(2);
    assert_eq!(announce(store, "2", later).await, 1, "the first lease is over, the second is not");
    assert_eq!(claim(store, later).await.unwrap().task, update("new", "2"));
}

pub(crate) async fn a_lease_ends(store: &dyn Store) {
    let now = at("08:00:00");
    subscribed(store, CALLBACK, subscribe("s", 1), now).await;
    assert_eq!(announce(store, "1", now + Duration::hours(23)).await, 1);
    let over = now + Duration::days(1);
    assert!(claim(store, over).await.is_none(), "what was queued before its end is not sent behind it");
    assert_eq!(announce(store, "2", over).await, 0);
}

pub(crate) async fn who_unsubscribes_is_asked_too_and_then_told_nothing(store: &dyn Store) {
    let now = at("08:00:00");
    subscribed(store, CALLBACK, subscribe("s", 1), now).await;
    store.take_wish(&wish(CALLBACK, Wish::Unsubscribe, now), LIMITS).await.unwrap();
    assert_eq!(announce(store, "1", now).await, 1, "not verified: still subscribed");
    let tasks = [claim(store, now).await.unwrap(), claim(store, now).await.unwrap()];
    let unsubscribe = tasks.iter().find(|task| task.task == HubTask::Verify(Wish::Unsubscribe)).unwrap();
    store.finish_hub_task(unsubscribe, HubStep::Done, now).await.unwrap();
    assert_eq!(announce(store, "2", now).await, 0);
    assert_eq!(store.next_hub_task().await.unwrap(), None, "nothing waits for it");
}

pub(crate) async fn a_version_is_announced_once_and_the_last_one_is_what_is_due(store: &dyn Store) {
    let now = at("08:00:00");
    subscribed(store, CALLBACK, subscribe("s", 1), now).await;
    assert_eq!(announce(store, "1", now).await, 1);
    assert_eq!(announce(store, "1", now).await, 0, "told once, by whichever process");
    let first = claim(store, now).await.unwrap();
    assert_eq!(announce(store, "2", now).await, 1);
    assert!(claim(store, now).await.is_none(), "one message at a time to a callback");
    store.finish_hub_task(&first, HubStep::Done, now).await.unwrap();
    let second = claim(store, now).await.unwrap();
    assert_eq!((second.task.clone(), second.attempts), (update("s", "2"), 0), "what came meanwhile is due at once");
    store.finish_hub_task(&second, HubStep::Done, now).await.unwrap();
    assert_eq!(store.next_hub_task().await.unwrap(), None);
}

pub(crate) async fn a_message_is_tried_again_given_up_and_the_subscription_stays(store: &dyn Store) {
    let now = at("08:00:00");
    subscribed(store, CALLBACK, subscribe("s", 1), now).await;
    announce(store, "1", now).await;
    let task = claim(store, now).await.unwrap();
    let again = now + Duration::minutes(5);
    store.finish_hub_task(&task, HubStep::RetryAt(again), now).await.unwrap();
    assert_eq!(store.next_hub_task().await.unwrap(), Some(again));
    assert!(claim(store, again - Duration::seconds(1)).await.is_none());
    let task = claim(store, again).await.unwrap();
    assert_eq!(task.attempts, 1);
    store.finish_hub_task(&task, HubStep::GivenUp, again).await.unwrap();
    assert_eq!(announce(store, "2", again).await, 1, "giving up a message is not giving up the subscriber");
    let task = claim(store, again).await.unwrap();
    assert_eq!(task.attempts, 0, "a new change is tried anew");
    store.finish_hub_task(&task, HubStep::Ended, again).await.unwrap();
    assert_eq!(announce(store, "3", again).await, 0, "who answers 410 is subscribed no longer");
}

pub(crate) async fn an_attempt_that_was_never_recorded_is_made_again_after_its_lease(store: &dyn Store) {
    let now = at("08:00:00");
    subscribed(store, CALLBACK, subscribe("s", 1), now).await;
    announce(store, "1", now).await;
    assert!(claim(store, now).await.is_some());
    assert!(claim(store, now + Duration::seconds(59)).await.is_none());
    assert_eq!(claim(store, now + Duration::minutes(1)).await.unwrap().attempts, 1);
}

pub(crate) async fn a_topic_has_so_many_subscribers_and_no_more(store: &dyn Store) {
    let now = at("08:00:00");
    for n in 1..=2 {
        subscribed(store, &format!("https://sub.example/{n}"), subscribe("s", 1), now).await;
    }
    let third = wish("https://sub.example/3", subscribe("s", 1), now);
    assert_eq!(store.take_wish(&third, LIMITS).await.unwrap(), WishTaken::Denied);
    let task = claim(store, now).await.unwrap();
    assert!(matches!(&task.task, HubTask::Deny { .. }) && task.callback == third.callback);
    store.finish_hub_task(&task, HubStep::Done, now).await.unwrap();
    assert_eq!(announce(store, "1", now).await, 2);
    // One that is subscribed may renew.
    subscribed_again(store, now).await;
    for n in 4..9 {
        store.take_wish(&wish(&format!("https://sub.example/{n}"), Wish::Unsubscribe, now), LIMITS).await.unwrap();
    }
    assert_eq!(store.take_wish(&third, LIMITS).await.unwrap(), WishTaken::Busy, "so many may wait, and no more");
}

async fn subscribed_again(store: &dyn Store, now: DateTime<Utc>) {
    let again = wish("https://sub.example/1", subscribe("t", 1), now);
    assert_eq!(store.take_wish(&again, LIMITS).await.unwrap(), WishTaken::Queued);
    while let Some(task) = claim(store, now).await {
        store.finish_hub_task(&task, HubStep::Done, now).await.unwrap();
    }
}

pub(crate) async fn subscribers_of_a_feed_that_is_gone_are_told_so(store: &dyn Store) {
    let now = at("08:00:00");
    subscribed(store, CALLBACK, subscribe("s", 1), now).await;
    announce(store, "1", now).await;
    let expires = now + Duration::hours(1);
    assert_eq!(store.keep_topics(&[TOPIC.to_owned()], "gone", expires, now).await.unwrap(), 0);
    assert_eq!(store.keep_topics(&[], "gone", expires, now).await.unwrap(), 1);
    assert_eq!(claim(store, now).await.unwrap().task, HubTask::Deny { reason: "gone".to_owned() });
    assert!(claim(store, now).await.is_none(), "and nothing else");
    assert_eq!(announce(store, "2", now).await, 0);
}

pub(crate) async fn another_hub_is_told_of_every_version(store: &dyn Store) {
    let now = at("08:00:00");
    let tell = async |version| store.announce(TOPIC, version, Some("https://hub.example/"), now + Duration::hours(1), now).await.unwrap();
    assert_eq!((tell("1").await, tell("1").await, tell("2").await), (1, 0, 1));
    let task = claim(store, now).await.unwrap();
    assert_eq!((task.task.clone(), task.callback.as_str()), (HubTask::Ping { version: "2".to_owned() }, "https://hub.example/"));
    store.finish_hub_task(&task, HubStep::Done, now).await.unwrap();
    assert_eq!(store.next_hub_task().await.unwrap(), None);
}
