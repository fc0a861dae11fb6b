//! Cuts a page by what stands where on it.
//!
//! A page that was printed from a PDF, where places and sizes are exact (`print`):
//!
//! 1. `sheet`: the layout to rows of text, rules, frames and pictures.
//! 2. `regions`: what is cut for itself: the inside of frames, text that runs down.
//! 3. `blocks`: rows to blocks, with what they are by their look.
//! 4. `heads`: headlines with kickers, decks and by-lines.
//! 5. `aside`: folio, advertisements, the weather, captions.
//! 6. `flow`: which block goes on from which, by `costs`, solved for the whole region (`matching`).
//! 7. `compose`: paragraphs, datelines, names.
//!
//! A page that was recognised from a scan has blocks and lines, but heights that depend on the letters
//! and no fonts to speak of; it is cut by `scan`, and where a library says which blocks make an article,
//! by `given`.
//!
//! Both make items with their pieces (`placed`), of which `report` tells and which `overlay` draws.

use crate::model::layout::{Layout, Origin};
use crate::model::{Article, Page, PageLabel};

mod aside;
mod blocks;
mod compose;
mod costs;
mod flow;
mod given;
mod heads;
mod matching;
mod overlay;
mod placed;
mod print;
mod regions;
mod report;
mod scan;
mod sheet;
mod sureness;
#[cfg(test)]
mod tests;

use placed::Placed;

/// The items of a page by its layout; `None` where the layout does not say enough, so that the text
/// has to.
pub(super) fn cut(page: &Page) -> Option<Vec<Article>> {
    let (layout, items) = items(page)?;
    Some(items.into_iter().map(|item| item.into_article(layout)).collect())
}

/// How [`cut`] came to its items.
pub(super) fn explain(page: &Page) -> Option<String> {
    items(page).map(|(layout, items)| report::report(layout, &items))
}

/// The page drawn with its items.
pub(super) fn overlay(page: &Page) -> Option<String> {
    items(page).map(|(layout, items)| overlay::overlay(layout, &items))
}

/// The number that the page's folio gives it, of a page that was printed from a PDF.
pub(super) fn number(page: &Page) -> Option<PageLabel> {
    let layout = page.layout.as_ref().filter(|layout| layout.origin == Origin::Pdf)?;
    print::number(layout)
}

fn items(page: &Page) -> Option<(&Layout, Vec<Placed>)> {
    // A page that is held has a layout, and no text that may be read.
    let layout = page.layout.as_ref().filter(|_| !page.blocks.is_empty())?;
    let mut items = match layout.origin {
        Origin::Pdf => print::items(page, layout)?,
        Origin::Alto => scan::items(page, layout)?,
    };
    placed::sort(&mut items);
    (!items.is_empty()).then_some((layout, items))
}
