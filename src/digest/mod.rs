//! Digests: articles and a window to a digest; schedules with time zones.

pub mod schedule;
