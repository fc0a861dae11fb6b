//! How strongly two neighbouring characters belong to one word.
//!
//! A line that ends in the middle of a word goes on where the word goes on. The table is counted
//! from a dictionary (see `README.md` beside this file); characters of traditional script are looked
//! up by their simplified form. Its layout stands in `tests/train/lexicon.py`, which writes it.

use std::sync::OnceLock;

/// The table as it is shipped.
static TABLE: &[u8] = include_bytes!("pairs.bin");

/// Three counts of four bytes stand before the table's rows.
const HEAD: usize = 12;
/// Bytes of a row: two characters and a score.
const PAIR: usize = 5;
/// Bytes of a row: a character, how readily it begins and how readily it ends a word.
const CHAR: usize = 4;
/// Bytes of a row: a traditional and a simplified character.
const FOLD: usize = 4;
/// What a pair scores that stands in no word of the dictionary, in nats.
pub(crate) const UNSEEN: f32 = -2.0;

fn count(at: usize) -> usize {
    TABLE.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, |b| u32::from_le_bytes(b) as usize)
}

fn half(at: usize) -> u16 {
    TABLE.get(at..at + 2).and_then(|b| b.try_into().ok()).map_or(0, u16::from_le_bytes)
}

/// The first byte of the row in `rows` rows of `size` bytes from `from` whose key is `key`.
fn find<K: Ord>(from: usize, rows: usize, size: usize, key: &K, key_at: impl Fn(usize) -> K) -> Option<usize> {
    let (mut low, mut high) = (0, rows);
    while low < high {
        let middle = (low + high) / 2;
        let at = from + middle * size;
        match key_at(at).cmp(key) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(at),
        }
    }
    None
}

/// Where the rows of each first character stand, and each character's simplified form: one look-up
/// in place of a search, for seams are asked about by the thousand.
struct Index {
    simplified: Vec<u16>,
    /// First row of each character's pairs; one more than there are characters.
    pairs: Vec<u32>,
}

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        let mut simplified: Vec<u16> = (0..=u16::MAX).collect();
        let folds = HEAD + count(0) * PAIR + count(4) * CHAR;
        for n in 0..count(8) {
            let at = folds + n * FOLD;
            simplified[usize::from(half(at))] = half(at + 2);
        }
        let mut pairs = vec![0_u32; usize::from(u16::MAX) + 2];
        for n in 0..count(0) {
            pairs[usize::from(half(HEAD + n * PAIR)) + 1] += 1;
        }
        for c in 1..pairs.len() {
            pairs[c] += pairs[c - 1];
        }
        Index { simplified, pairs }
    })
}

/// `c` in simplified script, as a key of the table.
fn key_of(c: char) -> Option<u16> {
    let code = u16::try_from(c as u32).ok()?;
    index().simplified.get(usize::from(code)).copied()
}

/// The pointwise mutual information of `a` before `b` within words, in nats; [`UNSEEN`] where no word has them.
pub(crate) fn affinity(a: char, b: char) -> f32 {
    let (Some(a), Some(b)) = (key_of(a), key_of(b)) else { return UNSEEN };
    let rows = &index().pairs;
    let (from, to) = (rows[usize::from(a)] as usize, rows[usize::from(a) + 1] as usize);
    find(HEAD + from * PAIR, to - from, PAIR, &b, |at| half(at + 2))
        .and_then(|at| TABLE.get(at + 4))
        .map_or(UNSEEN, |score| f32::from(*score as i8) / 8.0)
}

/// How readily `c` begins and ends a word: log odds in nats, (0, 0) for what the dictionary has not.
pub(crate) fn edges(c: char) -> (f32, f32) {
    let Some(c) = key_of(c) else { return (0.0, 0.0) };
    let from = HEAD + count(0) * PAIR;
    find(from, count(4), CHAR, &c, half)
        .and_then(|at| Some((*TABLE.get(at + 2)?, *TABLE.get(at + 3)?)))
        .map_or((0.0, 0.0), |(b, e)| (f32::from(b as i8) / 8.0, f32::from(e as i8) / 8.0))
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
    fn a_character_that_only_ends_words_is_known_as_such() {
        let (begins, ends) = edges('们');
        assert!(ends > begins);
        assert_eq!(edges('😀'), (0.0, 0.0));
    }
}
