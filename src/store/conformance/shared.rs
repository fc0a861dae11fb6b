//! Several processes on one store: each test holds two openings that share nothing but the data.

use std::collections::HashSet;

use chrono::Duration;
use tokio::task::JoinSet;

use super::digests::{digest, queue};
use super::{apply, at, change, item, key};
use crate::model::Attempt;
use crate::store::{Applied, Beginning, IdentifiedArticle, NextStep, SharedStore};

pub(crate) async fn two_claimers_never_get_the_same_message(one: SharedStore, other: SharedStore) {
    const DIGESTS: usize = 30;
    let mut mark = one.enrol_webhook("desk", Beginning::Now, at("07:00:00")).await.unwrap();
    for _ in 0..DIGESTS {
        let slot = mark.slot + Duration::minutes(1);
        assert!(one.queue_digest(digest("desk", mark, slot, 1)).await.unwrap());
        mark = one.enrol_webhook("desk", Beginning::Now, slot).await.unwrap();
    }
    let mut claimers = JoinSet::new();
    for store in [&one, &other, &one, &other] {
        let store = store.clone();
        claimers.spawn(async move {
            let mut claimed = Vec::new();
            while let Some(due) = store.claim("desk", at("12:00:00"), at("13:00:00")).await.unwrap() {
                let attempt = Attempt { number: 1, at: at("12:00:00"), result: String::new(), status: None, answer: String::new() };
                store.record(&due.id, &attempt, NextStep::Delivered).await.unwrap();
                assert_eq!(due.attempts, 0);
                claimed.push(due.id);
            }
            claimed
        });
    }
    let claimed = claimers.join_all().await.concat();
    assert_eq!((claimed.len(), claimed.iter().collect::<HashSet<_>>().len()), (DIGESTS, DIGESTS));
}

pub(crate) async fn of_two_writers_of_one_page_the_slower_is_outdated(one: SharedStore, other: SharedStore) {
    for round in 0..20 {
        let key = key("county", &round.to_string());
        let write = |store: SharedStore, headline: &str| {
            let change = change(&key, 0, vec![item(&key, &format!("{headline} {round}"), "正文。")], at("08:00:00"));
            tokio::spawn(async move { store.apply(change).await.unwrap() })
        };
        let (a, b) = (write(one.clone(), "甲"), write(other.clone(), "乙"));
        let applied = [a.await.unwrap(), b.await.unwrap()];
        assert_eq!(applied.iter().filter(|applied| **applied == Applied::Outdated).count(), 1);
        assert_eq!(one.page(&key).await.unwrap().unwrap().revision, 1);
    }
    assert_eq!(other.arrivals(0, true, 99).await.unwrap().articles.len(), 20);
}

pub(crate) async fn a_reader_who_has_seen_an_arrival_never_meets_a_smaller_one_later(one: SharedStore, other: SharedStore) {
    const PAGES: i64 = 12;
    let mut writers = JoinSet::new();
    for (store, source) in [(&one, "a"), (&other, "b"), (&one, "c"), (&other, "d")] {
        let store = store.clone();
        writers.spawn(async move {
            for page in 0..PAGES {
                let key = key(source, &page.to_string());
                let items = (0..3).map(|n| item(&key, &format!("{page} {n}"), "正文。")).collect();
                apply(&*store, change(&key, 0, items, at("08:00:00"))).await;
            }
        });
    }
    let all = 4 * 3 * PAGES;
    let reader = async {
        let (mut seen, mut last) = (Vec::new(), 0);
        while last < all {
            let piece = other.arrivals(last, true, 7).await.unwrap();
            seen.extend(piece.articles.iter().map(|article| article.arrival));
            last = piece.through;
        }
        seen
    };
    // If a writer fails, the last arrival never comes.
    let seen = tokio::time::timeout(std::time::Duration::from_secs(60), reader).await.unwrap();
    writers.join_all().await;
    assert_eq!(seen, (1..=all).collect::<Vec<_>>());
}

pub(crate) async fn of_two_composers_of_one_slot_one_wins(one: SharedStore, other: SharedStore) {
    let mut mark = one.enrol_webhook("desk", Beginning::Now, at("07:00:00")).await.unwrap();
    for _ in 0..20 {
        let slot = mark.slot + Duration::minutes(1);
        let compose = |store: SharedStore| {
            let digest = digest("desk", mark, slot, 2);
            tokio::spawn(async move { store.queue_digest(digest).await.unwrap() })
        };
        let (a, b) = (compose(one.clone()), compose(other.clone()));
        assert!(a.await.unwrap() ^ b.await.unwrap());
        mark = other.enrol_webhook("desk", Beginning::Now, slot).await.unwrap();
        assert_eq!(mark.slot, slot);
    }
}

pub(crate) async fn two_that_enrol_a_webhook_agree_on_its_mark(one: SharedStore, other: SharedStore) {
    for round in 0..20 {
        let name = format!("desk {round}");
        let enrol = |store: SharedStore, time: &str| {
            let (name, now) = (name.clone(), at(time));
            tokio::spawn(async move { store.enrol_webhook(&name, Beginning::Now, now).await.unwrap() })
        };
        let (a, b) = (enrol(one.clone(), "07:00:00"), enrol(other.clone(), "07:00:01"));
        assert_eq!(a.await.unwrap(), b.await.unwrap());
    }
    // What one has queued the other sends.
    queue(&*one, "desk", 1).await;
    assert!(other.claim("desk", at("08:00:00"), at("08:01:00")).await.unwrap().is_some());
}

pub(crate) async fn of_two_that_release_an_article_one_does(one: SharedStore, other: SharedStore) {
    for round in 0..20 {
        let key = key("county", &round.to_string());
        let held = IdentifiedArticle { doubtful: true, ..item(&key, &format!("新闻 {round}"), "正文。") };
        apply(&*one, change(&key, 0, vec![held.clone()], at("08:00:00"))).await;
        let release = |store: SharedStore| {
            let id = held.id.clone();
            tokio::spawn(async move { store.release(&[id], at("09:00:00")).await.unwrap() })
        };
        let (a, b) = (release(one.clone()), release(other.clone()));
        let (a, b) = (a.await.unwrap(), b.await.unwrap());
        assert_eq!((a.released.len() + b.released.len(), a.public.len() + b.public.len()), (1, 1));
    }
    assert_eq!(other.arrivals(0, false, 99).await.unwrap().articles.len(), 20);
}
