//! The Retry-After header (RFC 9110, section 10.2.3).

use chrono::{DateTime, Duration, NaiveDateTime, Utc};

/// The longest wait that a service may ask for. It is bounded because a broken clock on the other
/// side must not hold a delivery back for years.
pub const LONGEST: Duration = Duration::hours(6);

/// The three forms of an HTTP date (RFC 9110, section 5.6.7): the present one, that of RFC 850 and
/// that of asctime.
const DATES: [&str; 3] = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

/// How long the header asks to wait: a number of seconds, with a fraction too, as some services
/// send it, or a date. At most [`LONGEST`], in whole milliseconds rounded up; `None` where the
/// header says nothing that can be understood.
pub fn parse(header: &str, now: DateTime<Utc>) -> Option<Duration> {
    let header = header.trim();
    let wait = match header.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() => {
            let most = LONGEST.num_milliseconds() as f64;
            Duration::milliseconds((seconds * 1000.0).ceil().clamp(0.0, most) as i64)
        }
        Ok(_) => return None,
        Err(_) => {
            let date = DATES.iter().find_map(|form| NaiveDateTime::parse_from_str(header, form).ok())?;
            date.and_utc().signed_duration_since(now)
        }
    };
    Some(wait.clamp(Duration::zero(), LONGEST))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    fn wait(header: &str) -> Option<i64> {
        parse(header, "2026-11-20T08:00:00Z".parse().unwrap()).map(|wait| wait.num_milliseconds())
    }

    #[test]
    fn seconds_fractions_and_the_three_forms_of_a_date_are_understood() {
        assert_eq!(wait("120"), Some(120_000));
        assert_eq!(wait(" 0.3575 "), Some(358));
        assert_eq!(wait("Fri, 20 Nov 2026 08:01:30 GMT"), Some(90_000));
        assert_eq!(wait("Friday, 20-Nov-26 08:01:30 GMT"), Some(90_000));
        assert_eq!(wait("Fri Nov 20 08:01:30 2026"), Some(90_000));
    }

    #[test]
    fn what_is_past_is_now_and_what_is_too_far_is_cut() {
        assert_eq!(wait("-5"), Some(0));
        assert_eq!(wait("Fri, 20 Nov 2026 07:00:00 GMT"), Some(0));
        assert_eq!(wait("1e300"), Some(LONGEST.num_milliseconds()));
        assert_eq!(wait("Fri, 31 Dec 9999 23:59:59 GMT"), Some(LONGEST.num_milliseconds()));
    }

    #[test]
    fn what_cannot_be_understood_asks_for_nothing() {
        for header in ["", "soon", "NaN", "inf", "20 Nov 2026", "Fri, 32 Nov 2026 08:01:30 GMT"] {
            assert_eq!(wait(header), None, "{header:?}");
        }
    }

    proptest! {
        #[test]
        fn no_header_asks_for_more_than_the_longest_wait(header in "[0-9eE+.-]{0,12}|.{0,40}") {
            prop_assert!(wait(&header).is_none_or(|w| (0..=LONGEST.num_milliseconds()).contains(&w)));
        }
    }
}
