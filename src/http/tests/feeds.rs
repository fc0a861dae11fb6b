//! Feeds: encodings, validators, conditions.

#![allow(clippy::unwrap_used)]

use chrono::Duration;
use reqwest::{Method, StatusCode};

use super::{Server, header};
use crate::feed::Format;
use crate::feed::specimen::article;
use crate::jobs::publish_feeds::newsroom::{Newsroom, day, noon};
use crate::model::ArticleKind;

/// `noon()` as HTTP writes it, and the seconds around it.
const CHANGED: &str = "Thu, 12 Mar 2026 04:00:00 GMT";
const BEFORE: &str = "Thu, 12 Mar 2026 03:59:59 GMT";

async fn server() -> Server {
    let room = Newsroom::new().await;
    room.print_page("yunpu", day(), "01", vec![article(ArticleKind::Article, Some("东门桥通车"), &["比计划早了九天。"])]).await;
    Server::start(room).await
}

#[tokio::test]
async fn each_encoding_is_sent_as_it_was_compressed_with_a_tag_of_its_own() {
    let server = server().await;
    for format in Format::ALL {
        let path = format!("/feeds/yunpu/{}", format.file_name());
        let published = server.room.publications.get("yunpu", format.file_name()).unwrap();
        for (accepted, coding, encoded) in [
            (None, "", &published.identity),
            (Some("gzip, deflate"), "gzip", &published.gzip),
            (Some("gzip, deflate, br"), "br", &published.brotli),
            (Some("gzip;q=0, *;q=0.5"), "br", &published.brotli),
            (Some("zstd"), "", &published.identity),
        ] {
            let headers: Vec<(&str, &str)> = accepted.map(|a| ("accept-encoding", a)).into_iter().collect();
            let response = server.send(Method::GET, &path, &headers).await;
            let sent = response.headers().clone();
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(header(&sent, "content-encoding"), coding);
            assert_eq!(header(&sent, "etag"), encoded.etag);
            assert_eq!(header(&sent, "vary"), "accept-encoding, accept");
            assert_eq!(header(&sent, "content-type"), format.content_type());
            assert_eq!(header(&sent, "last-modified"), CHANGED);
            assert_eq!(header(&sent, "cache-control"), "public, max-age=60");
            assert_eq!(header(&sent, "content-length"), encoded.bytes.len().to_string());
            assert_eq!(header(&sent, "x-content-type-options"), "nosniff");
            assert!(sent.contains_key("date"));
            assert_eq!(response.bytes().await.unwrap(), encoded.bytes);

            let head = server.send(Method::HEAD, &path, &headers).await;
            assert_eq!(head.status(), StatusCode::OK);
            let without_date = |headers: &reqwest::header::HeaderMap| {
                let mut headers = headers.clone();
                headers.remove("date");
                headers
            };
            assert_eq!(without_date(head.headers()), without_date(&sent));
            assert!(head.bytes().await.unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn conditions_decide_between_200_304_and_412() {
    let server = server().await;
    let rss = server.room.publications.get("yunpu", "rss.xml").unwrap();
    let (plain, gzip) = (rss.identity.etag.as_str(), rss.gzip.etag.as_str());
    let weak = format!("W/{plain}");
    let list = format!("\"other\", {weak}");
    let table: &[(&[(&'static str, &str)], u16)] = &[
        (&[], 200),
        (&[("if-none-match", plain)], 304),
        (&[("if-none-match", &weak)], 304),
        (&[("if-none-match", &list)], 304),
        (&[("if-none-match", "*")], 304),
        (&[("if-none-match", "\"other\"")], 200),
        // The tag of another encoding is another tag.
        (&[("if-none-match", gzip)], 200),
        (&[("if-none-match", gzip), ("accept-encoding", "gzip")], 304),
        (&[("if-none-match", plain), ("accept-encoding", "gzip")], 200),
        (&[("if-modified-since", CHANGED)], 304),
        (&[("if-modified-since", BEFORE)], 200),
        (&[("if-modified-since", "no date")], 200),
        (&[("if-none-match", "\"other\""), ("if-modified-since", CHANGED)], 200),
        (&[("if-none-match", plain), ("if-modified-since", BEFORE)], 304),
        (&[("if-match", plain)], 200),
        (&[("if-match", &weak)], 412),
        (&[("if-unmodified-since", BEFORE)], 412),
    ];
    for method in [Method::GET, Method::HEAD] {
        for (headers, status) in table {
            let response = server.send(method.clone(), "/feeds/yunpu/rss.xml", headers).await;
            assert_eq!(response.status().as_u16(), *status, "{method} {headers:?}");
            if *status == 304 {
                let tag = if headers.iter().any(|(name, _)| *name == "accept-encoding") { gzip } else { plain };
                assert_eq!(header(response.headers(), "etag"), tag);
                assert_eq!(header(response.headers(), "vary"), "accept-encoding, accept");
                assert_eq!(header(response.headers(), "cache-control"), "public, max-age=60");
                for absent in ["content-type", "content-encoding", "last-modified", "content-length"] {
                    assert!(!response.headers().contains_key(absent), "a 304 with {absent}");
                }
                assert!(response.bytes().await.unwrap().is_empty());
            }
        }
    }
}

#[tokio::test]
async fn a_browser_gets_the_feed_as_xml_with_its_style_sheet() {
    let server = server().await;
    let accept = [("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")];
    for (file, kind) in [
        ("rss.xml", "application/xml; charset=utf-8"),
        ("atom.xml", "application/xml; charset=utf-8"),
        ("feed.json", "application/feed+json"),
    ] {
        let response = server.send(Method::GET, &format!("/feeds/yunpu/{file}"), &accept).await;
        assert_eq!(header(response.headers(), "content-type"), kind);
        let style = "<?xml-stylesheet type=\"text/css\" href=\"/feed.css\"?>";
        assert_eq!(response.text().await.unwrap().contains(style), file != "feed.json");
    }
    let style = server.get("/feed.css").await;
    assert_eq!((style.status(), header(style.headers(), "content-type")), (StatusCode::OK, "text/css; charset=utf-8"));
}

#[tokio::test]
async fn news_moves_the_tag_and_the_date() {
    let server = server().await;
    let before = server.room.publications.get("yunpu", "rss.xml").unwrap();
    server.room.print_page("yunpu", day(), "02", vec![article(ArticleKind::Article, Some("新题"), &["新文。"])]).await;
    server.room.publish(noon() + Duration::minutes(5)).await;
    for headers in [[("if-none-match", before.identity.etag.as_str())], [("if-modified-since", CHANGED)]] {
        let response = server.send(Method::GET, "/feeds/yunpu/rss.xml", &headers).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(response.headers(), "last-modified"), "Thu, 12 Mar 2026 04:05:00 GMT");
        assert!(response.text().await.unwrap().contains("新题"));
    }
}

#[tokio::test]
async fn a_client_that_refuses_every_encoding_is_told_so() {
    let server = server().await;
    let response = server.send(Method::GET, "/feeds/yunpu/rss.xml", &[("accept-encoding", "identity;q=0")]).await;
    assert_eq!(response.status(), StatusCode::NOT_ACCEPTABLE);
    assert_eq!(header(response.headers(), "vary"), "accept-encoding, accept");
}

#[tokio::test]
async fn what_is_not_published_is_not_found() {
    let server = server().await;
    for path in [
        "/feeds/unknown/rss.xml",
        "/feeds/yunpu/rss.xml.gz",
        "/feeds/yunpu/",
        "/feeds/yunpu",
        "/feeds/..%2f..%2fetc/passwd",
        "/feeds/yunpu%2frss.xml/",
        "/feeds/%ff/rss.xml",
        "/feeds/yunpu/rss.xml/",
    ] {
        server.page(path, StatusCode::NOT_FOUND).await;
    }
    let posted = server.send(Method::POST, "/feeds/yunpu/rss.xml", &[]).await;
    assert_eq!((posted.status(), header(posted.headers(), "allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD"));
}

#[tokio::test]
async fn a_feed_with_a_chinese_name_is_reached_under_its_encoded_address() {
    let mut room = Newsroom::new().await;
    room.add_feed("要闻", crate::feed::MatchRule::default());
    let server = Server::start(room).await;
    let response = server.get("/feeds/%E8%A6%81%E9%97%BB/atom.xml").await;
    assert_eq!(response.status(), StatusCode::OK);
    let own = "https://news.example.org/feeds/%E8%A6%81%E9%97%BB/atom.xml";
    assert!(response.text().await.unwrap().contains(own));
}
