//! Pages as a whole, and what is noted of them.

use super::{all, apply, at, change, day, headlines, item, key};
use crate::model::{PageKey, Problem};
use crate::store::{Applied, Changes, PageChange, Store, StoreError, StoredPage};

pub(crate) async fn a_page_is_read_back_as_it_was_applied(store: &dyn Store) {
    let key = key("county", "02");
    assert_eq!(store.page(&key).await.unwrap(), None);
    let problems = vec![Problem::new("text-lost", "3 characters were lost in the source")];
    let first = PageChange { problems, ..change(&key, 0, vec![item(&key, "春耕", "农机下田。")], at("08:00:00")) };
    let changes = apply(store, first.clone()).await;

    assert_eq!(changes, Changes { added: 1, ..Changes::default() });
    let PageChange { key, hash, cutter, origin, problems, now, .. } = first.clone();
    let page = StoredPage { key: key.clone(), hash, cutter, revision: 1, origin, problems, applied: now, noted: Vec::new() };
    assert_eq!(store.page(&key).await.unwrap(), Some(page));

    let [stored] = &all(store).await[..] else { panic!("one article") };
    assert_eq!((&stored.key, stored.position, stored.revision, stored.arrival, stored.withdrawn), (&key, 0, 1, 1, false));
    assert_eq!((stored.published, stored.updated), (at("06:01:00"), at("06:01:00")));
    assert_eq!(stored.article, first.articles[0].article);
    assert_eq!(store.article(&stored.id).await.unwrap().as_ref(), Some(stored));
}

pub(crate) async fn a_page_whose_label_is_written_otherwise_is_the_same_page(store: &dyn Store) {
    let (before, after) = (key("county", "02"), key("county", "2"));
    let story = item(&before, "春耕", "农机下田。");
    apply(store, change(&before, 0, vec![story.clone()], at("08:00:00"))).await;
    assert_eq!(store.page(&after).await.unwrap().unwrap().revision, 1);
    assert_eq!(store.apply(change(&after, 0, vec![story.clone()], at("08:10:00"))).await.unwrap(), Applied::Outdated);
    let changes = apply(store, change(&after, 1, vec![story], at("08:10:00"))).await;
    assert_eq!(changes, Changes { unchanged: 1, ..Changes::default() });
    assert_eq!((store.pages("county", day()).await.unwrap().len(), all(store).await.len()), (1, 1));
    store.note_problem(&after, &Problem::new("page-empty", "nothing stands in it"), at("08:20:00")).await.unwrap();
    assert_eq!(store.page(&before).await.unwrap().unwrap().noted.len(), 1);
}

pub(crate) async fn every_page_that_is_applied_is_counted(store: &dyn Store) {
    let key = key("county", "02");
    let before = store.changes().await.unwrap();
    let first = change(&key, 0, vec![item(&key, "春耕", "农机下田。")], at("08:00:00"));
    apply(store, first.clone()).await;
    assert_eq!(store.changes().await.unwrap(), before + 1);
    assert_eq!(store.apply(first.clone()).await.unwrap(), Applied::Outdated);
    store.note_problem(&key, &Problem::new("page-empty", "nothing stands in it"), at("08:01:00")).await.unwrap();
    assert_eq!(store.changes().await.unwrap(), before + 1);
    apply(store, PageChange { seen_revision: 1, articles: Vec::new(), ..first }).await;
    assert_eq!(store.changes().await.unwrap(), before + 2);
}

pub(crate) async fn a_change_against_an_older_revision_is_outdated_and_changes_nothing(store: &dyn Store) {
    let key = key("county", "02");
    let first = change(&key, 0, vec![item(&key, "春耕", "农机下田。")], at("08:00:00"));
    apply(store, first.clone()).await;
    let before = (store.page(&key).await.unwrap(), all(store).await);
    let other = PageChange { cutter: 7, articles: vec![item(&key, "秋收", "稻谷入仓。")], ..first };
    assert_eq!(store.apply(other.clone()).await.unwrap(), Applied::Outdated);
    let ahead = PageChange { seen_revision: 2, ..other.clone() };
    assert_eq!(store.apply(ahead).await.unwrap(), Applied::Outdated);
    assert_eq!((store.page(&key).await.unwrap(), all(store).await), before);

    apply(store, PageChange { seen_revision: 1, ..other }).await;
    let page = store.page(&key).await.unwrap().unwrap();
    assert_eq!((page.revision, page.cutter), (2, 7));
    assert_eq!(headlines(&all(store).await), ["秋收"]);
}

pub(crate) async fn pages_and_articles_stand_in_the_order_of_the_paper(store: &dyn Store) {
    for page in ["10", "2", "1"] {
        let key = key("county", page);
        let items = [0, 1].map(|n| item(&key, &format!("{page}-{n}"), "正文。"));
        apply(store, change(&key, 0, items.to_vec(), at("08:00:00"))).await;
    }
    let pages = store.pages("county", day()).await.unwrap();
    assert_eq!(pages.iter().map(|page| &*page.key.page).collect::<Vec<_>>(), ["01", "02", "10"]);
    let edition = store.edition("county", day()).await.unwrap();
    assert_eq!(headlines(&edition), ["1-0", "1-1", "2-0", "2-1", "10-0", "10-1"]);
    assert!(store.pages("city", day()).await.unwrap().is_empty());
    assert!(store.edition("county", day().succ_opt().unwrap()).await.unwrap().is_empty());
}

pub(crate) async fn an_article_moves_to_another_page_of_its_edition(store: &dyn Store) {
    let (first, second) = (key("county", "01"), key("county", "02"));
    let story = item(&first, "春耕", "农机下田。");
    apply(store, change(&first, 0, vec![story.clone()], at("08:00:00"))).await;
    let before = store.article(&story.id).await.unwrap().unwrap();
    let mut moved = story.clone();
    moved.article.page = "02".to_owned();
    let changes = apply(store, change(&second, 0, vec![item(&second, "要闻", "正文。"), moved], at("08:01:00"))).await;
    assert_eq!(changes, Changes { added: 1, unchanged: 1, ..Changes::default() });
    let after = store.article(&story.id).await.unwrap().unwrap();
    assert_eq!((&*after.key.page, &*after.article.page, after.position), ("02", "02", 1));
    assert_eq!((after.published, after.updated, after.arrival), (before.published, before.updated, before.arrival));

    // The page it left does not take it away when it is cut again.
    let changes = apply(store, change(&first, 1, Vec::new(), at("08:02:00"))).await;
    assert_eq!(changes, Changes::default());
    assert!(!store.article(&story.id).await.unwrap().unwrap().withdrawn);
}

pub(crate) async fn an_id_that_stands_twice_or_in_another_edition_is_refused_and_nothing_is_stored(store: &dyn Store) {
    let key = key("county", "02");
    let story = item(&key, "春耕", "农机下田。");
    let twice = change(&key, 0, vec![story.clone(), story.clone()], at("08:00:00"));
    assert!(matches!(store.apply(twice).await, Err(StoreError::IdTaken { id, .. }) if id == story.id));
    assert_eq!(store.page(&key).await.unwrap(), None);

    apply(store, change(&key, 0, vec![story.clone()], at("08:00:00"))).await;
    let next_day = PageKey { date: day().succ_opt().unwrap(), ..key.clone() };
    let elsewhere = change(&next_day, 0, vec![item(&next_day, "秋收", "稻谷入仓。"), story.clone()], at("08:00:00"));
    assert!(matches!(store.apply(elsewhere).await, Err(StoreError::IdTaken { id, .. }) if id == story.id));
    assert_eq!(store.page(&next_day).await.unwrap(), None);
    assert_eq!(headlines(&all(store).await), ["春耕"]);
}

pub(crate) async fn a_problem_is_noted_once_and_forgotten_with_the_next_good_version(store: &dyn Store) {
    let key = key("county", "02");
    let empty = Problem::new("page-empty", "the file has no bytes");
    let binary = Problem::new("page-binary", "the file is no text");
    assert!(store.note_problem(&key, &empty, at("07:00:00")).await.unwrap());
    assert!(!store.note_problem(&key, &empty, at("07:01:00")).await.unwrap());
    assert!(store.note_problem(&key, &binary, at("07:02:00")).await.unwrap());
    // A page of which nothing could be used yet is no page of the edition.
    assert_eq!(store.page(&key).await.unwrap(), None);
    assert_eq!(store.noted_problems(9).await.unwrap().len(), 2);

    let story = item(&key, "春耕", "农机下田。");
    apply(store, change(&key, 0, vec![story.clone()], at("08:00:00"))).await;
    assert!(store.noted_problems(9).await.unwrap().is_empty());

    assert!(store.note_problem(&key, &empty, at("09:00:00")).await.unwrap());
    assert_eq!(store.page(&key).await.unwrap().unwrap().noted, std::slice::from_ref(&empty));
    assert_eq!(store.pages("county", day()).await.unwrap()[0].noted, [empty]);
    assert!(!store.article(&story.id).await.unwrap().unwrap().withdrawn);
    store.forget_problems(&key).await.unwrap();
    assert!(store.page(&key).await.unwrap().unwrap().noted.is_empty());
    store.forget_problems(&key).await.unwrap();
}

pub(crate) async fn noted_problems_are_told_newest_first(store: &dyn Store) {
    let note = async |page: &str, message: &str, time: &str| {
        store.note_problem(&key("county", page), &Problem::new("page-binary", message), at(time)).await.unwrap()
    };
    note("01", "no text: %PDF-1.4", "07:00:00").await;
    note("02", "no text: GIF89a", "07:01:00").await;
    // Another message is news, and takes the place of the one before.
    assert!(note("01", "no text: PNG", "07:02:00").await);
    let noted = store.noted_problems(9).await.unwrap();
    let told: Vec<_> = noted.iter().map(|n| (&*n.key.page, &*n.problem.message, n.noted)).collect();
    assert_eq!(told, [("01", "no text: PNG", at("07:02:00")), ("02", "no text: GIF89a", at("07:01:00"))]);
    assert_eq!(store.noted_problems(1).await.unwrap(), noted[..1]);
}

pub(crate) async fn the_authority_is_fixed_at_the_first_call(store: &dyn Store) {
    store.fix_authority("example.org,2026").await.unwrap();
    store.fix_authority("example.org,2026").await.unwrap();
    let changed = store.fix_authority("example.net,2026").await.unwrap_err();
    assert!(matches!(&changed, StoreError::AuthorityChanged { fixed, configured }
        if fixed == "example.org,2026" && configured == "example.net,2026"));
    store.fix_authority("example.org,2026").await.unwrap();
}
