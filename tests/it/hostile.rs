//! A hostile edition, from its files to the readers of the field.

use std::process::Command;

use crate::house::{Daemon, House, get, get_with, has_tool, python, wait_for};
use crate::readers::{output, unchanged};
use crate::relay::Relay;
use crate::rss2email::Rss2Email;

/// A page that holds whatever has broken a feed: control characters, CDATA's end, noncharacters, bidi
/// overrides, markup in headlines, emoji, rare ideographs, addresses in Chinese, and a paragraph of a
/// megabyte.
fn page() -> Vec<u8> {
    let long = "这一段很长，没有尽头。".repeat(1 << 15);
    let stories = [
        (
            "桥<b>通车</b>&amp;停水",
            "本报讯 记者昨日在\u{0}桥头\u{b}看到，]]>桥\u{fffe}已通车。<script>alert(1)</script>居民\u{202e}步行\u{202c}过桥。",
        ),
        ("𠮷野家与👩\u{200d}🌾进城", "本报讯 网址是http://例子.公司/新闻?页=一&x=\"<'，𪚥𬺰两字罕见。读者来信说，这家店昨天开门。"),
        ("]]><![CDATA[加油站限流", "本报讯 加油站昨起限流\u{85}，\u{9f}预计三天后恢复。</item></channel>司机请留意&nbsp;公告&#0;牌。"),
        ("长文一篇", long.as_str()),
    ];
    let text: Vec<String> = stories.iter().map(|(headline, body)| format!("{headline}\n\n{body}\n")).collect();
    text.join("\n\n").into_bytes()
}

/// The hostile edition, and one of a date in the future, served.
fn served() -> (House, Daemon) {
    let house = House::new("");
    house.land("2026-11-20", "01.txt", &page());
    house.land("2036-01-01", "01.txt", "明日新闻\n\n本报讯 这一天还没有到，报纸已经印好了，记者昨日看到了样报。\n".as_bytes());
    house.land_sample("2026-11-21");
    house.run_well(&["once"]);
    let daemon = house.start();
    wait_for("the feed to be served", || {
        get(&house.url("/feeds/paper/feed.json")).filter(|(status, body)| *status == 200 && *body == house.read("feeds/paper/feed.json"))
    });
    (house, daemon)
}

/// Every feed there is: published, of sections, pages and editions, by query, and the archives.
fn addresses(house: &House) -> Vec<String> {
    let (_, opml) = get(&house.url("/feeds.opml")).unwrap();
    let mut feeds: Vec<String> = opml.split("xmlUrl=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
    feeds.extend(["2026-11-20", "2026-11-21", "2036-01-01"].map(|date| house.url(&format!("/editions/paper/{date}/rss.xml"))));
    feeds.push(house.url("/search.rss?q=%E6%A1%A5&limit=5"));
    let mut document = get(&house.url("/feeds/paper/rss.xml")).unwrap().1;
    while let Some(link) = document.split("<atom:link ").find(|link| link.contains("rel=\"prev-archive\"")) {
        let archive = link.split("href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        document = get(&archive).unwrap().1;
        feeds.push(archive);
    }
    assert!(feeds.len() >= 10, "{feeds:?}");
    feeds
}

fn in_format(rss: &str, file: &str, ending: &str) -> String {
    rss.replace("rss.xml", file).replace("/search.rss", &format!("/search.{ending}"))
}

#[test]
fn every_feed_is_well_formed_and_read_alike_in_every_format() {
    if !has_tool("xmllint") {
        return;
    }
    let Some(python) = python() else { return };
    let (house, _daemon) = served();
    let script = r#"
import sys, feedparser, calendar, time
from reader import make_reader
for line in open(sys.argv[1]):
    urls = line.split()
    seen = []
    for url in urls[:2]:
        feed = feedparser.parse(url)
        assert feed.bozo == 0, (url, feed.bozo_exception)
        assert all(calendar.timegm(e.published_parsed) <= time.time() + 60 for e in feed.entries), url
        seen.append(sorted((e.id, e.title, calendar.timegm(e.published_parsed), e.content[0].value) for e in feed.entries))
    assert seen[0] == seen[1], url
    ids = []
    for url in urls:
        reader = make_reader(":memory:")
        reader.add_feed(url)
        reader.update_feed(url)
        ids.append(sorted((e.id, e.title, e.link, str(e.published)) for e in reader.get_entries()))
    assert ids[0] == ids[1] == ids[2], urls
    assert [i[0] for i in ids[0]] == [s[0] for s in seen[0]], urls
print("read")
"#;
    let mut lines = String::new();
    for rss in addresses(&house) {
        let formats = [("rss.xml", "rss"), ("atom.xml", "atom"), ("feed.json", "json")].map(|(file, ending)| in_format(&rss, file, ending));
        for (n, address) in formats.iter().take(2).enumerate() {
            let (status, _, body) = get_with(address, &[]).unwrap();
            // An archive has a version of its own in each format's address, which is the same.
            assert_eq!(status, 200, "{address}");
            let file = house.path(format!("{n}.xml"));
            std::fs::write(&file, body).unwrap();
            assert_eq!(output(Command::new("xmllint").arg("--noout").arg(&file)), "", "{address}");
        }
        lines.push_str(&format!("{}\n", formats.join(" ")));
    }
    std::fs::write(house.path("urls.txt"), lines).unwrap();
    assert_eq!(output(Command::new(python).args(["-c", script]).arg(house.path("urls.txt"))).trim(), "read");
}

/// Holds what a reader has taken in against the feed as it stands in JSON: `read` in Python makes a list of
/// id, title, date and body of what lies at `there`.
fn assert_read_alike(house: &House, there: &std::path::Path, read: &str) {
    let Some(python) = python() else { return };
    let script = format!(
        r#"
import datetime, email, email.policy, email.utils, html, json, pathlib, re, sqlite3, sys
def words(markup):
    return "".join(html.unescape(re.sub("<[^>]*>", "", markup)).split())
def row(id, title, date, body):
    return (id, "".join(title.split()), int(date), words(body))
feed = json.load(open(sys.argv[1]))
date = lambda item: datetime.datetime.fromisoformat(item["date_published"].replace("Z", "+00:00")).timestamp()
meant = sorted(row(i["id"], i["title"], date(i), i["content_html"]) for i in feed["items"])
{read}
found = sorted(found)
assert len(meant) == len(found), (len(meant), len(found))
for one, other in zip(meant, found):
    assert one == other, (str(one)[:3000], str(other)[:3000])
print("alike")
"#
    );
    let said = output(Command::new(python).args(["-c", &script]).arg(house.path("feeds/paper/feed.json")).arg(there));
    assert_eq!(said.trim(), "alike");
}

#[test]
fn newsboat_reads_the_hostile_feed_and_gets_304_from_then_on() {
    if !has_tool("newsboat") {
        return;
    }
    let (house, _daemon) = served();
    let relay = Relay::to(&house.url(""));
    std::fs::write(house.path("urls"), relay.url("/feeds/paper/rss.xml\n")).unwrap();
    let cache = house.path("cache.db");
    let run = || {
        let text =
            output(Command::new("newsboat").env("HOME", house.path("")).arg("-u").arg(house.path("urls")).arg("-c").arg(&cache).args([
                "-x",
                "reload",
                "print-unread",
            ]));
        text.split(' ').find_map(|word| word.parse::<usize>().ok())
    };
    let count = Some(house.entries().len());
    // newsboat says what it remembers from its third run on.
    assert_eq!((run(), run()), (count, count));
    assert!(relay.answered().iter().all(|answer| answer.status == 200 && !answer.conditional));
    assert_eq!((run(), run()), (count, count), "nothing comes twice");
    let path = "/feeds/paper/rss.xml";
    assert_eq!(relay.answered(), [unchanged(path), unchanged(path)]);
    let read = r#"rows = sqlite3.connect(sys.argv[2]).execute("SELECT guid, title, pubDate, content FROM rss_item")
found = [row(*each) for each in rows]"#;
    assert_read_alike(&house, &cache, read);
}

#[test]
fn rss2email_reads_the_hostile_feed_and_gets_304_from_then_on() {
    if !has_tool("r2e") {
        return;
    }
    let (house, _daemon) = served();
    let relay = Relay::to(&house.url(""));
    let reader = Rss2Email::subscribed(&house, &relay.url("/feeds/paper/rss.xml"));
    reader.run();
    assert_eq!(reader.mails(), house.entries().len());
    let read = r#"found = []
for path in pathlib.Path(sys.argv[2]).iterdir():
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    page = mail.get_content()
    body = re.search(r'<div id="body">(.*)</div>\s*<div class="footer">', page, re.S).group(1)
    found.append(row(mail["X-RSS-ID"], mail["Subject"], email.utils.parsedate_to_datetime(mail["Date"]).timestamp(), body))"#;
    assert_read_alike(&house, &reader.inbox(), read);
    relay.answered();
    reader.run();
    assert_eq!(relay.answered(), [unchanged("/feeds/paper/rss.xml")]);
    assert_eq!(reader.mails(), house.entries().len(), "nothing is mailed twice");
}

#[test]
fn a_hundred_polls_of_a_feed_that_does_not_change_send_no_body() {
    let (house, _daemon) = served();
    for path in ["/feeds/paper/rss.xml", "/feeds/paper/atom.xml", "/feeds/paper/feed.json", "/search.atom?q=%E6%A1%A5"] {
        let (_, head, _) = get_with(&house.url(path), &[]).unwrap();
        let etag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned();
        let modified = head.lines().find_map(|line| line.strip_prefix("last-modified: ")).unwrap().to_owned();
        for n in 0..100 {
            let condition = if n % 2 == 0 { ("If-None-Match", etag.as_str()) } else { ("If-Modified-Since", modified.as_str()) };
            let (status, _, body) = get_with(&house.url(path), &[condition]).unwrap();
            assert_eq!((status, body.len()), (304, 0), "{path} {condition:?}");
        }
    }
}
