//! The full-text index, and how editions stand.

use chrono::Duration;

use super::{apply, at, change, day, headlines, item, key};
use crate::model::{ArticleKind, PageKey};
use crate::search::Query;
use crate::store::{EditionMark, Facet, IdentifiedArticle, SearchOrder, SearchRequest, Store};

fn ask(typed: &str) -> SearchRequest {
    SearchRequest { query: Query::parse(typed), limit: 9, ..SearchRequest::default() }
}

async fn found(store: &dyn Store, request: &SearchRequest) -> String {
    let found = store.search(request).await.unwrap();
    assert_eq!(usize::try_from(found.total).unwrap(), found.articles.len(), "all fit on one page");
    headlines(&found.articles).join(" ")
}

/// An article of a section.
fn of_section(key: &PageKey, section: &str, headline: &str, body: &str) -> IdentifiedArticle {
    let mut item = item(key, headline, body);
    item.article.section = Some(section.to_owned());
    item
}

pub(crate) async fn words_are_found_as_a_reader_of_the_text_would_find_them(store: &dyn Store) {
    let page = key("county", "01");
    let texts = [
        ("新能源公交上路", "首批十辆，司机已受训。"),
        ("创新，能源两会", "代表谈ＡＩ助农。"),
        ("Café de la Paix", "The harbour's AIR is clean."),
        ("甲乙", "丙丁"),
    ];
    let items: Vec<_> = texts.iter().map(|(headline, body)| item(&page, headline, body)).collect();
    apply(store, change(&page, 0, items.clone(), at("08:00:00"))).await;
    let queries = [
        "新能",
        "新能源",
        "能源",
        "源公",
        "公交 十辆",
        "公交 -十辆",
        "能源 -公交",
        "ai",
        "AI助农",
        "air",
        "cafe",
        "CAFÉ",
        "\"de la\"",
        "\"la de\"",
        "caf*",
        "caf",
        "harbour s",
        "氢",
        "车",
        "农",
        "甲",
        "乙丙",
        "记者甲",
        "本报",
        "公交 OR 丙丁",
        "-公交",
        "\"乙 丙\"",
        "🚰",
        "",
    ];
    for typed in queries {
        let request = SearchRequest { order: SearchOrder::Newest, ..ask(typed) };
        // The oracle reads the article itself, word by word.
        let expected: Vec<&str> = items
            .iter()
            .rev()
            .filter(|item| {
                let article = &item.article;
                let parts = [&article.headline, &article.dateline].into_iter().flatten().chain(&article.paragraphs).chain(&article.byline);
                request.query.is_empty() || request.query.matches(parts.map(String::as_str))
            })
            .map(|item| item.article.headline.as_deref().unwrap())
            .collect();
        assert_eq!(found(store, &request).await, expected.join(" "), "{typed:?}");
    }
}

pub(crate) async fn what_a_word_is_most_about_comes_first_or_what_is_newest(store: &dyn Store) {
    let page = key("county", "01");
    let long = "这里说别的事情。".repeat(30);
    let items = vec![item(&page, "氢能上路", "正文。"), item(&page, "别的", &format!("{long}氢能一次。")), item(&page, "无关", "正文。")];
    apply(store, change(&page, 0, items, at("08:00:00"))).await;
    assert_eq!(found(store, &ask("氢能")).await, "氢能上路 别的");
    assert_eq!(found(store, &SearchRequest { order: SearchOrder::Newest, ..ask("氢能") }).await, "别的 氢能上路");
    let second = store.search(&SearchRequest { limit: 1, offset: 1, ..ask("氢能") }).await.unwrap();
    assert_eq!((headlines(&second.articles).join(" "), second.total), ("别的".to_owned(), 2));
}

pub(crate) async fn a_search_is_narrowed_by_source_section_page_kind_and_date(store: &dyn Store) {
    let (first, second, city) = (key("county", "01"), key("county", "02"), key("city", "01"));
    let mut photo = of_section(&second, "\"社会\" 版", "花开", "春天");
    photo.article.kind = ArticleKind::Photo;
    apply(store, change(&first, 0, vec![of_section(&first, "要闻", "春耕", "春天")], at("08:00:00"))).await;
    apply(store, change(&second, 0, vec![photo], at("08:00:00"))).await;
    apply(store, change(&city, 0, vec![of_section(&city, "要闻", "地铁", "春天")], at("08:00:00"))).await;
    let yesterday = PageKey { date: day() - Duration::days(1), ..first.clone() };
    apply(store, change(&yesterday, 0, vec![item(&yesterday, "植树", "春天")], at("08:00:00"))).await;
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let every = SearchRequest { order: SearchOrder::Newest, ..ask("春天") };
    for (request, expected) in [
        (every.clone(), "花开 地铁 春耕 植树"),
        (SearchRequest { sources: names(&["county"]), ..every.clone() }, "花开 春耕 植树"),
        (SearchRequest { sections: names(&["要闻"]), ..every.clone() }, "地铁 春耕"),
        (SearchRequest { sections: names(&["要闻"]), sources: names(&["county"]), ..every.clone() }, "春耕"),
        (SearchRequest { sections: names(&["\"社会\" 版"]), ..every.clone() }, "花开"),
        (SearchRequest { pages: names(&["02"]), ..every.clone() }, "花开"),
        (SearchRequest { kinds: vec![ArticleKind::Photo], ..every.clone() }, "花开"),
        (SearchRequest { from: Some(day()), ..every.clone() }, "花开 地铁 春耕"),
        (SearchRequest { to: Some(day() - Duration::days(1)), ..every.clone() }, "植树"),
        (SearchRequest { query: Query::default(), sections: names(&["要闻"]), ..every.clone() }, "地铁 春耕"),
        (SearchRequest { sources: names(&["none"]), ..every }, ""),
    ] {
        assert_eq!(found(store, &request).await, expected, "{request:?}");
    }
    let facet = |name: &str| Facet { name: name.to_owned(), articles: 1 };
    assert_eq!(store.sections("county").await.unwrap(), [facet("\"社会\" 版"), facet("要闻")]);
    assert_eq!(store.page_labels("county").await.unwrap(), [Facet { articles: 2, ..facet("01") }, facet("02")]);
    assert!(store.sections("none").await.unwrap().is_empty());
}

pub(crate) async fn only_what_is_public_is_found_and_as_it_reads_now(store: &dyn Store) {
    let page = key("county", "01");
    let (story, other) = (item(&page, "春耕", "农机下田。"), item(&page, "要闻", "正文。"));
    let held = IdentifiedArticle { doubtful: true, ..item(&page, "存疑", "农机下田。") };
    apply(store, change(&page, 0, vec![story.clone(), other.clone(), held.clone()], at("08:00:00"))).await;
    assert_eq!(found(store, &ask("农机")).await, "春耕", "what is held is not found");
    store.release(std::slice::from_ref(&held.id), at("08:30:00")).await.unwrap();
    assert_eq!(found(store, &ask("存疑")).await, "存疑", "what is released is");
    let mut corrected = story.clone();
    corrected.article.paragraphs = vec!["水稻插秧。".to_owned()];
    apply(store, change(&page, 1, vec![corrected.clone(), other.clone()], at("09:00:00"))).await;
    assert_eq!(found(store, &ask("农机")).await, "", "neither what it said before, nor what is withdrawn");
    assert_eq!(found(store, &ask("插秧")).await, "春耕");
    apply(store, change(&page, 2, vec![corrected, other, held], at("10:00:00"))).await;
    assert_eq!(found(store, &ask("存疑")).await, "存疑", "what is back is found again");
}

pub(crate) async fn how_an_edition_stands_is_marked_by_every_change(store: &dyn Store) {
    let (page, city) = (key("county", "01"), key("city", "01"));
    let items = vec![IdentifiedArticle { doubtful: true, ..item(&page, "春耕", "农机下田。") }];
    apply(store, change(&page, 0, items.clone(), at("08:00:00"))).await;
    apply(store, change(&city, 0, Vec::new(), at("08:10:00"))).await;
    let marks = async || store.edition_marks(&["county".to_owned()]).await.unwrap();
    let first = marks().await;
    assert_eq!(first, [EditionMark { source: "county".to_owned(), date: day(), change: first[0].change, changed: at("08:00:00") }]);
    store.release(&[items[0].id.clone()], at("09:00:00")).await.unwrap();
    let second = marks().await;
    assert_ne!(second[0].change, first[0].change);
    assert_eq!(second[0], EditionMark { change: second[0].change, changed: at("09:00:00"), ..first[0].clone() });
    // An archive shows the section too, though to have moved there is no correction of what was said.
    let mut moved = items.clone();
    moved[0].article.section = Some("文化".to_owned());
    apply(store, change(&page, 1, moved, at("10:00:00"))).await;
    assert_ne!(marks().await[0].change, second[0].change);
    let both = store.edition_marks(&["county".to_owned(), "city".to_owned()]).await.unwrap();
    assert_eq!(both.iter().map(|mark| mark.source.as_str()).collect::<Vec<_>>(), ["city", "county"]);
}
