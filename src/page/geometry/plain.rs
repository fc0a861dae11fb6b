//! A layout as plain text.

use crate::model::layout::{Direction, Layout, Line};
use crate::model::{Block, Problem};
use crate::page::text::{MAX_LINE_CHARS, MAX_PAGE_LINES};

use super::lines::{levelled, size};

/// The widest indent that is written as blanks, in em.
const MAX_INDENT_EM: f32 = 6.0;
/// The gap, in em, from which words of spaced scripts stand apart.
const WORD_EM: f32 = 0.12;

/// The blocks of a layout as lines of text.
pub(super) fn blocks(layout: &Layout, problems: &mut Vec<Problem>) -> Vec<Block> {
    let mut kept = 0;
    let mut blocks = Vec::new();
    for block in &layout.blocks {
        let left = block.lines.iter().map(|line| levelled(line).x0).fold(f32::INFINITY, f32::min);
        let mut lines = Vec::new();
        for line in &block.lines {
            if kept >= MAX_PAGE_LINES {
                problems
                    .push(Problem::new("page-too-long", format!("the page has more than {MAX_PAGE_LINES} lines; the rest is left out")));
                blocks.push(Block { lines });
                blocks.retain(|block: &Block| !block.lines.is_empty());
                return blocks;
            }
            let text = text(line);
            let text: String = text.chars().filter(|c| *c != char::REPLACEMENT_CHARACTER).take(MAX_LINE_CHARS).collect();
            if !text.trim().is_empty() {
                lines.push(blanks(line, left) + &text);
                kept += 1;
            }
        }
        if !lines.is_empty() {
            blocks.push(Block { lines });
        }
    }
    blocks
}

/// The blanks that a line's indent from its block's edge is worth.
fn blanks(line: &Line, left: f32) -> String {
    let size = size(line);
    let indent = if size > 0.0 { (levelled(line).x0 - left) / size } else { 0.0 };
    let count = if indent >= 0.8 { indent.min(MAX_INDENT_EM).round() as usize } else { 0 };
    "\u{3000}".repeat(count)
}

/// A line's text, with a blank where white space was set or where words stand apart.
fn text(line: &Line) -> String {
    let mut text = String::new();
    let mut end: Option<f32> = None;
    for run in &line.runs {
        let (from, to) = if line.direction == Direction::Down { (run.area.y0, run.area.y1) } else { (run.area.x0, run.area.x1) };
        if let Some(end) = end {
            let wide = |c: Option<char>| c.is_some_and(|c| c >= '\u{2e80}');
            let apart = run.spaced || from - end > WORD_EM * run.size;
            let ideographs = wide(text.chars().next_back()) && wide(run.text.chars().next());
            // Ideographs stand apart for looks; a blank that was set between them may mean something.
            if apart && (!ideographs || run.spaced) {
                text.push(' ');
            }
        }
        text.push_str(&run.text);
        end = Some(to);
    }
    if text.ends_with('\u{ad}') {
        text.pop();
        text.push('-');
    }
    text
}
