//! Characters that a page's fonts do not tell, out of the text of the same page.
//!
//! What stands before and behind a gap is sought in the text; where all places that fit say the same, it
//! goes into the gap.

use crate::model::Page;
use crate::model::layout::Layout;

use super::geometry;
use super::pdf::{self, UNREADABLE_SHARE};

/// What a character is in a layout whose font does not tell it.
const LOST: char = char::REPLACEMENT_CHARACTER;
/// Characters before and behind a gap that are sought.
const AROUND: usize = 6;
/// How many of them there must be: fewer stand in too many places.
const LEAST_AROUND: usize = 4;
/// Characters of the longest gap.
const MAX_GAP: usize = 8;
/// Gaps that are filled at most, and characters of the text that they are sought in; the time is their
/// product.
const MAX_GAPS: usize = 2_000;
const MAX_TEXT: usize = 100_000;

/// Fills the gaps of `page` out of `text`, the same page in a form that tells characters but not places.
///
/// A page that was held because too many of its characters were lost is released where enough of them
/// are found.
pub fn fill(page: &mut Page, text: &Page) {
    let Some(layout) = &mut page.layout else { return };
    let source: Vec<char> = text
        .blocks
        .iter()
        .flat_map(|block| &block.lines)
        .flat_map(|line| line.chars())
        .filter(|c| !c.is_whitespace())
        .take(MAX_TEXT)
        .collect();
    let filled = fill_layout(layout, &source);
    if filled == 0 {
        return;
    }
    let (lost, all) =
        layout.runs().flat_map(|run| run.text.chars()).fold((0, 0), |(lost, all), c| (lost + usize::from(c == LOST), all + 1));
    let held = lost as f64 > UNREADABLE_SHARE * f64::from(all);
    if !held {
        page.problems.retain(|problem| problem.code != pdf::UNREADABLE);
        page.blocks = geometry::plain(layout, &mut page.problems);
    }
}

/// Fills the gaps of a layout; how many characters were found.
fn fill_layout(layout: &mut Layout, source: &[char]) -> usize {
    let (mut gaps, mut filled) = (0, 0);
    for line in layout.blocks.iter_mut().flat_map(|block| &mut block.lines) {
        let mut chars: Vec<char> = line.runs.iter().flat_map(|run| run.text.chars()).collect();
        if !chars.contains(&LOST) {
            continue;
        }
        let mut at = 0;
        while let Some(from) = chars[at..].iter().position(|c| *c == LOST).map(|n| at + n) {
            let to = from + chars[from..].iter().take_while(|c| **c == LOST).count();
            at = to;
            gaps += 1;
            if gaps > MAX_GAPS {
                return filled;
            }
            if let Some(found) = missing(&chars, from, to, source) {
                chars[from..to].copy_from_slice(found);
                filled += to - from;
            }
        }
        let mut chars = chars.into_iter();
        for run in &mut line.runs {
            let count = run.text.chars().count();
            run.text = chars.by_ref().take(count).collect();
        }
    }
    filled
}

/// What the text has in place of a gap, where it is in no doubt.
fn missing<'s>(chars: &[char], from: usize, to: usize, source: &'s [char]) -> Option<&'s [char]> {
    let known = |c: &&char| **c != LOST;
    let before = chars[..from].iter().rev().take_while(known).take(AROUND).count();
    let behind = chars[to..].iter().take_while(known).take(AROUND).count();
    let gap = to - from;
    if before + behind < LEAST_AROUND || gap > MAX_GAP {
        return None;
    }
    let (before, behind) = (&chars[from - before..from], &chars[to..to + behind]);
    let long = before.len() + gap + behind.len();
    let fits = |window: &&[char]| window.starts_with(before) && window.ends_with(behind);
    let mut found = source.windows(long).filter(fits).map(|window| &window[before.len()..before.len() + gap]);
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str, source: &str) -> Option<String> {
        let chars: Vec<char> = line.chars().collect();
        let source: Vec<char> = source.chars().collect();
        let from = chars.iter().position(|c| *c == LOST)?;
        let to = from + chars[from..].iter().take_while(|c| **c == LOST).count();
        missing(&chars, from, to, &source).map(|found| found.iter().collect())
    }

    #[test]
    fn a_gap_is_filled_where_the_text_leaves_no_doubt() {
        assert_eq!(found("河边的\u{fffd}\u{fffd}修好了", "昨天河边的老桥修好了，"), Some("老桥".to_owned()));
        assert_eq!(found("河边的\u{fffd}桥修好了", "河边的老桥修好了，河边的新桥修好了"), None);
        assert_eq!(found("的\u{fffd}桥", "河边的老桥修好了"), None, "too little around it");
    }
}
