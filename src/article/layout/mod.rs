//! Cuts a page by what stands where on it.
//!
//! 1. `sheet`: the layout to rows of text, rules, frames and pictures.
//! 2. `regions`: what is cut for itself: the inside of frames, text that runs down.
//! 3. `blocks`: rows to blocks, with what they are by their look.
//! 4. `heads`: headlines with kickers, decks and by-lines.
//! 5. `aside`: folio, advertisements, the weather, captions.
//! 6. `flow`: which block goes on from which, by `costs`, solved for the whole region (`matching`).
//! 7. `compose`: paragraphs, datelines, names.

use crate::model::layout::{Area, Origin};
use crate::model::{Article, ArticleKind, Page};

mod aside;
mod blocks;
mod compose;
mod costs;
mod flow;
mod heads;
mod matching;
mod regions;
mod sheet;
#[cfg(test)]
mod tests;

use super::furniture::section_in;
use super::marks;
use blocks::{Block, Kind};
use compose::Item;
use flow::Jump;
use regions::Region;
use sheet::Row;

/// An item with where it stands, to sort by.
type Placed = (Area, Article);

/// The items of a page by its layout; `None` where the layout does not say enough, so that the text
/// has to.
pub(super) fn cut(page: &Page) -> Option<Vec<Article>> {
    let layout = page.layout.as_ref().filter(|layout| layout.origin == Origin::Pdf)?;
    let mut regions = regions::regions(layout);
    let mut placed: Vec<Placed> = Vec::new();
    let mut section = None;
    if let Some(page_itself) = regions.iter_mut().find(|region| !region.framed) {
        let rows = aside::folio(&mut page_itself.sheet, layout.width, layout.height);
        section = rows.iter().find_map(|row| section_in(&row.text));
        placed.extend(folio(rows, page));
    }
    for region in &regions {
        placed.extend(cut_region(region, page, section.as_deref())?);
    }
    let news = |a: &Article| !a.kind.is_news();
    placed.sort_by(|a, b| news(&a.1).cmp(&news(&b.1)).then(a.0.y0.total_cmp(&b.0.y0)).then(a.0.x0.total_cmp(&b.0.x0)));
    let articles: Vec<Article> = placed.into_iter().map(|p| p.1).collect();
    (!articles.is_empty()).then_some(articles)
}

fn folio(rows: Vec<Row>, page: &Page) -> Option<Placed> {
    let area = rows.iter().map(|row| row.area).reduce(|a, b| a.union(&b))?;
    let text: Vec<String> = rows.into_iter().map(|row| row.text).collect();
    Some((area, compose::furniture(ArticleKind::Masthead, None, vec![text.join(" ")], &page.number, false)))
}

fn cut_region(region: &Region, page: &Page, section: Option<&str>) -> Option<Vec<Placed>> {
    let mut sheet = region.sheet.clone();
    let mut blocks = blocks::blocks(&sheet);
    if blocks.len() > flow::MAX_BLOCKS {
        return None;
    }
    let everything: Vec<char> = sheet.rows.iter().flat_map(|row| row.text.chars()).collect();
    if region.framed
        && let Some(kind) = aside::advertisement(&everything, true)
    {
        return Some(advertisement(region, blocks, kind, page));
    }
    let mut placed: Vec<Placed> = Vec::new();
    let number = page.number.as_str();
    for quote in heads::quotes(&mut sheet, &mut blocks) {
        placed.push((quote.area, compose::furniture(ArticleKind::Masthead, None, compose::paragraphs(&[&quote]), number, false)));
    }
    let sheet = &sheet;
    let mut heads = heads::heads(sheet, &mut blocks);
    let (weather, rest): (Vec<Block>, Vec<Block>) = blocks.into_iter().partition(aside::is_weather);
    for block in &weather {
        placed.push((block.area, compose::furniture(ArticleKind::Weather, None, compose::paragraphs(&[block]), number, false)));
    }
    let (captions, rest): (Vec<Block>, Vec<Block>) = rest.into_iter().partition(|block| aside::is_caption(block, sheet));
    let titles: Vec<Option<heads::Head>> =
        captions.iter().map(|caption| aside::title_of(caption, &heads, &rest).map(|h| heads.remove(h))).collect();
    let bodies: Vec<&Block> = rest.iter().filter(|block| block.kind == Kind::Body).collect();
    let others: Vec<Area> =
        weather.iter().chain(&captions).map(|block| block.area).chain(titles.iter().flatten().map(|h| h.area)).collect();
    let jumps: Vec<Jump> = rest.iter().filter(|block| block.kind == Kind::Jump).map(jump).collect();
    let chains = flow::chains(sheet, &bodies, &heads, &others, &jumps);
    let mut items: Vec<Item<'_>> = chains
        .iter()
        .map(|chain| Item {
            head: chain.head.and_then(|h| heads.get(h)),
            blocks: chain.blocks.iter().map(|b| bodies[*b]).collect(),
            sure: sureness(chain),
            ..Item::default()
        })
        .collect();
    for (caption, title) in captions.iter().zip(&titles) {
        items.push(Item { head: title.as_ref(), blocks: vec![caption], caption: true, sure: 0.9, ..Item::default() });
    }
    for block in rest.iter().filter(|block| matches!(block.kind, Kind::Byline | Kind::Mid)) {
        let signature = block.kind == Kind::Byline;
        match if signature { signed(block, &items, sheet.lead) } else { None } {
            Some(n) => items[n].bylines.extend(&block.rows),
            None => placed.push((block.area, compose::furniture(ArticleKind::Masthead, None, compose::paragraphs(&[block]), number, true))),
        }
    }
    for (_, head) in heads.iter().enumerate().filter(|(h, _)| !chains.iter().any(|chain| chain.head == Some(*h))) {
        placed.push((head.area, compose::furniture(ArticleKind::Masthead, Some(head), Vec::new(), number, true)));
    }
    for item in &items {
        let area = item.blocks.iter().map(|b| b.area).reduce(|a, b| a.union(&b)).unwrap_or_default();
        let area = item.head.map_or(area, |head| area.union(&head.area));
        let chars: Vec<char> = item.blocks.iter().flat_map(|b| b.chars()).collect();
        let title: Vec<char> = item.head.and_then(|h| h.text(super::heads::Role::Headline)).unwrap_or_default().chars().collect();
        let spoken: Vec<char> = title.iter().chain(&chars).copied().collect();
        let made = match aside::advertisement(&spoken, false) {
            Some(kind) if !item.caption => compose::furniture(kind, item.head, compose::paragraphs(&item.blocks), number, false),
            _ if item.head.is_none() && chars.len() <= 40 && marks::vocabulary(&chars)[3] >= 2.0 => {
                compose::furniture(ArticleKind::Masthead, None, compose::paragraphs(&item.blocks), number, false)
            }
            _ => compose::article(item, number, section),
        };
        placed.push((area, made));
    }
    Some(placed)
}

fn jump(block: &Block) -> Jump {
    let chars = block.chars();
    let text: String = chars.iter().collect();
    let arrives = ["上接", "紧接", "from", "uite de", "egue da"].iter().any(|word| text.contains(word));
    Jump { area: block.area, arrives }
}

/// The item that a by-line of its own belongs to: the text right under it or right over it.
fn signed(byline: &Block, items: &[Item<'_>], lead: f32) -> Option<usize> {
    let here = byline.area;
    let distance = |block: &&Block| {
        let over = block.area.overlap_x(&here) > 0.3 * here.width();
        let gap = (block.area.y0 - here.y1).max(here.y0 - block.area.y1);
        (over && gap <= 2.0 * lead).then_some(gap)
    };
    let nearest = |item: &Item<'_>| item.blocks.iter().filter_map(distance).fold(f32::INFINITY, f32::min);
    (0..items.len()).filter(|n| nearest(&items[*n]).is_finite()).min_by(|a, b| nearest(&items[*a]).total_cmp(&nearest(&items[*b])))
}

/// All of a frame as one advertisement.
fn advertisement(region: &Region, blocks: Vec<Block>, kind: ArticleKind, page: &Page) -> Vec<Placed> {
    let list: Vec<&Block> = blocks.iter().collect();
    let mut paragraphs = Vec::new();
    for block in list {
        paragraphs.extend(compose::paragraphs(&[block]));
    }
    vec![(region.area, compose::furniture(kind, None, paragraphs, &page.number, false))]
}

/// The cost of a step that is as often wrong as right.
const EVEN: f32 = 2.0;

/// How sure a text is, by its dearest step.
fn sureness(chain: &flow::Chain) -> f32 {
    let doubt = chain.worst - EVEN;
    (1.0 / (1.0 + doubt.exp())).clamp(0.05, 0.97)
}
