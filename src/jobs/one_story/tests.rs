#![allow(clippy::unwrap_used)]

use crate::digest::Paper;
use crate::jobs::compose_digests::{Composed, Coverage, Editing, compose_due};
use crate::jobs::testing::{Desk, at, destination, print, webhook};
use crate::store::{DeliveryQuery, SharedStore};
use crate::webhook::WebhookConfig;

const WHOLE: &str = "清渚县昨天开通了第一条氢能公交线路，十二辆新车从苇塘镇驶出。线路全长二十七公里，沿途设站十九座，票价两元。县交通局说，明年还要再开三条，把所有乡镇连起来。司机老秦试跑了三趟，说车子安静，坡上也有劲。";
const TEASER: &str = "清渚县昨天开通了第一条氢能公交线路，十二辆新车从苇塘镇驶出。（详见第3版）";
const OTHER: &str = "云浦图书馆今起延长开放时间，每晚九点半闭馆，周末不休。馆长介绍，自习座位增加了一百二十个，儿童区也搬到了一楼。";

fn papers() -> Vec<Paper> {
    let paper = |source: &str, title: &str| Paper { source: source.to_owned(), title: title.to_owned(), language: "zh".to_owned() };
    vec![paper("county", "清渚日报"), paper("city", "云浦晚报")]
}

async fn compose(store: &SharedStore, webhook: &WebhookConfig, tell_once: bool, now: &str) -> Composed {
    let papers = papers();
    let editing = Editing { tell_once, ..Editing::default() };
    let coverage = Coverage { papers: &papers, selects: &|_| true, public_url: "https://news.example", editing };
    compose_due(&**store, webhook, coverage, at(now)).await.unwrap()
}

/// The items of the newest digest, as a program gets them.
async fn items(store: &SharedStore) -> Vec<serde_json::Value> {
    let newest = store.deliveries(&DeliveryQuery { limit: 1, ..DeliveryQuery::default() }).await.unwrap().remove(0);
    let body: serde_json::Value = serde_json::from_str(&newest.body).unwrap();
    body["data"]["items"].as_array().unwrap().clone()
}

async fn begun() -> (Desk, SharedStore, WebhookConfig) {
    let desk = Desk::new();
    let store = desk.open().await;
    let webhook = webhook(destination("webhook", "http://127.0.0.1:9/hook"));
    assert_eq!(compose(&store, &webhook, true, "2026-11-16T02:00:00Z").await, Composed::NothingDue);
    (desk, store, webhook)
}

#[tokio::test]
async fn a_story_in_two_papers_is_one_item_with_both_places() {
    let (_desk, store, webhook) = begun().await;
    print(&*store, "county", "01", &[("氢能公交开通", WHOLE), ("图书馆", OTHER)], at("2026-11-16T03:00:00Z")).await;
    print(&*store, "city", "A3", &[("邻县开出氢能公交", &WHOLE.replace('，', ","))], at("2026-11-16T04:00:00Z")).await;
    let composed = compose(&store, &webhook, true, "2026-11-17T00:00:00Z").await;
    assert!(matches!(composed, Composed::Queued { items: 2, left_out: 0, .. }), "{composed:?}");
    let items = items(&store).await;
    let merged = items.iter().find(|item| item["title"] == "氢能公交开通").unwrap();
    assert_eq!((&merged["also"][0]["source"], &merged["also"][0]["page"]), (&"云浦晚报".into(), &"A03".into()), "{merged}");
    assert!(items.iter().all(|item| item["title"] == "氢能公交开通" || item.get("also").is_none()));
}

#[tokio::test]
async fn of_a_teaser_and_its_story_the_whole_is_shown_and_stands_where_the_teaser_does() {
    let (_desk, store, webhook) = begun().await;
    print(&*store, "county", "01", &[("图书馆开到九点半", OTHER), ("氢能公交上路", TEASER)], at("2026-11-16T03:00:00Z")).await;
    print(&*store, "county", "03", &[("一条线路和十二辆车", WHOLE)], at("2026-11-16T04:00:00Z")).await;
    compose(&store, &webhook, true, "2026-11-17T00:00:00Z").await;
    let items = items(&store).await;
    assert_eq!(items.len(), 2);
    let merged = items.iter().find(|item| item["title"] == "一条线路和十二辆车").unwrap();
    assert_eq!((&merged["page"], &merged["also"][0]["page"]), (&"03".into(), &"01".into()));
}

#[tokio::test]
async fn what_was_told_is_not_told_again_when_another_paper_prints_it() {
    let (_desk, store, webhook) = begun().await;
    print(&*store, "county", "01", &[("氢能公交开通", WHOLE)], at("2026-11-16T03:00:00Z")).await;
    assert!(matches!(compose(&store, &webhook, true, "2026-11-17T00:00:00Z").await, Composed::Queued { items: 1, .. }));
    print(&*store, "city", "A3", &[("邻县开出氢能公交", WHOLE)], at("2026-11-17T04:00:00Z")).await;
    assert!(matches!(compose(&store, &webhook, true, "2026-11-18T00:00:00Z").await, Composed::NoNews { .. }));
    // Days later it is news again, and to whom it was not told it is.
    print(&*store, "city", "A4", &[("氢能公交回访", WHOLE)], at("2026-11-23T04:00:00Z")).await;
    assert!(matches!(compose(&store, &webhook, true, "2026-11-24T00:00:00Z").await, Composed::Queued { items: 1, .. }));
}

#[tokio::test]
async fn what_a_paper_prints_twice_under_two_headlines_or_on_two_days_stays_two_and_so_does_all_where_it_is_asked_for() {
    let (_desk, store, webhook) = begun().await;
    print(&*store, "county", "01", &[("甲", OTHER), ("乙", OTHER)], at("2026-11-16T03:00:00Z")).await;
    print(&*store, "county", "02", &[("丙", WHOLE)], at("2026-11-16T03:00:00Z")).await;
    print(&*store, "county", "01", &[("丁", WHOLE)], at("2026-11-17T03:00:00Z")).await;
    assert!(matches!(compose(&store, &webhook, true, "2026-11-18T00:00:00Z").await, Composed::Queued { items: 4, .. }));
    print(&*store, "county", "01", &[("戊", WHOLE)], at("2026-11-18T03:00:00Z")).await;
    print(&*store, "city", "A1", &[("己", WHOLE)], at("2026-11-18T03:00:00Z")).await;
    assert!(matches!(compose(&store, &webhook, false, "2026-11-19T00:00:00Z").await, Composed::Queued { items: 2, .. }));
}
