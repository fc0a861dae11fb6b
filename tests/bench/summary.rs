//! How much the summaries share with what editors write over the same articles, as ROUGE-1 F1 times
//! 100, beside whole lead sentences and beside the best one or two sentences that somebody who sees the
//! reference can choose; all within the same budget of characters.
//!
//! `cargo bench --bench summary` measures on the sample edition and on the articles of `tests/train`
//! that the numbers were not fitted to. `NEWSBOY_SUMMARY_SET=FILE` adds a set of your own: a line a
//! text, `{"paragraphs": ["…"], "heads": ["…"]}`.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, unreachable_pub)]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use newsboy::summary::{fitting, gist, lead};

mod rouge;
#[path = "../train/texts.rs"]
mod texts;

use texts::Text;

/// Budgets in characters; words take more of them than ideographs.
const BUDGETS: [usize; 3] = [40, 100, 120];
const BUDGETS_OF_WORDS: [usize; 2] = [160, 300];

/// The articles of the sample edition, as its truth has them, each under its own headline alone.
fn sample() -> Vec<Text> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sample/2026-11-20");
    let mut found = Vec::new();
    for page in ["01", "02", "03", "04"] {
        let truth: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(dir.join(format!("{page}.truth.json"))).unwrap()).unwrap();
        let items = truth["articles"].as_array().unwrap();
        found.extend(items.iter().filter(|item| item["kind"] == "article").filter_map(|item| texts::text(item, "sample edition")));
    }
    found
}

fn own() -> Vec<Text> {
    let Some(path) = std::env::var_os("NEWSBOY_SUMMARY_SET") else { return Vec::new() };
    let lines = std::fs::read_to_string(path).unwrap();
    lines
        .lines()
        .filter(|line| !line.trim().is_empty())
        .filter_map(|line| texts::text(&serde_json::from_str(line).unwrap(), "your own"))
        .collect()
}

fn mean_rouge(summary: &str, heads: &[String]) -> f64 {
    heads.iter().map(|head| rouge::rouge_1(summary, head)).sum::<f64>() / heads.len().max(1) as f64 * 100.0
}

fn main() {
    let mut sets: BTreeMap<&str, Vec<Text>> = BTreeMap::new();
    for text in sample().into_iter().chain(own()).chain(texts::texts().into_iter().filter(|text| text.held)) {
        sets.entry(text.set).or_default().push(text);
    }
    println!("{:16} {:>6} {:>6} {:>6} {:>8} {:>7} {:>7}", "set", "texts", "budget", "lead", "newsboy", "oracle", "length");
    let (mut spent, mut summaries) = (Duration::ZERO, 0_u32);
    for (set, texts) in &sets {
        for budget in if *set == "other languages" { &BUDGETS_OF_WORDS[..] } else { &BUDGETS[..] } {
            let (mut leads, mut gists, mut best, mut length) = (0.0, 0.0, 0.0, 0);
            for Text { article, heads, .. } in texts {
                let start = Instant::now();
                let gist = gist(article, *budget);
                spent += start.elapsed();
                summaries += 1;
                leads += mean_rouge(&lead(article, *budget), heads);
                gists += mean_rouge(&gist, heads);
                best += fitting::choices(article, *budget).iter().map(|shown| mean_rouge(shown, heads)).fold(0.0, f64::max);
                length += gist.chars().count();
            }
            let of = texts.len() as f64;
            println!("{set:16} {of:>6} {budget:>6} {:>6.2} {:>8.2} {:>7.2} {:>7.1}", leads / of, gists / of, best / of, length as f64 / of);
        }
    }
    println!("{:?} a summary", spent / summaries.max(1));
}
