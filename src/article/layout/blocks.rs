//! Rows to blocks: what stands one under another in one column and one size, and what it is by its look.

use crate::article::marks;
use crate::article::script::{balance, ends_sentence};
use crate::model::layout::Area;

use super::sheet::{HEAD_SIZE, Row, SIZE_SHARE, Sheet};

/// From which size, as a multiple of the body's, a row is more than body: a kicker, a deck.
pub(super) const MID_SIZE: f32 = 1.08;
/// The farthest baselines of one block, in em.
const STEP_EM: f32 = 1.78;
/// The farthest baselines of one block of body, as a multiple of the commonest distance.
const STEP_LEADS: f32 = 1.3;
/// The longest row, in em, that may stand above an indented one with nothing over it.
const SHORT_EM: f32 = 3.2;
/// How far, in em, a row may reach out of its column: a mark that hangs does.
const HANG_EM: f32 = 0.7;
/// Most rows of a headline.
const HEAD_ROWS: usize = 4;
/// Most rows of a kicker or a deck.
const MID_ROWS: usize = 3;
/// Most characters of a headline, of any script.
const HEAD_CHARS: usize = 160;
/// Most characters of a text of two sentences that is still a deck.
const DECK_CHARS: usize = 60;

/// What a block is by its look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As large as headlines are.
    Head,
    /// Larger than body.
    Mid,
    /// Who wrote it.
    Byline,
    /// Sends the reader to another page, or comes from one.
    Jump,
    /// Text.
    Body,
}

/// Rows one under another.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Block {
    pub(super) rows: Vec<Row>,
    pub(super) area: Area,
    /// The edges of the column it is set in.
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) size: f32,
    pub(super) kind: Kind,
}

impl Block {
    fn of(rows: Vec<Row>, sheet: &Sheet) -> Self {
        let area = rows.iter().map(|row| row.area).reduce(|a, b| a.union(&b)).unwrap_or_default();
        let size = rows.iter().max_by_key(|row| row.text.len()).map_or(0.0, |row| row.size);
        let kind = kind(&rows, size, sheet);
        Self { left: area.x0, right: area.x1, rows, area, size, kind }
    }

    pub(super) fn chars(&self) -> Vec<char> {
        self.rows.iter().flat_map(|row| row.text.chars()).collect()
    }

    /// How far a row stands from the left edge of the column, in em.
    pub(super) fn indent(&self, row: &Row) -> f32 {
        (row.area.x0 - self.left) / row.size
    }

    /// How far a row ends before the right edge of the column, in em.
    pub(super) fn short(&self, row: &Row) -> f32 {
        (self.right - row.area.x1) / row.size
    }
}

fn kind(rows: &[Row], size: f32, sheet: &Sheet) -> Kind {
    let chars: Vec<char> = rows.iter().flat_map(|row| row.text.chars()).collect();
    let stops = chars.iter().filter(|c| matches!(c, '。' | '.' | '！' | '？')).count();
    if rows.len() == 1 && marks::is_jump(&chars) {
        Kind::Jump
    } else if size >= HEAD_SIZE * sheet.body && rows.len() <= HEAD_ROWS && chars.len() <= HEAD_CHARS {
        Kind::Head
    } else if rows.len() == 1 && marks::is_byline(&chars) && balance(&chars).1 == 0 {
        Kind::Byline
    } else if size >= MID_SIZE * sheet.body && rows.len() <= MID_ROWS && (stops < 2 || chars.len() <= DECK_CHARS) {
        Kind::Mid
    } else {
        Kind::Body
    }
}

/// The blocks of all rows that run across, from top to bottom.
pub(super) fn blocks(sheet: &Sheet) -> Vec<Block> {
    let mut rows: Vec<&Row> = sheet.rows.iter().filter(|row| !row.down).collect();
    rows.sort_by(|a, b| a.base.total_cmp(&b.base).then(a.area.x0.total_cmp(&b.area.x0)));
    let alone: Vec<bool> = (0..rows.len()).map(|i| stands_alone(&rows, i, sheet)).collect();
    let nearest = |i: usize, below: bool| -> Option<usize> {
        let fits = |j: &usize| {
            let (a, b) = if below { (i, *j) } else { (*j, i) };
            !alone[a] && !alone[b] && goes_on(rows[a], rows[b], sheet)
        };
        let reach = 2.5 * rows[i].size;
        let near = |j: &usize| (rows[*j].base - rows[i].base).abs() <= reach;
        let by = |j: &usize, k: &usize| {
            let distance = |n: usize| (rows[n].base - rows[i].base).abs();
            let over = |n: usize| rows[n].area.overlap_x(&rows[i].area);
            let step = 0.3 * rows[i].size;
            if (distance(*j) - distance(*k)).abs() > step { distance(*j).total_cmp(&distance(*k)) } else { over(*k).total_cmp(&over(*j)) }
        };
        if below {
            (i + 1..rows.len()).take_while(near).filter(fits).min_by(by)
        } else {
            (0..i).rev().take_while(near).filter(fits).min_by(by)
        }
    };
    let next: Vec<Option<usize>> = (0..rows.len()).map(|i| nearest(i, true).filter(|j| nearest(*j, false) == Some(i))).collect();
    let mut begins = vec![true; rows.len()];
    next.iter().flatten().for_each(|j| begins[*j] = false);
    let mut found = Vec::new();
    for i in (0..rows.len()).filter(|i| begins[*i]) {
        let mut list = vec![rows[i].clone()];
        let mut at = i;
        while let Some(j) = next[at] {
            list.push(rows[j].clone());
            at = j;
        }
        let mut block = Block::of(list, sheet);
        if alone[i] && block.kind == Kind::Body {
            block.kind = Kind::Byline;
        }
        found.push(block);
    }
    let mut found = merge(found, sheet);
    snap(&mut found);
    found
}

/// Whether row `i` is a by-line or a jump line that nothing of its size stands closely above.
fn stands_alone(rows: &[&Row], i: usize, sheet: &Sheet) -> bool {
    let chars = rows[i].chars();
    if marks::is_jump(&chars) {
        return true;
    }
    let here = rows[i];
    let names = || {
        let other = |below: &&Row| below.font != here.font && here.area.overlap_x(&below.area) > 0.0;
        let headed = rows[..i]
            .iter()
            .rev()
            .take_while(|a| here.base - a.base <= 3.5 * here.size)
            .any(|a| a.size >= MID_SIZE * sheet.body && a.area.overlap_x(&here.area) > 0.0);
        headed
            && (marks::are_names(&chars) || marks::latin_name(&chars))
            && rows[i + 1..].iter().take_while(|b| b.base - here.base <= 2.0 * here.size).any(other)
    };
    if balance(&chars).1 > 0 || !(marks::is_byline(&chars) || names()) {
        return false;
    }
    let near = |other: &&&Row| (other.base - here.base).abs() <= 2.0 * here.size;
    // A row as wide as the one under it is the first of a paragraph that begins with names.
    let full = |below: &&Row| {
        goes_on(here, below, sheet)
            && here.area.x1 > below.area.x1 - 0.9 * here.size
            && (-0.3..2.8).contains(&((here.area.x0 - below.area.x0) / here.size))
    };
    !rows[..i].iter().rev().take_while(near).any(|above| goes_on(above, here, sheet)) && !rows[i + 1..].iter().take_while(near).any(full)
}

/// Whether `b` may be the row after `a` in one block.
fn goes_on(a: &Row, b: &Row, sheet: &Sheet) -> bool {
    let size = a.size.max(b.size);
    let step = b.base - a.base;
    let is_body = a.is_of_size(sheet.body);
    let farthest = if is_body { (STEP_LEADS * sheet.lead).min(2.2 * size) } else { STEP_EM * size };
    if !a.is_of_size(b.size) || step < 0.5 * size || step > farthest {
        return false;
    }
    let over = a.area.overlap_x(&b.area);
    let (narrow, wide) = if a.area.width() <= b.area.width() { (&a.area, &b.area) } else { (&b.area, &a.area) };
    let hang = HANG_EM * size;
    let held = narrow.x0 >= wide.x0 - hang && narrow.x1 <= wide.x1 + hang;
    let indent = b.area.x0 - a.area.x0;
    let short_end = a.area.width() < SHORT_EM * size && indent > 0.0 && indent < SHORT_EM * size;
    // Rows of a column share an edge even where both are short: the last one of a paragraph and an
    // indented one.
    let edge = indent.abs() < SHORT_EM * size && over > 0.3 * narrow.width() && size < HEAD_SIZE * sheet.body;
    let over = (over > 0.3 * narrow.width() && (held || edge)) || short_end;
    let crossed = || {
        sheet.ruled_between(
            a.area.x0.max(b.area.x0),
            a.area.x1.min(b.area.x1).max(a.area.x0.max(b.area.x0) + 1.0),
            a.base + 0.05 * size,
            b.base - 0.6 * size,
        )
    };
    over && !crossed()
}

/// Blocks that stand one under another in one column at the body's distance are one.
fn merge(mut blocks: Vec<Block>, sheet: &Sheet) -> Vec<Block> {
    blocks.sort_by(|a, b| a.area.y0.total_cmp(&b.area.y0).then(a.area.x0.total_cmp(&b.area.x0)));
    let mut at = 0;
    while at < blocks.len() {
        let fits = (at + 1..blocks.len())
            .take_while(|j| blocks[*j].area.y0 <= blocks[at].area.y1 + STEP_LEADS * sheet.lead)
            .find(|j| merges(&blocks[at], &blocks[*j], sheet));
        match fits {
            Some(j) => {
                let below = blocks.remove(j);
                let mut rows = std::mem::take(&mut blocks[at].rows);
                rows.extend(below.rows);
                blocks[at] = Block::of(rows, sheet);
            }
            None => at += 1,
        }
    }
    blocks
}

fn merges(a: &Block, b: &Block, sheet: &Sheet) -> bool {
    let (Some(last), Some(first)) = (a.rows.last(), b.rows.first()) else { return false };
    let step = first.base - last.base;
    let hang = HANG_EM * a.size;
    let (narrow, wide) = if a.area.width() <= b.area.width() { (&a.area, &b.area) } else { (&b.area, &a.area) };
    a.kind == Kind::Body
        && b.kind == Kind::Body
        && (a.size - b.size).abs() <= SIZE_SHARE * a.size
        && a.rows.len().max(b.rows.len()) > 1
        && step > 0.5 * a.size
        && step <= STEP_LEADS * sheet.lead
        && narrow.x0 >= wide.x0 - hang
        && narrow.x1 <= wide.x1 + hang
        && !sheet.ruled_between(narrow.x0, narrow.x1, last.base + 0.05 * a.size, first.base - 0.6 * a.size)
        && !sheet
            .obstacles
            .iter()
            .chain(&sheet.pictures)
            .any(|o| o.overlap_x(narrow) > 0.2 * narrow.width() && o.y0 >= last.base && o.y1 <= first.base)
}

/// Gives short blocks the column of what stands over or under them, for their own rows may not reach
/// its edges.
fn snap(blocks: &mut [Block]) {
    let known: Vec<(Area, f32, bool)> = blocks.iter().map(|b| (b.area, b.size, b.kind == Kind::Body && b.rows.len() > 2)).collect();
    for block in blocks.iter_mut().filter(|block| block.kind == Kind::Body && block.rows.len() <= 2) {
        let here = block.area;
        let hang = HANG_EM * block.size;
        let distance = |a: &Area| (a.y0 - here.y1).max(here.y0 - a.y1).max(0.0);
        let column = known
            .iter()
            .filter(|(area, size, long)| {
                *long && (size - block.size).abs() <= SIZE_SHARE * size && area.x0 <= here.x0 + hang && area.x1 >= here.x1 - hang
            })
            .min_by(|a, b| a.0.width().total_cmp(&b.0.width()).then(distance(&a.0).total_cmp(&distance(&b.0))));
        if let Some((area, _, _)) = column {
            block.left = block.left.min(area.x0);
            block.right = block.right.max(area.x1);
        }
    }
}

/// How a block ends: within a sentence in a full row, in a short row, or a full row that ends one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// The sentence goes on.
    Unfinished,
    /// A short row: the paragraph is at its end.
    Short,
    /// A full row that ends a sentence: nobody knows.
    Full,
}

impl Block {
    pub(super) fn tail(&self) -> Tail {
        let Some(last) = self.rows.last() else { return Tail::Full };
        let ends = ends_sentence(&last.chars());
        if self.short(last) > 1.3 {
            Tail::Short
        } else if ends {
            Tail::Full
        } else {
            Tail::Unfinished
        }
    }

    /// Whether it begins with a paragraph.
    pub(super) fn is_indented(&self) -> bool {
        self.rows.first().is_some_and(|first| self.indent(first) >= 0.6)
    }
}
