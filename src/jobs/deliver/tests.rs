#![allow(clippy::unwrap_used)]

use super::*;
use crate::jobs::testing::{Clock, Desk, Receiver, Reply, at, destination, sender, webhook};
use crate::model::{Delivery, DeliveryState, Digest, DigestId, Message};
use crate::store::{Beginning, DeliveryQuery, QueuedDigest, SharedStore};

mod bounds;

const SLOT: &str = "2026-11-17T00:00:00Z";

/// A store with one digest of these messages, queued at the slot.
async fn queued(desk: &Desk, webhook: &WebhookConfig, bodies: &[&str]) -> SharedStore {
    let store = desk.open().await;
    queue(&store, webhook, SLOT, bodies).await;
    store
}

async fn queue(store: &SharedStore, webhook: &WebhookConfig, slot: &str, bodies: &[&str]) {
    let seen = store.enrol_webhook(&webhook.name, Beginning::Now, at("2026-11-16T00:00:00Z")).await.unwrap();
    let slot = at(slot);
    let digest = Digest::bare(DigestId::assign(&[slot.to_rfc3339().as_bytes()]), &webhook.name, slot, "清渚日报", "https://news.example");
    let messages = bodies.iter().map(|body| Message { body: (*body).to_owned(), articles: Vec::new(), label: String::new() }).collect();
    let expires = slot + webhook.retry.expires;
    let (passed_over, caught) = (Vec::new(), Vec::new());
    let queued = QueuedDigest { digest, messages, seen, through: seen.arrival, passed_over, caught, due: slot, expires, now: slot };
    assert!(store.queue_digest(queued).await.unwrap());
}

async fn pass(store: &SharedStore, webhook: &WebhookConfig, clock: &Clock) -> Pass {
    let mut postman = Postman::new(webhook, Rng::with_seed(1));
    deliver_due(&**store, webhook, &sender(), &|| clock.now(), &mut postman, &CancellationToken::new()).await.unwrap()
}

async fn ledger(store: &SharedStore) -> Vec<Delivery> {
    let mut all = store.deliveries(&DeliveryQuery { limit: 100, ..DeliveryQuery::default() }).await.unwrap();
    all.sort_by_key(|d| (d.slot, d.part));
    all
}

#[tokio::test]
async fn what_is_queued_is_delivered_once_and_part_after_part() {
    let receiver = Receiver::new([]).await;
    let webhook = webhook(destination("webhook", &receiver.url));
    let desk = Desk::new();
    let store = queued(&desk, &webhook, &["{\"part\":1}", "{\"part\":2}", "{\"part\":3}"]).await;
    let clock = Clock::at(SLOT);
    assert_eq!(pass(&store, &webhook, &clock).await, Pass { delivered: 3, ..Pass::default() });
    assert_eq!(pass(&store, &webhook, &clock).await, Pass::default());
    assert_eq!(receiver.bodies(), ["{\"part\":1}", "{\"part\":2}", "{\"part\":3}"]);

    let first = &ledger(&store).await[0];
    assert_eq!(first.state, DeliveryState::Delivered);
    let attempt = Attempt { number: 1, at: at(SLOT), result: "delivered".to_owned(), status: Some(200), answer: "ok".to_owned() };
    assert_eq!(first.attempts, [attempt]);
}

#[tokio::test]
async fn a_busy_service_is_left_alone_for_as_long_as_it_asks_and_the_id_stays() {
    let receiver = Receiver::new([Reply::Busy(120)]).await;
    let webhook = webhook(destination("webhook", &receiver.url));
    let desk = Desk::new();
    let store = queued(&desk, &webhook, &["{\"part\":1}", "{\"part\":2}"]).await;
    queue(&store, &webhook, "2026-11-17T00:00:01Z", &["{\"next\":1}"]).await;
    let clock = Clock::at("2026-11-17T00:00:01Z");

    // The schedule says ten seconds, the service two minutes. The other digest waits as well.
    let again = at("2026-11-17T00:02:01Z");
    assert_eq!(pass(&store, &webhook, &clock).await, Pass { retried: 1, rest_until: Some(again), next: Some(again), ..Pass::default() });
    assert_eq!(ledger(&store).await[0].next_attempt, Some(again));
    clock.set(again);
    assert_eq!(pass(&store, &webhook, &clock).await, Pass { delivered: 3, ..Pass::default() });
    assert_eq!(receiver.bodies(), ["{\"part\":1}", "{\"part\":1}", "{\"part\":2}", "{\"next\":1}"]);
    assert_eq!(receiver.ids()[0], receiver.ids()[1]);
    let attempts: Vec<_> = ledger(&store).await[0].attempts.iter().map(|a| (a.number, a.status, a.result.clone())).collect();
    assert_eq!(attempts, [(1, Some(503), "answered 503 (busy)".to_owned()), (2, Some(200), "delivered".to_owned())]);
}

#[tokio::test]
async fn failed_attempts_follow_the_schedule_until_the_time_runs_out() {
    let receiver = Receiver::new((0..100).map(|_| Reply::Say(500, "broken"))).await;
    let webhook = webhook(destination("webhook", &receiver.url));
    let desk = Desk::new();
    let store = queued(&desk, &webhook, &["{}"]).await;
    let clock = Clock::at(SLOT);
    let mut waits = Vec::new();
    loop {
        let pass = pass(&store, &webhook, &clock).await;
        let Some(next) = pass.next else {
            assert_eq!(pass, Pass { dead: 1, ..Pass::default() });
            break;
        };
        waits.push((next - clock.now()).num_milliseconds());
        clock.set(next);
    }
    // Ten seconds, then five minutes again and again, each a tenth shorter or longer, for an hour.
    assert!((9_000..=11_000).contains(&waits[0]), "{waits:?}");
    assert!(waits[1..].iter().all(|wait| (270_000..=330_000).contains(wait)), "{waits:?}");
    assert!((10..=13).contains(&waits.len()), "{waits:?}");
    let dead = &ledger(&store).await[0];
    assert_eq!((dead.state, dead.attempts.len()), (DeliveryState::Dead, waits.len() + 1));
    assert_eq!(dead.attempts.last().unwrap().result, "answered 500 (broken); given up, because the next attempt would be too late");
    assert_eq!(receiver.ids().len(), waits.len() + 1);
}

#[tokio::test]
async fn by_default_a_message_is_tried_seven_times_in_a_day() {
    let receiver = Receiver::new((0..100).map(|_| Reply::Say(503, "down"))).await;
    let webhook = WebhookConfig { retry: RetryPolicy::default(), ..webhook(destination("webhook", &receiver.url)) };
    let desk = Desk::new();
    let store = queued(&desk, &webhook, &["{}"]).await;
    let clock = Clock::at(SLOT);
    let mut waits = Vec::new();
    while let Some(next) = pass(&store, &webhook, &clock).await.next {
        waits.push((next - clock.now()).num_seconds());
        clock.set(next);
    }
    // The waits of Standard Webhooks, a tenth shorter or longer; the wait of fourteen hours would
    // end after the digest's day.
    let expected = [5, 300, 1_800, 7_200, 18_000, 36_000];
    assert_eq!(waits.len(), expected.len(), "{waits:?}");
    for (wait, expected) in waits.iter().zip(expected) {
        assert!((expected * 9 / 10..=expected * 11 / 10).contains(wait), "{waits:?}");
    }
    assert_eq!(ledger(&store).await[0].state, DeliveryState::Dead);
    assert_eq!(receiver.ids().len(), 7);
}

#[tokio::test]
async fn a_service_that_hangs_or_is_not_there_is_tried_again() {
    let receiver = Receiver::new([Reply::Hang]).await;
    let hanging = webhook(destination("webhook", &receiver.url));
    let missing = WebhookConfig { name: "missing".to_owned(), ..webhook(destination("webhook", "http://127.0.0.1:1/hook")) };
    for (webhook, why) in [(&hanging, "no answer within 500ms"), (&missing, "Connection refused")] {
        let desk = Desk::new();
        let store = queued(&desk, webhook, &["{}"]).await;
        let pass = pass(&store, webhook, &Clock::at(SLOT)).await;
        assert_eq!((pass.retried, pass.dead), (1, 0));
        let delivery = &ledger(&store).await[0];
        assert!(delivery.attempts[0].result.contains(why), "{delivery:?}");
        assert_eq!(delivery.next_attempt, pass.next);
    }
}

#[tokio::test]
async fn a_permanent_failure_is_given_up_at_once_and_holds_back_nothing() {
    let receiver = Receiver::new([Reply::Say(200, r#"{"code":19021,"msg":"sign match fail"}"#), Reply::Say(200, r#"{"code":0}"#)]).await;
    let webhook = webhook(destination("feishu", &receiver.url));
    let desk = Desk::new();
    let store = queued(&desk, &webhook, &["{\"part\":1}", "{\"part\":2}"]).await;
    assert_eq!(pass(&store, &webhook, &Clock::at(SLOT)).await, Pass { delivered: 1, dead: 1, ..Pass::default() });
    let states: Vec<_> = ledger(&store).await.iter().map(|d| d.state).collect();
    assert_eq!(states, [DeliveryState::Dead, DeliveryState::Delivered]);
}

#[tokio::test]
async fn a_crash_between_the_answer_and_its_record_sends_again_under_the_same_id() {
    let receiver = Receiver::new([]).await;
    let webhook = webhook(destination("webhook", &receiver.url));
    let desk = Desk::new();
    let store = queued(&desk, &webhook, &["{}"]).await;
    let clock = Clock::at(SLOT);

    // Another process claims and sends, and dies before it records.
    let lease = clock.now() + Duration::seconds(60);
    let claimed = desk.open().await.claim("desk", clock.now(), lease).await.unwrap().unwrap();
    assert_eq!(sender().send(&webhook.destination, &claimed, clock.now()).await.outcome, Outcome::Delivered);

    let during_the_lease = pass(&store, &webhook, &clock).await;
    assert_eq!(during_the_lease, Pass { next: Some(lease), ..Pass::default() });
    clock.set(lease);
    assert_eq!(pass(&store, &webhook, &clock).await, Pass { delivered: 1, ..Pass::default() });
    assert_eq!(receiver.ids(), [claimed.id.as_str(), claimed.id.as_str()]);
    assert_eq!(ledger(&store).await[0].attempts.last().unwrap().number, 2);
}

#[tokio::test]
async fn a_message_whose_time_ran_out_is_not_sent() {
    let receiver = Receiver::new([]).await;
    let webhook = webhook(destination("webhook", &receiver.url));
    let desk = Desk::new();
    let store = queued(&desk, &webhook, &["{}"]).await;
    assert_eq!(pass(&store, &webhook, &Clock::at("2026-11-17T01:00:00Z")).await, Pass { dead: 1, ..Pass::default() });
    assert_eq!(receiver.ids().len(), 0);
    assert_eq!(ledger(&store).await[0].attempts[0].result, "not sent: its time ran out at 2026-11-17 01:00:00 UTC");
}

#[tokio::test]
async fn a_message_that_is_sent_again_by_hand_goes_out_with_a_new_time() {
    let receiver = Receiver::new([Reply::Say(404, "gone")]).await;
    let webhook = webhook(destination("webhook", &receiver.url));
    let desk = Desk::new();
    let store = queued(&desk, &webhook, &["{}"]).await;
    let clock = Clock::at(SLOT);
    assert_eq!(pass(&store, &webhook, &clock).await.dead, 1);

    clock.set(at("2026-11-19T09:00:00Z"));
    let id = ledger(&store).await[0].id.clone();
    assert!(store.redeliver(&id, clock.now(), clock.now() + webhook.retry.expires).await.unwrap());
    assert_eq!(pass(&store, &webhook, &clock).await.delivered, 1);
}

#[tokio::test]
async fn a_stop_ends_the_pass_and_leaves_the_rest_for_later() {
    let receiver = Receiver::new([]).await;
    let webhook = webhook(destination("webhook", &receiver.url));
    let desk = Desk::new();
    let store = queued(&desk, &webhook, &["{}"]).await;
    let (clock, stop) = (Clock::at(SLOT), CancellationToken::new());
    stop.cancel();
    let pass =
        deliver_due(&*store, &webhook, &sender(), &|| clock.now(), &mut Postman::new(&webhook, Rng::with_seed(1)), &stop).await.unwrap();
    assert_eq!(pass, Pass { next: Some(at(SLOT)), ..Pass::default() });
    assert_eq!(receiver.ids().len(), 0);
}

#[tokio::test]
async fn slack_gets_its_messages_a_second_apart() {
    let receiver = Receiver::new([]).await;
    let webhook = webhook(destination("slack", &receiver.url));
    let desk = Desk::new();
    let store = queued(&desk, &webhook, &["{}", "{}"]).await;
    let started = std::time::Instant::now();
    assert_eq!(pass(&store, &webhook, &Clock::at(SLOT)).await.delivered, 2);
    assert!(started.elapsed() >= StdDuration::from_secs(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_processes_send_every_message_once() {
    let receiver = Receiver::new([]).await;
    let webhook = webhook(destination("webhook", &receiver.url));
    let desk = Desk::new();
    let store = queued(&desk, &webhook, &["{}"]).await;
    for second in 1..20 {
        queue(&store, &webhook, &format!("2026-11-17T00:00:{second:02}Z"), &["{}"]).await;
    }
    let mut processes = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (store, webhook) = (desk.open().await, webhook.clone());
        processes.spawn(async move { pass(&store, &webhook, &Clock::at("2026-11-17T00:01:00Z")).await.delivered });
    }
    assert_eq!(processes.join_all().await.iter().sum::<u32>(), 20);
    let mut ids = receiver.ids();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), receiver.bodies().len()), (20, 20));
}

#[tokio::test]
async fn a_store_that_fails_for_a_moment_when_an_attempt_is_recorded_makes_no_duplicate() {
    let receiver = Receiver::new([]).await;
    let webhook = webhook(destination("webhook", &receiver.url));
    let desk = Desk::new();
    let store = queued(&desk, &webhook, &["{}"]).await;
    let database = desk.database().await;
    let refusal = "CREATE TRIGGER refuse BEFORE UPDATE OF state ON deliveries BEGIN SELECT RAISE(ABORT, 'not now'); END";
    sqlx::raw_sql(refusal).execute(&database).await.unwrap();
    let recovery = async {
        tokio::time::sleep(StdDuration::from_millis(700)).await;
        sqlx::raw_sql("DROP TRIGGER refuse").execute(&database).await.unwrap();
    };
    let clock = Clock::at(SLOT);
    let (pass, ()) = tokio::join!(pass(&store, &webhook, &clock), recovery);
    assert_eq!(pass, Pass { delivered: 1, ..Pass::default() });
    assert_eq!((receiver.ids().len(), ledger(&store).await[0].state), (1, DeliveryState::Delivered));
}

#[tokio::test]
async fn a_webhook_that_fails_for_an_hour_is_probed_told_of_and_told_of_again_when_it_works() {
    let receiver = Receiver::new((0..16).map(|_| Reply::Say(503, "down"))).await;
    let retry = RetryPolicy { schedule: vec![Duration::minutes(10)], expires: Duration::hours(24) };
    let webhook = WebhookConfig { retry, ..webhook(destination("webhook", &receiver.url)) };
    let desk = Desk::new();
    let store = queued(&desk, &webhook, &["{}"]).await;
    let clock = Clock::at(SLOT);
    let (mut broken, mut mended, mut since_open) = (Vec::new(), Vec::new(), 0);
    while !store
        .deliveries(&DeliveryQuery { limit: 9, ..Default::default() })
        .await
        .unwrap()
        .iter()
        .all(|d| d.state == DeliveryState::Delivered)
    {
        let requests = receiver.ids().len();
        let pass = pass(&store, &webhook, &clock).await;
        if !broken.is_empty() {
            since_open += 1;
            assert!(receiver.ids().len() <= requests + 1 || pass.delivered > 0, "one probe a pass");
        } else if !pass.troubles.is_empty() {
            // Another digest comes while the service is down.
            queue(&store, &webhook, "2026-11-17T01:00:00Z", &["{\"next\":1}"]).await;
        }
        broken.extend(pass.troubles.iter().filter(|t| matches!(t, Trouble::Broken { .. })).cloned());
        mended.extend(pass.troubles.iter().filter(|t| matches!(t, Trouble::Mended { .. })).cloned());
        if let Some(next) = pass.next {
            assert!(next - clock.now() <= Duration::minutes(11));
            clock.set(next);
        }
    }
    assert!(since_open > 3 && broken.len() > 3);
    assert_eq!(mended, [Trouble::Mended { since: at(SLOT) }]);
    assert!(matches!(&broken[0], Trouble::Broken { since, why } if *since == at(SLOT) && why == "answered 503 (down)"));
    assert_eq!(store.webhook_state("desk").await.unwrap().failing_since, None);
}

#[tokio::test]
async fn an_address_that_is_closed_stops_its_webhook_and_nothing_more_is_sent() {
    let receiver = Receiver::new([Reply::Say(410, "gone")]).await;
    let webhook = webhook(destination("webhook", &receiver.url));
    let desk = Desk::new();
    let store = queued(&desk, &webhook, &["{\"part\":1}", "{\"part\":2}"]).await;
    let clock = Clock::at(SLOT);
    let first = pass(&store, &webhook, &clock).await;
    assert!(matches!(&first.troubles[..], [Trouble::Stopped { why, .. }] if why.contains("newsboy webhook resume desk")), "{first:?}");
    assert_eq!(pass(&store, &webhook, &clock).await, Pass::default());
    assert_eq!(receiver.bodies().len(), 1);
    assert!(store.resume_webhook("desk", clock.now() + webhook.retry.expires).await.unwrap());
    assert_eq!(pass(&store, &webhook, &clock).await.delivered, 1, "the second part");
}

#[tokio::test]
async fn nothing_is_sent_in_quiet_hours() {
    let receiver = Receiver::new([]).await;
    let plain = webhook(destination("webhook", &receiver.url));
    let hours = vec![crate::digest::schedule::QuietHours::parse("08:00-09:30").unwrap()];
    let webhook = WebhookConfig { timing: plain.timing.clone().except(hours, vec![]).unwrap(), ..plain };
    let desk = Desk::new();
    let store = queued(&desk, &webhook, &["{}"]).await;
    let end = at("2026-11-17T01:30:00Z");
    assert_eq!(pass(&store, &webhook, &Clock::at(SLOT)).await, Pass { next: Some(end), ..Pass::default() });
    assert!(receiver.bodies().is_empty());
    assert_eq!(pass(&store, &webhook, &Clock::at("2026-11-17T01:30:00Z")).await.delivered, 0, "its time ran out meanwhile");
    queue(&store, &webhook, "2026-11-17T01:30:01Z", &["{}"]).await;
    assert_eq!(pass(&store, &webhook, &Clock::at("2026-11-17T01:30:01Z")).await.delivered, 1);
}

#[tokio::test]
async fn a_service_is_called_no_faster_than_its_rate() {
    let receiver = Receiver::new([]).await;
    let webhook = webhook(destination("slack", &receiver.url));
    let desk = Desk::new();
    let store = queued(&desk, &webhook, &["{}", "{}", "{}"]).await;
    let began = Instant::now();
    assert_eq!(pass(&store, &webhook, &Clock::at(SLOT)).await.delivered, 3);
    assert!(began.elapsed() >= StdDuration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn whoever_asks_for_problems_hears_of_each_once() {
    use crate::jobs::tell_problems::{Word, tell};
    let receiver = Receiver::new([]).await;
    let broken = webhook(destination("webhook", &receiver.url));
    let watch = WebhookConfig { name: "watch".to_owned(), problems: true, ..broken.clone() };
    let also_broken = WebhookConfig { problems: true, ..broken.clone() };
    let webhooks = [also_broken, WebhookConfig { name: "other".to_owned(), ..broken }, watch.clone()];
    let desk = Desk::new();
    let store = desk.open().await;
    let now = at("2026-11-17T01:00:00Z");
    let word = Word::of("desk", &Trouble::Broken { since: at(SLOT), why: "answered 503".to_owned() });
    let told = async || tell(&*store, &webhooks, Some("desk"), &word, "https://news.example", now).await.unwrap();
    assert_eq!((told().await, told().await), (vec![2], vec![]), "not whom it is about, nor who did not ask");
    assert_eq!(pass(&store, &watch, &Clock::at("2026-11-17T01:00:00Z")).await.delivered, 1);
    let body = receiver.bodies().remove(0);
    assert!(body.contains("newsboy: desk gets no messages") && body.contains("answered 503"), "{body}");
}
