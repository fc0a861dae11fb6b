//! The fitted numbers. `tests/train` fits them; its README says how.

// Numbers that come near to one of mathematics are fitted as the others are.
#[allow(clippy::approx_constant)]
mod salience;

pub(super) use salience::{CHARACTERS, SALIENCE, SALIENCE_OF_WORDS};
