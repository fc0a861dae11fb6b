//! What texts are compared by: ideographs, words, numbers.
//!
//! Two texts in Chinese share characters, two in English words. So an ideograph is a unit, and so is a
//! run of letters or of digits.

use super::script::is_ideograph;

/// The units of `text` in their order; marks and white space are none. A text that is to be compared is
/// folded first ([`super::fold`]).
pub fn units(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut run: Option<(usize, bool)> = None;
    for (at, c) in text.char_indices() {
        let kind = (c.is_alphanumeric() && !is_ideograph(c)).then(|| c.is_ascii_digit());
        if let Some((start, _)) = run.filter(|(_, digits)| kind != Some(*digits)) {
            found.push(&text[start..at]);
            run = None;
        }
        if is_ideograph(c) {
            found.push(&text[at..at + c.len_utf8()]);
        } else if let Some(digits) = kind
            && run.is_none()
        {
            run = Some((at, digits));
        }
    }
    if let Some((start, _)) = run {
        found.push(&text[start..]);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ideographs_words_and_numbers_are_units() {
        assert_eq!(units("2.3万名, gpt5 in Köln。"), ["2", "3", "万", "名", "gpt", "5", "in", "Köln"]);
        assert_eq!(units("，。 "), [""; 0]);
    }
}
