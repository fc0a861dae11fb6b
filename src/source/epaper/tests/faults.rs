//! What sites do wrong, by mistake or on purpose: a named problem each, and no more requests than need be.

use std::io::Write as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::net::TcpListener;

use super::{Memory, Site, answer, date, html, missing, on, pass};
use crate::model::{ArticleKind, DayAnswer};
use crate::outgoing::Lookup;
use crate::source::Dates;

const CLASSIC: [&str; 2] = ["address/founder-classic", "template/classic"];

/// A page of two in the classic form, with the articles of these numbers.
fn node(articles: &[u32]) -> String {
    let links: String = articles.iter().map(|n| format!("<li><a href=content_{n}.htm?div=-1><div id=mp{n}>标题{n}</div></a>")).collect();
    format!(
        "<map name=PagePicMap></map><ul>{links}</ul><table><tr><td><a id=pageLink href=./node_1.htm>第01版：要闻</a></td></tr><tr><td><a id=pageLink href=node_7.htm>第02版：综合</a></td></tr></table>"
    )
}

fn content(n: u32, body: &str) -> String {
    format!("<founder-title>标题{n}</founder-title><founder-content>{body}</founder-content>")
}

/// The usual issue: two pages, one article each; the latest one is of the 22nd.
fn usual(path: &str) -> Vec<u8> {
    match path {
        "/html/2023-02/20/node_1.htm" => html(&node(&[1])),
        "/html/2023-02/20/node_7.htm" => html(&node(&[2])),
        "/html/2023-02/22/node_1.htm" => html(&node(&[])),
        "/html/2023-02/20/content_1.htm" => html(&content(1, "<p>堤岸加固完工。</p>")),
        "/html/2023-02/20/content_2.htm" => html(&content(2, "<p>水位已经回落。</p>")),
        "/paperindex.htm" => html("<META HTTP-EQUIV=REFRESH CONTENT='0; URL=html/2023-02/22/node_1.htm'>"),
        _ => missing(),
    }
}

/// What is told of the usual issue where one path is answered otherwise.
async fn told(path: &'static str, otherwise: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static, own: &str) -> (super::Told, Vec<String>) {
    let site = Site::serve(move |asked, count| if asked == path { otherwise(count) } else { usual(asked) }).await;
    let shelf = Arc::new(Memory::default());
    let told = pass(&site.config("", &CLASSIC, own), &site.world(&shelf), &shelf, on("2023-02-20")).await;
    (told, site.asked())
}

#[tokio::test]
async fn an_issue_is_read_whole_with_each_address_once() {
    let (told, asked) = told("", |_| missing(), "").await;
    assert_eq!((told.answers(), told.codes(), told.whole), (vec![DayAnswer::Issue], Vec::<String>::new(), Some(true)));
    assert_eq!(told.article("标题1").paragraphs, ["堤岸加固完工。"]);
    assert_eq!(asked.len(), 5, "{asked:?}");
}

#[tokio::test]
async fn a_redirect_without_end_is_a_problem_within_its_bound() {
    let site = Site::serve(move |path, count| match path {
        path if path.starts_with("/html/2023-02/20/node_1.htm") => {
            answer("302 Found", &format!("Location: /html/2023-02/20/node_1.htm?n={count}{}\r\n", path.len()), b"")
        }
        path => usual(path),
    })
    .await;
    let shelf = Arc::new(Memory::default());
    let told = pass(&site.config("", &CLASSIC, ""), &site.world(&shelf), &shelf, on("2023-02-20")).await;
    assert_eq!((told.answers(), told.codes()), (vec![DayAnswer::Unknown], vec!["site-redirects".to_owned()]));
    assert!(site.asked().len() < 20, "{:?}", site.asked());
}

#[tokio::test]
async fn bodies_that_are_too_large_or_never_end_are_problems() {
    let bomb = {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        (0..64).for_each(|_| encoder.write_all(&[b' '; 1 << 20]).unwrap());
        encoder.finish().unwrap()
    };
    let cases: [(&str, Vec<u8>); 3] = [
        ("larger than", answer("200 OK", "Content-Encoding: gzip\r\n", &bomb)),
        ("larger than", b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\nfirst".to_vec()),
        ("not done within", b"HTTP/1.1 200 OK\r\n\r\nonce upon a time <!-- never -->".to_vec()),
    ];
    for (why, bytes) in cases {
        let (told, _) = told("/html/2023-02/20/content_1.htm", move |_| bytes.clone(), "fetch.timeout = 1.0\nfetch.retries = 0").await;
        let problem = told.pages[0].problems.iter().find(|problem| problem.code == "article-unread").unwrap();
        assert!(problem.message.contains(why), "{problem}");
        assert_eq!((told.whole, told.article("标题2").paragraphs.len()), (Some(false), 1));
    }
}

#[tokio::test]
async fn nothing_is_asked_of_other_hosts_and_of_none_inside() {
    for target in ["http://169.254.169.254/latest/meta-data", "http://elsewhere.example/x", "http://127.0.0.1:1/x", "ftp://127.0.0.1/x"] {
        let to = answer("302 Found", &format!("Location: {target}\r\n"), b"");
        let (told, _) = told("/html/2023-02/20/content_1.htm", move |_| to.clone(), "fetch.retries = 0").await;
        let problem = &told.pages[0].problems[0];
        assert!(problem.code == "article-unread" && problem.message.contains("no host of this source"), "{target}: {problem}");
    }
}

/// A name server that leads to the site until a page has been asked for, and to another machine inside
/// ever after.
struct Turning {
    turned: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
}

#[async_trait]
impl Lookup for Turning {
    async fn addresses(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let last = if self.turned.load(Ordering::SeqCst) { 2 } else { 1 };
        Ok(vec![IpAddr::from([127, 0, 0, last])])
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_after_the_first_look_up_is_refused() {
    let trap = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let (inside, turned, asked) = (trap.local_addr().unwrap().port(), Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let turns = Arc::clone(&turned);
    let site = Site::serve(move |path, _| match path {
        "/html/2023-02/20/content_2.htm" => {
            turns.store(true, Ordering::SeqCst);
            answer("302 Found", &format!("Location: http://paper.example:{inside}/content_2.htm\r\n"), b"")
        }
        path => usual(path),
    })
    .await;
    let shelf = Arc::new(Memory::default());
    // The name is allowed to lead to this machine at the site's port, as that of a mirror is.
    let named = format!("paper.example:{}", site.port);
    let world = site.world_with(&shelf, Arc::new(Turning { turned, asked: Arc::clone(&asked) }), std::slice::from_ref(&named));
    let own = format!("fetch.hosts = ['paper.example:{inside}']\nfetch.retries = 1");
    let mut config = site.config("", &CLASSIC, &own);
    config.description.site = format!("http://{named}/").parse().unwrap();
    let told = pass(&config, &world, &shelf, on("2023-02-20")).await;
    let problem = told.pages.iter().flat_map(|page| &page.problems).find(|problem| problem.code == "article-unread").unwrap();
    assert!(problem.message.contains("paper.example leads to 127.0.0.2 (this machine)"), "{problem}");
    assert_eq!(told.article("标题1").paragraphs, ["堤岸加固完工。"], "the rest of the issue is undisturbed");
    assert!(asked.load(Ordering::SeqCst) > 1, "the name was looked up before and after it turned");
    let touched = tokio::time::timeout(Duration::from_millis(50), trap.accept()).await;
    assert!(touched.is_err(), "nobody may have connected to the other machine");
}

/// The usual issue with a page of the same text at the addresses of the day after, and none of these
/// addresses or pages with a date in it.
fn repeated(path: &str) -> Vec<u8> {
    usual(&path.replace("/2023-02/21/", "/2023-02/20/"))
}

#[tokio::test]
async fn the_issue_of_a_day_before_under_a_new_date_is_none() {
    let site = Site::serve(|path, _| repeated(path)).await;
    let (shelf, config) = (Arc::new(Memory::default()), site.config("", &CLASSIC, ""));
    let both = Dates { from: Some(date("2023-02-20")), to: Some(date("2023-02-21")) };
    for _ in 0..2 {
        let told = pass(&config, &site.world(&shelf), &shelf, both).await;
        assert_eq!((told.answers(), told.codes()), (vec![DayAnswer::Issue, DayAnswer::None], vec!["issue-repeated".to_owned()]));
        assert!(told.days[1].why.contains("2023-02-20") && told.pages.iter().all(|page| page.key.date == date("2023-02-20")));
    }
}

#[tokio::test]
async fn an_issue_that_repeats_an_article_is_a_new_one() {
    let site = Site::serve(|path, _| match path {
        "/html/2023-02/21/content_2.htm" => html(&content(2, "<p>水位又涨了一尺。</p>")),
        path => repeated(path),
    })
    .await;
    let (shelf, config) = (Arc::new(Memory::default()), site.config("", &CLASSIC, ""));
    let both = Dates { from: Some(date("2023-02-20")), to: Some(date("2023-02-21")) };
    let told = pass(&config, &site.world(&shelf), &shelf, both).await;
    assert_eq!((told.answers(), told.pages.len()), (vec![DayAnswer::Issue; 2], 4));
}

#[tokio::test]
async fn none_needs_a_sign_that_the_site_works() {
    // Nothing there, and the latest issue is another one.
    let (told, _) = told("/html/2023-02/20/node_1.htm", |_| missing(), "").await;
    assert_eq!(told.answers(), [DayAnswer::None], "{}", told.days[0].why);
    for (what, status, code) in [
        ("nothing is there at all", "404 Not Found", "site-changed"),
        ("the site knows no program", "403 Forbidden", "site-closed"),
        ("the site is down", "503 Service Unavailable", "site-refused"),
    ] {
        let site =
            Site::serve(move |path, _| if path == "/robots.txt" { missing() } else { answer(status, "Retry-After: 0\r\n", b"") }).await;
        let shelf = Arc::new(Memory::default());
        let told = pass(&site.config("", &CLASSIC, ""), &site.world(&shelf), &shelf, on("2023-02-20")).await;
        assert_eq!((told.answers(), told.codes()), (vec![DayAnswer::Unknown], vec![code.to_owned()]), "{what}: {}", told.days[0].why);
    }
}

#[tokio::test]
async fn a_page_of_another_day_is_no_issue_of_this_one() {
    let old = node(&[]).replace("./node_1.htm", "../19/node_1.htm").replace("=node_7.htm", "=../19/node_7.htm");
    let dated = format!("<span class=paperdate>2023年2月19日</span>{}", node(&[1]));
    for page in [old, dated] {
        let (told, _) = told("/html/2023-02/20/node_1.htm", move |_| html(&page), "").await;
        assert!(told.answers() == [DayAnswer::None] && told.days[0].why.contains("2023-02-19"), "{}", told.days[0].why);
    }
}

#[tokio::test]
async fn today_without_an_issue_means_not_yet() {
    let site = Site::serve(|path, _| usual(path)).await;
    let shelf = Arc::new(Memory::default());
    let told = pass(&site.config("", &CLASSIC, ""), &site.world(&shelf), &shelf, on("2023-02-23")).await;
    assert_eq!(told.answers(), [DayAnswer::NotYet]);
}

#[tokio::test]
async fn a_redesign_is_an_alarm_and_no_empty_day() {
    let (told, _) = told("/paperindex.htm", |_| html("<div id=app></div>"), "").await;
    assert_eq!(told.answers(), [DayAnswer::Issue]);
    let site = Site::serve(|path, _| if path == "/robots.txt" { missing() } else { html("<div id=app></div>") }).await;
    let shelf = Arc::new(Memory::default());
    let told = pass(&site.config("", &CLASSIC, ""), &site.world(&shelf), &shelf, on("2023-02-20")).await;
    assert_eq!((told.answers(), told.codes()), (vec![DayAnswer::Unknown], vec!["site-changed".to_owned()]));
}

#[tokio::test]
async fn what_passes_is_tried_again_and_what_was_cut_short_too() {
    let (first, asked) = told(
        "/html/2023-02/20/content_1.htm",
        |count| match count {
            1 => answer("429 Too Many Requests", "Retry-After: 0\r\n", b""),
            2 => b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<founder-title>half".to_vec(),
            _ => usual("/html/2023-02/20/content_1.htm"),
        },
        "",
    )
    .await;
    assert_eq!(first.article("标题1").paragraphs, ["堤岸加固完工。"]);
    assert_eq!(asked.iter().filter(|path| path.ends_with("content_1.htm")).count(), 3);
    // Whoever asks for an hour is left alone until the next pass.
    let (told, asked) = told("/html/2023-02/20/content_1.htm", |_| answer("503 Busy", "Retry-After: 3600\r\n", b""), "").await;
    assert!(told.codes().contains(&"article-unread".to_owned()));
    assert_eq!(asked.iter().filter(|path| path.ends_with("content_1.htm")).count(), 1);
}

#[tokio::test]
async fn robots_txt_is_obeyed_unless_the_paper_is_ones_own() {
    let rules = |_| answer("200 OK", "Content-Type: text/plain\r\n", b"User-agent: *\nDisallow: /html/\n");
    let (obeyed, asked) = told("/robots.txt", rules, "").await;
    assert_eq!((obeyed.answers(), obeyed.codes()), (vec![DayAnswer::Unknown], vec!["site-robots".to_owned()]));
    assert!(asked.iter().all(|path| !path.starts_with("/html/")), "{asked:?}");
    let (own, asked) = told("/robots.txt", rules, "fetch.robots = 'my-own-paper'").await;
    assert!(own.answers() == [DayAnswer::Issue] && !asked.contains(&"/robots.txt".to_owned()));
}

#[tokio::test]
async fn a_source_asks_for_no_more_than_it_may_in_a_day() {
    let (told, asked) = told("", |_| missing(), "fetch.requests = 3").await;
    assert_eq!((told.codes(), told.whole, asked.len()), (vec!["site-spent".to_owned()], Some(false), 3));
}

#[tokio::test]
async fn the_gap_between_requests_is_kept_and_newsboy_says_who_it_is() {
    let site = Site::serve(|path, _| usual(path)).await;
    let shelf = Arc::new(Memory::default());
    let config = site.config("", &CLASSIC, "");
    let mut polite = config.clone();
    polite.description.fetch.min_gap = 0.15;
    pass(&polite, &site.world(&shelf), &shelf, on("2023-02-20")).await;
    let log = site.log.lock().unwrap();
    assert!(log.windows(2).all(|pair| pair[1].0 - pair[0].0 >= Duration::from_millis(150)));
    assert!(log.iter().all(|(_, _, head)| head.to_lowercase().contains("user-agent: newsboy/")));
}

#[test]
fn a_polite_reader_leaves_more_than_a_second() {
    let site = Site { port: 80, log: Arc::default() };
    assert!(site.config("", &CLASSIC, "").description.fetch.min_gap.abs() < f64::EPSILON);
    let layers = CLASSIC.iter().map(|name| super::Layer::parse(super::preset(name).unwrap().text).unwrap());
    let description = super::Description::new("https://paper.example/".parse().unwrap(), layers).unwrap();
    assert!(description.fetch.min_gap >= 1.2);
}

#[tokio::test]
async fn the_site_is_not_trusted_with_markup() {
    let body = "<p onclick='x()'>堤岸<script>alert('gotcha')</script>加固。</p><p><img src=\"javascript:alert(1)\"><a href='javascript:alert(2)'>水位</a>回落。</p>";
    let (told, _) = told("/html/2023-02/20/content_1.htm", move |_| html(&content(1, body)), "").await;
    let article = told.article("标题1");
    assert_eq!(article.paragraphs, ["堤岸加固。", "水位回落。"]);
    assert!(article.site.as_ref().unwrap().pictures.is_empty());
    assert_eq!(article.kind, ArticleKind::Article);
}

#[tokio::test]
async fn a_request_for_past_days_goes_on_where_it_was_broken_off() {
    let site = Site::serve(|path, _| usual(path)).await;
    let shelf = Arc::new(Memory::default());
    let (config, world) = (site.config("", &CLASSIC, ""), site.world(&shelf));
    let dates = Dates { from: Some(date("2023-02-18")), to: Some(date("2023-02-20")) };
    shelf.past.lock().unwrap().insert((date("2023-02-18"), date("2023-02-20")), date("2023-02-19"));
    let told = pass(&config, &world, &shelf, dates).await;
    assert_eq!(told.days.iter().map(|day| day.date.to_string()).collect::<Vec<_>>(), ["2023-02-20"]);
    assert!(shelf.past.lock().unwrap().is_empty(), "it is done");
    let told = pass(&config, &world, &shelf, dates).await;
    assert_eq!(told.days.len(), 3, "asked for anew, all of it is looked at again");
}

#[tokio::test]
async fn pages_without_articles_are_an_alarm() {
    let site = Site::serve(|path, _| match path {
        "/html/2023-02/20/node_1.htm" | "/html/2023-02/20/node_7.htm" => html(&node(&[])),
        path => usual(path),
    })
    .await;
    let shelf = Arc::new(Memory::default());
    let told = pass(&site.config("", &CLASSIC, ""), &site.world(&shelf), &shelf, on("2023-02-20")).await;
    assert!(told.codes().contains(&"issue-no-articles".to_owned()) && told.codes().contains(&"page-no-articles".to_owned()));
}
