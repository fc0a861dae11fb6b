//! Alerts: words that somebody watches for, in every article that arrives.
//!
//! A word is heard however it is printed: traditional or simplified, full or half width, in capitals or
//! not ([`crate::model::fold`]). Three rules say when a word inside another one counts:
//!
//! - A word of ideographs is heard wherever its characters stand, so 人大 is heard in 人大代表: Chinese
//!   writes no spaces, and no dictionary knows a county's names. What it is not to be heard in is said
//!   beside it ([`Watchword::except`]).
//! - Where several watched words lie one inside the other, the longest is heard.
//! - A word that begins or ends with a letter or a digit of another script is heard as a whole word
//!   only: `art` is not in `party`, nor 5G in 15G.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::model::fold::folded;
use crate::model::script::is_ideograph;
use crate::model::sentences::sentences;
use crate::model::{Article, Heard};

mod excerpt;

/// Words of a list at most: ten times what a large press office watches for.
pub const MOST_WORDS: usize = 100_000;
/// Characters of a word at most.
pub const LONGEST_WORD: usize = 100;

/// A word to watch for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Watchword {
    /// The word, as it is shown to whoever watches.
    pub word: String,
    /// Longer words in which it is not meant: 人大附中 for 人大.
    pub except: Vec<String>,
}

/// Why a list of words cannot be watched for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WatchlistError {
    /// It has no word.
    #[error("the list has no word, expected at least one")]
    Empty,
    /// It has more words than [`MOST_WORDS`].
    #[error("the list has {0} words, expected {MOST_WORDS} at most")]
    TooMany(usize),
    /// A word cannot be one.
    #[error("{word:?} {why}")]
    Word {
        /// The word.
        word: String,
        /// What is wrong with it, and what is expected.
        why: &'static str,
    },
    /// The words are too many or too long for one automaton.
    #[error("the list is too large: {0}")]
    TooLarge(String),
}

/// What somebody watches for.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The words.
    pub list: Watchlist,
    /// Whether articles without any of the words are left out.
    pub only: bool,
}

/// Words to watch for, ready to be held against articles.
#[derive(Debug, Clone)]
pub struct Watchlist {
    automaton: AhoCorasick,
    /// Which word each pattern stands for; `None` for an exception.
    patterns: Vec<Option<usize>>,
    words: Vec<String>,
}

/// Words are compared; the automaton follows from them.
impl PartialEq for Watchlist {
    fn eq(&self, other: &Self) -> bool {
        self.words == other.words && self.patterns == other.patterns
    }
}

/// A word's place in a folded text, in bytes.
#[derive(Debug, Clone, Copy)]
struct Found {
    start: usize,
    end: usize,
    /// The word; `None` for an exception.
    word: Option<usize>,
}

impl Watchlist {
    /// Makes a list ready. The same word twice counts once, with the exceptions of both.
    ///
    /// # Errors
    /// [`WatchlistError`]: no words, too many, or one that is empty, too long, or nothing but marks.
    pub fn new(list: &[Watchword]) -> Result<Self, WatchlistError> {
        if list.is_empty() {
            return Err(WatchlistError::Empty);
        }
        if list.len() > MOST_WORDS {
            return Err(WatchlistError::TooMany(list.len()));
        }
        let mut texts: Vec<String> = Vec::new();
        let mut patterns = Vec::new();
        for (n, watchword) in list.iter().enumerate() {
            texts.push(pattern(&watchword.word)?);
            patterns.push(Some(n));
            for except in &watchword.except {
                texts.push(pattern(except)?);
                patterns.push(None);
            }
        }
        let automaton = AhoCorasick::builder()
            // Of 10,000 words it is the fastest, and a tenth of the size of a DFA.
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .match_kind(MatchKind::Standard)
            .build(&texts)
            .map_err(|error| WatchlistError::TooLarge(error.to_string()))?;
        Ok(Self { automaton, patterns, words: list.iter().map(|w| w.word.trim().to_owned()).collect() })
    }

    /// The words that stand in an article, each once and with the first sentence that has it, in the
    /// order of the article: headline, kicker and deck before the body. A sentence is shown with the
    /// word between 【 and 】, and has at most `chars` characters, the brackets aside.
    pub fn hear(&self, article: &Article, chars: usize) -> Vec<Heard> {
        let heads = [&article.headline, &article.kicker, &article.deck].into_iter().flatten();
        let mut heard: Vec<(usize, Heard, bool)> = Vec::new();
        for (text, is_body) in heads.map(|text| (text, false)).chain(article.paragraphs.iter().map(|text| (text, true))) {
            let found = self.find(text);
            if found.is_empty() {
                continue;
            }
            let lines = sentences(text);
            for (place, word) in found {
                let known = heard.iter_mut().find(|(known, _, _)| self.same(*known, word));
                // A sentence of the body tells more than the headline, which the digest has anyway.
                if known.as_ref().is_some_and(|(_, _, from_body)| *from_body || !is_body) {
                    continue;
                }
                let told = Heard { word: self.words[word].clone(), sentence: excerpt::excerpt(&lines, place, chars) };
                match known {
                    Some(entry) => *entry = (word, told, true),
                    None => heard.push((word, told, is_body)),
                }
            }
        }
        heard.into_iter().map(|(_, heard, _)| heard).collect()
    }

    /// Whether any word of the list stands in an article.
    pub fn hears(&self, article: &Article) -> bool {
        let heads = [&article.headline, &article.kicker, &article.deck].into_iter().flatten();
        heads.chain(&article.paragraphs).any(|text| !self.find(text).is_empty())
    }

    /// Whether two places of the list hold one word, be it in another script.
    fn same(&self, a: usize, b: usize) -> bool {
        a == b || self.words[a].chars().map(folded).eq(self.words[b].chars().map(folded))
    }

    /// The words in a text, by the rules of the module, each with its characters' places.
    fn find(&self, text: &str) -> Vec<(std::ops::Range<usize>, usize)> {
        let folded: String = text.chars().map(folded).collect();
        let mut found: Vec<Found> = Vec::new();
        for hit in self.automaton.find_overlapping_iter(&folded) {
            let (start, end) = (hit.start(), hit.end());
            if stands_alone(&folded, start, end) {
                found.push(Found { start, end, word: self.patterns[hit.pattern().as_usize()] });
            }
        }
        if found.is_empty() {
            return Vec::new();
        }
        // The longer of those that begin together comes first, so that whatever lies inside another one
        // comes behind it. The same word watched for and excepted is watched for.
        found.sort_by_key(|f| (f.start, std::cmp::Reverse(f.end), f.word.is_none()));
        let mut furthest: Option<Found> = None;
        found.retain(|f| {
            if furthest.is_some_and(|wide| f.end <= wide.end) {
                return false;
            }
            furthest = Some(*f);
            true
        });
        let mut characters = Places::new(&folded);
        found.into_iter().filter_map(|f| Some((characters.of(f.start)..characters.of(f.end), f.word?))).collect()
    }
}

/// A word as the automaton looks for it.
fn pattern(word: &str) -> Result<String, WatchlistError> {
    let word = word.trim();
    let wrong = |why| WatchlistError::Word { word: word.chars().take(LONGEST_WORD).collect(), why };
    if word.chars().count() > LONGEST_WORD {
        return Err(wrong("is too long for a word, expected 100 characters at most"));
    }
    if !word.chars().any(char::is_alphanumeric) {
        return Err(wrong("is no word, expected letters, digits or ideographs in it"));
    }
    Ok(word.chars().map(folded).collect())
}

/// Whether the letters and digits at a word's ends are not parts of a longer run of them.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let runs_on = |inside: Option<char>, outside: Option<char>| {
        let in_run = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_ideograph(c));
        in_run(inside) && in_run(outside)
    };
    let word = &text[start..end];
    !runs_on(word.chars().next(), text[..start].chars().next_back()) && !runs_on(word.chars().next_back(), text[end..].chars().next())
}

/// Turns growing places in bytes into places in characters.
struct Places<'a> {
    text: &'a str,
    bytes: usize,
    chars: usize,
}

impl<'a> Places<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, bytes: 0, chars: 0 }
    }

    fn of(&mut self, bytes: usize) -> usize {
        if bytes < self.bytes {
            (self.bytes, self.chars) = (0, 0);
        }
        self.chars += self.text[self.bytes..bytes].chars().count();
        self.bytes = bytes;
        self.chars
    }
}

#[cfg(test)]
mod tests;
