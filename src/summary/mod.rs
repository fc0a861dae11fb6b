//! Summaries: an article to whole sentences of it that fit a budget.
//!
//! Nothing is rewritten: a summary is the sentences that tell best what the article says ([`gist`]), or
//! its first ones ([`lead`]). What is counted are characters as Unicode counts them, which for Chinese and Japanese
//! is what a person counts.

use crate::model::Article;
use crate::model::script::{can_break, closes, is_ideograph, opens};
use crate::model::sentences::{Marks, sentences};
use crate::model::shorten::{ELLIPSIS, boundary};

mod choose;
mod leaning;
mod salience;
mod terms;
mod weights;

/// Which sentences are a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Those that tell best what the article says.
    Gist,
    /// The first ones.
    Lead,
}

impl Kind {
    /// The summary of an article within `chars` characters.
    pub fn of(self, article: &Article, chars: usize) -> String {
        match self {
            Self::Gist => gist(article, chars),
            Self::Lead => lead(article, chars),
        }
    }
}

/// The sentences of the body that tell best what the article says, within `chars` characters and on one
/// line; [`lead`] where none of them fits.
///
/// They stand in the order of the text, and whole: only a sentence that is longer than `chars` by
/// itself may be taken in part, up to the end of a clause and with an ellipsis that is counted. None is
/// taken that leans on one left out, such as one that begins with "he" or "therefore". As few are taken
/// as will do: a sentence that adds little is left out though it would fit.
pub fn gist(article: &Article, chars: usize) -> String {
    let choosing = choose::Choosing::new(article, chars);
    choosing.best().map_or_else(|| lead(article, chars), |choice| choosing.shown(&choice))
}

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

/// What the trainer in `tests/train` and the bench see of the choice.
#[doc(hidden)]
pub mod fitting {
    use crate::model::Article;
    use crate::summary::choose::Choosing;
    pub use crate::summary::choose::TermRow;

    /// The terms of an article's body, given its headlines.
    pub fn terms(article: &Article, heads: &[String]) -> Vec<TermRow> {
        Choosing::new(article, usize::MAX).term_rows(heads)
    }

    /// All summaries of one sentence and of two within a budget.
    pub fn choices(article: &Article, chars: usize) -> Vec<String> {
        let choosing = Choosing::new(article, chars);
        choosing.pairs().iter().map(|choice| choosing.shown(choice)).collect()
    }
}

#[cfg(test)]
mod tests;
