//! Digests: articles and a window to a digest; schedules with time zones.

mod compose;
pub mod schedule;
mod wording;

pub use compose::{Brief, Paper, Selection, compose};
