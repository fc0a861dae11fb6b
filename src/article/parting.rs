//! Parts display lines in which an extractor ran the headlines of neighbouring articles together.
//!
//! A headline is as wide as its letters are large, so widths do not tell as they do for columns of
//! running text. What the two halves talk about does: halves of one headline meet in one body.

use super::classify::{Chances, Class, likeliest};
use super::grams::grams;
use super::lexicon::affinity;
use super::lines::{Cell, Cells};
use super::marks::Signs;
use super::script::{balance, is_ideographic, width};
use super::succession::Ends;
use super::weights;

/// Most blanks of one line that are asked about.
const MAX_GAPS: usize = 8;
/// Most lines of running text that are one text among others here.
const STRETCH: usize = 40;

/// Stretches of running text, in place of the bodies that are not known yet.
struct Stretches {
    texts: Vec<Vec<u32>>,
    /// What each gram of the page weighs.
    weights: Vec<f32>,
}

impl Stretches {
    fn of(cells: &Cells, chances: &[Chances]) -> Self {
        let mut texts: Vec<Vec<u32>> = Vec::new();
        let mut last = None;
        let mut length = 0;
        for (i, (c, p)) in cells.cells.iter().zip(chances).enumerate() {
            if likeliest(p) != Class::Body {
                last = None;
                continue;
            }
            // Cells of merged lines alternate between texts: each column is its own.
            let key = (c.block, c.column);
            if last != Some(key) || length >= STRETCH {
                texts.push(Vec::new());
                length = 0;
            }
            last = Some(key);
            length += 1;
            if let Some(text) = texts.last_mut() {
                text.extend(cells.grams.text(i));
            }
        }
        for text in &mut texts {
            text.sort_unstable();
            text.dedup();
        }
        let weights = cells.grams.weights(texts.iter().map(|t| t.iter().copied()));
        Self { texts, weights }
    }

    /// For every stretch, the share of a text's weight that it holds.
    fn shares(&self, text: &[u32]) -> Vec<f32> {
        let weights: Vec<f32> = text.iter().map(|g| self.weights[*g as usize]).collect();
        let sum = weights.iter().sum::<f32>().max(1e-6);
        self.texts
            .iter()
            .map(|t| text.iter().zip(&weights).filter(|(g, _)| t.binary_search(g).is_ok()).map(|(_, w)| w).sum::<f32>() / sum)
            .collect()
    }
}

/// The blanks of a display line, as the index of the first character behind each.
fn gaps(cell: &Cell) -> Vec<usize> {
    (1..cell.chars.len().saturating_sub(1)).filter(|i| cell.chars[*i] == ' ' && cell.chars[*i - 1] != ' ').take(MAX_GAPS).collect()
}

fn features(cells: &Cells, chances: &[Chances], stretches: &Stretches, at: usize, gap: usize, gaps: usize) -> Vec<f32> {
    let cell = &cells.cells[at];
    let (left, right) = (&cell.chars[..gap], &cell.chars[gap + 1..]);
    let (a, b) = (cell.chars[gap - 1], right[0]);
    // A blank parts grams, so those of the halves are those of the whole.
    let (l, r) = cells.grams.text(at).split_at(grams(left).len());
    let (sl, sr) = (stretches.shares(l), stretches.shares(r));
    let both = sl.iter().zip(&sr).map(|(x, y)| x.min(*y)).fold(0.0, f32::max);
    let best = |s: &[f32]| s.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or((0, 0.0), |(n, v)| (n, *v));
    let (bl, br) = (best(&sl), best(&sr));
    let flag = |b: bool| f32::from(b);
    let near = |n: Option<usize>| match n.and_then(|n| Some((cells.cells.get(n)?, chances.get(n)?))) {
        Some((c, p)) => [
            c.width,
            c.width / cell.width,
            p[Class::Display as usize],
            c.columns as f32,
            c.chars.iter().filter(|c| **c == ' ').count() as f32,
            flag(c.block == cell.block),
        ],
        None => [0.0, 0.0, -1.0, 0.0, 0.0, -1.0],
    };
    let mut x = vec![
        cell.width,
        cell.width / cells.measure,
        width(left),
        width(right),
        width(left) / cells.measure,
        width(right) / cells.measure,
        gaps as f32,
        both,
        bl.1,
        br.1,
        flag(bl.0 == br.0),
        sr.get(bl.0).copied().unwrap_or(0.0),
        sl.get(br.0).copied().unwrap_or(0.0),
        l.len() as f32,
        r.len() as f32,
        chances[at][Class::Display as usize],
        (balance(left).1 - balance(left).0) as f32,
        (balance(right).1 - balance(right).0) as f32,
        if is_ideographic(a) && is_ideographic(b) { affinity(a, b) } else { 0.0 },
        flag(a.is_ascii_digit()),
        flag(b.is_ascii_digit()),
        flag(is_ideographic(a)),
        flag(is_ideographic(b)),
        cell.columns as f32,
        cell.column as f32,
        cells.cells.iter().filter(|c| c.columns > 1).count() as f32 / cells.cells.len() as f32,
        flag(cell.twin),
    ];
    x.extend(near(at.checked_sub(1)));
    x.extend(near(Some(at + 1)));
    x
}

/// Parts display lines; every other cell stays as it is.
pub fn part(mut cells: Cells, chances: Vec<Chances>) -> (Cells, Vec<Chances>) {
    if !cells.cells.iter().zip(&chances).any(|(cell, chances)| !askable(cell, chances).is_empty()) {
        return (cells, chances);
    }
    let stretches = Stretches::of(&cells, &chances);
    let mut out: Vec<Cell> = Vec::with_capacity(cells.cells.len());
    let mut odds: Vec<Chances> = Vec::with_capacity(chances.len());
    let mut moved = Vec::with_capacity(cells.cells.len());
    let mut parted = Vec::new();
    for at in 0..cells.cells.len() {
        moved.push(out.len());
        let cell = &cells.cells[at];
        let gaps = askable(cell, &chances[at]);
        let n = gaps.len();
        let best = gaps
            .into_iter()
            .map(|g| (weights::PART.score(&features(&cells, &chances, &stretches, at, g, n)), g))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        match best {
            Some((score, gap)) if score > 0.0 => {
                let (left, right) = halves(cell, gap);
                parted.push((out.len(), grams(&left.chars).len()));
                out.push(left);
                out.push(right);
                odds.extend([chances[at]; 2]);
            }
            _ => {
                out.push(cell.clone());
                odds.push(chances[at]);
            }
        }
    }
    for c in &mut out {
        c.repeats = c.repeats.and_then(|r| moved.get(r).copied());
    }
    // A blank parts grams, so those of the halves are those of the whole.
    parted.into_iter().for_each(|(at, count)| cells.grams.part(at, count));
    (Cells { cells: out, ..cells }, odds)
}

fn askable(cell: &Cell, chances: &Chances) -> Vec<usize> {
    if likeliest(chances) == Class::Display && !cell.twin && cell.repeats.is_none() { gaps(cell) } else { Vec::new() }
}

fn halves(cell: &Cell, gap: usize) -> (Cell, Cell) {
    let solid = cell.chars[..gap].iter().filter(|c| **c != ' ').count();
    let right: Vec<char> = cell.chars[gap + 1..].iter().copied().skip_while(|c| *c == ' ').collect();
    let left = Cell {
        signs: Signs::of(&cell.chars[..gap]),
        ends: Ends::of(&cell.chars[..gap]),
        chars: cell.chars[..gap].to_vec(),
        length: solid,
        width: width(&cell.chars[..gap]),
        columns: cell.columns + 1,
        ..cell.clone()
    };
    let right = Cell {
        width: width(&right),
        signs: Signs::of(&right),
        ends: Ends::of(&right),
        chars: right,
        start: cell.start + solid,
        length: cell.length - solid,
        columns: cell.columns + 1,
        column: cell.column + 1,
        indent: 0.0,
        ..cell.clone()
    };
    (left, right)
}

/// The features of every blank in a display line, with the page's characters before and behind it.
pub fn part_examples(cells: &Cells, chances: &[Chances]) -> Vec<(Vec<f32>, usize, usize)> {
    let stretches = Stretches::of(cells, chances);
    let mut out = Vec::new();
    for at in 0..cells.cells.len() {
        let gaps = askable(&cells.cells[at], &chances[at]);
        for gap in &gaps {
            let solid = cells.cells[at].chars[..*gap].iter().filter(|c| **c != ' ').count();
            let before = cells.cells[at].start + solid - 1;
            out.push((features(cells, chances, &stretches, at, *gap, gaps.len()), before, before + 1));
        }
    }
    out
}
