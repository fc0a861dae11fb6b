//! The feeds as the readers of the field read them.

use std::process::Command;

use crate::house::{House, get, has_tool, python, wait_for};
use crate::relay::{Answered, Relay};
use crate::rss2email::Rss2Email;

/// A house with the sample edition, its feeds published and served.
fn served() -> (House, crate::house::Daemon) {
    let house = House::new("");
    house.land_sample("2026-11-21");
    house.run_well(&["once"]);
    let daemon = house.start();
    wait_for("the feed to be served", || {
        get(&house.url("/feeds/paper/feed.json")).filter(|(status, body)| *status == 200 && *body == house.read("feeds/paper/feed.json"))
    });
    (house, daemon)
}

fn entries(house: &House) -> usize {
    house.entries().len()
}

/// What a program printed, which must end well.
pub(crate) fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {text}");
    text
}

/// The answer to who has the feed already.
pub(crate) fn unchanged(path: &str) -> Answered {
    Answered { path: path.to_owned(), conditional: true, status: 304, body: 0 }
}

#[test]
fn xmllint_finds_the_feeds_well_formed() {
    if !has_tool("xmllint") {
        return;
    }
    let (house, _daemon) = served();
    for feed in ["rss.xml", "atom.xml"] {
        assert_eq!(output(Command::new("xmllint").arg("--noout").arg(house.path(format!("feeds/paper/{feed}")))), "");
    }
}

#[test]
fn feedparser_reads_every_entry_without_a_fault_and_gets_304() {
    let Some(python) = python() else { return };
    let (house, _daemon) = served();
    let script = r#"
import feedparser, sys
for path in ("rss.xml", "atom.xml"):
    url = sys.argv[1] + path
    first = feedparser.parse(url)
    assert first.bozo == 0, first.bozo_exception
    assert len(first.entries) == int(sys.argv[2]), len(first.entries)
    assert len({e.id for e in first.entries}) == len(first.entries)
    assert all(e.title and e.summary is not None and e.published_parsed for e in first.entries)
    again = feedparser.parse(url, etag=first.etag)
    assert again.status == 304, again.status
    again = feedparser.parse(url, modified=first.modified)
    assert again.status == 304, again.status
print("read")
"#;
    let url = house.url("/feeds/paper/");
    let count = entries(&house).to_string();
    assert_eq!(output(Command::new(python).args(["-c", script, &url, &count])).trim(), "read");
}

#[test]
fn a_reader_of_all_three_formats_sees_the_same_entries() {
    let Some(python) = python() else { return };
    let (house, _daemon) = served();
    let script = r#"
import sys
from reader import make_reader
seen = []
for path in ("rss.xml", "atom.xml", "feed.json"):
    reader = make_reader(":memory:")
    reader.add_feed(sys.argv[1] + path)
    reader.update_feeds()
    seen.append(sorted((e.id, e.title, e.link, str(e.published)) for e in reader.get_entries()))
assert len(seen[0]) == int(sys.argv[2]), len(seen[0])
assert seen[0] == seen[1] == seen[2], seen
print("read")
"#;
    let url = house.url("/feeds/paper/");
    let count = entries(&house).to_string();
    assert_eq!(output(Command::new(python).args(["-c", script, &url, &count])).trim(), "read");
}

#[test]
fn newsboat_reads_every_entry() {
    if !has_tool("newsboat") {
        return;
    }
    let (house, _daemon) = served();
    for (n, feed) in ["rss.xml", "atom.xml"].iter().enumerate() {
        std::fs::write(house.path("urls"), house.url(&format!("/feeds/paper/{feed}\n"))).unwrap();
        let (urls, cache) = (house.path("urls"), house.path(format!("cache{n}.db")));
        let read = output(Command::new("newsboat").env("HOME", house.path("")).arg("-u").arg(urls).arg("-c").arg(cache).args([
            "-x",
            "reload",
            "print-unread",
        ]));
        let unread = read.split(' ').find_map(|w| w.parse::<usize>().ok());
        assert_eq!(unread, Some(entries(&house)), "{read}");
    }
}

#[test]
fn rss2email_mails_every_entry_once_and_gets_304() {
    if !has_tool("r2e") {
        return;
    }
    let (house, _daemon) = served();
    let relay = Relay::to(&house.url(""));
    let reader = Rss2Email::subscribed(&house, &relay.url("/feeds/paper/rss.xml"));
    reader.run();
    assert_eq!(reader.mails(), entries(&house));
    let first = relay.answered();
    assert!(first.iter().all(|answer| answer.status == 200 && answer.body > 0) && first.len() == 1, "{first:?}");
    reader.run();
    assert_eq!(reader.mails(), entries(&house), "nothing is mailed twice");
    assert_eq!(relay.answered(), [unchanged("/feeds/paper/rss.xml")]);
}
