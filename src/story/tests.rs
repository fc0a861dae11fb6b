#![allow(clippy::unwrap_used)]

use std::path::Path;

use super::*;
use crate::model::sentences::sentences;

fn article(paragraphs: Vec<String>) -> Article {
    serde_json::from_value(serde_json::json!({"kind": "article", "paragraphs": paragraphs, "page": "1", "confidence": 1.0})).unwrap()
}

/// The bodies of the articles that the cutter was fitted on, which are newsboy's own, in all languages.
fn bodies() -> Vec<Vec<String>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/train/articles");
    let mut files: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect::<String>();
    texts
        .lines()
        .map(|line| serde_json::from_value(serde_json::from_str::<serde_json::Value>(line).unwrap()["paragraphs"].take()).unwrap())
        .collect()
}

/// Reports as a desk writes them day after day by one pattern: different stories on one subject.
fn by_pattern(rng: &mut fastrand::Rng) -> Vec<Vec<String>> {
    let places = ["清渚", "云浦", "石桥", "苇泽", "南屏", "长桥", "柳坞", "双栎", "海岬", "荻港", "东关", "西陵"];
    let names = ["周岩", "沈若溪", "丁禾", "许槐", "陆一鸣", "高远", "秦牧", "方小满"];
    let mut reports = Vec::new();
    for place in places {
        let name = names[rng.usize(..names.len())];
        let mut n = |most: u32| rng.u32(1..most);
        reports.push(vec![format!(
            "市气象台今天发布天气预报，预计{place}今天白天到夜间晴到多云，最高气温{}度，最低气温{}度，偏北风{}级，相对湿度{}%到{}%。气象部门提醒市民注意添衣保暖，谨防感冒，驾车出行注意安全。",
            n(40), n(20), n(9), n(60), n(95)
        )]);
        reports.push(vec![format!(
            "记者从{place}统计局获悉，今年前三季度{place}地区生产总值{}.{}亿元，同比增长{}.{}%。其中第一产业增加值{}亿元，增长{}.{}%，第二产业增加值{}亿元，增长{}%。规模以上工业企业利润增长{}.{}%，社会消费品零售总额{}亿元。",
            n(900), n(9), n(9), n(9), n(90), n(9), n(9), n(400), n(12), n(20), n(9), n(500)
        )]);
        reports.push(vec![format!(
            "昨日下午，{place}召开乡村振兴工作推进会，传达学习上级会议精神，总结前一阶段工作，部署下一阶段任务。{name}出席会议并讲话。会议指出，要抓好{}个重点村建设，完成改厕{}户、修路{}公里，确保年底前投入资金{}万元。",
            n(60), n(4000), n(300), n(9000)
        )]);
        reports.push(vec![format!(
            "昨晚结束的{place}联赛第{}轮比赛中，主队以{}比{}战胜对手，{name}独得{}分，投篮{}中{}，送出{}次助攻。全队命中率达到百分之{}，篮板球{}个。本轮过后，{place}队积{}分，排名第{}位。下一轮比赛将于周六举行。",
            n(30), n(130), n(110), n(50), n(30), n(19), n(17), n(70), n(60), n(60), n(12)
        )]);
    }
    reports
}

/// What a second desk does to a text.
fn copies(body: &[String], rng: &mut fastrand::Rng) -> Vec<Vec<String>> {
    let all: Vec<String> = body.iter().flat_map(|p| sentences(p)).map(|s| s.trim().to_owned()).collect();
    let mut made = vec![
        // Word for word, in other marks and widths.
        body.iter().map(|p| p.replace('，', ",").replace('“', "「").replace('0', "０").replace('1', "１")).collect(),
    ];
    // The beginning, as a front page has it, with a reference behind.
    let mut teaser = all[..all.len().div_ceil(4)].to_vec();
    teaser.push("（详见第3版）".to_owned());
    made.push(teaser);
    // Shortened: every other sentence.
    made.push(all.iter().enumerate().filter(|(n, _)| *n == 0 || rng.bool()).map(|(_, s)| s.clone()).collect());
    // Corrected: a figure and a character here and there.
    let mut changed = 0;
    made.push(
        body.iter()
            .map(|p| {
                let touch = |(n, c): (usize, char)| {
                    if changed < 6 && n % 61 == 17 && c.is_alphanumeric() {
                        changed += 1;
                        return if c.is_ascii_digit() { '7' } else { '某' };
                    }
                    c
                };
                p.chars().enumerate().map(touch).collect()
            })
            .collect(),
    );
    made
}

/// An edition with copies, shortened copies, corrected copies and different stories on one subject, and
/// which story each article tells.
fn edition(seed: u64) -> Vec<(usize, Telling)> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut stories = bodies();
    rng.shuffle(&mut stories);
    stories.truncate(150);
    let mut all: Vec<(usize, Vec<String>)> = Vec::new();
    for (story, body) in stories.iter().enumerate() {
        if story % 3 == 0 {
            all.extend(copies(body, &mut rng).into_iter().map(|copy| (story, copy)));
        }
        all.push((story, body.clone()));
    }
    for (n, report) in by_pattern(&mut rng).into_iter().enumerate() {
        if n % 4 == 0 {
            all.push((1_000 + n, report.clone()));
        }
        all.push((1_000 + n, report));
    }
    all.into_iter().map(|(story, body)| (story, Telling::of(&article(body)))).collect()
}

#[test]
fn copies_are_found_and_different_stories_are_kept_apart() {
    let (mut right, mut found, mut there) = (0, 0, 0);
    for seed in 0..4 {
        let edition = edition(seed);
        let groups = groups(&edition.iter().map(|(_, telling)| telling.clone()).collect::<Vec<_>>(), &|_, _| true);
        for (n, (story, _)) in edition.iter().enumerate() {
            for (m, (other, _)) in edition.iter().enumerate().skip(n + 1) {
                let said = groups[n] == groups[m];
                found += u32::from(said);
                there += u32::from(story == other);
                right += u32::from(said && story == other);
            }
        }
    }
    let (precision, recall) = (f64::from(right) / f64::from(found), f64::from(right) / f64::from(there));
    assert!(precision >= 0.98 && recall >= 0.98, "precision {precision}, recall {recall}");
}

#[test]
fn a_text_that_says_nothing_of_its_own_is_like_no_other() {
    let short = Telling::of(&article(vec!["本报讯。".to_owned()]));
    assert!(short.sketch().is_empty() && !short.is_of_the_same_story(&short));
    assert!(Telling::of(&article(Vec::new())).is_empty());
}

#[test]
fn hashes_are_the_same_for_good() {
    assert_eq!(hash(&["一", "座", "大", "桥"]), hash(&["一", "座", "大", "桥"]));
    assert_ne!(hash(&["一", "座"]), hash(&["一座"]));
    // They stand in stores.
    assert_eq!(hash(&["newsboy"]), 1_545_079_816);
}
