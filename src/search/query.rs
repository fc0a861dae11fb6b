//! Queries: what a person types.

use super::tokens::{Token, tokens};

/// Characters of a query that are read; what is longer is cut.
pub const MAX_QUERY_CHARS: usize = 200;

/// Terms of a query that are looked for; further ones are passed over.
pub const MAX_TERMS: usize = 16;

/// A query, read.
///
/// Words between spaces must all stand in an article. `"in quotes"` is a phrase, `-word` must not
/// stand in it, `a OR b` asks for one of the two, and `word*` for words that begin so. A Chinese
/// word needs neither quotes nor spaces around it to be found inside a sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Of each of these, one term must stand in the article.
    all: Vec<Vec<Term>>,
    /// None of these may.
    none: Vec<Term>,
}

/// A word or phrase that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The tokens that must follow each other; never empty.
    tokens: Vec<String>,
    /// Whether the last one may be the beginning of a longer token.
    is_prefix: bool,
}

impl Term {
    /// The term of a text; `None` where there is neither letter nor digit in it.
    fn new(text: &str, begins: bool) -> Option<Self> {
        let mut found = tokens(text);
        let last = found.last()?;
        // Behind the word the text may go on: its last character is then no token of its own.
        if last.is_single && found.len() > 1 && is_end_of_pair(&found) {
            found.pop();
            let tokens = found.into_iter().map(|token| token.text).collect();
            return Some(Self { tokens, is_prefix: false });
        }
        let is_prefix = begins || last.is_single;
        Some(Self { tokens: found.into_iter().map(|token| token.text).collect(), is_prefix })
    }

    /// Whether the tokens of a text from `at` on are those of this term; gives how many they are.
    pub(super) fn matches_at(&self, text: &[Token], at: usize) -> Option<usize> {
        let length = self.tokens.len();
        let there = text.get(at..at + length)?;
        let (last, ahead) = self.tokens.split_last()?;
        let last_there = &there.last()?.text;
        let ends = if self.is_prefix { last_there.starts_with(last.as_str()) } else { last_there == last };
        (ends && ahead.iter().zip(there).all(|(token, other)| *token == other.text)).then_some(length)
    }

    fn stands_in(&self, text: &[Token]) -> bool {
        (0..text.len()).any(|at| self.matches_at(text, at).is_some())
    }

    /// The tokens that must follow each other.
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// Whether the last token may be the beginning of a longer one.
    pub fn is_prefix(&self) -> bool {
        self.is_prefix
    }
}

/// Whether the single character at the end is the second one of the pair before it.
fn is_end_of_pair(found: &[Token]) -> bool {
    matches!(found, [.., pair, last] if pair.end == last.end)
}

impl Query {
    /// Reads what a person typed. Nothing is refused: what has no letter or digit is passed over.
    pub fn parse(typed: &str) -> Self {
        let typed: String = typed.chars().take(MAX_QUERY_CHARS).collect();
        let mut query = Self::default();
        let mut is_alternative = false;
        for (number, Word { text, is_quoted, is_not }) in words(&typed).into_iter().enumerate() {
            if !is_quoted && !is_not && matches!(text.as_str(), "OR" | "|") {
                is_alternative = number > 0;
                continue;
            }
            let begins = !is_quoted && text.ends_with('*');
            let Some(term) = Term::new(&text, begins) else { continue };
            if query.all.iter().map(Vec::len).sum::<usize>() + query.none.len() == MAX_TERMS {
                break;
            }
            match query.all.last_mut() {
                _ if is_not => query.none.push(term),
                Some(last) if is_alternative => last.push(term),
                _ => query.all.push(vec![term]),
            }
            is_alternative = false;
        }
        query
    }

    /// Whether it asks for nothing: such a query finds nothing.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty() && self.none.is_empty()
    }

    /// Of each of these, one term must stand in the article.
    pub fn all(&self) -> &[Vec<Term>] {
        &self.all
    }

    /// None of these may stand in it.
    pub fn none(&self) -> &[Term] {
        &self.none
    }

    /// The terms that a hit shows.
    pub(super) fn shown(&self) -> impl Iterator<Item = &Term> {
        self.all.iter().flatten()
    }

    /// Whether paragraphs hold what is asked for: what an index must agree with.
    pub fn matches<'t>(&self, paragraphs: impl IntoIterator<Item = &'t str>) -> bool {
        let texts: Vec<Vec<Token>> = paragraphs.into_iter().map(tokens).collect();
        let stands = |term: &Term| texts.iter().any(|text| term.stands_in(text));
        !self.is_empty() && self.all.iter().all(|any| any.iter().any(stands)) && !self.none.iter().any(stands)
    }
}

/// A word or phrase as it was typed.
struct Word {
    text: String,
    is_quoted: bool,
    is_not: bool,
}

/// Divides at spaces outside of quotes. Chinese keyboards give quotes and spaces of their own.
fn words(typed: &str) -> Vec<Word> {
    let is_quote = |c: char| matches!(c, '"' | '“' | '”' | '「' | '」' | '＂');
    let mut words = Vec::new();
    let mut rest = typed.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_not = matches!(first, '-' | '－' | '−') && rest.chars().nth(1).is_some_and(|c| !c.is_whitespace());
        if is_not {
            rest = &rest[first.len_utf8()..];
        }
        let opens = rest.chars().next().filter(|c| is_quote(*c));
        let body = &rest[opens.map_or(0, char::len_utf8)..];
        let end = body.find(|c: char| if opens.is_some() { is_quote(c) } else { c.is_whitespace() }).unwrap_or(body.len());
        words.push(Word { text: body[..end].to_owned(), is_quoted: opens.is_some(), is_not });
        rest = &body[end..];
        if opens.is_some() {
            rest = rest.strip_prefix(is_quote).unwrap_or(rest);
        }
        rest = rest.trim_start();
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds(query: &str, text: &str) -> bool {
        Query::parse(query).matches([text])
    }

    #[test]
    fn a_word_is_found_wherever_it_stands_and_nowhere_else() {
        let text = "县里的新能源汽车（ＮＥＶ）与AI助农，创新，能源。Café de la Paix";
        for query in [
            "新能",
            "新能源",
            "新能源汽车",
            "汽车",
            "nev",
            "NEV与",
            "ai助农",
            "AI",
            "能源",
            "农",
            "与",
            "cafe",
            "CAFÉ",
            "\"cafe de\"",
            "caf*",
            "县",
            "源",
            "车 nev",
            "“创新”",
            "地铁 OR 汽车",
            "地铁 | 汽车 nev",
            "汽车 -地铁",
        ] {
            assert!(finds(query, text), "{query}");
        }
        for query in [
            "新车",
            "源能",
            "caf",
            "\"de cafe\"",
            "aid",
            "地铁",
            "汽车 -nev",
            "-汽车",
            "地铁 OR 公交",
            "能源创",
            "",
            "，",
            "*",
            "-",
            "OR",
            "\"\"",
        ] {
            assert!(!finds(query, text), "{query}");
        }
    }

    #[test]
    fn what_only_shuts_out_finds_all_others() {
        assert!(finds("-地铁", "汽车"));
    }

    #[test]
    fn a_query_has_a_bound() {
        let typed: String = (0..500).map(|n| format!("词{n} ")).collect();
        let query = Query::parse(&typed);
        assert!(query.all().len() <= MAX_TERMS);
    }

    proptest! {
        #[test]
        fn every_piece_of_a_run_is_found(text in "[一-龥]{1,30}", from in 0_usize..30, length in 1_usize..6) {
            let count = text.chars().count();
            let piece: String = text.chars().skip(from % count).take(length).collect();
            prop_assert!(finds(&piece, &text), "{} in {}", piece, text);
        }

        #[test]
        fn a_chinese_word_is_found_exactly_where_it_is_a_substring(text in "[甲乙丙]{0,8}(，[甲乙丙]{0,4})?", word in "[甲乙丙]{1,4}") {
            prop_assert_eq!(finds(&word, &text), text.contains(&word));
        }

        #[test]
        fn nothing_that_is_typed_breaks(typed in "\\PC{0,60}") {
            let _ = Query::parse(&typed).matches(["文"]);
        }
    }
}
