//! Articles that are held back because their cut is doubtful, and how they become public.

use chrono::Duration;

use super::{all, apply, at, change, day, headlines, item, key};
use crate::model::PageKey;
use crate::store::{Arrivals, Beginning, Changes, IdentifiedArticle, PageChange, Released, Store};

fn doubtful(key: &PageKey, headline: &str, body: &str) -> IdentifiedArticle {
    IdentifiedArticle { doubtful: true, ..item(key, headline, body) }
}

/// The headlines of what arrived behind `after`, and the last arrival.
async fn told(store: &dyn Store, after: i64) -> (String, i64) {
    let Arrivals { articles, through, .. } = store.arrivals(after, false, 9).await.unwrap();
    (headlines(&articles).join(" "), through)
}

pub(crate) async fn a_held_article_is_seen_by_no_reader_until_it_is_released(store: &dyn Store) {
    let key = key("county", "01");
    let (story, other) = (doubtful(&key, "春耕", "农机下田。"), item(&key, "要闻", "正文。"));
    let changes = apply(store, change(&key, 0, vec![story.clone(), other], at("08:00:00"))).await;
    assert_eq!(changes, Changes { added: 2, held: 1, ..Changes::default() });
    let before = store.article(&story.id).await.unwrap().unwrap();
    assert!(before.held && !before.is_public() && before.published == at("06:00:00"));
    assert_eq!(headlines(&all(store).await), ["要闻"]);
    assert_eq!(store.editions(9).await.unwrap()[0].news, 1);
    assert_eq!(store.edition("county", day()).await.unwrap().len(), 2, "the next cut must find it");
    let (seen, through) = told(store, 0).await;
    assert_eq!(seen, "要闻");

    let (changed, now) = (store.changes().await.unwrap(), at("09:30:00"));
    let released = store.release(std::slice::from_ref(&story.id), now).await.unwrap();
    assert_eq!(released, Released { released: vec![story.id.clone()], ..Released::default() });
    assert!(store.changes().await.unwrap() > changed, "other processes publish it");
    let after = store.article(&story.id).await.unwrap().unwrap();
    assert_eq!((after.published, after.updated, after.revision), (before.published, now, 1));
    assert_eq!((after.is_public(), after.article), (true, before.article));
    assert_eq!(headlines(&all(store).await), ["春耕", "要闻"], "it comes to the top");
    assert_eq!(store.editions(9).await.unwrap()[0].news, 2);
    assert_eq!(told(store, through).await, ("春耕".to_owned(), after.arrival), "the next digest has it");
    assert!(store.held(None, 9).await.unwrap().is_empty());
}

pub(crate) async fn held_articles_are_listed_by_edition_and_place(store: &dyn Store) {
    let yesterday = |source, page| PageKey { date: day().pred_opt().unwrap(), ..key(source, page) };
    let pages = [(yesterday("county", "01"), "甲"), (key("county", "10"), "乙"), (key("county", "02"), "丙"), (key("city", "01"), "丁")];
    for (page, name) in &pages {
        let items =
            vec![item(page, &format!("{name}好"), "正文。"), doubtful(page, name, "正文。"), doubtful(page, &format!("{name}二"), "文。")];
        apply(store, change(page, 0, items, at("08:00:00"))).await;
    }
    let listed = async |source, limit| headlines(&store.held(source, limit).await.unwrap()).join(" ");
    assert_eq!(listed(None, 99).await, "丁 丁二 丙 丙二 乙 乙二 甲 甲二");
    assert_eq!(listed(Some("county"), 99).await, "丙 丙二 乙 乙二 甲 甲二");
    assert_eq!(listed(Some("city"), 1).await, "丁");
    assert_eq!(listed(Some("none"), 99).await, "");
}

pub(crate) async fn a_release_is_one_transaction_and_a_second_one_changes_nothing(store: &dyn Store) {
    let page = key("county", "01");
    let items = vec![doubtful(&page, "春耕", "农机下田。"), doubtful(&page, "要闻", "正文。"), item(&page, "秋收", "稻谷入仓。")];
    apply(store, change(&page, 0, items.clone(), at("08:00:00"))).await;
    let [first, second, public] = [0, 1, 2].map(|n: usize| items[n].id.clone());
    let nowhere = item(&key("city", "01"), "无", "正文。").id;

    let released = store.release(&[first.clone(), nowhere.clone()], at("09:00:00")).await.unwrap();
    assert_eq!(released, Released { unknown: vec![nowhere], ..Released::default() });
    assert_eq!(store.held(None, 9).await.unwrap().len(), 2, "with a wrong id nothing is released");

    let ids = [second.clone(), public.clone(), first.clone(), first.clone()];
    let released = store.release(&ids, at("09:00:00")).await.unwrap();
    assert_eq!(released, Released { released: vec![first.clone(), second.clone()], public: vec![public], unknown: Vec::new() });
    let stored = all(store).await;
    assert_eq!(headlines(&stored), ["要闻", "春耕", "秋收"]);
    assert_eq!(stored.iter().map(|a| a.arrival).collect::<Vec<_>>(), [5, 4, 3]);
    let changed = store.changes().await.unwrap();
    let again = store.release(&ids, at("10:00:00")).await.unwrap();
    assert!(again.released.is_empty() && again.public.len() == 3);
    assert_eq!((all(store).await, store.changes().await.unwrap()), (stored, changed));
    assert_eq!(store.release(&[], at("10:00:00")).await.unwrap(), Released::default());
}

pub(crate) async fn a_release_outlasts_another_cut_of_the_same_text(store: &dyn Store) {
    let key = key("county", "01");
    let story = doubtful(&key, "春耕", "农机下田。");
    let first = change(&key, 0, vec![story.clone()], at("08:00:00"));
    apply(store, first.clone()).await;
    store.release(std::slice::from_ref(&story.id), at("09:00:00")).await.unwrap();
    let before = all(store).await;
    let again = PageChange { cutter: 2, seen_revision: 1, now: at("10:00:00"), ..first };
    assert_eq!(apply(store, again).await, Changes { unchanged: 1, ..Changes::default() });
    assert_eq!(all(store).await, before);
}

pub(crate) async fn what_has_been_public_is_never_held(store: &dyn Store) {
    let key = key("county", "01");
    let story = item(&key, "春耕", "农机下田。");
    apply(store, change(&key, 0, vec![story.clone()], at("08:00:00"))).await;
    apply(store, change(&key, 1, vec![doubtful(&key, "春耕", "农机昨日下田。")], at("09:00:00"))).await;
    assert_eq!(all(store).await[0].revision, 2);
    apply(store, change(&key, 2, Vec::new(), at("10:00:00"))).await;
    apply(store, change(&key, 3, vec![doubtful(&key, "春耕", "农机昨日下田。")], at("11:00:00"))).await;
    assert_eq!(headlines(&all(store).await), ["春耕"]);
}

pub(crate) async fn a_better_cut_makes_a_held_article_public(store: &dyn Store) {
    let key = key("county", "01");
    let (story, other) = (doubtful(&key, "春耕", "农机下田。"), doubtful(&key, "要闻", "正文。"));
    apply(store, change(&key, 0, vec![story.clone(), other.clone(), item(&key, "秋收", "稻谷入仓。")], at("08:00:00"))).await;
    let (_, through) = told(store, 0).await;
    // Another text of the same doubt: a revision that nobody sees.
    let still = doubtful(&key, "春耕", "农机昨日下田。");
    let changes = apply(store, change(&key, 1, vec![still, other.clone()], at("09:00:00"))).await;
    assert_eq!((changes.revised, changes.held), (1, 2));
    assert_eq!(told(store, through).await, (String::new(), through));

    let better = item(&key, "春耕", "农机昨日清晨下田。");
    let new = item(&key, "简讯", "渠水已通。");
    let sure = IdentifiedArticle { doubtful: false, ..other };
    let changes = apply(store, change(&key, 2, vec![better, sure, new], at("10:00:00"))).await;
    assert_eq!(changes, Changes { added: 1, revised: 1, unchanged: 1, ..Changes::default() });
    let (seen, last) = told(store, through).await;
    assert_eq!((seen.as_str(), last), ("简讯 春耕 要闻", through + 3));
    assert!(store.held(None, 9).await.unwrap().is_empty());
    assert_eq!(store.article(&story.id).await.unwrap().unwrap().revision, 3);
}

pub(crate) async fn what_a_newer_cutter_lifts_or_a_person_releases_of_a_backlog_is_no_news(store: &dyn Store) {
    let page = key("county", "01");
    let first = change(&page, 0, vec![doubtful(&page, "春耕", "农机下田。")], at("08:00:00"));
    apply(store, first.clone()).await;
    let finer = vec![item(&page, "春耕", "农机下田。")];
    apply(store, PageChange { cutter: 2, seen_revision: 1, articles: finer, now: at("20:00:00"), ..first }).await;
    assert_eq!(headlines(&all(store).await), ["春耕"]);
    let (seen, through) = told(store, 0).await;
    assert_eq!(seen, "", "an old story is no news because newsboy was improved");

    let page = key("county", "02");
    let old = doubtful(&page, "旧闻", "正文。");
    apply(store, PageChange { backlog: true, ..change(&page, 0, vec![old.clone()], at("08:00:00")) }).await;
    store.release(&[old.id], at("21:00:00")).await.unwrap();
    assert_eq!(told(store, through).await.0, "");
    assert_eq!(headlines(&store.arrivals(through, true, 9).await.unwrap().articles), ["旧闻"]);
}

pub(crate) async fn a_held_article_that_left_its_page_comes_back_held(store: &dyn Store) {
    let page = key("county", "01");
    let story = doubtful(&page, "春耕", "农机下田。");
    let desk = store.enrol_webhook("desk", Beginning::Now, at("06:00:00")).await.unwrap();
    apply(store, change(&page, 0, vec![story.clone()], at("08:00:00"))).await;
    apply(store, change(&page, 1, Vec::new(), at("09:00:00"))).await;
    assert!(store.held(None, 9).await.unwrap().is_empty(), "nobody has to look at it");
    assert_eq!(store.arrivals(0, true, 9).await.unwrap().withdrawn, [], "a digest that never had it passes nothing over");
    apply(store, change(&page, 2, vec![story.clone()], at("10:00:00"))).await;
    assert_eq!(headlines(&store.held(None, 9).await.unwrap()), ["春耕"]);
    // Released while it is off its page, it is what any withdrawn article is.
    apply(store, change(&page, 3, Vec::new(), at("11:00:00"))).await;
    store.release(std::slice::from_ref(&story.id), at("12:00:00")).await.unwrap();
    assert!(all(store).await.is_empty());
    assert_eq!(store.arrivals(desk.arrival, false, 9).await.unwrap().withdrawn, std::slice::from_ref(&story.id));
    let changes = apply(store, change(&page, 4, vec![story], at("12:00:00") + Duration::hours(1))).await;
    assert_eq!((changes.restored, changes.held), (1, 0));
    assert_eq!(headlines(&all(store).await), ["春耕"]);
}
