//! Where sentences end.
//!
//! What a summary is made of, and what an alert shows. The rules lean to one side: where it is doubtful
//! whether a sentence ends, it goes on. A summary that holds one sentence less is still right; one that
//! stops behind "Mr." is not.

use super::script::{closes, is_ideograph, nesting, opens};

/// Words before a full stop that do not end a sentence although a capital letter may follow, in
/// lower case. Abbreviations of one letter and with a full stop inside (`J.`, `U.S.`, `z.B.`) need
/// no list.
const ABBREVIATIONS: &[&str] = &[
    "approx", "apr", "aug", "ave", "bd", "blvd", "bzw", "ca", "capt", "cf", "co", "col", "corp", "dec", "dept", "dr", "ed", "est", "etc",
    "evtl", "feb", "fig", "fr", "ft", "gen", "ggf", "gov", "hon", "hr", "inc", "inkl", "jan", "jr", "jul", "jun", "lt", "ltd", "maj",
    "mar", "messrs", "mm", "mme", "mr", "mrs", "ms", "mt", "no", "nos", "nov", "nr", "oct", "pp", "pres", "prof", "rd", "rep", "rev",
    "sen", "sep", "sept", "sgt", "sra", "sr", "srta", "st", "ste", "str", "tel", "usw", "vgl", "vol", "vs",
];

/// A text's characters with what stands around them.
#[derive(Debug)]
pub struct Marks<'a> {
    text: &'a [(usize, char)],
    nesting: Vec<usize>,
}

/// `paragraph` in sentences. Joined they are the paragraph; each but the first begins with the
/// white space before it.
pub fn sentences(paragraph: &str) -> Vec<&str> {
    let text: Vec<(usize, char)> = paragraph.char_indices().collect();
    let marks = Marks::of(&text);
    let mut found = Vec::new();
    let mut start = 0;
    let mut n = 0;
    while n < text.len() {
        if !is_terminator(text[n].1) {
            n += 1;
            continue;
        }
        let (after, ends) = marks.terminator(n);
        n = after;
        let place = text.get(n).map_or(paragraph.len(), |(place, _)| *place);
        if ends && place > start {
            found.push(&paragraph[start..place]);
            start = place;
        }
    }
    if start < paragraph.len() {
        found.push(&paragraph[start..]);
    }
    found
}

fn is_terminator(c: char) -> bool {
    is_full_stop(c) || matches!(c, '！' | '？' | '!' | '?' | '.' | '…')
}

/// A mark that ends sentences and does nothing else: the full stops of Chinese and Japanese, Hindi,
/// Urdu, Armenian and Ethiopic, and the Arabic question mark.
fn is_full_stop(c: char) -> bool {
    matches!(c, '。' | '｡' | '।' | '॥' | '۔' | '؟' | '։' | '።')
}

fn continues(c: char) -> bool {
    matches!(c, '，' | '、' | '；' | '：' | ',' | ';' | ':') || c.is_lowercase()
}

impl<'a> Marks<'a> {
    /// The marks of a text, given its characters with the bytes that they begin at.
    pub fn of(text: &'a [(usize, char)]) -> Self {
        Self { text, nesting: nesting(text) }
    }

    fn at(&self, n: usize) -> Option<char> {
        self.text.get(n).map(|(_, c)| *c)
    }

    /// The character before the one at `n`.
    fn before(&self, n: usize) -> Option<char> {
        self.at(n.checked_sub(1)?)
    }

    /// Whether brackets or quotation marks stand around the place before the character at `n`.
    pub fn is_inside(&self, n: usize) -> bool {
        self.nesting.get(n).is_some_and(|depth| *depth > 0)
    }

    /// The place behind the run of terminators that begins at `n` with the brackets that close
    /// there, and whether a sentence ends at it.
    fn terminator(&self, n: usize) -> (usize, bool) {
        let run = (n..).take_while(|m| self.at(*m).is_some_and(is_terminator)).count();
        let stop = n + run;
        let mut after = stop;
        loop {
            // French sets its quotation marks off by a space.
            let spaced = usize::from(self.at(after).is_some_and(char::is_whitespace) && self.at(after + 1) == Some('»'));
            if !self.closes_at(after + spaced) {
                break;
            }
            after += spaced + 1;
        }
        (after, self.nesting.get(after).is_none_or(|depth| *depth == 0) && self.sentence_ends(n, stop, after))
    }

    /// Whether the character at `m` closes what was opened before it, or can do nothing else.
    fn closes_at(&self, m: usize) -> bool {
        let depth = |m: usize| self.nesting.get(m).copied().unwrap_or(0);
        self.at(m).is_some_and(|c| closes(c) || depth(m + 1) < depth(m))
    }

    fn sentence_ends(&self, first: usize, stop: usize, after: usize) -> bool {
        let Some(next) = self.at(after) else { return true };
        let Some(mark) = self.at(stop - 1) else { return true };
        let follower = if next.is_whitespace() { self.at(after + 1).unwrap_or(next) } else { next };
        if continues(follower) {
            return false;
        }
        if is_full_stop(mark) {
            return true;
        }
        let quoted = after > stop;
        match mark {
            // “好！”他说 and “怎么办？”一栏: within quotation marks these two may belong to a name.
            '！' | '？' => !quoted || !next.is_alphanumeric(),
            '!' | '?' => next.is_whitespace() || opens(next) || (is_ideograph(next) && !quoted),
            // 桃花、杏花……竞相开放: what follows at once is the same sentence.
            '…' => !next.is_alphanumeric(),
            '.' if stop - first > 1 => next.is_whitespace(),
            // Chinese papers of science set the full stops of English: 提出一种方法.结果表明
            '.' if is_ideograph(next) && self.before(first).is_some_and(|c| is_ideograph(c) || closes(c)) => !quoted,
            _ => next.is_whitespace() && !self.abbreviates(first),
        }
    }

    /// Whether the full stop at `n` belongs to the word before it.
    fn abbreviates(&self, n: usize) -> bool {
        let start = (0..n).rev().find(|m| self.at(*m).is_some_and(|c| c.is_whitespace() || opens(c) || c == '"')).map_or(0, |m| m + 1);
        let word: String = self.text[start..n].iter().map(|(_, c)| *c).collect();
        let letters = word.chars().count();
        let digits = word.bytes().all(|b| b.is_ascii_digit());
        // `am 3. Oktober`, `1. Platz`: an ordinal. A year ends a sentence.
        (letters == 1 && !word.chars().all(is_ideograph))
            || (digits && letters <= 2)
            || (word.contains('.') && !word.contains(|c: char| c.is_ascii_digit()))
            || ABBREVIATIONS.contains(&word.to_lowercase().as_str())
    }

    /// Whether a clause ends ahead of the mark at `n`. The comma of 1,000 and the colon of 8:30 end
    /// none, nor does the full stop of an abbreviation.
    pub fn ends_clause(&self, n: usize) -> bool {
        match self.at(n) {
            Some('，' | '；' | '：' | '。' | '！' | '？' | '—') => true,
            Some(',' | ';' | ':' | '–') => {
                let ideographs =
                    self.before(n).is_some_and(|c| is_ideograph(c) || closes(c)) && self.at(n + 1).is_some_and(|c| !c.is_ascii_digit());
                ideographs || self.at(n + 1).is_some_and(char::is_whitespace)
            }
            _ => false,
        }
    }
}
