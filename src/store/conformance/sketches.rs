//! Finding other tellings of a story, and what a webhook was told.

use chrono::{Days, Duration};

use super::digests::digest;
use super::{apply, at, change, day, headlines, item, key};
use crate::model::{ArticleId, Message};
use crate::store::{Beginning, IdentifiedArticle, QueuedDigest, Store};

fn sketched(page: &crate::model::PageKey, headline: &str, sketch: &[u32]) -> IdentifiedArticle {
    IdentifiedArticle { sketch: sketch.to_vec(), ..item(page, headline, "正文。") }
}

pub(crate) async fn articles_are_found_by_what_their_sketches_share_within_the_dates_asked_for(store: &dyn Store) {
    let (county, city) = (key("county", "01"), key("city", "A1"));
    let near =
        [sketched(&county, "同", &[1, 2, 3, 4]), sketched(&county, "似", &[3, 4, 5, 6]), sketched(&county, "异", &[7, 8, 9, u32::MAX])];
    apply(store, change(&county, 0, near.to_vec(), at("06:30:00"))).await;
    apply(store, change(&city, 0, vec![sketched(&city, "转", &[1, 2, 3, 9])], at("06:31:00"))).await;
    let alike = async |sketch: &[u32], shared, days: &[chrono::NaiveDate], limit| store.alike(sketch, shared, days, limit).await.unwrap();

    let mut found = alike(&[1, 2, 3, 4], 2, &[day()], 10).await;
    assert_eq!(headlines(&found), ["同", "似", "转"], "in the order of arrival, the asking one among them");
    found = alike(&[1, 2, 3, 4], 3, &[day()], 10).await;
    assert_eq!(headlines(&found), ["同", "转"]);
    assert_eq!(headlines(&alike(&[1, 2, 3, 4], 2, &[day()], 1).await), ["同"], "those that share most");
    assert_eq!(headlines(&alike(&[u32::MAX, 7], 2, &[day()], 10).await), ["异"]);
    let day_before = day().checked_sub_days(Days::new(1)).unwrap();
    assert_eq!(alike(&[1, 2, 3, 4], 2, &[day_before], 10).await, []);

    // What has left its page is no telling; an edition long past leaves nothing behind.
    apply(store, change(&county, 1, vec![near[1].clone()], at("07:00:00"))).await;
    assert_eq!(headlines(&alike(&[1, 2, 3, 4], 2, &[day()], 10).await), ["似", "转"]);
    let late = key("county", "02");
    let mut long_after = change(&late, 0, Vec::new(), at("07:00:00") + Duration::days(60));
    long_after.key.date = long_after.now.date_naive();
    apply(store, long_after).await;
    assert_eq!(alike(&[1, 2, 3, 4], 2, &[day()], 10).await, []);
}

pub(crate) async fn what_a_webhook_was_told_is_known_since_a_time(store: &dyn Store) {
    let story = |n: u8| ArticleId::assign(&[&[n]]);
    let seen = store.enrol_webhook("desk", Beginning::Now, at("07:00:00")).await.unwrap();
    let messages = vec![
        Message { articles: vec![story(1), story(2)], ..digest("desk", seen, at("08:00:00"), 1).messages[0].clone() },
        Message { articles: vec![story(3)], ..digest("desk", seen, at("08:00:00"), 1).messages[0].clone() },
    ];
    assert!(store.queue_digest(QueuedDigest { messages, ..digest("desk", seen, at("08:00:00"), 2) }).await.unwrap());
    let mut asked = [story(1), story(3), story(4)];
    asked.sort();
    let mut told = vec![story(1), story(3)];
    told.sort();
    assert_eq!(store.told("desk", &asked, at("07:30:00")).await.unwrap(), told);
    assert_eq!(store.told("desk", &asked, at("08:30:00")).await.unwrap(), []);
    assert_eq!(store.told("other", &asked, at("07:30:00")).await.unwrap(), []);
    assert_eq!(store.told("desk", &[], at("07:30:00")).await.unwrap(), []);
}
