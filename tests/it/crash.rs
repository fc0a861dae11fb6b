//! `kill -9` at any moment loses no article and no digest.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::house::{House, PATIENCE, wait_for};
use crate::receiver::Receiver;

/// How often the daemon is killed.
const ROUNDS: u64 = 200;

/// A page with one article that names its round.
fn page(round: u64) -> String {
    let number = |n: u64| format!("{}", 1000 + n);
    let mut text = format!("第{}号水渠修缮完工通水\n\n", number(round));
    text.push_str(&format!("　　本报讯　昨日，第{}号水渠修缮工\n程通过验收并恢复通水，沿线三个村\n的农田从此有了稳定的灌溉水源。村\n民们站在渠边，看着清水流进田里。\n", number(round)));
    text.push_str("　　据了解，这条水渠全长四公里，建\n成已有三十多年，渠壁渗漏严重。去\n年冬天工程队进场以后，先后更换了\n闸门，加固了渠堤，还新修了便桥。\n");
    text
}

#[test]
fn two_hundred_kills_lose_no_article_and_no_digest() {
    let receiver = Receiver::willing();
    let house = House::new(&format!(
        r#"
[[webhook]]
name = "desk"
kind = "webhook"
url = "{}"
schedule = "* * * * * *"
timezone = "Asia/Shanghai"
feeds = ["paper"]
limit = 500
backfill = true
retry = {{ schedule = ["1s"], expires = "24h" }}
"#,
        receiver.url()
    ));
    // A fixed seed: a failure shows itself again.
    let mut random = fastrand::Rng::with_seed(20_261_124);
    for round in 0..ROUNDS {
        let daemon = house.start_unready();
        let date = format!("2026-{:02}-{:02}", 1 + round / 28 % 11, 1 + round % 28);
        if random.bool() {
            std::thread::sleep(Duration::from_millis(random.u64(0..120)));
        }
        house.land(&date, &format!("{:02}.txt", 1 + round / 300), page(round).as_bytes());
        // Every tenth round lives for more than a slot, so that digests are on their way too.
        let life = if round % 10 == 0 { random.u64(900..1800) } else { random.u64(0..160) };
        std::thread::sleep(Duration::from_millis(life));
        daemon.kill();
    }
    let daemon = house.start();
    let expected: BTreeSet<String> = (0..ROUNDS).map(|r| format!("第{}号水渠修缮完工通水", 1000 + r)).collect();
    wait_for("every article in the store's newest feed entries or pages", || {
        let feed: serde_json::Value = serde_json::from_str(&house.read("feeds/paper/feed.json")).ok()?;
        (feed["items"].as_array()?.len() == 100).then_some(())
    });
    // A digest tells of every article, whatever a feed's length.
    let deadline = Instant::now() + PATIENCE;
    let sent = loop {
        let sent = stories(&receiver);
        let missing: Vec<&String> = expected.iter().filter(|title| !sent.contains_key(*title)).collect();
        if missing.is_empty() {
            break sent;
        }
        assert!(Instant::now() < deadline, "{missing:?} came in no digest:\n{}", daemon.log());
        std::thread::sleep(Duration::from_millis(50));
    };
    for (title, ids) in sent {
        assert_eq!(ids.len(), 1, "{title} came in more than one digest: {ids:?}");
    }
    for (id, bodies) in bodies_by_id(&receiver) {
        assert_eq!(bodies.len(), 1, "message {id} changed between two attempts");
    }
}

/// Which messages told of each story.
fn stories(receiver: &Receiver) -> BTreeMap<String, BTreeSet<String>> {
    let mut stories: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for request in receiver.requests() {
        let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
        for item in body["data"]["items"].as_array().unwrap() {
            let ids = stories.entry(item["title"].as_str().unwrap().to_owned()).or_default();
            ids.insert(request.header("webhook-id").unwrap().to_owned());
        }
    }
    stories
}

fn bodies_by_id(receiver: &Receiver) -> BTreeMap<String, BTreeSet<String>> {
    let mut bodies: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for request in receiver.requests() {
        bodies.entry(request.header("webhook-id").unwrap().to_owned()).or_default().insert(request.body);
    }
    bodies
}
