//! Cuts a page into articles, from its text alone.
//!
//! A page's text gives lines in an order of its own: columns of one article apart from each other,
//! headlines before, after or between the bodies, neighbouring columns run together. The cut goes
//! through steps, each of which asks fitted questions (`forest`, `weights`) of what it sees:
//!
//! 1. [`lines`]: lines to cells: letter-spacing closed, twins folded, merged columns divided.
//! 2. [`classify`]: what each cell is: body, display, signature, notice, weather, folio.
//! 3. [`links`]: cells to bodies, solved for the whole page.
//! 4. [`heads`]: display lines to bodies, and their roles.
//! 5. [`compose`]: paragraphs, datelines, by-lines, credits.

use crate::model::{Article, ArticleKind, Page, Problem};


mod classify;
mod compose;
mod forest;
mod grams;
mod heads;
mod identify;
mod lexicon;
mod lines;
mod links;
mod marks;
mod script;
mod seams;
mod weights;

pub use identify::identify;

use classify::Class;
use compose::Parts;
use seams::{Fragment, Ground};

/// Which version of the cutter this is; a newer one cuts stored pages again.
pub const CUTTER_VERSION: u32 = 1;

/// The items of a page, in the order in which their bodies begin.
///
/// `language` is a hint; the script is seen from the text.
pub fn cut(page: &Page, language: &str) -> Vec<Article> {
    let _ = language;
    let cells = lines::cells(page);
    let chances = classify::classify(&cells);
    let ground = Ground::of(&cells, &chances);
    let bodies = links::bodies(&ground, links::FIRST_BALANCE, links::SECOND_BALANCE);
    let parts = parts(&ground, &bodies);
    let mut out: Vec<Article> = parts.iter().map(|p| article(&ground, p, &page.number)).collect();
    out.extend(others(&ground, &page.number));
    out
}

/// Bodies with the display lines and signatures that belong to them.
pub fn parts(ground: &Ground<'_>, bodies: &[Fragment]) -> Vec<Parts> {
    let heads = heads::Heads::of(ground, bodies);
    let owners = heads.owners();
    let mut parts: Vec<Parts> = bodies.iter().map(|b| Parts { body: b.cells.clone(), ..Parts::default() }).collect();
    for (b, part) in parts.iter_mut().enumerate() {
        let group: Vec<usize> = (0..owners.len()).filter(|d| owners[*d].is_some_and(|o| o.0 == b)).collect();
        let roles = heads.roles(&group, b);
        part.display = group.iter().map(|d| heads.displays[*d]).zip(roles).collect();
    }
    let mut owner = vec![None; ground.cells.len()];
    for (b, body) in bodies.iter().enumerate() {
        body.cells.iter().for_each(|c| owner[*c] = Some(b));
    }
    for i in 0..ground.cells.len() {
        if ground.classes[i] != Class::Signature {
            continue;
        }
        let behind = i.checked_sub(1).and_then(|p| owner[p]);
        let ahead = owner.get(i + 1).copied().flatten();
        let byline = marks::is_byline(&ground.cells[i].chars) && !marks::is_credit(&ground.cells[i].chars);
        let chosen = if byline { ahead.or(behind) } else { behind.or(ahead) };
        if let Some(b) = chosen {
            parts[b].signatures.push(i);
        }
    }
    parts
}

fn article(ground: &Ground<'_>, parts: &Parts, page: &str) -> Article {
    let photo = weights::PHOTO.score(&compose::photo_features(ground, parts)) > 0.0;
    let mut signed = compose::sign(compose::paragraphs(ground, &parts.body));
    for s in &parts.signatures {
        let chars = &ground.cells[*s].chars;
        if marks::is_jump(chars) {
            continue;
        }
        let names = marks::names(&chars.iter().collect::<String>());
        if photo || marks::is_credit(chars) { &mut signed.credit } else { &mut signed.byline }.extend(names);
    }
    let headline = compose::display_text(ground, parts, heads::Role::Headline);
    let mut problems = Vec::new();
    if headline.is_none() && !photo {
        problems.push(Problem::new("headline-missing", "no display line of the page was found to stand over this body"));
    }
    Article {
        kind: if photo { ArticleKind::Photo } else { ArticleKind::Article },
        kicker: compose::display_text(ground, parts, heads::Role::Kicker),
        headline,
        deck: compose::display_text(ground, parts, heads::Role::Deck),
        dateline: signed.dateline,
        byline: signed.byline,
        credit: signed.credit,
        paragraphs: signed.paragraphs,
        page: page.to_owned(),
        section: None,
        confidence: 0.5,
        problems,
    }
}

/// What is not news: runs of cells of one class.
fn others(ground: &Ground<'_>, page: &str) -> Vec<Article> {
    let mut out: Vec<(Class, usize, Article)> = Vec::new();
    for (i, cell) in ground.cells.iter().enumerate() {
        let kind = match ground.classes[i] {
            Class::Notice => ArticleKind::Ad,
            Class::Weather => ArticleKind::Weather,
            Class::Folio => ArticleKind::Masthead,
            Class::Body | Class::Display | Class::Signature => continue,
        };
        let text: String = cell.chars.iter().collect();
        match out.last_mut() {
            Some((class, last, article)) if *class == ground.classes[i] && *last + 1 == i => {
                article.paragraphs.push(text);
                *last = i;
            }
            _ => out.push((
                ground.classes[i],
                i,
                Article {
                    kind,
                    kicker: None,
                    headline: None,
                    deck: None,
                    dateline: None,
                    byline: Vec::new(),
                    credit: Vec::new(),
                    paragraphs: vec![text],
                    page: page.to_owned(),
                    section: None,
                    confidence: 0.5,
                    problems: Vec::new(),
                },
            )),
        }
    }
    out.into_iter().map(|o| o.2).collect()
}

/// What the trainer needs to see of the inside; no part of the interface.
#[doc(hidden)]
pub mod fitting {
    pub use super::classify::{Chances, Class, classify, features as class_features, second_features as class_features_again};
    pub use super::compose::{Parts, paragraph_features, photo_features};
    pub use super::heads::{Heads, Role};
    pub use super::lines::{Cell, Cells, cells, gap_examples};
    pub use super::links::{
        Balance, FIRST_BALANCE, SECOND_BALANCE, bodies, candidates, cover, score, edge_features, first_pass, glue_candidates, glue_features, link_features, runs,
    };
    pub use super::parts;
    pub use super::seams::{Fragment, Ground};
}

/// Temporary stand-in.
pub fn explain(page: &Page, _language: &str) -> String {
    format!("{page:?}")
}
