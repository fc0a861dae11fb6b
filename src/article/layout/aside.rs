//! What stands aside of the news: the folio, advertisements, the weather, texts of pictures.

use crate::article::marks;
use crate::model::ArticleKind;
use crate::model::layout::Area;

use super::blocks::{Block, Kind, Tail};
use super::heads::Head;
use super::sheet::{HEAD_SIZE, Row, Sheet};

/// How far down the page, as a share of it, the rule under a masthead may stand.
const TOP_SHARE: f32 = 0.14;
/// How far down the page a masthead without a rule reaches, and where the foot of the page begins.
const HEAD_SHARE: f32 = 0.18;
const FOOT_SHARE: f32 = 0.96;
/// Most characters of a folio.
const FOLIO_CHARS: usize = 240;
/// Most characters of a picture's text.
const CAPTION_CHARS: usize = 220;
/// The size, as a share of the body's, below which a text by a picture is about it.
const SMALL: f32 = 0.97;
/// How far, in em, a text stands from its picture.
const NEAR_EM: f32 = 2.2;
/// Most characters of a weather report.
const WEATHER_CHARS: usize = 140;
/// How many words of the weather make a report of it.
const WEATHER_WORDS: f32 = 4.0;
/// Digits of the shortest telephone number.
const NUMBER_DIGITS: f32 = 7.0;
/// Most characters of an advertisement without a telephone number.
const SHORT_AD_CHARS: usize = 150;
/// Most characters of an advertisement.
const AD_CHARS: usize = 600;

/// Takes the masthead and the folio out of a page's rows: what stands above a rule near the top, or
/// at the very edges, and speaks as folios do.
pub(super) fn folio(sheet: &mut Sheet, width: f32, height: f32) -> Vec<Row> {
    let wide = |rule: &&Area| rule.width() > 0.5 * width && rule.y0 < TOP_SHARE * height;
    let foot = sheet.level.iter().filter(wide).map(|rule| rule.y0).fold(f32::INFINITY, f32::min);
    let above = |row: &Row| foot.is_finite() && row.area.y1 <= foot + 2.0;
    let speaks = |rows: &[&Row]| {
        let text: Vec<char> = rows.iter().flat_map(|row| row.text.chars()).collect();
        text.len() <= FOLIO_CHARS && marks::vocabulary(&text)[3] >= 1.0
    };
    let top: Vec<&Row> = sheet.rows.iter().filter(|row| above(row)).collect();
    let whole = !top.is_empty() && speaks(&top);
    let edge = |row: &Row| {
        let chars = row.chars();
        (row.area.y1 < HEAD_SHARE * height || row.area.y0 > FOOT_SHARE * height)
            && row.size < HEAD_SIZE * sheet.body
            && chars.len() <= FOLIO_CHARS / 2
            && marks::vocabulary(&chars)[3] >= 2.0
    };
    // A row with others close to it is a part of a text that reaches the edge.
    let reach = 2.0 * sheet.lead;
    let apart = |row: &Row| {
        !sheet
            .rows
            .iter()
            .any(|other| (0.5 * row.size..reach).contains(&(other.base - row.base).abs()) && other.area.overlap_x(&row.area) > 0.0)
    };
    let taken: Vec<bool> = sheet.rows.iter().map(|row| (whole && above(row)) || (edge(row) && apart(row))).collect();
    let mut taken = taken.into_iter();
    let (folio, rest): (Vec<Row>, Vec<Row>) = std::mem::take(&mut sheet.rows).into_iter().partition(|_| taken.next().unwrap_or(false));
    sheet.rows = rest;
    folio
}

/// Whether a text speaks as advertisements and notices do; `set_apart` where a frame says so too.
pub(super) fn advertisement(chars: &[char], set_apart: bool) -> Option<ArticleKind> {
    let [ads, notices, ..] = marks::vocabulary(chars);
    let number = marks::longest_number(chars) >= NUMBER_DIGITS;
    let is_one = if set_apart {
        chars.len() <= AD_CHARS && ((number && ads + notices >= 1.0) || (chars.len() <= SHORT_AD_CHARS && ads + notices >= 2.0))
    } else {
        chars.len() <= 2 * SHORT_AD_CHARS && ads + notices >= 2.0 && number
    };
    is_one.then_some(if notices >= 1.0 { ArticleKind::Notice } else { ArticleKind::Ad })
}

/// Whether a block is a weather report.
pub(super) fn is_weather(block: &Block) -> bool {
    let chars = block.chars();
    block.kind == Kind::Body
        && chars.len() <= WEATHER_CHARS
        && block.tail() != Tail::Unfinished
        && marks::vocabulary(&chars)[2] >= WEATHER_WORDS
        && chars.iter().any(|c| c.is_ascii_digit())
}

/// Whether a block is the text of a picture that it stands under or beside.
pub(super) fn is_caption(block: &Block, sheet: &Sheet) -> bool {
    let chars = block.chars();
    if block.kind != Kind::Body && block.kind != Kind::Byline || chars.len() > CAPTION_CHARS {
        return false;
    }
    let credited = marks::ending(&chars).is_some_and(|e| e.picture);
    (credited || block.size < SMALL * sheet.body) && sheet.pictures.iter().any(|picture| stands_at(&block.area, picture, block.size))
}

/// Whether a text stands under a picture or at its side.
pub(super) fn stands_at(text: &Area, picture: &Area, size: f32) -> bool {
    let reach = NEAR_EM * size;
    let gap = text.y0 - picture.y1;
    let under =
        text.overlap_x(picture) > 0.6 * text.width() && gap > -0.5 * size && gap <= reach && text.width() <= picture.width() + 2.0 * size;
    let side = (text.x0 - picture.x1).max(picture.x0 - text.x1);
    let beside = text.overlap_y(picture) > 0.7 * text.height() && side > -0.5 * size && side <= reach && text.height() <= picture.height();
    under || beside
}

/// The headline of a caption: right above it under the picture, or right below it and nearer to it than
/// to any text below.
pub(super) fn title_of(caption: &Block, heads: &[Head], blocks: &[Block]) -> Option<usize> {
    let here = caption.area;
    let held = |head: &Head| {
        let a = &head.area;
        a.x0 >= caption.left - caption.size && a.x1 <= caption.right.max(here.x1) + caption.size
    };
    heads.iter().position(|head| {
        let below = head.area.y0 - here.y1;
        let next = blocks
            .iter()
            .filter(|b| b.area.y0 > head.area.y0 && b.area.overlap_x(&head.area) > 0.0)
            .map(|b| b.area.y0 - head.area.y1)
            .fold(f32::INFINITY, f32::min);
        !head.down && held(head) && below > -0.6 * caption.size && below <= 1.2 * caption.size && next > below + 0.5 * caption.size
    })
}
