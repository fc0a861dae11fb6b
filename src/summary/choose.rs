//! Which sentences of an article to take.
//!
//! What is aimed at is a summary that shares as much as it can with what an editor would write over
//! the article and says little besides, as ROUGE-1 measures it: the harmonic mean of the share of the
//! headline that stands in the summary and the share of the summary that stands in the headline. How
//! much of a sentence would stand there is expected from the chances of its terms (`salience`), in
//! which place, title and what the article keeps coming back to have their say. Numbers of the
//! sentences themselves, fitted besides, did worse on articles that were held out.

use super::leaning::leans;
use super::salience::{self, Text, counts_characters};
use super::terms::{Kind, Term};
use crate::model::Article;
use crate::model::fold::folded_text;
use crate::model::script::is_ideograph;
use crate::model::sentences::{Marks, sentences};
use crate::model::shorten::ELLIPSIS;

/// Sentences of an article that are looked at. What stands behind them is no summary of it.
const MOST_SENTENCES: usize = 300;
/// Sentences that one may lean on, one on the other.
const LONGEST_CHAIN: usize = 3;
/// First choices that others are added to, and how many are added at most.
const FIRST_CHOICES: usize = 4;
const MOST_ADDED: usize = 4;
/// What a further sentence must add to the score, for one that holds together reads better than two that
/// do not.
const FURTHER_SENTENCE: f32 = 0.02;
/// Pieces of which the bench looks at all pairs.
const MOST_PAIRED: usize = 16;
/// Pieces that a sentence beyond the budget is taken apart into, at most.
const MOST_CLAUSES: usize = 24;
/// The length of a headline: characters of a Chinese one, words of one in a script with spaces.
const HEADLINE_CHARACTERS: f32 = 15.0;
const HEADLINE_WORDS: f32 = 7.0;
/// How much likelier a term that stands in a headline is to stand there twice than chance has it.
const REPEATED: f32 = 0.5;
/// A piece of the body that can be shown by itself.
#[derive(Debug, Clone)]
struct Piece {
    text: String,
    terms: Vec<Term>,
    /// Its sentence's place in the body.
    sentence: usize,
    chars: usize,
    /// Whether it begins within its sentence.
    inner: bool,
    /// Whether it leans on the sentence before it.
    leans: bool,
}

/// A term as the trainer sees it.
#[derive(Debug, Clone)]
pub struct TermRow {
    /// What speaks for it.
    pub signs: salience::Signs,
    /// The ideograph, where it is one.
    pub character: Option<char>,
    /// The share of the headlines that have it.
    pub share: f32,
}

/// An article laid out for the choice.
pub(super) struct Choosing {
    pieces: Vec<Piece>,
    /// Places in `pieces` of the sentences that fit the budget, by sentence; a sentence that does not
    /// has none.
    whole: Vec<Option<usize>>,
    text: Text,
    chances: Vec<f32>,
    /// How much a term weighs: its characters, or 1 where words are counted.
    weights: Vec<f32>,
    expected: f32,
    budget: usize,
}

/// A choice: places in the list of pieces, in the order of the text.
pub(super) type Choice = Vec<usize>;

impl Choosing {
    /// Lays out `article` for a budget of `chars` characters.
    pub(super) fn new(article: &Article, chars: usize) -> Self {
        let mut text = Text::default();
        let mut pieces = Vec::new();
        let mut whole = Vec::new();
        let mut sample = String::new();
        for line in &article.paragraphs {
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            for sentence in sentences(&line) {
                if whole.len() == MOST_SENTENCES {
                    break;
                }
                let sentence = sentence.trim();
                if sample.len() < 2_000 {
                    sample.push_str(sentence);
                }
                let terms = text.glossary.terms(sentence);
                let first_clause = sentence.find(['，', ',', '：', '；']).unwrap_or(sentence.len());
                text.first_clauses.push(text.glossary.terms(&sentence[..first_clause]).len());
                text.sentences.push(terms.clone());
                let length = sentence.chars().count();
                let leaning = !whole.is_empty() && leans(&folded_text(sentence));
                if length <= chars {
                    whole.push(Some(pieces.len()));
                    pieces.push(Piece {
                        text: sentence.to_owned(),
                        terms,
                        sentence: whole.len() - 1,
                        chars: length,
                        inner: false,
                        leans: leaning,
                    });
                } else {
                    whole.push(None);
                    let at = whole.len() - 1;
                    pieces.extend(clauses(sentence, chars).into_iter().map(|clause| Piece {
                        terms: text.glossary.terms(&clause.text),
                        chars: clause.text.chars().count(),
                        sentence: at,
                        leans: leaning || (clause.inner && leans(&folded_text(&clause.text))),
                        inner: clause.inner,
                        text: clause.text,
                    }));
                }
            }
        }
        for line in [&article.headline, &article.kicker, &article.deck].into_iter().flatten() {
            text.title.extend(text.glossary.terms(line));
        }
        let characters = counts_characters(&sample);
        let weights =
            (0..text.glossary.len()).map(|term| if characters { text.glossary.kind(term as Term).chars() as f32 } else { 1.0 }).collect();
        let expected = if characters { HEADLINE_CHARACTERS } else { HEADLINE_WORDS };
        Self { chances: text.chances(characters), text, pieces, whole, weights, expected, budget: chars }
    }

    /// The signs of every term of the body, and whether it stands in `head`.
    pub(super) fn term_rows(&mut self, heads: &[String]) -> Vec<TermRow> {
        let heads: Vec<Vec<Term>> = heads.iter().map(|head| self.text.glossary.terms(head)).collect();
        let row = |(n, signs): (usize, Option<_>)| {
            let (term, signs) = (n as Term, signs?);
            let share = heads.iter().filter(|head| head.contains(&term)).count() as f32 / heads.len().max(1) as f32;
            let character = match self.text.glossary.kind(term) {
                Kind::Ideograph(c) => Some(c),
                _ => None,
            };
            Some(TermRow { signs, character, share })
        };
        self.text.signs().into_iter().enumerate().filter_map(row).collect()
    }

    /// The piece with what it leans on; `None` where that does not fit, or is not to be had whole.
    fn closed(&self, piece: usize) -> Option<Choice> {
        let mut choice = vec![piece];
        let mut first = &self.pieces[piece];
        while first.leans {
            if choice.len() > LONGEST_CHAIN || first.inner {
                return None;
            }
            let before = self.whole[first.sentence.checked_sub(1)?]?;
            choice.insert(0, before);
            first = &self.pieces[before];
        }
        (self.length(&choice) <= self.budget).then_some(choice)
    }

    /// The choices of one piece and of two, each with what they lean on.
    pub(super) fn pairs(&self) -> Vec<Choice> {
        let singles = self.candidates();
        let first: Vec<&Choice> = singles.iter().take(MOST_PAIRED).collect();
        let pairs = first.iter().enumerate().flat_map(|(n, a)| first[n + 1..].iter().filter_map(|b| self.joined(a, b)));
        let pairs: Vec<Choice> = pairs.collect();
        singles.into_iter().chain(pairs).collect()
    }

    /// All single pieces with what they lean on.
    pub(super) fn candidates(&self) -> Vec<Choice> {
        (0..self.pieces.len()).filter_map(|piece| self.closed(piece)).collect()
    }

    /// The choice of which most is expected; `None` where nothing fits.
    pub(super) fn best(&self) -> Option<Choice> {
        let mut ranked: Vec<(f32, Choice)> = self.candidates().into_iter().map(|choice| (self.expected(&choice), choice)).collect();
        // Of equal ones the first in the text.
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        let singles: Vec<Choice> = ranked.iter().map(|(_, choice)| choice.clone()).collect();
        let mut best = ranked.first()?.clone();
        for (mut value, mut choice) in ranked.into_iter().take(FIRST_CHOICES) {
            for _ in 0..MOST_ADDED {
                let grown = singles.iter().filter_map(|more| self.joined(&choice, more)).map(|grown| (self.expected(&grown), grown));
                match grown.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|grown| grown.0 > value) {
                    Some(grown) => (value, choice) = grown,
                    None => break,
                }
            }
            if value > best.0 {
                best = (value, choice);
            }
        }
        Some(best.1)
    }

    /// Two choices together, where they fit and do not take two pieces of one sentence.
    fn joined(&self, a: &Choice, b: &Choice) -> Option<Choice> {
        let mut both: Choice = a.iter().chain(b).copied().collect();
        both.sort_unstable();
        both.dedup();
        let sentences_differ = both.windows(2).all(|pair| self.pieces[pair[0]].sentence != self.pieces[pair[1]].sentence);
        (both.len() > a.len() && sentences_differ && self.length(&both) <= self.budget).then_some(both)
    }

    /// Characters of a choice as it is shown.
    fn length(&self, choice: &Choice) -> usize {
        let spaces = choice.windows(2).filter(|pair| self.spaced(pair[0], pair[1])).count();
        choice.iter().map(|piece| self.pieces[*piece].chars).sum::<usize>() + spaces
    }

    /// Whether a space stands between two pieces.
    fn spaced(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.pieces[a], &self.pieces[b]);
        let last = a.text.chars().next_back();
        let first = b.text.chars().find(|c| c.is_alphanumeric());
        last.is_some_and(char::is_alphanumeric)
            || !first.is_some_and(is_ideograph) && !last.is_some_and(|c| matches!(c, '。' | '！' | '？' | '”' | '」' | ELLIPSIS))
    }

    /// A choice as it is shown.
    pub(super) fn shown(&self, choice: &Choice) -> String {
        let mut text = String::new();
        for (n, piece) in choice.iter().enumerate() {
            if n > 0 && self.spaced(choice[n - 1], *piece) {
                text.push(' ');
            }
            text.push_str(&self.pieces[*piece].text);
        }
        text
    }

    /// How much of a headline is expected to stand in the choice, as F1.
    fn expected(&self, choice: &Choice) -> f32 {
        let mut terms: Vec<Term> = choice.iter().flat_map(|piece| &self.pieces[*piece].terms).copied().collect();
        terms.sort_unstable();
        let (mut shared, mut length, mut last) = (0.0, 0.0, None);
        for term in terms {
            let (chance, weight) = (self.chances[term as usize], self.weights[term as usize]);
            shared += weight * if last == Some(term) { chance * chance * REPEATED } else { chance };
            length += weight;
            last = Some(term);
        }
        let further = choice.len().saturating_sub(1) as f32;
        2.0 * shared / (length + self.expected) - FURTHER_SENTENCE * further
    }
}

/// A run of clauses of a sentence.
struct Clause {
    text: String,
    /// Whether it begins within the sentence.
    inner: bool,
}

/// The runs of whole clauses of a sentence that fit `chars`, the ellipsis included that stands for what
/// was left out at the end. A run begins where the sentence does or where a semicolon has parted it:
/// what stands behind a comma has its subject before it.
fn clauses(sentence: &str, chars: usize) -> Vec<Clause> {
    let text: Vec<(usize, char)> = sentence.char_indices().collect();
    let marks = Marks::of(&text);
    let ends: Vec<usize> = (1..text.len()).filter(|n| marks.ends_clause(*n) && !marks.is_inside(*n)).take(MOST_CLAUSES).collect();
    let parts = ends.iter().filter(|n| matches!(text[**n].1, '；' | ';')).map(|n| n + 1);
    let mut runs = Vec::new();
    for start in std::iter::once(0).chain(parts) {
        let stops = ends.iter().copied().filter(|n| *n > start).chain(std::iter::once(text.len()));
        for end in stops {
            let at = |n: usize| text.get(n).map_or(sentence.len(), |(place, _)| *place);
            let (cut, kept) = (end < text.len(), sentence[at(start)..at(end)].trim());
            if kept.is_empty() || kept.chars().count() + usize::from(cut) > chars {
                continue;
            }
            let text = if cut { format!("{kept}{ELLIPSIS}") } else { kept.to_owned() };
            runs.push(Clause { text, inner: start > 0 });
        }
    }
    runs
}
