//! Reading articles, editions and arrivals.

use chrono::{DateTime, Utc};

use super::{all, apply, at, change, day, headlines, item, key};
use crate::model::{ArticleKind, PageKey};
use crate::store::{Arrivals, ArticleQuery, EditionSummary, Store};

/// Two papers; the county's has two editions and an advertisement.
async fn two_papers(store: &dyn Store) {
    let mut ad = item(&key("county", "02"), "招聘", "招工十名。");
    ad.article.kind = ArticleKind::Ad;
    let mut photo = item(&key("county", "02"), "花开", "油菜花开。");
    photo.article.kind = ArticleKind::Photo;
    let page = key("county", "01");
    apply(store, change(&page, 0, vec![item(&page, "春耕", "农机下田。")], at("08:00:00"))).await;
    apply(store, change(&key("county", "02"), 0, vec![ad, photo], at("08:00:00"))).await;
    let page = key("city", "01");
    apply(store, change(&page, 0, vec![item(&page, "地铁", "新线开通。")], at("08:00:00"))).await;
    let page = PageKey { date: day().pred_opt().unwrap(), ..key("county", "01") };
    apply(store, change(&page, 0, vec![item(&page, "植树", "上山植树。")], at("08:00:00"))).await;
}

pub(crate) async fn the_newest_articles_are_found_by_source_kind_date_and_time(store: &dyn Store) {
    two_papers(store).await;
    let found = async |query: ArticleQuery| {
        let articles = store.articles(&ArticleQuery { limit: 9, ..query }).await.unwrap();
        headlines(&articles).join(" ")
    };
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let every = ArticleQuery::default();
    assert_eq!(found(every.clone()).await, "花开 招聘 地铁 春耕 植树");
    assert_eq!(found(ArticleQuery { sources: names(&["county"]), ..every.clone() }).await, "花开 招聘 春耕 植树");
    assert_eq!(found(ArticleQuery { sources: names(&["county", "city"]), ..every.clone() }).await, "花开 招聘 地铁 春耕 植树");
    assert_eq!(found(ArticleQuery { sources: names(&["city", "none"]), ..every.clone() }).await, "地铁");
    assert_eq!(found(ArticleQuery { kinds: vec![ArticleKind::Photo, ArticleKind::Ad], ..every.clone() }).await, "花开 招聘");
    assert_eq!(found(ArticleQuery { date: day().pred_opt(), ..every.clone() }).await, "植树");
    assert_eq!(found(ArticleQuery { before: Some(at("06:01:01")), ..every.clone() }).await, "招聘 地铁 春耕 植树");
    assert_eq!(found(ArticleQuery { before: Some(at("06:01:01.001")), ..every.clone() }).await, "花开 招聘 地铁 春耕 植树");
    assert!(store.articles(&every).await.unwrap().is_empty(), "the limit of the default is 0");
    let one = store.articles(&ArticleQuery { limit: 1, ..every }).await.unwrap();
    assert_eq!(headlines(&one), ["花开"]);
}

pub(crate) async fn a_reader_pages_backwards_without_gap_or_repetition(store: &dyn Store) {
    two_papers(store).await;
    let (mut read, mut before) = (Vec::new(), None);
    loop {
        let page = store.articles(&ArticleQuery { before, limit: 2, ..ArticleQuery::default() }).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.updated);
        read.extend(page);
    }
    assert_eq!(read, all(store).await);
}

pub(crate) async fn editions_are_told_newest_first_with_their_pages_and_news(store: &dyn Store) {
    two_papers(store).await;
    // A withdrawn article is no news of its edition any more, and a page without articles is one.
    apply(store, change(&key("city", "01"), 1, Vec::new(), at("09:00:00"))).await;
    let edition = |source: &str, date, pages, news| EditionSummary { source: source.to_owned(), date, pages, news };
    let (today, yesterday) = (day(), day().pred_opt().unwrap());
    let editions = store.editions(9).await.unwrap();
    assert_eq!(editions, [edition("city", today, 1, 0), edition("county", today, 2, 2), edition("county", yesterday, 1, 1)]);
    assert_eq!(store.editions(2).await.unwrap(), editions[..2]);
    assert_eq!(store.source_dates("county", 9).await.unwrap(), [today, yesterday]);
    assert_eq!(store.source_dates("county", 1).await.unwrap(), [today]);
    assert!(store.source_dates("none", 9).await.unwrap().is_empty());
}

pub(crate) async fn arrivals_are_told_in_order_and_the_last_one_counts_though_it_is_withdrawn(store: &dyn Store) {
    let none = |through| Arrivals { through, is_last: true, ..Arrivals::default() };
    assert_eq!(store.arrivals(0, true, 9).await.unwrap(), none(0));
    two_papers(store).await;
    let Arrivals { articles, through, .. } = store.arrivals(0, true, 9).await.unwrap();
    assert_eq!(articles.iter().map(|a| a.arrival).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!((headlines(&articles), through), (vec!["春耕", "招聘", "花开", "地铁", "植树"], 5));

    let yesterday = PageKey { date: day().pred_opt().unwrap(), ..key("county", "01") };
    apply(store, change(&yesterday, 1, Vec::new(), at("09:00:00"))).await;
    let Arrivals { articles, through, .. } = store.arrivals(3, true, 9).await.unwrap();
    assert_eq!((headlines(&articles), through), (vec!["地铁"], 5));
    assert_eq!(store.arrivals(5, true, 9).await.unwrap(), none(5));
}

pub(crate) async fn arrivals_are_read_in_pieces_of_which_none_is_lost(store: &dyn Store) {
    two_papers(store).await;
    // The last one of the second piece and the last one of all are withdrawn.
    apply(store, change(&key("city", "01"), 1, Vec::new(), at("09:00:00"))).await;
    let yesterday = PageKey { date: day().pred_opt().unwrap(), ..key("county", "01") };
    apply(store, change(&yesterday, 1, Vec::new(), at("09:00:00"))).await;
    let (mut read, mut pieces, mut after) = (Vec::new(), Vec::new(), 0);
    loop {
        let piece = store.arrivals(after, true, 2).await.unwrap();
        pieces.push((piece.articles.len(), piece.through, piece.is_last));
        after = piece.through;
        read.extend(piece.articles);
        if piece.is_last {
            break;
        }
    }
    assert_eq!(headlines(&read), ["春耕", "招聘", "花开"]);
    assert_eq!(pieces, [(2, 2, false), (1, 4, false), (0, 5, true)]);
}

pub(crate) async fn odd_texts_and_numbers_are_kept(store: &dyn Store) {
    let key = key("o'county \"; --", "A%/\\");
    let mut odd = item(&key, "𠮷野家 '; DROP TABLE articles; --", "一\n二\t\"三\"👩\u{200d}🌾");
    odd.article.headline = None;
    odd.article.confidence = f32::NAN;
    odd.article.paragraphs.push("长".repeat(300_000));
    let published: DateTime<Utc> = at("06:00:00");
    apply(store, change(&key, 0, vec![odd.clone()], at("08:00:00"))).await;
    let read = store.article(&odd.id).await.unwrap().unwrap();
    assert_eq!((&read.key, read.published), (&key, published));
    assert_eq!(read.article.confidence, 0.0, "what is no number is no confidence");
    odd.article.confidence = 0.0;
    assert_eq!(read.article, odd.article);
    let sources = vec![key.source.clone()];
    assert_eq!(store.articles(&ArticleQuery { sources, limit: 2, ..ArticleQuery::default() }).await.unwrap(), [read]);
}
