//! The cut of a page that was recognised from a scan (ALTO).
//!
//! The recognition gives blocks and lines. Heights depend on the letters of a line and on how far the
//! scan leans, sizes of fonts are nominal, and rules are seldom told. So a headline is what several
//! small signs speak for: few lines, tall letters, less than the column's width, no full stop, a text
//! that begins under it. What follows it in reading order is its text, down to the next headline.

use crate::model::layout::Layout;
use crate::model::{ArticleKind, Page};

use super::compose;
use super::given;
use super::placed::{Piece, Placed};

mod chunks;
mod drafts;
mod looks;
mod order;
#[cfg(test)]
mod tests;

pub(super) use chunks::{Chunk, Measures, chunks};
pub(super) use drafts::Draft;

/// The items of the page.
pub(super) fn items(page: &Page, layout: &Layout) -> Option<Vec<Placed>> {
    let measures = Measures::of(layout);
    let chunks = chunks(layout, &measures);
    if chunks.is_empty() {
        return None;
    }
    let own = cut(chunks, &measures, page);
    if page.given.is_empty() { Some(own) } else { Some(given::items(page, layout, own, &measures)) }
}

/// The items of chunks in reading order.
pub(super) fn cut(chunks: Vec<Chunk>, measures: &Measures, page: &Page) -> Vec<Placed> {
    let (masthead, chunks) = order::masthead(order::in_order(chunks, measures), measures);
    let mut items = Vec::new();
    if !masthead.is_empty() {
        let text = masthead.iter().map(|chunk| chunk.chars().into_iter().collect::<String>()).collect();
        let article = compose::furniture(ArticleKind::Masthead, None, text, &page.number, false);
        items.push(Placed::of(Piece::of_blocks(masthead.iter().map(|chunk| &chunk.block)), article));
    }
    let looks = looks::looks(&chunks, measures);
    let mut drafts = drafts::drafts(&chunks, &looks, measures);
    drafts.iter_mut().for_each(|draft| draft.sign(measures));
    items.extend(drafts.iter().map(|draft| draft.item(page)));
    items
}
