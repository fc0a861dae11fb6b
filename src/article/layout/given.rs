//! The cut that a library gives with a recognised page (METS): which blocks make an article, and what
//! they are in it.
//!
//! It is held against newsboy's own cut. Where the two share no item, the article is told to be
//! doubtful; what the library says nothing of, the own cut keeps.

use std::collections::{HashMap, HashSet};

use crate::article::heads::Role;
use crate::model::layout::Layout;
use crate::model::structure::{GivenItem, PartRole};
use crate::model::{ArticleKind, Page, Problem};

use super::placed::Placed;
use super::scan::{self, Chunk, Draft, Measures};

/// How sure an item is that the library and the own cut agree on, and one that they do not.
const AGREED: f32 = 0.95;
const DISPUTED: f32 = 0.7;
/// The share of the area of either that an own item and one of the library have in common to be the same.
const SAME_SHARE: f32 = 0.7;
/// Lines of a block that the library says nothing of and that may be an article nevertheless.
const FORGOTTEN_LINES: usize = 4;

/// What an item of this kind is to newsboy; `None` where the text has to tell.
fn kind(name: &str) -> Option<ArticleKind> {
    match name {
        "ADVERTISEMENT" | "ADVERTISEMENTS" => Some(ArticleKind::Ad),
        "DEATH_NOTICE" => Some(ArticleKind::Notice),
        "WEATHER" => Some(ArticleKind::Weather),
        "TITLE_SECTION" | "MASTHEAD" => Some(ArticleKind::Masthead),
        "ILLUSTRATION" | "CARTOON" => Some(ArticleKind::Photo),
        _ => None,
    }
}

/// The items of the page as the library gives them, checked against newsboy's `own`, and those of `own`
/// that it says nothing of.
pub(super) fn items(page: &Page, layout: &Layout, own: Vec<Placed>, measures: &Measures) -> Vec<Placed> {
    let mut by_block: HashMap<String, Vec<Chunk>> = HashMap::new();
    let mut rest = Vec::new();
    let known: HashSet<&str> = page.given.iter().flat_map(|item| &item.parts).map(|part| part.1.as_str()).collect();
    let mut forgotten = 0;
    for chunk in scan::chunks(layout, measures) {
        match chunk.id.clone().filter(|id| known.contains(id.as_str())) {
            Some(id) => by_block.entry(id).or_default().push(chunk),
            None => {
                forgotten += usize::from(chunk.block.rows.len() >= FORGOTTEN_LINES);
                rest.push(chunk);
            }
        }
    }
    let mut items: Vec<Placed> = Vec::new();
    for given in &page.given {
        let mut draft = draft(given, &by_block, measures);
        // A section without a text of its own is the line over its items, which they name as theirs.
        if draft.bodies.is_empty() && (draft.heads.is_empty() || given.kind == "SECTION") {
            continue;
        }
        let shape = draft.item(page);
        let agreed = own.iter().any(|item| is_same(item, &shape));
        draft.sure = if agreed { AGREED } else { DISPUTED };
        let mut item = draft.item(page);
        if !agreed && item.article.kind == ArticleKind::Article {
            let message = "the library's structure (METS) makes an article of blocks that the page's look does not join; compare with the printed page";
            item.article.problems.push(Problem::new("structure-disputed", message));
        }
        items.push(item);
    }
    if items.is_empty() {
        return own;
    }
    if forgotten > 0 {
        items.extend(scan::cut(rest, measures, page));
    }
    items
}

/// Whether two items are one: most of what either covers is the other's.
fn is_same(a: &Placed, b: &Placed) -> bool {
    let size = |item: &Placed| item.pieces.iter().map(|p| p.area.width() * p.area.height()).sum::<f32>();
    let common: f32 = a
        .pieces
        .iter()
        .flat_map(|p| b.pieces.iter().filter_map(|q| p.area.intersection(&q.area)))
        .map(|area| area.width() * area.height())
        .sum();
    common >= SAME_SHARE * size(a).max(size(b))
}

fn draft<'a>(given: &GivenItem, by_block: &'a HashMap<String, Vec<Chunk>>, measures: &Measures) -> Draft<'a> {
    let mut draft = Draft {
        kind: kind(&given.kind),
        section: given.sections.last().cloned(),
        continuation: given.continuation.clone(),
        ..Draft::default()
    };
    for (role, id) in &given.parts {
        for chunk in by_block.get(id).into_iter().flatten() {
            match role {
                PartRole::Kicker => draft.heads.push((Role::Kicker, chunk)),
                // A headline amid the text, as over a second part, is a crosshead of the one article.
                PartRole::Headline if draft.bodies.is_empty() => draft.heads.push((Role::Headline, chunk)),
                PartRole::Deck if draft.bodies.is_empty() => draft.heads.push((Role::Deck, chunk)),
                PartRole::Byline => draft.bylines.extend(chunk.block.rows.iter().cloned()),
                PartRole::Caption if draft.kind == Some(ArticleKind::Photo) => draft.bodies.push(chunk.block.clone()),
                PartRole::Caption => {}
                PartRole::Headline | PartRole::Deck | PartRole::Body | PartRole::Other => draft.bodies.push(chunk.block.clone()),
            }
        }
    }
    draft.sign(measures);
    draft
}
