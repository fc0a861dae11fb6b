//! `newsboy check`: what would run, and when.

use chrono::Utc;
use newsboy::config::Config;

use super::Failure;

/// Slots of a webhook that are shown.
const SLOTS: usize = 3;

pub(crate) fn run(config: &Config) -> Result<(), Failure> {
    for warning in &config.warnings {
        println!("{warning}");
    }
    println!("{} is right.", config.path.display());
    println!("serves {} on {}", config.server.public_url, config.server.listen);
    for source in &config.sources {
        println!(
            "source {}: 《{}》, {}, published at {} {}",
            source.name,
            source.title,
            source.language,
            source.published.format("%H:%M"),
            source.timezone
        );
    }
    for feed in &config.feeds_list {
        println!("feed {}: from {}", feed.name, feed.sources.join(", "));
    }
    let now = Utc::now();
    for webhook in &config.webhooks {
        println!("webhook {}: {}, next in {}:", webhook.name, webhook.schedule.line(), webhook.schedule.zone());
        for slot in webhook.schedule.after(now).take(SLOTS) {
            println!("    {}", slot.with_timezone(&webhook.schedule.zone()).format("%A %Y-%m-%d %H:%M:%S %Z"));
        }
    }
    Ok(())
}
