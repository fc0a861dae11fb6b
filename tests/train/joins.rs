//! Fits the joins: glue, links, edges, and how they are set off against each other.

use newsboy::article::fitting as cut;
use newsboy::article::fitting::{Balance, Class, Fragment, Ground};

use crate::boost::{self, Settings};
use crate::pages::Sample;
use crate::steps::{class_of, lean, report, write};

/// What the stages before make of a page.
pub struct Read<'a> {
    pub sample: &'a Sample,
    pub cells: cut::Cells,
    pub chances: Vec<cut::Chances>,
}

pub fn read(samples: &[Sample]) -> Vec<Read<'_>> {
    let half = samples.len() / 2;
    let one = |samples: &'_ [Sample]| -> Vec<(cut::Cells, Vec<cut::Chances>)> { samples.iter().map(|s| cut::look(&s.page)).collect() };
    let (mut a, b) = std::thread::scope(|scope| {
        let b = scope.spawn(|| one(&samples[half..]));
        (one(&samples[..half]), b.join().unwrap())
    });
    a.extend(b);
    samples.iter().zip(a).map(|(sample, (cells, chances))| Read { sample, cells, chances }).collect()
}

impl Read<'_> {
    pub fn ground(&self) -> Ground<'_> {
        Ground::of(&self.cells, &self.chances)
    }

    /// Item and place of the first character of a cell, and of the last.
    pub fn first(&self, cell: usize) -> (usize, usize) {
        let l = self.sample.labels[self.cells.cells[cell].start];
        (l.item, l.position)
    }

    pub fn last(&self, cell: usize) -> (usize, usize) {
        let c = &self.cells.cells[cell];
        let l = self.sample.labels[c.start + c.length - 1];
        (l.item, l.position)
    }

    /// The fragment that truly follows each fragment.
    pub fn successors(&self, list: &[Fragment]) -> Vec<Option<usize>> {
        let firsts: Vec<(usize, usize)> = list.iter().map(|f| self.first(f.cells[0])).collect();
        let body: Vec<bool> = list
            .iter()
            .map(|f| {
                let c = &self.cells.cells[f.cells[0]];
                matches!(class_of(self.sample, c.start, c.length), Class::Body | Class::Notice | Class::Weather)
            })
            .collect();
        let lasts: Vec<(usize, usize)> = list.iter().map(|f| self.last(*f.cells.last().unwrap())).collect();
        (0..list.len())
            .map(|a| {
                (0..list.len())
                    .filter(|b| *b != a && body[a] && body[*b] && firsts[*b].0 == lasts[a].0 && firsts[*b].1 > lasts[a].1)
                    .min_by_key(|b| firsts[*b].1)
            })
            .collect()
    }

    /// The body cells of each news item, in reading order.
    pub fn bodies(&self) -> Vec<(usize, Vec<usize>)> {
        let mut by_item: Vec<Vec<usize>> = vec![Vec::new(); self.sample.kinds.len()];
        for (i, c) in self.cells.cells.iter().enumerate() {
            if c.repeats.is_none() && class_of(self.sample, c.start, c.length) == Class::Body {
                by_item[self.first(i).0].push(i);
            }
        }
        by_item
            .into_iter()
            .enumerate()
            .filter(|(item, cells)| self.sample.is_news(*item) && !cells.is_empty())
            .map(|(item, mut cells)| {
                cells.sort_by_key(|c| self.first(*c).1);
                (item, cells)
            })
            .collect()
    }
}

pub fn glue(train: &[Sample], held: &[Sample]) {
    let examples = |samples: &[Sample]| {
        let mut rows = Vec::new();
        let mut labels = Vec::new();
        for r in read(samples) {
            let ground = r.ground();
            for (n, (a, b)) in cut::glue_candidates(&ground).into_iter().enumerate() {
                let (x, y) = (r.last(a), r.first(b));
                let follows = x.0 == y.0 && (y.1 == x.1 + 1 || y.1 == x.1);
                // Most lines go on plainly; a fifth of those is enough.
                if follows && n % 5 != 0 {
                    continue;
                }
                rows.push(cut::glue_features(&ground, a, b));
                labels.push(follows);
            }
        }
        (rows, labels)
    };
    let (rows, labels) = examples(train);
    let weights: Vec<f64> = labels.iter().map(|l| if *l { 5.0 } else { 1.0 }).collect();
    let fitted = boost::fit_weighed(&rows, &labels, &weights, Settings { rounds: 180, depth: 6, rate: 0.12, ..Settings::default() });
    let (rows, labels) = examples(held);
    report("glue held", &fitted, &rows, &labels);
    for sure in [3.0_f32, 3.5, 4.0, 4.5, 5.0] {
        let over: Vec<bool> = rows.iter().zip(&labels).filter(|(x, _)| fitted.score(x) >= sure).map(|(_, y)| *y).collect();
        println!("   over {sure}: right {} wrong {}", over.iter().filter(|y| **y).count() * 5, over.iter().filter(|y| !**y).count());
    }
    lean(&fitted);
    write("glue", &[("GLUE", &[fitted])]);
}

fn fragments(r: &Read<'_>, ground: &Ground<'_>, again: bool) -> Vec<Fragment> {
    let list = cut::runs(ground);
    let _ = r;
    if again { cut::first_pass(ground, &list, cut::FIRST_BALANCE) } else { list }
}

pub fn link(train: &[Sample], held: &[Sample], again: bool) {
    let examples = |samples: &[Sample]| {
        let (mut rows, mut labels) = (Vec::new(), Vec::new());
        let (mut wanted, mut found) = (0, 0);
        for r in read(samples) {
            let ground = r.ground();
            let list = fragments(&r, &ground, again);
            let next = r.successors(&list);
            let windows = cut::Windows::of(&ground, &list);
            let asked = cut::candidates(&ground, &list, &windows);
            for (k, (a, b)) in asked.pairs.iter().enumerate() {
                rows.push(cut::link_features(&ground, &list, &windows, &asked, k));
                labels.push(next[*a] == Some(*b));
                found += usize::from(next[*a] == Some(*b));
            }
            wanted += next.iter().flatten().count();
        }
        println!("   of {wanted} true links {found} are asked about");
        (rows, labels)
    };
    let (rows, labels) = examples(train);
    let fitted = boost::fit(&rows, &labels, Settings { rounds: 300, depth: 6, rate: 0.12, rows: 0.25, ..Settings::default() });
    report("link train", &fitted, &rows, &labels);
    let (rows, labels) = examples(held);
    report("link held", &fitted, &rows, &labels);
    lean(&fitted);
    if again { write("link_again", &[("LINK_AGAIN", &[fitted])]) } else { write("link", &[("LINK", &[fitted])]) }
}

/// Fits the second look at links, beside their rivals.
pub fn rival(train: &[Sample], held: &[Sample], again: bool) {
    let examples = |samples: &[Sample]| {
        let (mut rows, mut labels) = (Vec::new(), Vec::new());
        for r in read(samples) {
            let ground = r.ground();
            let list = fragments(&r, &ground, again);
            let next = r.successors(&list);
            for (a, b, x) in cut::rivals(&ground, &list, again) {
                rows.push(x);
                labels.push(next[a] == Some(b));
            }
        }
        (rows, labels)
    };
    let (rows, labels) = examples(train);
    let fitted = boost::fit(&rows, &labels, Settings { rounds: 150, depth: 6, rate: 0.1, ..Settings::default() });
    report("rival train", &fitted, &rows, &labels);
    let (rows, labels) = examples(held);
    report("rival held", &fitted, &rows, &labels);
    lean(&fitted);
    if again { write("rival_again", &[("RIVAL_AGAIN", &[fitted])]) } else { write("rival", &[("RIVAL", &[fitted])]) }
}

pub fn edge(train: &[Sample], held: &[Sample]) {
    let examples = |samples: &[Sample], start: bool| {
        let (mut rows, mut labels) = (Vec::new(), Vec::new());
        for r in read(samples) {
            let ground = r.ground();
            let list = fragments(&r, &ground, false);
            let next = r.successors(&list);
            let windows = cut::Windows::of(&ground, &list);
            let mut preceded = vec![false; list.len()];
            next.iter().flatten().for_each(|n| preceded[*n] = true);
            for i in 0..list.len() {
                rows.push(cut::edge_features(&ground, &list, &windows, i, start));
                labels.push(if start { !preceded[i] } else { next[i].is_none() });
            }
        }
        (rows, labels)
    };
    let mut fitted = Vec::new();
    for start in [false, true] {
        let (rows, labels) = examples(train, start);
        let f = boost::fit(&rows, &labels, Settings { rounds: 80, ..Settings::default() });
        let (rows, labels) = examples(held, start);
        report(if start { "start held" } else { "end held" }, &f, &rows, &labels);
        lean(&f);
        fitted.push(f);
    }
    write("edge", &[("EDGE", &fitted)]);
}

/// Share of bodies whose cells were all joined in the right order, and nothing else with them.
fn whole(reads: &[Read<'_>], first: Balance, second: Balance) -> f64 {
    let (mut right, mut all) = (0, 0);
    for r in reads {
        let ground = r.ground();
        let mut ground = ground;
        let list = cut::joined(&ground, first, second);
        let list = cut::tile(&ground, list, second);
        let got: Vec<Vec<usize>> = cut::settle(&mut ground, list).into_iter().map(|f| f.cells).collect();
        for (_, cells) in r.bodies() {
            all += 1;
            right += usize::from(got.contains(&cells));
        }
    }
    right as f64 / all.max(1) as f64
}

pub fn balance(train: &[Sample], held: &[Sample]) {
    let train = read(&train[..train.len().min(250)]);
    let held = read(held);
    let mut best = (whole(&train, cut::FIRST_BALANCE, cut::SECOND_BALANCE), cut::SECOND_BALANCE);
    println!("as compiled: train {:.4} held {:.4}", best.0, whole(&held, cut::FIRST_BALANCE, cut::SECOND_BALANCE));
    for _ in 0..2 {
        for (axis, steps) in [(0, [0.5, 0.7, 0.85, 1.0]), (1, [0.5, 0.7, 0.85, 1.0]), (2, [-1.0, -0.5, 0.5, 1.0])] {
            for v in steps {
                let mut b = best.1;
                *[&mut b.end, &mut b.start, &mut b.bar][axis] = v;
                let share = whole(&train, cut::FIRST_BALANCE, b);
                println!("   {b:?} train {share:.4}");
                if share > best.0 {
                    best = (share, b);
                }
            }
        }
    }
    println!("best {:?} train {:.4} held {:.4}", best.1, best.0, whole(&held, cut::FIRST_BALANCE, best.1));
}

/// Prints the true links that are missed, for a person.
pub fn diagnose(held: &[Sample]) {
    let mut by = std::collections::BTreeMap::new();
    for r in read(held) {
        let ground = r.ground();
        let list = fragments(&r, &ground, false);
        let next = r.successors(&list);
        let links = cut::score(&ground, &list, false, cut::FIRST_BALANCE);
        let made = cut::cover(list.len(), &links);
        for a in 0..list.len() {
            let Some(b) = next[a] else { continue };
            let (ca, cb) = (&r.cells.cells[*list[a].cells.last().unwrap()], &r.cells.cells[list[b].cells[0]]);
            let right = made.iter().any(|l| l.from == a && l.to == b);
            let key = format!(
                "{} {} {} cols {}/{} {}",
                r.sample.extraction,
                r.sample.language.starts_with("zh"),
                ground.ends_at(*list[a].cells.last().unwrap()),
                ca.columns.min(3),
                cb.columns.min(3),
                if ca.block == cb.block { "same" } else { "other" },
            );
            if !right && std::env::var("SHOW").is_ok() {
                let t = |c: &cut::Cell| c.chars.iter().collect::<String>();
                let got = made.iter().find(|l| l.from == a).map(|l| (t(&r.cells.cells[list[l.to].cells[0]]), l.gain));
                let want = links.iter().find(|l| l.from == a && l.to == b).map(|l| l.gain);
                println!(
                    "MISS {} {key}: {} -> {} {want:?} got {got:?}; at {} {}",
                    r.sample.name,
                    t(ca),
                    t(cb),
                    list[a].cells.last().unwrap(),
                    list[b].cells[0]
                );
            }
            let e = by.entry(key).or_insert((0, 0));
            e.0 += 1;
            e.1 += usize::from(right);
        }
    }
    for (k, (n, right)) in by {
        println!("{n:6} right {right:6} {k}");
    }
}

pub fn part(train: &[Sample], held: &[Sample]) {
    let examples = |samples: &[Sample]| {
        let (mut rows, mut labels) = (Vec::new(), Vec::new());
        for s in samples {
            let cells = cut::cells(&s.page);
            let chances = cut::classify(&cells);
            for (x, a, b) in cut::part_examples(&cells, &chances) {
                rows.push(x);
                labels.push(s.labels[a].item != s.labels[b].item);
            }
        }
        (rows, labels)
    };
    let (rows, labels) = examples(train);
    let fitted = boost::fit(&rows, &labels, Settings { rounds: 60, depth: 4, ..Settings::default() });
    report("part train", &fitted, &rows, &labels);
    let (rows, labels) = examples(held);
    report("part held", &fitted, &rows, &labels);
    lean(&fitted);
    write("part", &[("PART", &[fitted])]);
}

pub fn tile(train: &[Sample], held: &[Sample]) {
    let examples = |samples: &[Sample]| {
        let (mut rows, mut labels) = (Vec::new(), Vec::new());
        for r in read(samples) {
            let ground = r.ground();
            let list = cut::joined(&ground, cut::FIRST_BALANCE, cut::SECOND_BALANCE);
            for body in &list {
                let places = cut::places(&ground, body);
                for (x, p) in cut::tile_features(&ground, body, &places, list.len()).into_iter().zip(&places) {
                    rows.push(x);
                    labels.push(r.last(body.cells[p - 1]).0 != r.first(body.cells[*p]).0);
                }
            }
        }
        (rows, labels)
    };
    let (rows, labels) = examples(train);
    let fitted = boost::fit(&rows, &labels, Settings { rounds: 100, ..Settings::default() });
    report("tile train", &fitted, &rows, &labels);
    let (rows, labels) = examples(held);
    report("tile held", &fitted, &rows, &labels);
    lean(&fitted);
    write("tile", &[("TILE", &[fitted])]);
}
