//! What a text talks about: its pairs of ideographs and its longer words, as numbers.

use super::script::is_ideographic;

/// A pair of ideographs or the stem of a word.
pub(crate) type Gram = u64;

/// Letters of a word that count; longer words are cut, so that most endings do not part them.
const STEM: usize = 6;
/// Shortest word that counts, in letters.
const MIN_WORD: usize = 4;

/// The grams of a text in order of their appearance.
pub(crate) fn grams(chars: &[char]) -> Vec<Gram> {
    let mut out = Vec::new();
    let mut word: Vec<char> = Vec::new();
    let mut before: Option<char> = None;
    let flush = |word: &mut Vec<char>, out: &mut Vec<Gram>| {
        let number = word.iter().any(char::is_ascii_digit);
        if word.len() >= MIN_WORD || (number && word.len() >= 2) {
            let mut hash = 0xcbf2_9ce4_8422_2325_u64;
            for c in word.iter().take(STEM).flat_map(|c| c.to_lowercase()) {
                hash = (hash ^ u64::from(c as u32)).wrapping_mul(0x0100_0000_01b3);
            }
            out.push(hash | 1 << 63);
        }
        word.clear();
    };
    for c in chars {
        if is_ideographic(*c) {
            flush(&mut word, &mut out);
            if let Some(b) = before {
                out.push(u64::from(b as u32) << 32 >> 1 | u64::from(*c as u32));
            }
            before = Some(*c);
            continue;
        }
        before = None;
        if c.is_alphanumeric() {
            word.push(*c);
        } else {
            flush(&mut word, &mut out);
        }
    }
    flush(&mut word, &mut out);
    out
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

    /// What it weighs that two texts share `gram`.
    pub(crate) fn weight(&self, gram: Gram) -> f32 {
        (1.0 + self.texts / f32::from(self.count(gram).max(1))).ln()
    }
}

/// A text's grams, sorted, with how often each comes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bag {
    /// Sorted by gram.
    pub(crate) grams: Vec<(Gram, f32)>,
    norm: f32,
}

impl Bag {
    /// The bag of `grams`, weighed by `rarity`.
    pub(crate) fn of(grams: &[Gram], rarity: &Rarity) -> Self {
        let mut sorted = grams.to_vec();
        sorted.sort_unstable();
        let mut bag: Vec<(Gram, f32)> = Vec::new();
        for gram in sorted {
            match bag.last_mut() {
                Some((last, n)) if *last == gram => *n += 1.0,
                _ => bag.push((gram, 1.0)),
            }
        }
        for (gram, n) in &mut bag {
            *n = n.min(3.0) * rarity.weight(*gram);
        }
        let norm = bag.iter().map(|(_, n)| n * n).sum::<f32>().sqrt();
        Self { grams: bag, norm }
    }

    /// The cosine of two bags, from 0 to 1.
    pub(crate) fn cosine(&self, other: &Self) -> f32 {
        if self.norm == 0.0 || other.norm == 0.0 {
            return 0.0;
        }
        let (mut i, mut j, mut sum) = (0, 0, 0.0);
        while let (Some((a, x)), Some((b, y))) = (self.grams.get(i), other.grams.get(j)) {
            match a.cmp(b) {
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
                std::cmp::Ordering::Equal => {
                    sum += x * y;
                    i += 1;
                    j += 1;
                }
            }
        }
        sum / (self.norm * other.norm)
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
    fn texts_about_the_same_are_closer_than_others() {
        let texts = ["石桥昨天通车", "新的石桥通车典礼", "学校今年招生"].map(grams_of);
        let rarity = Rarity::of(texts.iter().map(Vec::as_slice));
        let bags: Vec<Bag> = texts.iter().map(|t| Bag::of(t, &rarity)).collect();
        assert!(bags[0].cosine(&bags[1]) > bags[0].cosine(&bags[2]) + 0.02);
        assert!(bags[0].cosine(&bags[2]) < 0.01);
        assert!((bags[0].cosine(&bags[0]) - 1.0).abs() < 1e-5);
    }
}
