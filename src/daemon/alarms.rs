//! The task that looks how the sources stand, and tells whoever asks for problems.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::generation::Shared;
use crate::config::Config;
use crate::jobs::watch_sources::{self, Watched};
use crate::model::Problem;
use crate::store::{Store, StoreError};

/// How often it is looked where nothing rings: a paper that does not come rings no bell.
const ROUND: Duration = Duration::from_secs(60);

/// Whether a problem without a page is one of the source as a whole.
pub(super) fn is_of_source(problem: &Problem) -> bool {
    problem.code.starts_with("source-") || problem.code.starts_with("site-")
}

/// Remembers what keeps a source from being read; gives whether that is news.
pub(super) fn fails(shared: &Shared, n: usize, problem: Option<&Problem>) -> bool {
    // What it holds is whole whenever the lock is free.
    let mut failing = shared.failing[n].lock().unwrap_or_else(PoisonError::into_inner);
    let is_news = failing.as_ref() != problem;
    *failing = problem.cloned();
    is_news
}

/// Looks after the sources as long as the generation lasts.
pub(super) async fn keep(shared: Arc<Shared>) {
    loop {
        tokio::select! {
            () = shared.shutdown.cancelled() => return,
            () = shared.stands.notified() => {}
            () = tokio::time::sleep(ROUND) => {}
        }
        for n in 0..shared.config.sources.len() {
            let failing = shared.failing[n].lock().unwrap_or_else(PoisonError::into_inner).clone();
            match look_after(&*shared.store, &shared.config, n, failing.as_ref(), (shared.clock)()).await {
                Ok(queued) => queued.into_iter().for_each(|n| shared.queued[n].notify_one()),
                Err(error) => tracing::error!("{}: how it stands cannot be told: {error}", shared.config.sources[n].name),
            }
        }
    }
}

/// Looks after one source; gives the places of the webhooks that have a message now.
pub(super) async fn look_after(
    store: &dyn Store,
    config: &Config,
    n: usize,
    failing: Option<&Problem>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<usize>, StoreError> {
    let source = &config.sources[n];
    let watched = Watched { source: &source.name, timezone: source.timezone, failing };
    let (words, queued) = watch_sources::look_after(store, watched, &config.webhooks, &config.server.public_url, now).await?;
    for word in words {
        tracing::warn!("{}: {}", word.title, word.message);
    }
    Ok(queued)
}
