//! `[[webhook]]`: where digests go, and when.

use chrono::Duration;
use chrono_tz::Tz;
use toml::Spanned;

use crate::digest::schedule::{Holiday, QuietHours, Schedule, Timing};
use crate::feed::FeedConfig;
use crate::model::{Language, MatchRule};
use crate::source::SourceConfig;
use crate::webhook::{DestinationConfig, DestinationError, Form, RetryPolicy, Settings, Templates, WebhookConfig, WhenEmpty};

use super::editing::{self, Editing};
use super::feed::{references, rule};
use super::secret::secret;
use super::section::{Section, nearest};
use super::{Declared, Surroundings, value};

/// Items of a digest if the file is silent.
const DEFAULT_LIMIT: u32 = 20;

/// How long is waited for further articles if the file is silent.
const DEFAULT_BATCH: Duration = Duration::seconds(5);

/// Attempts after the first one at most.
const MAX_RETRIES: usize = 20;

/// What a webhook may refer to.
pub(super) struct Known<'a> {
    pub(super) declared: &'a Declared,
    pub(super) sources: &'a [SourceConfig],
    pub(super) feeds: &'a [FeedConfig],
}

/// Reads one `[[webhook]]`. Its name is given even where the rest of it is wrong.
pub(super) fn webhook(
    mut section: Section<'_>,
    known: &Known<'_>,
    around: &Surroundings<'_>,
) -> (Option<Spanned<String>>, Option<WebhookConfig>, Editing) {
    let name = section.required("name", "name = \"desk\"", value::name);
    let destination = destination(&mut section, around);
    let feeds = references(&mut section, "feeds", "feed", &known.declared.feeds, &known.declared.sources);
    let sources = section.ask("sources").is_some().then(|| references(&mut section, "sources", "source", &known.declared.sources, &[]));
    // The kinds are chosen by the feeds, unless the webhook chooses among those.
    let rule = match section.table("match", "match") {
        Some(table) if table.has("kinds") => rule(table),
        Some(table) => MatchRule { kinds: Vec::new(), ..rule(table) },
        None => MatchRule { kinds: Vec::new(), ..MatchRule::default() },
    };
    let timing = timing(&mut section, feeds.as_deref(), known);
    let catch_up = section.optional("catch_up", |v| value::duration(v, Duration::minutes(1)..=Duration::days(31)));
    let jitter = section.optional("jitter", |v| value::duration(v, Duration::zero()..=Duration::hours(1)));
    let language = section.optional("language", |v| value::word(v, &[("zh", Language::Chinese), ("en", Language::English)]));
    let templates = templates(&mut section);
    let problems = section.optional("problems", value::flag);
    let (editing, summary_chars) = editing::editing(&mut section, around);
    let limit = section.optional("limit", |v| value::number(v, 1..=500));
    let when_empty = section.optional("when_empty", |v| value::word(v, &[("skip", WhenEmpty::Skip), ("send", WhenEmpty::Send)]));
    let retry = section.table("retry", "retry").map_or_else(RetryPolicy::default, retry);
    let backfill = section.optional("backfill", value::flag);
    section.finish();
    let config = (|| {
        Some(WebhookConfig {
            name: name.as_ref()?.get_ref().clone(),
            destination: destination?,
            timing: timing?,
            catch_up: catch_up.map(Spanned::into_inner),
            jitter: jitter.map(Spanned::into_inner),
            feeds: feeds?,
            sources: match sources {
                Some(sources) => Some(sources?),
                None => None,
            },
            rule,
            summary_chars,
            limit: limit.map_or(DEFAULT_LIMIT, Spanned::into_inner) as usize,
            when_empty: when_empty.map_or(WhenEmpty::Skip, Spanned::into_inner),
            language: language.map(Spanned::into_inner),
            templates: templates?,
            retry,
            problems: problems.is_some_and(Spanned::into_inner),
            backfill: backfill.is_some_and(Spanned::into_inner),
        })
    })();
    (name, config, editing)
}

/// Reads what its kind asks for. What no kind asks for is told by the section's end.
fn destination(section: &mut Section<'_>, around: &Surroundings<'_>) -> Option<DestinationConfig> {
    let kind = section.required("kind", "kind = \"feishu\"", |v| value::string(v).map(str::to_owned));
    let mut settings = Settings::default();
    let mut is_whole = true;
    for setting in DestinationConfig::settings() {
        let is_given = section.ask(setting.name).is_some();
        let is_read = match setting.form {
            Form::Secret => {
                let read = secret(section, setting.name, around).map(Spanned::into_inner);
                settings = settings.with_secret(setting.name, read.clone());
                read.is_some()
            }
            Form::Text => {
                let read = section.optional(setting.name, value::text_or_number).map(Spanned::into_inner);
                settings = settings.with_text(setting.name, read.clone());
                read.is_some()
            }
            Form::List => {
                let read = section.one_or_several(setting.name, |v| value::string(v).map(str::to_owned));
                settings = settings.with_list(setting.name, read.clone());
                read.is_some()
            }
        };
        is_whole &= is_given == is_read;
    }
    let kind = kind?;
    // What could not be read is noted already; without it, everything else would be said to miss.
    if !is_whole {
        return None;
    }
    let error = match DestinationConfig::parse(kind.get_ref(), settings) {
        Ok(destination) => return Some(destination),
        Err(error) => error,
    };
    let (span, hint) = match &error {
        DestinationError::Kind { found } => {
            (kind.span(), nearest(found, DestinationConfig::kinds()).map(|near| format!("; did you mean {near:?}?")).unwrap_or_default())
        }
        DestinationError::Missing { setting, .. } => {
            let form = DestinationConfig::settings().into_iter().find(|known| known.name == *setting).map(|known| known.form);
            let example = match form {
                Some(Form::Text) => "\"…\"",
                Some(Form::List) => "[\"…\"]",
                Some(Form::Secret) | None => "{ env = \"NAME\" }",
            };
            (kind.span(), format!("; write for example {setting} = {example}"))
        }
        DestinationError::Unused { setting, .. } | DestinationError::Url { setting, .. } | DestinationError::Value { setting, .. } => {
            (section.span_of(setting), String::new())
        }
    };
    section.notes().error(span, format!("{error}{hint}"));
    None
}

fn templates(section: &mut Section<'_>) -> Option<Templates> {
    let Some(mut table) = section.table("template", "template") else { return Some(Templates::default()) };
    let mut text = |key| table.optional(key, |v| value::string(v).map(str::to_owned)).map(Spanned::into_inner);
    let (title, item) = (text("title"), text("item"));
    let read = Templates::new(title, item);
    if let Err(error) = &read {
        table.error(error.which, table.span_of(error.which), &error.to_string());
    }
    table.finish();
    read.ok()
}

/// When digests are due: by a schedule or on arrival, in the webhook's zone. Without a zone of its own a
/// webhook goes by that of its sources.
fn timing(section: &mut Section<'_>, feeds: Option<&[String]>, known: &Known<'_>) -> Option<Timing> {
    let zone_given = section.ask("timezone").is_some();
    let own_zone = section.optional("timezone", value::zone).map(Spanned::into_inner);
    let quiet = section.list("quiet", |v| QuietHours::parse(value::string(v)?).map_err(|error| error.to_string()));
    let holidays = section.list("holidays", |v| Holiday::parse(value::string(v)?).map_err(|error| error.to_string()));
    let on_given = section.ask("on").is_some();
    let on = section.optional("on", |v| value::word(v, &[("arrival", ())]));
    let batch = section.optional("batch", |v| value::duration(v, Duration::zero()..=Duration::hours(1)));
    let scheduled = section.ask("schedule").is_some();
    let line = match on {
        None if on_given => return None,
        None => Some(cron_line(section, own_zone)?),
        Some(_) => None,
    };
    if line.is_none() && scheduled {
        section.error(
            "schedule",
            section.span_of("schedule"),
            "it does not go with on = \"arrival\"; remove one of them, or make two webhooks",
        );
    }
    if line.is_some() && batch.is_some() {
        section.error("batch", section.span_of("batch"), "it goes with on = \"arrival\" only; remove it");
    }
    let zone = if zone_given { own_zone? } else { zone_of_sources(section, feeds?, known)? };
    let timing = match line {
        Some(line) => Timing::cron(Schedule::parse(&line, zone).ok()?),
        None => Timing::arrival(batch.map_or(DEFAULT_BATCH, Spanned::into_inner), zone),
    };
    match timing.except(all_of(quiet), all_of(holidays)) {
        Ok(timing) => Some(timing),
        Err(error) => {
            section.error("quiet", section.span_of("quiet"), &error.to_string());
            None
        }
    }
}

fn all_of<T>(list: Option<Spanned<Vec<Spanned<T>>>>) -> Vec<T> {
    list.map(Spanned::into_inner).into_iter().flatten().map(Spanned::into_inner).collect()
}

/// The schedule as it is written.
fn cron_line(section: &mut Section<'_>, zone: Option<Tz>) -> Option<String> {
    let line = section.required("schedule", "schedule = \"0 8 * * *\" (minute, hour, day, month, weekday)", |v| {
        let line = value::string(v)?;
        // Whether the line is right does not depend on the zone.
        Schedule::parse(line, zone.unwrap_or(Tz::UTC)).map_err(|error| error.to_string())?;
        Ok(line.to_owned())
    })?;
    Some(line.into_inner())
}

/// The one zone of all sources that these feeds draw from.
fn zone_of_sources(section: &Section<'_>, feeds: &[String], known: &Known<'_>) -> Option<Tz> {
    let is_drawn_from =
        |source: &&SourceConfig| known.feeds.iter().any(|feed| feeds.contains(&feed.name) && feed.sources.contains(&source.name));
    let mut zones = known.sources.iter().filter(is_drawn_from).map(|source| source.timezone);
    let first = zones.next()?;
    match zones.find(|zone| *zone != first) {
        None => Some(first),
        Some(other) => {
            section.notes().error(
                section.span(),
                format!(
                    "the sources of this webhook are in different zones, {first} and {other}; write timezone = {:?} or another one",
                    first.name()
                ),
            );
            None
        }
    }
}

fn retry(mut section: Section<'_>) -> RetryPolicy {
    let mut policy = RetryPolicy::default();
    let waits = section.list("schedule", |v| value::duration(v, Duration::seconds(1)..=Duration::days(1)));
    if let Some(waits) = waits {
        if waits.get_ref().is_empty() || waits.get_ref().len() > MAX_RETRIES {
            let message = format!("found {} waits, expected 1 to {MAX_RETRIES}", waits.get_ref().len());
            section.error("schedule", waits.span(), &message);
        }
        policy.schedule = waits.into_inner().into_iter().map(Spanned::into_inner).collect();
    }
    if let Some(expires) = section.optional("expires", |v| value::duration(v, Duration::minutes(1)..=Duration::days(7))) {
        policy.expires = expires.into_inner();
    }
    section.finish();
    policy
}
