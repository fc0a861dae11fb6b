//! Digests: articles and a window to a digest; schedules with time zones.

mod compose;
mod order;
pub mod schedule;
mod wording;

pub use compose::{Brief, Candidate, Paper, Selection, compose};
