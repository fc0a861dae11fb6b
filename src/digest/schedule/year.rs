//! A year of schedules in ten zones, slot by slot, held against `croner`.

use chrono::{DateTime, Duration, TimeZone, Utc};
use chrono_tz::Tz;
use croner::parser::{CronParser, Seconds};

use super::{GapInfo, LocalResult, Schedule};

/// Zones whose clocks are moved in 2026, each in its own way, and two whose are not.
const ZONES: [&str; 10] = [
    "Asia/Shanghai",
    "Asia/Kathmandu",
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Pacific/Chatham",
];

const LINES: [&str; 8] =
    ["0 8 * * 1-5", "30 7 * * *", "30 2 * * *", "0 0 * * *", "15 * * * *", "*/20 * * * *", "*/15 1,2,3 * * *", "0 6 1,15 * *"];

/// What stands where the clock is moved, and that is documented to differ: lines with several times on chosen
/// hours, which `croner` takes for an interval.
fn is_documented(line: &str, zone: Tz, slot: DateTime<Utc>) -> bool {
    let wall = slot.with_timezone(&zone).naive_local();
    let near_gap = (-180..=180).step_by(5).any(|minutes| {
        let time = wall + Duration::minutes(minutes);
        matches!(zone.from_local_datetime(&time), LocalResult::None) && GapInfo::new(&time, &zone).is_some()
    });
    let twice = matches!(zone.from_local_datetime(&wall), LocalResult::Ambiguous(..));
    line == "*/15 1,2,3 * * *" && (near_gap || twice)
}

#[test]
fn the_slots_of_a_year_are_croners_but_for_the_documented_cases() {
    let (start, end): (DateTime<Utc>, DateTime<Utc>) = ("2026-01-01T00:00:00Z".parse().unwrap(), "2027-01-01T00:00:00Z".parse().unwrap());
    let mut slots = 0;
    for name in ZONES {
        let zone: Tz = name.parse().unwrap();
        for line in LINES {
            let schedule = Schedule::parse(line, zone).unwrap();
            let ours: Vec<_> = schedule.after(start).take_while(|slot| *slot < end).collect();
            let cron = CronParser::builder().seconds(Seconds::Optional).build().parse(line).unwrap();
            let theirs: Vec<_> =
                cron.iter_after(start.with_timezone(&zone)).map(|slot| slot.with_timezone(&Utc)).take_while(|slot| *slot < end).collect();
            assert!(ours.is_sorted_by(|a, b| a < b), "{line} in {name}");
            let different = ours
                .iter()
                .filter(|slot| theirs.binary_search(slot).is_err())
                .chain(theirs.iter().filter(|slot| ours.binary_search(slot).is_err()));
            let undocumented: Vec<_> = different.filter(|slot| !is_documented(line, zone, **slot)).collect();
            assert!(undocumented.is_empty(), "{line} in {name}: {undocumented:?}");
            slots += ours.len();
        }
    }
    assert!(slots > 300_000, "{slots}");
}
