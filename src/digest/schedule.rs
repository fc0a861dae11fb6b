//! Cron schedules in a time zone.
//!
//! A *slot* is an instant at which a digest is due. The `cron` crate finds the slots of a line on a
//! calendar without time zones; this module lays that calendar over a zone, because the crate alone
//! skips what falls into the gap of a clock that is put forward, and runs twice, or backwards, where
//! a clock is put back:
//!
//! * A wall clock time that does not exist is made up for at the first instant after the gap, once,
//!   however many times of the line fell into the gap. Where the line runs at every hour (`*`,
//!   `*/2`) nothing is made up for: the hour did not happen.
//! * A wall clock time that happens twice is a slot at its first pass, and at both where the line
//!   runs at every hour.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, SubsecRound, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};
use thiserror::Error;

use self::line::Fields;

mod line;
mod timing;

pub use timing::{Holiday, QuietHours, Timing, TimingError, Trigger};

/// Why a line is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScheduleError {
    /// Neither five nor six fields.
    #[error(
        "the schedule {line:?} has {found} fields, expected five: minute, hour, day of the month, month, weekday (or six, with the second in front)"
    )]
    FieldCount {
        /// The line.
        line: String,
        /// How many fields it has.
        found: usize,
    },
    /// A name with `@` that stands for nothing.
    #[error("the schedule {found:?} is unknown, expected @hourly, @daily, @weekly, @monthly, @yearly or five fields")]
    Alias {
        /// The name.
        found: String,
    },
    /// A field that cannot be read.
    #[error("the {field} of the schedule is {found:?}: {expected}")]
    Field {
        /// Which field.
        field: &'static str,
        /// What stands in it.
        found: String,
        /// What would be right.
        expected: String,
    },
    /// Both day fields are restricted, which cron programs read differently.
    #[error(
        "the schedule has both a day of the month ({day}) and a weekday ({weekday}); whether both must hold or one is enough differs between cron programs: make two webhooks with one schedule each, or put \"*\" in one of the fields"
    )]
    DayAndWeekday {
        /// The day of the month.
        day: String,
        /// The weekday.
        weekday: String,
    },
    /// No month has such a day.
    #[error("the schedule is never due: no month {month} has a day {day}")]
    NeverDue {
        /// The day of the month.
        day: String,
        /// The month.
        month: String,
    },
    /// The `cron` crate refused what was read; a defect of newsboy.
    #[error("the schedule {line:?} was read as {notation:?}, which cannot be evaluated: {why}")]
    Notation {
        /// The line.
        line: String,
        /// What was made of it.
        notation: String,
        /// What the crate said.
        why: String,
    },
}

/// A cron line and its zone.
///
/// Slots are whole seconds, and there are none after the year 2100, where the calendar of the `cron`
/// crate ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    line: String,
    zone: Tz,
    calendar: cron::Schedule,
    every_hour: bool,
}

impl Schedule {
    /// Reads a line of five fields (minute, hour, day of the month, month, weekday), or of six with
    /// the second in front, or one of `@hourly`, `@daily`, `@weekly`, `@monthly` and `@yearly`.
    ///
    /// A field is `*` or a list of values and ranges, either with a step (`*/20`, `8-18/2`). Weekdays
    /// are 0 to 7, Sunday being 0 and 7, or names; months are 1 to 12 or names.
    ///
    /// # Errors
    ///
    /// A field that cannot be read; a line that restricts both the day of the month and the
    /// weekday; a date that no year has.
    pub fn parse(line: &str, zone: Tz) -> Result<Self, ScheduleError> {
        let fields = Fields::read(line)?;
        let notation = fields.cron_notation();
        let calendar = cron::Schedule::from_str(&notation).map_err(|e| ScheduleError::Notation {
            line: line.to_owned(),
            notation: notation.clone(),
            why: e.to_string(),
        })?;
        Ok(Self { line: line.trim().to_owned(), zone, calendar, every_hour: fields.every_hour })
    }

    /// The line as it was written.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The zone whose wall clock the line means.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The first slot after `instant`, never at it; `None` where the calendar ends.
    pub fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let wall = self.wall(instant);
        // In the first pass of a repeated hour, the second pass of times that the wall clock has
        // shown already is still to come.
        let mut found: Option<DateTime<Utc>> = None;
        for time in self.calendar.after(&(wall - self.other_pass(wall)).and_utc()) {
            let time = time.naive_utc();
            found = self.instants(time).into_iter().flatten().filter(|slot| *slot > instant).chain(found).min();
            if found.is_some() && time > wall {
                break;
            }
        }
        found
    }

    /// The last slot at `instant` or before; `None` where the calendar begins, in 1970.
    pub fn last_at_or_before(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let wall = self.wall(instant);
        // In the second pass of a repeated hour, the first pass of times that the wall clock will
        // show again is over.
        let end = wall.trunc_subsecs(0) + self.other_pass(wall) + Duration::seconds(1);
        let mut found: Option<DateTime<Utc>> = None;
        for time in self.calendar.after(&end.and_utc()).rev() {
            let time = time.naive_utc();
            found = self.instants(time).into_iter().flatten().filter(|slot| *slot <= instant).chain(found).max();
            if found.is_some() && time <= wall {
                break;
            }
        }
        found
    }

    /// The slots after `instant`, in order.
    pub fn after(&self, instant: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> + '_ {
        std::iter::successors(self.next_after(instant), |slot| self.next_after(*slot))
    }

    fn wall(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.with_timezone(&self.zone).naive_local()
    }

    /// How far the two passes of a wall clock time lie apart; zero where it happens once.
    fn other_pass(&self, wall: NaiveDateTime) -> Duration {
        match self.zone.from_local_datetime(&wall) {
            LocalResult::Ambiguous(first, second) => second.signed_duration_since(first),
            LocalResult::Single(_) | LocalResult::None => Duration::zero(),
        }
    }

    /// The slots that a time of the calendar stands for.
    fn instants(&self, wall: NaiveDateTime) -> [Option<DateTime<Utc>>; 2] {
        let [first, second] = match self.zone.from_local_datetime(&wall) {
            LocalResult::Single(only) => [Some(only), None],
            LocalResult::Ambiguous(first, second) => [Some(first), self.every_hour.then_some(second)],
            LocalResult::None if self.every_hour => [None, None],
            LocalResult::None => [GapInfo::new(&wall, &self.zone).and_then(|gap| gap.end), None],
        };
        [first, second].map(|instant| instant.map(|i| i.with_timezone(&Utc)))
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.line, self.zone)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod year;
