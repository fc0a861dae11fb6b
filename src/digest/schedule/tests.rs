#![allow(clippy::unwrap_used)]

use chrono::{DateTime, Duration, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use croner::parser::{CronParser, Seconds};
use proptest::prelude::*;

use super::*;

fn schedule(line: &str, zone: &str) -> Schedule {
    Schedule::parse(line, zone.parse().unwrap()).unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The wall clock times of the slots after the beginning of a day, with their offsets.
fn slots(line: &str, zone: &str, date: &str, count: usize) -> Vec<String> {
    let schedule = schedule(line, zone);
    let start = date.parse::<chrono::NaiveDate>().unwrap().and_hms_opt(0, 0, 0).unwrap() - Duration::seconds(1);
    let start = schedule.zone.from_local_datetime(&start).earliest().unwrap().with_timezone(&Utc);
    schedule.after(start).take(count).map(|s| s.with_timezone(&schedule.zone).format("%d %H:%M:%S %z").to_string()).collect()
}

#[test]
fn a_weekday_schedule_runs_from_monday_to_friday() {
    // 20 November 2026 is a Friday.
    assert_eq!(slots("0 8 * * 1-5", "Asia/Shanghai", "2026-11-20", 3), ["20 08:00:00 +0800", "23 08:00:00 +0800", "24 08:00:00 +0800"]);
}

#[test]
fn a_time_in_a_gap_is_made_up_for_at_the_first_instant_after_it() {
    assert_eq!(slots("30 2 * * *", "Europe/Berlin", "2026-03-29", 2), ["29 03:00:00 +0200", "30 02:30:00 +0200"]);
    // Several times in one gap make one slot, and one that is due then anyway makes no second.
    assert_eq!(
        slots("*/20 1,2,3 * * *", "Europe/Berlin", "2026-03-29", 6),
        ["29 01:00:00 +0100", "29 01:20:00 +0100", "29 01:40:00 +0100", "29 03:00:00 +0200", "29 03:20:00 +0200", "29 03:40:00 +0200"]
    );
    // Cairo's gap begins at midnight: the day keeps its digest.
    assert_eq!(slots("0 0 * * *", "Africa/Cairo", "2026-04-24", 2), ["24 01:00:00 +0300", "25 00:00:00 +0300"]);
}

#[test]
fn a_day_that_a_zone_left_out_is_made_up_for_on_the_next() {
    // Samoa had no 30 December 2011, a Friday.
    assert_eq!(slots("0 8 * * 5", "Pacific/Apia", "2011-12-29", 2), ["31 00:00:00 +1400", "06 08:00:00 +1400"]);
}

#[test]
fn a_fixed_hour_that_happens_twice_is_due_once() {
    assert_eq!(slots("*/30 2 * * *", "Europe/Berlin", "2026-10-25", 3), ["25 02:00:00 +0200", "25 02:30:00 +0200", "26 02:00:00 +0100"]);
}

#[test]
fn every_hour_means_every_hour_that_passes() {
    assert_eq!(
        slots("30 * * * *", "Europe/Berlin", "2026-10-25", 5),
        ["25 00:30:00 +0200", "25 01:30:00 +0200", "25 02:30:00 +0200", "25 02:30:00 +0100", "25 03:30:00 +0100"]
    );
    assert_eq!(
        slots("30 * * * *", "Europe/Berlin", "2026-03-29", 4),
        ["29 00:30:00 +0100", "29 01:30:00 +0100", "29 03:30:00 +0200", "29 04:30:00 +0200"]
    );
    // Half an hour is repeated on Lord Howe Island.
    assert_eq!(
        slots("*/20 */1 * * *", "Australia/Lord_Howe", "2026-04-05", 9)[3..],
        ["05 01:00:00 +1100", "05 01:20:00 +1100", "05 01:40:00 +1100", "05 01:40:00 +1030", "05 02:00:00 +1030", "05 02:20:00 +1030"]
    );
}

#[test]
fn a_slot_is_never_its_own_successor_and_a_part_of_a_second_changes_nothing() {
    let daily = schedule("0 8 * * *", "UTC");
    assert_eq!(daily.next_after(utc("2026-11-20T08:00:00Z")), Some(utc("2026-11-21T08:00:00Z")));
    assert_eq!(daily.next_after(utc("2026-11-20T07:59:59.999Z")), Some(utc("2026-11-20T08:00:00Z")));
    assert_eq!(daily.last_at_or_before(utc("2026-11-20T08:00:00Z")), Some(utc("2026-11-20T08:00:00Z")));
    assert_eq!(daily.last_at_or_before(utc("2026-11-20T08:00:00.001Z")), Some(utc("2026-11-20T08:00:00Z")));
    assert_eq!(daily.last_at_or_before(utc("2026-11-20T07:59:59.999Z")), Some(utc("2026-11-19T08:00:00Z")));
}

#[test]
fn the_last_slot_before_a_long_sleep_is_found_without_counting_the_missed_ones() {
    let often = schedule("* * * * * *", "Asia/Shanghai");
    assert_eq!(often.last_at_or_before(utc("2026-11-20T08:00:00.5Z")), Some(utc("2026-11-20T08:00:00Z")));
}

#[test]
fn a_leap_day_is_waited_for_and_the_calendar_ends() {
    assert_eq!(schedule("0 0 29 2 *", "UTC").next_after(utc("2096-03-01T00:00:00Z")), None);
    assert_eq!(schedule("0 0 29 2 *", "UTC").next_after(utc("2026-03-01T00:00:00Z")), Some(utc("2028-02-29T00:00:00Z")));
}

const ZONES: [&str; 12] = [
    "UTC",
    "Asia/Shanghai",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Pacific/Apia",
    "Pacific/Chatham",
];

/// Whether the clock of the zone is moved within a day of the instant.
fn near_a_change(zone: Tz, instant: DateTime<Utc>) -> bool {
    let offset = |i: DateTime<Utc>| zone.offset_from_utc_datetime(&i.naive_utc()).fix();
    offset(instant - Duration::days(1)) != offset(instant + Duration::days(1))
}

/// An instant from 2012 (Samoa's lost day behind it) to 2037; half of them within a day and a half
/// of a change of the clock, where the zone has one in the following year.
fn instants(zone: Tz) -> impl Strategy<Value = DateTime<Utc>> {
    (1_325_376_000_i64..2_114_380_800, any::<bool>(), -36_i64 * 3600..12 * 3600).prop_map(move |(second, wanted, distance)| {
        let start = DateTime::from_timestamp(second, 0).unwrap();
        let change = (0..366).map(|day| start + Duration::days(day)).find(|day| near_a_change(zone, *day));
        match change {
            Some(day) if wanted => day + Duration::seconds(distance),
            _ => start,
        }
    })
}

fn one_to_three(values: std::ops::RangeInclusive<u32>) -> impl Strategy<Value = String> {
    proptest::collection::btree_set(values, 1..=3).prop_map(|set| set.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

fn day_fields() -> impl Strategy<Value = String> {
    let range = (0_u32..7, 1_u32..7).prop_map(|(from, length)| format!("{from}-{}", (from + length).min(7)));
    prop_oneof![
        3 => Just("* * *".to_owned()),
        1 => (1_u32..=28, 0_u32..=1).prop_map(|(from, more)| format!("{from}-{} * *", from + more)),
        1 => (one_to_three(1..=31), one_to_three(1..=12)).prop_map(|(day, month)| format!("{day} {month} *")),
        1 => one_to_three(0..=7).prop_map(|w| format!("* * {w}")),
        1 => range.prop_map(|w| format!("* * {w}")),
        1 => (2_u32..5).prop_map(|n| format!("* * */{n}")),
    ]
}

fn minute_field() -> impl Strategy<Value = String> {
    prop_oneof![one_to_three(0..=59), (7_u32..40).prop_map(|n| format!("*/{n}")), Just("10-50/15".to_owned())]
}

fn every_hour() -> impl Strategy<Value = String> {
    prop_oneof![Just("*".to_owned()), (1_u32..8).prop_map(|n| format!("*/{n}")), Just("0-23".to_owned())]
}

fn croner_slots(line: &str, zone: Tz, start: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
    let cron = CronParser::builder().seconds(Seconds::Optional).build().parse(line).unwrap();
    cron.iter_after(start.with_timezone(&zone)).take(count).map(|s| s.with_timezone(&Utc)).collect()
}

fn zoned_start() -> impl Strategy<Value = (Tz, DateTime<Utc>)> {
    proptest::sample::select(&ZONES[..]).prop_flat_map(|name| {
        let zone: Tz = name.parse().unwrap();
        (Just(zone), instants(zone))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// `croner` agrees on a single time of day, in gaps and overlaps too, but for one thing: where
    /// a gap reaches over midnight (none did since 2012) it leaves the day out.
    #[test]
    fn croner_agrees_on_one_time_a_day(
        (zone, start) in zoned_start(), minute in 0_u32..60, hour in 0_u32..24, early in 0_u32..4, at_night: bool, days in day_fields(),
    ) {
        let line = format!("{minute} {} {days}", if at_night { early } else { hour });
        let Ok(schedule) = Schedule::parse(&line, zone) else { return Ok(()) };
        let ours: Vec<_> = schedule.after(start).take(12).collect();
        prop_assert_eq!(ours, croner_slots(&line, zone, start, 12), "{}", schedule);
    }

    /// `croner` agrees on lines that run at every hour.
    #[test]
    fn croner_agrees_on_every_hour((zone, start) in zoned_start(), minute in minute_field(), hour in every_hour(), days in day_fields()) {
        let line = format!("{minute} {hour} {days}");
        let Ok(schedule) = Schedule::parse(&line, zone) else { return Ok(()) };
        let ours: Vec<_> = schedule.after(start).take(40).collect();
        prop_assert_eq!(ours, croner_slots(&line, zone, start, 40), "{}", schedule);
    }

    /// Several times on chosen hours count as an interval for `croner`: it leaves out what falls
    /// into a gap and repeats what happens twice. Away from changes of the clock both agree.
    #[test]
    fn croner_agrees_on_chosen_hours_away_from_changes(
        (zone, start) in zoned_start(), minute in minute_field(), hour in one_to_three(0..=23), days in day_fields(),
    ) {
        let line = format!("{minute} {hour} {days}");
        let Ok(schedule) = Schedule::parse(&line, zone) else { return Ok(()) };
        let ours: Vec<_> = schedule.after(start).take(40).collect();
        let theirs = croner_slots(&line, zone, start, 40);
        let end = (*ours.last().unwrap()).min(*theirs.last().unwrap());
        let quiet = |slots: Vec<DateTime<Utc>>| slots.into_iter().filter(|s| *s <= end && !near_a_change(zone, *s)).collect::<Vec<_>>();
        prop_assert_eq!(quiet(ours), quiet(theirs), "{}", schedule);
    }

    /// Looking back and looking forward see the same slots, each after the one before.
    #[test]
    fn the_last_slot_before_an_instant_is_the_one_that_looking_forward_finds(
        (zone, start) in zoned_start(), minute in minute_field(), hour in prop_oneof![every_hour(), one_to_three(0..=23)],
        days in day_fields(), after in 0_i64..3 * 86_400_000,
    ) {
        let Ok(schedule) = Schedule::parse(&format!("{minute} {hour} {days}"), zone) else { return Ok(()) };
        let first = schedule.next_after(start).unwrap();
        let instant = first + Duration::milliseconds(after);
        let mut last = first;
        for slot in schedule.after(first).take_while(|slot| *slot <= instant) {
            prop_assert!(slot > last, "{} is followed by {}", last, slot);
            last = slot;
        }
        prop_assert_eq!(schedule.last_at_or_before(instant), Some(last), "{}", schedule);
        prop_assert_eq!(schedule.last_at_or_before(last), Some(last), "{}", schedule);
    }

    #[test]
    fn no_text_makes_the_reader_panic(line in "[ -~]{0,30}|([0-9*/,?-]{1,5} ){4,6}[0-9*]") {
        let _ = Schedule::parse(&line, Tz::UTC);
    }
}
