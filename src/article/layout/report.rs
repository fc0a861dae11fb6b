//! Tells a person how a page was cut by its layout: which pieces each item is made of, where they
//! stand, and what it cost to put them one behind another.

use std::fmt::Write as _;

use crate::model::layout::{Layout, Origin};

use super::placed::{Piece, Placed};

/// Characters of a row that are shown.
const SHOWN: usize = 20;

/// The report for `newsboy articles --explain`.
pub(super) fn report(layout: &Layout, items: &[Placed]) -> String {
    let mut out = String::new();
    let origin = match layout.origin {
        Origin::Pdf => "a PDF",
        Origin::Alto => "ALTO",
    };
    let _ = writeln!(
        out,
        "cut by layout: {origin} of {:.0} × {:.0} points; {} lines, {} rules, {} frames, {} pictures",
        layout.width,
        layout.height,
        layout.lines().count(),
        layout.rules.len(),
        layout.frames.len(),
        layout.pictures.len()
    );
    for (n, item) in items.iter().enumerate() {
        let article = &item.article;
        let name = article.headline.as_deref().unwrap_or("(no headline)");
        let _ = writeln!(out, "\nitem {n}: {} {name}, sure to {:.2}", article.kind, article.confidence);
        for piece in &item.pieces {
            let _ = writeln!(out, "  {}", line(piece));
        }
        for problem in &article.problems {
            let _ = writeln!(out, "  {problem}");
        }
    }
    out
}

fn line(piece: &Piece) -> String {
    let a = &piece.area;
    let mut out = format!("{:?} at {:.0},{:.0} to {:.0},{:.0}", piece.part, a.x0, a.y0, a.x1, a.y1);
    if let Some(cost) = piece.cost {
        let _ = write!(out, ", set here at a cost of {cost:.1}");
    }
    let _ = write!(out, ": {}", short(&piece.begin));
    if piece.rows > 1 {
        let _ = write!(out, " … {} ({} rows)", short(&piece.end), piece.rows);
    }
    out
}

fn short(text: &str) -> String {
    let shown: String = text.chars().take(SHOWN).collect();
    if text.chars().count() > SHOWN { shown + "…" } else { shown }
}
