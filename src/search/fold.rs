//! Folding: what counts as the same character.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The combining marks that European scripts put over and under letters.
const ACCENTS: std::ops::RangeInclusive<char> = '\u{300}'..='\u{36f}';

/// `text` with width, case and accents taken away: `ＣＡＦÉ` and `cafe` fold alike.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    text.chars().for_each(|c| fold_char(c, &mut |f| folded.push(f)));
    folded
}

/// What one character folds to: usually one, sometimes several (`ﬁ`), none for an accent that
/// stands as a character of its own.
pub(super) fn fold_char(c: char, push: &mut impl FnMut(char)) {
    if c.is_ascii() {
        return push(c.to_ascii_lowercase());
    }
    // Ideographs, by far the most characters of a Chinese text, fold to themselves.
    if matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{2f7ff}') {
        return push(c);
    }
    for wide in std::iter::once(c).nfkc() {
        if is_accented_script(wide) {
            // Lower-casing may bring a mark of its own (`İ`), so marks are taken off last.
            std::iter::once(wide).nfd().flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c)).for_each(&mut *push);
        } else if !ACCENTS.contains(&wide) {
            wide.to_lowercase().for_each(&mut *push);
        }
    }
}

/// Latin, Greek and Cyrillic, in which an accent makes no other letter to a reader who cannot type
/// it. In other scripts a mark is a part of the letter: `が` is not `か`.
fn is_accented_script(c: char) -> bool {
    matches!(c, 'A'..='z' | '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{52f}' | '\u{1e00}'..='\u{1fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn width_case_and_accents_do_not_matter_and_voicing_does() {
        for (text, folded) in [
            ("ＣＡＦÉ", "cafe"),
            ("e\u{301}cole", "ecole"),
            ("İSTANBUL", "istanbul"),
            ("Ångström", "angstrom"),
            ("ΆΛΦΑ", "αλφα"),
            ("ЁЛКА", "елка"),
            ("新能源５Ｇ", "新能源5g"),
            ("ﬁnal", "final"),
            ("がカ", "がカ"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            // One character at a time: what folds to a letter and a mark of another script may compose.
            let once = fold(&text);
            let twice = fold(&once);
            prop_assert_eq!(fold(&twice), twice);
        }
    }
}
