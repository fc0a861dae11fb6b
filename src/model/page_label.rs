//! The label of a page, in the one form in which it is a key everywhere.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// Digits that a page's number has at least: papers print `02`, and an edition has more than nine
/// pages often enough.
const MIN_DIGITS: usize = 2;

/// What a page of an edition is called: `02`, `A05`, `03B`.
///
/// One page may come under several names: a file `2.txt` that was `02.txt` yesterday is the same
/// page, and so is `a5` for `A05`. A label of ASCII letters and digits is therefore kept with its
/// letters in capitals and its numbers with two digits at least, whichever way it was written. Other
/// labels (`头版`, `第3版`) are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String")]
pub struct PageLabel(String);

impl PageLabel {
    /// The label of the page that a source calls `name`.
    pub fn new(name: &str) -> Self {
        let is_short = name.bytes().all(|b| b.is_ascii_alphanumeric()) && name.bytes().any(|b| b.is_ascii_digit());
        Self(if is_short { in_one_form(name) } else { name.to_owned() })
    }

    /// The label as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn in_one_form(name: &str) -> String {
    let mut label = String::with_capacity(name.len() + MIN_DIGITS);
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 0 {
            label.push(first.to_ascii_uppercase());
            rest = &rest[first.len_utf8()..];
        } else {
            let significant = rest[..digits].trim_start_matches('0');
            label.extend(std::iter::repeat_n('0', MIN_DIGITS.saturating_sub(significant.len())));
            label.push_str(significant);
            rest = &rest[digits..];
        }
    }
    label
}

impl Deref for PageLabel {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PageLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq<&str> for PageLabel {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl From<&str> for PageLabel {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for PageLabel {
    fn from(name: String) -> Self {
        Self::new(&name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn label(name: &str) -> String {
        PageLabel::new(name).to_string()
    }

    #[test]
    fn leading_zeros_and_case_do_not_make_another_page() {
        for (names, expected) in [(["02", "2", "002"], "02"), (["A5", "a05", "A005"], "A05"), (["3b", "03B", "3B"], "03B")] {
            assert_eq!(names.map(label), [expected; 3]);
        }
        assert_eq!(["20", "100", "0", "A0b00", "20230220"].map(label), ["20", "100", "00", "A00B00", "20230220"]);
    }

    #[test]
    fn labels_of_words_stay_as_they_are() {
        assert_eq!(["头版", "第3版", "front", "特 1", ""].map(label), ["头版", "第3版", "front", "特 1", ""]);
    }

    proptest! {
        #[test]
        fn a_label_is_in_its_one_form_already(name in "[0-3aAb版 ]{0,6}") {
            let once = PageLabel::new(&name);
            prop_assert_eq!(PageLabel::new(&once), once);
        }
    }
}
