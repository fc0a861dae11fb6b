//! That the attempts of a message come to an end, and begin anew when a person says so.

use super::*;
use crate::model::ArticleId;

/// Queues a message that carries a story, so that its end is told.
async fn queue_story(store: &SharedStore, webhook: &WebhookConfig) {
    let seen = store.enrol_webhook(&webhook.name, Beginning::Now, at("2026-11-16T00:00:00Z")).await.unwrap();
    let slot = at(SLOT);
    let digest = Digest::bare(DigestId::assign(&[b"story"]), &webhook.name, slot, "清渚日报", "https://news.example");
    let message = Message { body: "{}".to_owned(), articles: vec![ArticleId::assign(&[b"story"])], label: String::new() };
    let (messages, passed_over, caught) = (vec![message], Vec::new(), Vec::new());
    let expires = slot + webhook.retry.expires;
    let queued = QueuedDigest { digest, messages, seen, through: seen.arrival, passed_over, caught, due: slot, expires, now: slot };
    assert!(store.queue_digest(queued).await.unwrap());
}

/// Passes until nothing is pending; gives the waits in seconds, and what was told.
async fn passes(store: &SharedStore, webhook: &WebhookConfig, clock: &Clock) -> (Vec<i64>, Vec<Trouble>) {
    let (mut waits, mut troubles) = (Vec::new(), Vec::new());
    loop {
        let pass = pass(store, webhook, clock).await;
        troubles.extend(pass.troubles);
        let Some(next) = pass.next else { return (waits, troubles) };
        waits.push((next - clock.now()).num_seconds());
        clock.set(next);
    }
}

#[tokio::test]
async fn a_service_that_fails_for_ever_gets_a_message_no_more_and_somebody_hears_of_it_once() {
    let receiver = Receiver::new((0..100).map(|_| Reply::Say(500, "broken"))).await;
    let retry = RetryPolicy { schedule: vec![Duration::seconds(5), Duration::minutes(8)], expires: Duration::minutes(50) };
    let webhook = WebhookConfig { retry, ..webhook(destination("webhook", &receiver.url)) };
    let desk = Desk::new();
    let store = desk.open().await;
    queue_story(&store, &webhook).await;
    let clock = Clock::at(SLOT);

    let (waits, troubles) = passes(&store, &webhook, &clock).await;
    let dead = ledger(&store).await.remove(0);
    let why = "answered 500 (broken); given up, because the next attempt would be too late".to_owned();
    assert_eq!((dead.state, &dead.attempts.last().unwrap().result), (DeliveryState::Dead, &why));
    assert_eq!(troubles, [Trouble::GaveUp { delivery: dead.id.clone(), why: why.clone() }]);
    assert!((6..=8).contains(&waits.len()), "{waits:?}");
    clock.set(at("2026-11-20T00:00:00Z"));
    assert_eq!(pass(&store, &webhook, &clock).await, Pass::default(), "the dead stay so");
    assert_eq!(receiver.ids().len(), waits.len() + 1);

    // By hand, it begins anew: with the short wait, for as long, and with a word at its end.
    assert!(store.redeliver(&dead.id, clock.now(), clock.now() + webhook.retry.expires).await.unwrap());
    let (again, troubles) = passes(&store, &webhook, &clock).await;
    assert!((4..=6).contains(&again[0]), "{again:?}");
    assert!((6..=8).contains(&again.len()), "{again:?}");
    // It has been failing for days by then, which each of the passes but the last tells besides.
    let (ends, others): (Vec<_>, Vec<_>) = troubles.into_iter().partition(|trouble| matches!(trouble, Trouble::GaveUp { .. }));
    assert_eq!(ends, [Trouble::GaveUp { delivery: dead.id, why }]);
    assert!(others.iter().all(|trouble| matches!(trouble, Trouble::Broken { since, .. } if *since == at(SLOT))), "{others:?}");
    let dead = ledger(&store).await.remove(0);
    let numbers: Vec<u32> = dead.attempts.iter().map(|attempt| attempt.number).collect();
    assert_eq!((dead.state, numbers), (DeliveryState::Dead, (1..=(waits.len() + again.len() + 2) as u32).collect()));
}

/// As if newsboy had ended during each of so many attempts.
async fn tried(desk: &Desk, attempts: u32) {
    let database = desk.database().await;
    sqlx::query("UPDATE deliveries SET attempts = earlier + ?").bind(attempts).execute(&database).await.unwrap();
}

#[tokio::test]
async fn a_message_at_which_newsboy_ends_again_and_again_is_given_up() {
    let receiver = Receiver::new([Reply::Say(503, "down"), Reply::Say(503, "down")]).await;
    let retry = RetryPolicy { schedule: vec![Duration::minutes(5)], expires: Duration::days(7) };
    let webhook = WebhookConfig { retry, ..webhook(destination("webhook", &receiver.url)) };
    let desk = Desk::new();
    let store = desk.open().await;
    queue_story(&store, &webhook).await;
    let clock = Clock::at(SLOT);

    // The last attempt that there may be fails as all others did.
    tried(&desk, MAX_ATTEMPTS - 1).await;
    let end = pass(&store, &webhook, &clock).await;
    let why = "answered 503 (down); given up after 1000 attempts";
    assert!(matches!(&end.troubles[..], [Trouble::GaveUp { why: told, .. }] if told == why), "{end:?}");
    assert_eq!((end.dead, end.next, receiver.ids().len()), (1, None, 1));

    // After a hand has begun it anew, it fails once, and newsboy ends during all others.
    let id = ledger(&store).await.remove(0).id;
    assert!(store.redeliver(&id, clock.now(), clock.now() + webhook.retry.expires).await.unwrap());
    let first = pass(&store, &webhook, &clock).await;
    assert_eq!((first.retried, first.dead), (1, 0));
    tried(&desk, MAX_ATTEMPTS).await;
    clock.set(first.next.unwrap());
    let end = pass(&store, &webhook, &clock).await;
    assert!(matches!(&end.troubles[..], [Trouble::GaveUp { why, .. }] if why.starts_with("not sent: 1000 attempts")), "{end:?}");
    assert_eq!((end.dead, receiver.ids().len()), (1, 2), "it is not sent");

    // A webhook that goes on after a pause lets what waits begin anew as well.
    assert!(store.redeliver(&id, clock.now(), clock.now() + webhook.retry.expires).await.unwrap());
    tried(&desk, MAX_ATTEMPTS).await;
    assert!(store.stop_webhook("desk", "paused", clock.now()).await.unwrap());
    assert!(store.resume_webhook("desk", clock.now() + webhook.retry.expires).await.unwrap());
    assert_eq!(pass(&store, &webhook, &clock).await.delivered, 1);
}
