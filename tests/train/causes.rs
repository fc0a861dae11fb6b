//! Counts why bodies of typeset pages are not cut right: the first fault met on the way to each.

use std::collections::BTreeMap;

use newsboy::article::fitting as cut;
use newsboy::article::fitting::Class;

use crate::joins::read;
use crate::pages::Sample;
use crate::steps::class_of;

/// Prints, for all news items, how many are cut right and what went wrong with the others.
pub fn causes(held: &[Sample]) {
    let mut by: BTreeMap<String, usize> = BTreeMap::new();
    let mut total = 0;
    for r in read(held) {
        let mut ground = r.ground();
        let (list, _) = cut::reviewed(&mut ground);
        let cells = &r.cells.cells;
        let text = |c: usize| cells[c].chars.iter().collect::<String>();
        let mut owner = vec![None; cells.len()];
        list.iter().enumerate().for_each(|(n, b)| b.cells.iter().for_each(|c| owner[*c] = Some(n)));
        let extraction = r.sample.extraction.split(' ').take(2).collect::<Vec<_>>().join(" ");
        for (item, truth) in r.bodies() {
            total += 1;
            let mixed = truth.iter().find(|c| {
                let c = &cells[**c];
                r.sample.labels[c.start..c.start + c.length].iter().any(|l| l.item != item)
            });
            let lost = truth.iter().find(|c| owner[**c].is_none());
            let mut cause = if let Some(c) = mixed {
                (format!("a cell of several items, {} columns", cells[*c].columns.min(2)), *c)
            } else if let Some(c) = lost {
                let class = cut::likeliest(&r.chances[*c]);
                let at = if *c == truth[0] {
                    "first"
                } else if Some(c) == truth.last() {
                    "last"
                } else {
                    "inner"
                };
                (format!("a body cell taken for {class:?}, {at} of {}", if truth.len() < 5 { "few" } else { "many" }), *c)
            } else {
                let body = owner[truth[0]].unwrap();
                let got = &list[body].cells;
                if *got == truth {
                    ("right".to_owned(), truth[0])
                } else {
                    let from = got.iter().position(|c| *c == truth[0]).unwrap();
                    let foreign = |c: usize| {
                        let (start, length) = (cells[c].start, cells[c].length);
                        let class = class_of(r.sample, start, length);
                        if class == Class::Body && r.first(c).0 != item { "another body".to_owned() } else { format!("{class:?}") }
                    };
                    if from > 0 {
                        let before = got[from - 1];
                        (format!("begins behind {}, {}", foreign(before), if ground.ends_at(before) { "ended" } else { "open" }), truth[0])
                    } else {
                        let n = truth.iter().zip(got).take_while(|(a, b)| a == b).count();
                        let end = truth[n - 1];
                        let state = if ground.ends_at(end) { "ended" } else { "open" };
                        let kind = match (truth.get(n), got.get(n)) {
                            (None, Some(g)) => format!("goes on in {}", foreign(*g)),
                            (Some(t), None) => format!(
                                "breaks off, next is {}",
                                if cells[*t].block == cells[end].block { "same block" } else { "another block" }
                            ),
                            (Some(t), Some(g)) => format!(
                                "skips to {} of {}",
                                if r.first(*g).0 == item { "itself".into() } else { foreign(*g) },
                                if cells[*t].block == cells[end].block { "same block" } else { "another block" }
                            ),
                            (None, None) => "?".into(),
                        };
                        (format!("{kind}, {state}"), end)
                    }
                }
            };
            if cause.0 != "right" {
                if std::env::var("SHOW").is_ok() {
                    println!("{} [{extraction}] {} at {}: {}", r.sample.name, cause.0, cause.1, text(cause.1));
                }
                if cells[cause.1].columns > 1 {
                    cause.0 += ", merged";
                }
                *by.entry(format!("   [{extraction}]")).or_default() += 1;
            }
            *by.entry(cause.0).or_default() += 1;
        }
    }
    let mut list: Vec<_> = by.into_iter().collect();
    list.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    println!("{total} items");
    for (cause, n) in list {
        println!("{n:6} {cause}");
    }
}
