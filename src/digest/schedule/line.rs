//! Reading a cron line: fields to sets of values, with errors that say which field is wrong.
//!
//! The line is read here and not by the `cron` crate, because that crate counts Sunday as 1, wants
//! seconds, reads `5/15` as `5-59/15`, and its errors point at characters. What it gets from here
//! is a line in its own notation that holds nothing but lists.

use super::ScheduleError;

/// A set of the values of one field: bit `n` stands for the value `n`. No field goes beyond 59.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Values(u64);

impl Values {
    fn iter(self) -> impl Iterator<Item = u32> {
        (0..u64::BITS).filter(move |n| self.0 >> n & 1 == 1)
    }

    fn smallest(self) -> u32 {
        self.0.trailing_zeros()
    }
}

/// What one field of a line may hold.
struct Field {
    /// Its name in errors.
    name: &'static str,
    /// The smallest value.
    min: u32,
    /// The largest value.
    last: u32,
    /// The largest value that may be written; beyond `last`, it is another way to write `min`.
    max: u32,
    /// Names that stand for values, the first one for `min`; a name may be longer than the three
    /// letters by which it is known.
    names: &'static [&'static str],
}

const SECOND: Field = Field { name: "second", min: 0, last: 59, max: 59, names: &[] };
const MINUTE: Field = Field { name: "minute", min: 0, last: 59, max: 59, names: &[] };
const HOUR: Field = Field { name: "hour", min: 0, last: 23, max: 23, names: &[] };
const DAY: Field = Field { name: "day of the month", min: 1, last: 31, max: 31, names: &[] };
const MONTH: Field = Field {
    name: "month",
    min: 1,
    last: 12,
    max: 12,
    names: &["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"],
};
/// POSIX cron: 0 is Sunday. 7 is Sunday as well, so that `5-7` can be written.
const WEEKDAY: Field = Field {
    name: "weekday",
    min: 0,
    last: 6,
    max: 7,
    names: &["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"],
};

/// How many days the months have at most, January first.
const DAYS_OF_MONTH: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// The values of all fields of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fields {
    second: Values,
    minute: Values,
    hour: Values,
    day: Values,
    month: Values,
    weekday: Values,
    /// Whether the hour is a pattern over all hours (`*`, `*/2`, `0-23`) and not a list of hours
    /// that a person chose.
    pub(super) every_hour: bool,
}

impl Fields {
    /// Reads five fields, or six with leading seconds, or one of cron's aliases.
    pub(super) fn read(line: &str) -> Result<Self, ScheduleError> {
        let line = line.trim();
        let line = if line.starts_with('@') { alias(line)? } else { line };
        let texts: Vec<&str> = line.split_whitespace().collect();
        let [second, minute, hour, day, month, weekday] = match texts[..] {
            [minute, hour, day, month, weekday] => ["0", minute, hour, day, month, weekday],
            [second, minute, hour, day, month, weekday] => [second, minute, hour, day, month, weekday],
            _ => return Err(ScheduleError::FieldCount { line: line.to_owned(), found: texts.len() }),
        };
        let fields = Self {
            second: SECOND.read(second)?,
            minute: MINUTE.read(minute)?,
            hour: HOUR.read(hour)?,
            day: DAY.read(day)?,
            month: MONTH.read(month)?,
            weekday: WEEKDAY.read(weekday)?,
            every_hour: hour.starts_with('*') || HOUR.read(hour)? == HOUR.all(),
        };
        // Cron takes the union of both, the `cron` crate the intersection, and people expect
        // either: a line that means two things is refused.
        if fields.day != DAY.all() && fields.weekday != WEEKDAY.all() {
            return Err(ScheduleError::DayAndWeekday { day: day.to_owned(), weekday: weekday.to_owned() });
        }
        let possible = fields.month.iter().any(|m| DAYS_OF_MONTH.get(m as usize - 1).is_some_and(|days| fields.day.smallest() <= *days));
        if !possible {
            return Err(ScheduleError::NeverDue { day: day.to_owned(), month: month.to_owned() });
        }
        Ok(fields)
    }

    /// The line in the notation of the `cron` crate: seconds first, Sunday as 1, lists only.
    pub(super) fn cron_notation(self) -> String {
        let list = |field: &Field, values: Values, shift: u32| {
            if values == field.all() {
                return "*".to_owned();
            }
            values.iter().map(|v| (v + shift).to_string()).collect::<Vec<_>>().join(",")
        };
        [
            list(&SECOND, self.second, 0),
            list(&MINUTE, self.minute, 0),
            list(&HOUR, self.hour, 0),
            list(&DAY, self.day, 0),
            list(&MONTH, self.month, 0),
            list(&WEEKDAY, self.weekday, 1),
        ]
        .join(" ")
    }
}

/// Cron's aliases, written out. `@reboot` is none of them: a digest belongs to an hour.
fn alias(name: &str) -> Result<&'static str, ScheduleError> {
    Ok(match name.to_ascii_lowercase().as_str() {
        "@hourly" => "0 * * * *",
        "@daily" | "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" | "@annually" => "0 0 1 1 *",
        _ => return Err(ScheduleError::Alias { found: name.to_owned() }),
    })
}

impl Field {
    /// Every value of the field.
    fn all(&self) -> Values {
        self.set(self.min, self.last, 1)
    }

    /// `from`, and every `step`th value up to `to`.
    fn set(&self, from: u32, to: u32, step: u32) -> Values {
        let values = (from..=to).step_by(step.max(1) as usize);
        Values(values.map(|v| if v > self.last { self.min } else { v }).fold(0, |bits, v| bits | 1 << v))
    }

    /// Reads a list of values, ranges and steps.
    fn read(&self, text: &str) -> Result<Values, ScheduleError> {
        text.split(',').try_fold(Values(0), |sum, item| Ok(Values(sum.0 | self.item(item)?.0)))
    }

    fn item(&self, text: &str) -> Result<Values, ScheduleError> {
        let (range, step) = match text.split_once('/') {
            None => (text, None),
            Some((range, step)) => (range, Some(self.step(text, step)?)),
        };
        if range == "*" || range == "?" {
            return Ok(self.set(self.min, self.last, step.unwrap_or(1)));
        }
        match (range.split_once('-'), step) {
            (None, None) => {
                let value = self.value(text, range)?;
                Ok(self.set(value, value, 1))
            }
            (None, Some(step)) => {
                Err(self.wrong(text, format!("a step needs a range: write \"{range}-{}/{step}\" or \"*/{step}\"", self.last)))
            }
            (Some((from, to)), step) => {
                let from = self.value(text, from)?;
                let to = match self.value(text, to)? {
                    // `fri-sun`: as the end of a range Sunday is the seventh day.
                    to if to == self.min && from > to && self.max > self.last => self.max,
                    to => to,
                };
                if from > to {
                    return Err(self.wrong(text, "a range goes upwards: write it as a list of two ranges"));
                }
                Ok(self.set(from, to, step.unwrap_or(1)))
            }
        }
    }

    fn step(&self, item: &str, text: &str) -> Result<u32, ScheduleError> {
        match number(text) {
            Some(step) if (1..=self.max).contains(&step) => Ok(step),
            _ => Err(self.wrong(item, format!("a step is a number from 1 to {}", self.max))),
        }
    }

    fn value(&self, item: &str, text: &str) -> Result<u32, ScheduleError> {
        if let Some(value) = number(text) {
            return match value {
                v if (self.min..=self.max).contains(&v) => Ok(v),
                _ => Err(self.wrong(item, self.expected())),
            };
        }
        let name = text.to_ascii_lowercase();
        let known = |full: &&str| name.len() >= 3 && name.is_ascii() && (**full == name || full.get(..3) == Some(name.as_str()));
        match self.names.iter().position(known) {
            Some(place) => Ok(self.min + place as u32),
            None => Err(self.wrong(item, self.expected())),
        }
    }

    fn expected(&self) -> String {
        match self.names {
            [first, .., last] => format!("expected {} to {} or {} to {}", self.min, self.max, short(first), short(last)),
            _ => format!("expected {} to {}, a range, a list or \"*\"", self.min, self.max),
        }
    }

    fn wrong(&self, found: &str, expected: impl Into<String>) -> ScheduleError {
        ScheduleError::Field { field: self.name, found: found.to_owned(), expected: expected.into() }
    }
}

fn short(name: &'static str) -> &'static str {
    name.get(..3).unwrap_or(name)
}

/// A number of one or two digits; a sign or a third digit makes none.
fn number(text: &str) -> Option<u32> {
    let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn notation(line: &str) -> String {
        Fields::read(line).unwrap().cron_notation()
    }

    fn error(line: &str) -> String {
        Fields::read(line).unwrap_err().to_string()
    }

    #[test]
    fn five_fields_get_the_second_zero_and_six_keep_theirs() {
        assert_eq!(notation("30 8 * * *"), "0 30 8 * * *");
        assert_eq!(notation("15 30 8 * * *"), "15 30 8 * * *");
    }

    #[test]
    fn weekdays_count_from_sunday_as_zero_and_seven() {
        assert_eq!(notation("0 8 * * 0"), "0 0 8 * * 1");
        assert_eq!(notation("0 8 * * 7"), "0 0 8 * * 1");
        assert_eq!(notation("0 8 * * 1-5"), "0 0 8 * * 2,3,4,5,6");
        assert_eq!(notation("0 8 * * 5-7"), "0 0 8 * * 1,6,7");
        assert_eq!(notation("0 8 * * 0-2"), "0 0 8 * * 1,2,3");
        assert_eq!(notation("0 8 * * fri-sun"), "0 0 8 * * 1,6,7");
        assert_eq!(notation("0 8 * * Monday,WED"), "0 0 8 * * 2,4");
        assert_eq!(notation("0 8 * * */2"), "0 0 8 * * 1,3,5,7");
        assert_eq!(notation("0 8 * * 1-7/3"), "0 0 8 * * 1,2,5");
        assert_eq!(notation("0 8 * * 0-7"), "0 0 8 * * *");
        assert_eq!(notation("0 8 * * 1-7"), "0 0 8 * * *");
    }

    #[test]
    fn steps_ranges_lists_and_months_by_name_are_read() {
        assert_eq!(notation("*/20 8-10 1,15 jan-mar *"), "0 0,20,40 8,9,10 1,15 1,2,3 *");
        assert_eq!(notation("10-50/20 0 ? September ?"), "0 10,30,50 0 * 9 *");
        assert_eq!(notation("0 0 31 2,3 *"), "0 0 0 31 2,3 *");
    }

    #[test]
    fn aliases_are_written_out() {
        assert_eq!(notation("@daily"), "0 0 0 * * *");
        assert_eq!(notation("@Weekly"), "0 0 0 * * 1");
    }

    #[test]
    fn an_error_says_which_field_is_wrong_what_was_found_and_what_is_expected() {
        insta::assert_snapshot!(
            [
                "",
                "0 8 * *",
                "0 8 * * * 2026 1",
                "60 8 * * *",
                "0 24 * * *",
                "0 8 0 * *",
                "0 8 * 13 *",
                "0 8 * * 8",
                "0 8 * * mo",
                "0 8 * * mon-",
                "0 8 L * *",
                "0 8 15W * *",
                "0 8 * * 5#2",
                "-5 8 * * *",
                "0 008 * * *",
                "5/15 * * * *",
                "*/0 8 * * *",
                "0 20-6 * * *",
                "0 20-0 * * *",
                "0 8 * * sat-mon",
                "0 8 1 * 1",
                "0 8 31 2 *",
                "0 8 31 4,6,9,11 *",
                "@reboot",
                "0 8 * * 一",
                "0 8,, * * *",
            ]
            .map(|line| format!("{line:?}\n  {}", error(line)))
            .join("\n")
        );
    }
}
