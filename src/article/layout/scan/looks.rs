//! What the blocks of a recognised page are by their look.

use crate::article::script::ends_sentence;
use crate::model::layout::Area;

use super::chunks::{Chunk, Measures, TALL, stacked};

/// Most lines of a headline.
pub(super) const HEAD_LINES: usize = 4;

/// Most characters of a headline.
const HEAD_CHARS: usize = 170;
/// Most characters of a name under a text.
const NAME_CHARS: usize = 40;
/// From which score a piece is a headline.
const HEAD_SCORE: f32 = 1.6;

/// What a chunk is by its look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Head,
    Name,
    Text,
}

pub(super) fn looks(chunks: &[Chunk], measures: &Measures) -> Vec<Look> {
    let mut looks = vec![Look::Text; chunks.len()];
    for n in 0..chunks.len() {
        let before = n.checked_sub(1).map(|p| (&chunks[p], looks[p]));
        looks[n] = if is_name(&chunks[n], before, chunks.get(n + 1), measures) {
            Look::Name
        } else if head_score(&chunks[n], before, chunks.get(n + 1), measures) >= HEAD_SCORE {
            Look::Head
        } else {
            Look::Text
        };
    }
    looks
}

/// Whether a chunk is a name under a text, at its right and nearer to it than to a text below.
fn is_name(chunk: &Chunk, before: Option<(&Chunk, Look)>, after: Option<&Chunk>, measures: &Measures) -> bool {
    let chars = chunk.chars();
    let Some((text, Look::Text)) = before else { return false };
    let right = chunk.area().x0 > text.area().x0 + 0.4 * text.area().width() && chunk.area().x1 > text.area().x1 - 0.25 * measures.column;
    let gap = chunk.area().y0 - text.area().y1;
    let heads = after.is_some_and(|after| {
        after.block.rows.len() > 1
            && after.area().overlap_x(chunk.area()) > 0.0
            && (-0.5 * measures.height..gap).contains(&(after.area().y0 - chunk.area().y1))
    });
    let below = gap < 2.0 * measures.height && !heads;
    chunk.block.rows.len() == 1 && chunk.height < TALL * measures.height && right && below && reads_as_name(&chars)
}

/// Capitalised words, initials, or a row of stars.
pub(super) fn reads_as_name(chars: &[char]) -> bool {
    let text: String = chars.iter().collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    let particle = |w: &&str| matches!(*w, "de" | "du" | "von" | "van" | "le" | "la" | "di" | "and" | "et" | "und");
    let capital = |w: &&str| {
        w.starts_with(|c: char| c.is_uppercase()) && w.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | '-' | '\'' | '’' | ','))
    };
    (1..=5).contains(&words.len())
        && chars.len() <= NAME_CHARS
        && words.iter().all(|w| capital(w) || particle(w))
        && words.iter().any(capital)
}

/// How much speaks for a headline.
fn head_score(chunk: &Chunk, before: Option<(&Chunk, Look)>, after: Option<&Chunk>, measures: &Measures) -> f32 {
    let rows = &chunk.block.rows;
    let chars = chunk.chars();
    if rows.len() > HEAD_LINES || chars.len() > HEAD_CHARS || chars.is_empty() {
        return f32::NEG_INFINITY;
    }
    let (area, ratio) = (chunk.area(), chunk.height / measures.height);
    let letters = chars.iter().filter(|c| c.is_alphabetic()).count().max(1);
    let capitals = chars.iter().filter(|c| c.is_uppercase()).count();
    let first = chars.iter().find(|c| c.is_alphanumeric());
    let mut score = match rows.len() {
        1 => 1.0,
        2 => 0.6,
        _ => 0.0,
    };
    score += (2.5 * (ratio - 1.0)).clamp(-0.5, 3.0);
    // Stars and dashes under a text are ornaments.
    let chars: Vec<char> = chars[..chars.len() - chars.iter().rev().take_while(|c| " *-—–_".contains(**c)).count()].to_vec();
    score -= if rows.len() > 2 && ratio < TALL { 1.0 } else { 0.0 };
    score -= match chars.last() {
        Some(',' | ';' | ':' | '，' | '；') => 2.0,
        _ if !ends_sentence(&chars) => 0.0,
        Some('?' | '!' | '？' | '！') => 0.3,
        _ if ratio >= 1.5 => 0.3,
        _ => 1.5,
    };
    // A headline in two lines may be two blocks, of which the second goes on in the sentence.
    let goes_on = matches!(before, Some((head, Look::Head)) if stacked(head, chunk, measures) && !ends_sentence(&head.chars()));
    score -= if rows.last().is_some_and(|row| row.soft) { 2.0 } else { 0.0 };
    score -= if first.is_some_and(|c| c.is_lowercase()) && !goes_on { 1.5 } else { 0.0 };
    let column =
        after.filter(|after| after.area().overlap_x(area) > 0.0 && after.block.rows.len() > 1).map_or(*area, |after| *after.area());
    let middle = |a: &Area| (a.x0 + a.x1) / 2.0;
    let narrow = area.width() < 0.92 * column.width().max(0.8 * measures.column);
    score += if narrow { 0.7 } else { 0.0 };
    let centred = narrow && (middle(area) - middle(&column)).abs() < 0.06 * measures.column;
    score += if centred { 0.5 } else { 0.0 };
    // The last line of a paragraph stands at the left; a short one in the middle may end with a full stop.
    score += if centred && chunk.whole && rows.len() == 1 && area.width() < 0.7 * measures.column { 0.8 } else { 0.0 };
    score += if chunk.whole { 0.7 } else { 0.3 };
    score += if letters > 3 && capitals * 10 >= letters * 7 { 0.7 } else { 0.0 };
    if let Some((text, Look::Text)) = before {
        let last = text.block.rows.last();
        let divided = last.is_some_and(|row| row.soft || row.text.ends_with('-'));
        score -= if divided {
            2.0
        } else if text.block.rows.len() > 1 && !ends_sentence(&text.chars()) {
            0.5
        } else {
            0.0
        };
    }
    let begins = after.and_then(|after| after.chars().into_iter().find(|c| c.is_alphanumeric()));
    score += match begins {
        Some(c) if c.is_lowercase() && after.is_some_and(|after| after.block.rows.len() > 1) => -1.2,
        Some(_) => 0.4,
        None => -0.5,
    };
    score
}
