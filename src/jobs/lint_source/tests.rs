#![allow(clippy::unwrap_used)]

use chrono::Days;

use super::*;
use crate::feed::specimen::article;
use crate::jobs::publish_feeds::newsroom::{Newsroom, article_id, day};

const BODY: &str = "城东的石桥昨天上午通车，两岸居民放了鞭炮，孩子们在桥上跑了一个来回。";

fn story(headline: &str) -> Article {
    article(ArticleKind::Article, Some(headline), &[BODY])
}

async fn print(room: &Newsroom, page: &str, articles: Vec<Article>) {
    room.print_page("yunpu", day(), page, articles).await;
}

async fn faults(room: &Newsroom, editions: u32) -> Vec<&'static str> {
    let report = lint(&*room.store, "yunpu", editions).await.unwrap();
    report.findings.iter().map(|finding| finding.fault.as_str()).collect()
}

#[tokio::test]
async fn nothing_is_wrong_with_a_sound_edition_or_none() {
    let room = Newsroom::new().await;
    assert_eq!(lint(&*room.store, "yunpu", 5).await.unwrap(), LintReport::default());
    let photo = article(ArticleKind::Photo, None, &["石桥通车 李青摄"]);
    let notice = article(ArticleKind::Notice, None, &["停水公告"]);
    print(&room, "01", vec![story("石桥通车"), photo, notice, article(ArticleKind::Masthead, None, &["第01版"])]).await;
    print(&room, "02", vec![story("小学扩招")]).await;
    let report = lint(&*room.store, "yunpu", 5).await.unwrap();
    assert_eq!((report.findings, report.editions, report.pages, report.articles), (Vec::new(), 1, 2, 3));
}

#[tokio::test]
async fn every_fault_of_an_article_is_found_with_its_page_and_id() {
    let long = "长".repeat(41);
    let held = Article { confidence: 0.1, ..story("粮仓封存") };
    let cases = [
        (article(ArticleKind::Article, None, &[BODY]), "headline-missing"),
        (story(&long), "headline-long"),
        (story("石桥通车（"), "headline-open"),
        (story("石桥通车，"), "headline-open"),
        (Article { confidence: 0.4, ..story("夜校开课") }, "cut-doubtful"),
        (held, "held"),
        (article(ArticleKind::Article, Some("石桥通车"), &[BODY.trim_end_matches('。')]), "body-unended"),
        (article(ArticleKind::Article, Some("石桥通车"), &["城东的石桥通车。"]), "body-short"),
    ];
    for (item, expected) in cases {
        let room = Newsroom::new().await;
        print(&room, "01", vec![item]).await;
        let report = lint(&*room.store, "yunpu", 5).await.unwrap();
        let [finding] = report.findings.as_slice() else { panic!("{expected}: {:?}", report.findings) };
        let line = finding.to_string();
        let head = format!("2026-03-12 page 01 {} {expected}: ", article_id("yunpu", day(), "01", 0));
        assert!(line.starts_with(&head) && !line.contains('\n'), "{line}");
        assert_eq!(report.counts(), BTreeMap::from([(finding.fault, 1)]));
    }
}

#[test]
fn the_limits_are_where_they_are_said_to_be() {
    for sound in ["他说：“明天再来。”", "全文完。（记者 李青）", "好！", "For ever.", "明天……", "《石桥》开演。"]
    {
        assert!(ends_sentence(sound), "{sound}");
    }
    for unsound in ["两岸居民", "“明天再来”", "居民，", ""] {
        assert!(!ends_sentence(unsound), "{unsound}");
    }
    assert_eq!(end_of("一\n二"), "一 二");
    assert_eq!(end_of(&"三".repeat(25)), format!("…{}", "三".repeat(24)));
}

#[tokio::test]
async fn the_same_headline_twice_in_an_edition_is_found_on_its_second_page() {
    let room = Newsroom::new().await;
    print(&room, "01", vec![story("石桥通车")]).await;
    print(&room, "02", vec![story("石桥 通车"), story("小学扩招")]).await;
    room.print_page("yunpu", day() - Days::new(1), "01", vec![story("石桥通车")]).await;
    let report = lint(&*room.store, "yunpu", 5).await.unwrap();
    let [finding] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
    assert_eq!((finding.fault, finding.page.as_deref()), (Fault::HeadlineTwice, Some("02")));
    assert!(finding.detail.contains(article_id("yunpu", day(), "01", 0).as_str()));
}

#[tokio::test]
async fn pages_without_articles_and_pages_of_furniture_are_found() {
    let furniture = |count| vec!["散落的一行"; count];
    let room = Newsroom::new().await;
    print(&room, "01", vec![article(ArticleKind::Notice, None, &["停水公告"])]).await;
    // A headline and three lines.
    print(&room, "02", vec![story("石桥通车"), article(ArticleKind::Masthead, None, &furniture(2))]).await;
    print(&room, "03", vec![story("小学扩招"), article(ArticleKind::Masthead, None, &furniture(3))]).await;
    let report = lint(&*room.store, "yunpu", 5).await.unwrap();
    let found: Vec<_> = report.findings.iter().map(|finding| (finding.fault, finding.page.as_deref().unwrap())).collect();
    assert_eq!(found, [(Fault::PageWithoutArticles, "01"), (Fault::PageOfFurniture, "03")]);
}

#[tokio::test]
async fn numbers_that_are_missing_among_the_pages_are_told_as_gaps() {
    let room = Newsroom::new().await;
    for (page, headline) in [("02", "甲"), ("03", "乙"), ("07", "丙"), ("A01", "丁"), ("A03", "戊"), ("头版", "己"), ("03B", "庚")]
    {
        print(&room, page, vec![story(headline)]).await;
    }
    let report = lint(&*room.store, "yunpu", 5).await.unwrap();
    let told: Vec<String> = report.findings.iter().map(Finding::to_string).collect();
    let expected = ["there is no page 01", "there are no pages 04 to 06", "there is no page A02"];
    assert_eq!(told, expected.map(|gap| format!("2026-03-12 page-missing: {gap}")));
}

#[tokio::test]
async fn an_edition_of_half_the_usual_size_is_found_where_there_are_others_to_compare_with() {
    let room = Newsroom::new().await;
    let stories = |count: usize| (0..count).map(|n| story(&format!("新闻{n}"))).collect::<Vec<_>>();
    for (back, count) in [(1, 8), (2, 9)] {
        room.print_page("yunpu", day() - Days::new(back), "01", stories(count)).await;
    }
    print(&room, "01", stories(5)).await;
    assert!(faults(&room, 5).await.is_empty());
    print(&room, "01", stories(4)).await;
    assert_eq!(faults(&room, 1).await, ["edition-small"], "earlier editions tell what is usual");
    room.print_page("yunpu", day() - Days::new(2), "01", stories(2)).await;
    assert_eq!(faults(&room, 3).await, ["edition-small"], "those that were withdrawn do not count, and the middle one decides");
    assert!(faults(&room, 1).await.is_empty());
}
