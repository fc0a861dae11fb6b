//! How much alike texts are, every one compared with those around it at once.
//!
//! Most pairs of texts share few grams. So the texts are kept gram by gram, and only what two texts
//! share is ever looked at; the sums run in the order of the grams, so that each likeness is the
//! number that comparing the two texts by themselves would give.

/// Texts as their weighed grams. A gram is a number below a known one; see `grams::Numbered`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts {
    /// Where each gram's entries begin; one more than there are grams.
    starts: Vec<u32>,
    /// The texts that hold a gram, in order, each with the gram's weight in it.
    entries: Vec<(u32, f32)>,
    /// The length of each text as a vector.
    norms: Vec<f32>,
}

/// How often a gram counts in one text at most.
const REPEATS: u32 = 3;

impl Texts {
    /// `texts` gives the grams of each text, repeated ones repeated; `weights` what each gram weighs.
    pub(crate) fn of<T: Iterator<Item = u32>>(weights: &[f32], texts: impl Iterator<Item = T>) -> Self {
        let mut counts = vec![0_u32; weights.len()];
        let mut starts = vec![0_u32; weights.len() + 1];
        let mut held: Vec<u32> = Vec::new();
        let mut found: Vec<(u32, u32, f32)> = Vec::new();
        let mut size = 0;
        for (n, text) in texts.enumerate() {
            size = n + 1;
            for gram in text {
                let count = &mut counts[gram as usize];
                if *count == 0 {
                    held.push(gram);
                }
                *count += 1;
            }
            for gram in held.drain(..) {
                let times = std::mem::take(&mut counts[gram as usize]).min(REPEATS);
                starts[gram as usize + 1] += 1;
                found.push((gram, n as u32, times as f32 * weights[gram as usize]));
            }
        }
        for gram in 1..starts.len() {
            starts[gram] += starts[gram - 1];
        }
        let mut next = starts.clone();
        let mut entries = vec![(0, 0.0); found.len()];
        for (gram, text, weight) in found {
            let at = &mut next[gram as usize];
            entries[*at as usize] = (text, weight);
            *at += 1;
        }
        let mut norms = vec![0.0_f32; size];
        entries.iter().for_each(|(text, weight)| norms[*text as usize] += weight * weight);
        norms.iter_mut().for_each(|n| *n = n.sqrt());
        Self { starts, entries, norms }
    }

    fn of_gram(&self, gram: usize) -> &[(u32, f32)] {
        &self.entries[self.starts[gram] as usize..self.starts[gram + 1] as usize]
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
    /// `ahead` places after it. Both hold equally many texts of the same grams.
    pub(crate) fn of(left: &Texts, right: &Texts, behind: usize, ahead: usize) -> Self {
        let width = behind + ahead + 1;
        let mut values = vec![0.0; left.norms.len() * width];
        for gram in 0..left.starts.len().saturating_sub(1) {
            let mut rights = right.of_gram(gram);
            for (a, x) in left.of_gram(gram) {
                let a = *a as usize;
                let passed = rights.iter().take_while(|(b, _)| (*b as usize) + behind < a).count();
                rights = &rights[passed..];
                for (b, y) in rights {
                    let at = *b as usize + behind - a;
                    if at >= width {
                        break;
                    }
                    values[a * width + at] += x * y;
                }
            }
        }
        for (row, a) in values.chunks_exact_mut(width).zip(0..) {
            for (at, value) in row.iter_mut().enumerate().filter(|v| *v.1 != 0.0) {
                *value /= left.norms[a] * right.norms[a + at - behind];
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
    use super::*;

    const WEIGHTS: &[f32] = &[1.0, 2.0, 0.5, 1.5];

    fn texts(list: &[&[u32]]) -> Texts {
        Texts::of(WEIGHTS, list.iter().map(|t| t.iter().copied()))
    }

    /// The cosine of two texts, compared by themselves.
    fn cosine(a: &[u32], b: &[u32]) -> f32 {
        let vector =
            |t: &[u32]| -> Vec<f32> { (0..4).map(|g| t.iter().filter(|x| **x == g).count().min(3) as f32 * WEIGHTS[g as usize]).collect() };
        let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f32>();
        let (x, y) = (vector(a), vector(b));
        let norms = dot(&x, &x).sqrt() * dot(&y, &y).sqrt();
        if norms == 0.0 { 0.0 } else { dot(&x, &y) / norms }
    }

    #[test]
    fn texts_compared_at_once_are_as_alike_as_those_compared_by_themselves() {
        let left: &[&[u32]] = &[&[0, 1, 1, 3], &[], &[2], &[3, 3, 3, 3, 3, 0], &[1]];
        let right: &[&[u32]] = &[&[1, 3], &[0, 1, 2, 3], &[3, 0], &[], &[2, 1, 1]];
        let found = Likeness::of(&texts(left), &texts(right), 1, 2);
        for (a, x) in left.iter().enumerate() {
            for (b, y) in right.iter().enumerate() {
                let expected = if b + 1 < a || b > a + 2 { 0.0 } else { cosine(x, y) };
                assert!((found.between(a, b) - expected).abs() < 1e-6, "{a} {b}");
            }
        }
        assert_eq!(Likeness::default().between(0, 0), 0.0);
    }
}
