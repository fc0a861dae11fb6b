//! Which display lines stand over which bodies, decided for the whole page at once.
//!
//! Every line has fitted log odds for every body, and neighbouring lines have fitted log odds of
//! standing together. What neither sees is the page: each body wants a headline, and wants it in one
//! place. So the choice is made by an objective over all lines, climbed from the best choice of each
//! line by itself; a line may also stay without a body.

/// The log odds of a line that stands over no body at all.
const NOWHERE: f32 = -3.0;

/// The same of a line next to an advertisement or a notice: these have titles and slogans of their
/// own, set like headlines.
const NOWHERE_BESIDE_NOTICE: f32 = 1.7;

/// What it costs, in log odds, that a body of full length has no line over it.
const BARE: f32 = 2.0;

/// Characters from which on a body counts as one of full length; shorter ones, captions most of
/// all, often have no headline.
const FULL_LENGTH: f32 = 200.0;

/// What it costs, in log odds, that the lines over a body stand in one more place.
const SCATTERED: f32 = 2.0;

/// The share at which the odds that neighbours stand together count. In full they overrule what the
/// lines say themselves: headlines of one list look alike and are not one.
const TOGETHER: f32 = 0.8;

/// How far behind a line's best body, in log odds, another one is still tried.
const WORTH_TRYING: f32 = 6.0;

/// Sweeps over all lines at most. The objective grows with each, so it ends; a page takes three.
const MAX_SWEEPS: usize = 12;

/// The lines of a page as the objective sees them.
struct Lines {
    /// For every line, the log of its chance to stand over each body; last, over none.
    chances: Vec<Vec<f32>>,
    /// For every line, the bodies worth trying, and none.
    tried: Vec<Vec<usize>>,
    /// For every line, the log odds that it stands together with the one before it.
    together: Vec<f32>,
    /// What each body loses without a line over it.
    bare: Vec<f32>,
}

fn log_sigmoid(x: f32) -> f32 {
    -(1.0 + (-x).exp()).ln()
}

/// The log chances of a line over each body and over none.
pub(super) fn chances(scores: &[f32], beside_notice: bool) -> Vec<f32> {
    let nowhere = if beside_notice { NOWHERE_BESIDE_NOTICE } else { NOWHERE };
    let odds: Vec<f32> = scores.iter().copied().chain([nowhere]).collect();
    let top = odds.iter().copied().fold(f32::MIN, f32::max);
    let sum = odds.iter().map(|o| (o - top).exp()).sum::<f32>().ln() + top;
    odds.iter().map(|o| o - sum).collect()
}

impl Lines {
    fn of(scores: &[Vec<f32>], same: &[f32], sizes: &[f32], beside_notice: &[bool]) -> Self {
        let chances: Vec<Vec<f32>> = scores.iter().zip(beside_notice).map(|(s, beside)| chances(s, *beside)).collect();
        let tried = chances.iter().map(|line| {
            let top = line.iter().copied().fold(f32::MIN, f32::max);
            (0..line.len()).filter(|b| *b == sizes.len() || line[*b] > top - WORTH_TRYING).collect()
        });
        Self {
            tried: tried.collect(),
            chances,
            together: std::iter::once(0.0).chain(same.iter().copied()).collect(),
            bare: sizes.iter().map(|s| BARE * (s / FULL_LENGTH).min(1.0)).collect(),
        }
    }

    /// Every line over its own best body.
    fn each_by_itself(&self) -> Vec<usize> {
        let best = |line: &Vec<f32>| (0..line.len()).max_by(|a, b| line[*a].total_cmp(&line[*b]).then(b.cmp(a)));
        self.chances.iter().map(|line| best(line).unwrap_or(self.bare.len())).collect()
    }

    /// The objective: log chances of lines and of neighbours, less what bare and scattered bodies
    /// cost.
    fn value(&self, owners: &[usize]) -> f32 {
        let mut value = 0.0;
        let mut places = vec![0.0_f32; self.bare.len()];
        for (line, owner) in owners.iter().enumerate() {
            value += self.chances[line][*owner];
            let together = line > 0 && owners[line - 1] == *owner;
            if line > 0 {
                value += TOGETHER * log_sigmoid(if together { self.together[line] } else { -self.together[line] });
            }
            if let Some(places) = places.get_mut(*owner).filter(|_| !together) {
                *places += 1.0;
            }
        }
        for (bare, places) in self.bare.iter().zip(places) {
            value -= if places > 0.0 { SCATTERED * (places - 1.0) } else { *bare };
        }
        value
    }

    /// Climbs until no change of one line, nor of one line and of the line that it drives out, makes
    /// the objective larger.
    fn climb(&self, mut owners: Vec<usize>) -> Vec<usize> {
        let mut best = self.value(&owners);
        for _ in 0..MAX_SWEEPS {
            let before = best;
            for line in 0..owners.len() {
                for choice in &self.tried[line] {
                    let (value, driven_out) = self.with(&mut owners, line, *choice);
                    if value > best + f32::EPSILON * best.abs().max(1.0) * 8.0 {
                        best = value;
                        owners[line] = *choice;
                        if let Some((other, owner)) = driven_out {
                            owners[other] = owner;
                        }
                    }
                }
            }
            if best <= before {
                break;
            }
        }
        owners
    }

    /// The objective with `line` over `choice`, and the first line that was over it moved on where
    /// that makes it larger still. `owners` is as before afterwards.
    fn with(&self, owners: &mut [usize], line: usize, choice: usize) -> (f32, Option<(usize, usize)>) {
        let kept = std::mem::replace(&mut owners[line], choice);
        let mut found = (self.value(owners), None);
        let holder = (0..owners.len()).find(|o| *o != line && owners[*o] == choice && choice < self.bare.len());
        if let Some(holder) = holder {
            let held = owners[holder];
            for other in &self.tried[holder] {
                owners[holder] = *other;
                let value = self.value(owners);
                if value > found.0 {
                    found = (value, Some((holder, *other)));
                }
            }
            owners[holder] = held;
        }
        owners[line] = kept;
        found
    }
}

/// The owner of each display line with the line's log odds for it.
///
/// `scores` has a row a line and a column a body; `same` the log odds that a line stands together
/// with the one before it, from the second line on; `sizes` the characters of each body;
/// `beside_notice` tells of each line whether an advertisement or a notice stands next to it.
pub(super) fn owners(scores: &[Vec<f32>], same: &[f32], sizes: &[f32], beside_notice: &[bool]) -> Vec<Option<(usize, f32)>> {
    let lines = Lines::of(scores, same, sizes, beside_notice);
    let found = lines.climb(lines.each_by_itself());
    found.into_iter().zip(scores).map(|(owner, scores)| scores.get(owner).map(|score| (owner, *score))).collect()
}

#[cfg(test)]
mod tests {
    use super::owners;

    /// Only whom each line belongs to.
    fn of(scores: &[[f32; 2]], same: &[f32], sizes: &[f32]) -> Vec<Option<usize>> {
        let scores: Vec<Vec<f32>> = scores.iter().map(|s| s.to_vec()).collect();
        owners(&scores, same, sizes, &vec![false; scores.len()]).into_iter().map(|o| o.map(|o| o.0)).collect()
    }

    #[test]
    fn lines_that_look_like_one_list_still_stand_over_their_own_bodies() {
        assert_eq!(of(&[[4.0, -3.0], [-2.0, 3.5]], &[1.9], &[800.0, 800.0]), [Some(0), Some(1)]);
    }

    #[test]
    fn a_line_between_two_goes_to_the_body_that_has_none() {
        assert_eq!(of(&[[2.0, -4.0], [0.5, 0.0]], &[0.0], &[800.0, 800.0]), [Some(0), Some(1)]);
    }

    #[test]
    fn a_line_that_belongs_nowhere_stays_alone_where_the_body_has_its_headline() {
        assert_eq!(of(&[[3.0, -6.0], [-6.0, -6.0]], &[-2.0], &[800.0, 40.0]), [Some(0), None]);
    }
}
