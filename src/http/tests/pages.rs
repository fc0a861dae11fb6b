//! Pages for people.

#![allow(clippy::unwrap_used)]

use chrono::Days;
use reqwest::{Method, StatusCode};

use super::{Server, header};
use crate::feed::MatchRule;
use crate::feed::specimen::{HOSTILE, article, edition, hostile_item};
use crate::http::Shown;
use crate::jobs::publish_feeds::newsroom::{Newsroom, article_id, day};
use crate::model::{Article, ArticleKind};

/// The ordinary edition, an earlier one, and one of an English paper.
async fn server() -> Server {
    let mut room = Newsroom::new().await;
    let mut items: Vec<Article> = edition().into_iter().rev().map(|i| i.article.article).collect();
    let notice = items.pop().unwrap();
    let lead = items.remove(0);
    room.print_page("yunpu", day(), "01", vec![lead, article(ArticleKind::Masthead, Some("报头"), &["云浦日报"])]).await;
    room.print_page("yunpu", day(), "02", items).await;
    room.print_page("yunpu", day(), "A4", vec![notice]).await;
    let yesterday = day() - Days::new(1);
    room.print_page("yunpu", yesterday, "01", vec![article(ArticleKind::Article, Some("昨天的新闻"), &["文。"])]).await;
    let english = article(ArticleKind::Article, Some("Harbour dredged"), &["The harbour is two feet deeper."]);
    room.print_page("harbour", yesterday, "01", vec![english]).await;
    room.add_feed("water", MatchRule::default());
    Server::start(room).await
}

#[tokio::test]
async fn the_front_page_shows_the_newest_edition_of_each_paper_and_all_feeds() {
    let server = server().await;
    let page = server.page("/", StatusCode::OK).await;
    insta::assert_snapshot!("front", page);
    for (feed, file) in [("yunpu", "rss.xml"), ("water", "feed.json")] {
        assert!(page.contains(&format!("<a href=\"/feeds/{feed}/{file}\">")));
    }
    assert!(page.contains("rel=\"alternate\" type=\"application/atom+xml\""));
    assert!(page.contains("Harbour dredged") && page.contains("油菜花开"));
    assert!(!page.contains("昨天的新闻") && page.contains("/editions/yunpu/2026-03-11"));
    assert!(!page.contains("报头"));
}

#[tokio::test]
async fn every_link_of_the_front_page_leads_somewhere() {
    let server = server().await;
    let page = server.page("/", StatusCode::OK).await;
    let links: Vec<&str> = page.split("href=\"/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(links.len() > 10);
    for link in links {
        assert_eq!(server.get(&format!("/{link}")).await.status(), StatusCode::OK, "/{link}");
    }
}

#[tokio::test]
async fn before_the_first_edition_the_front_page_says_so() {
    let server = Server::start(Newsroom::new().await).await;
    assert!(server.page("/", StatusCode::OK).await.contains("还没有读到报纸。"));
}

#[tokio::test]
async fn an_edition_is_shown_page_by_page_with_the_way_to_its_neighbours() {
    let server = server().await;
    let page = server.page("/editions/yunpu/2026-03-12", StatusCode::OK).await;
    insta::assert_snapshot!("edition", page);
    assert!(page.contains("rel=\"prev\" href=\"/editions/yunpu/2026-03-11\"") && !page.contains("rel=\"next\""));
    let before = server.page("/editions/yunpu/2026-03-11", StatusCode::OK).await;
    assert!(before.contains("rel=\"next\" href=\"/editions/yunpu/2026-03-12\"") && !before.contains("rel=\"prev\""));
}

#[tokio::test]
async fn an_edition_that_there_is_not_is_not_found() {
    let server = server().await;
    for path in ["yunpu/2026-03-10", "yunpu/2026-3-12", "yunpu/today", "unknown/2026-03-12", "yunpu/+262142-12-31", "yunpu/%ff"] {
        server.page(&format!("/editions/{path}"), StatusCode::NOT_FOUND).await;
    }
}

#[tokio::test]
async fn an_article_is_shown_whole_with_the_way_to_its_neighbours() {
    let server = server().await;
    let [lead, photo, bare] = [("01", 0), ("02", 0), ("02", 1)].map(|(page, n)| article_id("yunpu", day(), page, n));
    let page = server.page(&format!("/articles/{lead}"), StatusCode::OK).await;
    insta::assert_snapshot!("article", page);
    let page = server.page(&format!("/articles/{photo}"), StatusCode::OK).await;
    assert!(page.contains(&format!("rel=\"prev\" href=\"/articles/{lead}\"")), "the masthead is passed over");
    assert!(page.contains(&format!("rel=\"next\" href=\"/articles/{bare}\"")));
    assert!(page.contains("摄影：许知") && page.contains("图片新闻"));
}

#[tokio::test]
async fn an_article_that_left_its_page_is_gone_and_its_neighbours_pass_it_over() {
    let server = server().await;
    let [lead, photo, bare] = [("01", 0), ("02", 0), ("02", 1)].map(|(page, n)| article_id("yunpu", day(), page, n));
    let kept = article(ArticleKind::Article, None, &["东门桥昨晚恢复通车，比计划早了九天。"]);
    server.room.print_items("yunpu", day(), "02", vec![(1, kept)]).await;
    let gone = server.page(&format!("/articles/{photo}"), StatusCode::GONE).await;
    assert!(gone.contains("已撤回") && !gone.contains("油菜花"));
    let page = server.page(&format!("/articles/{lead}"), StatusCode::OK).await;
    assert!(page.contains(&format!("rel=\"next\" href=\"/articles/{bare}\"")));
    assert!(!server.page("/", StatusCode::OK).await.contains("油菜花"));
}

#[tokio::test]
async fn a_corrected_article_says_so() {
    let server = server().await;
    let id = article_id("yunpu", day() - Days::new(1), "01", 0);
    let path = format!("/articles/{id}");
    assert!(!server.page(&path, StatusCode::OK).await.contains("已更正"));
    let corrected = article(ArticleKind::Article, Some("昨天的新闻"), &["更正的文。"]);
    server.room.print_page("yunpu", day() - Days::new(1), "01", vec![corrected]).await;
    let page = server.page(&path, StatusCode::OK).await;
    assert!(page.contains("已更正") && page.contains("更正的文。"));
}

#[tokio::test]
async fn an_article_that_there_is_not_is_not_found() {
    let server = server().await;
    for path in ["art_0000000000000000", "art_x", "dig_0000000000000000", "%ff", "..%2f..%2fetc%2fpasswd", "<script>"] {
        let page = server.page(&format!("/articles/{path}"), StatusCode::NOT_FOUND).await;
        assert!(page.contains("没有这一页"));
    }
}

#[tokio::test]
async fn an_english_paper_is_spoken_of_in_english() {
    let server = server().await;
    let page = server.page("/editions/harbour/2026-03-11", StatusCode::OK).await;
    assert!(page.contains("lang=\"en\"") && page.contains("11 March 2026") && page.contains("page 1"));
}

#[tokio::test]
async fn hostile_texts_are_shown_and_do_nothing() {
    let room = Newsroom::new().await;
    let articles: Vec<Article> = (1_u32..).zip(HOSTILE).map(|(n, text)| hostile_item(n, text).article.article).collect();
    let count = articles.len();
    room.print_page("yunpu", day(), "01", articles).await;
    let server = Server::start(room).await;
    let mut pages = vec!["/".to_owned(), "/editions/yunpu/2026-03-12".to_owned()];
    pages.extend((0..count).map(|n| format!("/articles/{}", article_id("yunpu", day(), "01", n))));
    for path in pages {
        let page = server.page(&path, StatusCode::OK).await;
        for raw in ["<script", "<img", "</content>", "<a href=\"/x\"", "<!ENTITY", "<![CDATA["] {
            assert!(!page.contains(raw), "{path} has {raw}");
        }
    }
}

#[tokio::test]
async fn pages_under_a_path_link_below_it() {
    let server = server().await;
    let mut site = server.room.site.clone();
    site.public_url = "https://news.example.org/paper/".to_owned();
    server.served.shown.store(std::sync::Arc::new(Shown { site, feeds: server.room.feeds.clone(), habits: Vec::new() }));
    let page = server.page("/", StatusCode::OK).await;
    assert!(page.contains("href=\"/paper/style.css\"") && page.contains("href=\"/paper/feeds/yunpu/rss.xml\""));
    assert!(page.contains("rel=\"canonical\" href=\"https://news.example.org/paper/\""));
    assert!(!page.contains("href=\"/feeds"));
}

#[tokio::test]
async fn pages_run_nothing_and_are_asked_for_again_by_their_tag() {
    let server = server().await;
    for path in ["/", "/style.css", "/editions/yunpu/2026-03-12"] {
        let response = server.get(path).await;
        let policy = header(response.headers(), "content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self'") && !policy.contains("unsafe"));
        let tag = header(response.headers(), "etag").to_owned();
        let again = server.send(Method::GET, path, &[("if-none-match", &tag)]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
    }
    let missing = server.send(Method::GET, "/nothing", &[("if-none-match", "*")]).await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_browser_that_asks_for_an_icon_gets_one_and_keeps_it() {
    let server = server().await;
    for (path, kind, magic) in [("/favicon.ico", "image/x-icon", &b"\0\0\x01\0\x01\0"[..]), ("/favicon.svg", "image/svg+xml", b"<svg ")] {
        let response = server.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(header(response.headers(), "content-type"), kind);
        assert_eq!(header(response.headers(), "cache-control"), "public, max-age=2592000");
        assert!(header(response.headers(), "content-security-policy").contains("img-src 'self'"));
        let tag = header(response.headers(), "etag").to_owned();
        assert!(response.bytes().await.unwrap().starts_with(magic), "{path}");
        assert_eq!(server.send(Method::GET, path, &[("if-none-match", &tag)]).await.status(), StatusCode::NOT_MODIFIED);
    }
    let front = server.page("/", StatusCode::OK).await;
    assert!(front.contains("<link rel=\"icon\" type=\"image/svg+xml\" href=\"/favicon.svg\">"));
}

#[tokio::test]
async fn health_follows_the_store_and_so_do_the_pages() {
    let mut server = server().await;
    let well = server.get("/health").await;
    assert_eq!((well.status(), well.text().await.unwrap().as_str()), (StatusCode::OK, "ok"));
    server.room.store.close().await;
    let ill = server.get("/health").await;
    assert_eq!((ill.status(), header(ill.headers(), "cache-control")), (StatusCode::SERVICE_UNAVAILABLE, "no-store"));
    server.page("/", StatusCode::SERVICE_UNAVAILABLE).await;
    // Feeds are in memory.
    assert_eq!(server.get("/feeds/yunpu/rss.xml").await.status(), StatusCode::OK);
    server.shutdown.take().unwrap().send(()).unwrap();
    (&mut server.task).await.unwrap();
}
