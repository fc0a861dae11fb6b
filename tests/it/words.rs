//! What stands in a digest: watched words in their sentences, summaries by a language model, a story in
//! two papers once.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::house::{House, wait_for};
use crate::receiver::{Play, Receiver};

const PAGE: &str = "清渚日报　2026年11月21日　星期六　第02版　社会\n\n縣人大代表視察氫能公交\n\n　　本报讯（记者丁禾）昨天清晨的雾很大，江边的路灯还亮着。縣裡首批氫能公交車昨天上路，市民排隊試乘，車票兩元。市人大代表視察了加氫站，聽取了匯報，對安全提出要求。氫能是縣裡今年的重點，明年還要再建兩座加氫站，把所有鄉鎮連起來。\n";

fn items(receiver: &Receiver) -> Vec<Value> {
    let bodies: Vec<Value> = receiver.requests().iter().map(|r| serde_json::from_str(&r.body).unwrap()).collect();
    bodies.iter().flat_map(|body| body["data"]["items"].as_array().cloned().unwrap_or_default()).collect()
}

#[test]
fn a_watched_word_is_at_its_receiver_within_a_second_once_and_in_its_sentence() {
    let (alerts, all, none) = (Receiver::willing(), Receiver::willing(), Receiver::willing());
    let arrival = |name: &str, receiver: &Receiver, more: &str| {
        format!(
            "[[webhook]]\nname = \"{name}\"\nkind = \"webhook\"\nurl = \"{}\"\non = \"arrival\"\nbatch = \"0s\"\n{more}\n",
            receiver.url()
        )
    };
    let house = House::new(&format!(
        "{}{}{}",
        arrival("alerts", &alerts, "watch = { words = [\"氢能\", \"光伏\", \"人大 -人大附中\"], file = \"words.txt\" }"),
        arrival("all", &all, "watch = { words = [\"光伏\"], only = false }"),
        arrival("none", &none, "watch = { words = [\"人大 -人大代表\", \"光伏\"] }"),
    ));
    std::fs::write(house.path("words.txt"), "# what the desk asks for\n加氢站\n").unwrap();
    let _daemon = house.start();
    std::thread::sleep(Duration::from_secs(1));
    house.land("2026-11-21", "02.txt", PAGE.as_bytes());
    let start = Instant::now();
    wait_for("the alert", || (!alerts.requests().is_empty()).then_some(()));
    assert!(start.elapsed() < Duration::from_secs(1), "it took {:?}", start.elapsed());

    let heard = items(&alerts);
    assert_eq!(heard.len(), 1, "{heard:?}");
    let item = &heard[0];
    assert_eq!(item["summary_kind"], "alert");
    let mut words: Vec<&str> = item["heard"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    words.sort_unstable();
    assert_eq!(words, ["人大", "加氢站", "氢能"], "each word once");
    let summary = item["summary"].as_str().unwrap();
    assert!(summary.contains("首批【氫能】公交") && summary.contains("市【人大】代表視察了【加氫站】"), "{summary}");
    assert_eq!(summary.matches("【氫能】").count(), 1, "{summary}");

    wait_for("the digest of all", || (!all.requests().is_empty()).then_some(()));
    assert_eq!(items(&all)[0]["summary_kind"], "extract");
    std::thread::sleep(Duration::from_millis(500));
    assert!(none.requests().is_empty(), "a word was heard where it was excepted");
}

fn completion(text: &str) -> &'static str {
    Box::leak(json!({"choices": [{"message": {"content": text}}]}).to_string().into_boxed_str())
}

#[test]
fn whatever_the_language_model_does_the_digest_leaves_on_time_with_a_right_summary_and_says_which_it_is() {
    let good = "首批氫能公交車上路，車票兩元。";
    let plays = [
        ("good", Play::Answer(200, "", completion(good)), "llm"),
        ("slow", Play::Hang(Duration::from_secs(60)), "extract"),
        ("error", Play::Answer(500, "", "key-not-for-logs"), "extract"),
        ("invented", Play::Answer(200, "", completion("首批38輛氫能公交車上路。")), "extract"),
        ("flood", Play::Flood(10_000_000), "extract"),
    ];
    let mut more = String::new();
    let mut desks = Vec::new();
    for (name, play, kind) in plays {
        let (model, receiver) = (Receiver::start(vec![play]), Receiver::willing());
        let endpoint = model.url().replace("/hook", "/v1");
        more.push_str(&format!(
            "[[webhook]]\nname = \"{name}\"\nkind = \"webhook\"\nurl = \"{}\"\non = \"arrival\"\nbatch = \"0s\"\nsummary = {{ kind = \"llm\", chars = 60, endpoint = \"{endpoint}\", model = \"small\", key = {{ env = \"MODEL_KEY\" }}, timeout = \"2s\", within = \"3s\" }}\n",
            receiver.url()
        ));
        desks.push((name, kind, model, receiver));
    }
    let house = House::new(&more);
    let mut command = house.command(&["run"]);
    command.env("MODEL_KEY", "key-not-for-logs").env("RUST_LOG", "debug");
    let daemon = house.start_with(command);
    std::thread::sleep(Duration::from_secs(1));
    house.land("2026-11-21", "02.txt", PAGE.as_bytes());
    let start = Instant::now();
    for (name, kind, model, receiver) in &desks {
        wait_for("the digest", || (!receiver.requests().is_empty()).then_some(()));
        let item = items(receiver).remove(0);
        assert_eq!(item["summary_kind"], *kind, "{name}: {item}");
        let summary = item["summary"].as_str().unwrap();
        if *kind == "llm" {
            assert_eq!(summary, good);
        } else {
            assert!(PAGE.contains(summary) && summary.chars().count() <= 60, "{name}: {summary}");
        }
        assert_eq!(model.requests()[0].header("authorization"), Some("Bearer key-not-for-logs"), "{name}");
    }
    assert!(start.elapsed() < Duration::from_secs(8), "it took {:?}", start.elapsed());
    assert!(!daemon.log().contains("key-not-for-logs"), "the key is in the log");
    assert!(daemon.log().contains("38"), "the log says which figure was invented: {}", daemon.log());
}

/// A page with one story of its own.
fn page_of(number: &str, place: &str) -> String {
    format!(
        "清渚日报　2026年11月21日　星期六　第{number}版　社会\n\n{place}新桥昨天通车\n\n　　本报讯（记者丁禾）{place}新桥昨天正式通车，两岸居民步行过桥只要五分钟。{place}村民等这座桥等了三十年，从前要绕行二十多里。施工队说，桥面今后还要铺设人行道，安装路灯。\n"
    )
}

#[test]
fn the_language_model_is_asked_so_much_a_day_whatever_is_restarted_and_somebody_hears_of_it_once() {
    let good = "首批氫能公交車上路，車票兩元。";
    let (model, receiver, watch) =
        (Receiver::start(vec![Play::Answer(200, "", completion(good))]), Receiver::willing(), Receiver::willing());
    let house = House::new(&format!(
        "[[webhook]]\nname = \"desk\"\nkind = \"webhook\"\nurl = \"{}\"\non = \"arrival\"\nbatch = \"0s\"\nsummary = {{ kind = \"llm\", chars = 60, endpoint = \"{}\", model = \"small\", requests_a_day = 1 }}\n\
         [[webhook]]\nname = \"watch\"\nkind = \"webhook\"\nurl = \"{}\"\nschedule = \"0 0 1 1 *\"\nproblems = true\n",
        receiver.url(),
        model.url().replace("/hook", "/v1"),
        watch.url(),
    ));
    let next = |daemon_lands: &str, page: &str| {
        let before = items(&receiver).len();
        house.land("2026-11-21", daemon_lands, page.as_bytes());
        wait_for("the digest", || (items(&receiver).len() > before).then(|| items(&receiver).pop().unwrap()))
    };
    let daemon = house.start();
    std::thread::sleep(Duration::from_secs(1));
    let first = next("02.txt", PAGE);
    assert_eq!((first["summary_kind"].as_str(), first["summary"].as_str()), (Some("llm"), Some(good)));
    let second = page_of("03", "石岭");
    let item = next("03.txt", &second);
    assert_eq!(item["summary_kind"], "extract");
    assert!(second.contains(item["summary"].as_str().unwrap()), "{item}");
    wait_for("word of it", || (watch.count() > 0).then_some(()));
    let word = watch.requests()[0].body.clone();
    assert!(word.contains("requests_a_day = 1") && word.contains("for desk"), "{word}");

    drop(daemon);
    let _daemon = house.start();
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(next("04.txt", &page_of("04", "柳溪"))["summary_kind"], "extract", "a restart forgets nothing");
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!((model.count(), watch.count()), (1, 1), "one request, and one word");
}
