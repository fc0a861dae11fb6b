//! The terms of an article: its ideographs, words and numbers, without regard to case, width and script.

use std::collections::HashMap;

use crate::model::fold::folded_text;
use crate::model::script::is_ideograph;
use crate::model::units::units;

/// A term's number within its document.
pub(super) type Term = u32;

/// Numbers the terms of one document.
#[derive(Debug, Default)]
pub(super) struct Glossary {
    numbers: HashMap<String, Term>,
    kinds: Vec<Kind>,
}

/// What a term looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An ideograph or a kana.
    Ideograph(char),
    /// A run of letters of another script, so many characters long.
    Word(usize),
    /// A run of digits, so many characters long.
    Number(usize),
}

impl Kind {
    fn of(unit: &str) -> Self {
        match unit.chars().next() {
            Some(c) if is_ideograph(c) => Self::Ideograph(c),
            Some(c) if c.is_ascii_digit() => Self::Number(unit.chars().count()),
            _ => Self::Word(unit.chars().count()),
        }
    }

    /// How many characters it has.
    pub(super) fn chars(self) -> usize {
        match self {
            Self::Ideograph(_) => 1,
            Self::Word(chars) | Self::Number(chars) => chars,
        }
    }
}

impl Glossary {
    /// The terms of `text` in their order; new ones are numbered.
    pub(super) fn terms(&mut self, text: &str) -> Vec<Term> {
        units(&folded_text(text)).into_iter().map(|unit| self.number(unit)).collect()
    }

    fn number(&mut self, unit: &str) -> Term {
        if let Some(known) = self.numbers.get(unit) {
            return *known;
        }
        let next = u32::try_from(self.kinds.len()).unwrap_or(u32::MAX);
        self.numbers.insert(unit.to_owned(), next);
        self.kinds.push(Kind::of(unit));
        next
    }

    /// What the term looks like.
    pub(super) fn kind(&self, term: Term) -> Kind {
        self.kinds.get(term as usize).copied().unwrap_or(Kind::Word(1))
    }

    /// How many terms there are.
    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }
}
