//! Digests on their way to webhooks.

use std::time::{Duration, Instant};

use axum::http::HeaderMap;

use crate::house::{House, sample_edition, wait_for};
use crate::load::Load;
use crate::receiver::{Play, Receiver, Request};

/// The key of the signed webhooks of these tests.
const KEY: &str = "whsec_bmV3c2JveS10ZXN0LWtleS0wMTIzNDU2Nzg5YWJjZGVm";

/// A webhook whose digests are due every second and whose retries are quick.
fn webhook(name: &str, kind: &str, url: &str, more: &str) -> String {
    format!(
        r#"
[[webhook]]
name = "{name}"
kind = "{kind}"
url = "{url}"
schedule = "* * * * * *"
timezone = "Asia/Shanghai"
feeds = ["paper"]
retry = {{ schedule = ["1s", "1s", "1s"], expires = "1h" }}
{more}
"#
    )
}

/// Lands a page of the sample edition, so that it is one digest's.
fn land(house: &House, page: &str) {
    house.land("2026-11-21", page, &std::fs::read(sample_edition().join(page)).unwrap());
}

/// Headlines of the sample edition's feed.
fn titles(house: &House) -> Vec<String> {
    house.entries().iter().map(|i| i["title"].as_str().unwrap().to_owned()).collect()
}

/// Titles in the body of a Standard Webhooks request, in order.
fn titles_of(request: &Request) -> Vec<String> {
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    body["data"]["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_digest_survives_503_and_a_dropped_connection_and_arrives_once_under_one_id() {
    let receiver = Receiver::start(vec![Play::Answer(503, "Retry-After: 2\r\n", "busy"), Play::Drop, Play::Answer(200, "", "ok")]);
    let house = House::new(&webhook("desk", "webhook", &receiver.url(), "secret = { env = \"KEY\" }\n"));
    let mut command = house.command(&["run"]);
    command.env("KEY", KEY);
    let _daemon = house.start_with(command);
    land(&house, "02.txt");
    let start = Instant::now();
    let requests = wait_for("three attempts", || Some(receiver.requests()).filter(|r| r.len() >= 3));
    assert!(start.elapsed() >= Duration::from_secs(2), "Retry-After was not honoured");
    let first = requests[0].header("webhook-id").unwrap();
    assert!(requests[..3].iter().all(|r| r.header("webhook-id") == Some(first)), "one id over all attempts");
    assert!(requests[..3].iter().all(|r| r.body == requests[0].body), "one body over all attempts");

    let verifier = standardwebhooks::Webhook::new(KEY).unwrap();
    for request in &requests {
        let mut headers = HeaderMap::new();
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            headers.insert(name, request.header(name).unwrap().parse().unwrap());
        }
        verifier.verify(request.body.as_bytes(), &headers).expect("the signature verifies");
    }
    // Every later digest has an id of its own, and no story comes twice.
    let mut expected = titles(&house);
    expected.sort();
    let delivered = wait_for("every story in a digest", || {
        let delivered = receiver.requests().split_off(2);
        (delivered.iter().flat_map(titles_of).count() >= expected.len()).then_some(delivered)
    });
    let mut ids: Vec<_> = delivered.iter().map(|r| r.header("webhook-id").unwrap().to_owned()).collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "a digest was delivered twice");
    // The two attempts that failed carried what the first good one carries.
    let mut sent: Vec<String> = delivered.iter().flat_map(titles_of).collect();
    sent.sort();
    assert_eq!(sent, expected, "every story arrived, none twice");
}

#[test]
fn a_refusal_in_feishus_answer_is_a_failure_that_the_ledger_shows() {
    let receiver = Receiver::start(vec![Play::Answer(
        200,
        "",
        r#"{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}"#,
    )]);
    let house = House::new(&webhook("desk", "feishu", &receiver.url(), ""));
    let _daemon = house.start();
    land(&house, "02.txt");
    let ledger = wait_for("the failure in the ledger", || Some(house.run_well(&["deliveries"])).filter(|l| l.contains("dead")));
    assert!(ledger.contains("19021"), "{ledger}");
    let requests = receiver.requests().len();
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(receiver.requests().len(), requests, "a permanent error is not retried");
}

#[test]
fn webhooks_that_fail_in_every_way_delay_no_other() {
    let failing = Receiver::start(vec![Play::Answer(500, "", "broken")]);
    let hanging = Receiver::start(vec![Play::Hang(Duration::from_secs(60))]);
    let resetting = Receiver::start(vec![Play::Drop]);
    let flooding = Receiver::start(vec![Play::Flood(10_000_000)]);
    let circling = Receiver::start(vec![Play::Answer(302, "Location: /hook\r\n", "")]);
    let healthy = Receiver::willing();
    let mut more = String::new();
    for (name, receiver) in [
        ("failing", &failing),
        ("hanging", &hanging),
        ("resetting", &resetting),
        ("flooding", &flooding),
        ("circling", &circling),
        ("healthy", &healthy),
    ] {
        more.push_str(&webhook(name, "webhook", &receiver.url(), ""));
    }
    let house = House::new(&more);
    let _daemon = house.start();
    // The first page sets the bad webhooks going, the second comes while they are in trouble.
    for page in ["01.txt", "02.txt"] {
        let before = healthy.requests().len();
        house.land("2026-11-21", page, &std::fs::read(sample_edition().join(page)).unwrap());
        let start = Instant::now();
        wait_for("the healthy webhook's digest", || (healthy.requests().len() > before).then_some(()));
        // The hanging webhook alone holds a request for twenty seconds.
        assert!(start.elapsed() < Duration::from_secs(10), "{page} took {:?}", start.elapsed());
    }
    wait_for("all receivers to be tried", || {
        [&failing, &hanging, &resetting, &flooding, &circling].iter().all(|r| !r.requests().is_empty()).then_some(())
    });
    let ledger = house.run_well(&["deliveries", "--webhook", "circling"]);
    assert!(ledger.contains("302"), "a redirect is not followed, and the ledger says so: {ledger}");
}

#[test]
fn a_page_that_lands_after_the_papers_hour_is_in_the_next_digest() {
    let receiver = Receiver::willing();
    let house = House::new(&webhook("desk", "webhook", &receiver.url(), ""));
    house.land("2026-11-20", "01.txt", &std::fs::read(sample_edition().join("01.txt")).unwrap());
    let _daemon = house.start();
    std::thread::sleep(Duration::from_millis(2500));
    let before = receiver.requests().len();
    house.land("2026-11-20", "02.txt", &std::fs::read(sample_edition().join("02.txt")).unwrap());
    wait_for("the late page's digest", || (receiver.requests().len() > before).then_some(()));
    let digest = receiver.requests().remove(before);
    assert!(!titles_of(&digest).is_empty());
}

#[test]
fn a_dead_message_can_be_sent_again_by_hand() {
    let receiver = Receiver::start(vec![Play::Answer(410, "", "gone"), Play::Answer(200, "", "ok")]);
    let house = House::new(&webhook("desk", "webhook", &receiver.url(), ""));
    let _daemon = house.start();
    house.land("2026-11-21", "01.txt", &std::fs::read(sample_edition().join("01.txt")).unwrap());
    wait_for("the message to die", || house.run_well(&["deliveries"]).contains("dead").then_some(()));
    house.run_well(&["deliveries", "redeliver", "--dead"]);
    let requests = wait_for("the second attempt", || Some(receiver.requests()).filter(|r| r.len() > 1));
    wait_for("the ledger to say so", || (!house.run_well(&["deliveries"]).contains("dead")).then_some(()));
    assert_eq!(requests[0].header("webhook-id"), requests[1].header("webhook-id"));
}

#[test]
fn dead_messages_of_a_removed_webhook_hold_no_others_back() {
    let receiver = Receiver::start(vec![Play::Answer(410, "", "gone")]);
    let desk = webhook("desk", "webhook", &receiver.url(), "");
    let house = House::new(&format!("{desk}{}", webhook("former", "webhook", &receiver.url(), "")));
    let daemon = house.start();
    house.land("2026-11-21", "01.txt", &std::fs::read(sample_edition().join("01.txt")).unwrap());
    wait_for("both messages to die", || (house.run_well(&["deliveries", "--state", "dead"]).lines().count() == 3).then_some(()));
    drop(daemon);
    house.configure(&desk);
    let ledger = house.run_well(&["deliveries", "--webhook", "former"]);
    let id = ledger.lines().nth(1).and_then(|line| line.split_whitespace().next()).unwrap();
    assert_eq!(house.run(&["deliveries", "redeliver", id]).status.code(), Some(1), "what was asked for by name is not passed over");
    let told = house.run_well(&["deliveries", "redeliver", "--dead"]);
    assert!(told.contains("to desk is due again") && told.contains(&format!("{id} stays")), "{told}");
    assert_eq!(house.run_well(&["deliveries", "--state", "pending"]).lines().count(), 2);
}

#[test]
fn a_first_run_prints_a_digest_of_what_is_there_on_the_console() {
    let house = House::new("[[webhook]]\nname = \"console\"\nkind = \"console\"\nschedule = \"* * * * * *\"\nbackfill = true\n");
    house.land_sample("2026-11-20");
    let daemon = house.start();
    let printed = wait_for("the digest", || Some(daemon.printed()).filter(|p| p.contains("/articles/art_")));
    assert!(printed.contains("清渚日报"), "{printed}");
}

#[test]
fn a_webhook_without_backfill_gets_nothing_that_was_there_before() {
    let receiver = Receiver::willing();
    let house = House::new(&webhook("desk", "webhook", &receiver.url(), ""));
    house.land_sample("2026-11-20");
    std::thread::sleep(Duration::from_secs(3));
    let _daemon = house.start();
    wait_for("the edition in the feed", || (house.entries().len() > 8).then_some(()));
    std::thread::sleep(Duration::from_secs(2));
    assert!(receiver.requests().is_empty(), "old news was sent");
    house.land("2026-11-21", "01.txt", &std::fs::read(sample_edition().join("01.txt")).unwrap());
    wait_for("the digest of the new page", || (!receiver.requests().is_empty()).then_some(()));
}

#[test]
fn on_arrival_a_page_is_at_its_receiver_within_a_second_and_pages_that_come_together_are_one_digest() {
    let (quick, patient) = (Receiver::willing(), Receiver::willing());
    let arrival = |name: &str, receiver: &Receiver, batch: &str| {
        format!("[[webhook]]\nname = \"{name}\"\nkind = \"webhook\"\nurl = \"{}\"\non = \"arrival\"\nbatch = \"{batch}\"\n", receiver.url())
    };
    let house = House::new(&format!("{}{}", arrival("quick", &quick, "0s"), arrival("patient", &patient, "3s")));
    let daemon = house.start();
    std::thread::sleep(Duration::from_secs(1));
    // Each of them, and not only the quickest.
    for page in ["01.txt", "02.txt", "03.txt"] {
        let before = quick.count();
        let load = Load::beside(daemon.id());
        land(&house, page);
        wait_for("the page's digest", || (quick.count() > before).then_some(()));
        load.assert_within(Duration::from_secs(1), page);
    }
    let both: Vec<String> = quick.requests().iter().flat_map(titles_of).collect();
    wait_for("the same at the patient one", || (patient.requests().iter().flat_map(titles_of).count() >= both.len()).then_some(()));
    assert!(patient.requests().len() < 3, "what comes within three seconds is one digest");
    let mut together: Vec<String> = patient.requests().iter().flat_map(titles_of).collect();
    together.retain(|title| !both.contains(title));
    assert!(together.is_empty(), "{together:?}");
}

#[test]
fn one_pass_sends_to_many_webhooks_at_once_so_that_those_that_hang_hold_up_nobody() {
    let hanging = Receiver::start(vec![Play::Hang(Duration::from_secs(60))]);
    let healthy = Receiver::willing();
    let mut config = String::new();
    for (name, receiver) in [("first", &hanging), ("second", &hanging), ("third", &hanging), ("last", &healthy)] {
        let url = receiver.url();
        config
            .push_str(&format!("[[webhook]]\nname = \"{name}\"\nkind = \"webhook\"\nurl = \"{url}\"\non = \"arrival\"\nbackfill = true\n"));
    }
    let house = House::new(&config);
    house.land_sample("2026-11-20");
    let start = Instant::now();
    let said = house.run_well(&["once"]);
    // Each of the three is waited for for twenty seconds.
    assert!(start.elapsed() < Duration::from_secs(50), "{:?}", start.elapsed());
    assert!(said.contains("1 message delivered"), "{said}");
    assert_eq!(healthy.requests().len(), 1);
    let ledger = house.run_well(&["deliveries", "--attempts"]);
    assert_eq!(ledger.lines().filter(|line| line.starts_with("    1 at ")).count(), 4, "{ledger}");
}
