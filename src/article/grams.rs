//! What a text talks about: its pairs of ideographs and its longer words, as numbers.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::adjacency::RunHasher as GramHasher;
use super::script::is_ideographic;
use super::succession;

/// A pair of ideographs or the stem of a word.
pub(crate) type Gram = u64;

/// Letters of a word that count; longer words are cut, so that most endings do not part them.
const STEM: usize = 6;
/// Shortest word that counts, in letters.
const MIN_WORD: usize = 4;

/// The grams of a text in order of their appearance.
pub(crate) fn grams(chars: &[char]) -> Vec<Gram> {
    let mut out = Vec::with_capacity(chars.len());
    let mut word: Vec<char> = Vec::new();
    let mut before: Option<char> = None;
    let flush = |word: &mut Vec<char>, out: &mut Vec<Gram>| {
        if word.is_empty() {
            return;
        }
        let number = word.iter().any(char::is_ascii_digit);
        if word.len() >= MIN_WORD || (number && word.len() >= 2) {
            let mut hash = 0xcbf2_9ce4_8422_2325_u64;
            for c in word.iter().take(STEM).flat_map(|c| c.to_lowercase()) {
                hash = (hash ^ u64::from(c as u32)).wrapping_mul(0x0100_0000_01b3);
            }
            out.push(hash | WORD);
        }
        word.clear();
    };
    for c in chars {
        if is_ideographic(*c) {
            flush(&mut word, &mut out);
            if let Some(b) = before {
                out.push(u64::from(b as u32) << SECOND | u64::from(*c as u32));
            }
            before = Some(*c);
            continue;
        }
        before = None;
        // The commonest marks first: the tables of Unicode are large.
        if !matches!(c, '，' | '。' | '、' | '“' | '”' | '：' | '（' | '）' | ' ') && c.is_alphanumeric() {
            word.push(*c);
        } else {
            flush(&mut word, &mut out);
        }
    }
    flush(&mut word, &mut out);
    out
}

/// Characters of a gram that is a pair of ideographs are this many bits apart.
const SECOND: u32 = 31;
/// What marks a gram that is a word.
const WORD: Gram = 1 << 63;
/// How rare a word is taken to be, in nats: there is no table of words.
const WORD_RARITY: f32 = 9.0;

/// How rare a gram is in running text, in nats: -ln of its share of all grams.
pub(crate) fn rarity(gram: Gram) -> f32 {
    let half = |bits: u64| u32::try_from(bits).ok().and_then(char::from_u32);
    match (half(gram >> SECOND), half(gram & ((1 << SECOND) - 1))) {
        (Some(a), Some(b)) if gram & WORD == 0 => succession::rarity(a, b),
        _ => WORD_RARITY,
    }
}

/// How many texts hold each gram: what many hold says little.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rarity {
    counts: Vec<(Gram, u16)>,
    texts: f32,
}

impl Rarity {
    /// Counts over texts, each given as its grams.
    pub(crate) fn of<'a>(texts: impl Iterator<Item = &'a [Gram]>) -> Self {
        let mut all: Vec<Gram> = Vec::new();
        let mut n = 0_usize;
        for text in texts {
            n += 1;
            let from = all.len();
            all.extend_from_slice(text);
            all[from..].sort_unstable();
            let mut last = None;
            let mut keep = from;
            for i in from..all.len() {
                if last != Some(all[i]) {
                    last = Some(all[i]);
                    all[keep] = all[i];
                    keep += 1;
                }
            }
            all.truncate(keep);
        }
        all.sort_unstable();
        let mut counts: Vec<(Gram, u16)> = Vec::new();
        for gram in all {
            match counts.last_mut() {
                Some((last, count)) if *last == gram => *count = count.saturating_add(1),
                _ => counts.push((gram, 1)),
            }
        }
        Self { counts, texts: n as f32 }
    }

    /// How many texts hold `gram`.
    pub(crate) fn count(&self, gram: Gram) -> u16 {
        self.counts.binary_search_by_key(&gram, |c| c.0).map_or(0, |at| self.counts[at].1)
    }

    /// How many texts were counted.
    pub(crate) fn texts(&self) -> f32 {
        self.texts
    }

    /// What it weighs that two texts share `gram`.
    pub(crate) fn weight(&self, gram: Gram) -> f32 {
        weight(self.texts, self.count(gram))
    }
}

/// What it weighs that two of `texts` texts share a gram that `count` of them hold.
pub(crate) fn weight(texts: f32, count: u16) -> f32 {
    (1.0 + texts / f32::from(count.max(1))).ln()
}

/// The grams of texts as numbers from 0, in the order of the grams.
#[derive(Debug, Clone, Default)]
pub(crate) struct Numbered {
    /// The numbers of all texts, one text after the other.
    numbers: Vec<u32>,
    /// Where each text ends.
    ends: Vec<usize>,
    /// How many grams there are.
    pub(crate) distinct: usize,
    /// The grams, in order.
    grams: Vec<Gram>,
}

impl Numbered {
    /// Numbers the grams of `texts`.
    pub(crate) fn of(texts: &[Vec<Gram>]) -> Self {
        let size = texts.iter().map(Vec::len).sum();
        let mut first: HashMap<Gram, u32, BuildHasherDefault<GramHasher>> =
            HashMap::with_capacity_and_hasher(size, BuildHasherDefault::default());
        let mut numbers: Vec<u32> = Vec::with_capacity(size);
        let mut seen: Vec<Gram> = Vec::new();
        for gram in texts.iter().flatten() {
            let number = *first.entry(*gram).or_insert(seen.len() as u32);
            if number as usize == seen.len() {
                seen.push(*gram);
            }
            numbers.push(number);
        }
        // From the order of appearance to the order of the grams.
        let mut sorted = seen.clone();
        sorted.sort_unstable();
        let mut rank = vec![0; seen.len()];
        for (gram, n) in sorted.iter().zip(0..) {
            if let Some(number) = first.get(gram) {
                rank[*number as usize] = n;
            }
        }
        numbers.iter_mut().for_each(|number| *number = rank[*number as usize]);
        let distinct = seen.len();
        let ends = texts.iter().scan(0, |end, text| {
            *end += text.len();
            Some(*end)
        });
        Self { numbers, ends: ends.collect(), distinct, grams: sorted }
    }

    /// The grams of the `n`-th text, in order of their appearance.
    pub(crate) fn text(&self, n: usize) -> &[u32] {
        let from = n.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.numbers[from..self.ends[n]]
    }

    /// The same with one text parted after `count` of its grams: the rest is a text of its own behind it.
    pub(crate) fn part(&mut self, n: usize, count: usize) {
        let from = n.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.ends.insert(n, from + count);
    }

    /// Where each gram stands.
    pub(crate) fn places(&self) -> Places {
        let mut starts = vec![0_u32; self.distinct + 1];
        self.numbers.iter().for_each(|gram| starts[*gram as usize + 1] += 1);
        for gram in 1..starts.len() {
            starts[gram] += starts[gram - 1];
        }
        let mut next = starts.clone();
        let mut texts = vec![0; self.numbers.len()];
        for n in 0..self.ends.len() {
            for gram in self.text(n) {
                let at = &mut next[*gram as usize];
                texts[*at as usize] = n as u32;
                *at += 1;
            }
        }
        Places { starts, texts }
    }

    /// As [`Self::weights`], and what is common in any running text weighs less.
    pub(crate) fn said<T: Iterator<Item = u32>>(&self, texts: impl Iterator<Item = T>) -> Vec<f32> {
        let mut weights = self.weights(texts);
        for (weight, gram) in weights.iter_mut().zip(&self.grams) {
            *weight *= (rarity(*gram) / USUAL).clamp(LEAST_SAID, MOST_SAID);
        }
        weights
    }

    /// What each gram weighs, for how many texts hold it; `texts` gives the grams of each.
    pub(crate) fn weights<T: Iterator<Item = u32>>(&self, texts: impl Iterator<Item = T>) -> Vec<f32> {
        let mut counts = vec![0_u16; self.distinct];
        let mut last = vec![u32::MAX; self.distinct];
        let mut size = 0;
        for (text, n) in texts.zip(0..) {
            size = n + 1;
            for gram in text {
                if std::mem::replace(&mut last[gram as usize], n) != n {
                    let count = &mut counts[gram as usize];
                    *count = count.saturating_add(1);
                }
            }
        }
        counts.into_iter().map(|count| weight(size as f32, count)).collect()
    }
}

/// How rare in running text, in nats, a gram is that weighs as much as its page alone says.
const USUAL: f32 = 11.0;
/// How much less and how much more it weighs at most.
const LEAST_SAID: f32 = 0.3;
const MOST_SAID: f32 = 1.4;

/// For each gram the texts in which it stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    starts: Vec<u32>,
    texts: Vec<u32>,
}

impl Places {
    /// The texts with `gram`, in order, one as often as it holds it.
    pub(crate) fn of(&self, gram: u32) -> &[u32] {
        &self.texts[self.starts[gram as usize] as usize..self.starts[gram as usize + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grams_of(text: &str) -> Vec<Gram> {
        grams(&text.chars().collect::<Vec<_>>())
    }

    #[test]
    fn pairs_of_ideographs_and_stems_of_words_are_counted() {
        assert_eq!(grams_of("石桥通").len(), 2);
        assert_eq!(grams_of("石，桥").len(), 0);
        assert_eq!(grams_of("Bridges"), grams_of("bridge,"));
        assert_eq!(grams_of("the old 120"), grams_of("120"));
    }

    #[test]
    fn grams_are_numbered_in_their_order_and_weighed_by_how_many_texts_hold_them() {
        let texts = ["石桥通车", "新石桥石桥", ""].map(grams_of);
        let numbered = Numbered::of(&texts);
        assert_eq!(numbered.distinct, 5);
        assert_eq!((numbered.text(0).len(), numbered.text(1).len(), numbered.text(2).len()), (3, 4, 0));
        assert_eq!(numbered.text(0)[0], numbered.text(1)[1]);
        let rarity = Rarity::of(texts.iter().map(Vec::as_slice));
        let weights = numbered.weights((0..3).map(|n| numbered.text(n).iter().copied()));
        for (n, text) in texts.iter().enumerate() {
            for (gram, number) in text.iter().zip(numbered.text(n)) {
                assert_eq!(weights[*number as usize], rarity.weight(*gram));
            }
            assert!(text.iter().zip(numbered.text(n)).all(|(g, i)| text.iter().zip(numbered.text(n)).all(|(h, j)| (g < h) == (i < j))));
        }
    }
}
