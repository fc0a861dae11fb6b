//! How likely each term of an article is to stand in a headline over it.
//!
//! A headline is made of what its article keeps coming back to and of what its beginning names. A
//! logistic model of a few such signs, fitted on articles with several headlines each (`tests/train`),
//! gives every term a chance; what a sentence is worth follows from the chances of its terms.

use std::collections::HashMap;

use super::terms::{Glossary, Kind, Term};
use super::weights::{CHARACTERS, SALIENCE, SALIENCE_OF_WORDS};
use crate::model::script::is_ideograph;

/// How many signs of a term there are.
pub(super) const SIGNS: usize = 18;

/// Signs of one term.
pub(super) type Signs = [f32; SIGNS];

/// An article as its terms: sentence by sentence, in order.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub(super) glossary: Glossary,
    /// Terms of each sentence of the body.
    pub(super) sentences: Vec<Vec<Term>>,
    /// Of each sentence, how many terms its first clause has.
    pub(super) first_clauses: Vec<usize>,
    /// Terms of headline, kicker and deck.
    pub(super) title: Vec<Term>,
}

/// What is counted of a term.
#[derive(Clone, Default)]
struct Tally {
    count: f32,
    sentences: f32,
    last_sentence: usize,
    first_place: usize,
    first_sentence: usize,
    in_first_clause: bool,
    /// How often the commonest pair and the commonest triple of neighbours with the term occur.
    pair: f32,
    triple: f32,
    /// The same, of pairs that stand in different sentences.
    spread_pair: f32,
    in_title: bool,
}

impl Text {
    /// The signs of every term of the body; `None` for terms of the title alone.
    pub(super) fn signs(&self) -> Vec<Option<Signs>> {
        let mut tallies: Vec<Tally> = vec![Tally { last_sentence: usize::MAX, ..Tally::default() }; self.glossary.len()];
        let mut pairs: HashMap<[Term; 2], (f32, f32, usize)> = HashMap::new();
        let mut triples: HashMap<[Term; 3], f32> = HashMap::new();
        let mut place = 0;
        for (n, sentence) in self.sentences.iter().enumerate() {
            for (m, term) in sentence.iter().enumerate() {
                let tally = &mut tallies[*term as usize];
                if tally.count == 0.0 {
                    (tally.first_place, tally.first_sentence) = (place, n);
                    tally.in_first_clause = n == 0 && m < self.first_clauses.first().copied().unwrap_or(0);
                }
                tally.count += 1.0;
                if tally.last_sentence != n {
                    tally.sentences += 1.0;
                    tally.last_sentence = n;
                }
                place += 1;
            }
            for pair in sentence.windows(2) {
                let seen = pairs.entry([pair[0], pair[1]]).or_insert((0.0, 0.0, usize::MAX));
                seen.0 += 1.0;
                if seen.2 != n {
                    seen.1 += 1.0;
                    seen.2 = n;
                }
            }
            for triple in sentence.windows(3) {
                *triples.entry([triple[0], triple[1], triple[2]]).or_default() += 1.0;
            }
        }
        for (pair, (count, spread, _)) in &pairs {
            for term in pair {
                let tally = &mut tallies[*term as usize];
                tally.pair = tally.pair.max(*count);
                tally.spread_pair = tally.spread_pair.max(*spread);
            }
        }
        for (triple, count) in &triples {
            for term in triple {
                let tally = &mut tallies[*term as usize];
                tally.triple = tally.triple.max(*count);
            }
        }
        for term in &self.title {
            tallies[*term as usize].in_title = true;
        }
        let (sentences, length) = (self.sentences.len().max(1) as f32, place.max(1) as f32);
        let has_title = f32::from(u8::from(!self.title.is_empty()));
        let last = self.sentences.len().saturating_sub(1);
        let signs_of = |(n, tally): (usize, &Tally)| {
            if tally.count == 0.0 {
                return None;
            }
            let kind = self.glossary.kind(n as Term);
            let flag = |yes: bool| f32::from(u8::from(yes));
            Some(
                [
                    1.0,
                    tally.count.ln_1p(),
                    tally.count / length * 100.0,
                    tally.sentences / sentences,
                    flag(tally.first_sentence == 0),
                    flag(tally.in_first_clause),
                    tally.first_place as f32 / length,
                    (-(tally.first_place as f32) / 40.0).exp(),
                    flag(matches!(kind, Kind::Number(_))),
                    flag(matches!(kind, Kind::Word(_))),
                    tally.pair.ln(),
                    tally.triple.max(1.0).ln(),
                    tally.spread_pair.max(1.0).ln() / sentences.ln_1p(),
                    flag(tally.last_sentence == last),
                    flag(tally.in_title),
                    has_title,
                    (sentences.ln_1p() - 1.5) * flag(tally.pair > 1.0),
                    // Short words say little.
                    if let Kind::Word(chars) = kind { (chars as f32 / 8.0).min(1.5) } else { 0.0 },
                ]
                .map(|sign: f32| if sign.is_finite() { sign } else { 0.0 }),
            )
        };
        tallies.iter().enumerate().map(signs_of).collect()
    }

    /// The chance of every term to stand in a headline, in a text of ideographs or one of words.
    pub(super) fn chances(&self, ideographs: bool) -> Vec<f32> {
        let weights = if ideographs { SALIENCE } else { SALIENCE_OF_WORDS };
        let chance = |(n, signs): (usize, Option<Signs>)| {
            signs.map_or(0.0, |signs| {
                let own = match self.glossary.kind(n as Term) {
                    Kind::Ideograph(c) => CHARACTERS.binary_search_by_key(&c, |(c, _)| *c).map_or(0.0, |at| CHARACTERS[at].1),
                    _ => 0.0,
                };
                logistic(signs.iter().zip(weights).map(|(s, w)| s * w).sum::<f32>() + own)
            })
        };
        self.signs().into_iter().enumerate().map(chance).collect()
    }
}

pub(super) fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// Whether the text is measured in characters rather than in words.
pub(super) fn counts_characters(text: &str) -> bool {
    let (ideographs, letters) =
        text.chars().fold((0, 0), |(i, l), c| if is_ideograph(c) { (i + 1, l) } else { (i, l + usize::from(c.is_alphabetic())) });
    ideographs * 4 > letters
}
