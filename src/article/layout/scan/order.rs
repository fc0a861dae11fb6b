//! The order in which the blocks of a recognised page are read, and what stands at its top.

use crate::article::marks;

use super::chunks::{COLUMN_LINES, Chunk, Measures};

/// How far down the page, as a share of it, a masthead may reach.
const MASTHEAD_SHARE: f32 = 0.35;
/// From which height, as a multiple of the body's, a line at the top is a paper's title.
const TITLE_HEIGHT: f32 = 5.5;

/// Sorts chunks by columns, unless the file has them in an order that follows columns already, as
/// programs write that divide pages into articles.
pub(super) fn in_order(chunks: Vec<Chunk>, measures: &Measures) -> Vec<Chunk> {
    let bodies: Vec<&Chunk> = chunks.iter().filter(|chunk| chunk.block.rows.len() >= COLUMN_LINES).collect();
    let reads_on = |pair: &&[&Chunk]| {
        let (a, b) = (pair[0].area(), pair[1].area());
        let below = a.overlap_x(b) > 0.4 * a.width().min(b.width()) && b.y0 >= a.y1 - 2.0 * measures.height;
        let right = b.x0 >= a.x1 - 0.2 * measures.column;
        let next_band = b.x1 < a.x0 && b.y0 >= a.y1 - 2.0 * measures.height;
        below || right || next_band
    };
    let sane = bodies.windows(2).filter(reads_on).count();
    if sane * 10 >= bodies.len().saturating_sub(1) * 7 { chunks } else { by_columns(chunks, measures) }
}

/// Bands between what spans columns, from top to bottom; in each the columns from left to right.
fn by_columns(mut chunks: Vec<Chunk>, measures: &Measures) -> Vec<Chunk> {
    chunks.sort_by(|a, b| a.area().y0.total_cmp(&b.area().y0));
    let mut bands: Vec<Vec<Chunk>> = vec![Vec::new()];
    for chunk in chunks {
        let wide = chunk.area().width() > 1.5 * measures.column;
        let before = bands.last().is_some_and(|band| band.iter().any(|c| c.area().width() <= 1.5 * measures.column));
        if wide && before {
            bands.push(Vec::new());
        }
        if let Some(band) = bands.last_mut() {
            band.push(chunk);
        }
    }
    for band in &mut bands {
        let column = |chunk: &Chunk| {
            let wide = chunk.area().width() > 1.5 * measures.column;
            let middle = (chunk.area().x0 + chunk.area().x1) / 2.0;
            if wide { -1 } else { (middle / (1.04 * measures.column)).floor() as i32 }
        };
        band.sort_by(|a, b| column(a).cmp(&column(b)).then(a.area().y0.total_cmp(&b.area().y0)));
    }
    bands.into_iter().flatten().collect()
}

/// Takes the paper's title and what stands around it off the top of the page, and folios.
pub(super) fn masthead(chunks: Vec<Chunk>, measures: &Measures) -> (Vec<Chunk>, Vec<Chunk>) {
    let page = &measures.page;
    let limit = MASTHEAD_SHARE * page.height();
    let is_long = |chunk: &Chunk| chunk.block.rows.len() >= 2 * COLUMN_LINES;
    let text = chunks.iter().filter(|chunk| is_long(chunk)).map(|chunk| chunk.area().y0).fold(page.height(), f32::min);
    let is_title = |chunk: &Chunk| {
        let above = chunk.area().y1 <= text + measures.height;
        let folio = above && (marks::vocabulary(&chunk.chars())[3] >= 2.0 || dated(&chunk.chars()));
        chunk.block.rows.len() < COLUMN_LINES && chunk.area().y1 < limit && (chunk.height >= TITLE_HEIGHT * measures.height || folio)
    };
    let mut foot = chunks.iter().filter(|chunk| is_title(chunk)).map(|chunk| chunk.area().y1).fold(0.0, f32::max);
    // What stands closely under a title and is wider than a column is a part of it.
    let under = |chunk: &Chunk, foot: f32| {
        let gap = chunk.area().y0 - foot;
        gap.abs() < 0.5 * measures.height && chunk.area().width() > 1.2 * measures.column && chunk.block.rows.len() <= 2
    };
    if foot > 0.0 {
        foot = chunks.iter().filter(|chunk| under(chunk, foot)).map(|chunk| chunk.area().y1).fold(foot, f32::max);
    }
    // What the library counts to the title, unless it counts articles to it too.
    let holds_text = |name: &str| chunks.iter().any(|chunk| is_long(chunk) && chunk.family() == Some(name));
    let titles = chunks.iter().filter(|chunk| is_title(chunk));
    let family: Vec<String> = titles.filter_map(|c| c.family().filter(|name| !holds_text(name)).map(str::to_owned)).collect();
    chunks.into_iter().partition(|chunk| {
        let named = chunk.family().is_some_and(|name| family.iter().any(|f| f == name));
        !is_long(chunk) && chunk.area().y1 < limit && (chunk.area().y1 <= foot + 0.5 * measures.height || named)
    })
}

/// Whether a line gives a date or an issue's number, as folios do: a number of the year beside a word
/// that is mostly number or name of a month.
fn dated(chars: &[char]) -> bool {
    if chars.len() > 80 {
        return false;
    }
    let text: String = chars.iter().collect();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '°').filter(|w| !w.is_empty()).collect();
    let year = words.iter().any(|w| w.parse::<u16>().is_ok_and(|year| (1600..2200).contains(&year)));
    let issue = words
        .iter()
        .any(|w| matches!(*w, "N°" | "No" | "Nr" | "Nº" | "Num" | "Numéro" | "Nummer" | "Vol" | "Année" | "année" | "Jahrgang"));
    let day = words.iter().any(|w| w.parse::<u8>().is_ok_and(|day| (1..=31).contains(&day)));
    let number = words.iter().any(|w| w.chars().all(|c| c.is_ascii_digit()));
    (year && day && words.len() <= 8) || (issue && number && words.len() <= 12)
}
