//! What becomes of articles when their page changes, and of their times.

use std::collections::HashSet;

use chrono::Duration;

use super::{all, apply, at, change, headlines, item, key};
use crate::model::{ArticleKind, Problem};
use crate::store::{Changes, PageChange, Revision, Store};

pub(crate) async fn a_changed_text_is_a_revision_and_the_old_text_is_kept(store: &dyn Store) {
    let key = key("county", "01");
    let (story, other) = (item(&key, "春耕", "农机下田。"), item(&key, "要闻", "正文。"));
    apply(store, change(&key, 0, vec![story.clone(), other.clone()], at("08:00:00"))).await;
    let before = store.article(&story.id).await.unwrap().unwrap();

    let mut corrected = story.clone();
    corrected.article.paragraphs = vec!["农机昨日下田。".to_owned()];
    let changes = apply(store, change(&key, 1, vec![corrected.clone(), other.clone()], at("09:00:00.900"))).await;
    assert_eq!(changes, Changes { revised: 1, unchanged: 1, ..Changes::default() });
    let after = store.article(&story.id).await.unwrap().unwrap();
    assert_eq!((after.revision, after.updated), (2, at("09:00:00")));
    assert_eq!((after.published, after.arrival), (before.published, before.arrival));
    assert_eq!(after.article, corrected.article);
    let kept = Revision { revision: 1, updated: before.updated, article: story.article.clone() };
    assert_eq!(store.revisions(&story.id).await.unwrap(), [kept]);
    // A correction comes to the top of a feed, and is no new arrival.
    assert_eq!(headlines(&all(store).await), ["春耕", "要闻"]);
    assert!(store.arrivals(2, true, 9).await.unwrap().articles.is_empty());

    // A second correction in the same second: the change moves on all the same.
    apply(store, change(&key, 2, vec![story.clone(), other], at("09:00:00.950"))).await;
    let again = store.article(&story.id).await.unwrap().unwrap();
    assert_eq!((again.revision, again.updated), (3, at("09:00:01")));
    assert_eq!(store.revisions(&story.id).await.unwrap().len(), 2);
}

pub(crate) async fn a_change_of_what_is_no_text_is_taken_over_and_is_no_revision(store: &dyn Store) {
    let key = key("county", "01");
    let (story, other) = (item(&key, "春耕", "农机下田。"), item(&key, "要闻", "正文。"));
    apply(store, change(&key, 0, vec![story.clone(), other.clone()], at("08:00:00"))).await;
    let before = store.article(&story.id).await.unwrap().unwrap();

    let mut recut = story.clone();
    recut.article.confidence = 0.5;
    recut.article.problems = vec![Problem::new("headline-doubtful", "two lines could be the headline")];
    recut.article.section = Some("要闻".to_owned());
    recut.article.kind = ArticleKind::Photo;
    let changes = apply(store, change(&key, 1, vec![other, recut.clone()], at("09:00:00"))).await;
    assert_eq!(changes, Changes { unchanged: 2, ..Changes::default() });
    let after = store.article(&story.id).await.unwrap().unwrap();
    assert_eq!((after.revision, after.updated, after.position), (1, before.updated, 1));
    assert_eq!(after.article, recut.article);
    assert!(store.revisions(&story.id).await.unwrap().is_empty());
}

pub(crate) async fn an_article_that_left_its_page_is_kept_and_comes_back_under_its_id(store: &dyn Store) {
    let key = key("county", "01");
    let (story, other) = (item(&key, "春耕", "农机下田。"), item(&key, "要闻", "正文。"));
    apply(store, change(&key, 0, vec![story.clone(), other.clone()], at("08:00:00"))).await;
    let before = store.article(&story.id).await.unwrap().unwrap();

    let changes = apply(store, change(&key, 1, vec![other.clone()], at("09:00:00"))).await;
    assert_eq!(changes, Changes { withdrawn: 1, unchanged: 1, ..Changes::default() });
    let withdrawn = store.article(&story.id).await.unwrap().unwrap();
    assert!(withdrawn.withdrawn);
    assert_eq!(headlines(&all(store).await), ["要闻"]);
    assert_eq!(store.edition("county", key.date).await.unwrap().len(), 2);
    // It is withdrawn once.
    let changes = apply(store, change(&key, 2, vec![other.clone()], at("09:30:00"))).await;
    assert_eq!(changes, Changes { unchanged: 1, ..Changes::default() });

    let changes = apply(store, change(&key, 3, vec![story.clone(), other], at("10:00:00"))).await;
    assert_eq!(changes, Changes { restored: 1, unchanged: 1, ..Changes::default() });
    assert_eq!(store.article(&story.id).await.unwrap().unwrap(), before);
}

pub(crate) async fn an_article_that_comes_back_with_another_text_is_revised(store: &dyn Store) {
    let key = key("county", "01");
    let story = item(&key, "春耕", "农机下田。");
    apply(store, change(&key, 0, vec![story.clone()], at("08:00:00"))).await;
    apply(store, change(&key, 1, Vec::new(), at("09:00:00"))).await;
    assert!(all(store).await.is_empty());
    let mut changed = story.clone();
    changed.article.deck = Some("全县十万亩".to_owned());
    let changes = apply(store, change(&key, 2, vec![changed], at("10:00:00"))).await;
    assert_eq!(changes, Changes { revised: 1, ..Changes::default() });
    let back = store.article(&story.id).await.unwrap().unwrap();
    assert_eq!((back.withdrawn, back.revision, back.updated, back.arrival), (false, 2, at("10:00:00"), 1));
}

pub(crate) async fn a_newer_cutter_lifts_no_old_story_to_the_top(store: &dyn Store) {
    let key = key("county", "01");
    let (story, other) = (item(&key, "春耕", "农机下田。"), item(&key, "要闻", "正文。"));
    let first = change(&key, 0, vec![story.clone(), other.clone()], at("08:00:00"));
    apply(store, first.clone()).await;
    let mut recut = story.clone();
    recut.article.paragraphs = vec!["农机".to_owned(), "下田。".to_owned()];
    let again = PageChange { cutter: 2, seen_revision: 1, articles: vec![recut, other], now: at("20:00:00"), ..first };
    assert_eq!(apply(store, again).await, Changes { revised: 1, unchanged: 1, ..Changes::default() });
    let after = store.article(&story.id).await.unwrap().unwrap();
    // Six o'clock is its own second, the next one belongs to the other article.
    assert_eq!((after.revision, after.published, after.updated), (2, at("06:00:00"), at("06:00:02")));
    assert_eq!(store.revisions(&story.id).await.unwrap().len(), 1);
}

/// Two papers of one hour, a re-cut that changes half of each page, more pages than there is time
/// for before now.
pub(crate) async fn no_two_articles_share_a_time_whatever_happens_to_their_pages(store: &dyn Store) {
    let mut now = at("06:01:30");
    for round in 0..3_u32 {
        for source in ["county", "city"] {
            for page in ["01", "02", "03"] {
                let key = key(source, page);
                let items = (0..20 + round).map(|n| {
                    let body = if n % 2 == 0 { "正文。".to_owned() } else { format!("第{round}稿。") };
                    item(&key, &format!("{source} {page} {n}"), &body)
                });
                apply(store, change(&key, round, items.collect(), now)).await;
                now += Duration::seconds(1);
            }
        }
        now += Duration::minutes(10);
    }
    let stored = all(store).await;
    assert_eq!(stored.len(), 6 * 22);
    let distinct = |times: Vec<_>| times.iter().collect::<HashSet<_>>().len() == stored.len();
    assert!(distinct(stored.iter().map(|a| a.updated).collect()));
    assert!(distinct(stored.iter().map(|a| a.published).collect()));
    assert!(stored.iter().all(|a| a.published <= a.updated && a.updated <= now));
    assert!(stored.is_sorted_by(|a, b| a.updated > b.updated));
}
