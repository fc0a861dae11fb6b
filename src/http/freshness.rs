//! How long a cache may keep a feed before it asks again.

use axum::http::HeaderValue;
use chrono::{DateTime, Days, Duration, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;

use super::answer::MINUTE;

/// The shortest time, for a page that lands is to be read within a minute.
const SHORTEST: Duration = Duration::minutes(1);

/// The longest time, for a correction is not to wait long either.
const LONGEST: Duration = Duration::minutes(15);

/// When a paper comes out.
#[derive(Debug, Clone, PartialEq)]
pub struct Habit {
    /// Its time zone.
    pub zone: Tz,
    /// The hour of the day in that zone.
    pub hour: NaiveTime,
}

impl Habit {
    /// When it comes out next after an instant. An hour that the clocks skip is none: the next day's
    /// counts.
    fn next(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = now.with_timezone(&self.zone).date_naive();
        let days = (0..3).filter_map(|days| today.checked_add_days(Days::new(days)));
        let mut hours = days.filter_map(|day| self.zone.from_local_datetime(&day.and_time(self.hour)).earliest());
        hours.find(|hour| *hour > now).map(|hour| hour.to_utc())
    }
}

/// `Cache-Control` for a feed that last changed at `changed`: a tenth of the time for which it has stood
/// still (the rule of thumb of RFC 9111, section 4.2.2), within bounds, and never beyond the hour at
/// which one of its papers comes out next.
pub(super) fn caching(changed: DateTime<Utc>, now: DateTime<Utc>, papers: &[Habit]) -> HeaderValue {
    let still = (now - changed) / 10;
    let next = papers.iter().filter_map(|habit| habit.next(now)).min();
    let until_next = next.map_or(LONGEST, |next| next - now);
    let seconds = still.min(until_next).min(LONGEST).max(SHORTEST).num_seconds();
    HeaderValue::from_str(&format!("public, max-age={seconds}")).unwrap_or(MINUTE)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn habit() -> Habit {
        Habit { zone: chrono_tz::Asia::Shanghai, hour: NaiveTime::from_hms_opt(6, 0, 0).unwrap() }
    }

    fn at(time: &str) -> DateTime<Utc> {
        format!("2026-03-12T{time}+08:00").parse().unwrap()
    }

    #[test]
    fn a_feed_is_kept_the_longer_the_longer_it_stands_still_and_no_longer_than_to_the_next_paper() {
        let seconds = |changed: &str, now: &str| caching(at(changed), at(now), &[habit()]).to_str().unwrap().to_owned();
        for (changed, now, age) in [
            ("06:00:00", "06:00:10", 60),
            ("06:00:00", "06:30:00", 180),
            ("06:00:00", "12:00:00", 900),
            ("00:00:00", "05:50:00", 600),
            ("00:00:00", "05:59:50", 60),
            // A clock that was put back.
            ("06:00:00", "05:00:00", 60),
        ] {
            assert_eq!(seconds(changed, now), format!("public, max-age={age}"), "changed at {changed}, asked for at {now}");
        }
        assert_eq!(caching(at("00:00:00"), at("05:59:00"), &[]), "public, max-age=900", "of papers whose hour nobody knows");
    }

    #[test]
    fn an_hour_that_the_clocks_skip_is_that_of_the_next_day() {
        let habit = Habit { zone: chrono_tz::Europe::Berlin, hour: NaiveTime::from_hms_opt(2, 30, 0).unwrap() };
        let next = habit.next("2026-03-29T00:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(next.to_rfc3339(), "2026-03-30T00:30:00+00:00");
    }
}
