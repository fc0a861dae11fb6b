//! The tasks of a generation, each a loop around one job.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use super::generation::{Shared, wait};
use crate::feed;
use crate::jobs::{compose_digests, deliver, ingest_page, publish_feeds};
use crate::model::StoredArticle;
use crate::source::{self, SourceConfig, SourceEvent};
use crate::webhook::WebhookConfig;

/// Events of a source that wait to be worked on. A full queue holds the watcher back.
const EVENTS: usize = 64;

/// The longest sleep of any task that waits for an instant: the wall clock may be set meanwhile,
/// and another process may have queued something.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// How often a webhook's task looks for messages that another process has made due again.
const LEDGER_LOOK: Duration = Duration::from_secs(5);

/// The waits after a failure of the store: it is tried again until it works, since the page or the
/// message at hand must not be lost.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Says what runs, and when each webhook is due.
pub(super) fn announce(shared: &Shared) {
    let config = &shared.config;
    tracing::info!("newsboy {} serves {} at {}", env!("CARGO_PKG_VERSION"), config.server.public_url, config.server.listen);
    for webhook in &config.webhooks {
        match webhook.schedule.next_after((shared.clock)()) {
            Some(next) => tracing::info!("webhook {}: next digest {}", webhook.name, webhook.schedule.local(next)),
            None => tracing::warn!("webhook {}: its schedule has no further slot", webhook.name),
        }
    }
}

/// Watches a source and works on every page it gives.
pub(super) async fn watch_source(shared: Arc<Shared>, n: usize) {
    let source = &shared.config.sources[n];
    let (events, mut arriving) = mpsc::channel(EVENTS);
    let watching = source::watch(source, events, shared.shutdown.clone());
    let working = async {
        while let Some(event) = arriving.recv().await {
            if take(&shared, source, event).await.is_break() {
                return;
            }
        }
    };
    tokio::select! {
        () = shared.shutdown.cancelled() => {}
        ((), ()) = async { tokio::join!(watching, working) } => {}
    }
}

/// Works on one event of a source; breaks where the generation ends.
async fn take(shared: &Shared, source: &SourceConfig, event: SourceEvent) -> ControlFlow<()> {
    match event {
        SourceEvent::Page(raw) => {
            let mut pause = FIRST_WAIT;
            loop {
                match ingest_page::ingest_page(&*shared.store, &raw, &source.habits(), (shared.clock)()).await {
                    Ok(ingested) => {
                        ingested.log(&raw);
                        if ingested.changed() {
                            shared.changed.notify_one();
                        }
                        return ControlFlow::Continue(());
                    }
                    Err(error) => tracing::error!("{}: {error}; it is tried again in {pause:?}", raw.origin),
                }
                wait(&shared.shutdown, pause).await?;
                pause = (pause * 2).min(LONGEST_WAIT);
            }
        }
        other => {
            other.log();
            ControlFlow::Continue(())
        }
    }
}

/// Publishes the feeds at the start and whenever articles have changed. Changes that come while a
/// publication runs are taken together by the next.
pub(super) async fn publish(shared: Arc<Shared>) {
    loop {
        let whole = publish_feeds::publish(&*shared.store, &shared.config, &shared.publications, (shared.clock)()).await;
        // What could not be written, for want of space say, is tried again without a new page.
        let again = if whole { Duration::MAX } else { LONGEST_WAIT };
        tokio::select! {
            () = shared.shutdown.cancelled() => return,
            () = shared.changed.notified() => {}
            () = tokio::time::sleep(again) => {}
        }
    }
}

/// Composes a webhook's digests as they come due.
pub(super) async fn compose(shared: Arc<Shared>, n: usize) {
    let webhook = &shared.config.webhooks[n];
    loop {
        let now = (shared.clock)();
        let next = match compose_digests::compose_due(&*shared.store, &shared.config, webhook, now).await {
            Ok(composed) => {
                if composed.queued > 0 {
                    shared.queued[&webhook.name].notify_one();
                }
                composed.next_slot
            }
            Err(error) => {
                tracing::error!("webhook {}: {error}; it is tried again", webhook.name);
                Some(now + FIRST_WAIT)
            }
        };
        if wait(&shared.shutdown, until(next, now)).await.is_break() {
            return;
        }
    }
}

/// Sends a webhook's messages as they come due.
pub(super) async fn deliver(shared: Arc<Shared>, n: usize) {
    let webhook = &shared.config.webhooks[n];
    loop {
        let next = tokio::select! {
            // A request under way is abandoned: its lease runs out, and it is sent again.
            () = shared.shutdown.cancelled() => return,
            sent = deliver::deliver_due(&*shared.store, webhook, &shared.sender, shared.clock) => sent,
        };
        let next = next.unwrap_or_else(|error| {
            tracing::error!("webhook {}: {error}; it is tried again", webhook.name);
            Some((shared.clock)() + FIRST_WAIT)
        });
        tokio::select! {
            () = shared.shutdown.cancelled() => return,
            () = shared.queued[&webhook.name].notified() => {}
            () = tokio::time::sleep(until(next, (shared.clock)()).min(LEDGER_LOOK)) => {}
        }
    }
}

/// How long to sleep until `instant`, within the bound of a sleep.
fn until(instant: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    instant.map_or(LONGEST_SLEEP, |i| (i - now).to_std().unwrap_or_default().min(LONGEST_SLEEP))
}
