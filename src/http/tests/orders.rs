//! Feeds on order, archives, feeds that want a token, the list of feeds, and the search for people.

#![allow(clippy::unwrap_used)]

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::{Days, NaiveDate};
use reqwest::{Method, StatusCode};

use super::{Server, header};
use crate::feed::specimen::{article, edition};
use crate::feed::{FeedConfig, Format, MatchRule};
use crate::jobs::publish_feeds::newsroom::{Newsroom, day, noon};
use crate::model::{Article, ArticleKind, Secret};

const TOKEN: &str = "a-token-of-a-good-length";

fn days_ago(days: u64) -> NaiveDate {
    day() - Days::new(days)
}

/// Three editions of one paper, one of another, a feed by words and one that wants a token.
pub(super) async fn room() -> Newsroom {
    let mut room = Newsroom::new().await;
    let items: Vec<Article> = edition().into_iter().rev().map(|i| i.article.article).collect();
    room.print_page("yunpu", day(), "01", items).await;
    for (days, headline) in [(2, "前天的新能源"), (1, "昨天的新能源")] {
        let news = Article {
            section: Some("社会".to_owned()), ..article(ArticleKind::Article, Some(headline), &["公交换成新能源车。"])
        };
        room.print_page("yunpu", days_ago(days), "02", vec![news]).await;
    }
    let english = article(ArticleKind::Article, Some("Harbour dredged"), &["The harbour is two feet deeper."]);
    room.print_page("harbour", days_ago(1), "01", vec![english]).await;
    room.add_feed("water", MatchRule { any: vec!["水".to_owned()], ..MatchRule::default() });
    room.add_feed("desk", MatchRule::default());
    let private = room.feeds.last_mut().unwrap();
    *private = FeedConfig { token: Some(Secret::new(TOKEN)), ..private.clone() };
    room
}

async fn server() -> Server {
    Server::start(room().await).await
}

async fn text(server: &Server, path: &str) -> String {
    let response = server.get(path).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    response.text().await.unwrap()
}

#[tokio::test]
async fn a_section_a_page_an_edition_and_a_query_are_feeds_in_every_format() {
    let server = server().await;
    for (path, headlines) in [
        ("/feeds/yunpu/sections/%E7%A4%BE%E4%BC%9A/", &["昨天的新能源", "前天的新能源"][..]),
        ("/feeds/yunpu/sections/%E8%A6%81%E9%97%BB/", &["云浦今年要办十件实事"]),
        ("/feeds/yunpu/pages/02/", &["昨天的新能源", "前天的新能源"]),
        ("/editions/yunpu/2026-03-11/", &["昨天的新能源"]),
        ("/editions/harbour/2026-03-11/", &["Harbour dredged"]),
    ] {
        for format in Format::ALL {
            let response = server.get(&format!("{path}{}", format.file_name())).await;
            assert_eq!(response.status(), StatusCode::OK, "{path} {format:?}");
            assert_eq!(header(response.headers(), "content-type"), format.content_type());
            assert!(response.headers().contains_key("etag") && response.headers().contains_key("last-modified"));
            let text = response.text().await.unwrap();
            let entries = text.matches(match format {
                Format::Rss => "<item>",
                Format::Atom => "<entry>",
                Format::Json => "\"date_modified\"",
            });
            assert_eq!(entries.count(), headlines.len(), "{path} {format:?}");
            assert!(headlines.iter().all(|headline| text.contains(headline)), "{path} {format:?}");
            assert!(text.contains(&format!("https://news.example.org{path}{}", format.file_name())), "its own address");
        }
    }
}

#[tokio::test]
async fn a_query_is_a_feed_whose_address_is_the_one_that_was_asked_for() {
    let server = server().await;
    for ending in ["rss", "atom", "json"] {
        let asked = "q=%E6%96%B0%E8%83%BD%E6%BA%90&source=yunpu&limit=1&full=0";
        let text = text(&server, &format!("/search.{ending}?{asked}")).await;
        let own = format!("https://news.example.org/search.{ending}?{asked}");
        assert!(text.contains(&if ending == "json" { own } else { own.replace('&', "&amp;") }), "{ending}");
        assert!(text.contains("昨天的新能源") && !text.contains("前天的新能源"), "{ending}: the newest one");
        assert!(!text.contains("要闻"));
    }
    assert!(!text(&server, "/search.atom?q=%E6%96%B0%E8%83%BD%E6%BA%90+-%E6%98%A8%E5%A4%A9").await.contains("昨天的新能源"));
    assert!(!text(&server, "/search.atom?q=%E6%97%A0%E4%BA%BA%E7%9F%A5").await.contains("<entry>"), "an empty feed can be subscribed to");
    assert_eq!(server.get("/search.atom?q=").await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_feed_on_order_costs_nothing_while_nothing_changes() {
    let server = server().await;
    let path = "/search.rss?q=%E6%96%B0%E8%83%BD%E6%BA%90";
    let first = server.send(Method::GET, path, &[("accept-encoding", "gzip")]).await;
    assert_eq!(header(first.headers(), "content-encoding"), "gzip");
    let (etag, modified) = (header(first.headers(), "etag").to_owned(), header(first.headers(), "last-modified").to_owned());
    for _ in 0..100 {
        let again = server.send(Method::GET, path, &[("accept-encoding", "gzip"), ("if-none-match", &etag)]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert!(again.bytes().await.unwrap().is_empty());
    }
    assert_eq!(server.send(Method::GET, path, &[("if-modified-since", &modified)]).await.status(), StatusCode::NOT_MODIFIED);
    // A change elsewhere makes the feed anew, and the same.
    server.room.print_page("yunpu", day(), "09", vec![article(ArticleKind::Article, Some("别的"), &["事。"])]).await;
    let after = server.send(Method::GET, path, &[("accept-encoding", "gzip"), ("if-none-match", &etag)]).await;
    assert_eq!(after.status(), StatusCode::NOT_MODIFIED);
    server.room.print_page("yunpu", day(), "10", vec![article(ArticleKind::Article, Some("又一个新能源"), &["事。"])]).await;
    let after = server.send(Method::GET, path, &[("accept-encoding", "gzip"), ("if-none-match", &etag)]).await;
    assert_eq!(after.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_never_was_is_no_feed() {
    let server = server().await;
    for path in [
        "/feeds/yunpu/sections/%E6%97%A0/rss.xml",
        "/feeds/none/sections/%E7%A4%BE%E4%BC%9A/rss.xml",
        "/feeds/yunpu/pages/99/rss.xml",
        "/feeds/yunpu/pages/02/none.xml",
        "/editions/yunpu/2020-01-01/rss.xml",
        "/editions/none/2026-03-11/rss.xml",
        "/feeds/yunpu/archive/2026-03-12/0123456789abcdef/atom.xml",
        "/feeds/yunpu/archive/2026-03-11/nonsense/atom.xml",
        "/feeds/yunpu/archive/2026-3-11/next/atom.xml",
        "/feeds/yunpu/2020-01-01.atom",
        "/feeds/yunpu/2026-03-11.xml",
    ] {
        assert_eq!(server.get(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

/// The address of a relation of a feed, as a path of the server.
fn related(atom: &str, relation: &str) -> Option<String> {
    let link = atom.split("<link ").find(|link| link.contains(&format!("rel=\"{relation}\"")))?;
    let href = link.split("href=\"").nth(1)?.split('"').next()?;
    Some(href.replace("https://news.example.org", ""))
}

/// All headlines of the feed's history, walked as RFC 5005 tells a reader to.
async fn history(server: &Server) -> Vec<(String, String)> {
    let mut documents = Vec::new();
    let mut document = text(server, "/feeds/yunpu/atom.xml").await;
    while let Some(path) = related(&document, "prev-archive") {
        document = text(server, &path).await;
        assert_eq!(related(&document, "current").as_deref(), Some("/feeds/yunpu/atom.xml"));
        assert_eq!(related(&document, "self").as_deref(), Some(path.as_str()));
        assert!(document.contains("<fh:archive>"));
        documents.push((path, document.clone()));
    }
    documents
}

#[tokio::test]
async fn a_reader_walks_back_through_the_archives_and_forward_again() {
    let server = server().await;
    let archives = history(&server).await;
    let dates: Vec<&str> = archives.iter().map(|(path, _)| path.split('/').nth(4).unwrap()).collect();
    assert_eq!(dates, ["2026-03-11", "2026-03-10"], "the newest edition is not closed yet");
    assert!(archives[0].1.contains("昨天的新能源") && archives[1].1.contains("前天的新能源"));
    let next = server.get(&related(&archives[1].1, "next-archive").unwrap()).await;
    assert_eq!((next.status().as_u16(), header(next.headers(), "location")), (307, archives[0].0.as_str()));
    let next = server.get(&related(&archives[0].1, "next-archive").unwrap()).await;
    assert_eq!(header(next.headers(), "location"), "/feeds/yunpu/atom.xml", "from the last one to the subscription document");
    let dated = server.get("/feeds/yunpu/2026-03-10.atom").await;
    assert_eq!((dated.status().as_u16(), header(dated.headers(), "location")), (307, archives[1].0.as_str()));
    let response = server.get(&archives[0].0).await;
    assert_eq!(header(response.headers(), "cache-control"), "public, max-age=31536000, immutable");
    assert!(!response.headers().contains_key("link"));
    let json = text(&server, "/feeds/yunpu/feed.json").await;
    assert!(json.contains("\"next_url\":\"https://news.example.org/feeds/yunpu/archive/2026-03-11/"));
}

#[tokio::test]
async fn a_correction_a_withdrawal_and_an_edition_filled_in_make_new_versions_and_the_old_ones_are_gone() {
    let server = server().await;
    let before = history(&server).await;
    let corrected = article(ArticleKind::Article, Some("前天的新能源"), &["公交换成新能源车，共二十辆。"]);
    server.room.print_page("yunpu", days_ago(2), "02", vec![corrected]).await;
    server.room.publish(noon()).await;
    let after = history(&server).await;
    assert!(after[1].1.contains("共二十辆"));
    for ((old, _), (new, _)) in before.iter().zip(&after) {
        assert_ne!(old, new, "whoever walks back comes to what has changed");
        let gone = server.get(old).await;
        assert_eq!((gone.status(), header(gone.headers(), "cache-control")), (StatusCode::GONE, "public, max-age=60"));
    }
    let subscription = text(&server, "/feeds/yunpu/atom.xml").await;
    let news = subscription.split("<entry>").nth(1).unwrap();
    assert!(news.contains("前天的新能源") && news.contains("term=\"corrected\""), "the correction is news, and is marked");

    server.room.print_page("yunpu", days_ago(2), "02", Vec::new()).await;
    server.room.publish(noon()).await;
    let withdrawn = history(&server).await;
    assert!(!withdrawn[1].1.contains("前天的新能源"));
    assert_eq!(server.get(&after[1].0).await.status(), StatusCode::GONE);

    server.room.print_page("yunpu", days_ago(9), "01", vec![article(ArticleKind::Article, Some("补录"), &["旧闻。"])]).await;
    server.room.publish(noon()).await;
    let filled = history(&server).await;
    assert_eq!(filled.len(), 3);
    assert!(filled[2].1.contains("补录"));
    assert_eq!(server.get(&withdrawn[1].0).await.status(), StatusCode::GONE);
}

#[tokio::test]
async fn a_feed_that_wants_a_token_is_shown_to_who_has_it_and_named_nowhere() {
    let server = server().await;
    let basic = |password: &str| format!("Basic {}", BASE64_STANDARD.encode(format!("anybody:{password}")));
    for format in Format::ALL {
        let path = format!("/feeds/desk/{}", format.file_name());
        for (authorization, status) in
            [(None, 401), (Some(basic("wrong")), 401), (Some(format!("Bearer {TOKEN}")), 401), (Some(basic(TOKEN)), 200)]
        {
            let headers: Vec<(&str, &str)> = authorization.iter().map(|value| ("authorization", value.as_str())).collect();
            let response = server.send(Method::GET, &path, &headers).await;
            assert_eq!(response.status().as_u16(), status, "{authorization:?}");
            let (challenge, caching) = (header(response.headers(), "www-authenticate"), header(response.headers(), "cache-control"));
            if status == 401 {
                assert!(challenge.starts_with("Basic ") && caching == "no-store");
                assert!(!response.text().await.unwrap().contains(TOKEN));
            } else {
                assert_eq!(caching, "private, max-age=60");
                assert!(!response.headers().contains_key("link"));
                assert!(!response.text().await.unwrap().contains(TOKEN), "a feed that is handed on gives nothing away");
            }
        }
        let by_path = |token: &str| format!("/feeds/desk/{token}/{}", format.file_name());
        assert_eq!(server.get(&by_path(TOKEN)).await.status(), StatusCode::OK);
        assert_eq!(server.get(&by_path("another-token-of-good-length")).await.status(), StatusCode::FORBIDDEN);
    }
    assert_eq!(server.get(&format!("/feeds/yunpu/{TOKEN}/rss.xml")).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(server.get("/feeds/desk/2026-03-11.atom").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(server.get("/feeds/desk/archive/2026-03-11/next/atom.xml").await.status(), StatusCode::NOT_FOUND);
    for page in ["/", "/feeds", "/feeds.opml"] {
        assert!(!text(&server, page).await.contains("/feeds/desk/"), "{page}");
    }
    assert!(!server.room.folder.path().join("feeds/desk").exists(), "not in a folder that any web server may serve");
    assert!(server.room.folder.path().join("feeds/water/rss.xml").exists());
}

#[tokio::test]
async fn the_list_of_feeds_names_every_feed_with_its_sections_and_pages() {
    let server = server().await;
    let response = server.get("/feeds.opml").await;
    assert_eq!(header(response.headers(), "content-type"), "text/x-opml; charset=utf-8");
    let opml = response.text().await.unwrap();
    let addresses: Vec<&str> =
        opml.split("xmlUrl=\"https://news.example.org").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    for address in [
        "/feeds/yunpu/rss.xml",
        "/feeds/water/rss.xml",
        "/feeds/yunpu/pages/02/rss.xml",
        "/feeds/yunpu/sections/%E7%A4%BE%E4%BC%9A/rss.xml",
    ] {
        assert!(addresses.contains(&address), "{address} in {addresses:?}");
    }
    for address in addresses {
        assert_eq!(server.get(address).await.status(), StatusCode::OK, "{address}");
    }
}

#[tokio::test]
async fn a_search_shows_what_it_found_marked_and_leads_to_its_feed() {
    let server = server().await;
    let page = server.page("/search?q=%E6%96%B0%E8%83%BD%E6%BA%90&source=yunpu", StatusCode::OK).await;
    assert_eq!(page.matches("<mark>新能源</mark>").count(), 4, "in two headlines and two bodies");
    assert!(page.contains("找到 2 篇"));
    let feed = "/search.rss?q=%E6%96%B0%E8%83%BD%E6%BA%90&amp;source=yunpu";
    assert!(
        page.contains(&format!("<a href=\"{feed}\">RSS</a>")) && page.contains(&format!("title=\"搜索：新能源 (RSS)\" href=\"{feed}\""))
    );
    assert_eq!(server.get(&feed.replace("&amp;", "&")).await.status(), StatusCode::OK);
    let nothing = server.page("/search?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E", StatusCode::OK).await;
    assert!(nothing.contains("没有找到") && nothing.contains("&lt;script&gt;"));
    assert!(server.page("/search", StatusCode::OK).await.contains("词之间用空格隔开"));
}

#[tokio::test]
async fn results_are_leafed_through() {
    let room = room().await;
    let many = (1..=45).map(|n| article(ArticleKind::Article, Some(&format!("第{n}条")), &["电网改造。"])).collect();
    room.print_page("yunpu", days_ago(3), "05", many).await;
    let server = Server::start(room).await;
    let mut path = "/search?q=%E7%94%B5%E7%BD%91".to_owned();
    let (mut hits, mut pages) = (0, 0);
    loop {
        let page = server.page(&path, StatusCode::OK).await;
        hits += page.matches("<mark>电网</mark>").count();
        pages += 1;
        let Some(next) = page.split("rel=\"next\" href=\"").nth(1) else { break };
        path = next.split('"').next().unwrap().replace("&amp;", "&");
    }
    assert_eq!((hits, pages), (45, 3));
}

#[tokio::test]
async fn the_form_builds_a_feed_that_does_what_it_says() {
    let server = server().await;
    let page = server
        .page(
            "/feeds?any=%E6%96%B0%E8%83%BD%E6%BA%90%E3%80%81harbour&none=%E6%98%A8%E5%A4%A9&source=&section=&kind=&full=0",
            StatusCode::OK,
        )
        .await;
    let made = page.split("<section class=\"made\">").nth(1).unwrap();
    let feed = made.split("href=\"").nth(2).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    assert!(feed.starts_with("/search.atom?q="), "{feed}");
    let atom = text(&server, &feed).await;
    assert!(atom.contains("前天的新能源") && atom.contains("Harbour dredged") && !atom.contains("昨天的新能源"));
    assert!(made.contains("前天的") && made.contains("</mark> dredged"), "it shows what the feed has");
    assert!(!server.page("/feeds", StatusCode::OK).await.contains("class=\"made\""));
}

#[tokio::test]
async fn pages_speak_the_reader_s_language_and_papers_their_own() {
    let server = server().await;
    for (language, ui, word) in [("en-GB,en;q=0.8", "en", "Earlier editions"), ("zh-CN,zh;q=0.9,en;q=0.5", "zh-Hans", "往期")] {
        let response = server.send(Method::GET, "/", &[("accept-language", language)]).await;
        assert_eq!(header(response.headers(), "vary"), "accept-language");
        let page = response.text().await.unwrap();
        assert!(page.contains(&format!("<html lang=\"{ui}\">")) && page.contains(word), "{language}");
        assert!(page.contains("lang=\"zh-Hans\" dir=\"ltr\"") && page.contains("昨天的新能源") == page.contains("never"), "{language}");
    }
}

#[tokio::test]
async fn an_edition_is_leafed_through_page_by_page() {
    let room = room().await;
    room.print_page("yunpu", day(), "02", vec![article(ArticleKind::Article, Some("二版头条"), &["二版的正文在此。"])]).await;
    let server = Server::start(room).await;
    let first = server.page("/editions/yunpu/2026-03-12/01", StatusCode::OK).await;
    assert!(first.contains("云浦今年要办十件实事") && !first.contains("二版头条"));
    assert!(first.contains("rel=\"next\" href=\"/editions/yunpu/2026-03-12/02\"") && !first.contains("rel=\"prev\""));
    let second = server.page("/editions/yunpu/2026-03-12/02", StatusCode::OK).await;
    assert!(second.contains("二版的正文在此") && second.contains("rel=\"prev\" href=\"/editions/yunpu/2026-03-12/01\""));
    assert!(second.contains("aria-current=\"page\""));
    for path in ["/editions/yunpu/2026-03-12/03", "/editions/yunpu/2026-03-12/2", "/editions/yunpu/2026-03-12/"] {
        server.page(path, StatusCode::NOT_FOUND).await;
    }
}
