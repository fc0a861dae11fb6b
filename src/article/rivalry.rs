//! A second look at links, beside their rivals.
//!
//! A link is scored by what stands on its two sides. Whether it is the right one depends on what else
//! there is: a fair link with no rival is made, and a good one is not where another line goes on better
//! in the same place. So links that may be are asked once more, with the first scores of those that
//! would exclude them.

use super::cover::{Link, cover};

/// The log odds from which on a link is looked at again; what is less likely is not made anyway.
pub(super) const WORTH_A_LOOK: f32 = -5.0;

/// Stands for the score of a rival that is not there.
const NO_RIVAL: f32 = -12.0;

/// What is known of all links of a page after the first look.
pub(super) struct Rivals<'a> {
    pairs: &'a [(usize, usize)],
    odds: &'a [f32],
    ends: &'a [f32],
    starts: &'a [f32],
    /// By fragment: the links out of it and into it, best first.
    out: Vec<Vec<usize>>,
    into: Vec<Vec<usize>>,
    /// By fragment: the link out of it, and into it, in the best cover by first scores.
    next: Vec<Option<usize>>,
    previous: Vec<Option<usize>>,
}

impl<'a> Rivals<'a> {
    /// Of `size` fragments: `odds` are those of the links `pairs`; `ends` and `starts` the log chances that a
    /// body ends with, and begins with, each fragment.
    pub(super) fn of(size: usize, pairs: &'a [(usize, usize)], odds: &'a [f32], ends: &'a [f32], starts: &'a [f32]) -> Self {
        let mut order: Vec<usize> = (0..pairs.len()).filter(|k| odds[*k] >= WORTH_A_LOOK).collect();
        order.sort_by(|a, b| odds[*b].total_cmp(&odds[*a]).then(a.cmp(b)));
        let (mut out, mut into) = (vec![Vec::new(); size], vec![Vec::new(); size]);
        for k in &order {
            out[pairs[*k].0].push(*k);
            into[pairs[*k].1].push(*k);
        }
        let links: Vec<Link> = order.iter().map(|k| Link { from: pairs[*k].0, to: pairs[*k].1, gain: odds[*k] - WORTH_A_LOOK }).collect();
        let (mut next, mut previous) = (vec![None; size], vec![None; size]);
        for made in cover(size, &links) {
            let link = out[made.from].iter().copied().find(|k| pairs[*k].1 == made.to);
            next[made.from] = link;
            previous[made.to] = link;
        }
        Self { pairs, odds, ends, starts, out, into, next, previous }
    }

    /// The links worth a second look, in the order of all links.
    pub(super) fn worth_a_look(&self) -> Vec<usize> {
        (0..self.pairs.len()).filter(|k| self.odds[*k] >= WORTH_A_LOOK).collect()
    }

    /// Appends what the rivals of link `k` tell.
    pub(super) fn features_into(&self, k: usize, x: &mut Vec<f32>) {
        let (from, to) = self.pairs[k];
        let own = self.odds[k];
        let rivals = |list: &[usize]| {
            let mut others = list.iter().copied().filter(|o| *o != k);
            (others.next(), others.next(), list.iter().filter(|o| self.odds[**o] > own).count() as f32)
        };
        let score = |link: Option<usize>| link.map_or(NO_RIVAL, |k| self.odds[k]);
        let (out, out2, out_rank) = rivals(&self.out[from]);
        let (into, into2, into_rank) = rivals(&self.into[to]);
        // How much more a rival's other side is wanted by another: then it is no rival.
        let wanted = |rival: Option<usize>, list: &dyn Fn(usize) -> usize, sides: &[Vec<usize>]| match rival {
            Some(r) => score(sides[list(r)].iter().copied().find(|o| *o != r)) - self.odds[r],
            None => NO_RIVAL,
        };
        let mass = |list: &[usize]| list.iter().map(|o| self.odds[*o].exp().min(1e4)).sum::<f32>().max(1e-6).ln();
        let made = |link: Option<usize>| match link {
            Some(l) if l == k => 1.0,
            Some(_) => 0.0,
            None => -1.0,
        };
        let apart = |rival: Option<usize>, side: &dyn Fn(usize) -> usize, own: usize| {
            rival.map_or(99.0, |r| side(r) as f32 - own as f32).clamp(-40.0, 99.0)
        };
        let (to_of, from_of) = (|r: usize| self.pairs[r].1, |r: usize| self.pairs[r].0);
        x.extend([
            own,
            score(out),
            score(into),
            own - score(out),
            own - score(into),
            score(out2),
            score(into2),
            out_rank,
            into_rank,
            self.ends[from],
            self.starts[to],
            self.ends[to],
            self.starts[from],
            wanted(out, &to_of, &self.into),
            wanted(into, &from_of, &self.out),
            mass(&self.out[from]),
            mass(&self.into[to]),
            made(self.next[from]),
            made(self.previous[to]),
            score(self.next[from].filter(|l| *l != k)),
            score(self.previous[to].filter(|l| *l != k)),
            apart(out, &to_of, to),
            apart(into, &from_of, from),
            self.out[from].len() as f32,
            self.into[to].len() as f32,
            // What the two fragments would be without each other: joined to others, or alone.
            score(self.previous[from]),
            score(self.next[to]),
        ]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_knows_the_best_of_those_that_exclude_it() {
        let pairs = [(0, 1), (0, 2), (3, 1), (3, 2)];
        let odds = [1.0, 3.0, -1.0, -9.0];
        let none = [0.0; 4];
        let rivals = Rivals::of(4, &pairs, &odds, &none, &none);
        assert_eq!(rivals.worth_a_look(), [0, 1, 2]);
        let mut x = Vec::new();
        rivals.features_into(0, &mut x);
        assert_eq!(x[..5], [1.0, 3.0, -1.0, -2.0, 2.0]);
        assert_eq!(x[7..9], [1.0, 0.0]);
    }
}
