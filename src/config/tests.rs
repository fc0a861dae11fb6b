#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;

use chrono::NaiveDate;
use proptest::prelude::*;

use crate::digest::schedule::{Schedule, Timing};
use crate::model::ArticleKind;
use crate::source::Place;
use crate::source::directory::scan;
use crate::webhook::WhenEmpty;

use super::*;

const SOURCE: &str = r#"
[[source]]
name = "sample"
path = "editions/{date}/{page}.txt"
language = "zh-Hans"
timezone = "Asia/Shanghai"
"#;

fn read(text: &str) -> Result<Config, ConfigErrors> {
    let environment = |name: &str| match name {
        "DESK_URL" => Some("https://desk.example/hook/T0K3N\n".to_owned()),
        "NOTHING" => Some(" ".to_owned()),
        _ => None,
    };
    let around = Surroundings { dir: Path::new("/srv/paper/config"), environment: &environment, world_readable: true };
    parse(text, Path::new("newsboy.toml"), &around)
}

/// What is said about the text behind a source that is right.
fn told(text: &str) -> String {
    let text = format!("{SOURCE}{text}");
    match read(&text) {
        Ok(config) => format!("taken, with {} warnings", config.warnings.len()),
        Err(errors) => errors.to_string(),
    }
}

#[test]
fn the_default_runs_on_the_sample_edition_as_it_is() {
    let config = load(Path::new("config/newsboy.toml")).unwrap();
    assert_eq!(config.warnings, []);
    let [source] = config.sources.as_slice() else { panic!("{:?}", config.sources) };
    let Place::Directory(directory) = &source.place else { panic!("{:?}", source.place) };
    let scan = scan(&source.name, directory);
    let found: Vec<_> = scan.files.iter().map(|file| (file.key.date, file.key.page.as_str())).collect();
    let date = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap();
    assert_eq!((found, scan.problems), (["01", "02", "03", "04"].map(|page| (date, page)).to_vec(), Vec::new()));
    let names: Vec<_> = config.feeds_list.iter().map(|feed| feed.name.as_str()).collect();
    assert_eq!(names, ["sample", "energy"]);
    assert!(config.webhooks.iter().all(|webhook| webhook.backfill));
    let root = std::path::absolute(".").unwrap();
    assert_eq!((config.feeds.dir, config.dir), (root.join("feeds"), root.join("config")));
}

#[test]
fn every_default_that_the_default_configuration_states_is_the_one_that_is_used() {
    let config = read(default_text()).unwrap();
    // What stands behind "# " and begins like a setting, taken at its word.
    let is_setting = |line: &str| line.split_once(" = ").is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
    let mut spelled_out = String::new();
    let mut settings = 0;
    for line in default_text().lines().take_while(|line| !line.starts_with("# [[webhook]]")) {
        match line.strip_prefix("# ").filter(|rest| is_setting(rest)) {
            Some(setting) => {
                settings += 1;
                writeln!(spelled_out, "{setting}").unwrap();
            }
            None => writeln!(spelled_out, "{line}").unwrap(),
        }
    }
    assert!(settings >= 9, "{spelled_out}");
    assert_eq!(read(&spelled_out).unwrap(), config);
}

#[test]
fn the_template_is_taken_and_names_no_sample() {
    let config = read(template()).unwrap();
    assert_eq!(config.warnings, []);
    assert!(!template().contains("sample"));
}

#[test]
fn one_source_is_enough() {
    let config = read("[[source]]\nname = \"sample\"\npath = \"../in/{date}/{page}.txt\"\n").unwrap();
    let Place::Directory(directory) = &config.sources[0].place else { panic!("{:?}", config.sources[0].place) };
    assert_eq!(directory.root, Path::new("/srv/paper/in"));
    assert_eq!(config.feeds_list[0].language, None);
    insta::assert_debug_snapshot!(config);
}

#[test]
fn everything_of_the_design_is_read() {
    let config = read(
        r#"
        [server]
        listen = "[::1]:8080"
        public_url = "https://news.example.org/paper/"
        status_token = "not-shown-to-anybody"
        [store]
        url = "sqlite:/srv/newsboy.db"
        [feeds]
        dir = "/srv/feeds"
        entries = 7
        authority = "example.org,2026-11"
        [[source]]
        name = "sample"
        title = "清渚日报"
        kind = "directory"
        path = "/in/{date}/{page}.txt"
        watch = "poll"
        rescan = "1h30m"
        poll = "90s"
        language = "zh-Hans"
        timezone = "Asia/Shanghai"
        published = "05:30"
        hold_below = 0.4
        [[feed]]
        name = "energy"
        sources = ["sample"]
        match = { any = ["新能源"], none = ["广告"], sections = ["要闻"], kinds = ["notice"] }
        [[webhook]]
        name = "desk"
        kind = "feishu"
        url = { env = "DESK_URL" }
        secret = "not-shown"
        schedule = "0 8 * * 1-5"
        timezone = "Asia/Tokyo"
        feeds = ["energy", "sample"]
        summary = { kind = "llm", chars = 100, endpoint = "http://127.0.0.1:8080/v1/", model = "small", key = "not-shown", timeout = "5s", within = "20s", most = 7, requests_a_day = 300, characters_a_day = 50000 }
        watch = { words = ["氢能", "人大 -人大附中 -人大代表"], only = false }
        tell_once = false
        limit = 5
        when_empty = "send"
        retry = { schedule = ["5s", "5m"], expires = "12h" }
        "#,
    )
    .unwrap();
    let shown = format!("{config:?}");
    assert_eq!(config.server.public_url, "https://news.example.org/paper");
    assert_eq!(config.feeds_list[1].rule.kinds, [ArticleKind::Notice]);
    let webhook = &config.webhooks[0];
    assert_eq!(webhook.destination.kind(), "feishu");
    assert_eq!((webhook.when_empty, webhook.retry.schedule.len(), webhook.backfill), (WhenEmpty::Send, 2, false));
    assert_eq!(webhook.timing, Timing::cron(Schedule::parse("0 8 * * 1-5", chrono_tz::Asia::Tokyo).unwrap()));
    assert_eq!(config.sources[0].hold_below, 0.4);
    assert!(config.server.status_token.is_some_and(|token| token.matches("not-shown-to-anybody")));
    // The secrets stand in a file that everybody can read.
    assert_eq!(config.warnings.len(), 3);
    let editing = &config.editing["desk"];
    let llm = editing.llm.as_ref().unwrap();
    assert_eq!((llm.requests_a_day, llm.characters_a_day), (300, 50_000));
    assert_eq!((llm.endpoint.as_str(), llm.timeout.as_secs(), llm.within.as_secs(), llm.most), ("http://127.0.0.1:8080/v1", 5, 20, 7));
    assert!(!editing.tell_once && editing.watch.as_ref().is_some_and(|watch| !watch.only));
    assert!(!shown.contains("not-shown") && !shown.contains("T0K3N"));
}

#[test]
fn every_error_names_its_place_what_was_found_and_what_to_write() {
    let wrong = [
        ("a broken file", "[server\nlisten = 5\n"),
        ("text without quotes", "[[webhook]]\nname = desk\nurl = https://desk.example/hidden\nschedule = 0 8 * * *\nsecret = \"hidden\n"),
        (
            "a table that is none",
            "[[webhook]]\nname = \"a\"\nkind = \"console\"\nschedule = \"0 8 * * *\"\nsummary = 120\nretry = [{ expires = \"1h\" }]\n",
        ),
        ("a doubled key", "[server]\nlisten = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:2\"\n"),
        ("unknown sections and settings", "[[webhok]]\n[server]\nlissten = \"127.0.0.1:8080\"\nallow = []\n"),
        ("one bracket for two and two for one", "[feed]\nname = \"a\"\n[[store]]\n"),
        ("wrong types", "[feeds]\nentries = \"100\"\ndir = 5\nauthority = [\"example.org,2026\"]\n"),
        (
            "out of bounds",
            "[feeds]\nentries = 0x1000\n[[webhook]]\nname = \"a\"\nkind = \"console\"\nschedule = \"0 8 * * *\"\nlimit = 0\nsummary = { chars = 5, words = 3 }\nretry = { schedule = [\"5 seconds\", \"2d\"], expires = \"1s\" }\n",
        ),
        (
            "addresses",
            "[server]\nlisten = \"localhost:8080\"\npublic_url = \"news.example.org\"\n[store]\nurl = \"postgres://user:hidden@db/newsboy\"\n[feeds]\nauthority = \"Example.org,2026\"\n",
        ),
        (
            "a source",
            "[[source]]\nname = \"County Paper\"\nkind = \"directorys\"\npath = \"in/{dat}/{page}.txt\"\nlanguage = \"zh_CN.UTF-8\"\ntimezone = \"Asia/Beijing\"\npublished = 06:00:00\nwatch = \"polling\"\n",
        ),
        ("nothing of a source", "[[source]]\n"),
        (
            "confidence",
            "[[source]]\nname = \"b\"\npath = \"{date}/{page}.txt\"\ntimezone = \"UTC\"\nhold_below = 1.5\n[[source]]\nname = \"c\"\npath = \"{date}/{page}.txt\"\ntimezone = \"UTC\"\nhold_below = \"0.5\"\n[[source]]\nname = \"d\"\npath = \"{date}/{page}.txt\"\ntimezone = \"UTC\"\nhold_below = -0.5\n[[source]]\nname = \"e\"\npath = \"{date}/{page}.txt\"\ntimezone = \"UTC\"\nhold_below = nan\n",
        ),
        (
            "summaries and watched words",
            "[[webhook]]\nname = \"a\"\nkind = \"console\"\nschedule = \"0 8 * * *\"\nsummary = { kind = \"llms\" }\nwatch = { words = [] }\n[[webhook]]\nname = \"b\"\nkind = \"console\"\nschedule = \"0 8 * * *\"\nsummary = { kind = \"llm\", endpoint = \"http://user:hidden@localhost/v1\", timeout = \"1h\" }\nwatch = { file = \"nowhere.txt\", words = [\"，\"] }\n[[webhook]]\nname = \"c\"\nkind = \"console\"\nschedule = \"0 8 * * *\"\nsummary = { endpoint = \"http://localhost/v1\" }\nwatch = {}\ntell_once = \"yes\"\n",
        ),
        ("a token that can be guessed", "[server]\nstatus_token = \"hidden\"\n"),
        ("a token that is not there", "[server]\nstatus_token = { env = \"STATUS_TOKEN\" }\n"),
        (
            "zones",
            "[[source]]\nname = \"b\"\npath = \"{date}/{page}.txt\"\ntimezone = \"Asia/Shangai\"\n[[source]]\nname = \"c\"\npath = \"{date}/{page}.txt\"\ntimezone = \"UTC+8\"\n[[source]]\nname = \"d\"\npath = \"{date}/{page}.txt\"\ntimezone = \"shanghai\"\n",
        ),
        (
            "the same names",
            "[[source]]\nname = \"Sample\"\npath = \"{date}/{page}.txt\"\n[[feed]]\nname = \"sample\"\n[[feed]]\nname = \"e\"\n[[feed]]\nname = \"e\"\n",
        ),
        (
            "names that nothing has",
            "[[feed]]\nname = \"energy\"\nsources = [\"sampel\"]\nmatch = { kinds = [\"articles\"] }\n[[webhook]]\nname = \"a\"\nkind = \"console\"\nschedule = \"0 8 * * *\"\nfeeds = [\"enrgy\", \"sample\", \"sample\", \"other\"]\n",
        ),
        (
            "schedules",
            "[[webhook]]\nname = \"a\"\nkind = \"console\"\nschedule = \"0 25 * * *\"\n[[webhook]]\nname = \"b\"\nkind = \"console\"\nschedule = \"0 0 31 2 *\"\n[[webhook]]\nname = \"c\"\nkind = \"console\"\n",
        ),
        (
            "secrets",
            "[[webhook]]\nname = \"a\"\nkind = \"slack\"\nschedule = \"0 8 * * *\"\nurl = { env = \"DESK_UR\" }\n[[webhook]]\nname = \"b\"\nkind = \"slack\"\nschedule = \"0 8 * * *\"\nurl = { flie = \"x\" }\n[[webhook]]\nname = \"c\"\nkind = \"slack\"\nschedule = \"0 8 * * *\"\nurl = \"hidden\"\n[[webhook]]\nname = \"d\"\nkind = \"webhook\"\nschedule = \"0 8 * * *\"\nurl = { env = \"DESK_URL\" }\nsecret = \"hidden\"\n[[webhook]]\nname = \"e\"\nkind = \"slack\"\nschedule = \"0 8 * * *\"\nurl = { env = \"NOTHING\" }\n[[webhook]]\nname = \"f\"\nkind = \"slack\"\nschedule = \"0 8 * * *\"\nurl = { file = \"nowhere\" }\n",
        ),
        (
            "kinds",
            "[[webhook]]\nname = \"a\"\nkind = \"slak\"\nschedule = \"0 8 * * *\"\nurl = { env = \"DESK_URL\" }\n[[webhook]]\nname = \"b\"\nkind = \"feishu\"\nschedule = \"0 8 * * *\"\n[[webhook]]\nname = \"c\"\nkind = \"console\"\nschedule = \"0 8 * * *\"\nurl = { env = \"DESK_URL\" }\n",
        ),
        (
            "sources in different zones",
            "[[source]]\nname = \"tokyo\"\npath = \"in/{date}/{page}.txt\"\ntimezone = \"Asia/Tokyo\"\n[[webhook]]\nname = \"a\"\nkind = \"console\"\nschedule = \"0 8 * * *\"\n",
        ),
    ];
    let mut all = String::new();
    for (what, text) in wrong {
        let told = told(text);
        assert!(!told.contains("hidden"), "{told}");
        writeln!(all, "== {what}\n{told}\n").unwrap();
    }
    insta::assert_snapshot!(all);
}

#[test]
fn without_a_source_there_is_nothing_to_do() {
    insta::assert_snapshot!(read("[server]\n").unwrap_err(), @"newsboy.toml:1:1: there is no [[source]], so newsboy would have nothing to read; add one with name, path, language and timezone");
    assert!(read("source = []").is_err() && read("source = 5").is_err());
}

#[test]
fn a_file_that_cannot_be_read_is_told_by_its_path_and_a_foreign_encoding_by_its_place() {
    let dir = tempfile::TempDir::new().unwrap();
    let told = load(&dir.path().join("absent.toml")).unwrap_err().to_string();
    assert!(told.contains("absent.toml: the configuration cannot be read") && told.contains("newsboy init"), "{told}");
    let path = dir.path().join("gbk.toml");
    std::fs::write(&path, b"[server]\n# \xd6\xd0\n").unwrap();
    assert_eq!(load(&path).unwrap_err().0[0].place, Some((2, 3)));
}

#[test]
fn a_secret_comes_from_a_file_beside_the_configuration() {
    let dir = tempfile::TempDir::new().unwrap();
    std::fs::write(dir.path().join("desk.url"), "https://desk.example/hook\n").unwrap();
    let hook = "[[webhook]]\nname = \"desk\"\nkind = \"slack\"\nurl = { file = \"desk.url\" }\nschedule = \"0 8 * * *\"\n";
    let path = dir.path().join("newsboy.toml");
    std::fs::write(&path, format!("{SOURCE}{hook}")).unwrap();
    assert_eq!(load(&path).unwrap().webhooks.len(), 1);
}

#[test]
fn a_trial_authority_and_links_to_nowhere_are_worth_a_warning() {
    let warnings = |text: &str| read(&format!("{SOURCE}{text}")).unwrap().warnings.len();
    assert_eq!(warnings("[server]\nlisten = \"0.0.0.0:8080\"\n"), 1);
    assert_eq!(warnings("[server]\npublic_url = \"https://news.example.org\"\n"), 1);
    assert_eq!(warnings("[server]\npublic_url = \"https://news.example.org\"\n[feeds]\nauthority = \"example.org,2026\"\n"), 0);
    assert_eq!(warnings("[server]\npublic_url = \"http://[::1]:8080\"\n"), 0);
}

/// The tokens of a text: words, and single other characters.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let end = if is_word(first) { rest.find(|c| !is_word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        tokens.push(&rest[..end]);
        rest = &rest[end..];
    }
    tokens
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_configuration_is_taken_or_refused_with_a_place(
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0u8..3), 1..4),
    ) {
        // Without comments, so that damage hits what counts.
        let plain: String = default_text().lines().filter(|line| !line.starts_with('#')).fold(String::new(), |all, line| all + line + "\n");
        let mut tokens = tokens(&plain);
        for (at, other, how) in damages {
            let (at, other) = (at.index(tokens.len()), tokens[other.index(tokens.len())]);
            match how {
                0 => drop(tokens.remove(at)),
                1 => tokens.insert(at, tokens[at]),
                _ => tokens[at] = other,
            }
        }
        if let Err(errors) = read(&tokens.concat()) {
            prop_assert!(!errors.0.is_empty());
            for error in errors.0 {
                prop_assert!(error.place.is_some_and(|(line, column)| line > 0 && column > 0), "{}", error);
                prop_assert!(!error.message.contains("a defect of newsboy"), "{}", error);
            }
        }
    }
}

#[test]
fn private_addresses_are_allowed_one_by_one() {
    let config = read(&format!("[server]\nallow_private = [\"127.0.0.1:8731\", \"[::1]:80\"]\n{SOURCE}")).unwrap();
    assert_eq!(config.server.allow_private.to_string(), "127.0.0.1:8731, [::1]:80");
    let told = told("[server]\nallow_private = [\"127.0.0.1\"]");
    assert!(told.contains("newsboy.toml:8:18: allow_private: \"127.0.0.1\" is no host with its port; write both"), "{told}");
}

/// A site as a source, with these lines at its end.
fn site(lines: &str) -> String {
    let head = "[[source]]\nname = \"site\"\nkind = \"epaper\"\nsite = \"https://paper.example/\"\ntimezone = \"UTC\"";
    format!("{head}\n{lines}\n")
}

#[test]
fn a_site_is_made_of_presets_and_of_its_own_settings() {
    let lines = "extends = [\"address/nbs\", \"template/rmrb\"]\nevery = \"1h\"\nissue.code = \"D110000x\"\nfetch.min_gap = 5.0\nfield.kicker = [\"p.intro\", { at = \"h4\", regex = \"^(.+)$\" }]";
    let config = read(&site(lines)).unwrap();
    let Place::Epaper(site) = &config.sources[0].place else { panic!("{:?}", config.sources[0].place) };
    assert_eq!((site.every.as_secs(), site.description.site().as_str()), (3_600, "https://paper.example/"));
    assert_eq!(read(&format!("{}{SOURCE}", self::site(lines))).unwrap().sources.len(), 2);
}

#[test]
fn what_is_wrong_with_a_site_is_told_with_its_place() {
    for (lines, expected) in [
        ("", "newsboy.toml:1:1: an epaper source extends an address and a template"),
        ("extends = [\"adress/nbs\"]", "newsboy.toml:6:12: extends: there is no preset \"adress/nbs\"; did you mean \"address/nbs\"?"),
        ("extends = [\"address/nbs\"]", "the description has no [page] list; extend an address and a template"),
        ("extends = [\"address/nbs\", \"template/rmrb\"]\nfield.kicker = \"p[\"", "newsboy.toml:7:16: field: \"p[\": no CSS selector"),
        ("extends = [\"address/nbs\", \"template/rmrb\"]\nfield.kickr = \"p\"", "newsboy.toml:7:7: field: unknown field `kickr`"),
        ("extends = [\"address/nbs\", \"template/rmrb\"]\njump.to = \"(\"", "newsboy.toml:7:11: jump: no regular expression"),
        ("extends = [\"address/nbs\", \"template/rmrb\"]\nissue.url = \"%Q\"", "holds a sign of strftime that is none"),
        ("extends = [\"address/nbs\", \"template/rmrb\"]\nfetch.retries = 99", "[fetch] retries: 99 is out of bounds, expected 0 to 10"),
        ("extends = [\"address/nbs\", \"template/rmrb\"]\nfetch.robots = \"ignore\"", "expected `obey` or `my-own-paper`"),
        ("extends = [\"mine.toml\"]", "mine.toml cannot be read"),
    ] {
        let told = read(&site(lines)).unwrap_err().to_string();
        assert!(told.contains(expected), "{lines}: {told}");
    }
}

#[test]
fn the_hub_is_newsboy_s_own_another_or_none() {
    use crate::websub::{Hub, Method};
    let hub = |text: &str| read(&format!("{text}\n{SOURCE}")).unwrap().hub;
    assert_eq!((hub("").hub, hub("").signature), (Hub::Own, Method::Sha256));
    assert_eq!(hub("[hub]\nenabled = false\nurl = \"https://hub.example/\"").hub, Hub::Nobody);
    let Hub::Outside(url) = hub("[hub]\nurl = \"https://hub.example/\"").hub else { panic!("another hub") };
    assert_eq!(url.as_str(), "https://hub.example/");
    assert_eq!(hub("[hub]\nsignature = \"sha512\"").signature, Method::Sha512);
    let told = told("[hub]\nurl = \"hub.example\"\nsignature = \"sha1\"");
    assert!(told.contains("newsboy.toml:8:7: url: \"hub.example\" is no address") && told.contains("signature: \"sha1\""), "{told}");
}

#[test]
fn the_token_of_a_feed_is_a_secret_that_nobody_guesses() {
    let feed = |token: &str| format!("[[feed]]\nname = \"desk\"\ntoken = {token}");
    let config = read(&format!("{SOURCE}{}", feed("{ env = \"DESK_URL\" }"))).unwrap();
    assert!(config.feeds_list[1].token.as_ref().unwrap().matches("https://desk.example/hook/T0K3N"));
    assert!(config.feeds_list[0].token.is_none() && !format!("{config:?}").contains("T0K3N"));
    let told = told(&feed("\"short\""));
    assert!(told.contains("token: this token is shorter than 16 characters") && !told.contains("\"short\""), "{told}");
}
