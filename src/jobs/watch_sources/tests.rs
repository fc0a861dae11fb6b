#![allow(clippy::unwrap_used)]

use super::*;
use crate::jobs::testing::{Desk, at, destination, webhook};
use crate::model::SiteDay;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn day(answer: DayAnswer, problems: Vec<Problem>, asked: DateTime<Utc>) -> SiteDay {
    let (source, why) = ("county".to_owned(), String::new());
    SiteDay { source, date: date("2026-03-02"), answer, why, pages: 4, articles: 9, whole: true, unchanged: 0, problems, asked }
}

/// Two webhooks, of which the second asks for problems.
fn webhooks() -> [WebhookConfig; 2] {
    let plain = webhook(destination("webhook", "http://127.0.0.1:9/"));
    let watch = WebhookConfig { name: "watch".to_owned(), problems: true, ..plain.clone() };
    [plain, watch]
}

async fn look(store: &dyn Store, failing: Option<&Problem>, now: &str) -> (Vec<String>, Vec<usize>) {
    let watched = Watched { source: "county", timezone: chrono_tz::Asia::Shanghai, failing };
    let (words, queued) = look_after(store, watched, &webhooks(), "https://news.example", at(now)).await.unwrap();
    (words.into_iter().map(|word| word.title).collect(), queued)
}

#[tokio::test]
async fn a_problem_is_told_once_and_again_when_it_is_over() {
    let desk = Desk::new();
    let store = desk.open().await;
    let changed = || vec![Problem::new("site-changed", "the page lists nothing")];
    store.set_site_day(&day(DayAnswer::Unknown, changed(), at("2026-03-02T01:00:00Z")), None).await.unwrap();
    assert_eq!(look(&*store, None, "2026-03-02T01:00:00Z").await, (vec!["newsboy: county: site-changed".to_owned()], vec![1]));
    // Not again, be it by this process or by one that was started anew.
    assert_eq!(look(&*store, None, "2026-03-02T01:15:00Z").await, (vec![], vec![]));
    let again = desk.open().await;
    assert_eq!(look(&*again, None, "2026-03-02T02:00:00Z").await, (vec![], vec![]));
    assert_eq!(open(&*store, "county").await.unwrap()[0].since, at("2026-03-02T01:00:00Z"));
    store.set_site_day(&day(DayAnswer::Issue, Vec::new(), at("2026-03-02T03:00:00Z")), None).await.unwrap();
    let over = "newsboy: county: site-changed is over".to_owned();
    assert_eq!(look(&*store, None, "2026-03-02T03:00:00Z").await, (vec![over], vec![1]));
    assert_eq!(look(&*store, None, "2026-03-02T03:15:00Z").await, (vec![], vec![]));
    // A second time it is another problem.
    store.set_site_day(&day(DayAnswer::Unknown, changed(), at("2026-03-02T04:00:00Z")), None).await.unwrap();
    assert_eq!(look(&*store, None, "2026-03-02T04:00:00Z").await.1, [1]);
}

#[tokio::test]
async fn what_passes_within_the_hour_is_told_to_nobody() {
    let desk = Desk::new();
    let store = desk.open().await;
    let down = Problem::new("site-unanswered", "no connection");
    assert!(look(&*store, Some(&down), "2026-03-02T01:00:00Z").await.0.is_empty());
    assert!(look(&*store, None, "2026-03-02T01:30:00Z").await.0.is_empty(), "nor that it is over");
    assert!(look(&*store, Some(&down), "2026-03-02T02:00:00Z").await.0.is_empty());
    assert!(look(&*store, Some(&down), "2026-03-02T02:59:00Z").await.0.is_empty());
    assert_eq!(look(&*store, Some(&down), "2026-03-02T03:00:00Z").await.0.len(), 1);
    let spent = Problem::new("site-spent", "as much as a day allows");
    assert_eq!(look(&*store, Some(&spent), "2026-03-02T03:30:00Z").await.0.len(), 2, "the budget at once, and the other is over");
}

#[test]
fn a_paper_is_missed_when_it_pauses_for_longer_than_ever() {
    let daily = ["2026-03-06", "2026-03-05", "2026-03-04", "2026-03-03"].map(date);
    assert_eq!(silence(&daily, date("2026-03-08"), false), None);
    assert_eq!(silence(&daily, date("2026-03-09"), false).unwrap().code, SILENT);
    let weekly = ["2026-03-06", "2026-02-27", "2026-02-20"].map(date);
    assert_eq!(silence(&weekly, date("2026-03-14"), false), None);
    assert!(silence(&weekly, date("2026-03-15"), false).is_some());
    assert_eq!(silence(&weekly[..2], date("2026-03-30"), false), None, "two editions tell no rhythm");
    assert_eq!(silence(&daily, date("2026-05-20"), false), None, "an archive");
    assert!(silence(&daily, date("2026-05-20"), true).is_some(), "it is not over because it lasts");
}
