//! The page for whoever runs newsboy, and what is held back.

#![allow(clippy::unwrap_used)]

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::{Server, header};
use crate::feed::specimen::article;
use crate::http::StatusPage;
use crate::jobs::publish_feeds::newsroom::{Newsroom, article_id, day, noon};
use crate::model::{Alarm, Article, ArticleKind, Attempt, Digest, DigestId, Message, PageKey, Problem, Secret};
use crate::store::{Beginning, NextStep};

const TOKEN: &str = "a token/of+many&signs=1";

fn status_page() -> StatusPage {
    StatusPage {
        token: Secret::new(TOKEN),
        clock: noon,
        next_slots: Box::new(|now| vec![("desk".to_owned(), Some(now + chrono::Duration::hours(1))), ("new".to_owned(), None)]),
    }
}

/// A page with a held article between two others.
async fn room() -> Newsroom {
    let room = Newsroom::new().await;
    let mut items: Vec<Article> =
        ["河道清淤", "粮仓封存", "夜校开课"].iter().map(|headline| article(ArticleKind::Article, Some(headline), &["正文。"])).collect();
    items[1].confidence = 0.125;
    items[1].problems = vec![Problem::new("cut-doubtful", "two lines could be the headline")];
    room.print_page("yunpu", day(), "02", items).await;
    // One page has an older version, the other was never usable.
    for page in ["02", "07"] {
        let key = PageKey { source: "yunpu".into(), date: day(), page: page.into() };
        room.store.note_problem(&key, &Problem::new("page-empty", "no bytes"), noon()).await.unwrap();
    }
    room.store.enrol_webhook("desk", Beginning::Now, noon()).await.unwrap();
    room
}

#[tokio::test]
async fn a_held_article_is_on_no_page_and_its_address_says_so_until_it_is_released() {
    let server = Server::start(room().await).await;
    let id = article_id("yunpu", day(), "02", 1);
    let address = format!("/articles/{id}");
    let told = server.page(&address, StatusCode::NOT_FOUND).await;
    assert!(told.contains("尚未发布") && !told.contains("粮仓封存"), "{told}");
    let lists = ["/".to_owned(), "/editions/yunpu/2026-03-12".to_owned(), format!("/articles/{}", article_id("yunpu", day(), "02", 0))];
    for path in &lists {
        let page = server.page(path, StatusCode::OK).await;
        assert!(page.contains("夜校开课") && !page.contains("粮仓封存"), "{path}: {page}");
    }
    let feed = server.get("/feeds/yunpu/atom.xml").await.text().await.unwrap();
    assert!(feed.contains("夜校开课") && !feed.contains("粮仓封存"));

    server.room.store.release(&[id], noon()).await.unwrap();
    server.room.publish(noon()).await;
    assert!(server.page(&address, StatusCode::OK).await.contains("粮仓封存"));
    for path in &lists {
        assert!(server.page(path, StatusCode::OK).await.contains("粮仓封存"), "{path}");
    }
    assert!(server.get("/feeds/yunpu/atom.xml").await.text().await.unwrap().contains("粮仓封存"));
}

#[tokio::test]
async fn without_a_token_in_the_configuration_there_is_no_status() {
    let server = Server::start(room().await).await;
    assert_eq!(server.get("/status").await.status(), StatusCode::NOT_FOUND);
    let sent = server.send(Method::GET, "/status?token=", &[("authorization", "Bearer ")]).await;
    assert_eq!(sent.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_status_opens_to_its_token_alone() {
    let server = Server::start_with(room().await, Some(status_page())).await;
    let bearer = format!("bearer {TOKEN}");
    let query = "/status?x=1&token=a%20token%2Fof%2Bmany%26signs%3D1";
    for (path, headers) in [("/status", vec![("authorization", bearer.as_str())]), (query, Vec::new())] {
        let answer = server.send(Method::GET, path, &headers).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(header(answer.headers(), "cache-control"), "no-store");
        assert_eq!(header(answer.headers(), "content-type"), "application/json");
        assert_eq!(header(answer.headers(), "referrer-policy"), "no-referrer", "the token stands in the address");
    }
    let longer = format!("Bearer {TOKEN}1");
    let wrong = [
        ("/status", Vec::new()),
        ("/status", vec![("authorization", TOKEN)]),
        ("/status", vec![("authorization", "Bearer")]),
        ("/status", vec![("authorization", longer.as_str())]),
        ("/status", vec![("authorization", "Basic YTpi")]),
        ("/status?token=", Vec::new()),
        ("/status?token=a", Vec::new()),
        ("/status?token=%ff&token=%ff", Vec::new()),
    ];
    for (path, headers) in wrong {
        let answer = server.send(Method::GET, path, &headers).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path} {headers:?}");
        assert!(header(answer.headers(), "www-authenticate").starts_with("Bearer"));
        assert!(!answer.text().await.unwrap().contains("粮仓封存"));
    }
}

#[tokio::test]
async fn the_status_tells_how_sources_and_webhooks_stand() {
    let server = Server::start_with(room().await, Some(status_page())).await;
    let bearer = format!("Bearer {TOKEN}");
    let text = server.send(Method::GET, "/status", &[("authorization", &bearer)]).await.text().await.unwrap();
    assert!(!text.contains(TOKEN));
    let status: Value = serde_json::from_str(&text).unwrap();
    let source = status["sources"].as_array().unwrap().iter().find(|source| source["name"] == "yunpu").unwrap();
    let edition = serde_json::json!({ "date": "2026-03-12", "pages": 1, "articles": 2, "held": 1 });
    assert_eq!(source["edition"], edition);
    let held = source["held"].as_array().unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!((&held[0]["title"], &held[0]["page"], held[0]["confidence"].as_f64()), (&"粮仓封存".into(), &"02".into(), Some(0.125)));
    assert_eq!(held[0]["reasons"][0]["code"], "cut-doubtful");
    assert_eq!(held[0]["id"], article_id("yunpu", day(), "02", 1).as_str());
    let problems = source["problems"].as_array().unwrap().iter();
    let told: Vec<_> =
        problems.map(|problem| (problem["page"].as_str(), problem["code"].as_str(), problem["unusable"].as_bool())).collect();
    assert_eq!(told, ["02", "07"].map(|page| (Some(page), Some("page-empty"), Some(true))));

    let webhooks = status["webhooks"].as_array().unwrap();
    let names: Vec<_> = webhooks.iter().map(|webhook| webhook["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["desk", "new"]);
    assert!(webhooks[0]["next_slot"].is_string() && webhooks[0]["last_slot"].is_string());
    assert!(webhooks[1]["next_slot"].is_null() && webhooks[1]["last_slot"].is_null());
}

#[tokio::test]
async fn the_status_lists_the_last_attempts_of_a_delivery_with_their_answers_and_the_next_try() {
    let room = room().await;
    let digest = Digest::bare(DigestId::assign(&[b"one"]), "desk", noon(), "清渚日报", "https://news.example");
    let message = Message { body: "{}".to_owned(), articles: Vec::new(), label: String::new() };
    let expires = noon() + chrono::Duration::days(1);
    assert!(room.store.queue_notice(&digest, &[message], expires, noon()).await.unwrap());
    let at = |number: u32| noon() + chrono::Duration::seconds(i64::from(number));
    for number in 1..=23 {
        let due = room.store.claim("desk", at(number), expires).await.unwrap().unwrap();
        let result = format!("HTTP 503, the {number}th time");
        let attempt = Attempt { number, at: at(number), result, status: Some(503), answer: format!("busy {number}") };
        room.store.record(&due.id, &attempt, NextStep::RetryAt(at(number + 1))).await.unwrap();
    }
    let server = Server::start_with(room, Some(status_page())).await;
    let bearer = format!("Bearer {TOKEN}");
    let text = server.send(Method::GET, "/status", &[("authorization", &bearer)]).await.text().await.unwrap();
    let status: Value = serde_json::from_str(&text).unwrap();
    let delivery = &status["webhooks"][0]["deliveries"][0];
    assert_eq!((&delivery["tries"], &delivery["state"]), (&23.into(), &"pending".into()));
    let attempts = delivery["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 20, "the ledger has them all");
    for (attempt, number) in attempts.iter().zip(4_u32..) {
        let told = ["number", "status", "answer", "result"].map(|key| attempt[key].clone());
        let expected: [Value; 4] =
            [number.into(), 503.into(), format!("busy {number}").into(), format!("HTTP 503, the {number}th time").into()];
        assert_eq!(told, expected);
        assert_eq!(attempt["at"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap(), at(number));
    }
    assert_eq!(delivery["next_attempt"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap(), at(24));
}

#[tokio::test]
async fn the_metrics_tell_the_same_in_numbers_and_only_to_who_has_the_token() {
    let room = room().await;
    let problem = Problem::new("source-\"silent\"", "nothing came");
    let alarms = [Alarm { problem, since: noon(), told: true }];
    room.store.keep_site_document("yunpu", Alarm::NOTED_AS, &Alarm::note(&alarms), noon()).await.unwrap();
    let server = Server::start_with(room, Some(status_page())).await;
    assert_eq!(server.get("/metrics").await.status(), StatusCode::UNAUTHORIZED);
    let bearer = format!("Bearer {TOKEN}");
    let answer = server.send(Method::GET, "/metrics", &[("authorization", &bearer)]).await;
    assert_eq!(header(answer.headers(), "content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text().await.unwrap();
    let since = noon().timestamp();
    for line in [
        "# TYPE newsboy_edition_pages gauge".to_owned(),
        "newsboy_edition_pages{source=\"yunpu\"} 1".to_owned(),
        "newsboy_edition_articles{source=\"yunpu\"} 2".to_owned(),
        "newsboy_edition_held_articles{source=\"yunpu\"} 1".to_owned(),
        "newsboy_problems{source=\"yunpu\",code=\"page-empty\"} 2".to_owned(),
        "newsboy_alarm{source=\"yunpu\",code=\"source-\\\"silent\\\"\"} 1".to_owned(),
        format!("newsboy_alarm_since_timestamp_seconds{{source=\"yunpu\",code=\"source-\\\"silent\\\"\"}} {since}"),
        "newsboy_deliveries{webhook=\"desk\",state=\"delivered\"} 0".to_owned(),
        "newsboy_webhook_stopped{webhook=\"desk\"} 0".to_owned(),
    ] {
        assert!(text.lines().any(|other| other == line), "{line} is not among:\n{text}");
    }
    assert!(text.contains("newsboy_source_last_success_timestamp_seconds{source=\"yunpu\"} "));
    // Each metric is described once, before its values, and every value is a number.
    let mut described = std::collections::HashSet::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            assert!(described.insert(rest.split(' ').next().unwrap()), "{line}");
        } else if !line.starts_with('#') {
            assert!(described.contains(line.split(['{', ' ']).next().unwrap()) && line.rsplit(' ').next().unwrap().parse::<i64>().is_ok());
        }
    }
}

#[tokio::test]
async fn without_a_token_in_the_configuration_there_are_no_metrics() {
    let server = Server::start(room().await).await;
    assert_eq!(server.get("/metrics").await.status(), StatusCode::NOT_FOUND);
}
