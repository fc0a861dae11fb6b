//! Search: what a person types, as tokens that an index can find.
//!
//! Chinese has no word boundaries, so a text is indexed by overlapping pairs of characters
//! (*bigrams*): every two-character word is a token, and a longer word is a phrase of tokens that
//! follow each other. Scripts with spaces are indexed by words. Both are folded first, so that
//! neither case nor width nor accents matter.
//!
//! The store indexes by [`index_text`] and asks by [`Query`]; the pages show hits by [`snippet`].

mod fold;
mod query;
mod snippet;
mod tokens;

pub use fold::fold;
pub use query::{MAX_QUERY_CHARS, MAX_TERMS, Query, Term};
pub use snippet::{Piece, highlight, snippet};
pub use tokens::{Token, index_text, tokens};
