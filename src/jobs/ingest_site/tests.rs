#![allow(clippy::unwrap_used)]

use chrono::{DateTime, NaiveTime, Utc};

use super::*;
use crate::jobs::testing::{Desk, at};
use crate::model::{ArticleKind, ContentHash, Facsimile, OnSite};
use crate::store::Changes;

fn paper() -> PaperHabits {
    PaperHabits {
        language: "zh-Hans".to_owned(),
        timezone: chrono_tz::Asia::Shanghai,
        published: NaiveTime::from_hms_opt(6, 0, 0).unwrap(),
        hold_below: 0.9,
    }
}

fn article(id: &str, headline: &str, body: &str) -> Article {
    Article {
        kind: ArticleKind::Article,
        headline: Some(headline.to_owned()),
        paragraphs: vec![body.to_owned()],
        page: "01".to_owned(),
        confidence: 1.0,
        site: Some(Box::new(OnSite { id: id.to_owned(), url: format!("https://paper.example/{id}.htm"), ..OnSite::default() })),
        ..Article::default()
    }
}

fn page(date: &str, label: &str, articles: Vec<Article>) -> CutPage {
    let key = PageKey { source: "county".to_owned(), date: date.parse().unwrap(), page: label.into() };
    let hash = ContentHash::of(&serde_json::to_vec(&articles).unwrap());
    let (origin, facsimile) = ("https://paper.example/node_1.htm".to_owned(), Facsimile::default());
    CutPage { key, hash, origin, section: None, articles, facsimile, pdf: None, unread: Vec::new(), problems: Vec::new() }
}

/// When the source became known.
fn since() -> DateTime<Utc> {
    at("2026-03-02T01:00:00Z")
}

async fn ingest(store: &dyn Store, page: &CutPage, caught_up: bool) -> Ingested {
    let mark = SourceMark { since: since(), caught_up };
    ingest_cut(store, page, &PageReader::Here, &paper(), mark, at("2026-03-02T02:00:00Z")).await.unwrap()
}

async fn changes(store: &dyn Store, page: &CutPage) -> Changes {
    match ingest(store, page, true).await {
        Ingested::Applied { changes, .. } => changes,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_article_is_known_by_the_sites_name_for_it_whatever_becomes_of_its_text() {
    let desk = Desk::new();
    let store = desk.open().await;
    let first = page("2026-03-02", "01", vec![article("c1", "春耕", "农机下田。"), article("c2", "修渠", "渠水到田。")]);
    assert_eq!(changes(&*store, &first).await, Changes { added: 2, ..Changes::default() });
    assert_eq!(ingest(&*store, &first, true).await, Ingested::Unchanged);
    let again = page("2026-03-02", "01", vec![article("c2", "全文改写", "一字不同。"), article("c3", "春耕", "农机下田。")]);
    assert_eq!(changes(&*store, &again).await, Changes { added: 1, revised: 1, withdrawn: 1, ..Changes::default() });
    let edition = store.edition("county", first.key.date).await.unwrap();
    let ids: Vec<_> = edition.iter().filter(|stored| !stored.withdrawn).map(|stored| stored.id.clone()).collect();
    assert_eq!(ids, ["c2", "c3"].map(|id| article_id("county", first.key.date, id)));
}

#[tokio::test]
async fn what_is_listed_and_could_not_be_read_stays_as_it_is() {
    let desk = Desk::new();
    let store = desk.open().await;
    let first = page("2026-03-02", "01", vec![article("c1", "春耕", "农机下田。"), article("c2", "修渠", "渠水到田。")]);
    changes(&*store, &first).await;
    let unread = CutPage { unread: vec!["c2".to_owned()], ..page("2026-03-02", "01", vec![article("c1", "春耕", "农机下田。")]) };
    assert_eq!(changes(&*store, &unread).await, Changes { unchanged: 2, ..Changes::default() });
    let gone = page("2026-03-02", "01", Vec::new());
    assert_eq!(changes(&*store, &gone).await.withdrawn, 2);
}

#[tokio::test]
async fn what_an_issue_held_at_first_sight_is_no_news_and_what_is_added_is() {
    let desk = Desk::new();
    let store = desk.open().await;
    let arrived = async |store: &dyn Store| store.arrivals(0, false, 99).await.unwrap().articles.len();
    // An issue of before the source was known, and today's while the first pass lasts.
    changes(&*store, &page("2026-02-20", "01", vec![article("c1", "旧闻", "去年的事。")])).await;
    ingest(&*store, &page("2026-03-02", "01", vec![article("c2", "今日", "今天的事。")]), false).await;
    assert_eq!(arrived(&*store).await, 0);
    changes(&*store, &page("2026-02-20", "01", vec![article("c1", "旧闻", "去年的事。"), article("c3", "补报", "漏掉的事。")])).await;
    changes(&*store, &page("2026-03-03", "01", vec![article("c4", "次日", "明天的事。")])).await;
    assert_eq!(arrived(&*store).await, 2);
}

#[tokio::test]
async fn an_issue_of_half_the_usual_size_is_an_alarm() {
    let desk = Desk::new();
    let store = desk.open().await;
    let day = |date: &str, articles| SiteDay {
        source: "county".to_owned(),
        date: date.parse().unwrap(),
        answer: DayAnswer::Issue,
        why: String::new(),
        pages: 4,
        articles,
        whole: true,
        unchanged: 0,
        problems: Vec::new(),
        asked: since(),
    };
    let codes = |day: SiteDay| day.problems.into_iter().map(|problem| problem.code.into_owned()).collect::<Vec<_>>();
    for (date, articles, expected) in [
        ("2026-03-01", 40, false),
        ("2026-03-02", 20, false),
        ("2026-03-03", 44, false),
        ("2026-03-04", 20, true),
        ("2026-03-05", 25, false),
    ] {
        let finished = finish_day(&*store, &day(date, articles), None).await.unwrap();
        assert_eq!(codes(finished) == ["issue-small"], expected, "{date}");
    }
}
