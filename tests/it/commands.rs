//! The command line as a person uses it.

use std::process::Command;

use crate::house::{House, crate_root, has_tool, sample_edition, shared};

/// What the cut of the real page has reached; it may only rise.
#[test]
fn the_stories_of_the_real_page_are_found_and_nothing_else() {
    let Some(shared) = shared() else { return };
    if !has_tool("python3") {
        return;
    }
    let score = Command::new("python3")
        .arg(shared.join("tools/score_pages.py"))
        .args(["--run", &format!("{} articles --json {{}}", env!("CARGO_BIN_EXE_newsboy"))])
        .arg(shared.join("editions/pinghu/2023-02-20/02.txt"))
        .output()
        .unwrap();
    let score = String::from_utf8_lossy(&score.stdout);
    let figure = |name: &str| -> f64 {
        let behind = score.split(&format!("{name} ")).last().unwrap();
        behind.split_whitespace().next().unwrap().parse().unwrap()
    };
    assert!(score.contains("items 7  ") && figure("  cut") == 1.0 && figure("body") == 1.0, "{score}");
    assert!(score.contains("leak 0.0000  extra 0.0000"), "{score}");
    assert!(figure("paragraphs") >= 0.95 && figure("page score") == 1.0, "{score}");
}

#[test]
fn articles_prints_one_json_object_a_line_and_the_same_bytes_twice() {
    let page = sample_edition().join("01.txt");
    let run = || Command::new(env!("CARGO_BIN_EXE_newsboy")).args(["articles", "--json"]).arg(&page).output().unwrap();
    let (first, second) = (run(), run());
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    assert_eq!(first.stdout, second.stdout);
    let lines = String::from_utf8(first.stdout).unwrap();
    for line in lines.lines() {
        let article: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(article["kind"].is_string() && article["paragraphs"].is_array(), "{line}");
    }
    assert!(lines.lines().count() >= 3, "{lines}");
}

#[test]
fn articles_of_a_file_that_is_not_there_fails_with_its_name() {
    let output = Command::new(env!("CARGO_BIN_EXE_newsboy")).args(["articles", "no/such/page.txt"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no/such/page.txt"));
}

#[test]
fn once_publishes_the_edition_and_a_second_time_changes_nothing() {
    let house = House::new("");
    house.land_sample("2026-11-20");
    house.run_well(&["once"]);
    let first = house.read("feeds/paper/atom.xml");
    assert!(first.contains("<entry"));
    house.run_well(&["once"]);
    assert_eq!(first, house.read("feeds/paper/atom.xml"));
}

#[test]
fn once_with_a_missing_source_folder_says_so_and_fails() {
    let house = House::new("");
    std::fs::remove_dir_all(house.path("editions")).unwrap();
    let output = house.run(&["once"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    let told = error.lines().find(|line| line.starts_with("newsboy: ")).unwrap_or_default();
    assert!(told.contains("paper") && told.contains("source-missing") && told.contains("editions"), "{error}");
    // An empty folder is no fault: nothing has come yet.
    std::fs::create_dir_all(house.path("editions")).unwrap();
    house.run_well(&["once"]);
}

#[test]
fn a_store_built_anew_from_the_same_files_announces_nothing_twice() {
    let house = House::new("");
    house.land_sample("2026-11-20");
    house.run_well(&["once"]);
    let first = house.read("feeds/paper/atom.xml");
    std::fs::remove_dir_all(house.path("data")).unwrap();
    std::fs::remove_dir_all(house.path("feeds")).unwrap();
    house.run_well(&["once"]);
    let ids = |feed: &str| feed.split("<id>").skip(1).map(|i| i.split('<').next().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(&first), ids(&house.read("feeds/paper/atom.xml")));
}

#[test]
fn check_names_the_place_of_a_fault_and_the_nearest_right_word() {
    let house = House::new("[[webhok]]\nname = \"desk\"\n");
    let output = house.run(&["check"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("newsboy.toml:") && error.contains("webhok") && error.contains("webhook"), "{error}");
}

#[test]
fn check_tells_when_digests_are_due() {
    let house = House::new(
        "[[webhook]]\nname = \"desk\"\nkind = \"console\"\nschedule = \"0 8 * * 1-5\"\ntimezone = \"Asia/Shanghai\"\nfeeds = [\"paper\"]\n",
    );
    let text = house.run_well(&["check"]);
    assert!(text.contains("desk") && text.contains("08:00"), "{text}");
}

#[test]
fn check_counts_the_pages_it_finds_and_names_a_folder_that_is_missing() {
    let house = House::new("");
    house.land_sample("2026-11-20");
    let text = house.run_well(&["check"]);
    assert!(text.contains("4 pages of 1 edition") && text.contains("the newest of 2026-11-20"), "{text}");
    std::fs::rename(house.path("editions"), house.path("elsewhere")).unwrap();
    let text = house.run_well(&["check"]);
    assert!(text.contains("no page yet") && text.contains("source-missing"), "{text}");
}

/// As `newsboy deliveries | head -1` leaves the pipe: the reader is gone before the command prints.
#[test]
fn a_closed_pipe_ends_every_command_quietly() {
    let webhook = "[[webhook]]\nname = \"desk\"\nkind = \"console\"\nschedule = \"0 8 * * *\"\nbackfill = true\n";
    let house = House::new(webhook);
    house.land_sample("2026-11-20");
    house.run_well(&["once"]);
    let page = sample_edition().join("01.txt");
    let new = house.path("new");
    let commands: [&[&str]; 7] = [
        &["check"],
        &["once"],
        &["deliveries"],
        &["deliveries", "redeliver", "--dead"],
        &["digest", "desk"],
        &["articles", page.to_str().unwrap()],
        &["init", new.to_str().unwrap()],
    ];
    for arguments in commands {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = house.command(arguments).stdout(writer).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !error.contains("panicked"), "newsboy {arguments:?}: {}: {error}", output.status);
    }
}

#[test]
fn digest_shows_what_would_go_out_and_sends_nothing() {
    let house = House::new(
        "[[webhook]]\nname = \"desk\"\nkind = \"slack\"\nurl = \"http://127.0.0.1:9/\"\nschedule = \"0 8 * * *\"\nfeeds = [\"paper\"]\nbackfill = true\n",
    );
    house.land_sample("2026-11-20");
    house.run_well(&["once"]);
    let shown = house.run_well(&["digest", "desk"]);
    assert!(shown.contains("blocks"), "{shown}");
    assert!(house.run_well(&["deliveries"]).lines().count() <= 1, "nothing was queued");
}

#[test]
fn init_makes_a_configuration_that_checks() {
    let house = House::new("");
    let dir = house.path("new");
    let newsboy = || Command::new(env!("CARGO_BIN_EXE_newsboy"));
    assert!(newsboy().arg("init").arg(&dir).status().unwrap().success());
    let checked = newsboy().arg("check").arg("--config").arg(dir.join("newsboy.toml")).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    assert_eq!(newsboy().arg("init").arg(&dir).output().unwrap().status.code(), Some(1), "what is there is not overwritten");
}

#[test]
fn the_default_configuration_checks() {
    let checked = Command::new(env!("CARGO_BIN_EXE_newsboy"))
        .arg("check")
        .arg("--config")
        .arg(crate_root().join("config/newsboy.toml"))
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn what_is_held_back_is_listed_released_by_hand_and_published_once() {
    let house = House::new("hold_below = 1.0");
    house.land_sample("2026-11-20");
    house.run_well(&["once"]);
    // Pictures without a headline are not held for that alone.
    let before = house.entries().len();
    let listed = house.run_well(&["articles", "--held"]);
    let ids: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).filter(|word| word.starts_with("art_")).collect();
    assert!(ids.len() >= 3 && listed.contains("paper 2026-11-20 page 01"), "{listed}");

    let unknown = house.run(&["articles", "--release", ids[0], "art_00000000000000000000"]);
    assert!(unknown.status.code().is_some_and(|code| code > 0));
    let released = house.run_well(&["articles", "--release", ids[0], ids[2]]);
    assert!(released.contains(ids[0]) && released.contains(ids[2]) && released.contains("is released"), "{released}");
    assert!(house.run_well(&["articles", "--release", ids[0]]).contains("is not held"));
    for _ in 0..2 {
        house.run_well(&["once"]);
        assert_eq!(house.entries().len(), before + 2);
    }
    let output = house.run(&["articles", "--release", "five"]);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_lint_prints_a_line_a_finding_and_ends_with_one_where_there_is_any() {
    let house = House::new("");
    let lint = |name: &str| {
        let output = house.run(&["source", "lint", name, "--editions", "2"]);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, _, error) = lint("paper");
    assert!(code == Some(1) && error.contains("no edition"), "{error}");
    let (code, _, error) = lint("papre");
    assert!(code == Some(2) && error.contains("known are paper"), "{error}");
    house.land_sample("2026-11-20");
    std::fs::rename(house.path("editions/2026-11-20/04.txt"), house.path("editions/2026-11-20/09.txt")).unwrap();
    house.run_well(&["once"]);
    let (code, out, error) = lint("paper");
    assert_eq!((code, error.as_str()), (Some(1), ""), "{out}");
    assert!(out.lines().any(|line| line == "2026-11-20 page-missing: there are no pages 04 to 08"), "{out}");
    let last = out.lines().last().unwrap();
    assert!(last.contains("in 1 edition, 4 pages") && last.contains("1 page-missing"), "{last}");
    assert!(last.starts_with(&format!("{} finding", out.lines().count() - 1)), "{last}");
}
