//! Two hundred webhooks beside three in trouble.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

use crate::house::{House, free_port, sample_edition, wait_for};
use crate::load::Load;
use crate::receiver::{Play, Receiver, Request};

/// How many receivers are well.
const HEALTHY: usize = 200;

/// The jitter that is set: how long after its slot a digest goes at most.
const JITTER: Duration = Duration::from_secs(4);

fn webhook(name: &str, url: &str) -> String {
    format!(
        "[[webhook]]\nname = \"{name}\"\nkind = \"webhook\"\nurl = \"{url}\"\nschedule = \"*/10 * * * * *\"\njitter = \"{}s\"\nretry = {{ schedule = [\"2s\"], expires = \"1h\" }}\n\n",
        JITTER.as_secs()
    )
}

/// The articles of a request.
fn articles(request: &Request) -> Vec<String> {
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    body["data"]["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// What one receiver got, each message once however often it was tried.
fn received(requests: &[Request]) -> Vec<String> {
    let mut by_id: HashMap<String, Vec<String>> = HashMap::new();
    for request in requests {
        by_id.insert(request.header("webhook-id").unwrap().to_owned(), articles(request));
    }
    let mut all: Vec<String> = by_id.into_values().flatten().collect();
    all.sort();
    all
}

#[test]
fn two_hundred_receivers_get_their_digests_in_time_whatever_befalls_three_others() {
    let healthy = Receiver::willing();
    let down = free_port();
    let hanging = Receiver::start(vec![Play::Hang(Duration::from_secs(90)), Play::Answer(200, "", "ok")]);
    let busy = Receiver::start(vec![Play::Answer(429, "Retry-After: 12\r\n", ""), Play::Answer(200, "", "ok")]);
    let mut config = String::new();
    for n in 0..HEALTHY {
        config.push_str(&webhook(&format!("healthy{n}"), &format!("{}?n={n}", healthy.url())));
    }
    for (name, url) in [("down", format!("http://127.0.0.1:{down}/hook")), ("hanging", hanging.url()), ("busy", busy.url())] {
        config.push_str(&webhook(name, &url));
    }
    let house = House::new(&config);
    let daemon = house.start();
    let load = Load::beside(daemon.id());
    for page in ["01.txt", "02.txt"] {
        house.land("2026-11-21", page, &std::fs::read(sample_edition().join(page)).unwrap());
        let pages = if page == "01.txt" { 1 } else { 2 };
        wait_for("every healthy receiver's digest", || {
            // Looked at closely when there are enough of them: the test must not keep the machine from its work.
            let requests = if healthy.count() >= HEALTHY * pages { healthy.requests() } else { return None };
            let whole = |n: usize| requests.iter().filter(|request| request.target == format!("/hook?n={n}")).count();
            (0..HEALTHY).all(|n| whole(n) >= pages).then_some(())
        });
    }
    // A second of the machine, of which others may have had a part.
    let limit = JITTER + load.stretched(Duration::from_secs(1));
    let share = load.share();
    let (mut expected, mut delays): (Vec<String>, Vec<Duration>) = (Vec::new(), Vec::new());
    let all_requests = healthy.requests();
    for n in 0..HEALTHY {
        let requests: Vec<Request> = all_requests.iter().filter(|request| request.target == format!("/hook?n={n}")).cloned().collect();
        for request in &requests {
            let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
            let slot: DateTime<Utc> = body["timestamp"].as_str().unwrap().parse().unwrap();
            let late = request.at.duration_since(SystemTime::from(slot)).unwrap();
            delays.push(late);
        }
        let all: Vec<String> = requests.iter().flat_map(articles).collect();
        let got = received(&requests);
        assert_eq!(all.len(), got.len(), "{n} got something twice");
        if n == 0 {
            expected = got;
        } else {
            assert_eq!(got, expected);
        }
    }
    // Of every one of them, and of both digests.
    assert!(delays.len() >= 2 * HEALTHY, "{}", delays.len());
    let last = delays.iter().max().unwrap();
    assert!(*last <= limit, "they came up to {last:?} after their slots, and others had {:.0} % of the machine", share * 100.0);
    // The one that was down comes back.
    let recovered = Receiver::start_at(down, vec![Play::Answer(200, "", "ok")]);
    for receiver in [&recovered, &hanging, &busy] {
        wait_for("what a receiver in trouble missed", || (received(&receiver.requests()) == expected).then_some(()));
    }
    wait_for("the ledger to be clean", || (house.run_well(&["deliveries", "--state", "pending"]).contains("no delivery")).then_some(()));
}
