//! `newsboy check`: what would run, where, and when.

use std::collections::BTreeSet;

use chrono::Utc;
use newsboy::config::Config;
use newsboy::digest::schedule::Trigger;
use newsboy::feed::{FeedConfig, Format};
use newsboy::source::{Place, SourceConfig, directory};
use newsboy::webhook::WebhookConfig;

use super::{Failure, counted};

/// Slots of a webhook that are shown.
const SLOTS: usize = 3;

/// Problems of a source that are shown; the daemon's log has all of them.
const PROBLEMS: usize = 5;

pub(crate) fn run(config: &Config) -> Result<(), Failure> {
    for warning in &config.warnings {
        say!("{warning}")?;
    }
    say!("{} is right.", config.path.display())?;
    say!("serves {} on {}", config.server.public_url, config.server.listen)?;
    say!("keeps its store in {}, its feeds in {}", config.store.url, config.feeds.dir.display())?;
    for source in &config.sources {
        print_source(source)?;
    }
    let site = newsboy::daemon::wiring::site(config);
    for feed in &config.feeds_list {
        print_feed(feed, &site.feed(&feed.name, Format::Rss))?;
    }
    for webhook in &config.webhooks {
        print_webhook(webhook)?;
    }
    Ok(())
}

/// A source, and what a look at it finds now: a pattern that fits no file is seen at once.
fn print_source(source: &SourceConfig) -> Result<(), Failure> {
    let published = source.published.format("%H:%M");
    say!("\nsource {}: {}, {}, published at {published} {}", source.name, source.title, source.language, source.timezone)?;
    let place = match &source.place {
        Place::Directory(place) => place,
        Place::Epaper(site) => {
            return say!("    looks at {} every {:?}", site.description.site(), site.every);
        }
    };
    let scan = directory::scan(&source.name, place);
    let editions: BTreeSet<_> = scan.files.iter().map(|file| file.key.date).collect();
    match editions.last() {
        Some(newest) => say!(
            "    {} of {} at {}, the newest of {newest}",
            counted(scan.files.len(), "page"),
            counted(editions.len(), "edition"),
            place.pattern.as_str()
        )?,
        None => say!("    no page yet at {} under {}", place.pattern.as_str(), place.root.display())?,
    }
    for finding in scan.problems.iter().take(PROBLEMS) {
        say!("    ! {}", finding.problem)?;
    }
    if scan.problems.len() > PROBLEMS {
        say!("    ! and {} more", scan.problems.len() - PROBLEMS)?;
    }
    Ok(())
}

fn print_feed(feed: &FeedConfig, address: &str) -> Result<(), Failure> {
    let rule = &feed.rule;
    let mut told = format!("\nfeed {}: from {}", feed.name, feed.sources.join(", "));
    for (label, words) in [("any of", &rule.any), ("none of", &rule.none), ("in", &rule.sections)] {
        if !words.is_empty() {
            told.push_str(&format!("; {label} {}", words.join(", ")));
        }
    }
    say!("{told}\n    {address}")
}

fn print_webhook(webhook: &WebhookConfig) -> Result<(), Failure> {
    let zone = webhook.timing.zone();
    let what = format!("\nwebhook {}: of {}", webhook.name, webhook.feeds.join(", "));
    match webhook.timing.trigger() {
        Trigger::Cron(schedule) => say!("{what}, {} in {zone}, next", schedule.line())?,
        Trigger::Arrival { .. } => say!("{what}, {}", webhook.timing)?,
    }
    for slot in webhook.timing.after(Utc::now()).take(SLOTS) {
        say!("    {}", slot.with_timezone(&zone).format("%a %Y-%m-%d %H:%M:%S %:z"))?;
    }
    Ok(())
}
