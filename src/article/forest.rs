//! Fitted decisions: sums of small decision trees over named numbers.
//!
//! Every tree asks the same questions of all its branches (an oblivious tree), so a tree of depth d
//! is d questions "is feature f above t" whose answers, read as a binary number, choose one of 2^d
//! leaves. The numbers are fitted by `tests/train` and stand in `weights.rs`.

use std::sync::OnceLock;

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

/// Rows that are asked together: an answer is one comparison of as many values that lie side by
/// side, which the compiler turns into vector instructions.
const LANES: usize = 16;

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
        self.odds(sum)
    }

    fn odds(&self, sum: i32) -> f32 {
        self.bias + sum as f32 / 1000.0
    }

    /// The sum over trees of a depth that the compiler knows, so that the questions are unrolled.
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

/// A forest that is asked about many rows at once.
///
/// Its trees ask the same questions again and again, so it is laid out, when it is first asked, for
/// answering every question once.
#[derive(Debug)]
pub(crate) struct Planted {
    forest: &'static Forest,
    layout: OnceLock<Option<Layout>>,
}

#[derive(Debug)]
struct Layout {
    /// The questions: which feature, and above what.
    questions: Vec<(u16, f32)>,
    /// The questions of each tree, as indices.
    asked: Vec<u16>,
    leaves: &'static [i16],
}

/// What stands for a feature that is missing: nothing is below it or above it.
const MISSING: [f32; LANES] = [f32::NAN; LANES];

impl Planted {
    pub(crate) const fn of(forest: &'static Forest) -> Self {
        Self { forest, layout: OnceLock::new() }
    }

    /// The log odds for each of `rows` rows of features; `features` is asked for each row in turn and
    /// appends its features to an empty list. The same as [`Forest::score`] of each, in a fraction of
    /// the time.
    pub(crate) fn scores(&self, rows: usize, features: impl FnMut(usize, &mut Vec<f32>)) -> Vec<f32> {
        scores_of([self], rows, features).into_iter().map(|[odds]| odds).collect()
    }

    /// The layout; `None` for depths that no forest is fitted to.
    fn layout(&self) -> Option<&Layout> {
        let lay_out = || {
            let forest = self.forest;
            if !matches!(forest.depth, 4..=6) {
                return None;
            }
            let all = || forest.features.iter().copied().zip(forest.thresholds.iter().copied());
            let order = |a: &(u16, f32), b: &(u16, f32)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1));
            let mut questions: Vec<(u16, f32)> = all().collect();
            questions.sort_unstable_by(order);
            questions.dedup_by(|a, b| order(a, b).is_eq());
            let asked = all().map(|q| questions.partition_point(|other| order(other, &q).is_lt()) as u16).collect();
            Some(Layout { questions, asked, leaves: forest.leaves })
        };
        self.layout.get_or_init(lay_out).as_ref()
    }
}

impl Layout {
    /// The sums over trees of `depth` questions for each of the rows in `columns`.
    fn sums(&self, depth: usize, columns: &[[f32; LANES]], room: &mut Room) -> [i32; LANES] {
        room.answers.resize(self.questions.len(), [0; LANES]);
        for ((feature, threshold), answers) in self.questions.iter().zip(&mut room.answers) {
            let column = columns.get(usize::from(*feature)).unwrap_or(&MISSING);
            let mut answer = [0; LANES];
            for lane in 0..LANES {
                answer[lane] = u8::from(column[lane] > *threshold);
            }
            *answers = answer;
        }
        match depth {
            4 => self.sums_of::<4, 16>(room),
            5 => self.sums_of::<5, 32>(room),
            _ => self.sums_of::<6, 64>(room),
        }
    }

    /// The sums over trees of a depth that the compiler knows, so that the questions are unrolled. First
    /// the leaves of all rows, then the values of a few rows at a time, whose sums stay in registers.
    fn sums_of<const DEPTH: usize, const LEAVES: usize>(&self, room: &mut Room) -> [i32; LANES] {
        let trees = self.asked.as_chunks::<DEPTH>().0;
        room.leaves.resize(trees.len(), [0; LANES]);
        for (tree, leaves) in trees.iter().zip(&mut room.leaves) {
            let mut leaf = [0_u8; LANES];
            for question in tree {
                let answer = &room.answers[usize::from(*question)];
                for lane in 0..LANES {
                    leaf[lane] = leaf[lane].wrapping_mul(2).wrapping_add(answer[lane]);
                }
            }
            *leaves = leaf;
        }
        let mut sums = [0; LANES];
        for (few, sums) in sums.as_chunks_mut::<FEW>().0.iter_mut().enumerate() {
            let mut sum = [0; FEW];
            for (leaf, values) in room.leaves.iter().zip(self.leaves.as_chunks::<LEAVES>().0) {
                for lane in 0..FEW {
                    sum[lane] += i32::from(values[usize::from(leaf[few * FEW + lane]) % LEAVES]);
                }
            }
            *sums = sum;
        }
        sums
    }
}

/// Rows whose sums stay in registers.
const FEW: usize = 4;

/// Room to work in, kept from one block of rows to the next.
#[derive(Debug, Default)]
struct Room {
    /// The answer of each row to each question: 1 is yes.
    answers: Vec<[u8; LANES]>,
    /// The leaf of each row in each tree.
    leaves: Vec<[u8; LANES]>,
}

/// As [`Planted::scores`], for forests that are asked about the same rows.
pub(crate) fn scores_of<const N: usize>(
    forests: [&Planted; N],
    rows: usize,
    mut features: impl FnMut(usize, &mut Vec<f32>),
) -> Vec<[f32; N]> {
    let mut out = Vec::with_capacity(rows);
    let mut x = Vec::new();
    let layouts: Vec<&Layout> = forests.iter().map_while(|f| f.layout()).collect();
    let Ok(layouts) = <[&Layout; N]>::try_from(layouts) else {
        for row in 0..rows {
            x.clear();
            features(row, &mut x);
            out.push(forests.map(|f| f.forest.score(&x)));
        }
        return out;
    };
    let mut columns = Vec::new();
    let mut room = Room::default();
    for from in (0..rows).step_by(LANES) {
        let lanes = LANES.min(rows - from);
        for lane in 0..lanes {
            x.clear();
            features(from + lane, &mut x);
            if columns.len() < x.len() {
                columns.resize(x.len(), MISSING);
            }
            let (given, missing) = columns.split_at_mut(x.len());
            given.iter_mut().zip(&x).for_each(|(column, value)| column[lane] = *value);
            missing.iter_mut().for_each(|column| column[lane] = f32::NAN);
        }
        let sums: [_; N] = std::array::from_fn(|n| layouts[n].sums(forests[n].forest.depth, &columns, &mut room));
        out.extend((0..lanes).map(|lane| std::array::from_fn(|n| forests[n].forest.odds(sums[n][lane]))));
    }
    out
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
    fn many_rows_score_as_each_by_itself() {
        let mut rng = fastrand::Rng::with_seed(5);
        for depth in [0, 3, 4, 5, 6, 9] {
            let questions = 7 * depth;
            let features: Vec<u16> = (0..questions).map(|_| rng.u16(0..9)).collect();
            let thresholds: Vec<f32> = (0..questions).map(|_| rng.f32()).collect();
            let leaves: Vec<i16> = (0..7 << depth).map(|_| rng.i16(-900..900)).collect();
            let forest: &Forest = Box::leak(Box::new(Forest {
                bias: 0.25,
                depth,
                features: features.leak(),
                thresholds: thresholds.leak(),
                leaves: leaves.leak(),
            }));
            // Rows of unequal length, more than one block of them and not a whole number of blocks.
            let rows: Vec<Vec<f32>> = (0..3 * LANES + 3).map(|n| (0..6 + n % 4).map(|_| rng.f32()).collect()).collect();
            let many = Planted::of(forest).scores(rows.len(), |n, x| x.extend(&rows[n]));
            let each: Vec<f32> = rows.iter().map(|x| forest.score(x)).collect();
            assert_eq!(many, each, "depth {depth}");
        }
    }

    #[test]
    fn softmax_sums_to_one() {
        let p = softmax([1.0, 2.0, 3.0]);
        assert!((p.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(p[2] > p[1] && p[1] > p[0]);
    }
}
