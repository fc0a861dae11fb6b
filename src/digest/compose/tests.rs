#![allow(clippy::unwrap_used)]

use std::slice::from_ref;

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::model::{ArticleId, ArticleKind, PageKey};

const SLOT: &str = "2026-11-20T00:00:00Z";

fn stored(source: &str, date: &str, page: &str, position: u32) -> StoredArticle {
    StoredArticle {
        id: ArticleId::assign(&[source.as_bytes(), date.as_bytes(), page.as_bytes(), &position.to_be_bytes()]),
        key: PageKey { source: source.to_owned(), date: date.parse().unwrap(), page: page.into() },
        position,
        revision: 1,
        published: SLOT.parse().unwrap(),
        updated: SLOT.parse().unwrap(),
        arrival: 1,
        withdrawn: false,
        held: false,
        article: Article {
            kind: ArticleKind::Article,
            headline: Some(format!("{source} {page}/{position}")),
            paragraphs: vec!["正文。".to_owned()],
            page: page.to_owned(),
            confidence: 1.0,
            ..Article::default()
        },
    }
}

fn paper(source: &str, title: &str, language: &str) -> Paper {
    Paper { source: source.to_owned(), title: title.to_owned(), language: language.to_owned() }
}

fn brief(papers: &[Paper], limit: usize) -> Brief<'_> {
    Brief {
        webhook: "desk",
        slot: SLOT.parse().unwrap(),
        zone: Tz::Asia__Shanghai,
        papers,
        public_url: "https://news.example/",
        limit,
        language: None,
    }
}

fn titles(digest: &Digest) -> Vec<&str> {
    digest.items.iter().map(|i| i.title.as_str()).collect()
}

#[test]
fn the_front_page_leads_and_the_pages_follow_in_their_order() {
    let papers = [paper("daily", "清渚日报", "zh-Hans")];
    let articles = [
        stored("daily", "2026-11-20", "10", 0),
        stored("daily", "2026-11-19", "01", 0),
        stored("daily", "2026-11-20", "02", 1),
        stored("daily", "2026-11-20", "02", 0),
        stored("daily", "2026-11-20", "01", 0),
    ];
    let digest = compose(&brief(&papers, 10), &articles, &Article::body);
    assert_eq!(titles(&digest), ["daily 01/0", "daily 02/0", "daily 02/1", "daily 10/0", "daily 01/0"]);
    assert_eq!(digest.title, "《清渚日报》2026-11-20 · 5 条");
    assert_eq!((digest.left_out, digest.more), (0, None));
    assert_eq!(digest.items[0].url, format!("https://news.example/articles/{}", articles[4].id));
    assert_eq!(digest.items[0].summary, "正文。");
}

#[test]
fn the_title_speaks_the_language_of_the_paper() {
    let (zh, en) = (paper("a", "清渚日报", "zh"), paper("b", "The Harbour Mail", "en-GB"));
    let title = |papers: &[Paper], articles: &[StoredArticle]| compose(&brief(papers, 10), articles, &Article::body).title;
    let (a, b) = (stored("a", "2026-11-20", "01", 0), stored("b", "2026-11-20", "A1", 0));
    assert_eq!(title(from_ref(&zh), &[]), "《清渚日报》2026-11-20 · 无新稿");
    assert_eq!(title(from_ref(&en), from_ref(&b)), "The Harbour Mail, 20 November 2026 · 1 story");
    assert_eq!(title(from_ref(&en), &[]), "The Harbour Mail, 20 November 2026 · nothing new");
    assert_eq!(title(&[zh.clone(), en.clone()], &[a.clone(), b]), "20 November 2026 · 2 stories");
    assert_eq!(
        title(&[zh.clone(), paper("c", "海湾晚报", "zh-Hans")], &[a.clone(), stored("c", "2026-11-20", "1", 0)]),
        "2026-11-20 · 2 条"
    );
    assert_eq!(title(&[zh, en], &[a]), "清渚日报, 20 November 2026 · 1 story");
}

#[test]
fn a_thick_paper_does_not_crowd_out_a_thin_one() {
    let papers = [paper("thick", "厚报", "zh"), paper("thin", "薄报", "zh")];
    let mut articles: Vec<_> = (0..20).map(|n| stored("thick", "2026-11-20", "01", n)).collect();
    articles.extend((0..2).map(|n| stored("thin", "2026-11-20", "01", n)));
    let digest = compose(&brief(&papers, 5), &articles, &Article::body);
    assert_eq!(titles(&digest), ["thick 01/0", "thick 01/1", "thick 01/2", "thin 01/0", "thin 01/1"]);
    assert_eq!((digest.left_out, digest.more.as_deref()), (17, Some("另有 17 条")));
    assert_eq!(digest.title, "2026-11-20 · 22 条");
}

#[test]
fn an_article_of_an_unknown_paper_comes_last_under_its_sources_name() {
    let papers = [paper("daily", "清渚日报", "zh")];
    let digest =
        compose(&brief(&papers, 5), &[stored("another", "2026-11-21", "01", 0), stored("daily", "2026-11-20", "01", 0)], &Article::body);
    assert_eq!(digest.items.iter().map(|i| i.source_title.as_str()).collect::<Vec<_>>(), ["清渚日报", "another"]);
}

#[test]
fn the_id_is_fixed_by_webhook_and_slot() {
    let papers = [paper("daily", "清渚日报", "zh")];
    let (one, other) = (brief(&papers, 5), Brief { slot: "2026-11-21T00:00:00Z".parse().unwrap(), ..brief(&papers, 5) });
    let id = |brief: &Brief<'_>, articles: &[StoredArticle]| compose(brief, articles, &Article::body).id;
    assert_eq!(id(&one, &[]), id(&one, &[stored("daily", "2026-11-20", "01", 0)]));
    assert_ne!(id(&one, &[]), id(&other, &[]));
}

/// As `stored`, in a section and of a length.
fn in_section(page: &str, position: u32, section: &str, chars: usize) -> StoredArticle {
    let mut stored = stored("daily", "2026-11-20", page, position);
    stored.article.section = Some(section.to_owned());
    stored.article.paragraphs = vec!["长".repeat(chars)];
    stored
}

#[test]
fn sections_stand_together_and_in_each_the_most_prominent_story_leads() {
    let papers = [paper("daily", "清渚日报", "zh")];
    let articles = [
        in_section("05", 0, "体育", 300),
        in_section("03", 1, "社会", 1_600),
        in_section("04", 0, "体育", 200),
        in_section("03", 0, "社会", 100),
        in_section("07", 0, "社会", 2_000),
        in_section("01", 2, "要闻", 100),
        in_section("01", 0, "要闻", 900),
    ];
    let digest = compose(&brief(&papers, 10), &articles, &Article::body);
    assert_eq!(titles(&digest), ["daily 01/0", "daily 01/2", "daily 07/0", "daily 03/1", "daily 03/0", "daily 05/0", "daily 04/0"]);
}

#[test]
fn where_there_is_no_room_for_all_prominence_decides_and_watched_words_and_copies_lift_a_story() {
    let papers = [paper("daily", "清渚日报", "zh")];
    let mut selection = Selection::new(brief(&papers, 3));
    let plain = |page: &str, position| Candidate::from(in_section(page, position, page, 200));
    let watched =
        Candidate { heard: vec![Heard { word: "氢能".to_owned(), sentence: "【氢能】上线。".to_owned() }], ..plain("08", 5) };
    let twice = Candidate { also: vec![stored("other", "2026-11-20", "04", 0)], ..plain("06", 1) };
    selection.add([plain("02", 1), plain("02", 2), plain("03", 2), watched, twice, plain("01", 4)]);
    let digest = selection.compose(&Article::body);
    assert_eq!(titles(&digest), ["daily 01/4", "daily 06/1", "daily 08/5"]);
    assert_eq!((digest.left_out, digest.more.as_deref()), (3, Some("另有 3 条")));
    let [_, twice, watched] = &digest.items[..] else { panic!("three items") };
    assert_eq!(
        (watched.summary.as_str(), watched.summary_kind, watched.heard.as_slice()),
        ("【氢能】上线。", SummaryKind::Alert, &["氢能".to_owned()][..])
    );
    assert_eq!((twice.also[0].source_title.as_str(), twice.also[0].page.as_str()), ("other", "04"));
}

#[test]
fn words_in_one_sentence_are_marked_in_it_together_and_sentences_that_differ_follow_each_other() {
    let heard = |word: &str, sentence: &str| Heard { word: word.to_owned(), sentence: sentence.to_owned() };
    let all =
        [heard("人大", "市【人大】代表视察了加氢站。"), heard("加氢", "市人大代表视察了【加氢】站。"), heard("公交", "【公交】上路。")];
    assert_eq!(sentences_of(&all), "市【人大】代表视察了【加氢】站。 【公交】上路。");
    let many: Vec<Heard> = (0..9).map(|n| heard("词", &format!("{n}【词】。"))).collect();
    assert_eq!(sentences_of(&many).matches('词').count(), MOST_SENTENCES);
}

#[test]
fn what_is_taken_out_is_neither_shown_nor_counted_and_another_takes_its_place() {
    let papers = [paper("daily", "清渚日报", "zh")];
    let mut selection = Selection::new(brief(&papers, 2));
    selection.add((0..3).map(|n| stored("daily", "2026-11-20", "01", n)));
    let first = selection.shortlist().next().unwrap().id.clone();
    selection.take_out(&BTreeSet::from([first]));
    let digest = selection.compose(&Article::body);
    assert_eq!((titles(&digest), digest.left_out), (vec!["daily 01/1", "daily 01/2"], 0));
}

fn any_articles() -> impl Strategy<Value = Vec<StoredArticle>> {
    proptest::collection::vec((prop_oneof!["a", "b", "c"], 1_u32..4, "[AB]?[0-9]{1,2}", 0_u32..1000), 0..30).prop_map(|all| {
        all.into_iter()
            .map(|(source, day, page, position)| {
                stored(&source, &NaiveDate::from_ymd_opt(2026, 11, day).unwrap().to_string(), &page, position)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn every_article_is_shown_or_counted_whatever_the_order_in_which_they_come(articles in any_articles(), limit in 0_usize..40) {
        let papers = [paper("b", "乙报", "zh"), paper("a", "甲报", "zh")];
        let digest = compose(&brief(&papers, limit), &articles, &Article::body);
        prop_assert_eq!(digest.items.len() + digest.left_out, articles.len());
        prop_assert_eq!(digest.items.len(), limit.min(articles.len()));

        let mut reversed = articles.clone();
        reversed.reverse();
        let again = compose(&brief(&papers, limit), &reversed, &Article::body);
        prop_assert_eq!(titles(&digest), titles(&again));

        // Piece by piece it comes to the same, and no more is kept than can be shown.
        let brief = brief(&papers, limit);
        let mut selection = Selection::new(brief);
        for article in articles {
            selection.add([article]);
            prop_assert!(selection.papers.values().all(|paper| paper.len() <= 4 * limit));
        }
        prop_assert_eq!(selection.compose(&Article::body), digest);
    }
}
