//! Shortening a text without parting what a person sees as one character.
//!
//! A service's limit may count characters, UTF-16 units or bytes, so the measure is passed in.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;

/// What stands for the part that was left out.
pub const ELLIPSIS: char = '…';

/// Whether `c` is seen as one character with what stands before it.
///
/// The common part of the extended grapheme clusters of UAX #29: combining marks, joiners and what
/// they join, variation selectors, skin tones, tags, and flags. A run of flags is taken as one, for
/// which pair a letter belongs to can only be told from the beginning of the run.
fn joins(before: char, c: char) -> bool {
    let regional = |c: char| matches!(c, '\u{1f1e6}'..='\u{1f1ff}');
    is_combining_mark(c)
        || matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
        || before == '\u{200d}'
        || (regional(before) && regional(c))
}

/// The last place at or before the byte `at` where `text` can be cut.
pub fn boundary(text: &str, at: usize) -> usize {
    let at = text.floor_char_boundary(at);
    let mut after = text[at..].chars().next();
    for (place, before) in text[..at].char_indices().rev() {
        match after {
            Some(c) if joins(before, c) => after = Some(before),
            _ => return place + before.len_utf8(),
        }
    }
    0
}

/// `text` where it measures at most `budget`; else the longest beginning of it that does so
/// together with an ellipsis. Where not even the ellipsis fits, nothing is left.
///
/// `measure` gives the weight of one character, which must not depend on its neighbours.
pub fn shorten(text: &str, budget: usize, measure: impl Fn(char) -> usize) -> Cow<'_, str> {
    let whole: usize = text.chars().map(&measure).sum();
    if whole <= budget {
        return Cow::Borrowed(text);
    }
    let Some(room) = budget.checked_sub(measure(ELLIPSIS)) else { return Cow::Borrowed("") };
    let mut used = 0;
    let fits = text.char_indices().find(|(_, c)| {
        used += measure(*c);
        used > room
    });
    let end = boundary(text, fits.map_or(text.len(), |(place, _)| place));
    let kept = text[..end].trim_end();
    Cow::Owned(format!("{kept}{ELLIPSIS}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_is_cut_between_characters_as_people_see_them() {
        let chars = |text: &str, budget| shorten(text, budget, |_| 1).into_owned();
        assert_eq!(chars("清渚日报", 4), "清渚日报");
        assert_eq!(chars("清渚日报", 3), "清渚…");
        assert_eq!(chars("e\u{301}te\u{301}", 3), "e\u{301}…");
        assert_eq!(chars("ab👩\u{200d}🌾x", 5), "ab…");
        assert_eq!(chars("👩\u{200d}🌾xyz", 3), "…");
        assert_eq!(chars("a🇨🇳🇩🇪b", 5), "a…");
        assert_eq!(chars("one two", 5), "one…");
        assert_eq!(chars("ab", 0), "");
    }

    #[test]
    fn the_measure_decides_what_fits() {
        assert_eq!(shorten("𠮷野家", 3, char::len_utf16), "𠮷…");
        assert_eq!(shorten("清渚日报", 9, char::len_utf8), "清渚…");
    }

    proptest! {
        #[test]
        fn what_is_left_fits_and_is_a_beginning(text in any::<String>(), budget in 0_usize..40) {
            let short = shorten(&text, budget, char::len_utf16);
            prop_assert!(short.encode_utf16().count() <= budget);
            prop_assert!(text.starts_with(short.strip_suffix(ELLIPSIS).unwrap_or(&short)));
        }

        #[test]
        fn a_boundary_lies_at_or_before_the_place_asked_for(text in any::<String>(), at in 0_usize..60) {
            let found = boundary(&text, at);
            prop_assert!(text.is_char_boundary(found) && found <= at.min(text.len()));
        }
    }
}
