//! What is not news: advertisements and notices, the weather, folios, and lines that found no place.

use super::classify::Class;
use super::compose::Parts;
use super::marks;
use super::script::{append_line, ends_sentence, is_ideographic};
use super::seams::Ground;
use crate::model::{Article, ArticleKind, Problem};

/// The kind of an item that a cell outside all articles belongs to.
fn kind_of(ground: &Ground<'_>, cell: usize) -> ArticleKind {
    match ground.classes[cell] {
        Class::Weather => ArticleKind::Weather,
        Class::Notice => ArticleKind::Ad,
        Class::Folio | Class::Body | Class::Display | Class::Signature => ArticleKind::Masthead,
    }
}

/// A run of cells outside all articles.
#[derive(Debug)]
pub(super) struct Run {
    kind: ArticleKind,
    /// Whether its lines look like parts of an article of which no body was found.
    lost: bool,
    pub(super) cells: Vec<usize>,
}

/// The items of a page that are no articles.
pub(super) fn items(ground: &Ground<'_>, parts: &[Parts], page: &str) -> Vec<Article> {
    runs(ground, parts).iter().map(|r| item(ground, r, page)).collect()
}

/// Runs of cells that belong to no article.
pub(super) fn runs(ground: &Ground<'_>, parts: &[Parts]) -> Vec<Run> {
    let mut placed = vec![false; ground.cells.len()];
    for part in parts {
        part.body.iter().chain(part.display.iter().map(|d| &d.0)).chain(&part.signatures).for_each(|c| placed[*c] = true);
    }
    // The second printing of a line goes where the first went.
    for (i, c) in ground.cells.iter().enumerate() {
        if let Some(first) = c.repeats {
            placed[i] = placed[first];
        }
    }
    let mut runs: Vec<Run> = Vec::new();
    for i in (0..placed.len()).filter(|i| !placed[*i]) {
        let kind = kind_of(ground, i);
        let lost = !matches!(ground.classes[i], Class::Notice | Class::Weather | Class::Folio);
        match runs.last_mut() {
            Some(run) if run.kind == kind && run.lost == lost && run.cells.last() == Some(&(i - 1)) && !(lost || opens_item(ground, i)) => {
                run.cells.push(i)
            }
            _ => runs.push(Run { kind, lost, cells: vec![i] }),
        }
    }
    runs
}

/// Whether another advertisement or notice begins with a cell: a short line without an end after a blank.
fn opens_item(ground: &Ground<'_>, cell: usize) -> bool {
    let c = &ground.cells[cell];
    let apart = cell == 0 || ground.cells[cell - 1].block != c.block;
    apart
        && ground.classes[cell] == Class::Notice
        && !ends_sentence(&c.chars)
        && c.chars.len() <= 16
        && marks::longest_number(&c.chars) < 6.0
}

fn item(ground: &Ground<'_>, run: &Run, page: &str) -> Article {
    let Run { kind, lost, cells } = run;
    let mut paragraphs: Vec<String> = Vec::new();
    let mut full = false;
    for i in cells.iter().filter(|c| ground.cells[**c].repeats.is_none()) {
        let c = &ground.cells[*i];
        let text: String = c.chars.iter().collect();
        match paragraphs.last_mut() {
            Some(last) if full => append_line(last, &text),
            _ => paragraphs.push(text),
        }
        // A full line that ends no sentence goes on in the next.
        full = c.width >= c.measure - 1.6 && !ends_sentence(&c.chars);
    }
    let notice = *kind == ArticleKind::Ad && cells.iter().any(|c| marks::vocabulary(&ground.cells[*c].chars)[1] >= 1.0);
    let problems = if *lost {
        vec![Problem::new("line-unplaced", "no body was found that this line belongs to; it is kept as furniture")]
    } else {
        Vec::new()
    };
    Article {
        kind: if notice { ArticleKind::Notice } else { *kind },
        kicker: None,
        headline: None,
        deck: None,
        dateline: None,
        byline: Vec::new(),
        credit: Vec::new(),
        paragraphs,
        page: page.to_owned(),
        section: None,
        confidence: cells.iter().map(|c| ground.chances[*c][ground.classes[*c] as usize]).sum::<f32>() / cells.len().max(1) as f32,
        problems,
        site: None,
    }
}

/// Longest name of a section, in ideographs.
const SECTION: usize = 6;

/// The section that the folio names: a word beside the page's number (02 要闻, 第02版：社会).
pub(super) fn section(ground: &Ground<'_>) -> Option<String> {
    for (i, cell) in ground.cells.iter().enumerate() {
        if ground.classes[i] != Class::Folio {
            continue;
        }
        let text: String = cell.chars.iter().collect();
        if let Some(section) = section_in(&text) {
            return Some(section);
        }
    }
    None
}

/// The section that a folio's text names.
pub(super) fn section_in(text: &str) -> Option<String> {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, '：' | ':' | '·' | '|' | '／' | '/' | '—'))
        .filter(|w| !w.is_empty())
        .collect();
    let numbered = |w: &str| {
        w.contains('版') || (w.len() <= 3 && w.chars().any(|c| c.is_ascii_digit()) && w.chars().all(|c| c.is_ascii_alphanumeric()))
    };
    for (n, word) in words.iter().enumerate() {
        let length = word.chars().count();
        let beside = n.checked_sub(1).is_some_and(|p| numbered(words[p])) || words.get(n + 1).is_some_and(|w| numbered(w));
        if beside && (2..=SECTION).contains(&length) && word.chars().all(is_ideographic) && !names_something_else(word) {
            return Some((*word).to_owned());
        }
    }
    None
}

fn names_something_else(word: &str) -> bool {
    const OTHERS: &[&str] =
        &["报", "報", "刊", "社", "版", "日", "编", "編", "校", "星期", "农历", "農曆", "电话", "记者", "期", "邮", "美术"];
    OTHERS.iter().any(|o| word.contains(o))
}
