//! Which headline stands over which body, and what part each of its lines plays.

use super::classify::{Class, Counts};
use super::forest::softmax;
use super::grams::{Gram, Rarity, grams};
use super::habits::{Habits, Places};
use super::lines::Cell;
use super::owners;
use super::seams::{Fragment, Ground, text_of};
use super::weights;

/// What part a display line plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Above the headline.
    Kicker,
    /// The headline.
    Headline,
    /// Below the headline.
    Deck,
}

impl Role {
    /// Every role, in the order of the fitted scores.
    pub const ALL: [Self; 3] = [Self::Kicker, Self::Headline, Self::Deck];
}

/// Characters of a body that count as its lead.
const LEAD: usize = 150;
/// Most display lines whose owners are sought; a page has some dozens.
const MAX_DISPLAYS: usize = 300;
/// Most bodies among which owners are sought.
const MAX_BODIES: usize = 200;

/// A body as headlines see it.
#[derive(Debug)]
struct Seen {
    all: Vec<Gram>,
    lead: Vec<Gram>,
    first: usize,
    last: usize,
    low: usize,
    high: usize,
    characters: f32,
    cells: f32,
}

/// The display lines and bodies of a page, compared.
#[derive(Debug)]
pub struct Heads<'a> {
    ground: &'a Ground<'a>,
    /// Cells that are display lines.
    pub displays: Vec<usize>,
    bodies: Vec<Seen>,
    texts: Vec<Vec<Gram>>,
    weights: Vec<Vec<f32>>,
    /// Share of each display line's weight that each body holds, in all and in its lead.
    shares: Vec<Vec<(f32, f32)>>,
    owner_of_cell: Vec<Option<usize>>,
    /// What each cell is, counted.
    counts: Counts,
    direct: f32,
    trailing: f32,
}

/// The features of owners, with what a first guess told.
#[derive(Debug)]
pub struct SecondLook<'a> {
    /// For every display line and body, what the first guess saw.
    first: Vec<Vec<Vec<f32>>>,
    /// The same for every display line, from the second on, and the one before it.
    pairs: Vec<Vec<f32>>,
    habits: Habits<'a>,
}

impl SecondLook<'_> {
    /// The features that tell whether the `d`-th display line belongs to the `b`-th body.
    pub fn owner_features(&self, d: usize, b: usize) -> Vec<f32> {
        let mut x = self.first[d][b].clone();
        x.extend(self.habits.owner_features(d, b));
        x
    }

    /// The features that tell whether two display lines that follow each other have one owner;
    /// `e` is `d + 1`.
    pub fn same_features(&self, d: usize, e: usize) -> Vec<f32> {
        let mut x = self.pairs[d].clone();
        x.extend(self.habits.same_features(d, e));
        x
    }
}

impl std::fmt::Debug for Ground<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ground").field("cells", &self.cells.len()).finish_non_exhaustive()
    }
}

impl<'a> Heads<'a> {
    /// Compares every display line with every body.
    pub fn of(ground: &'a Ground<'a>, bodies: &[Fragment]) -> Self {
        let displays: Vec<usize> = (0..ground.cells.len())
            .filter(|i| ground.classes[*i] == Class::Display && ground.cells[*i].repeats.is_none())
            .take(MAX_DISPLAYS)
            .collect();
        let bodies = &bodies[..bodies.len().min(MAX_BODIES)];
        let mut owner_of_cell = vec![None; ground.cells.len()];
        let mut seen = Vec::new();
        let mut every = Vec::new();
        for (n, body) in bodies.iter().enumerate() {
            body.cells.iter().for_each(|c| owner_of_cell[*c] = Some(n));
            let text = text_of(ground.cells, &body.cells);
            let all = grams(&text);
            let mut lead = grams(&text[..text.len().min(LEAD)]);
            every.push(all.clone());
            lead.sort_unstable();
            let mut sorted = all;
            sorted.sort_unstable();
            sorted.dedup();
            seen.push(Seen {
                all: sorted,
                lead,
                first: body.first(),
                last: body.last(),
                low: body.cells.iter().copied().min().unwrap_or(0),
                high: body.cells.iter().copied().max().unwrap_or(0),
                characters: body.characters as f32,
                cells: body.cells.len() as f32,
            });
        }
        let rarity = Rarity::of(every.iter().map(Vec::as_slice));
        let texts: Vec<Vec<Gram>> = displays.iter().map(|d| grams(&ground.cells[*d].chars)).collect();
        // What no body holds says nothing about owners, but how much of a line that is counts.
        let weights: Vec<Vec<f32>> = texts.iter().map(|t| t.iter().map(|g| rarity.weight(*g)).collect()).collect();
        let shares = texts
            .iter()
            .zip(&weights)
            .map(|(text, weights)| {
                let sum: f32 = weights.iter().sum::<f32>().max(1e-6);
                seen.iter()
                    .map(|b| {
                        let held = |list: &[Gram]| {
                            text.iter().zip(weights).filter(|(g, _)| list.binary_search(g).is_ok()).map(|(_, w)| w).sum::<f32>() / sum
                        };
                        (held(&b.all), held(&b.lead))
                    })
                    .collect()
            })
            .collect();
        let direct =
            displays.iter().filter(|d| ground.classes.get(**d + 1) == Some(&Class::Body)).count() as f32 / displays.len().max(1) as f32;
        let last_body = seen.iter().map(|b| b.high).max().unwrap_or(0);
        let trailing = displays.iter().filter(|d| **d > last_body).count() as f32 / displays.len().max(1) as f32;
        let counts = Counts::of(&ground.classes);
        Self { ground, displays, bodies: seen, texts, weights, shares, owner_of_cell, counts, direct, trailing }
    }

    /// How many bodies can own display lines.
    pub fn bodies(&self) -> usize {
        self.bodies.len()
    }

    /// The longest run of a display line's grams that the body holds.
    fn run(&self, d: usize, b: usize) -> f32 {
        let (mut best, mut run) = (0, 0);
        for g in &self.texts[d] {
            run = if self.bodies[b].all.binary_search(g).is_ok() { run + 1 } else { 0 };
            best = best.max(run);
        }
        best as f32
    }

    /// The features that tell whether the `d`-th display line belongs to the `b`-th body.
    pub fn owner_features(&self, d: usize, b: usize) -> Vec<f32> {
        let ground = self.ground;
        let cell = self.displays[d];
        let c = &ground.cells[cell];
        let body = &self.bodies[b];
        let (share, lead) = self.shares[d][b];
        let others = |pick: fn(&(f32, f32)) -> f32| {
            self.shares[d].iter().enumerate().filter(|(n, _)| *n != b).map(|(_, s)| pick(s)).fold(0.0, f32::max)
        };
        let (other, other_lead) = (others(|s| s.0), others(|s| s.1));
        let distance = body.first as f32 - cell as f32;
        let bodies_between = self.counts.between(cell, body.first, Class::Body);
        let starts_between =
            self.bodies.iter().filter(|o| (o.first > cell) != (o.first > body.first) && o.first != body.first).count() as f32;
        let flag = |b: bool| f32::from(b);
        let neighbour = |n: Option<usize>| {
            n.filter(|n| self.displays.get(*n).is_some_and(|o| o.abs_diff(cell) <= 2))
                .map(|n| (self.shares[n][b].0, self.shares[n].iter().map(|s| s.0).fold(0.0, f32::max)))
        };
        let near = [neighbour(d.checked_sub(1)), neighbour(Some(d + 1)), neighbour(d.checked_sub(2)), neighbour(Some(d + 2))];
        let after = self.owner_of_cell.get(cell + 1).copied().flatten();
        let before = cell.checked_sub(1).and_then(|p| self.owner_of_cell[p]);
        let rank_d = d as f32 / self.displays.len() as f32;
        let rank_b = b as f32 / self.bodies.len() as f32;
        let mut x = vec![
            share,
            lead,
            share * self.weights[d].iter().sum::<f32>(),
            self.texts[d].len() as f32,
            other,
            share - other,
            lead - other_lead,
            self.run(d, b),
            distance.signum() * distance.abs().ln_1p(),
            distance.clamp(-8.0, 8.0),
            bodies_between,
            self.counts.between(cell, body.first, Class::Display),
            self.counts.between(cell, body.first, Class::Signature),
            flag(distance > 0.0 && bodies_between == 0.0),
            flag(cell > body.last && self.counts.between(cell, body.last, Class::Body) == 0.0),
            cell as f32 - body.last as f32,
            flag(cell > body.low && cell < body.high),
            starts_between,
            flag(ground.cells[body.first].block == c.block),
            ground.cells[body.first].block as f32 - c.block as f32,
            c.width,
            c.width / ground.cells[body.first].measure,
            body.characters.ln_1p(),
            body.cells,
            flag(ground.opens(body.first)),
            flag(ground.closes(body.last)),
            rank_b - rank_d,
            (rank_b - rank_d).abs(),
            rank_d,
            self.direct,
            self.trailing,
            self.displays.len() as f32 / self.bodies.len() as f32,
            flag(c.twin),
            c.columns as f32,
            c.column as f32,
            self.shares[d].iter().filter(|s| s.0 > 0.3).count() as f32,
            ground.chances[cell][Class::Display as usize],
            flag(after == Some(b)) + flag(after.is_some()),
            flag(before == Some(b)) + flag(before.is_some()),
            flag(cell + 1 == body.first),
            body.first as f32 / ground.cells.len() as f32,
            self.bodies.len() as f32,
        ];
        for n in near {
            let (own, best) = n.unwrap_or((-1.0, -1.0));
            x.extend([own, own - best]);
        }
        x
    }

    /// The features that tell whether two display lines that follow each other have one owner.
    pub fn same_features(&self, d: usize, e: usize) -> Vec<f32> {
        let (a, b) = (self.displays[d], self.displays[e]);
        let mut x = self.ground.seam(a, b);
        let both = self.shares[d].iter().zip(&self.shares[e]).map(|(s, t)| s.0.min(t.0)).fold(0.0, f32::max);
        let best = |d: usize| self.shares[d].iter().enumerate().max_by(|a, b| a.1.0.total_cmp(&b.1.0)).map_or((0, 0.0), |(n, s)| (n, s.0));
        let (x1, y1) = (best(d), best(e));
        let (ca, cb) = (&self.ground.cells[a], &self.ground.cells[b]);
        x.extend([
            both,
            f32::from(x1.0 == y1.0),
            x1.1,
            y1.1,
            f32::from(ca.twin),
            f32::from(cb.twin),
            ca.width,
            cb.width,
            self.direct,
            self.trailing,
            self.texts[d].len() as f32,
            self.texts[e].len() as f32,
        ]);
        x
    }

    /// The owner of each display line, and the log odds for it.
    pub fn owners(&self) -> Vec<Option<(usize, f32)>> {
        let (lines, bodies) = (self.displays.len(), self.bodies.len());
        if lines == 0 || bodies == 0 {
            return vec![None; lines];
        }
        let look = self.second_look();
        let scores: Vec<Vec<f32>> =
            (0..lines).map(|d| (0..bodies).map(|b| weights::OWNER_AGAIN.score(&look.owner_features(d, b))).collect()).collect();
        let same: Vec<f32> = (1..lines).map(|d| weights::SAME_AGAIN.score(&look.same_features(d - 1, d))).collect();
        owners::owners(&scores, &same, &self.sizes(), &self.beside_notice())
    }

    /// What there is to see of owners once every line was looked at by itself.
    pub fn second_look(&self) -> SecondLook<'_> {
        let first: Vec<Vec<Vec<f32>>> =
            (0..self.displays.len()).map(|d| (0..self.bodies.len()).map(|b| self.owner_features(d, b)).collect()).collect();
        let scores: Vec<Vec<f32>> = first.iter().map(|line| line.iter().map(|x| weights::OWNER.score(x)).collect()).collect();
        let pairs: Vec<Vec<f32>> = (1..self.displays.len()).map(|d| self.same_features(d - 1, d)).collect();
        let same: Vec<f32> = pairs.iter().map(|x| weights::SAME.score(x)).collect();
        let beside = self.beside_notice();
        let guess = owners::owners(&scores, &same, &self.sizes(), &beside);
        let chances: Vec<Vec<f32>> = scores.iter().zip(&beside).map(|(s, beside)| owners::chances(s, *beside)).collect();
        let places = Places {
            lines: &self.displays,
            first: self.bodies.iter().map(|b| b.first).collect(),
            last: self.bodies.iter().map(|b| b.last).collect(),
        };
        SecondLook { first, pairs, habits: Habits::of(places, &chances, guess.iter().map(|o| o.map(|o| o.0)).collect()) }
    }

    fn sizes(&self) -> Vec<f32> {
        self.bodies.iter().map(|b| b.characters).collect()
    }

    /// Of every display line, whether an advertisement or a notice stands next to it.
    fn beside_notice(&self) -> Vec<bool> {
        let notice = |cell: Option<usize>| cell.and_then(|c| self.ground.classes.get(c)) == Some(&Class::Notice);
        self.displays.iter().map(|d| notice(d.checked_sub(1)) || notice(Some(d + 1))).collect()
    }

    /// The features of a line's role within the lines of one owner, `group`, in stream order.
    pub fn role_features(&self, group: &[usize], k: usize, b: usize) -> Vec<f32> {
        let ground = self.ground;
        let cell = |k: usize| &ground.cells[self.displays[group[k]]];
        let c = cell(k);
        let n = group.len();
        let widest = (0..n).map(|k| cell(k).width).fold(0.0, f32::max);
        let narrower = (0..n).filter(|o| cell(*o).width < c.width).count() as f32;
        let d = group[k];
        let (share, lead) = self.shares[d].get(b).copied().unwrap_or((0.0, 0.0));
        let run = if b < self.bodies.len() { self.run(d, b) } else { 0.0 };
        let pauses = c.chars.iter().filter(|c| super::script::is_pause(**c)).count() as f32;
        let flag = |b: bool| f32::from(b);
        let mut x = vec![
            k as f32,
            n as f32,
            (n - 1 - k) as f32,
            c.chars.len() as f32,
            c.width,
            c.width / widest,
            narrower,
            flag(c.twin),
            (0..n).filter(|k| cell(*k).twin).count() as f32,
            c.chars.iter().filter(|c| **c == ' ').count() as f32,
            pauses,
            share,
            lead,
            run / self.texts[d].len().max(1) as f32,
            self.texts[d].len() as f32,
            c.width / ground.measure,
            c.width / self.bodies.get(b).map_or(ground.measure, |b| ground.cells[b.first].measure),
            self.bodies.get(b).map_or(0.0, |o| flag(o.first == self.displays[d] + 1)),
            self.bodies.get(b).map_or(0.0, |o| o.characters.ln_1p()),
            flag(ground.ends(self.displays[d])),
            c.columns as f32,
            c.chars.iter().filter(|c| c.is_uppercase()).count() as f32 / c.chars.len().max(1) as f32,
            c.chars.iter().filter(|c| super::script::is_ideographic(**c)).count() as f32 / c.chars.len().max(1) as f32,
            self.bodies.get(b).map_or(0.0, |o| flag(o.first > self.displays[d])),
        ];
        for other in [k.checked_sub(1), Some(k + 1).filter(|k| *k < n)] {
            match other {
                Some(o) => {
                    let (first, second) = if o < k { (o, k) } else { (k, o) };
                    let (a, z) = (self.displays[group[first]], self.displays[group[second]]);
                    let seam = ground.continuity(a, z);
                    let (open, _) = (super::script::balance(&ground.cells[a].chars).1, 0);
                    let other_share = self.shares[group[o]].get(b).copied().unwrap_or((0.0, 0.0));
                    let other_run = if b < self.bodies.len() { self.run(group[o], b) } else { 0.0 };
                    x.extend([
                        cell(o).width,
                        cell(o).width / c.width,
                        flag(cell(o).twin),
                        seam[0],
                        seam[1],
                        open as f32,
                        flag(cell(o).block == c.block),
                        (z as f32 - a as f32).min(6.0),
                        other_share.0,
                        other_run / self.texts[group[o]].len().max(1) as f32,
                        cell(o).chars.iter().filter(|c| **c == ' ').count() as f32,
                    ]);
                }
                None => x.extend([0.0, 0.0, -1.0, 0.0, 0.0, 0.0, -1.0, 0.0, -1.0, -1.0, -1.0]),
            }
        }
        // A headline that was broken over lines reads on from one into the next.
        let reads = |a: usize, z: usize| cell(a).ends.succession(&cell(z).ends);
        x.push(k.checked_sub(1).map_or(0.0, |p| reads(p, k)));
        x.push(if k + 1 < n { reads(k, k + 1) } else { 0.0 });
        // A picture's caption, which ends with who took it, seldom has more than a headline.
        x.extend(self.bodies.get(b).map_or([0.0; 2], |o| [flag(ground.cells[o.last].signs.credit), o.cells]));
        x.push((0..n).filter(|o| cell(*o).block == c.block).count() as f32);
        x
    }

    /// The roles of the lines of one owner.
    pub fn roles(&self, group: &[usize], b: usize) -> Vec<Role> {
        if self.is_broken_evenly(group) {
            return vec![Role::Headline; group.len()];
        }
        let chances: Vec<[f32; 3]> =
            (0..group.len()).map(|k| softmax(std::array::from_fn(|r| weights::ROLE[r].score(&self.role_features(group, k, b))))).collect();
        monotone(&chances)
    }

    /// Whether the lines of a group are one headline that was broken evenly: two short lines of one
    /// width that follow each other. A kicker is set smaller, and would be as wide only by chance.
    fn is_broken_evenly(&self, group: &[usize]) -> bool {
        let [above, below] = *group else { return false };
        let (a, b) = (&self.ground.cells[self.displays[above]], &self.ground.cells[self.displays[below]]);
        let plain = |c: &Cell| c.width <= EVEN_LINE && c.repeats.is_none() && !c.twin && !c.chars.contains(&' ');
        self.displays[below] == self.displays[above] + 1 && a.block == b.block && plain(a) && plain(b) && (a.width - b.width).abs() <= EVEN
    }
}

/// How far the widths of two lines of an evenly broken headline may lie apart, in ems.
const EVEN: f32 = 1.0;
/// How wide such a line is at most, in ems: what is wider was not broken for want of room.
const EVEN_LINE: f32 = 12.0;

/// What it costs, in log odds, that a line plays an earlier part than the line before it.
const BACKWARDS: f32 = 4.0;

/// The likeliest roles of lines: kicker, headline, deck in this order, with a headline among them.
fn monotone(chances: &[[f32; 3]]) -> Vec<Role> {
    let n = chances.len();
    if n == 0 {
        return Vec::new();
    }
    // State: role of the last line, and whether a headline was seen.
    let mut best = vec![[[f32::MIN; 2]; 3]; n];
    let mut from = vec![[[(0_usize, 0_usize); 2]; 3]; n];
    for r in 0..3 {
        best[0][r][usize::from(r == 1)] = chances[0][r].max(1e-6).ln();
    }
    for k in 1..n {
        for r in 0..3 {
            for p in 0..3 {
                for seen in 0..2 {
                    let step = if p > r { -BACKWARDS } else { 0.0 };
                    let now = seen.max(usize::from(r == 1));
                    let value = best[k - 1][p][seen] + step + chances[k][r].max(1e-6).ln();
                    if best[k - 1][p][seen] > f32::MIN && value > best[k][r][now] {
                        best[k][r][now] = value;
                        from[k][r][now] = (p, seen);
                    }
                }
            }
        }
    }
    let mut state = (0..3).map(|r| (r, 1)).max_by(|a, b| best[n - 1][a.0][a.1].total_cmp(&best[n - 1][b.0][b.1])).unwrap_or((1, 1));
    let mut out = vec![Role::Headline; n];
    for k in (0..n).rev() {
        out[k] = Role::ALL[state.0];
        state = from[k][state.0][state.1];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headline_is_always_among_the_roles_and_the_order_holds() {
        assert_eq!(monotone(&[[0.9, 0.05, 0.05]]), [Role::Headline]);
        assert_eq!(monotone(&[[0.9, 0.05, 0.05], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]), [Role::Kicker, Role::Headline, Role::Deck]);
    }
}
