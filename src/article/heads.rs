//! Which headline stands over which body, and what part each of its lines plays.

use super::classify::{Class, Counts};
use super::grams::{Gram, Rarity, grams};
use super::habits::{Habits, Places};
use super::owners;
use super::roles;
use super::seams::{Fragment, Ground, text_of};
use super::told::{Text, told};
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

impl Seen {
    fn told_by(&self, text: &[Gram], among: &Rarity) -> [f32; 4] {
        let (all, share) = told(text, Text { grams: &self.all, characters: self.characters }, among);
        let (lead, lead_share) = told(text, Text { grams: &self.lead, characters: self.characters.min(LEAD as f32) }, among);
        [all, share, lead, lead_share]
    }
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
    /// What each display line tells of each body and of its lead, against chance: in nats, and as a share
    /// of what it could tell.
    told: Vec<Vec<[f32; 4]>>,
    /// How many bodies hold each gram.
    rarity: Rarity,
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
        let told_of = |text: &[Gram]| seen.iter().map(|b| b.told_by(text, &rarity)).collect();
        let told = texts.iter().map(|text| told_of(text)).collect();
        let direct =
            displays.iter().filter(|d| ground.classes.get(**d + 1) == Some(&Class::Body)).count() as f32 / displays.len().max(1) as f32;
        let last_body = seen.iter().map(|b| b.high).max().unwrap_or(0);
        let trailing = displays.iter().filter(|d| **d > last_body).count() as f32 / displays.len().max(1) as f32;
        let counts = Counts::of(&ground.classes);
        Self { ground, displays, bodies: seen, texts, weights, shares, owner_of_cell, told, rarity, counts, direct, trailing }
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
        let told = self.told[d][b];
        let other = |k: usize| self.told[d].iter().enumerate().filter(|(n, _)| *n != b).map(|(_, t)| t[k]).fold(0.0, f32::max);
        x.extend(told);
        x.extend([told[0] - other(0), told[2] - other(2)]);
        x.push(self.told[d].iter().filter(|t| t[0] > told[0]).count() as f32);
        // What other lines tell of this body: its headline tells most.
        let rival = (0..self.displays.len()).filter(|o| *o != d).map(|o| self.told[o][b][0]).fold(0.0, f32::max);
        x.push(told[0] - rival);
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
        let told = |d: usize| self.told[d].iter().enumerate().max_by(|a, b| a.1[0].total_cmp(&b.1[0])).map_or((0, 0.0), |(n, t)| (n, t[0]));
        let (x2, y2) = (told(d), told(e));
        let both = self.told[d].iter().zip(&self.told[e]).map(|(s, t)| s[0].min(t[0])).fold(0.0, f32::max);
        let by = |d: usize, body: usize| self.told[d].get(body).map_or(0.0, |t| t[0]);
        x.extend([both, f32::from(x2.0 == y2.0), x2.1, y2.1, x2.1 - by(d, y2.0), y2.1 - by(e, x2.0)]);
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

    /// The parts that the lines of one owner, `group`, play over body `b`.
    pub fn roles(&self, group: &[usize], b: usize) -> Vec<Role> {
        roles::roles(self, group, b)
    }

    /// What lines, taken as one text, tell of body `b` and of its lead: in nats, and as a share of what they
    /// could tell.
    pub(super) fn told_of(&self, lines: &[usize], b: usize) -> [f32; 4] {
        match (lines, self.bodies.get(b)) {
            (_, None) | ([], _) => [0.0; 4],
            ([line], _) => self.told[*line][b],
            (_, Some(body)) => {
                let cells: Vec<usize> = lines.iter().map(|d| self.displays[*d]).collect();
                body.told_by(&grams(&text_of(self.ground.cells, &cells)), &self.rarity)
            }
        }
    }

    pub(super) fn ground(&self) -> &Ground<'a> {
        self.ground
    }

    /// Body `b` as the lines over it see it; one that is missing, for the trainer, is nowhere.
    pub(super) fn body_of(&self, b: usize) -> Under {
        match self.bodies.get(b) {
            Some(body) => Under {
                first: body.first,
                characters: body.characters,
                cells: body.cells,
                credited: self.ground.cells[body.last].signs.credit,
                measure: self.ground.cells[body.first].measure,
            },
            None => Under { first: 0, characters: 0.0, cells: 0.0, credited: false, measure: self.ground.measure },
        }
    }

    /// The page's habits: what share of headlines stand right above a body, what share behind all bodies,
    /// and what share are printed twice.
    pub(super) fn habits(&self) -> [f32; 3] {
        let twins = self.displays.iter().filter(|d| self.ground.cells[**d].twin).count();
        [self.direct, self.trailing, twins as f32 / self.displays.len().max(1) as f32]
    }
}

/// A body as the lines over it see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Under {
    /// Its first cell.
    pub(super) first: usize,
    pub(super) characters: f32,
    pub(super) cells: f32,
    /// Whether it ends with who took the picture.
    pub(super) credited: bool,
    /// The width of its column, in em.
    pub(super) measure: f32,
}
