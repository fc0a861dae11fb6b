//! Stories: which articles tell the same one.
//!
//! Two papers print a report of the same agency, a front page tells the beginning of what page 3 has
//! whole, an evening edition corrects a figure: these are one story. Two reports on one subject are not,
//! even where a desk writes them by one pattern, as with the weather and the markets.
//!
//! Articles are compared by their runs of four units ([`crate::model::units`]): what counts is which
//! share of the shorter one's runs the longer one has, so that a shortened copy is one. A sketch of a few
//! dozen of an article's runs finds those that are worth comparing among any number.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hasher;

use crate::model::Article;
use crate::model::fold::folded_text;
use crate::model::units::units;

/// Units of a run.
const RUN: usize = 4;
/// Runs of an article that are compared at most: those of a full page.
const MOST_RUNS: usize = 20_000;
/// Runs that an article must have to be compared at all: fewer say nothing of their own.
const FEWEST_RUNS: usize = 10;
/// Runs in a sketch that stand for all of the article, and for its beginning: what is shortened mostly
/// keeps that.
const SKETCH_OF_ALL: usize = 32;
const SKETCH_OF_BEGINNING: usize = 16;
/// Runs of the beginning.
const BEGINNING: usize = 60;

/// The share of the shorter one's runs from which on two articles tell the same story whatever else they
/// say, unless they differ in figures as two reports of one pattern do.
const ALIKE: f32 = 0.8;
/// The same, where the figures are the same as well: a copy whose sentences were touched up.
const SOMEWHAT_ALIKE: f32 = 0.5;
/// The share of the shorter one's figures that the longer one has, from which on figures are the same.
const FIGURES_ALIKE: f32 = 0.7;
/// Figures of which so few are shared that the articles are two reports of one pattern.
const FIGURES_APART: f32 = 0.5;
/// Figures that an article must have for them to tell anything.
const FEWEST_FIGURES: usize = 3;

/// How many runs two sketches share where their articles are worth comparing.
pub const WORTH_COMPARING: u32 = 2;
/// Days between the editions of articles that may tell the same story. What a paper prints again after
/// a week is news again.
pub const DAYS_APART: u64 = 2;

/// An article's text in the form in which it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// Hashes of its runs, sorted, each once.
    runs: Vec<u32>,
    /// Hashes of its figures, sorted, each once.
    figures: Vec<u32>,
    sketch: Vec<u32>,
}

impl Telling {
    /// The telling of an article's body.
    pub fn of(article: &Article) -> Self {
        let text: Vec<String> = article.paragraphs.iter().map(|paragraph| folded_text(paragraph)).collect();
        let units: Vec<&str> = text.iter().flat_map(|paragraph| units(paragraph)).take(MOST_RUNS).collect();
        let in_order: Vec<u32> = units.windows(RUN).map(hash).collect();
        let figures = units.iter().filter(|unit| unit.starts_with(|c: char| c.is_ascii_digit()));
        let figures = sorted(figures.map(|unit| hash(&[unit])).collect());
        let beginning = sorted(in_order.iter().take(BEGINNING).copied().collect());
        let runs = sorted(in_order);
        let mut sketch = Vec::new();
        if runs.len() >= FEWEST_RUNS {
            sketch.extend(beginning.iter().take(SKETCH_OF_BEGINNING));
            sketch.extend(runs.iter().take(SKETCH_OF_ALL));
        }
        Self { runs, figures, sketch: sorted(sketch) }
    }

    /// A few dozen hashes of its runs, the same few wherever the same runs are: articles that share
    /// [`WORTH_COMPARING`] of them are worth comparing. Empty for a text too short to be compared.
    pub fn sketch(&self) -> &[u32] {
        &self.sketch
    }

    /// How many different runs it has: of two tellings of a story, the one with more tells more.
    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Whether the two tell the same story.
    pub fn is_of_the_same_story(&self, other: &Self) -> bool {
        let (short, long) = if self.len() <= other.len() { (self, other) } else { (other, self) };
        if short.len() < FEWEST_RUNS {
            return false;
        }
        let alike = share(&short.runs, &long.runs);
        let figures = (short.figures.len() >= FEWEST_FIGURES).then(|| share(&short.figures, &long.figures));
        if alike >= ALIKE {
            figures.is_none_or(|share| share >= FIGURES_APART)
        } else {
            alike >= SOMEWHAT_ALIKE && figures.is_some_and(|share| share >= FIGURES_ALIKE)
        }
    }
}

/// Which of the tellings belong together: for each the place of the first one of its story. What tells
/// the same as a third tells the same: a teaser and a shortened copy may share little of the whole. Only
/// those are compared of which `may` says that they can be one.
pub fn groups(tellings: &[Telling], may: &dyn Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut having: HashMap<u32, Vec<usize>> = HashMap::new();
    let mut first: Vec<usize> = (0..tellings.len()).collect();
    for (n, telling) in tellings.iter().enumerate() {
        let mut shared: BTreeMap<usize, u32> = BTreeMap::new();
        for hash in telling.sketch() {
            let others = having.entry(*hash).or_default();
            others.iter().for_each(|other| *shared.entry(*other).or_default() += 1);
            others.push(n);
        }
        for (other, _) in shared.into_iter().filter(|(_, shared)| *shared >= WORTH_COMPARING) {
            if first[other] != first[n] && may(other, n) && telling.is_of_the_same_story(&tellings[other]) {
                let (early, late) = (first[other].min(first[n]), first[other].max(first[n]));
                first.iter_mut().filter(|group| **group == late).for_each(|group| *group = early);
            }
        }
    }
    first
}

/// The share of `part` that stands in `whole` too; both sorted, each value once.
fn share(part: &[u32], whole: &[u32]) -> f32 {
    let shared = part.iter().filter(|value| whole.binary_search(value).is_ok()).count();
    shared as f32 / part.len().max(1) as f32
}

fn sorted(mut values: Vec<u32>) -> Vec<u32> {
    values.sort_unstable();
    values.dedup();
    values
}

/// FNV-1a with a last mixing, so that the smallest hashes are a fair choice of the runs. It is stored,
/// and so must be the same in every version and on every machine.
fn hash<S: AsRef<str>>(units: &[S]) -> u32 {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    for unit in units {
        hasher.write(unit.as_ref().as_bytes());
        hasher.write(&[0]);
    }
    let mixed = (hasher.finish() ^ (hasher.finish() >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    u32::try_from(mixed >> 32).unwrap_or_default()
}

struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests;
