//! What a first guess at the owners of all display lines tells about each of them.
//!
//! A page has habits: headlines in a list before or behind the bodies and in their order, or each
//! right above its own. A line looked at by itself knows nothing of that, so every line is judged
//! twice: once by itself, and once more beside what the first guess made of its neighbours, of its
//! rivals and of the page.

/// The chance from which on a guess counts as one that others may lean on.
const CONFIDENT: f32 = 0.6;

/// Display lines that far apart do not stand over a body together.
const NEAR: usize = 2;

/// Where a display line and the bodies of a page stand: the input of [`Habits::of`].
#[derive(Debug)]
pub(super) struct Places<'a> {
    /// The cell of each display line.
    pub(super) lines: &'a [usize],
    /// The first cell of each body, in its reading order.
    pub(super) first: Vec<usize>,
    /// The last cell of each body, in its reading order.
    pub(super) last: Vec<usize>,
}

/// A first guess at the owners of all display lines, and the habits seen in it.
#[derive(Debug)]
pub(super) struct Habits<'a> {
    places: Places<'a>,
    /// For every line its chance to stand over each body; last, over none.
    chances: Vec<Vec<f32>>,
    owners: Vec<Option<usize>>,
    /// The rank of each body by where it begins.
    rank: Vec<f32>,
    /// For every line the nearest line before it, and behind it, whose owner is sure.
    sure_before: Vec<Option<usize>>,
    sure_behind: Vec<Option<usize>>,
    page: [f32; 6],
}

impl<'a> Habits<'a> {
    /// The habits of a page whose lines have these log `chances` and were first given to `owners`.
    pub(super) fn of(places: Places<'a>, chances: &[Vec<f32>], owners: Vec<Option<usize>>) -> Self {
        let chances: Vec<Vec<f32>> = chances.iter().map(|line| line.iter().map(|c| c.exp()).collect()).collect();
        let mut order: Vec<usize> = (0..places.first.len()).collect();
        order.sort_by_key(|b| places.first[*b]);
        let mut rank = vec![0.0; order.len()];
        order.iter().enumerate().for_each(|(n, b)| rank[*b] = n as f32);
        let sure = |d: usize| owners[d].is_some_and(|b| chances[d][b] >= CONFIDENT);
        let n = owners.len();
        let sure_before = (0..n).map(|d| (0..d).rev().find(|o| sure(*o))).collect();
        let sure_behind = (0..n).map(|d| (d + 1..n).find(|o| sure(*o))).collect();
        let lines: Vec<(usize, usize)> = (0..n).filter(|d| sure(*d)).filter_map(|d| owners[d].map(|b| (d, b))).collect();
        let share = |count: usize, of: usize| if of == 0 { 0.5 } else { count as f32 / of as f32 };
        let steps: Vec<f32> = lines.windows(2).filter(|w| w[0].1 != w[1].1).map(|w| rank[w[1].1] - rank[w[0].1]).collect();
        let bare = (0..places.first.len()).filter(|b| !owners.contains(&Some(*b))).count();
        let page = [
            share(lines.iter().filter(|(d, b)| places.lines[*d] < places.first[*b]).count(), lines.len()),
            share(
                lines.iter().filter(|(d, b)| (1..=3).contains(&(places.first[*b] as isize - places.lines[*d] as isize))).count(),
                lines.len(),
            ),
            share(lines.iter().filter(|(d, b)| places.lines[*d] > places.last[*b]).count(), lines.len()),
            share(steps.iter().filter(|s| **s > 0.0).count(), steps.len()),
            share(lines.len(), n),
            share(bare, places.first.len()),
        ];
        Self { places, chances, owners, rank, sure_before, sure_behind, page }
    }

    fn chance(&self, line: Option<usize>, body: usize) -> f32 {
        line.and_then(|d| self.chances.get(d)).map_or(-1.0, |c| c[body])
    }

    /// What the first guess tells about line `d` over body `b`.
    pub(super) fn owner_features(&self, d: usize, b: usize) -> Vec<f32> {
        let own = self.chances[d][b];
        let others =
            |keep: &dyn Fn(usize) -> bool| (0..self.chances.len()).filter(|o| keep(*o)).map(|o| self.chances[o][b]).fold(0.0, f32::max);
        let bodies = self.rank.len();
        let best_other = (0..bodies).filter(|o| *o != b).map(|o| self.chances[d][o]).fold(0.0, f32::max);
        let held: Vec<usize> = (0..self.owners.len()).filter(|o| *o != d && self.owners[*o] == Some(b)).collect();
        let cell = self.places.lines[d] as f32;
        let nearest = held.iter().map(|o| self.places.lines[*o] as f32 - cell).min_by(|x, y| x.abs().total_cmp(&y.abs()));
        let step = |line: Option<usize>| {
            line.and_then(|o| self.owners[o].map(|p| (o, p)))
                .map_or((-20.0, 0.0), |(o, p)| (self.rank[b] - self.rank[p], (o as f32 - d as f32).abs()))
        };
        let (before, behind) = (step(self.sure_before[d]), step(self.sure_behind[d]));
        let mut x = vec![
            own,
            best_other,
            own - best_other,
            (0..bodies).filter(|o| self.chances[d][*o] > own).count() as f32,
            others(&|o| o.abs_diff(d) > NEAR),
            others(&|o| o != d),
            (0..self.chances.len()).filter(|o| self.chances[*o][b] > own).count() as f32,
            f32::from(self.owners[d] == Some(b)),
            f32::from(self.owners[d].is_none()),
            held.len() as f32,
            nearest.map_or(-30.0, |n| n.clamp(-20.0, 20.0)),
            held.iter().map(|o| self.chances[*o][b]).fold(0.0, f32::max),
            self.chance(d.checked_sub(1), b),
            self.chance(Some(d + 1), b),
            self.chance(d.checked_sub(2), b),
            self.chance(Some(d + 2), b),
            before.0,
            before.1,
            behind.0,
            behind.1,
            self.chances[d][bodies],
        ];
        x.extend(self.page);
        x
    }

    /// What the first guess tells about lines `d` and `e` standing together.
    pub(super) fn same_features(&self, d: usize, e: usize) -> Vec<f32> {
        let (a, b) = (&self.chances[d], &self.chances[e]);
        let bodies = self.rank.len();
        let both: f32 = a[..bodies].iter().zip(&b[..bodies]).map(|(x, y)| x * y).sum();
        let best = |c: &[f32]| c[..bodies].iter().copied().fold(0.0, f32::max);
        let mut x = vec![both, best(a), best(b), a[bodies], b[bodies], f32::from(self.owners[d] == self.owners[e])];
        x.extend([self.bare(e, d), self.bare(d, e)]);
        x.extend(self.page);
        x
    }

    /// The best chance of `line` for a body over which, but for `line` and `other`, nothing stands.
    fn bare(&self, line: usize, other: usize) -> f32 {
        (0..self.rank.len())
            .filter(|b| !(0..self.owners.len()).any(|o| o != line && o != other && self.owners[o] == Some(*b)))
            .map(|b| self.chances[line][b])
            .fold(0.0, f32::max)
    }
}
