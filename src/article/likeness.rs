//! How much alike texts are, every one compared with those around it at once.
//!
//! Texts here are windows over units (lines, say), and units hold grams. Most pairs of texts share
//! few grams, so the work goes gram by gram: which texts hold it is told by the units in which it
//! stands, and only what two texts share is ever looked at.

use super::grams::Places;

/// Which texts hold each unit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Holders {
    /// Where each unit's texts begin; one more than there are units.
    starts: Vec<u32>,
    /// The texts, in order.
    texts: Vec<u32>,
    /// How many texts there are.
    size: usize,
}

impl Holders {
    /// `texts` gives the units of each text, none of them twice.
    pub(crate) fn of<'a>(units: usize, texts: impl Iterator<Item = &'a [usize]> + Clone) -> Self {
        let mut starts = vec![0_u32; units + 1];
        let mut size = 0;
        for text in texts.clone() {
            text.iter().for_each(|unit| starts[unit + 1] += 1);
            size += 1;
        }
        for unit in 1..starts.len() {
            starts[unit] += starts[unit - 1];
        }
        let mut next = starts.clone();
        let mut held = vec![0; starts.last().map_or(0, |end| *end as usize)];
        for (text, n) in texts.zip(0..) {
            for unit in text {
                held[next[*unit] as usize] = n;
                next[*unit] += 1;
            }
        }
        Self { starts, texts: held, size }
    }

    /// Every unit is a text of its own.
    pub(crate) fn each(units: usize) -> Self {
        Self { starts: (0..=units as u32).collect(), texts: (0..units as u32).collect(), size: units }
    }

    fn of_unit(&self, unit: u32) -> &[u32] {
        &self.texts[self.starts[unit as usize] as usize..self.starts[unit as usize + 1] as usize]
    }
}

/// How often a gram counts in one text at most.
const REPEATS: u32 = 3;

/// The texts that hold one gram, with its weight in each, and the squares of all weights so far.
struct Side<'a> {
    holders: &'a Holders,
    /// How often each text holds the gram: all zeros between grams.
    counts: Vec<u32>,
    /// The texts that hold it, as bits: all zeros between grams.
    bits: Vec<u64>,
    found: Vec<(u32, f32)>,
    squares: Vec<f32>,
}

impl<'a> Side<'a> {
    fn of(holders: &'a Holders) -> Self {
        let size = holders.size;
        Self { holders, counts: vec![0; size], bits: vec![0; size.div_ceil(64)], found: Vec::new(), squares: vec![0.0; size] }
    }

    /// Finds the texts that hold a gram which stands in `units` and weighs `weight`.
    fn find(&mut self, units: &[u32], weight: f32) {
        self.found.clear();
        for text in units.iter().flat_map(|unit| self.holders.of_unit(*unit)) {
            self.counts[*text as usize] += 1;
            self.bits[*text as usize / 64] |= 1 << (text % 64);
        }
        for (bits, base) in self.bits.iter_mut().zip((0..).step_by(64)) {
            while *bits != 0 {
                let text = base + bits.trailing_zeros();
                *bits &= *bits - 1;
                let count = std::mem::take(&mut self.counts[text as usize]);
                self.found.push((text, count.min(REPEATS) as f32 * weight));
            }
        }
        for (text, weight) in &self.found {
            self.squares[*text as usize] += weight * weight;
        }
    }
}

/// The cosines, from 0 to 1, of texts and those around them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Likeness {
    behind: usize,
    width: usize,
    values: Vec<f32>,
}

impl Likeness {
    /// Compares each text of `left` with those of `right` from `behind` places before its own to
    /// `ahead` places after it. Both hold equally many texts; `weights` says what each gram weighs.
    pub(crate) fn of(places: &Places, weights: &[f32], left: &Holders, right: &Holders, behind: usize, ahead: usize) -> Self {
        let width = behind + ahead + 1;
        let mut values = vec![0.0; left.size * width];
        let (mut lefts, mut rights) = (Side::of(left), Side::of(right));
        // The squares of the grams that stand in each unit and nowhere else.
        let mut own = vec![0.0; left.starts.len().saturating_sub(1)];
        for (gram, weight) in (0..).zip(weights) {
            // Most grams stand in one unit alone: all that texts share of these is how many units they share.
            if let [unit, others @ ..] = places.of(gram)
                && others.last().is_none_or(|last| last == unit)
            {
                let weight = (others.len() as u32 + 1).min(REPEATS) as f32 * weight;
                own[*unit as usize] += weight * weight;
                continue;
            }
            lefts.find(places.of(gram), *weight);
            rights.find(places.of(gram), *weight);
            let mut near = &rights.found[..];
            for (a, x) in &lefts.found {
                let a = *a as usize;
                let passed = near.iter().take_while(|(b, _)| (*b as usize) + behind < a).count();
                near = &near[passed..];
                for (b, y) in near {
                    let at = *b as usize + behind - a;
                    if at >= width {
                        break;
                    }
                    values[a * width + at] += x * y;
                }
            }
        }
        for (unit, square) in (0..).zip(own).filter(|(_, square)| *square > 0.0) {
            let (holding, held) = (left.of_unit(unit), right.of_unit(unit));
            holding.iter().for_each(|a| lefts.squares[*a as usize] += square);
            held.iter().for_each(|b| rights.squares[*b as usize] += square);
            for a in holding.iter().map(|a| *a as usize) {
                for b in held.iter().map(|b| *b as usize).filter(|b| b + behind >= a && *b <= a + ahead) {
                    values[a * width + b + behind - a] += square;
                }
            }
        }
        let norms = |side: &Side<'_>| -> Vec<f32> { side.squares.iter().map(|s| s.sqrt()).collect() };
        let (left, right) = (norms(&lefts), norms(&rights));
        for (row, a) in values.chunks_exact_mut(width).zip(0..) {
            for (at, value) in row.iter_mut().enumerate().filter(|v| *v.1 != 0.0) {
                *value /= left[a] * right[a + at - behind];
            }
        }
        Self { behind, width, values }
    }

    /// How much alike the left text `a` and the right text `b` are; 0 where they were not compared.
    pub(crate) fn between(&self, a: usize, b: usize) -> f32 {
        match (b + self.behind).checked_sub(a).filter(|at| *at < self.width) {
            Some(at) => self.values.get(a * self.width + at).copied().unwrap_or(0.0),
            None => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::grams::{Gram, Numbered};
    use super::*;

    const WEIGHTS: &[f32] = &[1.0, 2.0, 0.5, 1.5];

    /// The grams of units.
    const UNITS: &[&[Gram]] = &[&[0, 1], &[1, 3], &[], &[3, 3, 3, 3, 0], &[2], &[1, 2, 0]];

    /// The cosine of two texts, compared by themselves.
    fn cosine(a: &[usize], b: &[usize]) -> f32 {
        let vector = |t: &[usize]| -> Vec<f32> {
            let times = |g: Gram| t.iter().flat_map(|u| UNITS[*u]).filter(|x| **x == g).count();
            (0..4).map(|g| times(g).min(3) as f32 * WEIGHTS[g as usize]).collect()
        };
        let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f32>();
        let (x, y) = (vector(a), vector(b));
        let norms = dot(&x, &x).sqrt() * dot(&y, &y).sqrt();
        if norms == 0.0 { 0.0 } else { dot(&x, &y) / norms }
    }

    #[test]
    fn texts_compared_at_once_are_as_alike_as_those_compared_by_themselves() {
        let units: Vec<Vec<Gram>> = UNITS.iter().map(|u| u.to_vec()).collect();
        let numbered = Numbered::of(&units);
        let left: &[&[usize]] = &[&[0, 1], &[2], &[4], &[3, 0], &[1, 3, 5], &[5, 4]];
        let right: &[&[usize]] = &[&[1], &[0, 1, 3], &[3, 0], &[], &[5, 4, 1], &[0, 4, 5]];
        let holders = |texts: &[&[usize]]| Holders::of(UNITS.len(), texts.iter().copied());
        for (behind, ahead) in [(1, 2), (0, 0), (6, 6)] {
            let found = Likeness::of(&numbered.places(), WEIGHTS, &holders(left), &holders(right), behind, ahead);
            for (a, x) in left.iter().enumerate() {
                for (b, y) in right.iter().enumerate() {
                    let expected = if b + behind < a || b > a + ahead { 0.0 } else { cosine(x, y) };
                    assert!((found.between(a, b) - expected).abs() < 1e-6, "{a} {b}");
                }
            }
        }
        assert_eq!(Likeness::default().between(0, 0), 0.0);
    }

    #[test]
    fn units_are_texts_of_their_own_where_nothing_else_is_said() {
        let numbered = Numbered::of(&UNITS.iter().map(|u| u.to_vec()).collect::<Vec<_>>());
        let each = Holders::each(UNITS.len());
        let found = Likeness::of(&numbered.places(), WEIGHTS, &each, &each, 5, 5);
        for a in 0..UNITS.len() {
            for b in 0..UNITS.len() {
                assert!((found.between(a, b) - cosine(&[a], &[b])).abs() < 1e-6, "{a} {b}");
            }
        }
    }
}
