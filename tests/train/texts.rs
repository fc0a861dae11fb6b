//! Articles with what several editors wrote over them: what summaries are fitted and measured on.

use std::path::{Path, PathBuf};

use newsboy::model::Article;
use newsboy::summary::lead;
use serde_json::{Value, json};

/// Characters of a text that is the beginning of an article.
const BEGINNING: usize = 140;

/// An article with what editors wrote over it.
pub struct Text {
    pub article: Article,
    pub heads: Vec<String>,
    /// Whether nothing is fitted to it: every fifth of a file.
    pub held: bool,
    /// What it is one of.
    pub set: &'static str,
}

/// All texts of this folder, the Chinese articles besides as their beginnings, and with one of their
/// headlines given, as newsboy meets them.
pub fn texts() -> Vec<Text> {
    let mut all = Vec::new();
    for file in files("articles").into_iter().chain(files("summaries")) {
        for (n, line) in std::fs::read_to_string(file).unwrap().lines().enumerate() {
            let value: Value = serde_json::from_str(line).unwrap();
            let set = match (value["genre"].as_str(), value["lang"].as_str()) {
                (Some("abstract"), _) => "abstracts",
                (Some("brief"), _) => "briefs",
                (_, Some(lang)) if lang.starts_with("zh") => "articles",
                _ => "other languages",
            };
            let Some(text) = text(&value, set) else { continue };
            let held = n % 5 == 4;
            if set == "articles" {
                let beginning = vec![lead(&text.article, BEGINNING)];
                all.push(Text { article: article(&beginning, None), heads: text.heads.clone(), held, set: "beginnings" });
                all.push(Text {
                    article: article(&text.article.paragraphs, text.heads.first()),
                    heads: text.heads[1..].to_vec(),
                    held,
                    set: "headed",
                });
            }
            all.push(Text { held, ..text });
        }
    }
    all
}

/// The files of texts in a folder, by name.
fn files(folder: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/train").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "jsonl"));
    files.sort();
    files
}

/// The text of an object with `paragraphs` and with a `headline`, with `heads`, or with both; `None`
/// where it has none of these.
pub fn text(value: &Value, set: &'static str) -> Option<Text> {
    let paragraphs: Vec<String> = serde_json::from_value(value["paragraphs"].clone()).ok()?;
    let heads = value["heads"].as_array().into_iter().flatten().map(|head| head.get("headline").unwrap_or(head));
    let heads: Vec<String> = std::iter::once(&value["headline"]).chain(heads).filter_map(|head| head.as_str().map(str::to_owned)).collect();
    (!heads.is_empty()).then(|| Text { article: article(&paragraphs, None), heads, held: true, set })
}

fn article(paragraphs: &[String], headline: Option<&String>) -> Article {
    let value = json!({"kind": "article", "headline": headline, "paragraphs": paragraphs, "page": "1", "confidence": 1.0});
    serde_json::from_value(value).unwrap()
}
