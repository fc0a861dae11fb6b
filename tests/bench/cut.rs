//! How long a page takes: pages of the size of a broadsheet's, and one that nothing can be made of.
//!
//! `cargo bench --bench cut` prints the median, the 99th percentile and the longest of many runs.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use newsboy::model::{PageFormat, PageKey, RawPage};

/// Runs a page.
const RUNS: usize = 60;

fn raw(text: &str) -> RawPage {
    let key = PageKey { source: "bench".into(), date: "2024-05-06".parse().expect("a date"), page: "01".into() };
    RawPage { key, format: PageFormat::Text, origin: "bench".into(), modified: None, bytes: text.as_bytes().to_vec() }
}

/// A page of `articles` articles of `lines` lines in columns of 14 characters, of made-up sentences.
fn broadsheet(articles: usize, lines: usize) -> String {
    const WORDS: &[&str] = &[
        "石桥", "通车", "学校", "招生", "村民", "果园", "雨水", "堤坝", "灯光", "市场", "早晨", "工人", "图书", "河边", "去年", "今年",
        "已经", "准备", "开始", "完成", "新的", "一座", "三百", "公里",
    ];
    let mut rng = fastrand::Rng::with_seed(11);
    let mut text = String::from("柳城日报　2024年5月6日　星期一　第01版　要闻\n\n");
    for n in 0..articles {
        let _ = writeln!(
            text,
            "{}{}{}{}\n",
            WORDS[n % WORDS.len()],
            WORDS[(n * 5 + 1) % WORDS.len()],
            WORDS[(n * 7 + 2) % WORDS.len()],
            WORDS[(n * 3 + 4) % WORDS.len()]
        );
        let mut body = String::from("本报讯 ");
        while body.chars().count() < lines * 14 {
            for _ in 0..rng.usize(4..9) {
                body.push_str(rng.choice(WORDS).unwrap_or(&"石桥"));
            }
            body.push(if rng.f32() < 0.4 { '。' } else { '，' });
        }
        let chars: Vec<char> = body.chars().collect();
        for (k, line) in chars.chunks(14).enumerate() {
            let _ = writeln!(text, "{}", line.iter().collect::<String>());
            if k % 22 == 21 {
                text.push('\n');
            }
        }
        text.push('\n');
    }
    text
}

fn time(name: &str, text: &str, runs: usize) {
    let raw = raw(text);
    let mut taken: Vec<Duration> = (0..runs)
        .map(|_| {
            let begun = Instant::now();
            for page in newsboy::page::read(&raw) {
                std::hint::black_box(newsboy::article::cut(&page, "zh-Hans"));
            }
            begun.elapsed()
        })
        .collect();
    taken.sort_unstable();
    println!(
        "{name:<28} {:>7} bytes  median {:>9.2?}  99 % {:>9.2?}  longest {:>9.2?}",
        text.len(),
        taken[runs / 2],
        taken[runs * 99 / 100],
        taken[runs - 1]
    );
}

fn main() {
    time("a page of 4 articles", &broadsheet(4, 40), RUNS);
    time("a page of 9 articles", &broadsheet(9, 45), RUNS);
    time("a page of 20 articles", &broadsheet(20, 40), RUNS);
    // Thousands of lines of one character, and of many blanks.
    time("lines of one character", &"字\n".repeat(20_000), 3);
    time("lines of blanks", &"字 桥 路 ".repeat(400).repeat(30).replace("路 字", "路\n字"), 3);
    time("one paragraph of 3 MB", &"石桥通车".repeat(260_000), 3);
    time("four-column rows", &"石桥通车学校招生村民 果园雨水堤坝灯光市场 早晨工人图书河边去年 今年已经准备开始完成\n".repeat(2_000), 3);
}
