//! E-paper sites, against mirrors that stand beside a checkout: what comes into the store is held against
//! what each article is, field by field.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::house::{House, free_port, get, has_tool, shared, skip, wait_for};

/// The shortest gap that the tests leave between two requests, in seconds. The default is that of a
/// polite reader; three issues would take minutes with it.
const GAP: f64 = 0.03;

/// The platforms with the lines that describe them.
const PLATFORMS: [(&str, &str, &str); 3] = [
    ("founder-a", "yhrbPaper/pc/layout/", "extends = [\"address/founder-new\", \"template/amucsite\"]"),
    ("founder-b", "", "extends = [\"address/founder-classic\", \"template/classic\"]"),
    ("rmrb-nbs", "yhrb/", "extends = [\"address/nbs\", \"template/rmrb\"]\nissue.code = \"D110000yhrb\""),
];

const DATES: [&str; 3] = ["2023-02-20", "2023-02-21", "2023-02-23"];

/// The days of all mirrors.
const SPAN: [&str; 4] = ["--from", "2023-02-20", "--to", "2023-02-23"];

/// The mirrors, served.
struct Mirrors {
    server: Child,
    port: u16,
    truth: Value,
}

impl Mirrors {
    fn serve() -> Option<Self> {
        let dir: PathBuf = shared()?.join("mirrors");
        if !has_tool("python3") {
            return None;
        }
        if !dir.join("serve.py").is_file() {
            skip("there are no mirrors beside the pages with truth");
            return None;
        }
        let port = free_port();
        let mut command = Command::new("python3");
        command.arg(dir.join("serve.py")).arg(port.to_string()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = command.spawn().unwrap();
        wait_for("the mirrors to be served", || get(&format!("http://127.0.0.1:{port}/__log")));
        let truth = serde_json::from_str(&std::fs::read_to_string(dir.join("truth.json")).unwrap()).unwrap();
        Some(Self { server, port, truth })
    }

    fn get(&self, path: &str) -> String {
        get(&format!("http://127.0.0.1:{}{path}", self.port)).unwrap().1
    }

    /// What was asked for, in order: the moment and the address.
    fn log(&self) -> Vec<(f64, String)> {
        let log: Value = serde_json::from_str(&self.get("/__log")).unwrap();
        log.as_array().unwrap().iter().map(|entry| (entry[0].as_f64().unwrap(), entry[1].as_str().unwrap().to_owned())).collect()
    }

    fn allow(&self) -> String {
        format!("allow_private = [\"127.0.0.1:{}\"]", self.port)
    }

    /// The sources of all platforms, or of those whose lines are given.
    fn sources(&self, lines: &dyn Fn(&str) -> Option<String>) -> String {
        let source = |(name, path, extends): &(&str, &str, &str)| {
            let described = lines(name).unwrap_or_else(|| {
                format!("kind = \"epaper\"\nsite = \"http://127.0.0.1:{}/{name}/{path}\"\n{extends}\nlanguage = \"zh-Hans\"\ntimezone = \"Asia/Shanghai\"", self.port)
            });
            format!("[[source]]\nname = \"{name}\"\n{described}\nfetch.min_gap = {GAP}\n")
        };
        PLATFORMS.iter().map(source).collect::<Vec<_>>().join("\n")
    }

    fn house(&self) -> House {
        let house = House::new("");
        house.configure_sources(&self.allow(), &self.sources(&|_| None));
        house
    }
}

impl Drop for Mirrors {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// What the store has of a platform: articles by date and address.
fn stored(house: &House, source: &str) -> BTreeMap<(String, String), Value> {
    let printed = house.run_well(&["articles", "--source", source, "--json"]);
    let articles = printed.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    articles
        .map(|article| {
            let url = article["site"]["url"].as_str().unwrap();
            let path = url.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap();
            ((article["date"].as_str().unwrap().to_owned(), path), article)
        })
        .collect()
}

/// The text of a field, empty where there is none.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().map(|values| values.iter().map(text).collect()).unwrap_or_default()
}

/// Every field in which an article is not what it should be.
fn differences(truth: &Value, article: &Value, keys: &BTreeMap<String, String>) -> Vec<String> {
    let site = &article["site"];
    let kind = match text(&article["kind"]) {
        "masthead" => "credit",
        other => other,
    };
    let zone = site["zones"][0].as_array().map(|corners| {
        let numbers = corners.iter().flat_map(|corner| corner.as_array().unwrap()).map(|number| format!("{}", number.as_f64().unwrap()));
        numbers.collect::<Vec<_>>().join(",")
    });
    let pictures = site["pictures"].as_array().cloned().unwrap_or_default();
    let names: Vec<String> = pictures.iter().map(|picture| text(&picture["url"]).rsplit('/').next().unwrap().to_owned()).collect();
    let captions: Vec<&str> = pictures.iter().map(|picture| text(&picture["caption"])).filter(|caption| !caption.is_empty()).collect();
    let key = |id: &Value| id.as_str().map(|id| keys[id].clone()).unwrap_or_default();
    let fields = [
        ("page", text(&truth["page"]).to_owned(), text(&article["page"]).to_owned()),
        ("page_name", text(&truth["page_name"]).to_owned(), text(&article["section"]).to_owned()),
        ("kind", text(&truth["kind"]).to_owned(), kind.to_owned()),
        ("kicker", text(&truth["kicker"]).to_owned(), text(&article["kicker"]).to_owned()),
        ("headline", text(&truth["headline"]).to_owned(), text(&article["headline"]).to_owned()),
        ("deck", text(&truth["deck"]).to_owned(), text(&article["deck"]).to_owned()),
        ("author", text(&truth["author"]).to_owned(), text(&site["author"]).to_owned()),
        ("paragraphs", texts(&truth["paragraphs"]).join("\n"), texts(&article["paragraphs"]).join("\n")),
        ("images", texts(&truth["images"]).join(" "), names.join(" ")),
        ("captions", texts(&truth["captions"]).join("\n"), captions.join("\n")),
        ("coords", text(&truth["coords"]).to_owned(), zone.unwrap_or_default()),
        ("continues_on", text(&truth["continues_on"]).to_owned(), key(&site["continues_on"])),
        ("continued_from", text(&truth["continued_from"]).to_owned(), key(&site["continued_from"])),
    ];
    let wrong = fields.into_iter().filter(|(_, expected, found)| expected != found);
    wrong.map(|(field, expected, found)| format!("{} {field}: {found:?} and not {expected:?}", truth["url"])).collect()
}

/// Holds what a platform's store has against the truth. `lost` are the keys of articles that the site
/// lists and has not got.
fn assert_true(mirrors: &Mirrors, house: &House, platform: &str, lost: &[(&str, &str)]) {
    let stored = stored(house, platform);
    let mut wrong = Vec::new();
    let mut expected = BTreeSet::new();
    for date in DATES {
        let articles = mirrors.truth[platform][date].as_array().unwrap();
        let id = |article: &Value| text(&article["url"]).rsplit('/').next().unwrap().rsplit_once('.').unwrap().0.to_owned();
        let keys: BTreeMap<String, String> = articles.iter().map(|article| (id(article), text(&article["key"]).to_owned())).collect();
        for truth in articles.iter().filter(|truth| !lost.contains(&(date, text(&truth["key"])))) {
            let at = (date.to_owned(), text(&truth["url"]).to_owned());
            match stored.get(&at) {
                Some(article) => wrong.extend(differences(truth, article, &keys)),
                None => wrong.push(format!("{} is missing", at.1)),
            }
            expected.insert(at);
        }
    }
    wrong.extend(stored.keys().filter(|at| !expected.contains(*at)).map(|(date, url)| format!("{date} {url} is too many")));
    assert!(wrong.is_empty(), "{platform}:\n{}", wrong.join("\n"));
}

/// The article that is listed and not there while the faults are on.
const LOST: &[(&str, &str)] = &[("2023-02-23", "d3")];

#[test]
fn every_article_of_the_mirrors_is_what_it_is_with_all_faults_on() {
    let Some(mirrors) = Mirrors::serve() else { return };
    let house = mirrors.house();
    let printed = house.run_well(&[&["once"][..], &SPAN].concat());
    for (platform, ..) in PLATFORMS {
        assert_true(&mirrors, &house, platform, LOST);
        for date in DATES {
            assert!(printed.contains(&format!("{platform} {date}: issue (4 pages)")), "{printed}");
        }
        assert!(printed.contains(&format!("{platform} 2023-02-22: none (")), "{printed}");
    }

    // Politeness: what was asked for, when, and how often.
    let log = mirrors.log();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    log.iter().for_each(|(_, url)| *times.entry(url.as_str()).or_default() += 1);
    for (url, count) in &times {
        let tries = match *url {
            url if url.ends_with("/23/node_A02.html") || url.ends_with("/23/node_2.htm") || url.ends_with("/23/nbs.D110000yhrb_02.htm") => {
                3
            }
            // Cut short at the first try.
            url if mirrors.truth.as_object().unwrap().values().any(|platform| {
                platform["2023-02-23"].as_array().unwrap().iter().any(|article| article["key"] == "b2" && article["url"] == *url)
            }) =>
            {
                2
            }
            _ => 1,
        };
        assert_eq!(*count, tries, "{url} was asked for {count} times");
        let of_site = *url == "/robots.txt" || PLATFORMS.iter().any(|(platform, ..)| url.starts_with(&format!("/{platform}/")));
        assert!(of_site && !url.ends_with(".jpg"), "{url} is nothing to ask for");
    }
    // One page of each issue has no text, and its PDF alone is looked into.
    assert_eq!(times.keys().filter(|url| url.ends_with(".pdf")).count(), PLATFORMS.len() * DATES.len());
    for pair in log.windows(2) {
        assert!(pair[1].0 - pair[0].0 >= GAP - 0.005, "{} came {} s after {}", pair[1].1, pair[1].0 - pair[0].0, pair[0].1);
    }

    // A second pass changes nothing.
    let feeds = |house: &House| {
        PLATFORMS.map(|(platform, ..)| ["rss.xml", "atom.xml", "feed.json"].map(|file| house.read(&format!("feeds/{platform}/{file}"))))
    };
    let before = feeds(&house);
    assert!(before.iter().flatten().all(|feed| feed.contains("样湖1号堤岸修复工程提前完工")));
    house.run_well(&[&["once"][..], &SPAN].concat());
    assert!(feeds(&house) == before, "the feeds changed though nothing else did");
}

#[test]
fn what_is_corrected_added_and_withdrawn_is_seen_and_nothing_else() {
    let Some(mirrors) = Mirrors::serve() else { return };
    mirrors.get("/__control?faults=off");
    let house = mirrors.house();
    let once = [&["once"][..], &SPAN].concat();
    house.run_well(&once);
    for (platform, ..) in PLATFORMS {
        assert_true(&mirrors, &house, platform, &[]);
    }
    let before = PLATFORMS.map(|(platform, ..)| stored(&house, platform));
    mirrors.get("/__control?phase=2");
    house.run_well(&once);
    for ((platform, ..), before) in PLATFORMS.iter().zip(&before) {
        let after = stored(&house, platform);
        let added: Vec<_> = after.keys().filter(|at| !before.contains_key(*at)).collect();
        let changed =
            |field: &str| after.iter().filter(|(at, article)| before.get(*at).is_some_and(|old| old[field] != article[field])).count();
        assert_eq!(added.len(), 1, "{platform}: {added:?}");
        assert_eq!((changed("revision"), changed("headline"), changed("withdrawn")), (1, 1, 1), "{platform}");
        let others = after.iter().filter(|(at, article)| {
            before.get(*at).is_some_and(|old| old != *article) && article["revision"] == 1 && article["withdrawn"] == false
        });
        assert_eq!(others.map(|(at, _)| at).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "{platform}");
    }
}

#[test]
fn what_has_not_changed_is_not_transferred_again() {
    let Some(mirrors) = Mirrors::serve() else { return };
    mirrors.get("/__control?faults=off");
    let house = mirrors.house();
    let once = [&["once"][..], &SPAN].concat();
    house.run_well(&once);
    let spent = |house: &House| {
        let numbers = rows(house, "SELECT SUM(requests), SUM(bytes) FROM site_spent");
        let numbers: Vec<u64> = numbers.split_whitespace().map(|number| number.parse().unwrap()).collect();
        (numbers[0], numbers[1])
    };
    let (asked, bytes) = spent(&house);
    house.run_well(&once);
    let (asked_again, bytes_again) = spent(&house);
    assert!(asked_again > asked + 100, "the second pass asks as well");
    // What has no tag to ask with: the answers that nothing is there.
    assert!(bytes_again - bytes < 2_000, "{} bytes came again", bytes_again - bytes);
}

/// What a house's store answers to `sql`, a row a line.
fn rows(house: &House, sql: &str) -> String {
    let script = format!("import sqlite3,sys\nfor row in sqlite3.connect(sys.argv[1]).execute({sql:?}): print(*row)");
    let output = Command::new("python3").args(["-c", &script]).arg(house.path("data/newsboy.db")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_probe_prints_a_description_that_gives_the_same() {
    let Some(mirrors) = Mirrors::serve() else { return };
    mirrors.get("/__control?faults=off");
    let house = House::new("");
    let port = mirrors.port.to_string();
    let entries = [
        ("founder-a", "/founder-a/yhrbPaper/pc/layout/index.html"),
        ("founder-b", "/founder-b/paperindex.htm"),
        ("rmrb-nbs", "/rmrb-nbs/yhrb/html/2023-02/20/nbs.D110000yhrb_01.htm"),
    ];
    let mut described = BTreeMap::new();
    for (platform, entry) in entries {
        let url = format!("http://127.0.0.1:{port}{entry}");
        let allow = format!("127.0.0.1:{port}");
        let printed = house.run_well(&["source", "probe", &url, "--allow-private", &allow, "--min-gap", "0.01"]);
        let lines: Vec<&str> =
            printed.lines().filter(|line| !line.starts_with('#') && !line.starts_with("name =") && *line != "[[source]]").collect();
        assert!(lines.len() <= 8, "{printed}");
        described.insert(platform, lines.join("\n"));
    }
    house.configure_sources(&mirrors.allow(), &mirrors.sources(&|platform| described.get(platform).cloned()));
    house.run_well(&[&["once"][..], &SPAN].concat());
    for (platform, ..) in PLATFORMS {
        assert_true(&mirrors, &house, platform, &[]);
    }
}

#[test]
fn a_pass_that_is_killed_goes_on_and_ends_the_same() {
    let Some(mirrors) = Mirrors::serve() else { return };
    mirrors.get("/__control?faults=off");
    let whole = mirrors.house();
    let once = [&["once"][..], &SPAN].concat();
    whole.run_well(&once);
    let house = mirrors.house();
    // A fixed seed: a failure shows itself again.
    let mut random = fastrand::Rng::with_seed(20_230_223);
    for _ in 0..6 {
        let mut child = house.command(&once).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(random.u64(200..2_500)));
        drop(child.kill());
        drop(child.wait());
    }
    house.run_well(&once);
    let marks = |house: &House| rows(house, "SELECT source, date, change FROM edition_marks ORDER BY source, date");
    assert_eq!(marks(&house), marks(&whole));
    // The address of an archive carries a version that the paper's own address is a part of, and the two
    // houses have two.
    let version = regex::Regex::new("/archive/([0-9-]+)/[0-9a-f]+/").unwrap();
    for (platform, ..) in PLATFORMS {
        assert_true(&mirrors, &house, platform, &[]);
        let strip =
            |feed: String| version.replace_all(&feed.replace(&house.url(""), "").replace(&whole.url(""), ""), "/archive/$1/").into_owned();
        let file = format!("feeds/{platform}/atom.xml");
        assert_eq!(strip(house.read(&file)), strip(whole.read(&file)), "{platform}");
    }
}
