//! Runs of characters to lines, lines to blocks, blocks to an order in which columns are read.
//!
//! It joins what stands so close that no reader would part it, and decides nothing that takes an
//! understanding of the page.

use crate::model::layout::{Area, Direction, Layout, Rule, Run, TextBlock};
use crate::model::{Block, Problem};

mod blocks;
mod lines;
mod order;
mod plain;
mod stacks;
#[cfg(test)]
mod tests;

/// A run and where its line stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    /// The run.
    pub(super) run: Run,
    /// As [`crate::model::layout::Line::base`].
    pub(super) base: f32,
    /// How its line runs.
    pub(super) direction: Direction,
}

/// The blocks that runs make, in an order that follows columns. Text is not joined across `rules`.
pub(super) fn arrange(runs: Vec<Placed>, rules: &[Rule]) -> Vec<TextBlock> {
    let runs = stacks::stand_up(runs);
    let lines = lines::join(runs, rules);
    let blocks = blocks::join(lines, rules);
    order::sort(blocks)
}

/// The text of a layout without its geometry: lines with blanks where they are indented.
///
/// Problems: those of a text that is too long (`page-too-long`).
pub(super) fn plain(layout: &Layout, problems: &mut Vec<Problem>) -> Vec<Block> {
    plain::blocks(layout, problems)
}

/// Whether a rule parts two areas that stand side by side or one over another: it lies between them
/// and runs along at least half of what they have in common.
fn parts(rule: &Rule, a: &Area, b: &Area) -> bool {
    if rule.is_horizontal() {
        let y = (rule.area.y0 + rule.area.y1) / 2.0;
        let between = a.y1.min(b.y1) <= y + 1.0 && y - 1.0 <= a.y0.max(b.y0);
        let common = Area { x0: a.x0.max(b.x0), x1: a.x1.min(b.x1), ..*a };
        between && rule.area.overlap_x(&common) > 0.5 * common.width()
    } else {
        let x = (rule.area.x0 + rule.area.x1) / 2.0;
        let between = a.x1.min(b.x1) <= x + 1.0 && x - 1.0 <= a.x0.max(b.x0);
        let common = Area { y0: a.y0.max(b.y0), y1: a.y1.min(b.y1), ..*a };
        between && rule.area.overlap_y(&common) > 0.5 * common.height()
    }
}
