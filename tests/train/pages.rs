//! Training pages: the text as an extractor gave it, and the truth of every character.

use std::path::Path;

use chrono::NaiveDate;
use newsboy::model::{Page, PageFormat, PageKey, RawPage};

/// What a printed character is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// Which item of the page.
    pub item: usize,
    /// Which part of it, as `typeset.py` names them.
    pub role: char,
    /// Which paragraph.
    pub paragraph: usize,
    /// Its place among the characters of its item, in the order a reader takes.
    pub position: usize,
}

/// A page and its truth.
pub struct Sample {
    pub name: String,
    pub page: Page,
    /// The kind of each item.
    pub kinds: Vec<String>,
    /// One for each character of the page that is not white space.
    pub labels: Vec<Label>,
    pub language: String,
    /// How the text was extracted.
    pub extraction: String,
}

impl Sample {
    /// Whether the item is news.
    pub fn is_news(&self, item: usize) -> bool {
        matches!(self.kinds[item].as_str(), "article" | "photo")
    }
}

fn number(v: &serde_json::Value) -> usize {
    v.as_u64().unwrap_or(0) as usize
}

/// Every page of a directory whose characters can be counted out against its labels.
pub fn load(dir: &Path, limit: usize) -> Vec<Sample> {
    let mut names: Vec<_> = std::fs::read_dir(dir)
        .map(|d| d.filter_map(Result::ok).map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "txt")).collect())
        .unwrap_or_default();
    names.sort();
    let mut out = Vec::new();
    let mut skipped = 0;
    for path in names.into_iter().take(limit) {
        let labels = path.with_extension("labels.json");
        let (Ok(bytes), Ok(labels)) = (std::fs::read(&path), std::fs::read(&labels)) else { continue };
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(&labels) else { continue };
        let key = PageKey { source: "train".into(), date: NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default(), page: "01".into() };
        let raw =
            RawPage { key, format: PageFormat::Text, origin: path.display().to_string(), modified: None, bytes, companions: Vec::new() };
        let Some(page) = newsboy::page::read(&raw).into_iter().next() else { continue };
        let kinds: Vec<String> = value["kinds"].as_array().into_iter().flatten().map(|k| k.as_str().unwrap_or("").to_owned()).collect();
        let mut all = Vec::new();
        for run in value["chars"].as_array().into_iter().flatten() {
            let (n, item, paragraph, position) = (number(&run[0]), number(&run[1]), number(&run[3]), number(&run[4]));
            let role = run[2].as_str().and_then(|r| r.chars().next()).unwrap_or('B');
            all.extend((0..n).map(|k| Label { item, role, paragraph, position: position + k }));
        }
        let count: usize = page.blocks.iter().flat_map(|b| &b.lines).map(|l| l.chars().filter(|c| !c.is_whitespace()).count()).sum();
        if count != all.len() || all.is_empty() {
            skipped += 1;
            continue;
        }
        let language = value["language"].as_str().unwrap_or("zh-Hans").to_owned();
        out.push(Sample {
            name: path.display().to_string(),
            page,
            kinds,
            labels: all,
            language,
            extraction: value["extraction"].as_str().unwrap_or("").to_owned(),
        });
    }
    eprintln!("{}: {} pages, {skipped} skipped", dir.display(), out.len());
    out
}
