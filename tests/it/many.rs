//! Two hundred webhooks beside three in trouble.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Utc};

use crate::house::{House, free_port, sample_edition, wait_for};
use crate::receiver::{Play, Receiver, Request};

/// How many receivers are well.
const HEALTHY: usize = 200;

/// The jitter that is set: how long after its slot a digest goes at most.
const JITTER: Duration = Duration::from_secs(4);

/// The share of the machine that others may have at most, for the second to be stretched by it.
const MOST_OF_OTHERS: f64 = 0.9;

/// Linux counts the time of its processors in hundredths of a second, whatever its kernel does within
/// (`USER_HZ`): <https://man7.org/linux/man-pages/man5/proc_stat.5.html>.
const TICKS: f64 = 100.0;

fn cores() -> f64 {
    std::thread::available_parallelism().unwrap().get() as f64
}

/// What the processors have done for others than this test and its daemon, in ticks; 0 where the system
/// does not tell.
fn ticks_of_others(daemon: u32) -> i64 {
    let numbers = |text: &str| text.split_whitespace().filter_map(|word| word.parse().ok()).collect::<Vec<i64>>();
    let Ok(all) = std::fs::read_to_string("/proc/stat") else { return 0 };
    let all = numbers(all.lines().next().unwrap_or_default());
    // User, nice, system; then idle and waiting for the disk, then interrupts and what a host took away.
    let busy: i64 = all.iter().enumerate().filter(|(n, _)| ![3, 4].contains(n) && *n < 8).map(|(_, ticks)| ticks).sum();
    let own = |process: &str| {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // The name of the program stands in brackets and may hold anything; utime and stime are the
        // twelfth and thirteenth words behind it.
        let words: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        words.iter().skip(11).take(2).filter_map(|word| word.parse::<i64>().ok()).sum::<i64>()
    };
    busy - own("self") - own(&daemon.to_string())
}

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
    let (begin, before) = (Instant::now(), ticks_of_others(daemon.id()));
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
    let (others, took) = (ticks_of_others(daemon.id()) - before, begin.elapsed());
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
    // A second of the machine, of which others may have had a part.
    let share = (others as f64 / (took.as_secs_f64() * TICKS * cores())).clamp(0.0, MOST_OF_OTHERS);
    let limit = JITTER + Duration::from_secs(1).div_f64(1.0 - share);
    let last = delays.iter().max().unwrap();
    assert!(*last <= limit, "they came up to {last:?} after their slots, and others had {:.0} % of the machine", share * 100.0);
    // The one that was down comes back.
    let recovered = Receiver::start_at(down, vec![Play::Answer(200, "", "ok")]);
    for receiver in [&recovered, &hanging, &busy] {
        wait_for("what a receiver in trouble missed", || (received(&receiver.requests()) == expected).then_some(()));
    }
    wait_for("the ledger to be clean", || (house.run_well(&["deliveries", "--state", "pending"]).contains("no delivery")).then_some(()));
}
