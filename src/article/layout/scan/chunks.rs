//! Blocks of a recognised page, divided where a line stands out, and the measures of the page.

use crate::article::script::append_line;
use crate::model::layout::{Area, Layout, Line, TextBlock};

use crate::article::layout::blocks::{Block, Kind};
use crate::article::layout::sheet::{self, Row};

/// Lines of the shortest block that tells how wide columns are.
pub(super) const COLUMN_LINES: usize = 5;
/// From which height, as a multiple of the body's, a line is display.
pub(super) const TALL: f32 = 1.35;

/// How far widths of columns may differ, as a share.
const WIDTH_SHARE: f32 = 0.12;
/// How many rows above and below a row tell where the column's left edge is there.
const LEVEL_ROWS: usize = 3;
/// From which height, as a multiple of the body's, a line within a block is a headline.
const STANDS_OUT: f32 = 1.7;

/// A run of rows of one block that are of one kind.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::article::layout) struct Chunk {
    pub(in crate::article::layout) block: Block,
    /// The name of the block that it is a part of.
    pub(in crate::article::layout) id: Option<String>,
    /// The height of its lines.
    pub(in crate::article::layout) height: f32,
    /// Whether it is all of its block.
    pub(in crate::article::layout) whole: bool,
}

impl Chunk {
    fn of(mut rows: Vec<Row>, source: &TextBlock, whole: bool) -> Self {
        level(&mut rows);
        let area = rows.iter().map(|row| row.area).reduce(|a, b| a.union(&b)).unwrap_or_default();
        let height = median(rows.iter().map(|row| row.size).collect());
        let block = Block { left: area.x0, right: area.x1, size: height, area, kind: Kind::Body, rows };
        Self { block, id: source.id.clone(), height, whole }
    }

    pub(super) fn area(&self) -> &Area {
        &self.block.area
    }

    pub(super) fn chars(&self) -> Vec<char> {
        let mut text = String::new();
        self.block.rows.iter().for_each(|row| append_line(&mut text, &row.text));
        text.chars().collect()
    }

    /// The part of its block's name that all blocks of one item share: `ART3-9` is of `ART3`, as the
    /// programs of libraries that divide pages into articles name blocks.
    pub(super) fn family(&self) -> Option<&str> {
        let (family, number) = self.id.as_deref()?.rsplit_once('-')?;
        let counted = |text: &str| text.ends_with(|c: char| c.is_ascii_digit());
        (family.starts_with(|c: char| c.is_ascii_alphabetic()) && counted(family) && counted(number)).then_some(family)
    }
}

/// Moves the left edges of rows onto one line, for the edge of a column leans as the scan does, and an
/// indent is told by it.
fn level(rows: &mut [Row]) {
    let edges: Vec<f32> = rows.iter().map(|row| row.area.x0).collect();
    let least = |list: &[f32]| list.iter().copied().fold(f32::INFINITY, f32::min);
    let left = least(&edges);
    for (n, row) in rows.iter_mut().enumerate() {
        let around = &edges[n.saturating_sub(LEVEL_ROWS)..(n + LEVEL_ROWS + 1).min(edges.len())];
        row.area.x0 = (row.area.x0 - (least(around) - left)).min(row.area.x1);
    }
}

/// The middle one of values in order; 0 of none.
pub(super) fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The measures of a page.
#[derive(Debug, Clone, Copy)]
pub(in crate::article::layout) struct Measures {
    /// The height that most lines of text have.
    pub(super) height: f32,
    /// The width of most columns.
    pub(super) column: f32,
    pub(super) page: Area,
}

impl Measures {
    pub(in crate::article::layout) fn of(layout: &Layout) -> Self {
        let long = || layout.blocks.iter().filter(|block| block.lines.len() >= COLUMN_LINES);
        let lines = |block: &TextBlock| block.lines.iter().map(|line| line.area.height()).collect::<Vec<_>>();
        let mut heights: Vec<f32> = long().flat_map(lines).collect();
        if heights.is_empty() {
            heights = layout.lines().map(|line| line.area.height()).collect();
        }
        let widths: Vec<(f32, usize)> = long().map(|block| (block.area.width(), block.lines.len())).collect();
        let alike = |width: f32| widths.iter().filter(|w| (w.0 - width).abs() <= WIDTH_SHARE * width).map(|w| w.1).sum::<usize>();
        let column = widths.iter().map(|w| w.0).max_by_key(|width| alike(*width)).unwrap_or(layout.width);
        let page = Area { x0: 0.0, y0: 0.0, x1: layout.width, y1: layout.height };
        Self { height: median(heights).max(1.0), column: column.max(1.0), page }
    }
}

/// The chunks of a page: its blocks, divided where a line stands out as a headline does.
pub(in crate::article::layout) fn chunks(layout: &Layout, measures: &Measures) -> Vec<Chunk> {
    let mut found = Vec::new();
    for block in &layout.blocks {
        let rows: Vec<Row> = block.lines.iter().map(row).filter(|row| !row.text.trim().is_empty()).collect();
        let display: Vec<bool> = (0..rows.len()).map(|i| stands_out(&rows, i, measures)).collect();
        let whole = display.iter().all(|d| *d == display[0]);
        let mut run: Vec<Row> = Vec::new();
        let mut of_run = false;
        for (row, display) in rows.into_iter().zip(display) {
            if display != of_run && !run.is_empty() {
                found.push(Chunk::of(std::mem::take(&mut run), block, whole));
            }
            of_run = display;
            run.push(row);
        }
        if !run.is_empty() {
            found.push(Chunk::of(run, block, whole));
        }
    }
    found
}

/// A recognised line; its size is its height, for the nominal one says little.
fn row(line: &Line) -> Row {
    let mut row = sheet::row(line);
    row.size = line.area.height().max(1.0);
    row.area = line.area;
    row
}

/// Whether a line within a block of several is a headline: much taller than the text, and no sentence's
/// end.
fn stands_out(rows: &[Row], i: usize, measures: &Measures) -> bool {
    let row = &rows[i];
    let tall = row.size >= STANDS_OUT * measures.height;
    // A large initial makes a line tall; such a line is as wide as the column.
    tall && rows.len() > 1 && row.text.chars().count() > 2 && row.area.width() / (row.text.chars().count() as f32) > 0.5 * measures.height
}

/// Whether `below` stands right under `above`.
pub(super) fn stacked(above: &Chunk, below: &Chunk, measures: &Measures) -> bool {
    let gap = below.area().y0 - above.area().y1;
    above.area().overlap_x(below.area()) > 0.0 && gap < 2.5 * measures.height.max(above.height)
}
