//! From a page's landing to the feeds.

use std::time::{Duration, Instant};

use crate::house::{Daemon, House, get, get_with, sample_edition, shared, wait_for};
use crate::load::Load;

/// The promise of the README: from the rename to the feed.
const A_SECOND: Duration = Duration::from_secs(1);

/// How long after its landing a page's articles stand in the feed's file.
fn time_to_feed(house: &House, date: &str, page: &str, bytes: &[u8]) -> Duration {
    let entries = |rss: &str| rss.matches("<item>").count();
    let before = entries(&house.read("feeds/paper/rss.xml"));
    let start = Instant::now();
    house.land(date, page, bytes);
    wait_for("the page to be in the feed", || (entries(&house.read("feeds/paper/rss.xml")) > before).then_some(()));
    start.elapsed()
}

/// Lands a page under one date after the other: each time it is fast enough.
fn assert_fast(house: &House, daemon: &Daemon, bytes: &[u8]) {
    for day in 21..26 {
        let load = Load::beside(daemon.id());
        time_to_feed(house, &format!("2026-11-{day}"), "02.txt", bytes);
        load.assert_within(A_SECOND, "the landing");
    }
}

#[test]
fn a_page_renamed_in_is_in_the_feed_within_a_second() {
    let house = House::new("");
    let daemon = house.start();
    let page = std::fs::read(sample_edition().join("02.txt")).unwrap();
    assert_fast(&house, &daemon, &page);
    for (path, kind) in [("rss.xml", "application/rss+xml"), ("atom.xml", "application/atom+xml"), ("feed.json", "application/feed+json")] {
        // The feed is served from memory an instant before its file is on disk.
        let head = wait_for("the feed to be served as it stands in the folder", || {
            let (status, head, body) = get_with(&house.url(&format!("/feeds/paper/{path}")), &[])?;
            (status == 200 && body.len() > 2000 && body == house.read(&format!("feeds/paper/{path}"))).then_some(head)
        });
        assert!(head.to_ascii_lowercase().contains(kind), "{path}: {head}");
    }
}

#[test]
fn the_real_page_lands_whole_without_its_advertisement_and_its_weather() {
    let Some(shared) = shared() else { return };
    let page = shared.join("editions/pinghu/2023-02-20/02.txt");
    let truth: serde_json::Value = serde_json::from_slice(&std::fs::read(page.with_extension("truth.json")).unwrap()).unwrap();
    let house = House::new("");
    let daemon = house.start();
    let page = std::fs::read(page).unwrap();
    time_to_feed(&house, "2026-11-20", "02.txt", &page);

    let entries = wait_for("the JSON feed", || Some(house.entries()).filter(|e| !e.is_empty()));
    let texts: Vec<String> = entries.iter().map(|i| squash(&without_tags(i["content_html"].as_str().unwrap()))).collect();
    let (mut news, mut missing) = (0, 0);
    for item in truth["articles"].as_array().unwrap() {
        let is_news = matches!(item["kind"].as_str(), Some("article" | "photo"));
        news += usize::from(is_news);
        for paragraph in item["paragraphs"].as_array().unwrap() {
            let paragraph = squash(paragraph.as_str().unwrap());
            // A slogan may look like a headline; addresses, telephone numbers and degrees do not.
            if is_news || paragraph.contains(|c: char| c.is_ascii_digit()) {
                let found = texts.iter().filter(|t| t.contains(&paragraph)).count();
                assert!(found <= usize::from(is_news), "{paragraph}");
                missing += usize::from(is_news && found == 0);
            }
        }
    }
    assert_eq!(missing, 0, "every paragraph is there");
    assert_eq!(texts.len(), news, "five articles and two photos, and nothing else");
    assert_fast(&house, &daemon, &page);
}

/// The text of a piece of HTML without its tags; entities do not stand in these pages.
fn without_tags(html: &str) -> String {
    html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect()
}

fn squash(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn a_corrected_page_keeps_its_ids_and_the_same_bytes_twice_do_nothing() {
    let house = House::new("");
    let _daemon = house.start();
    let page = std::fs::read_to_string(sample_edition().join("02.txt")).unwrap();
    time_to_feed(&house, "2026-11-21", "02.txt", page.as_bytes());
    let before = wait_for("the JSON feed", || Some(house.entries()).filter(|e| !e.is_empty()));
    let written = std::fs::metadata(house.path("feeds/paper/rss.xml")).unwrap().modified().unwrap();

    house.land("2026-11-21", "02.txt", page.as_bytes());
    house.land("2026-11-21", "03.txt", b"");
    std::thread::sleep(Duration::from_millis(500));
    let same = std::fs::metadata(house.path("feeds/paper/rss.xml")).unwrap().modified().unwrap();
    assert_eq!(written, same, "an unchanged feed is not written again");

    // One figure of a story is corrected.
    let story = page.find("本报讯").unwrap();
    let digit = story + page[story..].find(|c| ('2'..='8').contains(&c)).unwrap();
    let mut corrected = page.clone();
    corrected.replace_range(digit..=digit, "9");
    house.land("2026-11-21", "02.txt", corrected.as_bytes());
    let ids = |entries: &[serde_json::Value]| entries.iter().map(|i| i["id"].to_string()).collect::<std::collections::BTreeSet<_>>();
    let after = wait_for("the correction", || Some(house.entries()).filter(|now| *now != before));
    assert_eq!(ids(&before), ids(&after), "a correction announces nothing again");
}

#[test]
fn a_second_poll_of_an_unchanged_feed_gets_304_and_no_body() {
    let house = House::new("");
    house.land_sample("2026-11-21");
    let _daemon = house.start();
    let url = house.url("/feeds/paper/atom.xml");
    let (_, head, _) = wait_for("the feed", || get_with(&url, &[]).filter(|(_, _, body)| body.contains("<entry")));
    let field = |name: &str| {
        head.lines().find(|l| l.to_ascii_lowercase().starts_with(name)).and_then(|l| l.split_once(": ")).map(|(_, v)| v.to_owned()).unwrap()
    };
    for (name, value) in [("If-None-Match", field("etag")), ("If-Modified-Since", field("last-modified"))] {
        let (status, _, body) = get_with(&url, &[(name, &value)]).unwrap();
        assert_eq!((status, body.as_str()), (304, ""), "{name}: {value}");
    }
}

#[test]
fn pages_lists_and_permalinks_answer() {
    let house = House::new("");
    house.land_sample("2026-11-21");
    let _daemon = house.start();
    let feed: serde_json::Value = wait_for("the feed", || {
        let feed: serde_json::Value = serde_json::from_str(&get(&house.url("/feeds/paper/feed.json"))?.1).ok()?;
        feed["items"].as_array().is_some_and(|i| i.len() > 8).then_some(feed)
    });
    let (status, front) = get(&house.url("/")).unwrap();
    assert_eq!(status, 200);
    assert!(front.contains("application/atom+xml") && front.contains("/feeds/paper/rss.xml"), "autodiscovery links: {front}");
    for item in feed["items"].as_array().unwrap() {
        let (status, page) = get(item["url"].as_str().unwrap()).unwrap();
        assert_eq!(status, 200);
        assert!(page.contains("</html>"), "{page}");
    }
    assert_eq!(get(&house.url("/articles/art_0000000000000000")).unwrap().0, 404);
}

#[test]
fn a_changed_configuration_takes_over_without_a_restart_and_a_bad_one_does_not() {
    let house = House::new("");
    house.land_sample("2026-11-21");
    let daemon = house.start();
    house.configure("[[feed]]\nname = \"all\"\nsources = [\"paper\"]\n");
    daemon.signal("HUP");
    wait_for("the new feed", || get(&house.url("/feeds/all/rss.xml")).filter(|(status, body)| *status == 200 && body.contains("<item>")));
    house.configure("[[fed]]\n");
    daemon.signal("HUP");
    wait_for("the report of the bad configuration", || daemon.log().contains("fed").then_some(()));
    assert_eq!(get(&house.url("/feeds/all/rss.xml")).unwrap().0, 200, "the old one stays");
    assert!(daemon.stop().success());
}
