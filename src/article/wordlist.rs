//! Looks for all the words of a list in a line at once.

use std::sync::OnceLock;

use super::marks::begins;

/// Words that are looked for together; at most 128.
pub(crate) struct WordList {
    words: &'static [&'static str],
    index: OnceLock<Index>,
}

/// The words of a list by their first characters.
struct Index {
    /// Which characters, by the last bits of their codes, may begin a word: most of a line's do not.
    firsts: [u64; FIRSTS / 64],
    /// First character, the characters behind it and the number of each word, sorted.
    words: Vec<(char, Vec<char>, usize)>,
}

/// Kinds of first characters that are told apart before words are compared.
const FIRSTS: usize = 1024;

fn kind(c: char) -> usize {
    c as usize % FIRSTS
}

impl Index {
    fn may_begin(&self, c: char) -> bool {
        self.firsts[kind(c) / 64] >> (kind(c) % 64) & 1 == 1
    }
}

impl WordList {
    pub(crate) const fn of(words: &'static [&'static str]) -> Self {
        assert!(words.len() <= 128, "the words found are the bits of a number");
        Self { words, index: OnceLock::new() }
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let mut index = Index { firsts: [0; FIRSTS / 64], words: Vec::new() };
            for (number, word) in self.words.iter().enumerate() {
                let mut rest = word.chars();
                let Some(first) = rest.next() else { continue };
                index.firsts[kind(first) / 64] |= 1 << (kind(first) % 64);
                index.words.push((first, rest.collect(), number));
            }
            index.words.sort();
            index
        })
    }

    /// Where words stand in the line, with their numbers, from its beginning on.
    fn places<'a>(&'a self, chars: &'a [char]) -> impl Iterator<Item = (usize, usize)> + 'a {
        let index = self.index();
        chars.iter().enumerate().filter(|(_, c)| index.may_begin(**c)).flat_map(move |(at, c)| {
            let from = index.words.partition_point(|w| w.0 < *c);
            index.words[from..]
                .iter()
                .take_while(move |w| w.0 == *c)
                .filter(move |w| chars[at + 1..].starts_with(&w.1))
                .map(move |w| (at, w.2))
        })
    }

    /// Whether the line holds a word of the list.
    pub(crate) fn any(&self, chars: &[char]) -> bool {
        self.places(chars).next().is_some()
    }

    /// Where the first word of the list stands in the line.
    pub(crate) fn first(&self, chars: &[char]) -> Option<usize> {
        self.places(chars).next().map(|p| p.0)
    }

    /// How many words of the list the line holds.
    pub(crate) fn count(&self, chars: &[char]) -> f32 {
        self.places(chars).fold(0_u128, |found, (_, word)| found | 1 << word).count_ones() as f32
    }

    /// The first word of the list that the line begins with.
    pub(crate) fn beginning(&self, chars: &[char]) -> Option<&'static str> {
        let may = chars.first().is_some_and(|c| self.index().may_begin(*c));
        self.words.iter().copied().find(|w| may && begins(chars, w))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static LIST: WordList = WordList::of(&["石桥", "石", "桥头", "of ", "Öl"]);

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn a_word_counts_once_however_often_and_wherever_it_stands() {
        assert_eq!(LIST.count(&chars("石桥和石桥头，石子")), 3.0);
        assert_eq!(LIST.count(&chars("a mill of Öl")), 2.0);
        assert_eq!(LIST.count(&chars("桥的头, of")), 0.0);
    }

    #[test]
    fn the_first_place_and_the_beginning_are_told() {
        assert_eq!(LIST.first(&chars("一座石桥")), Some(2));
        assert_eq!(LIST.first(&chars("一座桥")), None);
        assert!(LIST.any(&chars("桥头")) && !LIST.any(&chars("桥")));
        assert_eq!(LIST.beginning(&chars("石桥")), Some("石桥"));
        assert_eq!(LIST.beginning(&chars("一座石桥")), None);
    }
}
