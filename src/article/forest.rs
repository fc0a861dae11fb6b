//! Fitted decisions: sums of small decision trees over named numbers.
//!
//! Every tree asks the same questions of all its branches (an oblivious tree), so a tree of depth d
//! is d questions "is feature f above t" whose answers, read as a binary number, choose one of 2^d
//! leaves. The numbers are fitted by `tests/train` and stand in `weights.rs`.

/// A sum of trees that answers with log odds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Forest {
    /// What every sum starts from.
    pub bias: f32,
    /// Questions a tree asks.
    pub depth: usize,
    /// The feature each question is about; `depth` a tree.
    pub features: &'static [u16],
    /// The value above which the answer is yes; `depth` a tree.
    pub thresholds: &'static [f32],
    /// Thousandths of log odds; 2^`depth` a tree.
    pub leaves: &'static [i16],
}

impl Forest {
    /// The log odds for the features `x`. A feature that is missing answers no.
    pub(crate) fn score(&self, x: &[f32]) -> f32 {
        let sum = match self.depth {
            0 => 0,
            4 => self.sum::<4>(x),
            5 => self.sum::<5>(x),
            6 => self.sum::<6>(x),
            depth => self.sum_of(depth, x),
        };
        self.bias + sum as f32 / 1000.0
    }

    /// The sum over trees of a depth that the compiler knows, so that the questions are unrolled: most
    /// of a page's time is spent here.
    fn sum<const DEPTH: usize>(&self, x: &[f32]) -> i32 {
        let trees = self.features.as_chunks::<DEPTH>().0.iter().zip(self.thresholds.as_chunks::<DEPTH>().0);
        let mut sum = 0;
        for ((features, thresholds), leaves) in trees.zip(self.leaves.chunks_exact(1 << DEPTH)) {
            let mut leaf = 0;
            for q in 0..DEPTH {
                leaf = leaf * 2 + usize::from(x.get(usize::from(features[q])).is_some_and(|v| *v > thresholds[q]));
            }
            sum += i32::from(leaves[leaf]);
        }
        sum
    }

    fn sum_of(&self, depth: usize, x: &[f32]) -> i32 {
        let trees = self.features.chunks_exact(depth).zip(self.thresholds.chunks_exact(depth));
        trees
            .zip(self.leaves.chunks_exact(1 << depth))
            .map(|((features, thresholds), leaves)| {
                let leaf = features
                    .iter()
                    .zip(thresholds)
                    .fold(0, |leaf, (f, t)| leaf * 2 + usize::from(x.get(usize::from(*f)).is_some_and(|v| v > t)));
                i32::from(leaves[leaf])
            })
            .sum()
    }
}

/// The probability that log odds stand for.
pub(crate) fn probability(log_odds: f32) -> f32 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// Probabilities of exclusive classes from their scores.
pub(crate) fn softmax<const N: usize>(scores: [f32; N]) -> [f32; N] {
    let top = scores.iter().copied().fold(f32::MIN, f32::max);
    let powers = scores.map(|s| (s - top).exp());
    let sum: f32 = powers.iter().sum();
    powers.map(|p| p / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_choose_the_leaf() {
        let forest = Forest { bias: 0.5, depth: 2, features: &[0, 2], thresholds: &[1.0, 0.0], leaves: &[100, 200, 300, 400] };
        assert!((forest.score(&[2.0, 0.0, 1.0]) - 0.9).abs() < 1e-6);
        assert!((forest.score(&[0.0, 0.0, 1.0]) - 0.7).abs() < 1e-6);
        // A feature that is missing is above no threshold.
        assert!((forest.score(&[2.0]) - 0.8).abs() < 1e-6);
    }

    #[test]
    fn softmax_sums_to_one() {
        let p = softmax([1.0, 2.0, 3.0]);
        assert!((p.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(p[2] > p[1] && p[1] > p[0]);
    }
}
