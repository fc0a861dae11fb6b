//! The task that keeps the ledger, at the start and once a day.

use std::sync::Arc;
use std::time::Duration;

use super::generation::{Shared, wait};
use crate::jobs::keep_ledger;

/// How often the ledger is gone through.
const ROUND: Duration = Duration::from_secs(24 * 60 * 60);

/// How long to wait where the store failed.
const AGAIN: Duration = Duration::from_secs(5 * 60);

/// Goes through the ledger at once and then every day.
pub(super) async fn keep(shared: Arc<Shared>) {
    loop {
        let pause = if go_through(&shared).await { ROUND } else { AGAIN };
        if wait(&shared.shutdown, pause).await.is_break() {
            return;
        }
    }
}

/// Gives whether the store did it all.
async fn go_through(shared: &Shared) -> bool {
    let (store, now) = (&*shared.store, (shared.clock)());
    let configured: Vec<String> = shared.config.webhooks.iter().map(|webhook| webhook.name.clone()).collect();
    let others = keep_ledger::give_up_others(store, &configured, now).await;
    let forgotten = keep_ledger::forget_old(store, shared.config.store.keep_deliveries, now).await;
    let documents = keep_ledger::forget_documents(store, now).await;
    for given_up in others.as_ref().into_iter().flatten() {
        tracing::warn!(
            "webhook {}: the configuration has it no longer, and {} messages that waited for it are given up",
            given_up.webhook,
            given_up.messages
        );
    }
    if let Ok(count @ 1..) = &forgotten {
        tracing::info!("{count} old digests are forgotten; [store] keep_deliveries says how long they are kept");
    }
    let failure = others.err().or(forgotten.err()).or(documents.err());
    if let Some(error) = &failure {
        tracing::error!("the ledger: {error}; it is gone through again in {AGAIN:?}");
    }
    failure.is_none()
}
