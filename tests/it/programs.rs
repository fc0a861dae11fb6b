//! Programs of this machine that take messages, for services that newsboy does not know.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::house::{House, sample_edition, wait_for};

/// How long newsboy waits for a program at most, and what a busy machine needs beside it.
const BOUND: Duration = Duration::from_secs(20);
const ALLOWANCE: Duration = Duration::from_secs(15);

/// A webhook that runs a script of the house's folder; retries are quick.
fn webhook(name: &str) -> String {
    format!(
        r#"
[[webhook]]
name = "{name}"
kind = "command"
command = ["sh", "{name}.sh", "an argument"]
schedule = "* * * * * *"
backfill = true
retry = {{ schedule = ["1s"], expires = "1h" }}
"#
    )
}

fn script(house: &House, name: &str, text: &str) {
    std::fs::write(house.path(format!("{name}.sh")), text).unwrap();
}

/// The ledger's whole page of a webhook's only delivery.
fn ledger(house: &House, webhook: &str) -> String {
    let list = house.run_well(&["deliveries", "--webhook", webhook]);
    let id = list.lines().find(|line| line.starts_with("dlv_")).unwrap().split_whitespace().next().unwrap();
    house.run_well(&["deliveries", "show", id])
}

fn is_alive(pid: &str) -> bool {
    Command::new("kill").args(["-0", pid]).stderr(std::process::Stdio::null()).status().unwrap().success()
}

#[test]
fn a_program_gets_the_digest_on_its_standard_input_and_its_end_tells_what_became_of_it() {
    let programs = ["takes", "refuses", "recovers", "talks"];
    let house = House::new(&programs.map(webhook).concat());
    // It proves that no secret of newsboy's environment is handed on.
    script(&house, "takes", "cat > taken.json; env > taken.env; echo \"$1\" > taken.argument");
    script(&house, "refuses", "cat > /dev/null; echo 'no such room' >&2; exit 67");
    script(&house, "recovers", "cat > /dev/null; [ \"$NEWSBOY_ATTEMPT\" -ge 3 ] && exit 0; echo \"busy $NEWSBOY_DELIVERY\"; exit 75");
    // Ten megabytes on both outputs, and it reads nothing.
    script(&house, "talks", "yes talk | head -c 10000000; yes chatter | head -c 10000000 >&2; exit 1");
    house.land("2026-11-21", "02.txt", &std::fs::read(sample_edition().join("02.txt")).unwrap());
    let mut command = house.command(&["run"]);
    command.env("A_SECRET", "of the configuration");
    let daemon = house.start_with(command);
    let state = |name: &str, state: &str| {
        let list = house.run_well(&["deliveries", "--webhook", name]);
        list.lines().any(|line| line.starts_with("dlv_") && line.contains(state))
    };
    for (name, end) in [("takes", "delivered"), ("refuses", "dead"), ("recovers", "delivered")] {
        wait_for(&format!("{name} to end as {end}"), || state(name, end).then_some(()));
    }
    wait_for("the loud program to have been run", || {
        house.run_well(&["deliveries", "--webhook", "talks"]).contains("ended with 1").then_some(())
    });
    drop(daemon);

    let body: serde_json::Value = serde_json::from_str(&house.read("taken.json")).unwrap();
    assert!(!body["data"]["items"].as_array().unwrap().is_empty());
    assert_eq!(house.read("taken.argument").trim(), "an argument");
    let environment = house.read("taken.env");
    assert!(environment.contains("NEWSBOY_WEBHOOK=takes") && environment.contains("NEWSBOY_DELIVERY=dlv_"), "{environment}");
    assert!(!environment.contains("A_SECRET"), "{environment}");

    let refused = ledger(&house, "refuses");
    assert!(refused.contains("ended with 67") && refused.contains("no such room") && !refused.contains("attempt 2"), "{refused}");
    let recovered = ledger(&house, "recovers");
    assert!(
        ["attempt 1", "attempt 2", "attempt 3", "ended with 75", "busy dlv_"].iter().all(|part| recovered.contains(part)),
        "{recovered}"
    );
    let loud = ledger(&house, "talks");
    let chatter = loud.matches("chatter").count();
    assert!((1..1_000).contains(&chatter), "{chatter} words of what it said are kept");
}

#[test]
fn a_program_that_hangs_is_killed_and_tried_again_and_one_that_is_missing_is_told() {
    let house = House::new(&(webhook("hangs") + &webhook("missing").replace("\"sh\"", "\"no-such-program\"") + &webhook("healthy")));
    // Its child would write a file when newsboy's patience is over, and is killed with it.
    script(&house, "hangs", "(sleep 24; touch too-late) & echo $$ >> hung.pids; sleep 600");
    script(&house, "healthy", "cat > healthy.json");
    house.land("2026-11-21", "02.txt", &std::fs::read(sample_edition().join("02.txt")).unwrap());
    let _daemon = house.start();
    let file = house.path("hung.pids");
    let pids = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
    let first = wait_for("the program to hang", || pids(&file).lines().next().map(str::to_owned));
    let start = Instant::now();
    assert!(is_alive(&first));
    wait_for("the other program's digest", || house.path("healthy.json").exists().then_some(()));
    assert!(start.elapsed() < BOUND, "one that hangs holds up no other");
    wait_for("the program to be killed", || (!is_alive(&first)).then_some(()));
    let lived = start.elapsed();
    assert!(lived < BOUND + ALLOWANCE, "it lived for {lived:?}");
    wait_for("the second try", || (pids(&file).lines().count() > 1).then_some(()));
    assert!(ledger(&house, "hangs").contains("attempt 1"));
    std::thread::sleep(Duration::from_secs(6).saturating_sub(start.elapsed().saturating_sub(BOUND)));
    assert!(!house.path("too-late").exists(), "what the program started lived on");
    let missing = ledger(&house, "missing");
    assert!(missing.contains("no-such-program") && missing.contains("cannot be started"), "{missing}");
}
