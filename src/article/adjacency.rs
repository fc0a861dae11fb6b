//! How often characters stand next to each other within a page's lines.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::lines::Cell;

/// How often each run of two or three characters stands within the lines of a page: those runs that
/// a line's end and a line's beginning could make.
#[derive(Debug, Default)]
pub(crate) struct Adjacency {
    runs: HashMap<u64, u16, BuildHasherDefault<RunHasher>>,
}

/// What more often stands next to each other counts as this often.
const MOST: u16 = 20;

impl Adjacency {
    /// Counts over the lines.
    pub(crate) fn of(cells: &[Cell]) -> Self {
        let (mut ends, mut begins) = (Characters::new(), Characters::new());
        for c in cells {
            c.chars.last().into_iter().for_each(|c| ends.add(*c));
            c.chars.first().into_iter().for_each(|c| begins.add(*c));
        }
        let meet = |a: char, b: char| ends.holds(a) && begins.holds(b);
        let mut out = Self::default();
        for c in cells {
            let mut before = false;
            for at in 1..c.chars.len() {
                let (a, b) = (c.chars[at - 1], c.chars[at]);
                let here = meet(a, b);
                if here {
                    out.count(run_key('\0', a, b));
                }
                if at >= 2 && (here || before) {
                    out.count(run_key(c.chars[at - 2], a, b));
                }
                before = here;
            }
        }
        out
    }

    fn count(&mut self, run: u64) {
        let times = self.runs.entry(run).or_default();
        *times = times.saturating_add(1);
    }

    fn times(&self, a: char, b: char, c: char) -> f32 {
        self.runs.get(&run_key(a, b, c)).map_or(0.0, |n| f32::from((*n).min(MOST)))
    }

    /// How often the last character `a` of a line stands before the first character `b` of a line:
    /// alone, with the character before `a`, and with the character behind `b`.
    pub(crate) fn of_seam(&self, before: Option<char>, a: char, b: char, behind: Option<char>) -> [f32; 3] {
        let pair = self.times('\0', a, b);
        // Longer runs hold the pair.
        if pair == 0.0 {
            return [0.0; 3];
        }
        [pair, before.map_or(0.0, |before| self.times(before, a, b)), behind.map_or(0.0, |behind| self.times(a, b, behind))]
    }
}

/// Three characters as one number; a character has 21 bits.
fn run_key(a: char, b: char, c: char) -> u64 {
    u64::from(a as u32) << 42 | u64::from(b as u32) << 21 | u64::from(c as u32)
}

/// Mixes a number of a run or a gram. The keys come from the page, and a page made to collide costs
/// itself time within the bound of its characters; nothing else shares the table.
#[derive(Debug, Default)]
pub(crate) struct RunHasher(u64);

impl Hasher for RunHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.write_u64(u64::from(*b));
        }
    }

    fn write_u64(&mut self, n: u64) {
        let mixed = (self.0 ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ mixed >> 29;
    }
}

/// A set of characters. Those beyond the basic plane are rare, and taken to be in it.
struct Characters(Vec<u64>);

impl Characters {
    fn new() -> Self {
        Self(vec![0; (1 << 16) / 64])
    }

    fn add(&mut self, c: char) {
        if let Some(bits) = self.0.get_mut(c as usize / 64) {
            *bits |= 1 << (c as usize % 64);
        }
    }

    fn holds(&self, c: char) -> bool {
        self.0.get(c as usize / 64).is_none_or(|bits| bits >> (c as usize % 64) & 1 == 1)
    }
}
