//! What stands around a seam: the text that leads up to it, the text that goes on from it, and which
//! display lines of the page each of the two speaks of.
//!
//! Lines may be cut off at every paragraph, so a fragment alone is often too short to tell what it
//! is about. A window is the fragment's own end (or beginning), and the lines before (or behind) it
//! in its column where it is shorter than the window.

use std::ops::Range;

use super::classify::Class;
use super::grams::{Gram, Numbered, Places, grams};
use super::likeness::{Holders, Likeness};
use super::lines::Cells;
use super::seams::{Fragment, Ground, text_of};

/// Cells of the windows that are compared with each other.
const NEAR: usize = 14;
/// Cells before a seam in which a display line's words are looked for.
const FAR: usize = 60;
/// Cells behind a seam in which a display line's words are looked for: a lead.
const LEAD: usize = 9;
/// Most display lines that are looked for.
const MAX_DISPLAYS: usize = 60;

/// Fragments behind and before a fragment, in the stream, that it may go on in.
const AHEAD: usize = 60;
const BEHIND: usize = 24;
/// From how many fragments on fewer are compared, so that a page's work stays bounded.
const MANY_FRAGMENTS: usize = 350;

/// How many of `fragments` fragments behind and how many ahead of each are compared with it.
pub(crate) fn reach_among(fragments: usize) -> (usize, usize) {
    if fragments > MANY_FRAGMENTS { (BEHIND / 4, AHEAD / 4) } else { (BEHIND, AHEAD) }
}

/// What the cells of a page talk about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Topics {
    /// Where each gram stands.
    places: Places,
    /// What each gram weighs.
    weights: Vec<f32>,
    displays: Vec<Display>,
    /// The words of display lines, one line after the other: which of the distinct ones each is, and what it weighs.
    words: Vec<(u32, f32)>,
    /// For each distinct word of display lines, which lines it stands in.
    owners: Vec<Vec<u16>>,
    /// For each cell of running text, which distinct words of display lines it holds.
    held: Vec<Vec<u32>>,
}

/// A display line as running text sees it.
#[derive(Debug, Clone)]
struct Display {
    /// Its words among those of all display lines.
    words: Range<usize>,
    /// What they weigh together.
    weight: f32,
}

impl Topics {
    /// The topics of cells, of which each is of a class.
    pub(crate) fn of(cells: &Cells, classes: &[Class]) -> Self {
        let (cells, by_cell) = (&cells.cells, &cells.grams);
        let of_class = |class: Class| (0..cells.len()).filter(move |i| classes[*i] == class && cells[*i].repeats.is_none());
        // A word's rarity is counted over stretches of the page that are as long as a window.
        let body: Vec<usize> = of_class(Class::Body).collect();
        let weights = by_cell.said(body.chunks(NEAR).map(|c| c.iter().flat_map(|i| by_cell.text(*i).iter().copied())));
        let mut words: Vec<(u32, f32)> = Vec::new();
        let mut displays: Vec<Display> = Vec::new();
        let mut owners: Vec<Vec<u16>> = Vec::new();
        // Which distinct word of a display line each gram is, if any.
        let mut word_of = vec![u32::MAX; by_cell.distinct];
        for line in of_class(Class::Display).map(|i| by_cell.text(i)).filter(|line| line.len() >= 2).take(MAX_DISPLAYS) {
            let from = words.len();
            let display = displays.len() as u16;
            for gram in line {
                let word = &mut word_of[*gram as usize];
                if *word == u32::MAX {
                    *word = owners.len() as u32;
                    owners.push(Vec::new());
                }
                let lines = &mut owners[*word as usize];
                if lines.last() != Some(&display) {
                    lines.push(display);
                }
                words.push((*word, weights[*gram as usize]));
            }
            displays.push(Display { words: from..words.len(), weight: words[from..].iter().fold(1e-6, |sum, w| sum + w.1) });
        }
        let mut held = vec![Vec::new(); cells.len()];
        for i in body {
            held[i].extend(by_cell.text(i).iter().map(|gram| word_of[*gram as usize]).filter(|word| *word != u32::MAX));
        }
        Self { places: by_cell.places(), weights, displays, words, owners, held }
    }
}

/// The share of the weight of each of a page's display lines that each of many windows holds.
#[derive(Debug, Clone, Default)]
struct Shares {
    /// A row a window, a column a display line, filled up with zeros to a multiple of [`LANES`].
    rows: Vec<f32>,
    width: usize,
    /// The largest of each window.
    best: Vec<f32>,
}

/// Display lines that are compared by one instruction.
const LANES: usize = 8;

impl Shares {
    /// The shares that windows, given as their cells, hold.
    fn of<'a>(topics: &Topics, windows: impl Iterator<Item = &'a [usize]>) -> Self {
        let width = topics.displays.len().next_multiple_of(LANES);
        let mut out = Self { width, ..Self::default() };
        let mut seen = vec![0_u32; topics.owners.len()];
        for (window, mark) in windows.zip(1..) {
            let from = out.rows.len();
            out.rows.resize(from + width, 0.0);
            let row = &mut out.rows[from..];
            for word in window.iter().flat_map(|c| &topics.held[*c]).map(|word| *word as usize) {
                if std::mem::replace(&mut seen[word], mark) != mark {
                    topics.owners[word].iter().for_each(|display| row[usize::from(*display)] = 1.0);
                }
            }
            for (share, display) in row.iter_mut().zip(&topics.displays).filter(|(share, _)| **share > 0.0) {
                let words = topics.words[display.words.clone()].iter();
                let got = words.filter(|w| seen[w.0 as usize] == mark).fold(0.0, |sum, w| sum + w.1);
                *share = got / display.weight;
            }
            out.best.push(row.iter().copied().fold(0.0, f32::max));
        }
        out
    }

    fn row(&self, window: usize) -> &[[f32; LANES]] {
        self.rows[window * self.width..][..self.width].as_chunks().0
    }
}

/// The windows of all fragments of a page.
#[derive(Debug, Clone, Default)]
pub struct Windows {
    /// How much alike the text before one seam and the text behind another are.
    near: Likeness,
    /// How much alike fragments are.
    whole: Likeness,
    /// The shares of display lines in the far windows before seams, and in the leads behind them.
    before: Shares,
    behind: Shares,
}

/// The cells of the window that ends with (`step` -1) or begins with (`step` 1) a fragment.
fn reach(ground: &Ground<'_>, fragment: &Fragment, step: isize, most: usize) -> Vec<usize> {
    let mut out: Vec<usize> = Vec::with_capacity(most);
    if step < 0 {
        out.extend(fragment.cells.iter().rev().take(most));
    } else {
        out.extend(fragment.cells.iter().take(most));
    }
    let Some(mut at) = out.last().copied() else { return out };
    let (block, column) = (ground.cells[at].block, ground.cells[at].column);
    while out.len() < most {
        let Some(next) = at.checked_add_signed(step).filter(|n| *n < ground.cells.len()) else { break };
        at = next;
        let cell = &ground.cells[at];
        if cell.block != block || ground.classes[at] != Class::Body {
            break;
        }
        // In merged lines the cells of other columns stand between.
        if cell.columns > 1 && cell.column != column {
            continue;
        }
        out.push(at);
    }
    out
}

impl Windows {
    /// The windows of `list`.
    pub fn of(ground: &Ground<'_>, list: &[Fragment]) -> Self {
        let around: Vec<(Vec<usize>, Vec<usize>)> = list.iter().map(|f| (reach(ground, f, -1, FAR), reach(ground, f, 1, NEAR))).collect();
        let texts: Vec<Vec<Gram>> = list.iter().map(|f| grams(&text_of(ground.cells, &f.cells))).collect();
        let grams = Numbered::of(&texts);
        let weights = grams.weights((0..list.len()).map(|n| grams.text(n).iter().copied()));
        let each = Holders::each(list.len());
        let (behind, ahead) = reach_among(list.len());
        let whole = Likeness::of(&grams.places(), &weights, &each, &each, behind, ahead);
        Self { whole, ..Self::around(ground, &around, behind, ahead) }
    }

    /// The windows at the places of bodies where they could be cut, one body after the other; a place is
    /// the index of the first cell behind it. Every window is compared with itself alone.
    pub(crate) fn within<'a>(ground: &Ground<'_>, bodies: impl Iterator<Item = (&'a [usize], &'a [usize])>) -> Self {
        let around: Vec<(Vec<usize>, Vec<usize>)> = bodies
            .flat_map(|(body, places)| places.iter().map(move |place| body.split_at(*place)))
            .map(|(before, behind)| (before.iter().rev().take(FAR).copied().collect(), behind.iter().take(NEAR).copied().collect()))
            .collect();
        Self::around(ground, &around, 0, 0)
    }

    /// Windows of given cells: those before a seam, nearest first, and those behind it; each compared
    /// with those from `behind` places before it to `ahead` places after it.
    fn around(ground: &Ground<'_>, around: &[(Vec<usize>, Vec<usize>)], behind: usize, ahead: usize) -> Self {
        let topics = &ground.topics;
        let first = |cells: &'_ Vec<usize>, most: usize| cells.len().min(most);
        let left = Holders::of(ground.cells.len(), around.iter().map(|a| &a.0[..first(&a.0, NEAR)]));
        let right = Holders::of(ground.cells.len(), around.iter().map(|a| a.1.as_slice()));
        Self {
            near: Likeness::of(&topics.places, &topics.weights, &left, &right, behind, ahead),
            whole: Likeness::default(),
            before: Shares::of(topics, around.iter().map(|a| a.0.as_slice())),
            behind: Shares::of(topics, around.iter().map(|a| &a.1[..first(&a.1, LEAD)])),
        }
    }

    /// How much alike the text before fragment `a`'s end and behind `b`'s beginning are.
    pub(crate) fn likeness(&self, a: usize, b: usize) -> f32 {
        self.near.between(a, b)
    }

    /// How much alike fragments `a` and `b` are as a whole.
    pub(crate) fn likeness_as_a_whole(&self, a: usize, b: usize) -> f32 {
        self.whole.between(a, b)
    }

    /// The features of the seam from fragment `a` to fragment `b`.
    pub(crate) fn seam(&self, a: usize, b: usize) -> [f32; 6] {
        let (mut both, mut gained, mut lost) = ([0.0_f32; LANES], [0.0_f32; LANES], [0.0_f32; LANES]);
        let larger = |most: &mut f32, value: f32| *most = if value > *most { value } else { *most };
        for (l, r) in self.before.row(a).iter().zip(self.behind.row(b)) {
            for n in 0..LANES {
                larger(&mut both[n], if l[n] < r[n] { l[n] } else { r[n] });
                larger(&mut gained[n], r[n] - l[n]);
                larger(&mut lost[n], l[n] - r[n]);
            }
        }
        let best = |list: [f32; LANES]| list.into_iter().fold(0.0, f32::max);
        [
            self.likeness(a, b),
            // One display line speaks of both sides.
            best(both),
            // A display line speaks of what is behind and not of what is before, and the reverse.
            best(gained),
            best(lost),
            self.before.best[a],
            self.behind.best[b],
        ]
    }

    /// The features of a body's beginning with a fragment, or of its end.
    pub(crate) fn edge(&self, at: usize) -> [f32; 2] {
        [self.behind.best[at], self.before.best[at]]
    }
}
