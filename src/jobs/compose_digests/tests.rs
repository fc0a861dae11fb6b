#![allow(clippy::unwrap_used)]

use super::*;
use crate::digest::schedule::{QuietHours, Schedule, Timing};
use crate::jobs::testing::{Desk, at, console, print, webhook};
use crate::model::{Delivery, DeliveryState};
use crate::store::{Beginning, DeliveryQuery, SharedStore};

// 16 November 2026 is a Monday; the webhook's slots are at midnight of UTC, Monday to Friday.

fn papers() -> Vec<Paper> {
    vec![Paper { source: "county".to_owned(), title: "清渚日报".to_owned(), language: "zh-Hans".to_owned() }]
}

async fn compose_at(store: &SharedStore, webhook: &WebhookConfig, now: &str) -> Composed {
    let papers = papers();
    let of_county = |a: &StoredArticle| a.key.source == "county";
    let coverage = Coverage { papers: &papers, selects: &of_county, public_url: "https://news.example", editing: Editing::default() };
    compose_due(&**store, webhook, coverage, at(now)).await.unwrap()
}

async fn ledger(store: &SharedStore) -> Vec<Delivery> {
    let mut all = store.deliveries(&DeliveryQuery { limit: 100, ..DeliveryQuery::default() }).await.unwrap();
    all.sort_by_key(|d| (d.slot, d.part));
    all
}

async fn bodies(store: &SharedStore) -> Vec<String> {
    ledger(store).await.into_iter().map(|d| d.body).collect()
}

#[tokio::test]
async fn a_new_webhook_gets_nothing_old_and_its_first_digest_what_came_since() {
    let desk = Desk::new();
    let store = desk.open().await;
    let webhook = webhook(console());
    print(&*store, "county", "01", &[("旧闻", "旧。")], at("2026-11-16T01:00:00Z")).await;

    assert_eq!(compose_at(&store, &webhook, "2026-11-16T02:00:00Z").await, Composed::NothingDue);
    print(&*store, "county", "02", &[("新闻", "新桥通车。")], at("2026-11-16T03:00:00Z")).await;
    assert_eq!(compose_at(&store, &webhook, "2026-11-16T23:59:59.999Z").await, Composed::NothingDue);

    let slot = at("2026-11-17T00:00:00Z");
    assert_eq!(
        compose_at(&store, &webhook, "2026-11-17T00:00:00Z").await,
        Composed::Queued { slot, items: 1, left_out: 0, messages: 1, trouble: None }
    );
    assert_eq!(compose_at(&store, &webhook, "2026-11-17T00:00:30Z").await, Composed::NothingDue);

    let delivery = &ledger(&store).await[0];
    assert!(delivery.body.contains("新桥通车。") && !delivery.body.contains("旧闻"), "{}", delivery.body);
    assert_eq!((delivery.slot, delivery.state), (slot, DeliveryState::Pending));
    assert_eq!(delivery.expires, slot + webhook.retry.expires);
}

#[tokio::test]
async fn a_page_that_lands_after_the_slot_is_in_the_next_digest() {
    let desk = Desk::new();
    let store = desk.open().await;
    let webhook = webhook(console());
    compose_at(&store, &webhook, "2026-11-16T02:00:00Z").await;
    print(&*store, "county", "01", &[("早", "早。")], at("2026-11-16T22:00:00Z")).await;
    compose_at(&store, &webhook, "2026-11-17T00:00:01Z").await;
    print(&*store, "county", "02", &[("迟", "迟。")], at("2026-11-17T01:00:00Z")).await;
    compose_at(&store, &webhook, "2026-11-18T00:00:01Z").await;
    let bodies = bodies(&store).await;
    assert_eq!(bodies.iter().map(|b| (b.contains("* 早"), b.contains("* 迟"))).collect::<Vec<_>>(), [(true, false), (false, true)]);
}

#[tokio::test]
async fn missed_slots_become_one_digest_of_the_last_of_them() {
    let desk = Desk::new();
    let store = desk.open().await;
    let webhook = webhook(console());
    compose_at(&store, &webhook, "2026-11-16T02:00:00Z").await;
    print(&*store, "county", "01", &[("一", "一。")], at("2026-11-16T22:00:00Z")).await;
    print(&*store, "county", "02", &[("二", "二。")], at("2026-11-18T22:00:00Z")).await;
    // Down until Sunday; the last slot was on Friday.
    let slot = at("2026-11-20T00:00:00Z");
    assert_eq!(
        compose_at(&store, &webhook, "2026-11-22T10:00:00Z").await,
        Composed::Queued { slot, items: 2, left_out: 0, messages: 1, trouble: None }
    );
    assert_eq!(compose_at(&store, &webhook, "2026-11-22T10:01:00Z").await, Composed::NothingDue);
    assert_eq!(next_wake(&webhook, at("2026-11-22T10:01:00Z")), Some(at("2026-11-23T00:00:00Z")));
}

#[tokio::test]
async fn a_clock_that_is_put_back_fires_nothing_again() {
    let desk = Desk::new();
    let store = desk.open().await;
    let webhook = webhook(console());
    compose_at(&store, &webhook, "2026-11-16T02:00:00Z").await;
    print(&*store, "county", "01", &[("一", "一。")], at("2026-11-16T22:00:00Z")).await;
    let slot = at("2026-11-18T00:00:00Z");
    assert!(matches!(compose_at(&store, &webhook, "2026-11-18T00:00:01Z").await, Composed::Queued { .. }));

    print(&*store, "county", "02", &[("二", "二。")], at("2026-11-17T00:00:00Z")).await;
    assert_eq!(compose_at(&store, &webhook, "2026-11-17T00:00:01Z").await, Composed::ClockBehind { slot });
    assert_eq!(compose_at(&store, &webhook, "2026-11-18T00:00:01Z").await, Composed::NothingDue);
    assert!(matches!(compose_at(&store, &webhook, "2026-11-19T00:00:01Z").await, Composed::Queued { items: 1, .. }));
}

/// More articles than are read at once, several times over; the newest edition leads though it was
/// read last.
#[tokio::test]
async fn a_backlog_of_thousands_is_read_in_pieces_and_each_is_shown_or_counted() {
    let desk = Desk::new();
    let store = desk.open().await;
    let webhook = WebhookConfig { backfill: true, limit: 3, ..webhook(console()) };
    let headlines: Vec<String> = (0..PIECE * 3 / 5).map(|n| n.to_string()).collect();
    let mut pages = 0;
    for day in 1..=10 {
        let stories: Vec<(String, String)> = headlines.iter().map(|n| (format!("{day} 日 {n}"), "文。".to_owned())).collect();
        let stories: Vec<(&str, &str)> = stories.iter().map(|(headline, text)| (headline.as_str(), text.as_str())).collect();
        print(&*store, "county", "01", &stories, at(&format!("2026-11-{day:02}T01:00:00Z"))).await;
        pages += 1;
    }
    let all = pages * headlines.len();
    assert!(all > 5 * PIECE as usize);
    compose_at(&store, &webhook, "2026-11-16T02:00:00Z").await;
    let composed = compose_at(&store, &webhook, "2026-11-17T00:00:01Z").await;
    assert!(matches!(composed, Composed::Queued { items: 3, left_out, .. } if left_out == all - 3), "{composed:?}");
    assert!(bodies(&store).await[0].contains("10 日 0"), "{:?}", bodies(&store).await);
    assert!(matches!(compose_at(&store, &webhook, "2026-11-18T00:00:01Z").await, Composed::NoNews { .. }));
}

#[tokio::test]
async fn a_slot_without_news_is_silent_or_says_so_and_the_mark_moves_either_way() {
    let desk = Desk::new();
    let store = desk.open().await;
    let quiet = webhook(console());
    let chatty = WebhookConfig { name: "chatty".to_owned(), when_empty: WhenEmpty::Send, ..quiet.clone() };
    for webhook in [&quiet, &chatty] {
        compose_at(&store, webhook, "2026-11-16T02:00:00Z").await;
    }
    // Of another paper, which the webhook's feeds do not take.
    print(&*store, "city", "01", &[("别", "别。")], at("2026-11-16T22:00:00Z")).await;
    let slot = at("2026-11-17T00:00:00Z");
    assert_eq!(compose_at(&store, &quiet, "2026-11-17T00:00:01Z").await, Composed::NoNews { slot });
    assert_eq!(
        compose_at(&store, &chatty, "2026-11-17T00:00:01Z").await,
        Composed::Queued { slot, items: 0, left_out: 0, messages: 1, trouble: None }
    );
    assert_eq!(bodies(&store).await, ["《清渚日报》2026-11-17 · 无新稿\n\nhttps://news.example"]);
    assert_eq!(store.enrol_webhook("desk", Beginning::Now, slot).await.unwrap().arrival, 1);
}

#[tokio::test]
async fn a_correction_is_not_news_again() {
    let desk = Desk::new();
    let store = desk.open().await;
    let webhook = webhook(console());
    compose_at(&store, &webhook, "2026-11-16T02:00:00Z").await;
    print(&*store, "county", "01", &[("桥", "桥长三百米。")], at("2026-11-16T22:00:00Z")).await;
    compose_at(&store, &webhook, "2026-11-17T00:00:01Z").await;
    print(&*store, "county", "01", &[("桥", "桥长五百米。")], at("2026-11-16T23:00:00Z")).await;
    let slot = at("2026-11-18T00:00:00Z");
    assert_eq!(compose_at(&store, &webhook, "2026-11-18T00:00:01Z").await, Composed::NoNews { slot });
}

#[tokio::test]
async fn an_article_that_is_withdrawn_when_its_slot_comes_and_back_later_is_in_the_next_digest() {
    let desk = Desk::new();
    let store = desk.open().await;
    let webhook = webhook(console());
    compose_at(&store, &webhook, "2026-11-16T02:00:00Z").await;
    let (both, one) = ([("桥", "桥通了。"), ("路", "路通了。")], [("桥", "桥通了。")]);
    print(&*store, "county", "01", &both, at("2026-11-16T03:00:00Z")).await;
    print(&*store, "county", "01", &one, at("2026-11-16T04:00:00Z")).await;
    compose_at(&store, &webhook, "2026-11-17T00:00:01Z").await;
    print(&*store, "county", "01", &both, at("2026-11-16T05:00:00Z")).await;
    compose_at(&store, &webhook, "2026-11-18T00:00:01Z").await;
    // Gone and back once more it is no news.
    print(&*store, "county", "01", &one, at("2026-11-16T06:00:00Z")).await;
    assert!(matches!(compose_at(&store, &webhook, "2026-11-19T00:00:01Z").await, Composed::NoNews { .. }));
    print(&*store, "county", "01", &both, at("2026-11-16T07:00:00Z")).await;
    assert!(matches!(compose_at(&store, &webhook, "2026-11-20T00:00:01Z").await, Composed::NoNews { .. }));
    let told: Vec<_> = bodies(&store).await.iter().map(|b| (b.contains("* 桥"), b.contains("* 路"))).collect();
    assert_eq!(told, [(true, false), (false, true)]);
}

#[tokio::test]
async fn what_the_limit_leaves_out_is_counted_and_not_kept_for_later() {
    let desk = Desk::new();
    let store = desk.open().await;
    let webhook = WebhookConfig { limit: 2, ..webhook(console()) };
    compose_at(&store, &webhook, "2026-11-16T02:00:00Z").await;
    print(&*store, "county", "01", &[("一", "一。"), ("二", "二。"), ("三", "三。")], at("2026-11-16T22:00:00Z")).await;
    let composed = compose_at(&store, &webhook, "2026-11-17T00:00:01Z").await;
    assert!(matches!(composed, Composed::Queued { items: 2, left_out: 1, .. }), "{composed:?}");
    assert!(bodies(&store).await[0].ends_with("另有 1 条 · https://news.example"));
    assert!(matches!(compose_at(&store, &webhook, "2026-11-18T00:00:01Z").await, Composed::NoNews { .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_processes_one_composes_a_slot() {
    let desk = Desk::new();
    let store = desk.open().await;
    let webhook = webhook(console());
    compose_at(&store, &webhook, "2026-11-16T02:00:00Z").await;
    print(&*store, "county", "01", &[("桥", "桥。")], at("2026-11-16T22:00:00Z")).await;

    let mut processes = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let (store, webhook) = (desk.open().await, webhook.clone());
        processes.spawn(async move { compose_at(&store, &webhook, "2026-11-17T00:00:01Z").await });
    }
    let composed = processes.join_all().await;
    assert_eq!(composed.iter().filter(|c| matches!(c, Composed::Queued { .. })).count(), 1, "{composed:?}");
    assert_eq!(ledger(&store).await.len(), 1);
}

fn on_arrival(webhook: &WebhookConfig) -> WebhookConfig {
    let timing = Timing::arrival(chrono::Duration::seconds(5), chrono_tz::Asia::Shanghai);
    WebhookConfig { timing: timing.except(vec![QuietHours::parse("22:00-07:00").unwrap()], vec![]).unwrap(), ..webhook.clone() }
}

#[tokio::test]
async fn on_arrival_every_piece_of_news_is_a_digest_and_what_is_of_others_is_none() {
    let desk = Desk::new();
    let store = desk.open().await;
    let webhook = on_arrival(&WebhookConfig { when_empty: WhenEmpty::Send, ..webhook(console()) });
    assert_eq!(compose_at(&store, &webhook, "2026-11-16T02:00:00Z").await, Composed::NothingDue);
    print(&*store, "county", "01", &[("一", "一。")], at("2026-11-16T02:00:01Z")).await;
    let slot = at("2026-11-16T02:00:06.123Z");
    assert_eq!(
        compose_at(&store, &webhook, "2026-11-16T02:00:06.1237Z").await,
        Composed::Queued { slot, items: 1, left_out: 0, messages: 1, trouble: None }
    );
    assert_eq!(compose_at(&store, &webhook, "2026-11-16T02:00:07Z").await, Composed::NothingDue);

    print(&*store, "city", "01", &[("别", "别。")], at("2026-11-16T02:01:00Z")).await;
    assert_eq!(compose_at(&store, &webhook, "2026-11-16T02:01:05Z").await, Composed::NoNews { slot: at("2026-11-16T02:01:05Z") });
    assert_eq!(compose_at(&store, &webhook, "2026-11-16T02:01:06Z").await, Composed::NothingDue);

    // A clock that was put back holds nothing up, and no digest takes the place of another one.
    print(&*store, "county", "02", &[("二", "二。")], at("2026-11-16T01:00:00Z")).await;
    assert!(matches!(compose_at(&store, &webhook, "2026-11-16T01:00:05Z").await, Composed::Queued { items: 1, .. }));
    assert_eq!(bodies(&store).await.len(), 2);
}

#[tokio::test]
async fn in_quiet_hours_nothing_is_composed_and_their_end_brings_all_of_it() {
    let desk = Desk::new();
    let store = desk.open().await;
    let webhook = on_arrival(&webhook(console()));
    compose_at(&store, &webhook, "2026-11-16T02:00:00Z").await;
    for (page, time) in [("01", "2026-11-16T15:00:00Z"), ("02", "2026-11-16T20:00:00Z")] {
        print(&*store, "county", page, &[(page, "文。")], at(time)).await;
        assert_eq!(compose_at(&store, &webhook, time).await, Composed::NothingDue);
        assert_eq!(next_wake(&webhook, at(time)), Some(at("2026-11-16T23:00:00Z")));
    }
    assert!(matches!(compose_at(&store, &webhook, "2026-11-16T23:00:00Z").await, Composed::Queued { items: 2, .. }));
    assert_eq!(next_wake(&webhook, at("2026-11-16T23:00:00Z")), None, "articles are waited for");
}

#[tokio::test]
async fn a_slot_that_is_too_old_is_left_out_and_its_news_is_in_the_next_one() {
    let desk = Desk::new();
    let store = desk.open().await;
    let webhook = WebhookConfig { catch_up: Some(chrono::Duration::hours(2)), ..webhook(console()) };
    compose_at(&store, &webhook, "2026-11-16T02:00:00Z").await;
    print(&*store, "county", "01", &[("一", "一。")], at("2026-11-16T22:00:00Z")).await;
    let slot = at("2026-11-17T00:00:00Z");
    assert_eq!(compose_at(&store, &webhook, "2026-11-17T02:00:01Z").await, Composed::TooLate { slot });
    assert!(matches!(compose_at(&store, &webhook, "2026-11-18T01:59:00Z").await, Composed::Queued { items: 1, .. }));
}

/// Polls a future so often at most; one that is not done by then is dropped, as a killed process drops it.
async fn polled<F: Future>(future: F, times: usize) -> Option<F::Output> {
    let (mut future, mut polls) = (std::pin::pin!(future), 0);
    std::future::poll_fn(|context| {
        if polls == times {
            return std::task::Poll::Ready(None);
        }
        polls += 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

#[tokio::test]
async fn a_process_that_is_killed_at_every_step_of_every_slot_repeats_none_and_leaves_none_out() {
    let desk = Desk::new();
    let mut store = desk.open().await;
    // Both changes of the clock lie within these weeks: hours that never come and hours that come twice.
    for begin in ["2026-03-26T12:00:00Z", "2026-10-22T12:00:00Z"] {
        let schedule = Schedule::parse("30 2,3,8 * * *", chrono_tz::Europe::Berlin).unwrap();
        let webhook = WebhookConfig { name: begin.to_owned(), timing: Timing::cron(schedule.clone()), ..webhook(console()) };
        compose_at(&store, &webhook, begin).await;
        let slots: Vec<_> = schedule.after(at(begin)).take(15).collect();
        for slot in &slots {
            let headline = slot.to_rfc3339();
            print(
                &*store,
                "county",
                &format!("{}", slot.timestamp()),
                &[(headline.as_str(), "文。")],
                *slot - chrono::Duration::minutes(1),
            )
            .await;
            let now = slot.to_rfc3339();
            for step in 0.. {
                let done = polled(compose_at(&store, &webhook, &now), step).await.is_some();
                store = desk.open().await;
                if done {
                    break;
                }
            }
            assert_eq!(compose_at(&store, &webhook, &now).await, Composed::NothingDue);
        }
        let query = DeliveryQuery { webhook: Some(begin.to_owned()), limit: 999, ..DeliveryQuery::default() };
        let mut ledger = store.deliveries(&query).await.unwrap();
        ledger.sort_by_key(|delivery| delivery.slot);
        assert_eq!(ledger.iter().map(|delivery| delivery.slot).collect::<Vec<_>>(), slots, "each slot once");
        assert!(
            ledger.iter().zip(&slots).all(|(delivery, slot)| delivery.articles.len() == 1 && delivery.body.contains(&slot.to_rfc3339()))
        );
    }
}

#[tokio::test]
async fn in_a_year_of_days_no_slot_is_repeated_or_left_out_wherever_a_process_is_killed() {
    let desk = Desk::new();
    let store = desk.open().await;
    // The clock skips this time on one day of the year, and shows it twice on another.
    let schedule = Schedule::parse("30 2 * * *", chrono_tz::Europe::Berlin).unwrap();
    let webhook = WebhookConfig { timing: Timing::cron(schedule.clone()), ..webhook(console()) };
    compose_at(&store, &webhook, "2026-01-01T12:00:00Z").await;
    let (begin, end) = (at("2026-01-01T12:00:00Z"), at("2027-01-01T12:00:00Z"));
    let slots: Vec<_> = schedule.after(begin).take_while(|slot| *slot < end).collect();
    assert_eq!(slots.len(), 365);
    for slot in &slots {
        let now = slot.to_rfc3339();
        print(&*store, "county", "01", &[(now.as_str(), "文。")], *slot - chrono::Duration::minutes(1)).await;
        for step in 0.. {
            if polled(compose_at(&store, &webhook, &now), step).await.is_some() {
                break;
            }
        }
        assert_eq!(compose_at(&store, &webhook, &now).await, Composed::NothingDue);
    }
    let mut ledger = store.deliveries(&DeliveryQuery { limit: 999, ..DeliveryQuery::default() }).await.unwrap();
    ledger.sort_by_key(|delivery| delivery.slot);
    assert_eq!(ledger.iter().map(|delivery| delivery.slot).collect::<Vec<_>>(), slots, "each slot once");
    assert!(ledger.iter().zip(&slots).all(|(delivery, slot)| delivery.articles.len() == 1 && delivery.body.contains(&slot.to_rfc3339())));
}
