//! Webhooks' marks and the queueing of digests.

use chrono::{DateTime, Duration, Utc};

use super::{apply, at, change, item, key};
use crate::model::{ArticleId, DeliveryState, Digest, DigestId, Message};
use crate::store::{Arrivals, Beginning, DeliveryQuery, PageChange, QueuedDigest, SourceMark, Store, WebhookMark};

/// A digest of `parts` messages for a slot, composed against `seen` and queued at the slot.
pub(crate) fn digest(webhook: &str, seen: WebhookMark, slot: DateTime<Utc>, parts: u32) -> QueuedDigest {
    let id = DigestId::assign(&[webhook.as_bytes(), slot.to_rfc3339().as_bytes()]);
    let story = |part| ArticleId::assign(&[slot.to_rfc3339().as_bytes(), &[part]]);
    QueuedDigest {
        digest: Digest::bare(id, webhook, slot, "县报 3月2日", "https://example.org/"),
        messages: (1..=parts)
            .map(|part| Message { body: format!("{{\"part\":{part}}}"), articles: vec![story(part as u8)], label: String::new() })
            .collect(),
        seen,
        through: seen.arrival,
        passed_over: Vec::new(),
        caught: Vec::new(),
        due: slot,
        expires: slot + Duration::hours(24),
        now: slot,
    }
}

/// Enrols a webhook and queues a digest of `parts` messages at eight.
pub(crate) async fn queue(store: &dyn Store, webhook: &str, parts: u32) -> QueuedDigest {
    let seen = store.enrol_webhook(webhook, Beginning::Now, at("07:00:00")).await.unwrap();
    let queued = digest(webhook, seen, at("08:00:00"), parts);
    assert!(store.queue_digest(queued.clone()).await.unwrap());
    queued
}

pub(crate) async fn a_new_webhook_begins_at_the_present_and_keeps_its_mark(store: &dyn Store) {
    let page = key("county", "01");
    apply(store, change(&page, 0, vec![item(&page, "春耕", "农机下田。"), item(&page, "要闻", "正文。")], at("06:30:00"))).await;
    let mark = WebhookMark { arrival: 2, slot: at("07:00:00.123") };
    assert_eq!(store.enrol_webhook("desk", Beginning::Now, at("07:00:00.123456")).await.unwrap(), mark);

    let page = key("county", "02");
    apply(store, change(&page, 0, vec![item(&page, "秋收", "稻谷入仓。")], at("07:30:00"))).await;
    assert_eq!(store.enrol_webhook("desk", Beginning::Now, at("08:00:00")).await.unwrap(), mark);
    assert_eq!(
        store.enrol_webhook("late", Beginning::Now, at("08:00:00")).await.unwrap(),
        WebhookMark { arrival: 3, slot: at("08:00:00") }
    );
}

pub(crate) async fn a_backlog_is_news_to_none_but_a_webhook_that_asked_for_it(store: &dyn Store) {
    let mark = store.enrol_source("county", at("06:00:00")).await.unwrap();
    assert_eq!(mark, SourceMark { since: at("06:00:00"), caught_up: false });
    let eager = store.enrol_webhook("eager", Beginning::Backfill, at("06:00:00")).await.unwrap();
    let desk = store.enrol_webhook("desk", Beginning::Now, at("06:00:00")).await.unwrap();
    let backlog = async |page, headlines: [&str; 2]| {
        let page = key("county", page);
        let articles = headlines.map(|headline| item(&page, headline, "正文。")).to_vec();
        apply(store, PageChange { backlog: true, ..change(&page, 0, articles, at("06:30:00")) }).await;
    };
    let told = async |after, wanted| {
        let Arrivals { articles, through, .. } = store.arrivals(after, wanted, 9).await.unwrap();
        (articles.into_iter().map(|a| a.article.headline.unwrap()).collect::<Vec<_>>().join(" "), through)
    };

    backlog("01", ["旧闻", "往事"]).await;
    let page = key("county", "02");
    apply(store, change(&page, 0, vec![item(&page, "新闻", "新。")], at("06:40:00"))).await;
    let (news, through) = told(desk.arrival, false).await;
    assert_eq!(news, "新闻");
    assert_eq!(told(eager.arrival, true).await, ("旧闻 往事 新闻".to_owned(), through));
    assert_eq!(told(through, true).await.0, "");

    // What of the backlog is read only after a digest is not lost to the next one.
    backlog("03", ["后读", "再读"]).await;
    assert_eq!(told(through, false).await.0, "");
    assert_eq!(told(through, true).await.0, "后读 再读");
    store.caught_up("county").await.unwrap();
    assert!(store.enrol_source("county", at("09:00:00")).await.unwrap().caught_up);
    assert_eq!(store.enrol_webhook("late", Beginning::Now, at("09:00:00")).await.unwrap().arrival, told(0, true).await.1);
}

pub(crate) async fn what_a_newer_cutter_finds_in_a_known_page_is_no_news(store: &dyn Store) {
    let page = key("county", "01");
    let first = change(&page, 0, vec![item(&page, "春耕", "农机下田。")], at("06:30:00"));
    apply(store, first.clone()).await;
    let through = store.arrivals(0, false, 9).await.unwrap().through;
    let finer = vec![item(&page, "春耕", "农机下田。"), item(&page, "简讯", "渠水已通。")];
    apply(store, PageChange { seen_revision: 1, cutter: 2, articles: finer, ..first }).await;
    assert!(store.arrivals(through, false, 9).await.unwrap().articles.is_empty());
}

pub(crate) async fn an_article_that_was_withdrawn_when_it_was_passed_is_told_when_it_is_back(store: &dyn Store) {
    let page = key("county", "01");
    let (story, other) = (item(&page, "春耕", "农机下田。"), item(&page, "要闻", "正文。"));
    let desk = store.enrol_webhook("desk", Beginning::Now, at("06:00:00")).await.unwrap();
    let room = store.enrol_webhook("room", Beginning::Now, at("06:00:00")).await.unwrap();
    apply(store, change(&page, 0, vec![story.clone(), other.clone()], at("06:30:00"))).await;
    let pass = async |webhook, mark, time: &str| {
        let arrivals = store.arrivals(0, false, 9).await.unwrap();
        let caught = store.missed(webhook, 9).await.unwrap().into_iter().map(|a| a.id).collect();
        let queued =
            QueuedDigest { through: arrivals.through, passed_over: arrivals.withdrawn, caught, ..digest(webhook, mark, at(time), 0) };
        assert!(store.queue_digest(queued).await.unwrap());
    };
    let missed = async |webhook| store.missed(webhook, 9).await.unwrap().into_iter().map(|a| a.id).collect::<Vec<_>>();
    pass("room", room, "06:40:00").await;
    apply(store, change(&page, 1, vec![other.clone()], at("06:50:00"))).await;
    pass("desk", desk, "07:00:00").await;
    assert!(missed("desk").await.is_empty(), "it is withdrawn still");
    apply(store, change(&page, 2, vec![story.clone(), other], at("07:10:00"))).await;
    assert_eq!(missed("desk").await, [story.id]);
    assert!(missed("room").await.is_empty(), "its digest had it");
    assert!(store.missed("desk", 0).await.unwrap().is_empty());
    let mark = store.enrol_webhook("desk", Beginning::Now, at("08:00:00")).await.unwrap();
    pass("desk", mark, "08:00:00").await;
    assert!(missed("desk").await.is_empty(), "it is told once");
}

pub(crate) async fn a_digest_is_queued_with_its_deliveries_and_the_moved_mark(store: &dyn Store) {
    let seen = store.enrol_webhook("desk", Beginning::Now, at("07:00:00")).await.unwrap();
    let queued = QueuedDigest { through: 17, ..digest("desk", seen, at("08:00:00"), 2) };
    assert!(store.queue_digest(queued.clone()).await.unwrap());
    let mark = store.enrol_webhook("desk", Beginning::Now, at("09:00:00")).await.unwrap();
    assert_eq!(mark, WebhookMark { arrival: 17, slot: at("08:00:00") });

    let ledger = store.deliveries(&DeliveryQuery { limit: 9, ..DeliveryQuery::default() }).await.unwrap();
    assert_eq!(ledger.len(), 2);
    for ((delivery, message), part) in ledger.iter().zip(&queued.messages).zip(1..) {
        assert_eq!((&delivery.digest, &*delivery.webhook, delivery.slot), (&queued.digest.id, "desk", at("08:00:00")));
        assert_eq!((delivery.part, delivery.parts, delivery.state), (part, 2, DeliveryState::Pending));
        assert_eq!((&delivery.body, &delivery.articles), (&message.body, &message.articles));
        assert_eq!((delivery.queued, delivery.next_attempt), (queued.now, Some(queued.now)));
        assert_eq!((delivery.expires, delivery.attempts.len()), (queued.expires, 0));
        assert_eq!(store.delivery(&delivery.id).await.unwrap().as_ref(), Some(delivery));
    }
}

pub(crate) async fn a_slot_is_queued_once_and_only_against_the_present_mark(store: &dyn Store) {
    let seen = WebhookMark { arrival: 0, slot: at("07:00:00") };
    assert!(!store.queue_digest(digest("desk", seen, at("08:00:00"), 1)).await.unwrap(), "the webhook was never enrolled");
    assert_eq!(store.enrol_webhook("desk", Beginning::Now, seen.slot).await.unwrap(), seen);

    assert!(store.queue_digest(digest("desk", seen, at("08:00:00"), 1)).await.unwrap());
    assert!(!store.queue_digest(digest("desk", seen, at("08:00:00"), 1)).await.unwrap(), "the mark has moved");
    assert!(!store.queue_digest(digest("desk", seen, at("09:00:00"), 1)).await.unwrap(), "the mark has moved");
    let mark = store.enrol_webhook("desk", Beginning::Now, at("09:00:00")).await.unwrap();
    assert!(!store.queue_digest(digest("desk", mark, at("08:00:00"), 1)).await.unwrap(), "the slot was queued before");
    assert_eq!(store.enrol_webhook("desk", Beginning::Now, at("09:00:00")).await.unwrap(), mark, "what was not queued moves no mark");
    assert!(store.queue_digest(digest("desk", mark, at("09:00:00"), 1)).await.unwrap());
    let ledger = store.deliveries(&DeliveryQuery { limit: 9, ..DeliveryQuery::default() }).await.unwrap();
    assert_eq!(ledger.len(), 2);
}

pub(crate) async fn a_digest_without_messages_moves_the_mark(store: &dyn Store) {
    let queued = queue(store, "desk", 0).await;
    let mark = store.enrol_webhook("desk", Beginning::Now, at("09:00:00")).await.unwrap();
    assert_eq!(mark.slot, queued.digest.slot);
    assert_eq!(store.next_due("desk").await.unwrap(), None);
    assert!(!store.queue_digest(queued).await.unwrap());
}
