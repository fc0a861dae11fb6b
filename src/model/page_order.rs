//! The order of a paper's pages by their labels: `2` before `10`, `A2` before `A10` before `B1`.

use std::cmp::Ordering;

/// Compares two labels: runs of digits by their value, everything else by its letters without
/// regard to case, and labels that differ only in leading zeros or case letter by letter.
pub fn by_page(a: &str, b: &str) -> Ordering {
    natural(a, b).then_with(|| a.cmp(b))
}

fn natural(mut a: &str, mut b: &str) -> Ordering {
    while !a.is_empty() && !b.is_empty() {
        let ((x, x_rest), (y, y_rest)) = (first_run(a), first_run(b));
        let order = match (number(x), number(y)) {
            (Some(x), Some(y)) => x.len().cmp(&y.len()).then_with(|| x.cmp(y)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => x.to_uppercase().cmp(&y.to_uppercase()),
        };
        if order.is_ne() {
            return order;
        }
        (a, b) = (x_rest, y_rest);
    }
    a.len().cmp(&b.len())
}

/// The run of digits, or of anything else, that `label` begins with, and what follows.
fn first_run(label: &str) -> (&str, &str) {
    let digits = label.starts_with(|c: char| c.is_ascii_digit());
    label.split_at(label.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(label.len()))
}

/// The digits of a number without leading zeros, so that the longer one is the larger one however
/// many digits a label has.
fn number(run: &str) -> Option<&str> {
    run.starts_with(|c: char| c.is_ascii_digit()).then(|| run.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pages_are_in_the_order_of_the_paper() {
        let mut labels = ["B1", "A10", "10", "2", "A2", "01", "特2", "a1", "99999999999999999999999", "A"];
        labels.sort_by(|a, b| by_page(a, b));
        assert_eq!(labels, ["01", "2", "10", "99999999999999999999999", "A", "a1", "A2", "A10", "B1", "特2"]);
    }

    proptest! {
        #[test]
        fn the_order_is_total(a in "[0-3AaB特]{0,4}", b in "[0-3AaB特]{0,4}", c in "[0-3AaB特]{0,4}") {
            prop_assert_eq!(by_page(&a, &b), by_page(&b, &a).reverse());
            prop_assert_eq!(by_page(&a, &b).is_eq(), a == b);
            if by_page(&a, &b).is_le() && by_page(&b, &c).is_le() {
                prop_assert!(by_page(&a, &c).is_le(), "{} {} {}", a, b, c);
            }
        }
    }
}
