//! When a webhook's digests are due: by a schedule or as articles arrive, but not in its quiet hours
//! and not on its holidays.

use std::fmt;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};
use thiserror::Error;

use super::Schedule;

/// The shortest time by which two instants of a timing differ.
const TICK: Duration = Duration::milliseconds(1);

/// Steps at most by which quiet hours and holidays are got over: a year of days with two changes of
/// the clock each, and as many ranges. Behind it there is no slot.
const MOST_STEPS: usize = 1_500;

/// What makes a digest due.
#[derive(Debug, Clone, PartialEq)]
pub enum Trigger {
    /// The slots of a cron line.
    Cron(Box<Schedule>),
    /// The arrival of articles.
    Arrival {
        /// How long is waited for further ones, so that the pages of an edition are one digest.
        batch: Duration,
        /// The zone of quiet hours, holidays and dates.
        zone: Tz,
    },
}

/// When digests are due.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    trigger: Trigger,
    quiet: Vec<QuietHours>,
    holidays: Vec<Holiday>,
}

/// Why quiet hours or a holiday cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TimingError {
    /// Quiet hours that are none.
    #[error("{found:?} are no quiet hours, expected two hours of the day that differ, such as \"22:00-07:00\"")]
    Quiet {
        /// What was found.
        found: String,
    },
    /// A holiday that is none.
    #[error(
        "{found:?} is no holiday, expected a date such as \"2026-10-01\", a day of every year such as \"12-25\", or a range \"2026-10-01..2026-10-07\""
    )]
    Holiday {
        /// What was found.
        found: String,
    },
    /// Nothing would ever be sent.
    #[error("the quiet hours leave no minute of the day; remove one of them")]
    AlwaysQuiet,
}

/// Hours of the day in which nothing is sent: from the first one, up to the second one, which may be
/// on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    from: NaiveTime,
    to: NaiveTime,
}

impl QuietHours {
    /// Reads `22:00-07:00`; `24:00` is the end of the day.
    ///
    /// # Errors
    ///
    /// [`TimingError::Quiet`].
    pub fn parse(text: &str) -> Result<Self, TimingError> {
        let hour = |text: &str| match text.trim() {
            "24:00" => Some(NaiveTime::MIN),
            text if text.len() == 5 => NaiveTime::parse_from_str(text, "%H:%M").ok(),
            _ => None,
        };
        let hours = text.split_once('-').and_then(|(from, to)| Some(Self { from: hour(from)?, to: hour(to)? }));
        hours.filter(|hours| hours.from != hours.to).ok_or_else(|| TimingError::Quiet { found: text.to_owned() })
    }

    fn has(self, time: NaiveTime) -> bool {
        if self.from < self.to { (self.from..self.to).contains(&time) } else { time >= self.from || time < self.to }
    }
}

/// A day without digests, or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holiday {
    /// From one date to another one, both included.
    Dates(NaiveDate, NaiveDate),
    /// A month and a day of every year.
    Yearly(u32, u32),
}

impl Holiday {
    /// Reads `2026-10-01`, `2026-10-01..2026-10-07` or `12-25`.
    ///
    /// # Errors
    ///
    /// [`TimingError::Holiday`].
    pub fn parse(text: &str) -> Result<Self, TimingError> {
        let date = |text: &str| text.trim().parse::<NaiveDate>().ok();
        let yearly = |text: &str| {
            // A leap year, so that 29 February is a day.
            let date = date(&format!("2024-{}", text.trim())).filter(|_| text.trim().len() == 5)?;
            Some(Self::Yearly(date.month(), date.day()))
        };
        let holiday = match text.split_once("..") {
            Some((from, to)) => date(from).zip(date(to)).filter(|(from, to)| from <= to).map(|(from, to)| Self::Dates(from, to)),
            None => date(text).map(|day| Self::Dates(day, day)).or_else(|| yearly(text)),
        };
        holiday.ok_or_else(|| TimingError::Holiday { found: text.to_owned() })
    }

    fn has(self, date: NaiveDate) -> bool {
        match self {
            Self::Dates(from, to) => (from..=to).contains(&date),
            Self::Yearly(month, day) => (date.month(), date.day()) == (month, day),
        }
    }
}

impl Timing {
    /// By the slots of a schedule, without quiet hours and holidays.
    pub fn cron(schedule: Schedule) -> Self {
        Self { trigger: Trigger::Cron(Box::new(schedule)), quiet: Vec::new(), holidays: Vec::new() }
    }

    /// As articles arrive, without quiet hours and holidays.
    pub fn arrival(batch: Duration, zone: Tz) -> Self {
        Self { trigger: Trigger::Arrival { batch, zone }, quiet: Vec::new(), holidays: Vec::new() }
    }

    /// The same, but never in these hours and on these days.
    ///
    /// # Errors
    ///
    /// [`TimingError::AlwaysQuiet`] where the hours leave nothing of the day.
    pub fn except(self, quiet: Vec<QuietHours>, holidays: Vec<Holiday>) -> Result<Self, TimingError> {
        let minutes = (0..24 * 60).filter_map(|minute| NaiveTime::from_num_seconds_from_midnight_opt(minute * 60, 0));
        if minutes.into_iter().all(|minute| quiet.iter().any(|hours| hours.has(minute))) {
            return Err(TimingError::AlwaysQuiet);
        }
        Ok(Self { quiet, holidays, ..self })
    }

    /// What makes a digest due.
    pub fn trigger(&self) -> &Trigger {
        &self.trigger
    }

    /// The zone whose wall clock all hours and dates mean.
    pub fn zone(&self) -> Tz {
        match &self.trigger {
            Trigger::Cron(schedule) => schedule.zone(),
            Trigger::Arrival { zone, .. } => *zone,
        }
    }

    /// How long is waited for further articles, where digests are due as articles arrive.
    pub fn batch(&self) -> Option<Duration> {
        match &self.trigger {
            Trigger::Cron(_) => None,
            Trigger::Arrival { batch, .. } => Some(*batch),
        }
    }

    /// The end of the quiet hours that `instant` lies in; `None` where it lies in none, or where they
    /// have no end. Where digests come as articles arrive, holidays are quiet from midnight to midnight.
    pub fn quiet_until(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut end = instant;
        for _ in 0..MOST_STEPS {
            match self.quiet_at(end) {
                Some(Stretch { to, .. }) => end = to.max(end + TICK),
                None => return (end > instant).then_some(end),
            }
        }
        None
    }

    /// The first slot after `instant`, never at it. A slot of the schedule that falls into quiet hours
    /// is moved to their end; several of them are one there. One on a holiday is left out. `None` where
    /// the calendar ends, and where digests come as articles arrive.
    pub fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let Trigger::Cron(schedule) = &self.trigger else { return None };
        // What falls into the quiet hours that last now is still to come, at their end.
        let mut after = self.quiet_since(instant).map_or(instant, |begin| begin - TICK);
        for _ in 0..MOST_STEPS {
            let due = schedule.next_after(after)?;
            let slot = self.quiet_until(due).unwrap_or(due);
            match self.holiday_at(slot) {
                Some(holiday) => {
                    // What falls into quiet hours that lead out of the holiday comes at their end.
                    let end = holiday.to - TICK;
                    after = due.max(self.quiet_since(end).map_or(end, |begin| begin - TICK));
                }
                None => return Some(slot),
            }
        }
        None
    }

    /// The last slot at `instant` or before; see [`Self::next_after`].
    pub fn last_at_or_before(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let Trigger::Cron(schedule) = &self.trigger else { return None };
        let mut until = instant;
        for _ in 0..MOST_STEPS {
            let due = schedule.last_at_or_before(self.quiet_since(until).map_or(until, |begin| begin - TICK))?;
            let slot = self.quiet_until(due).unwrap_or(due);
            match self.holiday_at(slot) {
                Some(holiday) => until = holiday.from - TICK,
                None => return Some(slot),
            }
        }
        None
    }

    /// The slots after `instant`, in order.
    pub fn after(&self, instant: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> + '_ {
        std::iter::successors(self.next_after(instant), |slot| self.next_after(*slot))
    }

    /// The beginning of the quiet hours that `instant` lies in.
    fn quiet_since(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut begin = self.quiet_at(instant)?.from.min(instant);
        for _ in 0..MOST_STEPS {
            match self.quiet_at(begin - TICK) {
                Some(Stretch { from, .. }) => begin = from.min(begin - TICK),
                None => break,
            }
        }
        Some(begin)
    }

    /// The stretch of quiet hours around `instant`. Where the clock is put back inside of it, it ends
    /// early or begins late; what comes before or behind is a stretch of its own.
    fn quiet_at(&self, instant: DateTime<Utc>) -> Option<Stretch> {
        let wall = self.wall(instant);
        let hours = self.quiet.iter().find(|hours| hours.has(wall.time()));
        hours.map_or_else(
            || self.holiday_at(instant).filter(|_| self.batch().is_some()),
            |hours| {
                let day = wall.date();
                let begin = if wall.time() >= hours.from { Some(day) } else { day.pred_opt() }?;
                let end = if hours.to > wall.time() { Some(day) } else { day.succ_opt() }?;
                Some(Stretch {
                    from: self.latest(begin.and_time(hours.from), instant)?,
                    to: self.earliest(end.and_time(hours.to), instant)?,
                })
            },
        )
    }

    /// The holiday that `instant` lies on, from midnight to midnight.
    fn holiday_at(&self, instant: DateTime<Utc>) -> Option<Stretch> {
        let day = self.wall(instant).date();
        self.holidays.iter().find(|holiday| holiday.has(day))?;
        let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN);
        Some(Stretch { from: self.latest(midnight(day), instant)?, to: self.earliest(midnight(day.succ_opt()?), instant)? })
    }

    fn wall(&self, instant: DateTime<Utc>) -> NaiveDateTime {
        instant.with_timezone(&self.zone()).naive_local()
    }

    /// The last instant at `until` or before at which the wall clock showed `wall`.
    fn latest(&self, wall: NaiveDateTime, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.passes(wall).into_iter().flatten().filter(|pass| *pass <= until).max()
    }

    /// The first instant after `from` at which the wall clock shows `wall`.
    fn earliest(&self, wall: NaiveDateTime, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.passes(wall).into_iter().flatten().filter(|pass| *pass > from).min()
    }

    /// The instants at which the wall clock shows `wall`; the first one after the gap where it never does.
    fn passes(&self, wall: NaiveDateTime) -> [Option<DateTime<Utc>>; 2] {
        let zone = self.zone();
        let local = zone.from_local_datetime(&wall);
        let gap = || GapInfo::new(&wall, &zone).and_then(|gap| gap.end);
        [local.earliest().or_else(gap), local.latest()].map(|pass| pass.map(|pass| pass.with_timezone(&Utc)))
    }
}

/// From an instant up to another one.
struct Stretch {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.trigger {
            Trigger::Cron(schedule) => schedule.fmt(f),
            Trigger::Arrival { batch, zone } => write!(f, "on arrival, {} s of it together ({zone})", batch.num_seconds()),
        }
    }
}

#[cfg(test)]
mod tests;
