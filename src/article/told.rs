//! What a line tells that a body tells, against chance.
//!
//! A headline and its body share words, but so do any two texts of one page: a long body holds most
//! common words, and a page on one subject has that subject's words everywhere. So each gram that a
//! line shares with a body counts by how surprising it is that a text of that length holds it: by how
//! rare it is in running text, and by how many other bodies of the page hold it too.

use super::grams::{Gram, Rarity, rarity};

/// What a gram tells at least, however sure a body holds it.
const LEAST: f32 = 0.02;

/// A body as lines see it: its grams, sorted, and how many characters it has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) grams: &'a [Gram],
    pub(super) characters: f32,
}

impl Text<'_> {
    pub(super) fn holds(&self, gram: Gram) -> bool {
        self.grams.binary_search(&gram).is_ok()
    }

    /// How surprising it is, in nats, that this body holds a gram; `among` counts the page's bodies.
    fn surprise(&self, gram: Gram, held: bool, among: &Rarity) -> f32 {
        let by_length = 1.0 - (-self.characters * (-rarity(gram)).exp()).exp();
        let others = f32::from(among.count(gram)) - f32::from(u8::from(held));
        let by_page = others.max(0.0) / among.texts().max(2.0);
        (-by_length.max(by_page).max(f32::MIN_POSITIVE).ln()).max(LEAST)
    }
}

/// What a line with these `grams` tells of a body, in nats, and what share that is of what it could tell.
pub(super) fn told(grams: &[Gram], body: Text<'_>, among: &Rarity) -> (f32, f32) {
    let (mut got, mut could) = (0.0, 0.0);
    for (at, gram) in grams.iter().enumerate() {
        // A line that says a word twice tells it once.
        if grams[..at].contains(gram) {
            continue;
        }
        let held = body.holds(*gram);
        let surprise = body.surprise(*gram, held, among);
        could += surprise;
        if held {
            got += surprise;
        }
    }
    (got, if could > 0.0 { got / could } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::grams::grams;

    fn of(line: &str, bodies: &[&str], body: usize) -> f32 {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        let all: Vec<Vec<Gram>> = bodies.iter().map(|b| grams(&chars(b))).collect();
        let among = Rarity::of(all.iter().map(Vec::as_slice));
        let mut sorted = all[body].clone();
        sorted.sort_unstable();
        told(&grams(&chars(line)), Text { grams: &sorted, characters: bodies[body].chars().count() as f32 }, &among).0
    }

    #[test]
    fn what_is_rare_tells_more_than_what_every_text_says() {
        let bodies = ["我们的鲈鱼已经上市", "他们已经在我们这里"];
        assert!(of("鲈鱼上市", &bodies, 0) > of("我们已经", &bodies, 0));
        assert!(of("鲈鱼上市", &bodies, 1) < f32::EPSILON);
    }

    #[test]
    fn a_word_of_all_bodies_tells_little_of_each() {
        let bodies = ["石桥通车", "石桥养护", "石桥夜景"];
        assert!(of("石桥", &bodies, 0) < 0.5 * of("石桥", &["石桥通车", "河水上涨", "夜景灯光"], 0));
    }

    #[test]
    fn a_long_body_is_told_less_of_by_the_same_words() {
        let long = "石桥".to_owned() + &"河水上涨灯光明亮".repeat(200);
        assert!(of("石桥", &[&long, "天气"], 0) < of("石桥", &["石桥河水", "天气"], 0));
    }
}
