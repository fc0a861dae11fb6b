//! What is remembered of e-paper sites.

use chrono::NaiveDate;

use super::{apply, at, change, day, item, key};
use crate::model::{DayAnswer, Facsimile, KeptDocument, Problem, SiteDay, Spent};
use crate::store::{PageChange, Store};

fn document(body: &str) -> KeptDocument {
    let (etag, last_modified) = (Some("\"7\"".to_owned()), Some("Mon, 02 Mar 2026 00:00:00 GMT".to_owned()));
    KeptDocument { etag, last_modified, content_type: None, body: body.as_bytes().to_vec() }
}

pub(crate) async fn an_answer_of_a_site_is_kept_until_it_is_old(store: &dyn Store) {
    let url = "https://paper.example/html/2026-03/02/node_1.htm";
    assert_eq!(store.site_document("county", url).await.unwrap(), None);
    store.keep_site_document("county", url, &document("旧版"), at("06:00:00")).await.unwrap();
    store.keep_site_document("county", url, &document(&"新版".repeat(9_999)), at("07:00:00")).await.unwrap();
    assert_eq!(store.site_document("county", url).await.unwrap(), Some(document(&"新版".repeat(9_999))));
    assert_eq!(store.site_document("city", url).await.unwrap(), None, "each source has its own");
    let (pdf, kind) = ("https://paper.example/01.pdf", Some("application/pdf".to_owned()));
    store.keep_site_document("county", pdf, &KeptDocument { content_type: kind, ..document("%PDF") }, at("07:00:00")).await.unwrap();
    assert_eq!(store.forget_site_documents(at("07:00:00"), at("07:00:00")).await.unwrap(), 0);
    assert_eq!(store.forget_site_documents(at("07:00:00"), at("07:00:01")).await.unwrap(), 1);
    assert!(store.site_document("county", url).await.unwrap().is_some(), "PDFs go earlier than the rest");
    assert_eq!(store.forget_site_documents(at("07:00:01"), at("07:00:01")).await.unwrap(), 1);
    assert_eq!(store.site_document("county", url).await.unwrap(), None);
}

/// A day of a source's site.
fn site_day(source: &str, date: NaiveDate, answer: DayAnswer) -> SiteDay {
    SiteDay {
        source: source.to_owned(),
        date,
        answer,
        why: "4 pages".to_owned(),
        pages: 4,
        articles: 11,
        whole: true,
        unchanged: 2,
        problems: vec![Problem::new("issue-small", "2 articles")],
        asked: at("08:00:00"),
    }
}

pub(crate) async fn a_day_of_a_site_is_kept_as_it_stands(store: &dyn Store) {
    let (today, yesterday) = (day(), day().pred_opt().unwrap());
    assert_eq!(store.site_day("county", today).await.unwrap(), None);
    for answer in [DayAnswer::NotYet, DayAnswer::Unknown, DayAnswer::None, DayAnswer::Issue] {
        store.set_site_day(&site_day("county", today, answer), None).await.unwrap();
        assert_eq!(store.site_day("county", today).await.unwrap(), Some(site_day("county", today, answer)));
    }
    store.set_site_day(&site_day("county", yesterday, DayAnswer::None), None).await.unwrap();
    store.set_site_day(&site_day("city", today, DayAnswer::None), None).await.unwrap();
    let dates = |days: Vec<SiteDay>| days.into_iter().map(|day| day.date).collect::<Vec<_>>();
    assert_eq!(dates(store.site_days("county", 9).await.unwrap()), [today, yesterday]);
    assert_eq!(dates(store.site_days("county", 1).await.unwrap()), [today]);
}

pub(crate) async fn a_request_for_past_days_is_remembered_until_its_last_day(store: &dyn Store) {
    let (first, second, last) = (day(), day().succ_opt().unwrap(), day().succ_opt().unwrap().succ_opt().unwrap());
    let past = (first, last);
    assert_eq!(store.past_days_read("county", past).await.unwrap(), None);
    for (date, come_to) in [(first, Some(first)), (second, Some(second)), (last, None)] {
        store.set_site_day(&site_day("county", date, DayAnswer::Issue), Some(past)).await.unwrap();
        assert_eq!(store.past_days_read("county", past).await.unwrap(), come_to);
        assert_eq!(store.past_days_read("county", (first, second)).await.unwrap(), None, "other bounds are another request");
        assert_eq!(store.past_days_read("city", past).await.unwrap(), None);
    }
}

pub(crate) async fn what_is_asked_of_a_site_is_counted_by_the_day(store: &dyn Store) {
    let more = Spent { requests: 2, bytes: 5_000_000_000 };
    store.spend_on_site("county", day(), more).await.unwrap();
    store.spend_on_site("county", day(), more).await.unwrap();
    assert_eq!(store.site_spent("county", day()).await.unwrap(), Spent { requests: 4, bytes: 10_000_000_000 });
    assert_eq!(store.site_spent("county", day().succ_opt().unwrap()).await.unwrap(), Spent::default());
    assert_eq!(store.site_spent("city", day()).await.unwrap(), Spent::default());
}

pub(crate) async fn a_page_keeps_its_picture(store: &dyn Store) {
    let key = key("county", "01");
    let facsimile = Facsimile { image: Some("https://paper.example/01.jpg".to_owned()), size: Some([350, 500]), ..Facsimile::default() };
    let first =
        PageChange { facsimile: Some(facsimile.clone()), ..change(&key, 0, vec![item(&key, "春耕", "农机下田。")], at("08:00:00")) };
    apply(store, first).await;
    assert_eq!(store.facsimile(&key).await.unwrap(), Some(facsimile.clone()));
    apply(store, change(&key, 1, Vec::new(), at("09:00:00"))).await;
    assert_eq!(store.facsimile(&key).await.unwrap(), Some(facsimile), "a change that says nothing of it leaves it alone");
    assert_eq!(store.facsimile(&super::key("county", "02")).await.unwrap(), None);
}
