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
/// Parts of a nat in which the table holds its numbers.
const PARTS: f32 = 8.0;

/// The rows of the table.
struct Rows {
    /// Of each pair: its second character, what it gains, what it costs, where its triples begin.
    pairs: &'static [[u8; 8]],
    /// The second characters once more, side by side: a search for one touches a quarter of the memory.
    seconds: Vec<u16>,
    /// Of each three: the last character, and what it gains.
    triples: &'static [[u8; 3]],
    /// By character, so that a seam asks for it without a search.
    characters: Vec<Character>,
}

/// A character as the table knows it.
#[derive(Debug, Clone, Copy)]
struct Character {
    /// Its pairs, from where to where.
    pairs: (u32, u32),
    /// What it costs to be followed by a character never seen behind it.
    cost: i8,
    /// How rare it is in running text: -ln of its share.
    rarity: u8,
}

impl Character {
    /// One that the table does not know is rarer than any that it knows.
    const UNKNOWN: Self = Self { pairs: (0, 0), cost: 0, rarity: 15 * PARTS as u8 };
}

fn rows() -> &'static Rows {
    static ROWS: std::sync::OnceLock<Rows> = std::sync::OnceLock::new();
    ROWS.get_or_init(|| {
        let count = |n: usize| TABLE.get(n * 4..n * 4 + 4).and_then(|b| b.try_into().ok()).map_or(0, |b| u32::from_le_bytes(b) as usize);
        let rows = |from: usize, bytes: usize| TABLE.get(from..from + bytes).unwrap_or_default();
        let [characters, pairs, triples] = [count(0) * 8, count(1) * 8, count(2) * 3];
        let mut by_character = vec![Character::UNKNOWN; usize::from(u16::MAX) + 1];
        for [here, next] in rows(HEAD, characters).as_chunks::<8>().0.array_windows() {
            by_character[usize::from(key(here))] =
                Character { pairs: (link(here), link(next)), cost: here[2].cast_signed(), rarity: here[3] };
        }
        let pairs_of = rows(HEAD + characters, pairs).as_chunks().0;
        Rows {
            pairs: pairs_of,
            seconds: pairs_of.iter().map(|row| key(row)).collect(),
            triples: rows(HEAD + characters + pairs, triples).as_chunks().0,
            characters: by_character,
        }
    })
}

fn key(row: &[u8]) -> u16 {
    u16::from_le_bytes([row[0], row[1]])
}

fn link(row: &[u8; 8]) -> u32 {
    u32::from_le_bytes([row[4], row[5], row[6], row[7]])
}

fn part(byte: u8) -> f32 {
    f32::from(byte.cast_signed()) / PARTS
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
#[derive(Debug, Clone, Copy, PartialEq)]
struct Pair {
    /// ln p(b | a) / p(b).
    gain: f32,
    /// What it costs to be followed by a character never seen behind it.
    cost: f32,
    /// Its triples.
    triples: (u32, u32),
}

fn pair(a: u16, b: u16) -> Pair {
    let rows = rows();
    let Character { pairs: (from, to), cost, .. } = rows.characters[usize::from(a)];
    let from = from as usize;
    let at = rows.seconds.get(from..to as usize).and_then(|seconds| seconds.binary_search(&b).ok());
    let found = at.and_then(|at| rows.pairs.get(from + at).zip(rows.pairs.get(from + at + 1)));
    match found {
        Some((here, next)) => Pair { gain: part(here[2]), cost: part(here[3]), triples: (link(here), link(next)) },
        None => Pair { gain: f32::from(cost) / PARTS, cost: 0.0, triples: (0, 0) },
    }
}

/// How rare it is in running text that `b` follows `a`: -ln of the share of such pairs, in nats.
pub(crate) fn rarity(a: char, b: char) -> f32 {
    let (a, b) = (counted(a), counted(b));
    let alone = |c: u16| f32::from(rows().characters[usize::from(c)].rarity) / PARTS;
    (alone(a) + alone(b) - pair(a, b).gain).max(0.0)
}

/// ln p(c | a, b) / p(c | b).
fn third(pair: &Pair, c: u16) -> f32 {
    let triples = rows().triples.get(pair.triples.0 as usize..pair.triples.1 as usize).unwrap_or_default();
    triples.binary_search_by_key(&c, |row| key(row)).map_or(pair.cost, |n| part(triples[n][2]))
}

/// A line as seams ask for it: what it begins and ends with, looked up once for the many seams of each line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ends {
    /// Its first two characters and its last, as the table counts them.
    first: Option<u16>,
    second: Option<u16>,
    last: Option<u16>,
    /// Its last two characters.
    closing: Option<Pair>,
    /// Whether it begins, and whether it ends, with an ASCII character.
    ascii: [bool; 2],
}

impl Ends {
    pub(crate) fn of(line: &[char]) -> Self {
        let ascii = |c: Option<&char>| c.is_some_and(char::is_ascii);
        let last = line.last().map(|c| counted(*c));
        let before = line.len().checked_sub(2).map(|n| counted(line[n]));
        Self {
            first: line.first().map(|c| counted(*c)),
            second: line.get(1).map(|c| counted(*c)),
            last,
            closing: before.zip(last).map(|(a, b)| pair(a, b)),
            ascii: [ascii(line.first()), ascii(line.last())],
        }
    }

    /// How much likelier text is to read on from this line to `next` than `next` is to stand by itself,
    /// in nats: ln of p(y1 | x2, x1) p(y2 | x1, y1) / p(y1) p(y2 | y1), of the last two characters before
    /// the seam and the first two behind it. Nothing where neither side is Chinese.
    pub(crate) fn succession(&self, next: &Self) -> f32 {
        let (Some(x1), Some(y1)) = (self.last, next.first) else { return 0.0 };
        if self.ascii[1] && next.ascii[0] {
            return 0.0;
        }
        let across = pair(x1, y1);
        let before = self.closing.map_or(0.0, |closing| third(&closing, y1));
        let behind = next.second.map_or(0.0, |y2| third(&across, y2));
        across.gain + before + behind
    }
}

#[cfg(test)]
mod tests {
    use super::Ends;

    fn seam(x: &str, y: &str) -> f32 {
        let ends = |line: &str| Ends::of(&line.chars().collect::<Vec<_>>());
        ends(x).succession(&ends(y))
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
    fn common_words_are_less_rare_than_what_seldom_stands_together() {
        let common = super::rarity('我', '们');
        assert!(common > 2.0 && common < super::rarity('石', '桥') && super::rarity('石', '桥') < super::rarity('桥', '鲈'));
        assert!((super::rarity('個', '國') - super::rarity('个', '国')).abs() < 1e-6);
    }

    #[test]
    fn what_is_not_chinese_says_nothing() {
        assert!(seam("the town", "council").abs() < 1e-6);
        assert!(seam("", "县").abs() < 1e-6);
    }
}
