//! Lines as a compositor set them: letter-spacing closed, twins folded, broken lines mended, and
//! lines in which an extractor ran neighbouring columns together divided again.

use super::forest::probability;
use super::grams::{Gram, Numbered, grams};
use super::lettering::lay_down;
use super::lexicon::affinity;
use super::marks::Signs;
use super::script::{ends_sentence, is_closing, is_full_stop, is_ideographic, is_pause, width};
use super::succession::Ends;
use super::weights;
use crate::model::Page;

/// A piece of a line that belongs to one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The text: outer blanks off, letter-spacing closed, a twin folded.
    pub chars: Vec<char>,
    /// The first of the page's characters (white space not counted) that the cell stands for.
    pub start: usize,
    /// How many of the page's characters it stands for, twins included.
    pub length: usize,
    /// Which block of the page it stands in.
    pub block: usize,
    /// Which line of the page it stands in: cells of one line stand side by side.
    pub row: usize,
    /// Its place among the cells of its line, from 0.
    pub column: usize,
    /// How many cells its line has.
    pub columns: usize,
    /// Blanks before it, in em.
    pub indent: f32,
    /// Its width in em; a line that was spaced out counts as full.
    pub width: f32,
    /// Whether it was printed twice, as fake bold is.
    pub twin: bool,
    /// The cell that it repeats, where it is nothing but the second printing.
    pub repeats: Option<usize>,
    /// The column width around it, in em.
    pub measure: f32,
    /// The marks that it bears.
    pub signs: Signs,
    /// What it begins and ends with.
    pub(crate) ends: Ends,
}

/// The page's lines before they are divided.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) chars: Vec<char>,
    pub(super) start: usize,
    pub(super) block: usize,
    pub(super) indent: f32,
    pub(super) spaced: bool,
    pub(super) twin: bool,
    /// How many of the page's characters it stands for that are not among its own: those of a twin.
    pub(super) folded: usize,
}

/// The cells of a page, and the column width most of it is set in.
#[derive(Debug, Clone)]
pub struct Cells {
    /// In the page's order.
    pub cells: Vec<Cell>,
    /// The most frequent width, in em.
    pub measure: f32,
    /// How many of the page's characters are not white space.
    pub characters: usize,
    /// How many lines with blanks were not asked for columns, beyond `MAX_CELLS`.
    pub undivided: usize,
    /// The grams of each cell.
    pub(crate) grams: Numbered,
}

/// Narrowest and widest column that is looked for, in em.
const MEASURES: std::ops::Range<usize> = 5..60;
/// Most blanks of one line that are asked about.
const MAX_GAPS: usize = 40;

/// From how many cells on lines are divided no more: a full broadsheet has some 2,000.
pub(crate) const MAX_CELLS: usize = 6_000;

/// Divides the page into cells.
pub fn cells(page: &Page) -> Cells {
    cells_up_to(page, MAX_CELLS)
}

fn cells_up_to(page: &Page, most: usize) -> Cells {
    let (lines, characters) = lines(page);
    let (lines, measures) = mend(lay_down(lines));
    let extents: Vec<Extent> = lines.iter().map(Extent::of).collect();
    let mut cells: Vec<Cell> = Vec::with_capacity(lines.len());
    let mut undivided = 0;
    for (row, line) in lines.iter().enumerate() {
        let cuts = if cells.len() < most {
            cuts(&lines, &extents, row, &measures, |x| probability(weights::GAP.score(x)) > 0.5)
        } else {
            undivided += usize::from(!extents[row].gaps.is_empty());
            Vec::new()
        };
        divide(line, row, &cuts, &measures, &mut cells);
    }
    fold_repeats(&mut cells);
    measure_cells(&mut cells, measures.first);
    let grams: Vec<Vec<Gram>> = cells.iter().map(|c| grams(&c.chars)).collect();
    Cells { cells, measure: measures.first, characters, undivided, grams: Numbered::of(&grams) }
}

/// The features of every blank at which a line could be divided, for fitting: `decide` is told the
/// character before and after the blank (as numbers of the page's characters) and says whether
/// columns part there.
pub fn gap_examples(page: &Page, mut decide: impl FnMut(usize, usize) -> bool) -> Vec<(Vec<f32>, bool)> {
    let (lines, measures) = mend(lay_down(lines(page).0));
    let extents: Vec<Extent> = lines.iter().map(Extent::of).collect();
    let mut out = Vec::new();
    for at in 0..lines.len() {
        let line = &lines[at];
        if line.folded > 0 {
            continue;
        }
        let solid: Vec<usize> = extents[at].gaps.iter().map(|g| line.chars[..*g].iter().filter(|c| **c != ' ').count()).collect();
        let mut n = 0;
        cuts(&lines, &extents, at, &measures, |x| {
            let before = line.start + solid[n] - 1;
            n += 1;
            let parts = decide(before, before + 1);
            out.push((x.to_vec(), parts));
            parts
        });
    }
    out
}

/// Lines, their letter-spacing closed and twins folded.
fn lines(page: &Page) -> (Vec<Line>, usize) {
    let mut out = Vec::new();
    let mut position = 0;
    for (block, b) in page.blocks.iter().enumerate() {
        for text in &b.lines {
            let raw: Vec<char> = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
            let lead = raw.iter().take_while(|c| **c == ' ').count();
            let full = text.chars().take(lead).filter(|c| *c == '\u{3000}').count();
            let end = raw.len() - raw.iter().rev().take_while(|c| **c == ' ').count();
            if lead >= end {
                continue;
            }
            let count = raw[lead..end].iter().filter(|c| **c != ' ').count();
            let (chars, spaced) = close_spacing(&raw[lead..end]);
            let half = fold_twin(&chars);
            let twin = half.is_some();
            let chars = half.unwrap_or(chars);
            let kept = chars.iter().filter(|c| **c != ' ').count();
            out.push(Line {
                chars,
                start: position,
                block,
                indent: full as f32 + 0.5 * (lead - full) as f32,
                spaced,
                twin,
                folded: count - kept,
            });
            position += count;
        }
    }
    (out, position)
}

/// A line of at least four single characters in a row was spaced out to fill its column: the blanks
/// between them are no blanks.
fn close_spacing(chars: &[char]) -> (Vec<char>, bool) {
    let tokens: Vec<&[char]> = chars.split(|c| *c == ' ').filter(|t| !t.is_empty()).collect();
    let single = |t: &[char]| {
        let letters = t.iter().filter(|c| is_ideographic(**c)).count();
        let marks = t.iter().filter(|c| !c.is_alphanumeric()).count();
        letters + marks == t.len() && letters <= 1 && t.len() <= 3
    };
    let mut spaced = vec![false; tokens.len()];
    let mut at = 0;
    while at < tokens.len() {
        let run = tokens[at..].iter().take_while(|t| single(t)).count();
        if run >= 4 && tokens[at..at + run].iter().filter(|t| is_ideographic(t[0])).count() >= 3 {
            spaced[at..at + run].iter_mut().for_each(|s| *s = true);
        }
        at += run.max(1);
    }
    if !spaced.contains(&true) {
        return (chars.to_vec(), false);
    }
    let mut out: Vec<char> = Vec::new();
    for (n, token) in tokens.iter().enumerate() {
        let number = |t: &[char]| t.iter().all(|c| !is_ideographic(*c)) && t.len() <= 8;
        // A number within the spaced run belongs to it.
        let close = n > 0 && ((spaced[n] && (spaced[n - 1] || number(tokens[n - 1]))) || (spaced[n - 1] && number(token)));
        if n > 0 && !close {
            out.push(' ');
        }
        out.extend_from_slice(token);
    }
    (out, true)
}

/// The half of a line that is printed twice over.
fn fold_twin(chars: &[char]) -> Option<Vec<char>> {
    let n = chars.len();
    if n >= 8 && n.is_multiple_of(2) && chars[..n / 2] == chars[n / 2..] {
        return Some(chars[..n / 2].to_vec());
    }
    None
}

/// Joins a line again that an extractor broke before a closing mark, where both fit one column; with
/// the column widths of what came of it.
fn mend(lines: Vec<Line>) -> (Vec<Line>, Measures) {
    let measures = Measures::of(&lines);
    let limit = measures.first + 1.6;
    let before = lines.len();
    let mut out: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        let broken = is_closing(line.chars[0]) && line.chars[0] != '…' && line.indent == 0.0;
        if let Some(last) = out.last_mut()
            && broken
            && last.block == line.block
            && last.folded == 0
            && line.folded == 0
            && !ends_open(&last.chars)
            && width(&last.chars) + width(&line.chars) <= limit
        {
            last.chars.extend_from_slice(&line.chars);
            last.spaced |= line.spaced;
            continue;
        }
        out.push(line);
    }
    let measures = if out.len() == before { measures } else { Measures::of(&out) };
    (out, measures)
}

fn ends_open(chars: &[char]) -> bool {
    chars.last().is_some_and(|c| super::script::is_opening(*c))
}

/// The column widths of a page.
#[derive(Debug, Clone)]
struct Measures {
    first: f32,
    second: f32,
    /// Share of lines wider than one and a half columns.
    wide: f32,
    latin: f32,
}

impl Measures {
    fn of(lines: &[Line]) -> Self {
        let mut histogram = [0_usize; MEASURES.end * 2 + 2];
        let mut latin = 0;
        for line in lines {
            if line.spaced || (line.chars.contains(&' ') && is_ideographic(line.chars[0])) {
                continue;
            }
            latin += usize::from(line.chars.iter().filter(|c| is_ideographic(**c)).count() * 4 < line.chars.len());
            let bin = (width(&line.chars) * 2.0).round() as usize;
            if (MEASURES.start * 2..MEASURES.end * 2).contains(&bin) {
                histogram[bin] += 1;
            }
        }
        let latin = latin as f32 / lines.len().max(1) as f32;
        let spread: usize = if latin > 0.5 { 3 } else { 1 };
        let mass = |bin: usize| histogram[bin.saturating_sub(spread)..=(bin + spread).min(histogram.len() - 1)].iter().sum::<usize>();
        // The upper edge of the best window: a full line is the widest of the frequent ones.
        let best = (MEASURES.start * 2..MEASURES.end * 2)
            .max_by_key(|b| (mass(*b) * 4 + histogram[*b], std::cmp::Reverse(*b)))
            .unwrap_or(MEASURES.start * 2);
        let first = if mass(best) == 0 { 15.0 } else { best as f32 / 2.0 };
        let second = (MEASURES.start * 2..MEASURES.end * 2)
            .filter(|b| b.abs_diff(best) > 2 * spread + 1)
            .max_by_key(|b| (mass(*b), std::cmp::Reverse(*b)))
            .filter(|b| mass(*b) > 0)
            .map_or(first, |b| b as f32 / 2.0);
        let wide = lines.iter().filter(|l| width(&l.chars) > first * 1.5).count() as f32 / lines.len().max(1) as f32;
        Self { first, second, wide, latin }
    }
}

/// The blanks of a line at which columns could part.
fn gaps(chars: &[char]) -> Vec<usize> {
    (1..chars.len()).filter(|i| chars[*i] == ' ' && chars[*i - 1] != ' ').take(MAX_GAPS).collect()
}

/// What the lines around it ask of a line.
#[derive(Debug, Clone)]
struct Extent {
    block: usize,
    width: f32,
    gaps: Vec<usize>,
    /// Where the gaps stand, in em from the line's beginning.
    places: Vec<f32>,
}

impl Extent {
    fn of(line: &Line) -> Self {
        let gaps = gaps(&line.chars);
        let mut at = (0, 0.0);
        let places = gaps.iter().map(|gap| {
            at = (*gap, at.1 + width(&line.chars[at.0..*gap]));
            at.1
        });
        Self { block: line.block, places: places.collect(), width: width(&line.chars), gaps }
    }
}

/// The blanks at which `decide` divides the line.
fn cuts(lines: &[Line], extents: &[Extent], at: usize, measures: &Measures, mut decide: impl FnMut(&[f32]) -> bool) -> Vec<usize> {
    let line = &lines[at];
    let Extent { gaps, width: total, places, .. } = &extents[at];
    if gaps.is_empty() || line.twin {
        return Vec::new();
    }
    let total = *total;
    let neighbours = [at.wrapping_sub(1), at + 1, at.wrapping_sub(2), at + 2]
        .map(|n| extents.get(n).filter(|l| l.block == line.block).map_or((0.0, &[][..]), |l| (l.width, &l.places[..])));
    let block = || extents[at.saturating_sub(12)..(at + 13).min(lines.len())].iter().filter(|l| l.block == line.block);
    let widest = block().map(|l| l.width).fold(0.0, f32::max);
    let around = block().count();
    let mut from = 0;
    let mut cuts = Vec::new();
    for (gap, here) in gaps.iter().zip(places) {
        let blanks = line.chars[*gap..].iter().take_while(|c| **c == ' ').count();
        let left = &line.chars[from..*gap];
        let right = &line.chars[gap + blanks..];
        let next = right.iter().position(|c| *c == ' ').unwrap_or(right.len());
        let (a, b) = (line.chars[gap - 1], right[0]);
        let (wl, wr) = (width(left), width(right));
        let aligned = |n: usize| neighbours[n].1.iter().any(|g| (g - here).abs() <= 1.3);
        let columns = |w: f32| {
            let k = (w / measures.first).round().max(1.0);
            w - k * measures.first
        };
        let x = [
            wl - measures.first,
            wr - measures.first,
            wl - measures.second,
            wr - measures.second,
            wl / measures.first,
            wr / measures.first,
            total / measures.first,
            total - measures.first,
            columns(wl),
            columns(wr),
            wl.min(wr),
            measures.first,
            measures.second - measures.first,
            measures.wide,
            measures.latin,
            gaps.len() as f32,
            blanks as f32,
            neighbours[0].0 / measures.first,
            neighbours[1].0 / measures.first,
            f32::from(aligned(0)),
            f32::from(aligned(1)),
            f32::from(aligned(2)) + f32::from(aligned(3)),
            neighbours[0].1.len() as f32,
            neighbours[1].1.len() as f32,
            neighbours[0].0 - wl,
            neighbours[1].0 - wl,
            f32::from(is_ideographic(a)),
            f32::from(is_ideographic(b)),
            f32::from(a.is_ascii_digit()),
            f32::from(b.is_ascii_digit()),
            f32::from(is_full_stop(a) || ends_sentence(left)),
            f32::from(is_pause(a)),
            affinity(a, b),
            width(&right[..next]),
            f32::from(left.iter().any(|c| is_pause(*c))) + f32::from(left.iter().any(|c| is_full_stop(*c))),
            f32::from(right.iter().any(|c| is_pause(*c))) + f32::from(right.iter().any(|c| is_full_stop(*c))),
            around as f32,
            widest / measures.first,
            f32::from(line.spaced),
            f32::from(from > 0),
            line.indent,
            f32::from(line.block == lines[at.saturating_sub(1)].block),
            f32::from(b.is_lowercase()),
            total - wl,
        ];
        if decide(&x) {
            cuts.push(*gap);
            from = gap + blanks;
        }
    }
    cuts
}

/// A line to cells at its cuts.
fn divide(line: &Line, row: usize, cuts: &[usize], measures: &Measures, cells: &mut Vec<Cell>) {
    let mut from = 0;
    let mut start = line.start;
    let columns = cuts.len() + 1;
    for (column, to) in cuts.iter().copied().chain([line.chars.len()]).enumerate() {
        let blanks = line.chars[from..to].iter().take_while(|c| **c == ' ').count();
        let chars = line.chars[from + blanks..to].to_vec();
        let mut length = chars.iter().filter(|c| **c != ' ').count();
        if column + 1 == columns {
            length += line.folded;
        }
        let natural = width(&chars);
        cells.push(Cell {
            width: if line.spaced && columns == 1 && natural > measures.first * 0.5 { natural.max(measures.first) } else { natural },
            start,
            length,
            block: line.block,
            row,
            column,
            columns,
            indent: if column == 0 { line.indent } else { 0.0 },
            twin: line.twin,
            repeats: None,
            measure: measures.first,
            signs: Signs::of(&chars),
            ends: Ends::of(&chars),
            chars,
        });
        start += length;
        from = to;
    }
}

/// Fewest characters of a line that counts as printed twice when it comes again at once.
const MIN_TWIN: usize = 4;

/// Lines, or groups of two or three, that come again at once are the second printing of fake bold.
fn fold_repeats(cells: &mut [Cell]) {
    for group in 1..=3 {
        let mut at = 0;
        while at + 2 * group <= cells.len() {
            let same = (0..group).all(|k| {
                let (a, b) = (&cells[at + k], &cells[at + group + k]);
                a.chars == b.chars && a.chars.len() >= MIN_TWIN && a.repeats.is_none() && b.repeats.is_none()
            });
            if same {
                for k in 0..group {
                    cells[at + k].twin = true;
                    cells[at + group + k].twin = true;
                    cells[at + group + k].repeats = Some(at + k);
                }
                at += group;
            }
            at += 1;
        }
    }
}

/// How far around a cell its column's width is looked for, in cells.
const NEIGHBOURHOOD: usize = 8;

/// The column width around each cell: the width that most of its neighbours have.
fn measure_cells(cells: &mut [Cell], page: f32) {
    let widths: Vec<(usize, f32)> = cells.iter().map(|c| (c.block, c.width)).collect();
    for at in 0..cells.len() {
        let near = &widths[at.saturating_sub(NEIGHBOURHOOD)..(at + NEIGHBOURHOOD + 1).min(widths.len())];
        // A line of the same block counts threefold.
        let mut votes = [(0.0, 0); 2 * NEIGHBOURHOOD + 1];
        for (vote, (block, width)) in votes.iter_mut().zip(near) {
            *vote = (*width, if *block == cells[at].block { 3 } else { 1 });
        }
        let votes = &votes[..near.len()];
        let close = |w: f32| votes.iter().map(|(n, vote)| if (n - w).abs() <= 0.6 { *vote } else { 0 }).sum::<u32>();
        let best = near
            .iter()
            .map(|(_, w)| *w)
            .filter(|w| *w >= MEASURES.start as f32)
            .map(|w| (close(w), w))
            .max_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        cells[at].measure = match best {
            Some((n, w)) if n >= 9 => w,
            _ => page,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Block;

    #[test]
    fn lines_behind_the_most_cells_stay_whole_and_are_counted() {
        let row = "石桥昨天通车两岸居民放了鞭 学校今年多招两个班新校舍的";
        let lines = vec![row.to_owned(); 40];
        let page = Page { blocks: vec![Block { lines }], ..Page::empty("02") };
        let all = cells(&page);
        assert_eq!(all.undivided, 0);
        assert!(all.cells.len() > 60, "most lines hold two columns");
        let some = cells_up_to(&page, 20);
        assert!(some.cells.len() < all.cells.len());
        assert_eq!(some.undivided, some.cells.iter().skip(20).filter(|c| c.columns == 1).count());
        let length = |cells: &Cells| cells.cells.iter().map(|c| c.length).sum::<usize>();
        assert_eq!((length(&some), length(&all)), (some.characters, all.characters));
    }
}
