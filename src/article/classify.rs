//! What each cell is: body, headline, signature, or something that is not news.

use super::forest::{Planted, scores_of, softmax};
use super::lexicon::affinity;
use super::lines::{Cell, Cells};
use super::marks;
use super::script::{balance, ends_sentence, is_full_stop, is_ideographic, is_pause, kind, width_of};
use super::weights;

/// What a cell is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Running text of an article or a caption.
    Body,
    /// Kicker, headline or deck.
    Display,
    /// A by-line, credit or jump line that stands alone.
    Signature,
    /// An advertisement or a notice, its heading included.
    Notice,
    /// The weather.
    Weather,
    /// Folio and masthead.
    Folio,
}

impl Class {
    /// Every class, in the order of the fitted scores.
    pub const ALL: [Self; 6] = [Self::Body, Self::Display, Self::Signature, Self::Notice, Self::Weather, Self::Folio];
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();
}

/// The probability of each class, in the order of [`Class::ALL`].
pub type Chances = [f32; Class::COUNT];

/// What a cell looks like by itself.
#[derive(Debug, Clone)]
struct Look {
    ratio: f32,
    ends: f32,
    pauses: f32,
    stops: f32,
    digits: f32,
    ideographs: f32,
    capitals: f32,
    blanks: f32,
    first: f32,
    last: f32,
    open: f32,
    opening: f32,
    byline: f32,
    credit: f32,
    ending: f32,
    jump: f32,
    bullet: f32,
    words: [f32; 4],
    number: f32,
    elsewhere: f32,
    echoed: f32,
}

fn flag(b: bool) -> f32 {
    f32::from(b)
}

/// How many characters of a cell are of each kind.
#[derive(Debug, Default)]
struct Marked {
    ideographs: usize,
    pauses: usize,
    stops: usize,
    digits: usize,
    capitals: usize,
    blanks: usize,
}

impl Marked {
    fn of(chars: &[char]) -> Self {
        let mut out = Self::default();
        for c in chars {
            if is_ideographic(*c) {
                out.ideographs += 1;
                continue;
            }
            out.pauses += usize::from(is_pause(*c));
            out.stops += usize::from(is_full_stop(*c));
            out.digits += usize::from(c.is_ascii_digit());
            out.capitals += usize::from(c.is_uppercase());
            out.blanks += usize::from(*c == ' ');
        }
        out
    }
}

fn looks(cells: &Cells) -> Vec<Look> {
    let places = cells.grams.places();
    cells
        .cells
        .iter()
        .enumerate()
        .map(|(i, cell)| {
            let c = &cell.chars;
            let n = c.len().max(1) as f32;
            let mut elsewhere = 0;
            let mut echoed = 0;
            let grams = cells.grams.text(i);
            for gram in grams {
                let others = places.of(*gram).iter().filter(|at| (**at as usize).abs_diff(i) > 2).take(2).count();
                elsewhere += usize::from(others > 0);
                echoed += usize::from(others > 1);
            }
            let grams = grams.len().max(1) as f32;
            let (unopened, open) = balance(c);
            let marked = Marked::of(c);
            Look {
                ratio: cell.width / cell.measure,
                ends: flag(ends_sentence(c)),
                pauses: marked.pauses as f32,
                stops: marked.stops as f32,
                digits: marked.digits as f32 / n,
                ideographs: marked.ideographs as f32 / n,
                capitals: marked.capitals as f32 / n,
                blanks: marked.blanks as f32,
                first: kind(c.first()),
                last: kind(c.last()),
                open: (open - unopened) as f32,
                opening: flag(cell.signs.opening),
                byline: flag(cell.signs.byline),
                credit: flag(cell.signs.credit),
                ending: flag(cell.signs.ending),
                jump: flag(marks::is_jump(c)),
                bullet: flag(marks::begins_with_bullet(c)),
                words: marks::vocabulary(c),
                number: marks::longest_number(c),
                elsewhere: elsewhere as f32 / grams,
                echoed: echoed as f32 / grams,
            }
        })
        .collect()
}

/// How many cells of each class stand before each cell, so that those between two are counted at once.
#[derive(Debug, Clone)]
pub(super) struct Counts(Vec<[u32; Class::COUNT]>);

impl Counts {
    pub(super) fn of(classes: &[Class]) -> Self {
        let mut counts = [0; Class::COUNT];
        let mut before = Vec::with_capacity(classes.len() + 1);
        before.push(counts);
        for class in classes {
            counts[*class as usize] += 1;
            before.push(counts);
        }
        Self(before)
    }

    /// Cells of `class` strictly between two cells.
    pub(super) fn between(&self, a: usize, b: usize, class: Class) -> f32 {
        let (low, high) = (a.min(b) + 1, a.max(b));
        if low >= high { 0.0 } else { (self.0[high][class as usize] - self.0[low][class as usize]) as f32 }
    }

    /// All cells of `class`.
    pub(super) fn all(&self, class: Class) -> usize {
        self.0.last().map_or(0, |counts| counts[class as usize] as usize)
    }
}

/// How many features a cell has.
const FEATURES: usize = 115;

/// Cells before and behind whose look counts.
const REACH: [isize; 6] = [-1, 1, -2, 2, -3, 3];

/// Lines before and behind in which a line may go on, for its class.
const NEAR_SEAMS: usize = 6;
/// Stands for the seam with a line that is not there: worse than any.
const NO_SEAM: f32 = -12.0;

fn seam(a: &Cell, b: &Cell) -> f32 {
    match (a.chars.last(), b.chars.first()) {
        (Some(a), Some(b)) if is_ideographic(*a) && is_ideographic(*b) => affinity(*a, *b),
        _ => 0.0,
    }
}

/// The features of every cell.
pub fn features(cells: &Cells) -> Vec<Vec<f32>> {
    let looks = looks(cells);
    let list = &cells.cells;
    let blocks = list.last().map_or(0, |c| c.block) + 1;
    let mut sizes = vec![0_usize; blocks];
    for c in list {
        sizes[c.block] += 1;
    }
    let mut seen = vec![0_usize; blocks];
    // Running text goes on somewhere near, in the next line or, where columns were printed in turn,
    // some lines on; a headline does not.
    let near = |i: usize, step: usize| match list.get(i + step) {
        Some(other) if other.block == list[i].block => list[i].ends.succession(&other.ends),
        _ => NO_SEAM,
    };
    let near: Vec<[f32; NEAR_SEAMS]> = (0..list.len()).map(|i| std::array::from_fn(|s| near(i, s + 1))).collect();
    let bodies = looks.iter().filter(|l| l.pauses > 0.0).count() as f32 / list.len().max(1) as f32;
    list.iter()
        .enumerate()
        .map(|(i, cell)| {
            let l = &looks[i];
            let place = seen[cell.block];
            seen[cell.block] += 1;
            let size = sizes[cell.block];
            let mut x = Vec::with_capacity(FEATURES);
            x.extend([
                cell.width,
                l.ratio,
                cell.width - cell.measure,
                cell.width / cells.measure,
                cell.width - cells.measure,
                cell.measure / cells.measure,
                cells.measure,
                cell.indent,
                cell.columns as f32,
                cell.column as f32,
                l.ends,
                l.pauses,
                l.stops,
                l.digits,
                l.ideographs,
                l.capitals,
                l.blanks,
                l.first,
                l.last,
                l.open,
                l.opening,
                l.byline,
                l.credit,
                l.ending,
                l.jump,
                l.bullet,
                l.words[0],
                l.words[1],
                l.words[2],
                l.words[3],
                l.number,
                l.elsewhere,
                l.echoed,
                flag(cell.twin),
                size as f32,
                place as f32,
                (size - place) as f32,
                i as f32 / list.len() as f32,
                i as f32,
                (list.len() - i) as f32,
                blocks as f32 / list.len() as f32,
                bodies,
                cell.chars.iter().map(|c| width_of(*c)).fold(0.0, f32::max),
            ]);
            for step in REACH {
                let near = i.checked_add_signed(step).and_then(|n| Some((list.get(n)?, looks.get(n)?)));
                match near {
                    Some((c, l)) => x.extend([
                        l.ratio,
                        l.ends + 2.0 * flag(l.pauses > 0.0),
                        flag(c.block == cell.block),
                        l.opening,
                        l.byline + l.credit + l.jump,
                        l.words[0] + l.words[1],
                        l.words[2],
                        l.words[3],
                        flag(c.row == cell.row),
                        l.last,
                        flag(c.twin),
                    ]),
                    None => x.extend([0.0, -1.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0]),
                }
            }
            let seam_before = i.checked_sub(1).map_or(0.0, |p| seam(&list[p], cell));
            let seam_behind = list.get(i + 1).map_or(0.0, |n| seam(cell, n));
            x.extend([seam_before, seam_behind]);
            let behind = near[i].into_iter().fold(NO_SEAM, f32::max);
            let before = (1..=NEAR_SEAMS.min(i)).map(|s| near[i - s][s - 1]).fold(NO_SEAM, f32::max);
            let here = |from: usize, to: usize| list.get(from).zip(list.get(to)).map_or(0.0, |(a, b)| a.ends.succession(&b.ends));
            x.extend([before, behind, i.checked_sub(1).map_or(0.0, |p| here(p, i)), here(i, i + 1)]);
            x
        })
        .collect()
}

/// Cells before and behind whose first guess counts in the second.
const SECOND_REACH: [isize; 8] = [-1, 1, -2, 2, -3, 3, -4, 4];

/// What the second guess knows.
struct Second<'a> {
    cells: &'a [Cell],
    first: &'a [Vec<f32>],
    chances: &'a [Chances],
    /// The chances of each block's cells, added up.
    blocks: Vec<(Chances, f32)>,
}

impl<'a> Second<'a> {
    fn of(cells: &'a Cells, first: &'a [Vec<f32>], chances: &'a [Chances]) -> Self {
        let cells = &cells.cells;
        let mut blocks: Vec<(Chances, f32)> = vec![([0.0; Class::COUNT], 0.0); cells.last().map_or(0, |c| c.block) + 1];
        for (c, p) in cells.iter().zip(chances) {
            let (sum, n) = &mut blocks[c.block];
            sum.iter_mut().zip(p).for_each(|(s, p)| *s += p);
            *n += 1.0;
        }
        Self { cells, first, chances, blocks }
    }

    /// Appends the features of a cell: those of the first guess, and what its neighbours were taken for.
    fn features(&self, i: usize, x: &mut Vec<f32>) {
        x.extend_from_slice(&self.first[i]);
        x.extend(self.chances[i]);
        for step in SECOND_REACH {
            let near = i.checked_add_signed(step).and_then(|n| self.chances.get(n));
            x.extend(near.copied().unwrap_or([-1.0; Class::COUNT]));
        }
        let (sum, n) = &self.blocks[self.cells[i].block];
        x.extend(sum.map(|s| s / n));
    }
}

/// The features of the second guess, for fitting.
pub fn second_features(cells: &Cells, first: &[Vec<f32>], chances: &[Chances]) -> Vec<Vec<f32>> {
    let second = Second::of(cells, first, chances);
    (0..first.len())
        .map(|i| {
            let mut x = Vec::new();
            second.features(i, &mut x);
            x
        })
        .collect()
}

/// Chances of the classes from one forest each.
fn chances_of(forests: &[Planted; Class::COUNT], rows: usize, features: impl FnMut(usize, &mut Vec<f32>)) -> Vec<Chances> {
    scores_of(forests.each_ref(), rows, features).into_iter().map(softmax).collect()
}

/// The chance from which on a first guess needs no second, which seldom says otherwise and takes as long.
const BEYOND_DOUBT: f32 = 0.99;

/// The chances of every cell: a guess from looks alone, and, where that leaves a doubt, a second one that
/// knows the first.
pub fn classify(cells: &Cells) -> Vec<Chances> {
    let first = features(cells);
    let guess = chances_of(&weights::CLASS, first.len(), |i, x| x.extend_from_slice(&first[i]));
    let second = Second::of(cells, &first, &guess);
    let doubtful: Vec<usize> = (0..guess.len()).filter(|i| guess[*i].iter().all(|p| *p < BEYOND_DOUBT)).collect();
    let again = chances_of(&weights::CLASS_AGAIN, doubtful.len(), |n, x| second.features(doubtful[n], x));
    let mut chances = guess.clone();
    doubtful.into_iter().zip(again).for_each(|(i, again)| chances[i] = again);
    chances
}

/// The likeliest class.
pub fn likeliest(chances: &Chances) -> Class {
    Class::ALL.into_iter().zip(chances).max_by(|a, b| a.1.total_cmp(b.1)).map_or(Class::Body, |(c, _)| c)
}
