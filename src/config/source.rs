//! `[[source]]`: where editions come from.

use std::time::Duration as StdDuration;

use chrono::{Duration, NaiveTime};
use chrono_tz::Tz;
use toml::Spanned;

use crate::source::directory::{self, DEFAULT_POLL, DEFAULT_RESCAN, Pattern, WatchMode};
use crate::source::{Place, SourceConfig};

use super::epaper::epaper;
use super::section::Section;
use super::{Surroundings, value};

/// The hour at which an edition counts as published if the file is silent: that of a morning paper.
const DEFAULT_PUBLISHED: NaiveTime = match NaiveTime::from_hms_opt(6, 0, 0) {
    Some(hour) => hour,
    None => NaiveTime::MIN,
};

/// The tag of a language that nobody named (BCP 47, section 4.1).
pub(super) use crate::feed::UNDETERMINED;

/// The kinds of places.
#[derive(Clone, Copy)]
enum Kind {
    Directory,
    Epaper,
}

/// Reads one `[[source]]`. Its name is given even where the rest of it is wrong.
pub(super) fn source(mut section: Section<'_>, around: &Surroundings<'_>) -> (Option<Spanned<String>>, Option<SourceConfig>) {
    let name = section.required("name", "name = \"sample\"", value::name);
    let title = section.optional("title", value::line).map(Spanned::into_inner);
    let language = section.optional("language", value::language).map(Spanned::into_inner);
    let timezone = timezone(&mut section);
    let published = section.optional("published", value::hour).map_or(DEFAULT_PUBLISHED, Spanned::into_inner);
    let hold_below = section.optional("hold_below", value::share).map_or(0.0, Spanned::into_inner);
    let kind = section.optional("kind", |v| value::word(v, &[("directory", Kind::Directory), ("epaper", Kind::Epaper)]));
    let place = match kind.map_or(Kind::Directory, Spanned::into_inner) {
        Kind::Directory => directory(&mut section, around).map(Place::Directory),
        Kind::Epaper => epaper(&mut section, around, timezone).map(|config| Place::Epaper(Box::new(config))),
    };
    section.finish();
    let config = name.as_ref().zip(place).map(|(name, place)| SourceConfig {
        title: title.unwrap_or_else(|| name.get_ref().clone()),
        name: name.get_ref().clone(),
        language: language.unwrap_or_else(|| UNDETERMINED.to_owned()),
        timezone,
        published,
        hold_below,
        place,
    });
    (name, config)
}

/// The zone of a source. A paper without one is dated by the wrong midnight nearly everywhere, so
/// a missing one is worth a remark.
fn timezone(section: &mut Section<'_>) -> Tz {
    if section.ask("timezone").is_none() {
        section.notes().warning(
            section.span(),
            "this source has no timezone, so its hours are those of UTC; write for example timezone = \"Asia/Shanghai\"",
        );
    }
    section.optional("timezone", value::zone).map_or(Tz::UTC, Spanned::into_inner)
}

fn directory(section: &mut Section<'_>, around: &Surroundings<'_>) -> Option<directory::Config> {
    let pattern = section.required("path", "path = \"editions/{date}/{page}.txt\"", |v| {
        Pattern::parse(value::string(v)?.trim()).map_err(|error| error.to_string())
    });
    let watch = section.optional("watch", |v| value::word(v, &[("auto", WatchMode::Auto), ("poll", WatchMode::Poll)]));
    let mut every = |key, bounds, default: StdDuration| {
        let length = section.optional(key, |v| value::duration(v, bounds));
        length.and_then(|length| length.into_inner().to_std().ok()).unwrap_or(default)
    };
    let rescan = every("rescan", Duration::seconds(10)..=Duration::days(1), DEFAULT_RESCAN);
    let poll = every("poll", Duration::seconds(1)..=Duration::hours(1), DEFAULT_POLL);
    let pattern = pattern?.into_inner();
    let root = value::absolute(around.dir, pattern.root());
    Some(directory::Config { pattern, root, watch: watch.map_or(WatchMode::Auto, Spanned::into_inner), rescan, poll })
}
