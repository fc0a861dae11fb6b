#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn timing(line: &str, zone: &str, quiet: &[&str], holidays: &[&str]) -> Timing {
    let quiet = quiet.iter().map(|text| QuietHours::parse(text).unwrap()).collect();
    let holidays = holidays.iter().map(|text| Holiday::parse(text).unwrap()).collect();
    Timing::cron(Schedule::parse(line, zone.parse().unwrap()).unwrap()).except(quiet, holidays).unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn slots(timing: &Timing, after: &str, count: usize) -> Vec<String> {
    timing.after(utc(after)).take(count).map(|slot| slot.with_timezone(&timing.zone()).format("%m-%d %H:%M").to_string()).collect()
}

#[test]
fn what_falls_into_quiet_hours_is_one_slot_at_their_end() {
    let hourly = timing("0 * * * *", "Asia/Shanghai", &["22:00-07:30"], &[]);
    assert_eq!(slots(&hourly, "2026-11-20T12:30:00Z", 4), ["11-20 21:00", "11-21 07:30", "11-21 08:00", "11-21 09:00"]);
    // In the middle of the night, the morning is still to come and the evening was the last one.
    let night = utc("2026-11-20T19:00:00Z");
    assert_eq!(hourly.next_after(night), Some(utc("2026-11-20T23:30:00Z")));
    assert_eq!(hourly.last_at_or_before(night), Some(utc("2026-11-20T13:00:00Z")));
    assert_eq!(hourly.quiet_until(night), Some(utc("2026-11-20T23:30:00Z")));
    assert_eq!(hourly.quiet_until(utc("2026-11-20T23:30:00Z")), None);
}

#[test]
fn hours_that_meet_are_got_over_together() {
    let timing = timing("0 1 * * *", "UTC", &["22:00-24:00", "00:00-06:00", "06:00-06:30"], &[]);
    assert_eq!(slots(&timing, "2026-11-20T23:00:00Z", 2), ["11-21 06:30", "11-22 06:30"]);
}

#[test]
fn a_holiday_has_no_slot_and_quiet_hours_may_lead_out_of_it() {
    let daily = timing("0 8 * * *", "Asia/Shanghai", &[], &["2026-10-01..2026-10-07", "12-25"]);
    assert_eq!(slots(&daily, "2026-09-30T01:00:00Z", 2), ["10-08 08:00", "10-09 08:00"]);
    assert_eq!(slots(&daily, "2027-12-24T01:00:00Z", 1), ["12-26 08:00"]);
    assert_eq!(daily.last_at_or_before(utc("2026-10-05T12:00:00Z")), Some(utc("2026-09-30T00:00:00Z")));
    let late = timing("0 23 * * *", "UTC", &["22:00-07:00"], &["2026-12-25"]);
    assert_eq!(slots(&late, "2026-12-23T12:00:00Z", 3), ["12-24 07:00", "12-26 07:00", "12-27 07:00"]);
}

#[test]
fn on_arrival_a_holiday_is_quiet_and_there_are_no_slots() {
    let holidays = vec![Holiday::parse("2026-12-25").unwrap()];
    let arrival = Timing::arrival(Duration::seconds(5), "Europe/Berlin".parse().unwrap()).except(vec![], holidays).unwrap();
    assert_eq!(arrival.quiet_until(utc("2026-12-25T10:00:00Z")), Some(utc("2026-12-25T23:00:00Z")));
    assert_eq!(arrival.quiet_until(utc("2026-12-24T22:59:59Z")), None);
    assert_eq!((arrival.next_after(utc("2026-12-25T10:00:00Z")), arrival.last_at_or_before(utc("2026-12-25T10:00:00Z"))), (None, None));
}

#[test]
fn a_clock_that_is_put_back_or_forward_in_quiet_hours_ends_them_at_their_hour() {
    let berlin = |quiet| timing("0 1 * * *", "Europe/Berlin", &[quiet], &[]);
    // 02:30 happens twice: between its first pass and the return of 02:00 it is not quiet.
    assert_eq!(berlin("00:00-02:30").quiet_until(utc("2026-10-24T23:00:00Z")), Some(utc("2026-10-25T00:30:00Z")));
    assert_eq!(berlin("00:00-02:30").quiet_until(utc("2026-10-25T01:10:00Z")), Some(utc("2026-10-25T01:30:00Z")));
    // 02:30 never happens: the quiet hours end behind the gap.
    assert_eq!(berlin("00:00-02:30").quiet_until(utc("2026-03-29T00:10:00Z")), Some(utc("2026-03-29T01:00:00Z")));
}

#[test]
fn what_is_no_hour_and_no_holiday_is_refused() {
    for text in ["", "22:00", "22:00-22:00", "22-7", "22:00-25:00", "1:00-2:00"] {
        assert_eq!(QuietHours::parse(text), Err(TimingError::Quiet { found: text.to_owned() }));
    }
    for text in ["", "2026-13-01", "25-12", "2026-10-07..2026-10-01", "tomorrow", "02-30"] {
        assert_eq!(Holiday::parse(text), Err(TimingError::Holiday { found: text.to_owned() }));
    }
    assert!(matches!(Holiday::parse("02-29"), Ok(Holiday::Yearly(2, 29))));
    let all_day = ["00:00-12:00", "12:00-24:00"].map(|text| QuietHours::parse(text).unwrap()).to_vec();
    assert_eq!(Timing::arrival(Duration::zero(), Tz::UTC).except(all_day, vec![]), Err(TimingError::AlwaysQuiet));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn slots_are_never_quiet_never_on_a_holiday_and_looking_back_finds_what_looking_forward_does(
        start in 1_700_000_000_i64..1_800_000_000,
        line in prop_oneof!["0 \\* \\* \\* \\*", "30 2 \\* \\* \\*", "\\*/20 \\* \\* \\* \\*", "0 8,20 \\* \\* 1-5"],
        zone in prop_oneof![Just("UTC"), Just("Europe/Berlin"), Just("America/New_York"), Just("Australia/Lord_Howe"), Just("Africa/Cairo")],
        quiet in prop_oneof![Just(vec![]), Just(vec!["22:00-07:00"]), Just(vec!["01:30-02:30", "12:00-13:00"]), Just(vec!["00:00-03:00", "23:00-24:00"])],
        holidays in prop_oneof![Just(vec![]), Just(vec!["10-25", "2025-03-30"])],
    ) {
        let timing = timing(&line, zone, &quiet, &holidays);
        let mut last = DateTime::from_timestamp(start, 0).unwrap();
        for slot in timing.after(last).take(30) {
            prop_assert!(slot > last);
            prop_assert_eq!(timing.quiet_until(slot), None);
            prop_assert!(timing.holiday_at(slot).is_none());
            prop_assert_eq!(timing.last_at_or_before(slot), Some(slot));
            let between = last + (slot - last) / 2;
            prop_assert_eq!(timing.next_after(between), Some(slot));
            prop_assert!(timing.last_at_or_before(slot - TICK).is_none_or(|before| before < slot));
            last = slot;
        }
    }
}
