//! The sentence that a word stands in, with the word marked.

use std::ops::Range;

use crate::model::sentences::Marks;
use crate::model::shorten::ELLIPSIS;
use crate::model::{MARK_CLOSE, MARK_OPEN};

/// The sentence of `sentences` that holds the character `place.start`, at most `chars` characters of it
/// and the word marked. What is too long is cut at clauses, or else around the word.
pub(super) fn excerpt(sentences: &[&str], place: Range<usize>, chars: usize) -> String {
    let mut before = 0;
    for sentence in sentences {
        let length = sentence.chars().count();
        if place.start < before + length {
            let text: Vec<char> = sentence.chars().collect();
            let word = place.start - before..(place.end - before).min(length);
            let shown = window(sentence, &text, &word, chars);
            return marked(&text, &word, &shown);
        }
        before += length;
    }
    String::new()
}

/// The part of a sentence that is shown: all of it, or the clauses around the word that fit, or as much
/// around the word as fits.
fn window(sentence: &str, text: &[char], word: &Range<usize>, chars: usize) -> Range<usize> {
    if text.len() <= chars {
        return 0..text.len();
    }
    // Room for an ellipsis on either side.
    let room = chars.saturating_sub(2).max(word.len());
    let indices: Vec<(usize, char)> = sentence.char_indices().collect();
    let marks = Marks::of(&indices);
    let stops: Vec<usize> = std::iter::once(0)
        .chain((1..text.len()).filter(|n| marks.ends_clause(*n)).map(|n| n + 1))
        .chain(std::iter::once(text.len()))
        .collect();
    let start = stops.iter().copied().rfind(|stop| *stop <= word.start).unwrap_or(0);
    let end = stops.iter().copied().find(|stop| *stop >= word.end).unwrap_or(text.len());
    if end - start > room {
        let start = word.start.saturating_sub((room - word.len()) / 2).max(start);
        return start..(start + room).min(end).max(word.end);
    }
    let further = stops.iter().copied().rfind(|stop| *stop <= start + room).unwrap_or(end).max(end);
    start..further
}

fn marked(text: &[char], word: &Range<usize>, shown: &Range<usize>) -> String {
    // Brackets of the text itself, which some papers put around places, are not to be taken for marks.
    let plain = |c: &char| match *c {
        MARK_OPEN => '[',
        MARK_CLOSE => ']',
        c => c,
    };
    let part = |range: Range<usize>| text[range].iter().map(plain).collect::<String>();
    let (before, behind) = (part(shown.start..word.start), part(word.end..shown.end));
    let before = if shown.start > 0 { format!("{ELLIPSIS}{}", before.trim_start()) } else { before.trim_start().to_owned() };
    let behind = if shown.end < text.len() {
        format!("{}{ELLIPSIS}", behind.trim_end_matches(['，', '；', '：', ',', ';', ':', ' ']))
    } else {
        behind.trim_end().to_owned()
    };
    format!("{before}{MARK_OPEN}{}{MARK_CLOSE}{behind}", part(word.clone()))
}
