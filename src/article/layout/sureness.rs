//! How sure the cut of a printed page is of an item: a logistic regression of what the steps of its text
//! cost, fitted by `tests/train/sureness.py`.

use super::flow::Chain;

/// What a text of one block has for the dearest step within it, as it was fitted.
const NO_STEP: f32 = -4.0;
/// Constant, dearest step from block to block, steps that cost more than nothing, first step, no headline.
const WEIGHTS: [f32; 5] = [1.939, -0.168, 0.091, -0.515, -1.653];

/// The probability that the text is whole and its headline the right one.
pub(super) fn of(chain: &Chain) -> f32 {
    let (first, steps) = chain.costs.split_first().map_or((0.0, [].as_slice()), |(first, steps)| (*first, steps));
    let dearest = steps.iter().copied().reduce(f32::max).unwrap_or(NO_STEP);
    let dear = steps.iter().filter(|cost| **cost > 0.0).count() as f32;
    let features = [1.0, dearest, dear, first, f32::from(chain.head.is_none())];
    let sum: f32 = features.iter().zip(WEIGHTS).map(|(feature, weight)| feature * weight).sum();
    1.0 / (1.0 + (-sum).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dear_step_makes_less_sure_than_a_cheap_one_and_a_headline_more() {
        let chain = |head, costs: &[f32]| Chain { head, costs: costs.to_vec(), ..Chain::default() };
        let cheap = of(&chain(Some(0), &[-2.0, -6.0]));
        let dear = of(&chain(Some(0), &[-2.0, 4.0]));
        assert!(cheap > dear && dear > 0.5, "{cheap} {dear}");
        let headless = of(&chain(None, &[3.0]));
        assert!(headless < 0.5 && headless < of(&chain(Some(0), &[3.0])), "{headless}");
    }
}
