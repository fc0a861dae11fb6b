//! Lines of neighbouring columns that an extractor printed in turn: one of the first column, one of
//! the second, one of the first again.
//!
//! There a line goes on not in the next one but some lines on, and so do all lines around it. What a
//! single seam hardly tells, the seams around it tell together.

use super::lines::Cell;

/// The longest stride that is looked for: columns side by side on a page.
pub(super) const LONGEST: usize = 6;

/// Lines before and behind whose seams of the same stride count.
const AROUND: usize = 6;

/// The words at one seam count up to this much for or against a stride.
const MOST: f32 = 4.0;

/// For every cell and stride, how well the lines around it go on at that stride.
#[derive(Debug, Default)]
pub(super) struct Strides {
    /// By stride, less one: running sums, over cells, of the words at the seam and of how many seams
    /// there are.
    sums: Vec<Vec<(f32, f32)>>,
    own: Vec<Vec<(f32, f32)>>,
}

impl Strides {
    /// Looks at all strides of a page. `open` tells whether a cell's sentence goes on, `words` how
    /// well the words of two cells go together at the seam.
    pub(super) fn of(cells: &[Cell], open: impl Fn(usize) -> bool, words: impl Fn(usize, usize) -> f32) -> Self {
        let own: Vec<Vec<(f32, f32)>> = (1..=LONGEST)
            .map(|stride| {
                (0..cells.len())
                    .map(|a| match cells.get(a + stride) {
                        Some(b) if b.block == cells[a].block && open(a) => (words(a, a + stride).clamp(-MOST, MOST), 1.0),
                        _ => (0.0, 0.0),
                    })
                    .collect()
            })
            .collect();
        let sums = own
            .iter()
            .map(|list: &Vec<(f32, f32)>| {
                let mut sums = Vec::with_capacity(list.len() + 1);
                let mut sum = (0.0, 0.0);
                sums.push(sum);
                for (words, n) in list {
                    sum = (sum.0 + words, sum.1 + n);
                    sums.push(sum);
                }
                sums
            })
            .collect();
        Self { sums, own }
    }

    /// The mean of the words at the seams of `stride` around cell `a`, its own left out.
    fn mean(&self, a: usize, stride: usize) -> f32 {
        let (sums, own) = (&self.sums[stride - 1], self.own[stride - 1][a]);
        let (low, high) = (sums[a.saturating_sub(AROUND)], sums[(a + AROUND + 1).min(sums.len() - 1)]);
        let (words, n) = (high.0 - low.0 - own.0, high.1 - low.1 - own.1);
        // A few seams say little: they are drawn towards nothing.
        words / (n + 1.0)
    }

    /// What the lines around say of cell `a` going on in cell `b`: how well they go on at this stride,
    /// by how much it beats every other stride, and which stride does best.
    pub(super) fn features(&self, a: usize, b: usize) -> [f32; 3] {
        let means: [f32; LONGEST] = std::array::from_fn(|s| self.mean(a, s + 1));
        let best = (0..LONGEST).max_by(|x, y| means[*x].total_cmp(&means[*y])).unwrap_or(0);
        let Some(own) = b.checked_sub(a).filter(|s| (1..=LONGEST).contains(s)) else {
            return [-9.0, -means[best], best as f32 + 1.0];
        };
        let rival = (0..LONGEST).filter(|s| s + 1 != own).map(|s| means[s]).fold(f32::MIN, f32::max);
        [means[own - 1], means[own - 1] - rival, best as f32 + 1.0]
    }
}
