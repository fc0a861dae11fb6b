//! `newsboy webhook`: pause a webhook, and let it go on.

use chrono::Utc;
use newsboy::config::Config;
use newsboy::jobs::compose_digests::enrol;
use newsboy::store;

use super::Failure;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Compose and send nothing for a webhook until it is resumed. What arrives meanwhile is in the first
    /// digest after that.
    Pause {
        /// The webhook's name in the configuration.
        name: String,
    },
    /// Let a webhook go on that was paused, or that its service has stopped.
    Resume {
        /// The webhook's name in the configuration.
        name: String,
    },
}

pub(crate) async fn run(config: &Config, arguments: &Arguments) -> Result<(), Failure> {
    let (Action::Pause { name } | Action::Resume { name }) = &arguments.action;
    let webhook = super::webhook_named(config, name)?;
    let store = store::open(&config.store.url, &config.dir).await?;
    let now = Utc::now();
    match &arguments.action {
        Action::Pause { .. } => {
            // One that has never run is known from now on.
            enrol(&*store, webhook, now).await?;
            store.stop_webhook(name, "paused by hand", now).await?;
            say!("{name} is paused; newsboy webhook resume {name} lets it go on")
        }
        Action::Resume { .. } => match store.resume_webhook(name, now + webhook.retry.expires).await? {
            true => say!("{name} goes on"),
            false => say!("{name} was not paused"),
        },
    }
}
