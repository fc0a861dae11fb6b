//! Cron schedules in a time zone.

/// A cron line and its zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {}
