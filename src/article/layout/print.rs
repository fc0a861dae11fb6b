//! The cut of a page that was read from a PDF.

use crate::model::layout::{Area, Layout};
use crate::model::{ArticleKind, Continuation, Page, PageLabel};

use super::aside;
use super::blocks::{self, Block, Kind};
use super::compose::{self, Item};
use super::flow::{self, Jump};
use super::heads::{self, Head};
use super::placed::{Part, Piece, Placed};
use super::regions::{self, Region};
use super::sheet::Row;
use super::sureness;
use crate::article::furniture::section_in;
use crate::article::heads::Role;
use crate::article::marks;
use crate::article::printed;

/// The items of the page; `None` where it has more blocks than can be compared.
pub(super) fn items(page: &Page, layout: &Layout) -> Option<Vec<Placed>> {
    let mut regions = regions::regions(layout);
    let mut placed: Vec<Placed> = Vec::new();
    let mut section = None;
    if let Some(page_itself) = regions.iter_mut().find(|region| !region.framed) {
        let rows = aside::folio(&mut page_itself.sheet, layout.width, layout.height);
        section = rows.iter().find_map(|row| section_in(&row.text));
        placed.extend(folio(rows, page));
    }
    for region in &regions {
        placed.extend(cut_region(region, page, section.as_deref())?.into_iter().map(|item| item.turned_back(region)));
    }
    Some(placed)
}

/// The number that the page's folio gives it.
pub(super) fn number(layout: &Layout) -> Option<PageLabel> {
    let mut regions = regions::regions(layout);
    let page = regions.iter_mut().find(|region| !region.framed)?;
    let rows = aside::folio(&mut page.sheet, layout.width, layout.height);
    rows.iter().find_map(|row| printed::page_in(&row.chars()))
}

fn folio(rows: Vec<Row>, page: &Page) -> Option<Placed> {
    let piece = Piece::of(Part::Body, &rows)?;
    let text: Vec<String> = rows.into_iter().map(|row| row.text).collect();
    Some(Placed::of(vec![piece], compose::furniture(ArticleKind::Masthead, None, vec![text.join(" ")], &page.number, false)))
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
        return Some(advertisement(&blocks, kind, page));
    }
    let mut placed: Vec<Placed> = Vec::new();
    let number = page.number.as_str();
    let apart = |kind, block: &Block, lost| {
        let article = compose::furniture(kind, None, compose::paragraphs(&[block]), number, lost);
        Placed::of(Piece::of_blocks([block]), article)
    };
    for quote in heads::quotes(&mut sheet, &mut blocks) {
        placed.push(apart(ArticleKind::Masthead, &quote, false));
    }
    let sheet = &sheet;
    let mut heads = heads::heads(sheet, &mut blocks);
    let (weather, rest): (Vec<Block>, Vec<Block>) = blocks.into_iter().partition(aside::is_weather);
    placed.extend(weather.iter().map(|block| apart(ArticleKind::Weather, block, false)));
    let (captions, rest): (Vec<Block>, Vec<Block>) = rest.into_iter().partition(|block| aside::is_caption(block, sheet));
    let titles: Vec<Option<Head>> =
        captions.iter().map(|caption| aside::title_of(caption, &heads, &rest).map(|h| heads.remove(h))).collect();
    let bodies: Vec<&Block> = rest.iter().filter(|block| block.kind == Kind::Body).collect();
    let others: Vec<Area> =
        weather.iter().chain(&captions).map(|block| block.area).chain(titles.iter().flatten().map(|h| h.area)).collect();
    let jump_lines: Vec<&Block> = rest.iter().filter(|block| block.kind == Kind::Jump).collect();
    let jumps: Vec<Jump> = jump_lines.iter().map(|block| jump(block)).collect();
    let told = |jump: Option<usize>| jump.and_then(|n| printed::page_in(&jump_lines[n].chars()));
    let chains = flow::chains(sheet, &bodies, &heads, &others, &jumps);
    let mut items: Vec<Item<'_>> = chains
        .iter()
        .map(|chain| Item {
            head: chain.head.and_then(|h| heads.get(h)),
            blocks: chain.blocks.iter().map(|b| bodies[*b]).collect(),
            costs: chain.costs.clone(),
            continuation: Continuation { to: told(chain.leaves), from: told(chain.arrives) },
            sure: sureness::of(chain),
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
            None => placed.push(apart(ArticleKind::Masthead, block, true)),
        }
    }
    for (_, head) in heads.iter().enumerate().filter(|(h, _)| !chains.iter().any(|chain| chain.head == Some(*h))) {
        let article = compose::furniture(ArticleKind::Masthead, Some(head), Vec::new(), number, true);
        placed.push(Placed::of(Piece::of_head(head), article));
    }
    for item in &items {
        let chars: Vec<char> = item.blocks.iter().flat_map(|b| b.chars()).collect();
        let title: Vec<char> = item.head.and_then(|h| h.text(Role::Headline)).unwrap_or_default().chars().collect();
        let spoken: Vec<char> = title.iter().chain(&chars).copied().collect();
        let made = match aside::advertisement(&spoken, false) {
            Some(kind) if !item.caption => compose::furniture(kind, item.head, compose::paragraphs(&item.blocks), number, false),
            _ if item.head.is_none() && chars.len() <= 40 && marks::vocabulary(&chars)[3] >= 2.0 => {
                compose::furniture(ArticleKind::Masthead, None, compose::paragraphs(&item.blocks), number, false)
            }
            _ => compose::article(item, number, section),
        };
        placed.push(Placed::of(item.pieces(), made));
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
fn advertisement(blocks: &[Block], kind: ArticleKind, page: &Page) -> Vec<Placed> {
    let paragraphs = blocks.iter().flat_map(|block| compose::paragraphs(&[block])).collect();
    let article = compose::furniture(kind, None, paragraphs, &page.number, false);
    vec![Placed::of(Piece::of_blocks(blocks), article)]
}
