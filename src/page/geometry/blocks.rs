//! Lines to blocks.

use crate::model::layout::{Area, Line, Rule, TextBlock};

use super::lines::{levelled, size};
use super::parts;

/// The longest way from one line's foot to the next one's top within a block, in em.
const LEAD_EM: f32 = 0.9;
/// How far sizes within a block may differ, as a share.
const SIZE_SHARE: f32 = 0.08;
/// Which share of the narrower of two lines must stand over the other.
const OVER_SHARE: f32 = 0.3;
/// The longest indent, in em: a line that short above an indented one has nothing over it.
const INDENT_EM: f32 = 3.2;
/// Blocks that a line is compared with at most, those whose last line stands nearest above.
const MAX_COMPARED: usize = 400;

/// A block that still grows.
struct Growing {
    lines: Vec<Line>,
    /// Its lines as if they ran across.
    area: Area,
    last: Area,
    size: f32,
}

/// Joins lines that stand one under another with the distance and the size of one text.
pub(super) fn join(mut lines: Vec<Line>, rules: &[Rule]) -> Vec<TextBlock> {
    lines.sort_by(|a, b| {
        let (a_area, b_area) = (levelled(a), levelled(b));
        (a.direction as u8).cmp(&(b.direction as u8)).then(a_area.y0.total_cmp(&b_area.y0)).then(a_area.x0.total_cmp(&b_area.x0))
    });
    let mut done: Vec<Growing> = Vec::new();
    let mut open: Vec<Growing> = Vec::new();
    for line in lines {
        let (here, size) = (levelled(&line), size(&line));
        // What stands too far above can take no line any more, for the lines come from top to bottom.
        let mut at = 0;
        while at < open.len() {
            if here.y0 - open[at].last.y1 > LEAD_EM * open[at].size.max(size) || open[at].lines[0].direction != line.direction {
                done.push(open.swap_remove(at));
            } else {
                at += 1;
            }
        }
        let best = open
            .iter()
            .enumerate()
            .rev()
            .take(MAX_COMPARED)
            .filter(|(_, block)| takes(block, &line, &here, size, rules))
            .max_by(|(_, a), (_, b)| a.last.overlap_x(&here).total_cmp(&b.last.overlap_x(&here)))
            .map(|(index, _)| index);
        match best {
            Some(index) => {
                let block = &mut open[index];
                block.area = block.area.union(&here);
                block.last = here;
                block.lines.push(line);
            }
            None => open.push(Growing { area: here, last: here, size, lines: vec![line] }),
        }
    }
    done.extend(open);
    done.into_iter().map(block).collect()
}

fn takes(block: &Growing, line: &Line, here: &Area, size: f32, rules: &[Rule]) -> bool {
    let gap = here.y0 - block.last.y1;
    let over = block.last.overlap_x(here);
    let narrower = block.last.width().min(here.width());
    let short_end = block.last.width() < INDENT_EM * size && (block.last.x0 - block.area.x0).abs() < 0.5 * size;
    let below = over > OVER_SHARE * narrower || (short_end && here.x0 - block.area.x0 < INDENT_EM * size && here.x0 >= block.area.x0);
    let last = block.lines.last().map(|line| line.area).unwrap_or_default();
    (block.size - size).abs() <= SIZE_SHARE * size
        && gap > -0.5 * size
        && gap <= LEAD_EM * size
        && below
        // A line that reaches far beyond the block is of a wider measure, and so of another text.
        && (block.lines.len() < 2 || here.width() <= 1.25 * block.area.width() + size)
        && !rules.iter().any(|rule| rule_between(rule, line, &last))
}

fn rule_between(rule: &Rule, line: &Line, last: &Area) -> bool {
    let across = line.direction != crate::model::layout::Direction::Down;
    rule.is_horizontal() == across && parts(rule, last, &line.area)
}

fn block(growing: Growing) -> TextBlock {
    let area = growing.lines.iter().map(|line| line.area).reduce(|a, b| a.union(&b)).unwrap_or_default();
    TextBlock { id: None, area, lines: growing.lines }
}
