//! Headlines: the large rows, and the smaller ones that belong to them by place and size.

use crate::article::heads::Role;
use crate::article::marks;
use crate::article::script::append_line;
use crate::model::layout::Area;

use super::blocks::{Block, Kind};
use super::sheet::{HEAD_SIZE, Row, Sheet};

/// How far, in sizes of the smaller, a kicker or deck may stand from its headline.
const NEAR_EM: f32 = 1.6;
/// How far, in sizes of the by-line, it may stand below its headline.
const BYLINE_EM: f32 = 2.2;
/// How far, in em, rows of a vertical headline stand apart at most.
const SIDE_EM: f32 = 0.9;
/// From how far below a vertical headline's top, in its em, the row right of it is a deck.
const LOWER_EM: f32 = 0.5;
/// From how many equal small headlines in one column on they are headlines of their own.
const BRIEFS: usize = 3;

/// A headline with all that belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Head {
    /// Its rows with what they are, in the order in which they are read.
    pub(super) rows: Vec<(Role, Row)>,
    /// Rows of by-lines by it.
    pub(super) bylines: Vec<Row>,
    /// All it covers.
    pub(super) area: Area,
    /// What the headline itself covers.
    pub(super) main: Area,
    pub(super) size: f32,
    /// Whether it runs down.
    pub(super) down: bool,
}

impl Head {
    fn of(rows: Vec<Row>, down: bool) -> Self {
        let area = rows.iter().map(|row| row.area).reduce(|a, b| a.union(&b)).unwrap_or_default();
        let size = rows.iter().map(|row| row.size).fold(0.0, f32::max);
        Self { rows: rows.into_iter().map(|row| (Role::Headline, row)).collect(), bylines: Vec::new(), area, main: area, size, down }
    }

    /// A headline whose rows are known to be one, with what each of them is.
    pub(super) fn given(rows: Vec<(Role, Row)>) -> Self {
        let all = rows.iter().map(|row| row.1.clone()).collect();
        Self { rows, ..Self::of(all, false) }
    }

    /// The text of one role.
    pub(super) fn text(&self, role: Role) -> Option<String> {
        let mut text = String::new();
        for (_, row) in self.rows.iter().filter(|row| row.0 == role) {
            append_line(&mut text, &row.text);
        }
        (!text.is_empty()).then_some(text)
    }

    fn take(&mut self, rows: Vec<Row>, role: Role) {
        for row in &rows {
            self.area = self.area.union(&row.area);
        }
        let rows = rows.into_iter().map(|row| (role, row));
        if role == Role::Kicker {
            self.rows.splice(0..0, rows);
        } else {
            self.rows.extend(rows);
        }
    }
}

/// The headlines of a sheet; what belongs to them is taken out of `blocks`. Blocks of display size
/// that belong to nothing are left there.
pub(super) fn heads(sheet: &Sheet, blocks: &mut Vec<Block>) -> Vec<Head> {
    blocks.retain(|block| !is_rubric(block));
    let mut heads = vertical(sheet);
    let mut display: Vec<Block> = Vec::new();
    let mut rest: Vec<Block> = Vec::new();
    for block in blocks.drain(..) {
        if matches!(block.kind, Kind::Head | Kind::Mid) { display.push(block) } else { rest.push(block) }
    }
    display.sort_by(|a, b| b.size.total_cmp(&a.size).then(a.area.y0.total_cmp(&b.area.y0)));
    let brief: Vec<bool> = (0..display.len()).map(|i| is_brief(&display, &rest, i, sheet)).collect();
    let mut left: Vec<(Block, bool)> = Vec::new();
    // The largest first: what is smaller belongs to what is larger.
    for (block, brief) in display.into_iter().zip(brief) {
        let owner = if brief { None } else { owner(&heads, &block, &rest, sheet) };
        match owner {
            Some((n, role)) => heads[n].take(block.rows, role),
            None if block.kind == Kind::Head || brief => heads.push(Head::of(block.rows, false)),
            None => left.push((block, false)),
        }
    }
    // What is no headline's stands over a text of its own, or is a part of one.
    for (block, _) in left {
        match owner(&heads, &block, &rest, sheet) {
            Some((n, role)) => heads[n].take(block.rows, role),
            None if stands_over(&block, &rest, sheet) => heads.push(Head::of(block.rows, false)),
            None => rest.push(block),
        }
    }
    let mut kept = Vec::new();
    for block in rest {
        match if block.kind == Kind::Byline { signed(&heads, &block, sheet) } else { None } {
            Some(n) => {
                heads[n].area = heads[n].area.union(&block.area);
                heads[n].bylines.extend(block.rows);
            }
            None => kept.push(block),
        }
    }
    kept.sort_by(|a, b| a.area.y0.total_cmp(&b.area.y0).then(a.area.x0.total_cmp(&b.area.x0)));
    *blocks = kept;
    heads
}

/// 【…】 alone names a series or a section.
fn is_rubric(block: &Block) -> bool {
    let chars = block.chars();
    block.rows.len() == 1
        && chars.len() <= 12
        && chars.first() == Some(&'【')
        && chars.last() == Some(&'】')
        && marks::opening(&chars).is_none()
}

/// Takes quotations out of the blocks and off the sheet: a text of display size between two rules of one
/// length within a column. The column flows around them.
pub(super) fn quotes(sheet: &mut Sheet, blocks: &mut Vec<Block>) -> Vec<Block> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < blocks.len() {
        let Some((above, below)) = quote(&blocks[at], sheet) else {
            at += 1;
            continue;
        };
        sheet.level.retain(|rule| *rule != above && *rule != below);
        sheet.obstacles.push(above.union(&below));
        found.push(blocks.remove(at));
    }
    found
}

/// The rules of a quotation.
fn quote(block: &Block, sheet: &Sheet) -> Option<(Area, Area)> {
    if block.kind != Kind::Head && block.kind != Kind::Mid {
        return None;
    }
    let here = block.area;
    let reach = 1.6 * block.size;
    let covers = |rule: &&Area| rule.x0 <= here.x0 + 1.0 && rule.x1 >= here.x1 - 1.0;
    let above = sheet.level.iter().filter(covers).find(|rule| rule.y1 <= here.y0 + 1.0 && here.y0 - rule.y1 <= reach)?;
    let below = sheet.level.iter().filter(covers).find(|rule| rule.y0 >= here.y1 - 1.0 && rule.y0 - here.y1 <= reach)?;
    ((above.x0 - below.x0).abs() <= 2.0 && (above.x1 - below.x1).abs() <= 2.0).then_some((*above, *below))
}

/// Headlines that run down, with what stands at their sides.
fn vertical(sheet: &Sheet) -> Vec<Head> {
    let mut rows: Vec<Row> = sheet.rows.iter().filter(|row| row.down).cloned().collect();
    // From the largest to the smallest, and from right to left as they are read.
    rows.sort_by(|a, b| (b.size * 2.0).round().total_cmp(&(a.size * 2.0).round()).then(b.area.x0.total_cmp(&a.area.x0)));
    let mut heads: Vec<Head> = Vec::new();
    for row in rows {
        let side = |head: &Head| (head.area.x0 - row.area.x1).max(row.area.x0 - head.area.x1);
        let close = |head: &Head| {
            head.area.overlap_y(&row.area) > 0.5 * row.area.height() && side(head) <= SIDE_EM * head.size.max(row.size) + row.size * 0.3
        };
        match heads.iter_mut().filter(|head| close(head)).min_by(|a, b| side(a).total_cmp(&side(b))) {
            Some(head) if row.is_of_size(head.size) => {
                head.area = head.area.union(&row.area);
                head.main = head.main.union(&row.area);
                head.rows.push((Role::Headline, row));
            }
            Some(head) => {
                let right = row.area.x0 > head.main.x0;
                let role = if right && row.area.y0 <= head.main.y0 + LOWER_EM * head.size { Role::Kicker } else { Role::Deck };
                head.take(vec![row], role);
            }
            None if row.size >= HEAD_SIZE * sheet.body => heads.push(Head::of(vec![row], true)),
            None => {}
        }
    }
    heads
}

/// Whether anything stands between the two, one over the other.
fn is_clear(upper: &Area, lower: &Area, rest: &[Block], sheet: &Sheet) -> bool {
    let (x0, x1) = (upper.x0.max(lower.x0), upper.x1.min(lower.x1));
    let (y0, y1) = (upper.y1.min(lower.y0), lower.y0.max(upper.y1));
    !sheet.ruled_between(x0, x1, y0 - 1.0, y1 + 1.0)
        && !rest.iter().any(|block| {
            let middle = (block.area.y0 + block.area.y1) / 2.0;
            block.kind == Kind::Body && middle > y0 && middle < y1 && block.area.x1.min(x1) - block.area.x0.max(x0) > 0.0
        })
}

/// The larger headline that a block belongs to, and as what.
fn owner(heads: &[Head], block: &Block, rest: &[Block], sheet: &Sheet) -> Option<(usize, Role)> {
    let here = block.area;
    let mut best: Option<(f32, usize, Role)> = None;
    for (n, head) in heads.iter().enumerate().filter(|(_, head)| !head.down && head.size > 1.04 * block.size) {
        if head.area.overlap_x(&here) < 0.5 * here.width().min(head.area.width()) {
            continue;
        }
        let above = here.y0 < head.main.y0;
        let gap = if above { head.area.y0 - here.y1 } else { here.y0 - head.area.y1 };
        let (upper, lower) = if above { (&here, &head.area) } else { (&head.area, &here) };
        // A smaller headline at some distance below a large one that stands over a text is one itself.
        let near = if block.kind == Kind::Head { 1.1 } else { NEAR_EM };
        if gap > near * block.size || gap < -0.6 * block.size || !is_clear(upper, lower, rest, sheet) {
            continue;
        }
        let role = if above { Role::Kicker } else { Role::Deck };
        if best.is_none_or(|b| gap < b.0) {
            best = Some((gap, n, role));
        }
    }
    best.map(|(_, n, role)| (n, role))
}

/// Whether a text begins under the block.
fn stands_over(block: &Block, rest: &[Block], sheet: &Sheet) -> bool {
    rest.iter().any(|body| {
        let gap = body.area.y0 - block.area.y1;
        body.kind != Kind::Mid
            && body.area.overlap_x(&block.area) > 0.5 * block.area.width().min(body.area.width())
            && gap > -0.4 * block.size
            && gap <= 2.5 * sheet.lead
            && is_clear(&block.area, &body.area, &[], sheet)
    })
}

/// Whether the block is one of several small headlines in one column, each over a text.
fn is_brief(display: &[Block], rest: &[Block], i: usize, sheet: &Sheet) -> bool {
    let here = &display[i];
    let middle = |area: &Area| (area.x0 + area.x1) / 2.0;
    let alike = |other: &&Block| {
        (other.size - here.size).abs() <= 0.04 * here.size
            && ((middle(&other.area) - middle(&here.area)).abs() <= 0.8 * here.size
                || (other.area.x0 - here.area.x0).abs() <= 0.8 * here.size)
            && stands_over(other, rest, sheet)
    };
    stands_over(here, rest, sheet) && display.iter().filter(alike).count() >= BRIEFS
}

/// The headline that a by-line stands under.
fn signed(heads: &[Head], block: &Block, sheet: &Sheet) -> Option<usize> {
    let here = block.area;
    let gap = |head: &Head| here.y0 - head.area.y1;
    heads
        .iter()
        .enumerate()
        .filter(|(_, head)| !head.down && head.area.overlap_x(&here) > 0.4 * here.width().min(head.area.width()))
        .filter(|(_, head)| gap(head) > -0.6 * block.size && gap(head) <= BYLINE_EM * block.size)
        .filter(|(_, head)| is_clear(&head.area, &here, &[], sheet))
        .min_by(|a, b| gap(a.1).total_cmp(&gap(b.1)))
        .map(|(n, _)| n)
}
