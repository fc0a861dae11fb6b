//! How long a page takes to read and cut, on one core: sets of pages, made-up pages of growing size,
//! and pages that nothing can be made of.
//!
//! `cargo bench --bench cut` prints the median, the 99th percentile and the longest: for a set over its
//! pages, for a single page over its runs. The sets lie in the folder that `NEWSBOY_SHARED` names.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use newsboy::model::{PageFormat, PageKey, RawPage};

/// Runs of a page.
const RUNS: usize = 64;
/// Runs of each page of a set.
const RUNS_OF_SET: usize = 9;
/// Runs of a page that takes long.
const FEW: usize = 3;

fn raw(text: &str) -> RawPage {
    let key = PageKey { source: "bench".into(), date: "2024-05-06".parse().expect("a date"), page: "01".into() };
    RawPage {
        key,
        format: PageFormat::Text,
        origin: "bench".into(),
        modified: None,
        bytes: text.as_bytes().to_vec(),
        companions: Vec::new(),
    }
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

/// How long each of `runs` runs took, shortest first.
fn runs(raw: &RawPage, runs: usize) -> Vec<Duration> {
    let mut taken: Vec<Duration> = (0..runs)
        .map(|_| {
            let begun = Instant::now();
            for page in newsboy::page::read(raw) {
                std::hint::black_box(newsboy::article::cut(&page, "zh-Hans"));
            }
            begun.elapsed()
        })
        .collect();
    taken.sort_unstable();
    taken
}

/// The smallest of sorted values that `hundredths` of a hundred do not exceed.
fn share(taken: &[Duration], hundredths: usize) -> Duration {
    taken[(taken.len() * hundredths).div_ceil(100).max(1) - 1]
}

fn print(name: &str, size: &str, taken: &[Duration]) {
    println!(
        "{name:<28} {size:>14}  median {:>9.2?}  99 % {:>9.2?}  longest {:>9.2?}",
        share(taken, 50),
        share(taken, 99),
        share(taken, 100)
    );
}

fn time(name: &str, text: &str, times: usize) {
    print(name, &format!("{} bytes", text.len()), &runs(&raw(text), times));
}

/// The pages below a folder, whatever its depth.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|e| Some(e.ok()?.path()))
        .flat_map(|p| if p.is_dir() { pages(&p) } else { vec![p] })
        .filter(|p| p.extension().is_some_and(|e| e == "txt"))
        .collect();
    found.sort();
    found
}

/// The sets of real and typeset pages, if they are there: over all pages of a set, each page's median.
fn sets() {
    let shared = std::env::var_os("NEWSBOY_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let editions = shared.join("editions");
    let mut all = Vec::new();
    for set in ["typeset", "typeset-more", "pinghu", "headline", "indeplux"] {
        let pages = pages(&editions.join(set));
        if pages.is_empty() {
            println!("{set:<28} not timed: no pages below {}", editions.join(set).display());
            continue;
        }
        let mut taken: Vec<Duration> = pages
            .iter()
            .map(|page| RawPage { bytes: std::fs::read(page).unwrap(), ..raw("") })
            .map(|page| share(&runs(&page, RUNS_OF_SET), 50))
            .collect();
        taken.sort_unstable();
        print(set, &format!("{} pages", pages.len()), &taken);
        all.extend(taken);
    }
    all.sort_unstable();
    if !all.is_empty() {
        print("all sets", &format!("{} pages", all.len()), &all);
    }
}

fn main() {
    sets();
    time("a page of 4 articles", &broadsheet(4, 40), RUNS);
    time("a page of 9 articles", &broadsheet(9, 45), RUNS);
    // How the time grows with the page.
    for times in [1, 2, 4, 8] {
        time(&format!("{} articles", 5 * times), &broadsheet(5 * times, 40), RUNS / times);
    }
    // Pages made to cost much: too large, without end, without anything to tell lines apart by.
    time("50 MB", &"石桥通车".repeat(50 << 18), FEW);
    time("one line of 10 MB", &"石桥通车".repeat(10 << 16), FEW);
    time("one paragraph of 3 MB", &"石桥通车".repeat(260_000), FEW);
    time("10,000 blocks", &"石桥通车，学校招生的村民\n\n".repeat(10_000), FEW);
    time("digits", &("0123456789".repeat(2) + "\n").repeat(20_000), FEW);
    time("lines of one character", &"字\n".repeat(20_000), FEW);
    time("lines of blanks", &"字 桥 路 ".repeat(400).repeat(30).replace("路 字", "路\n字"), FEW);
    time("four-column rows", &"石桥通车学校招生村民 果园雨水堤坝灯光市场 早晨工人图书河边去年 今年已经准备开始完成\n".repeat(4_000), FEW);
}
