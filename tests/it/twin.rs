//! The static twin, served by a plain file server.

use std::collections::{BTreeSet, VecDeque};
use std::process::{Child, Command, Stdio};

use crate::house::{House, get, get_with, has_tool, python, wait_for};
use crate::readers::output;

/// Python's file server, ended with the test.
struct FileServer(Child);

impl Drop for FileServer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn links(text: &str) -> Vec<String> {
    let signs = [
        "href=\"",
        "src=\"",
        "xmlUrl=\"",
        "htmlUrl=\"",
        "<link>",
        "\"url\":\"",
        "\"next_url\":\"",
        "\"feed_url\":\"",
        "\"home_page_url\":\"",
    ];
    let found = signs.iter().flat_map(|sign| text.split(sign).skip(1));
    found.map(|rest| rest.split(['"', '<']).next().unwrap().replace("&amp;", "&")).collect()
}

#[test]
fn the_static_twin_has_no_dead_link_and_valid_feeds() {
    let Some(python) = python() else { return };
    if !has_tool("xmllint") {
        return;
    }
    // The twin's addresses are those of the file server, so the house itself is not served.
    let house = House::new("[[feed]]\nname = \"desk\"\ntoken = \"a-token-of-a-good-length\"\n");
    house.land_sample("2026-11-20");
    house.land_sample("2026-11-21");
    house.land("2026-11-22", "01.txt", "桥通车\n\n本报讯 昨日，城东的桥正式通车，比原计划提早了九天，居民步行过桥。\n".as_bytes());
    let twin = house.path("twin");
    let said = house.run_well(&["once", "--static", twin.to_str().unwrap()]);
    assert!(said.contains("of the site written"), "{said}");
    let base = house.url("");
    let port = base.rsplit(':').next().unwrap().to_owned();
    let server = Command::new(&python)
        .args(["-m", "http.server", &port, "--bind", "127.0.0.1", "--directory"])
        .arg(&twin)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _server = FileServer(server.unwrap());
    wait_for("the file server", || get(&house.url("/")).filter(|(status, _)| *status == 200));

    let mut seen = BTreeSet::new();
    let mut documents = String::new();
    let mut waiting: VecDeque<String> = VecDeque::from([house.url("/")]);
    let (mut feeds, mut pages) = (0, 0);
    while let Some(address) = waiting.pop_front() {
        // The file server sends a folder's address on to the one with a slash.
        let found = get_with(&address, &[]).filter(|(status, ..)| *status != 301).or_else(|| get_with(&format!("{address}/"), &[]));
        let (status, _, body) = found.unwrap();
        assert_eq!(status, 200, "{address} is a dead link");
        let path = address.strip_prefix(&base).unwrap();
        if path.ends_with(".xml") {
            feeds += 1;
            let entries = body.matches("<item>").count() + body.matches("<entry>").count();
            documents.push_str(&format!("{address} {entries}\n"));
            let file = house.path("feed.xml");
            std::fs::write(&file, &body).unwrap();
            let lint = Command::new("xmllint").arg("--noout").arg(&file).output().unwrap();
            assert!(lint.status.success(), "{address}: {}", String::from_utf8_lossy(&lint.stderr));
            assert!(body.contains(&address), "{address}: a feed names the address where it is found");
            assert!(!body.contains("rel=\"hub\"") && !body.contains("next-archive"), "{address}: nothing that has to be asked for");
            for ending in ["gz", "br"] {
                assert_eq!(get_with(&format!("{address}.{ending}"), &[]).unwrap().0, 200, "{address}.{ending}");
            }
        } else {
            pages += 1;
            assert!(!body.contains("/search") && !body.contains("<form"), "{address}");
        }
        assert!(!body.contains("/feeds/desk/"), "{address}: what wants a token is not there");
        for link in links(&body) {
            let link = if let Some(path) = link.strip_prefix('/') { format!("{base}/{path}") } else { link };
            let link = link.split('#').next().unwrap().to_owned();
            if link.starts_with(&base) && seen.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
    }
    assert!(feeds >= 20 && pages >= 20, "{feeds} feeds and {pages} pages");
    assert!(!twin.join("feeds/desk").exists());
    let listed = house.path("documents.txt");
    std::fs::write(&listed, documents).unwrap();
    let script = r#"
import sys, feedparser
total = 0
for line in open(sys.argv[1]):
    url, entries = line.split()
    feed = feedparser.parse(url)
    assert feed.status == 200 and feed.bozo == 0, (url, feed.get("bozo_exception"))
    assert len({e.id for e in feed.entries}) == len(feed.entries) == int(entries), url
    assert all(e.title and e.published_parsed and e.content[0].value for e in feed.entries), url
    total += len(feed.entries)
assert total > 100, total
print("read")
"#;
    assert_eq!(output(Command::new(python).args(["-c", script]).arg(&listed)).trim(), "read");
}

#[test]
fn a_second_run_touches_nothing_and_takes_away_what_is_gone() {
    let house = House::new("");
    house.land_sample("2026-11-20");
    let twin = house.path("twin");
    std::fs::create_dir_all(&twin).unwrap();
    std::fs::write(twin.join("robots.txt"), "mine").unwrap();
    let run = || house.run_well(&["once", "--static", twin.to_str().unwrap()]);
    run();
    let articles = || std::fs::read_dir(twin.join("articles")).unwrap().count();
    let before = articles();
    assert!(run().contains("0 files of the site written"));
    house.land("2026-11-20", "02.txt", "桥通车\n\n本报讯 昨日，城东的桥正式通车，比原计划提早了九天，居民步行过桥。\n".as_bytes());
    run();
    assert!(articles() < before, "what left its page is no longer there");
    assert_eq!(std::fs::read_to_string(twin.join("robots.txt")).unwrap(), "mine");
}
