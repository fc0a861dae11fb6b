//! Page labels: the order of an edition's pages, told from what the source calls them.

use std::cmp::Ordering;

/// More pages than an edition has; a label with a larger number (a date, an article's number) says
/// nothing of the page's place.
const MAX_PAGES: u32 = 200;

/// The place of a page in its edition, from 0, told from the first run of digits in its label:
/// `01` → 0, `A05` → 4, `第3版` → 2. A label without digits, or with a number beyond
/// [`MAX_PAGES`], counts as the first page.
///
/// Sections are not told apart, for a label does not say how many pages the sections before it
/// have: `A05` and `B05` share a place. Times, which is what the place is for, are made distinct
/// anyhow.
pub(super) fn ordinal(label: &str) -> u32 {
    let digits: String = label.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse::<u32>().ok().filter(|number| *number <= MAX_PAGES).map_or(0, |number| number.saturating_sub(1))
}

/// Orders labels as a reader would: by what stands before the first digits, then by their number,
/// so that `2` stands before `10` and `A10` before `B1`; then by the label itself.
pub(super) fn reading_order(a: &str, b: &str) -> Ordering {
    fn parts(label: &str) -> (&str, usize, &str) {
        let start = label.find(|c: char| c.is_ascii_digit()).unwrap_or(label.len());
        let rest = &label[start..];
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let number = rest[..end].trim_start_matches('0');
        // Numbers without leading zeros compare by length, then digit by digit: none is too long.
        (&label[..start], number.len(), number)
    }
    parts(a).cmp(&parts(b)).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_page_is_told_from_the_digits_of_its_label() {
        let places = ["01", "2", "A05", "B05", "第3版", "头版", "00", "20230220", "99999999999999999999"].map(ordinal);
        assert_eq!(places, [0, 1, 4, 4, 2, 0, 0, 0, 0]);
    }

    #[test]
    fn pages_stand_in_the_order_of_their_sections_and_numbers() {
        let mut labels = ["B1", "10", "A10", "2", "A02", "01", "1", "头版"];
        labels.sort_by(|a, b| reading_order(a, b));
        assert_eq!(labels, ["01", "1", "2", "10", "A02", "A10", "B1", "头版"]);
    }
}
