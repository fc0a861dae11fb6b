//! Joins lines to bodies: first what follows at once without doubt, then, over the whole page, which
//! fragment goes on in which.
//!
//! A body is a path through fragments; the page is covered by paths so that the sum of the fitted
//! scores of their links is greatest. Every fragment has at most one successor and one predecessor.

use super::classify::Class;
use super::cover::{Link, cover, follow};
use super::forest::probability;
use super::rivalry::Rivals;
use super::seams::{Fragment, Ground, Group, fragments};
use super::weights;
use super::windows::{Windows, reach_among};

/// From which probability a line goes on in the next one without asking the rest of the page.
const SURE: f32 = 0.985;
/// From which log odds a link is made in the first pass, which leaves doubtful ones to the second.
const FIRST_PASS: f32 = 2.5;
/// Most fragments that are joined over the whole page; beyond it the stream's order stands.
pub(crate) const MAX_FRAGMENTS: usize = 2_500;
/// Neighbours in the stream that are always asked about.
const NEAR_AHEAD: usize = 6;
const NEAR_BEHIND: usize = 2;
/// How many farther off are asked about.
const FAR_ASKED: usize = 8;

/// Body cells that follow each other in the stream, with the features of the seam.
pub fn glue_candidates(ground: &Ground<'_>) -> Vec<(usize, usize)> {
    let body = |i: usize| ground.classes[i] == Class::Body && ground.cells[i].repeats.is_none();
    (1..ground.cells.len())
        .filter(|i| body(*i) && body(*i - 1) && ground.cells[*i].columns == 1 && ground.cells[*i - 1].columns == 1)
        .map(|i| (i - 1, i))
        .collect()
}

/// The features of a seam in the stream.
pub fn glue_features(ground: &Ground<'_>, a: usize, b: usize) -> Vec<f32> {
    ground.seam(a, b)
}

/// Runs of body cells that follow each other without doubt.
pub fn runs(ground: &Ground<'_>) -> Vec<Fragment> {
    let mut groups: Vec<Group> = Vec::new();
    let mut glued = vec![false; ground.cells.len()];
    let asked = glue_candidates(ground);
    let odds = weights::GLUE.scores(asked.len(), |n, x| ground.seam_into(asked[n].0, asked[n].1, x));
    for ((_, b), odds) in asked.iter().zip(odds) {
        glued[*b] = probability(odds) >= SURE;
    }
    for (i, glued) in glued.into_iter().enumerate() {
        if !ground.may_be_body(i) || ground.cells[i].repeats.is_some() {
            continue;
        }
        match groups.last_mut() {
            Some(group) if glued && group.cells.last() == Some(&(i - 1)) => group.cells.push(i),
            _ => groups.push(Group { cells: vec![i], joints: Vec::new() }),
        }
    }
    fragments(ground, groups)
}

/// The pairs of fragments that are asked about, and how their words compare with those of others.
#[derive(Debug, Clone, Default)]
pub struct Candidates {
    /// From which fragment to which.
    pub pairs: Vec<(usize, usize)>,
    /// How well the words at each pair's seam go together.
    words: Vec<f32>,
    /// The best two values out of each fragment, and into each, over all within reach.
    best_out: Vec<[f32; 2]>,
    best_into: Vec<[f32; 2]>,
    sides: Vec<Side>,
}

/// What every link of a fragment asks of it.
#[derive(Debug, Clone)]
struct Side {
    /// How many characters it has, as a logarithm.
    size: f32,
    opens: bool,
    closes: bool,
    ends: bool,
    /// In which column of merged lines it ends and begins.
    column_out: Option<(usize, usize)>,
    column_into: Option<(usize, usize)>,
    /// What speaks for its beginning behind a line that ends a sentence, and against it behind one that does not.
    fresh: f32,
    set_in: f32,
    top: f32,
    opened: f32,
}

impl Candidates {
    /// How the words of the `k`-th pair compare with the best other seam out of the one fragment and
    /// into the other.
    fn rivals(&self, k: usize) -> [f32; 3] {
        let (a, b) = self.pairs[k];
        let own = self.words[k];
        let against = |best: [f32; 2]| (own - if own >= best[0] { best[1] } else { best[0] }).clamp(-20.0, 20.0);
        [own, against(self.best_out[a]), against(self.best_into[b])]
    }
}

fn note(best: &mut [f32; 2], value: f32) {
    if value > best[0] {
        *best = [value, best[0]];
    } else if value > best[1] {
        best[1] = value;
    }
}

impl Side {
    fn of(ground: &Ground<'_>, fragment: &Fragment) -> Self {
        let (first, last) = (fragment.first(), fragment.last());
        let (set_in, top) = ground.begins(first);
        let opens = ground.opens(first);
        let flag = |b: bool| f32::from(b);
        Self {
            size: (fragment.characters as f32).ln_1p(),
            opens,
            closes: ground.closes(last),
            ends: ground.ends(last),
            column_out: ground.column_of(&fragment.cells, true),
            column_into: ground.column_of(&fragment.cells, false),
            fresh: 1.5 * flag(set_in) + 1.5 * flag(top) - 4.0 * flag(opens),
            set_in: 2.0 * flag(set_in),
            top: 2.0 * flag(top),
            opened: 6.0 * flag(opens),
        }
    }
}

/// The likeliest of those that are farther off, best first.
#[derive(Debug, Default)]
struct Far {
    best: [(f32, usize, f32); FAR_ASKED],
    size: usize,
}

impl Far {
    /// Takes in a fragment with its rough count; of equal ones the first stays before the others.
    fn take(&mut self, rough: f32, fragment: usize, words: f32) {
        let worse = |of: &(f32, usize, f32)| of.0.total_cmp(&rough).is_lt();
        if self.size == FAR_ASKED && !worse(&self.best[FAR_ASKED - 1]) {
            return;
        }
        let at = self.best[..self.size].iter().position(worse).unwrap_or(self.size);
        self.size = (self.size + 1).min(FAR_ASKED);
        self.best[at..self.size].rotate_right(1);
        self.best[at] = (rough, fragment, words);
    }
}

/// The pairs worth asking about: each fragment with its neighbours in the stream, and with the likeliest
/// of those farther off by a rough count.
pub fn candidates(ground: &Ground<'_>, list: &[Fragment], windows: &Windows) -> Candidates {
    let n = list.len();
    let (behind, ahead) = reach_among(n);
    let sides: Vec<Side> = list.iter().map(|f| Side::of(ground, f)).collect();
    let mut out = Candidates { best_out: vec![[-20.0; 2]; n], best_into: vec![[-20.0; 2]; n], ..Candidates::default() };
    let mut asked: Vec<(usize, f32)> = Vec::new();
    let mut bonds = Vec::new();
    for a in 0..n {
        let last = list[a].last();
        let finished = sides[a].ends;
        if !finished {
            ground.bonds(last, &mut bonds);
        }
        let mut far = Far::default();
        asked.clear();
        for b in a.saturating_sub(behind)..(a + ahead + 1).min(n) {
            let first = list[b].first();
            if a == b || (ground.cells[last].row == ground.cells[first].row && ground.cells[last].block == ground.cells[first].block) {
                continue;
            }
            // A finished sentence asks for no word.
            let words = if finished { 0.0 } else { ground.words(&bonds, last, first) };
            if !finished {
                note(&mut out.best_out[a], words);
                note(&mut out.best_into[b], words);
            }
            if b + NEAR_BEHIND >= a && b <= a + NEAR_AHEAD {
                asked.push((b, words));
                continue;
            }
            let side = &sides[b];
            let rough = if finished {
                side.fresh + 12.0 * windows.likeness(a, b)
            } else {
                words - side.set_in + side.top - side.opened + 5.0 * windows.likeness(a, b)
            };
            far.take(rough - 0.02 * a.abs_diff(b) as f32, b, words);
        }
        asked.extend(far.best[..far.size].iter().map(|f| (f.1, f.2)));
        asked.sort_unstable_by_key(|f| f.0);
        for (b, words) in &asked {
            out.pairs.push((a, *b));
            out.words.push(*words);
        }
    }
    Candidates { sides, ..out }
}

/// The features of a link between two fragments, for fitting.
pub fn link_features(ground: &Ground<'_>, list: &[Fragment], windows: &Windows, candidates: &Candidates, k: usize) -> Vec<f32> {
    let mut x = Vec::new();
    link_features_into(ground, list, windows, candidates, k, &mut x);
    x
}

fn link_features_into(ground: &Ground<'_>, list: &[Fragment], windows: &Windows, candidates: &Candidates, k: usize, f: &mut Vec<f32>) {
    let (a, b) = candidates.pairs[k];
    let (x, y) = (&list[a], &list[b]);
    let (from, to) = (&candidates.sides[a], &candidates.sides[b]);
    ground.seam_into(x.last(), y.first(), f);
    f.extend([
        windows.likeness_as_a_whole(a, b),
        from.size,
        to.size,
        x.cells.len() as f32,
        y.cells.len() as f32,
        b as f32 - a as f32,
        x.open as f32,
        y.unopened as f32,
        f32::from(from.opens),
        f32::from(to.closes),
        f32::from(to.ends),
        list.len() as f32,
        x.first() as f32 - y.last() as f32,
    ]);
    f.extend(windows.seam(a, b));
    f.extend(candidates.rivals(k));
    f.extend(match (from.column_out, to.column_into) {
        (Some((z, c)), Some((y, d))) if z == y => [3.0, d as f32 - c as f32, c as f32],
        (Some((_, c)), Some((_, d))) => [2.0, d as f32 - c as f32, c as f32],
        (Some((_, c)), None) => [1.0, 0.0, c as f32],
        (None, Some((_, d))) => [0.0, d as f32, 0.0],
        (None, None) => [-1.0, 0.0, 0.0],
    });
}

/// How the scores of links, beginnings and ends are set off against each other; fitted on training pages.
#[derive(Debug, Clone, Copy)]
pub struct Balance {
    /// What an end that is likely takes off a link.
    pub end: f32,
    /// What a beginning that is likely takes off a link.
    pub start: f32,
    /// What is taken off every link.
    pub bar: f32,
}

/// What a first look tells of the links of a page.
struct FirstLook {
    windows: Windows,
    asked: Candidates,
    /// The log chances that a body ends, and begins, with each fragment.
    ends: Vec<f32>,
    starts: Vec<f32>,
    odds: Vec<f32>,
}

fn first_look(ground: &Ground<'_>, list: &[Fragment], again: bool) -> FirstLook {
    let forest = if again { &weights::LINK_AGAIN } else { &weights::LINK };
    let windows = Windows::of(ground, list);
    let edge =
        |n: usize, start: bool| weights::EDGE[n].scores(list.len(), |at, x| edge_features_into(ground, list, &windows, at, start, x));
    let (ends, starts) = (edge(0, false), edge(1, true));
    let asked = candidates(ground, list, &windows);
    let odds = forest.scores(asked.pairs.len(), |k, x| link_features_into(ground, list, &windows, &asked, k, x));
    FirstLook { windows, asked, ends: ends.into_iter().map(log).collect(), starts: starts.into_iter().map(log).collect(), odds }
}

/// The log of a probability that is given as log odds.
fn log(odds: f32) -> f32 {
    -(-odds).exp().ln_1p()
}

/// The links that are looked at beside their rivals, with their features, for fitting.
pub fn rivals(ground: &Ground<'_>, list: &[Fragment], again: bool) -> Vec<(usize, usize, Vec<f32>)> {
    let look = first_look(ground, list, again);
    let rivals = Rivals::of(list.len(), &look.asked.pairs, &look.odds, &look.ends, &look.starts);
    let row = |k: usize| {
        let mut x = link_features(ground, list, &look.windows, &look.asked, k);
        rivals.features_into(k, &mut x);
        (look.asked.pairs[k].0, look.asked.pairs[k].1, x)
    };
    rivals.worth_a_look().into_iter().map(row).collect()
}

/// Scores of the links between fragments.
pub fn score(ground: &Ground<'_>, list: &[Fragment], again: bool, balance: Balance) -> Vec<Link> {
    let look = first_look(ground, list, again);
    let FirstLook { windows, asked, ends, starts, odds } = &look;
    let rivals = Rivals::of(list.len(), &asked.pairs, odds, ends, starts);
    let worth = rivals.worth_a_look();
    let forest = if again { &weights::RIVAL_AGAIN } else { &weights::RIVAL };
    let beside = forest.scores(worth.len(), |n, x| {
        link_features_into(ground, list, windows, asked, worth[n], x);
        rivals.features_into(worth[n], x);
    });
    let link = |(k, odds): (&usize, f32)| {
        let (from, to) = asked.pairs[*k];
        Link { from, to, gain: log(odds) - balance.end * ends[from] - balance.start * starts[to] - balance.bar }
    };
    worth.iter().zip(beside).map(link).collect()
}

/// The features that tell whether a body ends with a fragment (or begins with it, where `start`), for fitting.
pub fn edge_features(ground: &Ground<'_>, list: &[Fragment], windows: &Windows, at: usize, start: bool) -> Vec<f32> {
    let mut x = Vec::new();
    edge_features_into(ground, list, windows, at, start, &mut x);
    x
}

fn edge_features_into(ground: &Ground<'_>, list: &[Fragment], windows: &Windows, at: usize, start: bool, x: &mut Vec<f32>) {
    let f = &list[at];
    let (cell, near) = if start { (f.first(), f.first().checked_sub(1)) } else { (f.last(), Some(f.last() + 1)) };
    match near.filter(|n| *n < ground.cells.len()) {
        Some(n) if start => ground.seam_into(n, cell, x),
        Some(n) => ground.seam_into(cell, n, x),
        None => ground.seam_into(cell, cell, x),
    }
    x.extend([
        f32::from(near.is_none_or(|n| n >= ground.cells.len())),
        near.filter(|n| *n < ground.cells.len()).map_or(-1.0, |n| ground.classes[n] as usize as f32),
        f.characters as f32,
        f.cells.len() as f32,
        f.open as f32,
        f.unopened as f32,
        f32::from(ground.opens(f.first())),
        f32::from(ground.closes(f.last())),
        f32::from(ground.ends(f.last())),
        list.len() as f32,
        at as f32 / list.len() as f32,
    ]);
    x.extend(windows.edge(at));
    // The seam with the fragment that follows (or precedes) in the stream.
    x.extend(match (start, at.checked_sub(1)) {
        (true, Some(before)) => windows.seam(before, at),
        (true, None) => [-1.0; 6],
        (false, _) if at + 1 < list.len() => windows.seam(at, at + 1),
        (false, _) => [0.0; 6],
    });
}

/// Bodies: groups of cells in reading order.
pub fn bodies(ground: &Ground<'_>, first: Balance, second: Balance) -> Vec<Fragment> {
    let list = runs(ground);
    if list.len() > MAX_FRAGMENTS {
        return list;
    }
    let list = first_pass(ground, &list, first);
    let links = score(ground, &list, true, second);
    let made = cover(list.len(), &links);
    fragments(ground, follow(&list, &made))
}

/// The places of a body where another article could begin: behind a sentence's end.
pub fn places(ground: &Ground<'_>, body: &Fragment) -> Vec<usize> {
    (1..body.cells.len()).filter(|p| ground.ends(body.cells[*p - 1])).collect()
}

/// The features that tell whether another article begins at each of the places of a body, for fitting.
pub fn tile_features(ground: &Ground<'_>, body: &Fragment, places: &[usize], bodies: usize) -> Vec<Vec<f32>> {
    let windows = Windows::within(ground, std::iter::once((&body.cells[..], places)));
    let row = |(n, place): (usize, &usize)| {
        let mut x = Vec::new();
        tile_features_into(ground, body, *place, &windows, n, bodies, &mut x);
        x
    };
    places.iter().enumerate().map(row).collect()
}

fn tile_features_into(
    ground: &Ground<'_>,
    body: &Fragment,
    place: usize,
    windows: &Windows,
    window: usize,
    bodies: usize,
    x: &mut Vec<f32>,
) {
    ground.seam_into(body.cells[place - 1], body.cells[place], x);
    x.extend(windows.seam(window, window));
    x.extend([
        body.joints.iter().find(|j| j.0 == place).map_or(20.0, |j| j.1),
        place as f32,
        (body.cells.len() - place) as f32,
        f32::from(ground.opens(body.first())),
        f32::from(ground.opens(body.cells[place])),
        bodies as f32,
        ground.cells.len() as f32,
        ground.displays() as f32,
    ]);
}

/// Cuts bodies where, seen as a whole, they hold two articles, and joins what became free anew.
pub fn tile(ground: &Ground<'_>, bodies: Vec<Fragment>, balance: Balance) -> Vec<Fragment> {
    let mut groups: Vec<Group> = Vec::new();
    let count = bodies.len();
    let mut forbidden: Vec<(usize, usize)> = Vec::new();
    let places: Vec<Vec<usize>> = bodies.iter().map(|b| places(ground, b)).collect();
    let windows = Windows::within(ground, bodies.iter().zip(&places).map(|(b, p)| (&b.cells[..], &p[..])));
    let asked: Vec<(usize, usize)> = places.iter().enumerate().flat_map(|(b, p)| p.iter().map(move |p| (b, *p))).collect();
    let odds = weights::TILE.scores(asked.len(), |n, x| {
        let (body, place) = asked[n];
        tile_features_into(ground, &bodies[body], place, &windows, n, count, x);
    });
    let mut cuts = vec![Vec::new(); count];
    asked.iter().zip(odds).filter(|(_, odds)| *odds > 0.0).for_each(|((body, place), _)| cuts[*body].push(*place));
    for (body, cuts) in bodies.into_iter().zip(cuts) {
        let mut from = 0;
        for to in cuts.into_iter().chain([body.cells.len()]) {
            let joints = body.joints.iter().filter(|j| j.0 > from && j.0 < to).map(|j| (j.0 - from, j.1)).collect();
            groups.push(Group { cells: body.cells[from..to].to_vec(), joints });
            if to < body.cells.len() {
                forbidden.push((body.cells[to - 1], body.cells[to]));
            }
            from = to;
        }
    }
    let list = fragments(ground, groups);
    if forbidden.is_empty() || list.len() > MAX_FRAGMENTS {
        return list;
    }
    let links: Vec<Link> = score(ground, &list, true, balance)
        .into_iter()
        .filter(|l| !forbidden.contains(&(list[l.from].last(), list[l.to].first())))
        .collect();
    let made = cover(list.len(), &links);
    fragments(ground, follow(&list, &made))
}

/// Longest group of cells that may turn out to be something else than a body, in cells.
const SLIP: usize = 2;
/// The chance of not being body from which a short group that nothing joins is not one.
const DOUBT: f32 = 0.25;

/// Keeps what is a body: a cell that looked like something else is one where it was joined to others,
/// and a short group that was joined to nothing and looks like something else is none.
pub fn settle(ground: &mut Ground<'_>, bodies: Vec<Fragment>) -> Vec<Fragment> {
    let mut kept = Vec::new();
    for body in bodies {
        let doubted = body.cells.iter().map(|c| 1.0 - ground.chances[*c][Class::Body as usize]).sum::<f32>() / body.cells.len() as f32;
        // What opens with a dateline is a body, however short.
        let none = body.cells.len() <= SLIP && doubted >= DOUBT && !ground.opens(body.first());
        for c in &body.cells {
            ground.reclass(*c, !none);
        }
        if !none {
            kept.push(body);
        }
    }
    kept
}

/// Fragments after the links that are beyond doubt.
pub fn first_pass(ground: &Ground<'_>, list: &[Fragment], balance: Balance) -> Vec<Fragment> {
    let links = score(ground, list, false, balance);
    let made: Vec<Link> = cover(list.len(), &links).into_iter().filter(|l| l.gain > FIRST_PASS).collect();
    fragments(ground, follow(list, &made))
}

/// The balance of the first pass.
pub const FIRST_BALANCE: Balance = Balance { end: 0.7, start: 0.5, bar: 0.5 };
/// The balance of the second pass.
pub const SECOND_BALANCE: Balance = Balance { end: 0.7, start: 0.5, bar: 0.5 };
