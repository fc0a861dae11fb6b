//! What stands around a seam: the text that leads up to it, the text that goes on from it, and which
//! display lines of the page each of the two speaks of.
//!
//! Lines may be cut off at every paragraph, so a fragment alone is often too short to tell what it
//! is about. A window is the fragment's own end (or beginning), and the lines before (or behind) it
//! in its column where it is shorter than the window.

use super::classify::Class;
use super::grams::{Bag, Gram, Rarity, grams};
use super::lines::Cell;
use super::seams::{Fragment, Ground};

/// Cells of the windows that are compared with each other.
const NEAR: usize = 14;
/// Cells before a seam in which a display line's words are looked for.
const FAR: usize = 60;
/// Cells behind a seam in which a display line's words are looked for: a lead.
const LEAD: usize = 9;
/// Most display lines that are looked for.
const MAX_DISPLAYS: usize = 60;

/// What the cells of a page talk about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Topics {
    by_cell: Vec<Vec<Gram>>,
    rarity: Rarity,
    /// For each word of each display line its weight, and where it stands in `places`.
    displays: Vec<Vec<(f32, std::ops::Range<usize>)>>,
    /// Words of display lines in running text, sorted, with their cells.
    places: Vec<(Gram, usize)>,
}

impl Topics {
    /// The topics of cells, of which each is of a class.
    pub(crate) fn of(cells: &[Cell], classes: &[Class]) -> Self {
        let by_cell: Vec<Vec<Gram>> = cells.iter().map(|c| grams(&c.chars)).collect();
        let of_class = |class: Class| (0..cells.len()).filter(move |i| classes[*i] == class && cells[*i].repeats.is_none());
        let displays: Vec<&Vec<Gram>> = of_class(Class::Display).map(|i| &by_cell[i]).filter(|g| g.len() >= 2).take(MAX_DISPLAYS).collect();
        // A word's rarity is counted over stretches of the page that are as long as a window.
        let body: Vec<usize> = of_class(Class::Body).collect();
        let stretches: Vec<Vec<Gram>> = body.chunks(NEAR).map(|c| c.iter().flat_map(|i| by_cell[*i].iter().copied()).collect()).collect();
        let rarity = Rarity::of(stretches.iter().map(Vec::as_slice));
        let mut wanted: Vec<Gram> = displays.iter().flat_map(|d| d.iter().copied()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut places: Vec<(Gram, usize)> =
            body.iter().flat_map(|i| by_cell[*i].iter().filter(|g| wanted.binary_search(g).is_ok()).map(move |g| (*g, *i))).collect();
        places.sort_unstable();
        places.dedup();
        let displays = displays
            .iter()
            .map(|d| {
                d.iter()
                    .map(|g| {
                        let from = places.partition_point(|p| p.0 < *g);
                        (rarity.weight(*g), from..from + places[from..].partition_point(|p| p.0 == *g))
                    })
                    .collect()
            })
            .collect();
        Self { by_cell, rarity, displays, places }
    }

    fn bag(&self, cells: &[usize]) -> Bag {
        let grams: Vec<Gram> = cells.iter().flat_map(|c| self.by_cell[*c].iter().copied()).collect();
        Bag::of(&grams, &self.rarity)
    }
}

/// The windows of a fragment.
#[derive(Debug, Clone, Default)]
struct Sides {
    before: Bag,
    behind: Bag,
    /// The share of each display line's weight in the far window before and in the lead behind.
    heads_before: Vec<f32>,
    heads_behind: Vec<f32>,
}

/// The windows of all fragments of a page.
#[derive(Debug, Clone, Default)]
pub struct Windows {
    sides: Vec<Sides>,
}

/// The cells of the window that ends with (`step` -1) or begins with (`step` 1) a fragment.
fn reach(ground: &Ground<'_>, fragment: &Fragment, step: isize, most: usize) -> Vec<usize> {
    let mut out: Vec<usize> = if step < 0 {
        fragment.cells.iter().rev().take(most).copied().collect()
    } else {
        fragment.cells.iter().take(most).copied().collect()
    };
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
        Self::around(ground, &around)
    }

    /// The windows at the places of a body where it could be cut; a place is the index of the first
    /// cell behind it.
    pub(crate) fn within(ground: &Ground<'_>, body: &[usize], places: &[usize]) -> Self {
        let around: Vec<(Vec<usize>, Vec<usize>)> = places
            .iter()
            .map(|p| (body[..*p].iter().rev().take(FAR).copied().collect(), body[*p..].iter().take(NEAR).copied().collect()))
            .collect();
        Self::around(ground, &around)
    }

    /// Windows of given cells: those before a seam, nearest first, and those behind it.
    fn around(ground: &Ground<'_>, around: &[(Vec<usize>, Vec<usize>)]) -> Self {
        let topics = &ground.topics;
        let mut marked = vec![0_u32; ground.cells.len()];
        let mut mark = 0;
        let mut shares = |cells: &[usize]| -> Vec<f32> {
            mark += 1;
            cells.iter().for_each(|c| marked[*c] = mark);
            let holds = |at: &std::ops::Range<usize>| topics.places[at.clone()].iter().any(|p| marked[p.1] == mark);
            let share = |d: &Vec<(f32, std::ops::Range<usize>)>| {
                let (sum, got) = d.iter().fold((1e-6, 0.0), |(sum, got), (w, at)| (sum + w, if holds(at) { got + w } else { got }));
                got / sum
            };
            topics.displays.iter().map(share).collect()
        };
        let sides = around
            .iter()
            .map(|(before, behind)| Sides {
                before: topics.bag(&before[..before.len().min(NEAR)]),
                behind: topics.bag(behind),
                heads_before: shares(before),
                heads_behind: shares(&behind[..behind.len().min(LEAD)]),
            })
            .collect();
        Self { sides }
    }

    /// How much alike the text before fragment `a`'s end and behind `b`'s beginning are.
    pub(crate) fn likeness(&self, a: usize, b: usize) -> f32 {
        self.sides.get(a).zip(self.sides.get(b)).map_or(0.0, |(x, y)| x.before.cosine(&y.behind))
    }

    /// The features of the seam from fragment `a` to fragment `b`.
    pub(crate) fn seam(&self, a: usize, b: usize) -> [f32; 6] {
        let (Some(x), Some(y)) = (self.sides.get(a), self.sides.get(b)) else { return [0.0; 6] };
        let pairs = || x.heads_before.iter().zip(&y.heads_behind);
        let best = |list: &[f32]| list.iter().copied().fold(0.0, f32::max);
        [
            x.before.cosine(&y.behind),
            // One display line speaks of both sides.
            pairs().map(|(l, r)| l.min(*r)).fold(0.0, f32::max),
            // A display line speaks of what is behind and not of what is before, and the reverse.
            pairs().map(|(l, r)| r - l).fold(0.0, f32::max),
            pairs().map(|(l, r)| l - r).fold(0.0, f32::max),
            best(&x.heads_before),
            best(&y.heads_behind),
        ]
    }

    /// The features of a body's beginning with a fragment, or of its end.
    pub(crate) fn edge(&self, at: usize) -> [f32; 2] {
        let best = |list: &[f32]| list.iter().copied().fold(0.0, f32::max);
        self.sides.get(at).map_or([0.0; 2], |s| [best(&s.heads_behind), best(&s.heads_before)])
    }
}
