//! Sites that do wrong, beside one that does not: what reaches the store and the feeds.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::house::{House, get, wait_for};
use crate::receiver::{Play, Receiver};
use crate::site::{Page, Site};

const PAGE: &str = "<map name=PagePicMap></map><table><tr><td><a id=pageLink href=node_1.htm>第01版：要闻</a></td></tr></table>";

/// The front page with links to articles of these numbers.
fn front(numbers: &[u32]) -> Page {
    let links: String = numbers.iter().map(|n| format!("<li><a href=content_{n}.htm><div id=mp{n}></div></a></li>")).collect();
    Page::html(&format!("{PAGE}<ul>{links}</ul>"))
}

fn article(headline: &str, text: &str) -> Page {
    Page::html(&format!("<founder-title>{headline}</founder-title><founder-content><p>{text}</p></founder-content>"))
}

fn latest(day: &str) -> Page {
    Page::html(&format!("<META HTTP-EQUIV=REFRESH CONTENT='0; URL=html/{day}/node_1.htm'>"))
}

/// A site with an issue of two articles.
fn healthy() -> Site {
    Site::serve(|asked| match asked.path.as_str() {
        "/paperindex.htm" => latest("2023-02/20"),
        "/html/2023-02/20/node_1.htm" => front(&[1, 2]),
        "/html/2023-02/20/content_1.htm" => article("渡口复航", "停了两月的渡船今晨开行。"),
        "/html/2023-02/20/content_2.htm" => article("麦田返青", "北坡的麦子已经返青。"),
        _ => Page::missing(),
    })
}

fn source(name: &str, port: u16, more: &str) -> String {
    format!(
        "[[source]]\nname = \"{name}\"\nkind = \"epaper\"\nsite = \"http://127.0.0.1:{port}/\"\nextends = [\"address/founder-classic\", \"template/classic\"]\nlanguage = \"zh-Hans\"\ntimezone = \"Asia/Shanghai\"\nfetch.min_gap = 0.0\nfetch.retries = 0\n{more}\n\n"
    )
}

fn articles(house: &House, source: &str) -> Vec<Value> {
    let printed = house.run_well(&["articles", "--source", source, "--json"]);
    printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn an_old_issue_under_a_new_date_is_published_once() {
    let phase = Arc::new(AtomicUsize::new(0));
    let now = Arc::clone(&phase);
    let site = Site::serve(move |asked| {
        let path = asked.path.as_str();
        let is_new = path.contains("/21/") && now.load(Ordering::SeqCst) > 0;
        match path.rsplit('/').next().unwrap() {
            "node_1.htm" if path.contains("/20/") || path.contains("/21/") => front(&[1, 2]),
            "content_1.htm" if is_new => article("渡口加班", "清明前后渡船每小时一班。"),
            "content_1.htm" => article("渡口复航", "停了两月的渡船今晨开行。"),
            "content_2.htm" if is_new => article("桃花开了", "南坡的桃花昨天开了。"),
            "content_2.htm" => article("麦田返青", "北坡的麦子已经返青。"),
            _ => Page::missing(),
        }
    });
    let house = House::new("");
    house.configure_sources(&site.allow(), &source("county", site.port, ""));
    let once = ["once", "--from", "2023-02-20", "--to", "2023-02-21"];
    let printed = house.run_well(&once);
    assert!(printed.contains("county 2023-02-21: none (the site gives the issue of 2023-02-20 again)"), "{printed}");
    assert_eq!(articles(&house, "county").len(), 2);
    assert_eq!(house.read("feeds/county/rss.xml").matches("渡口复航</title>").count(), 1);
    // What comes later under that date is an issue like any other.
    phase.store(1, Ordering::SeqCst);
    house.run_well(&once);
    let all = articles(&house, "county");
    let of = |date: &str| all.iter().filter(|article| article["date"] == date && article["withdrawn"] == false).count();
    assert_eq!((of("2023-02-20"), of("2023-02-21")), (2, 2));
}

/// A site that means ill: each of its articles is another trap.
fn hostile() -> u16 {
    let bomb = {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        (0..64).for_each(|_| encoder.write_all(&[b' '; 1 << 20]).unwrap());
        encoder.finish().unwrap()
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let bomb = bomb.clone();
            std::thread::spawn(move || {
                let mut head = [0; 4096];
                let read = stream.read(&mut head).unwrap_or(0);
                let text = String::from_utf8_lossy(&head[..read]).into_owned();
                let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
                let plain = |page: Page| {
                    [format!("HTTP/1.1 {}\r\nConnection: close\r\n{}\r\n", page.status, page.headers).into_bytes(), page.body].concat()
                };
                let redirect = |to: &str| {
                    format!("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\nLocation: {to}\r\n\r\n").into_bytes()
                };
                let answer = match path.rsplit('/').next().unwrap_or_default() {
                    "paperindex.htm" => plain(latest("2023-02/20")),
                    "node_1.htm" if path.contains("/20/") => plain(front(&[1, 2, 3, 4, 5, 6])),
                    // It never ends.
                    "content_1.htm" => b"HTTP/1.1 200 OK\r\n\r\n<p>".to_vec(),
                    "content_2.htm" => [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n".as_slice(), &bomb].concat(),
                    "content_3.htm" => b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n".to_vec(),
                    "content_4.htm" => redirect("http://169.254.169.254/latest/meta-data"),
                    name if name.starts_with("content_5.htm") => redirect(&format!("{path}?again")),
                    "content_6.htm" => plain(article("还有一篇好的", "这一篇照常登出。")),
                    _ => plain(Page::missing()),
                };
                let _ = stream.write_all(&answer);
                while path.ends_with("content_1.htm") && stream.write_all(b"x").is_ok() {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
            });
        }
    });
    port
}

#[test]
fn a_healthy_source_beside_a_hostile_one_is_undisturbed() {
    let (good, bad) = (healthy(), hostile());
    let house = House::new("");
    let server = format!("allow_private = [\"127.0.0.1:{}\", \"127.0.0.1:{bad}\"]", good.port);
    // The hostile one stands first, and keeps its connection for ten seconds.
    house.configure_sources(&server, &(source("bad", bad, "fetch.timeout = 10.0") + &source("good", good.port, "")));
    let daemon = house.start();
    let feed = |name: &str| get(&house.url(&format!("/feeds/{name}/feed.json"))).map(|(_, body)| body).unwrap_or_default();
    wait_for("the healthy source's issue", || {
        ["渡口复航", "麦田返青"].iter().all(|headline| feed("good").contains(headline)).then_some(())
    });
    assert!(!daemon.log().contains("article-unread"), "nobody waited for the hostile one:\n{}", daemon.log());
    wait_for("the rest of the hostile source's issue", || feed("bad").contains("还有一篇好的").then_some(()));
    daemon.assert_alive();
    let log = daemon.log();
    for why in [
        "content_1.htm: 127.0.0.1 was not done within",
        "content_2.htm: the answer of 127.0.0.1 is larger",
        "content_3.htm: the answer of 127.0.0.1 is larger",
        "content_4.htm: it leads to 169.254.169.254",
        "content_5.htm: more than 6 redirects",
    ] {
        assert!(log.contains(why), "{why} is not among:\n{log}");
    }
    assert_eq!(articles(&house, "good").len(), 2);
}

#[test]
fn who_asks_for_problems_hears_of_a_site_that_changed_and_again_when_it_is_read_again() {
    let is_redesigned = Arc::new(AtomicBool::new(true));
    let now = Arc::clone(&is_redesigned);
    let site = Site::serve(move |asked| match asked.path.as_str() {
        "/robots.txt" => Page::missing(),
        _ if now.load(Ordering::SeqCst) => Page::html("<div id=app></div>"),
        "/html/2023-02/20/node_1.htm" => front(&[1]),
        "/html/2023-02/20/content_1.htm" => article("渡口复航", "停了两月的渡船今晨开行。"),
        _ => Page::missing(),
    });
    let receiver = Receiver::start(vec![Play::Answer(204, "", "")]);
    let house = House::new("");
    let webhook = |name: &str, more: &str| {
        format!(
            "[[webhook]]\nname = \"{name}\"\nkind = \"webhook\"\nurl = \"{}\"\nschedule = \"0 0 1 1 *\"\nfeeds = [\"county\"]\n{more}\n",
            receiver.url()
        )
    };
    let webhooks = webhook("watch", "problems = true") + &webhook("readers", "");
    house.configure_sources(&site.allow(), &(source("county", site.port, "") + &webhooks));
    let once = ["once", "--from", "2023-02-20", "--to", "2023-02-20"];
    house.run(&once);
    house.run(&once);
    let titles = || receiver.requests().iter().map(|request| request.body.clone()).collect::<Vec<_>>();
    assert_eq!(titles().len(), 1, "one word, to one webhook: {:?}", titles());
    assert!(titles()[0].contains("newsboy: county: site-changed"), "{}", titles()[0]);
    is_redesigned.store(false, Ordering::SeqCst);
    house.run_well(&once);
    house.run_well(&once);
    assert_eq!(titles().len(), 2, "{:?}", titles());
    assert!(titles()[1].contains("newsboy: county: site-changed is over"), "{}", titles()[1]);
}
