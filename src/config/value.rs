//! The reading of single values. Each reader gives the value or a sentence that says what was
//! found, what was expected, and where it can, what to write.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Component, Path, PathBuf};

use chrono::{Duration, NaiveTime};
use chrono_tz::{TZ_VARIANTS, Tz};
use reqwest::Url;
use toml::de::DeValue;

use crate::feed;
use crate::model::text::clean;

use super::section::{nearest, shown};

/// Characters of a title or a word to match at most.
const MAX_TEXT_CHARS: usize = 200;

/// Cities that people look for in vain among the zones, and their zones.
const ZONES_OF_CITIES: [(&str, &str); 5] = [
    ("beijing", "Asia/Shanghai"),
    ("guangzhou", "Asia/Shanghai"),
    ("shenzhen", "Asia/Shanghai"),
    ("hangzhou", "Asia/Shanghai"),
    ("delhi", "Asia/Kolkata"),
];

/// Text in quotes.
pub(super) fn string<'v>(value: &'v DeValue<'_>) -> Result<&'v str, String> {
    value.as_str().ok_or_else(|| format!("found {}, expected text in quotes", shown(value)))
}

/// Text in quotes, or a whole number as it is written.
pub(super) fn text_or_number(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::Integer(number) if number.radix() == 10 => Ok(number.as_str().to_owned()),
        _ => string(value).map(str::to_owned),
    }
}

/// One line of text for people.
pub(super) fn line(value: &DeValue<'_>) -> Result<String, String> {
    let text = string(value)?.trim();
    if text.is_empty() {
        return Err("found empty text, expected at least one character".to_owned());
    }
    if text.chars().count() > MAX_TEXT_CHARS {
        return Err(format!("found {} characters, expected at most {MAX_TEXT_CHARS}", text.chars().count()));
    }
    if text.contains(['\n', '\r', '\t']) || clean(text).0 != text {
        return Err("found a line end, a tab or another invisible character; write the text in one line without them".to_owned());
    }
    Ok(text.to_owned())
}

/// A name, which becomes a folder and a part of addresses.
pub(super) fn name(value: &DeValue<'_>) -> Result<String, String> {
    let text = string(value)?;
    if feed::valid_name(text) {
        return Ok(text.to_owned());
    }
    let kept: String = text.trim().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let proposal = kept.trim_matches('-').to_lowercase();
    let hint = if feed::valid_name(&proposal) { format!("; write {proposal:?}") } else { String::new() };
    Err(format!("{} is no name: letters, digits, -, _ and . may stand in it, no . at its beginning, at most 80 bytes{hint}", shown(value)))
}

/// One of some words.
pub(super) fn word<T: Copy>(value: &DeValue<'_>, words: &[(&str, T)]) -> Result<T, String> {
    let text = string(value)?;
    if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*meaning);
    }
    let hint = nearest(text, words.iter().map(|(word, _)| *word)).map_or_else(
        || format!("expected one of {}", words.iter().map(|(word, _)| format!("{word:?}")).collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean {near:?}?"),
    );
    Err(format!("{} is not known; {hint}", shown(value)))
}

/// A whole number within bounds.
pub(super) fn number(value: &DeValue<'_>, bounds: RangeInclusive<u32>) -> Result<u32, String> {
    let wrong = || format!("found {}, expected a whole number from {} to {}", shown(value), bounds.start(), bounds.end());
    let DeValue::Integer(digits) = value else { return Err(wrong()) };
    u32::from_str_radix(digits.as_str(), digits.radix()).ok().filter(|number| bounds.contains(number)).ok_or_else(wrong)
}

/// A share of the whole: a number from 0 to 1.
pub(super) fn share(value: &DeValue<'_>) -> Result<f32, String> {
    let wrong = || format!("found {}, expected a number from 0.0 to 1.0", shown(value));
    let digits = match value {
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
        _ => return Err(wrong()),
    };
    digits.parse::<f32>().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(wrong)
}

/// `true` or `false`.
pub(super) fn flag(value: &DeValue<'_>) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| format!("found {}, expected true or false", shown(value)))
}

/// A length of time within bounds: `90s`, `5m`, `1h30m`, `2d`.
pub(super) fn duration(value: &DeValue<'_>, bounds: RangeInclusive<Duration>) -> Result<Duration, String> {
    let expected = "a length of time such as \"5s\", \"5m\", \"24h\" or \"2d\"";
    let DeValue::String(text) = value else { return Err(format!("found {}, expected {expected}", shown(value))) };
    let length = parse_duration(text).ok_or_else(|| format!("{} is no length of time, expected {expected}", shown(value)))?;
    if bounds.contains(&length) {
        return Ok(length);
    }
    Err(format!("{text:?} is out of bounds, expected {} to {}", write_duration(*bounds.start()), write_duration(*bounds.end())))
}

fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut sum = Duration::zero();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: i64 = rest[..digits].parse().ok()?;
        let part = match rest[digits..].chars().next()? {
            's' => Duration::try_seconds(count),
            'm' => Duration::try_minutes(count),
            'h' => Duration::try_hours(count),
            'd' => Duration::try_days(count),
            _ => None,
        }?;
        sum = sum.checked_add(&part)?;
        rest = rest[digits + 1..].trim_start();
    }
    Some(sum)
}

fn write_duration(length: Duration) -> String {
    let seconds = length.num_seconds();
    match seconds {
        s if s % 86_400 == 0 => format!("{}d", s / 86_400),
        s if s % 3_600 == 0 => format!("{}h", s / 3_600),
        s if s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

/// An hour of the day: `06:00`.
pub(super) fn hour(value: &DeValue<'_>) -> Result<NaiveTime, String> {
    let wrong = || format!("found {}, expected an hour of the day in quotes, from \"00:00\" to \"23:59\"", shown(value));
    let text = value.as_str().ok_or_else(wrong)?;
    let is_form = text.len() == 5 && text.bytes().enumerate().all(|(n, b)| if n == 2 { b == b':' } else { b.is_ascii_digit() });
    NaiveTime::parse_from_str(text, "%H:%M").ok().filter(|_| is_form).ok_or_else(wrong)
}

/// A time zone by its name in the IANA data base.
pub(super) fn zone(value: &DeValue<'_>) -> Result<Tz, String> {
    let text = string(value)?;
    if let Ok(zone) = text.parse::<Tz>() {
        return Ok(zone);
    }
    let city = text.rsplit('/').next().unwrap_or(text).to_lowercase();
    let of_city = ZONES_OF_CITIES.iter().find(|(name, _)| *name == city).map(|(_, zone)| *zone);
    let same_city =
        || TZ_VARIANTS.iter().map(|zone| zone.name()).find(|name| name.rsplit('/').next().is_some_and(|c| c.to_lowercase() == city));
    let near = of_city.or_else(same_city).or_else(|| nearest(text, TZ_VARIANTS.iter().map(|zone| zone.name())));
    let hint = near.map_or_else(
        || "expected a name such as \"Asia/Shanghai\" or \"UTC\" (an offset is no zone, for it may change)".to_owned(),
        |zone| format!("did you mean {zone:?}?"),
    );
    Err(format!("{} is no time zone; {hint}", shown(value)))
}

/// A language tag (BCP 47).
pub(super) fn language(value: &DeValue<'_>) -> Result<String, String> {
    let text = string(value)?;
    if feed::valid_language(text) {
        return Ok(text.to_owned());
    }
    let without_encoding = text.split('.').next().unwrap_or(text);
    let proposal = without_encoding.trim().replace('_', "-");
    let hint = if feed::valid_language(&proposal) {
        format!("write {proposal:?}")
    } else {
        "expected a tag such as \"zh-Hans\", \"zh-Hant\", \"en\" or \"fr\"".to_owned()
    };
    Err(format!("{} is no language tag; {hint}", shown(value)))
}

/// An address and port to listen on.
pub(super) fn socket(value: &DeValue<'_>) -> Result<SocketAddr, String> {
    let text = string(value)?;
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let proposals =
        [text.replacen("localhost", "127.0.0.1", 1), format!("127.0.0.1{text}"), format!("{text}:8080"), format!("127.0.0.1:{text}")];
    let near = proposals.iter().find(|proposal| proposal.parse::<SocketAddr>().is_ok());
    let hint = near.map_or("127.0.0.1:8080", String::as_str);
    Err(format!("{} is no address with a port; write {hint:?}", shown(value)))
}

/// The address at which readers reach newsboy, without the `/` at its end.
pub(super) fn public_url(value: &DeValue<'_>) -> Result<String, String> {
    let text = string(value)?.trim();
    let wrong = |why: &str| {
        format!("{} {why}; write the address at which readers reach newsboy, such as \"https://news.example.org\"", shown(value))
    };
    let url = Url::parse(text).map_err(|error| wrong(&format!("is no address ({error})")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("begins with neither http:// nor https://"));
    }
    if !url.has_host() {
        return Err(wrong("has no host"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("goes on after a ? or #, behind which no path can follow"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the address holds a user's name, which every reader would see; remove it".to_owned());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// The address of another server.
pub(super) fn web_address(value: &DeValue<'_>) -> Result<Url, String> {
    let wrong = || format!("{} is no address; write one such as \"https://hub.example.org/\"", shown(value));
    let url = Url::parse(string(value)?.trim()).map_err(|_| wrong())?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(url) } else { Err(wrong()) }
}

/// The authority of `tag:` ids.
pub(super) fn authority(value: &DeValue<'_>) -> Result<String, String> {
    let text = string(value)?;
    if feed::valid_authority(text) {
        return Ok(text.to_owned());
    }
    let lower = text.to_lowercase();
    let hint = if feed::valid_authority(&lower) { lower } else { "example.org,2026".to_owned() };
    Err(format!(
        "{} is no authority: a domain in small letters that you hold, a comma, and a year or date at which you held it (RFC 4151); write for example {hint:?}",
        shown(value)
    ))
}

/// The address of the store. What its path must be, the store knows.
pub(super) fn store_url(value: &DeValue<'_>) -> Result<String, String> {
    let text = string(value)?;
    match text.split_once(':') {
        Some(("sqlite", path)) if !path.trim_start_matches('/').is_empty() => Ok(text.to_owned()),
        // Such an address may hold a password, so it is not shown.
        Some(("postgres" | "postgresql", _)) => {
            Err("this newsboy opens SQLite only; write \"sqlite:\" and the path of a file, such as \"sqlite:data/newsboy.db\"".to_owned())
        }
        _ => Err("no address of a store; write \"sqlite:\" and the path of a file, such as \"sqlite:data/newsboy.db\"".to_owned()),
    }
}

/// A path, made absolute. `dir` is what it is relative to, itself absolute and without links, so
/// that a `..` at the beginning can be taken off by name.
pub(super) fn absolute(dir: &Path, path: &Path) -> PathBuf {
    let mut absolute = dir.to_owned();
    let mut at_beginning = true;
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if at_beginning => {
                absolute.pop();
            }
            other => {
                at_beginning = false;
                absolute.push(other);
            }
        }
    }
    absolute
}

/// The path of a folder.
pub(super) fn folder(value: &DeValue<'_>, dir: &Path) -> Result<PathBuf, String> {
    match string(value)?.trim() {
        "" => Err("found an empty path, expected a folder's".to_owned()),
        path if path.contains('\0') => Err("found a path with a zero character".to_owned()),
        path => Ok(absolute(dir, Path::new(path))),
    }
}
