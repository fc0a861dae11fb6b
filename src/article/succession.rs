//! How well characters follow each other in running Chinese text: a trigram model, asked about seams.
//!
//! A line that ends in the middle of a sentence goes on where the sentence reads on; more often than
//! not the seam does not cut a word, and a dictionary says nothing. The table is counted from free
//! text (see `README.md` beside this file) by `tests/train/ngrams.py`, which also tells its layout.

use super::lexicon::simplified;

/// The table as it is shipped.
static TABLE: &[u8] = include_bytes!("ngrams.bin");

/// Three counts of four bytes stand before the rows.
const HEAD: usize = 12;
/// Bytes of a row for a character, for a pair, and for three.
const ROW: [usize; 3] = [8, 8, 3];
/// Parts of a nat in which the table holds its numbers.
const PARTS: f32 = 8.0;

fn count(n: usize) -> usize {
    TABLE.get(n * 4..n * 4 + 4).and_then(|b| b.try_into().ok()).map_or(0, |b| u32::from_le_bytes(b) as usize)
}

/// The bytes of row `n` of the `kind`-th list.
fn row(kind: usize, n: usize) -> Option<&'static [u8]> {
    let before: usize = (0..kind).map(|k| count(k) * ROW[k]).sum();
    let at = HEAD + before + n * ROW[kind];
    TABLE.get(at..at + ROW[kind])
}

fn key(row: &[u8]) -> u16 {
    u16::from_le_bytes([row[0], row[1]])
}

fn link(row: &[u8]) -> usize {
    u32::from_le_bytes([row[4], row[5], row[6], row[7]]) as usize
}

fn part(byte: u8) -> f32 {
    f32::from(byte.cast_signed()) / PARTS
}

/// The row of `wanted` among rows `from..to` of the `kind`-th list.
fn find(kind: usize, from: usize, to: usize, wanted: u16) -> Option<usize> {
    let (mut low, mut high) = (from, to);
    while low < high {
        let middle = low + (high - low) / 2;
        match key(row(kind, middle)?).cmp(&wanted) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(middle),
        }
    }
    None
}

/// How the table counts a character: digits as one, Latin letters as one, traditional as simplified.
fn counted(c: char) -> u16 {
    if c.is_ascii_digit() || ('０'..='９').contains(&c) {
        u16::from(b'0')
    } else if c.is_ascii_alphabetic() {
        u16::from(b'a')
    } else {
        u16::try_from(u32::from(simplified(c))).unwrap_or(0)
    }
}

/// A pair of characters as the table knows it.
struct Pair {
    /// ln p(b | a) / p(b).
    gain: f32,
    /// What it costs to be followed by a character never seen behind it.
    cost: f32,
    /// Its triples.
    triples: (usize, usize),
}

/// Rows of the characters, by character, so that a seam asks for two of them without a search.
fn characters() -> &'static [(u32, u32, i8)] {
    static INDEX: std::sync::OnceLock<Vec<(u32, u32, i8)>> = std::sync::OnceLock::new();
    INDEX.get_or_init(|| {
        let mut rows = vec![(0, 0, 0); usize::from(u16::MAX) + 1];
        for n in 0..count(0).saturating_sub(1) {
            if let (Some(here), Some(next)) = (row(0, n), row(0, n + 1)) {
                rows[usize::from(key(here))] = (link(here) as u32, link(next) as u32, here[2].cast_signed());
            }
        }
        rows
    })
}

fn pair(a: u16, b: u16) -> Pair {
    let (from, to, cost) = characters()[usize::from(a)];
    let found = find(1, from as usize, to as usize, b).and_then(|n| Some((row(1, n)?, row(1, n + 1)?)));
    match found {
        Some((here, next)) => Pair { gain: part(here[2]), cost: part(here[3]), triples: (link(here), link(next)) },
        None => Pair { gain: f32::from(cost) / PARTS, cost: 0.0, triples: (0, 0) },
    }
}

/// ln p(c | a, b) / p(c | b).
fn third(pair: &Pair, c: u16) -> f32 {
    find(2, pair.triples.0, pair.triples.1, c).and_then(|n| row(2, n)).map_or(pair.cost, |row| part(row[2]))
}

/// How much likelier text is to read on from `x` to `y` than `y` is to stand by itself, in nats: ln of
/// p(y1 | x2, x1) p(y2 | x1, y1) / p(y1) p(y2 | y1), of the last two characters before the seam and the
/// first two behind it. Nothing where neither side is Chinese.
pub(crate) fn succession(x: &[char], y: &[char]) -> f32 {
    let (Some(x1), Some(y1)) = (x.last(), y.first()) else { return 0.0 };
    if x1.is_ascii() && y1.is_ascii() {
        return 0.0;
    }
    let (x1, y1) = (counted(*x1), counted(*y1));
    let across = pair(x1, y1);
    let before = x.len().checked_sub(2).map_or(0.0, |n| third(&pair(counted(x[n]), x1), y1));
    let behind = y.get(1).map_or(0.0, |y2| third(&across, counted(*y2)));
    across.gain + before + behind
}

#[cfg(test)]
mod tests {
    use super::succession;

    fn seam(x: &str, y: &str) -> f32 {
        succession(&x.chars().collect::<Vec<_>>(), &y.chars().collect::<Vec<_>>())
    }

    #[test]
    fn a_sentence_reads_on_where_it_was_cut() {
        assert!(seam("县政府有关", "部门负责") > seam("县政府有关", "河水很清"));
        assert!(seam("人民", "政府") > seam("人民", "河水"));
    }

    #[test]
    fn traditional_text_counts_as_simplified() {
        assert!((seam("人民政府的規", "定執行") - seam("人民政府的规", "定执行")).abs() < 1e-6);
    }

    #[test]
    fn what_is_not_chinese_says_nothing() {
        assert!(seam("the town", "council").abs() < 1e-6);
        assert!(seam("", "县").abs() < 1e-6);
    }
}
