//! Summaries: an article to the whole sentences of its beginning that fit a budget.
//!
//! A newspaper puts the news into the first sentences, so these are the summary; nothing is
//! rewritten. What is counted are characters as Unicode counts them, which for Chinese and Japanese
//! is what a person counts.

use crate::model::Article;
use crate::model::shorten::{ELLIPSIS, boundary};

mod script;
mod sentences;

use script::{can_break, closes, is_ideograph, opens};
use sentences::{Marks, sentences};

/// The first sentences of the body that together have at most `chars` characters, on one line.
///
/// No sentence is cut, unless the first one alone is longer than the budget: then it is cut at a
/// clause mark, or else between two words, or else between two characters, and ends in an ellipsis
/// that is counted. Empty where there is no body, or no room for a beginning.
///
/// The text is that of the body but for white space: runs of it become one space, and paragraphs
/// are joined without one where the script writes none.
pub fn lead(article: &Article, chars: usize) -> String {
    let mut lead = String::new();
    let mut used = 0;
    for paragraph in article.text() {
        let paragraph = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        for (place, sentence) in sentences(&paragraph).into_iter().enumerate() {
            let space = if place == 0 && needs_space(&lead, sentence) { " " } else { "" };
            let more = space.len() + sentence.chars().count();
            if used + more > chars {
                return if lead.is_empty() { cut(sentence, chars) } else { lead };
            }
            lead.push_str(space);
            lead.push_str(sentence);
            used += more;
        }
    }
    lead
}

/// Whether a paragraph that follows `lead` is set off by a space: always, but for a sentence in a
/// script without spaces that follows a punctuation mark.
fn needs_space(lead: &str, paragraph: &str) -> bool {
    let Some(last) = lead.chars().next_back() else { return false };
    let first = paragraph.chars().find(|c| c.is_alphanumeric());
    last.is_alphanumeric() || !first.is_some_and(is_ideograph)
}

/// A beginning of `sentence` with an ellipsis, at most `chars` characters together.
///
/// A clause that would give less than a third of the room tells too little: a place between words
/// is preferred to it.
fn cut(sentence: &str, chars: usize) -> String {
    let Some(room) = chars.checked_sub(1) else { return String::new() };
    let places: Vec<(usize, char)> = sentence.char_indices().collect();
    let end = places.get(room).map_or(sentence.len(), |(place, _)| *place);
    let ahead = |n: usize| places.get(n).map(|(_, c)| *c);
    let marks = Marks::of(&places);

    let last_at = |stops: &dyn Fn(usize) -> bool| (room / 3..=room).rev().find(|n| *n > 0 && stops(*n));
    let between_words = |n: usize| ahead(n - 1).zip(ahead(n)).is_some_and(|(a, b)| can_break(a, b));
    let place = last_at(&|n| marks.ends_clause(n))
        .or_else(|| last_at(&|n| ahead(n) == Some('、')))
        .or_else(|| last_at(&between_words))
        .and_then(|n| places.get(n))
        .map_or_else(|| boundary(sentence, end), |(place, _)| *place);

    // A bracket that has just been opened, and the mark in whose place the ellipsis stands.
    let kept = sentence[..place].trim_end_matches(|c: char| opens(c) || c.is_whitespace() || is_loose_mark(c));
    match kept {
        "" => String::new(),
        kept => format!("{kept}{ELLIPSIS}"),
    }
}

/// A mark that says that more follows, as the ellipsis does.
fn is_loose_mark(c: char) -> bool {
    matches!(c, '，' | '、' | '；' | '：' | ',' | ';' | ':' | '—' | '–' | '-' | '…' | '·') && !closes(c)
}

#[cfg(test)]
mod tests;
