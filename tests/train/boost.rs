//! Gradient boosting of oblivious trees: logistic loss for yes or no, softmax for exclusive classes.
//!
//! Deterministic: the same rows and settings give the same numbers, whatever the number of threads.

use std::fmt::Write as _;

/// Borders a feature is cut at, at most.
const BINS: usize = 48;
/// Rows a border is chosen from.
const SAMPLE: usize = 20_000;

/// How a forest is fitted.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub rounds: usize,
    pub depth: usize,
    pub rate: f64,
    /// Share of rows a tree sees.
    pub rows: f64,
    /// Share of features a tree may ask about.
    pub features: f64,
    pub lambda: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { rounds: 80, depth: 5, rate: 0.15, rows: 0.5, features: 0.6, lambda: 4.0 }
    }
}

/// A fitted sum of trees.
#[derive(Debug, Clone, Default)]
pub struct Fitted {
    pub bias: f32,
    pub depth: usize,
    pub features: Vec<u16>,
    pub thresholds: Vec<f32>,
    pub leaves: Vec<i16>,
}

impl Fitted {
    pub fn score(&self, x: &[f32]) -> f32 {
        let mut sum = 0_i32;
        let d = self.depth;
        for t in 0..self.features.len() / d.max(1) {
            let mut leaf = 0;
            for q in 0..d {
                leaf = leaf * 2 + usize::from(x[usize::from(self.features[t * d + q])] > self.thresholds[t * d + q]);
            }
            sum += i32::from(self.leaves[(t << d) + leaf]);
        }
        self.bias + sum as f32 / 1000.0
    }

    /// The forest as an expression of Rust.
    pub fn expression(&self) -> String {
        let mut out = String::new();
        let list = |items: Vec<String>| {
            let mut lines = String::new();
            for chunk in items.chunks(32) {
                let _ = writeln!(lines, "        {},", chunk.join(", "));
            }
            lines
        };
        let _ = write!(
            out,
            "Forest {{\n    bias: {:?},\n    depth: {},\n    features: &[\n{}    ],\n    thresholds: &[\n{}    ],\n    leaves: &[\n{}    ],\n}}",
            self.bias,
            self.depth,
            list(self.features.iter().map(u16::to_string).collect()),
            list(self.thresholds.iter().map(|t| format!("{t:?}")).collect()),
            list(self.leaves.iter().map(i16::to_string).collect()),
        );
        out
    }
}

/// Rows by columns, as bins.
struct Binned {
    columns: Vec<Vec<u8>>,
    borders: Vec<Vec<f32>>,
    rows: usize,
}

fn bin(rows: &[Vec<f32>]) -> Binned {
    let width = rows.first().map_or(0, Vec::len);
    let step = (rows.len() / SAMPLE).max(1);
    let mut columns = Vec::with_capacity(width);
    let mut borders = Vec::with_capacity(width);
    for f in 0..width {
        let mut values: Vec<f32> = rows.iter().step_by(step).map(|r| r[f]).collect();
        values.sort_unstable_by(f32::total_cmp);
        let mut cuts: Vec<f32> = Vec::new();
        let mut distinct = values.clone();
        distinct.dedup();
        if distinct.len() <= BINS {
            cuts.extend(distinct.windows(2).map(|w| (w[0] + w[1]) / 2.0));
        } else {
            for k in 1..BINS {
                let v = values[k * values.len() / BINS];
                let below = values[values.partition_point(|x| *x < v).saturating_sub(1)];
                let cut = (below + v) / 2.0;
                if cuts.last().is_none_or(|c| *c < cut) {
                    cuts.push(cut);
                }
            }
        }
        // Few digits are enough, and they are what is written down.
        for c in &mut cuts {
            *c = format!("{c:.4}").parse().unwrap_or(*c);
        }
        cuts.dedup();
        columns.push(rows.iter().map(|r| cuts.partition_point(|c| *c < r[f]) as u8).collect());
        borders.push(cuts);
    }
    Binned { columns, borders, rows: rows.len() }
}

struct Tree {
    features: Vec<u16>,
    bins: Vec<u8>,
    leaves: Vec<f64>,
}

fn grow(data: &Binned, g: &[f64], h: &[f64], chosen: &[usize], asked: &[usize], s: Settings) -> Tree {
    let mut leaf_of = vec![0_u16; chosen.len()];
    let mut tree = Tree { features: Vec::new(), bins: Vec::new(), leaves: Vec::new() };
    for level in 0..s.depth {
        let leaves = 1 << level;
        let best_of = |features: &[usize]| {
            let mut best = (f64::MIN, usize::MAX, 0_u8);
            let mut sums = vec![(0.0_f64, 0.0_f64); leaves * (BINS + 1)];
            for f in features {
                let cuts = data.borders[*f].len();
                if cuts == 0 {
                    continue;
                }
                sums.iter_mut().for_each(|s| *s = (0.0, 0.0));
                let column = &data.columns[*f];
                for (n, row) in chosen.iter().enumerate() {
                    let cell = &mut sums[usize::from(leaf_of[n]) * (BINS + 1) + usize::from(column[*row])];
                    cell.0 += g[*row];
                    cell.1 += h[*row];
                }
                let mut gains = [0.0_f64; BINS + 1];
                for leaf in 0..leaves {
                    let bins = &sums[leaf * (BINS + 1)..leaf * (BINS + 1) + cuts + 1];
                    let (tg, th) = bins.iter().fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
                    let (mut lg, mut lh) = (0.0, 0.0);
                    for cut in 0..cuts {
                        lg += bins[cut].0;
                        lh += bins[cut].1;
                        gains[cut] += lg * lg / (lh + s.lambda) + (tg - lg).powi(2) / (th - lh + s.lambda);
                    }
                }
                for (cut, gain) in gains.iter().take(cuts).enumerate() {
                    if *gain > best.0 + 1e-9 {
                        best = (*gain, *f, cut as u8);
                    }
                }
            }
            best
        };
        let half = asked.len() / 2;
        let (a, b) = std::thread::scope(|scope| {
            let other = scope.spawn(|| best_of(&asked[half..]));
            let a = best_of(&asked[..half]);
            (a, other.join().unwrap_or((f64::MIN, usize::MAX, 0)))
        });
        let best = if b.0 > a.0 + 1e-9 { b } else { a };
        let (feature, cut) = if best.1 == usize::MAX { (asked[0], 0) } else { (best.1, best.2) };
        let column = &data.columns[feature];
        for (n, row) in chosen.iter().enumerate() {
            leaf_of[n] = leaf_of[n] * 2 + u16::from(column[*row] > cut);
        }
        tree.features.push(feature as u16);
        tree.bins.push(cut);
    }
    let mut sums = vec![(0.0_f64, 0.0_f64); 1 << s.depth];
    for (n, row) in chosen.iter().enumerate() {
        let leaf = &mut sums[usize::from(leaf_of[n])];
        leaf.0 += g[*row];
        leaf.1 += h[*row];
    }
    tree.leaves = sums.iter().map(|(g, h)| s.rate * g / (h + s.lambda)).collect();
    tree
}

fn leaf_of(tree: &Tree, data: &Binned, row: usize) -> usize {
    tree.features.iter().zip(&tree.bins).fold(0, |leaf, (f, cut)| leaf * 2 + usize::from(data.columns[usize::from(*f)][row] > *cut))
}

fn push(into: &mut Fitted, tree: &Tree, data: &Binned) {
    for (f, cut) in tree.features.iter().zip(&tree.bins) {
        into.features.push(*f);
        into.thresholds.push(data.borders[usize::from(*f)].get(usize::from(*cut)).copied().unwrap_or(f32::MAX));
    }
    into.leaves.extend(tree.leaves.iter().map(|l| (l * 1000.0).round().clamp(-32000.0, 32000.0) as i16));
}

fn sample(rng: &mut fastrand::Rng, n: usize, share: f64) -> Vec<usize> {
    let chosen: Vec<usize> = (0..n).filter(|_| rng.f64() < share).collect();
    if chosen.is_empty() { (0..n).collect() } else { chosen }
}

/// Fits the log odds that `labels` is true.
pub fn fit(rows: &[Vec<f32>], labels: &[bool], s: Settings) -> Fitted {
    fit_weighed(rows, labels, &vec![1.0; rows.len()], s)
}

/// As [`fit`], for rows that stand for as many as their weight says.
pub fn fit_weighed(rows: &[Vec<f32>], labels: &[bool], weights: &[f64], s: Settings) -> Fitted {
    let data = bin(rows);
    let yes: f64 = labels.iter().zip(weights).filter(|(l, _)| **l).map(|(_, w)| w).sum();
    let prior = ((yes + 0.5) / (weights.iter().sum::<f64>() - yes + 0.5)).ln();
    let mut score = vec![prior; data.rows];
    let mut out = Fitted { bias: prior as f32, depth: s.depth, ..Fitted::default() };
    let mut rng = fastrand::Rng::with_seed(7);
    for _ in 0..s.rounds {
        let p: Vec<f64> = score.iter().map(|s| 1.0 / (1.0 + (-s).exp())).collect();
        let g: Vec<f64> = p.iter().zip(labels).zip(weights).map(|((p, l), w)| w * (f64::from(u8::from(*l)) - p)).collect();
        let h: Vec<f64> = p.iter().zip(weights).map(|(p, w)| w * p * (1.0 - p)).collect();
        let chosen = sample(&mut rng, data.rows, s.rows);
        let asked = sample(&mut rng, data.columns.len(), s.features);
        let tree = grow(&data, &g, &h, &chosen, &asked, s);
        for (row, score) in score.iter_mut().enumerate() {
            *score += (tree.leaves[leaf_of(&tree, &data, row)] * 1000.0).round() / 1000.0;
        }
        push(&mut out, &tree, &data);
    }
    out
}

/// Fits the scores of `classes` exclusive classes.
pub fn fit_classes(rows: &[Vec<f32>], labels: &[usize], classes: usize, s: Settings) -> Vec<Fitted> {
    let data = bin(rows);
    let mut score = vec![0.0_f64; data.rows * classes];
    let mut out = vec![Fitted { depth: s.depth, ..Fitted::default() }; classes];
    let mut rng = fastrand::Rng::with_seed(7);
    for _ in 0..s.rounds {
        let mut p = score.clone();
        for row in p.chunks_exact_mut(classes) {
            let top = row.iter().copied().fold(f64::MIN, f64::max);
            row.iter_mut().for_each(|v| *v = (*v - top).exp());
            let sum: f64 = row.iter().sum();
            row.iter_mut().for_each(|v| *v /= sum);
        }
        for class in 0..classes {
            let p: Vec<f64> = p.iter().skip(class).step_by(classes).copied().collect();
            let g: Vec<f64> = p.iter().zip(labels).map(|(p, l)| f64::from(u8::from(*l == class)) - p).collect();
            let h: Vec<f64> = p.iter().map(|p| p * (1.0 - p)).collect();
            let chosen = sample(&mut rng, data.rows, s.rows);
            let asked = sample(&mut rng, data.columns.len(), s.features);
            let tree = grow(&data, &g, &h, &chosen, &asked, s);
            for row in 0..data.rows {
                score[row * classes + class] += (tree.leaves[leaf_of(&tree, &data, row)] * 1000.0).round() / 1000.0;
            }
            push(&mut out[class], &tree, &data);
        }
    }
    out
}
