//! How strongly two neighbouring characters belong to one word.
//!
//! A line that ends in the middle of a word goes on where the word goes on. The table is counted
//! from a dictionary (see `README.md` beside this file); characters of traditional script are looked
//! up by their simplified form. Its layout stands in `tests/train/lexicon.py`, which writes it.

use std::sync::OnceLock;

use crate::model::fold;

/// The table as it is shipped.
static TABLE: &[u8] = include_bytes!("pairs.bin");

/// Two counts of four bytes stand before the table's rows.
const HEAD: usize = 8;
/// Bytes of a row: two characters and a score.
const PAIR: usize = 5;
/// Bytes of a row: a character, how readily it begins and how readily it ends a word.
const CHAR: usize = 4;
/// What a pair scores that stands in no word of the dictionary, in nats.
pub(crate) const UNSEEN: f32 = -2.0;

fn count(at: usize) -> usize {
    TABLE.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, |b| u32::from_le_bytes(b) as usize)
}

fn half(at: usize) -> u16 {
    TABLE.get(at..at + 2).and_then(|b| b.try_into().ok()).map_or(0, u16::from_le_bytes)
}

/// The table as it is asked: seams are asked about by the thousand a page, so what can be looked up
/// in place of searched is laid out for that. Some 700 KB.
struct Index {
    /// Each character's simplified form.
    simplified: Vec<u16>,
    /// First row of each character's pairs; one more than there are characters.
    pairs: Vec<u32>,
    /// Of each pair's row the second character and the score.
    seconds: Vec<u16>,
    scores: Vec<i8>,
    /// How readily each character begins and ends a word.
    edges: Vec<[i8; 2]>,
}

/// How many characters the table can hold: those of the basic plane.
const CHARACTERS: usize = 1 << 16;

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        let from_chars = HEAD + count(0) * PAIR;
        let score = |at: usize| TABLE.get(at).map_or(0, |b| *b as i8);
        let mut index = Index {
            simplified: (0..=u16::MAX).collect(),
            pairs: vec![0; CHARACTERS + 1],
            seconds: Vec::with_capacity(count(0)),
            scores: Vec::with_capacity(count(0)),
            edges: vec![[0; 2]; CHARACTERS],
        };
        for (traditional, simplified) in fold::pairs() {
            index.simplified[usize::from(traditional)] = simplified;
        }
        for at in (0..count(4)).map(|n| from_chars + n * CHAR) {
            index.edges[usize::from(half(at))] = [score(at + 2), score(at + 3)];
        }
        for at in (0..count(0)).map(|n| HEAD + n * PAIR) {
            index.pairs[usize::from(half(at)) + 1] += 1;
            index.seconds.push(half(at + 2));
            index.scores.push(score(at + 4));
        }
        for c in 1..index.pairs.len() {
            index.pairs[c] += index.pairs[c - 1];
        }
        index
    })
}

/// `c` in simplified script, as a key of the table.
fn key_of(index: &Index, c: char) -> Option<u16> {
    let code = u16::try_from(c as u32).ok()?;
    index.simplified.get(usize::from(code)).copied()
}

/// `c` in simplified script; itself where it has no other form.
pub(crate) fn simplified(c: char) -> char {
    key_of(index(), c).and_then(|code| char::from_u32(u32::from(code))).unwrap_or(c)
}

/// The pointwise mutual information of `a` before `b` within words, in nats; [`UNSEEN`] where no word has them.
pub(crate) fn affinity(a: char, b: char) -> f32 {
    let index = index();
    let (Some(a), Some(b)) = (key_of(index, a), key_of(index, b)) else { return UNSEEN };
    let row = index.pairs[usize::from(a)] as usize..index.pairs[usize::from(a) + 1] as usize;
    let found = index.seconds[row.clone()].binary_search(&b);
    found.map_or(UNSEEN, |at| f32::from(index.scores[row.start + at]) / 8.0)
}

/// Where `c` stands in the order of the lexicon, in which [`affinities`] wants its characters.
pub(crate) fn order(c: char) -> (u32, char) {
    (key_of(index(), c).map_or(u32::MAX, u32::from), c)
}

/// Appends the affinity of `a` before each of `list`, whose characters stand in [`order`].
pub(crate) fn affinities(a: char, list: &[char], out: &mut Vec<f32>) {
    let index = index();
    let row = key_of(index, a).map_or(0..0, |a| index.pairs[usize::from(a)] as usize..index.pairs[usize::from(a) + 1] as usize);
    let mut pairs = index.seconds[row.clone()].iter().zip(&index.scores[row]).peekable();
    for b in list {
        let key = key_of(index, *b);
        while pairs.next_if(|(second, _)| key.is_some_and(|key| **second < key)).is_some() {}
        let found = pairs.peek().filter(|(second, _)| key == Some(**second));
        out.push(found.map_or(UNSEEN, |(_, score)| f32::from(**score) / 8.0));
    }
}

/// How readily `c` begins and ends a word: log odds in nats, (0, 0) for what the dictionary has not.
pub(crate) fn edges(c: char) -> (f32, f32) {
    let index = index();
    let Some(c) = key_of(index, c) else { return (0.0, 0.0) };
    let [begins, ends] = index.edges[usize::from(c)];
    (f32::from(begins) / 8.0, f32::from(ends) / 8.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_one_word_attract_each_other_in_both_scripts() {
        assert!(affinity('葡', '萄') > 5.0);
        assert!((affinity('電', '話') - affinity('电', '话')).abs() < f32::EPSILON);
        assert!(affinity('电', '话') > 2.0);
        assert!((affinity('萄', '葡') - UNSEEN).abs() < f32::EPSILON);
    }

    #[test]
    fn affinities_with_many_are_those_with_each() {
        let mut list: Vec<char> = "萄話话来來人，a😀们中".chars().collect();
        list.sort_unstable_by_key(|c| order(*c));
        for a in "葡电電你国，x😀".chars() {
            let mut all = Vec::new();
            affinities(a, &list, &mut all);
            assert_eq!(all, list.iter().map(|b| affinity(a, *b)).collect::<Vec<_>>(), "{a}");
        }
    }

    #[test]
    fn a_character_that_only_ends_words_is_known_as_such() {
        let (begins, ends) = edges('们');
        assert!(ends > begins);
        assert_eq!(edges('😀'), (0.0, 0.0));
    }
}
