//! Tells a person how a page was cut: what each line was taken for, where bodies were joined and how
//! surely, and which lines were set over which body.

use std::fmt::Write as _;

use super::classify::{Class, likeliest};
use super::compose::Parts;
use super::seams::{Fragment, Ground};
use crate::model::Article;

/// Characters of a line that are shown.
const SHOWN: usize = 28;

fn short(ground: &Ground<'_>, cell: usize) -> String {
    let chars = &ground.cells[cell].chars;
    let text: String = chars.iter().take(SHOWN).collect();
    if chars.len() > SHOWN { format!("{text}…") } else { text }
}

/// The report for `newsboy articles --explain`.
pub(super) fn report(ground: &Ground<'_>, bodies: &[Fragment], parts: &[Parts], articles: &[Article]) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "columns are {} em wide; {} lines", ground.measure, ground.cells.len());
    let mut block = usize::MAX;
    for (i, cell) in ground.cells.iter().enumerate() {
        if cell.block != block {
            block = cell.block;
            let _ = writeln!(out, "\nblock {block}");
        }
        let class = ground.classes[i];
        let chances = &ground.chances[i];
        let chance = Class::ALL.into_iter().zip(chances).find(|(c, _)| *c == class).map_or(0.0, |(_, p)| *p);
        let place = if cell.columns > 1 { format!(" column {} of {}", cell.column + 1, cell.columns) } else { String::new() };
        let twin = if cell.repeats.is_some() {
            " second printing"
        } else if cell.twin {
            " printed twice"
        } else {
            ""
        };
        let changed = if likeliest(chances) == class { "" } else { " (after joining)" };
        let _ = writeln!(out, "  {i:>4} {class:?} {chance:.2}{changed}{place}{twin}: {}", short(ground, i));
    }
    for (n, ((body, part), article)) in bodies.iter().zip(parts).zip(articles).enumerate() {
        let name = article.headline.as_deref().unwrap_or("(no headline)");
        let _ = writeln!(out, "\nitem {n}: {} {name}, sure to {:.2}", article.kind, article.confidence);
        for (cell, role) in &part.display {
            let _ = writeln!(out, "  {role:?}: line {cell} {}", short(ground, *cell));
        }
        let mut from = 0;
        for (place, gain) in body.joints.iter().map(|(p, g)| (*p, Some(*g))).chain([(body.cells.len(), None)]) {
            let (first, last) = (body.cells[from], body.cells[place - 1]);
            let _ = writeln!(out, "  lines {first} to {last}: {} … {}", short(ground, first), short(ground, last));
            if let Some(gain) = gain {
                let _ = writeln!(out, "    joined to the next with {gain:.1}");
            }
            from = place;
        }
        for s in &part.signatures {
            let _ = writeln!(out, "  signature: line {s} {}", short(ground, *s));
        }
        for p in &article.problems {
            let _ = writeln!(out, "  {p}");
        }
    }
    out
}
