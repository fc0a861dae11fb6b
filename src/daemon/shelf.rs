//! What sources of sites remember, in the store.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;

use super::{Clock, DaemonError};
use crate::model::{KeptDocument, SiteDay, Spent};
use crate::outgoing::{AllowPrivate, Outgoing, SystemLookup, Waits};
use crate::source::epaper::{Shelf, World};
use crate::store::{SharedStore, StoreError};

/// How newsboy introduces itself to sites.
const USER_AGENT: &str = concat!("newsboy/", env!("CARGO_PKG_VERSION"));

/// The world of sources that are sites, remembered in the store; `allow` is what may be reached in private
/// ranges.
///
/// # Errors
/// [`DaemonError::Client`]: no client for outgoing requests could be made.
pub fn world(allow: &AllowPrivate, store: &SharedStore, clock: Clock) -> Result<World, DaemonError> {
    let outgoing = Outgoing::new(USER_AGENT, Waits::default(), allow.clone(), Arc::new(SystemLookup));
    let outgoing = outgoing.map_err(|error| DaemonError::Client(error.to_string()))?;
    let shelf = StoreShelf { store: Arc::clone(store), clock };
    Ok(World::new(outgoing, Arc::new(shelf), Arc::new(clock)))
}

struct StoreShelf {
    store: SharedStore,
    clock: Clock,
}

fn told(error: StoreError) -> String {
    error.to_string()
}

#[async_trait]
impl Shelf for StoreShelf {
    async fn document(&self, source: &str, url: &str) -> Result<Option<KeptDocument>, String> {
        self.store.site_document(source, url).await.map_err(told)
    }

    async fn keep(&self, source: &str, url: &str, document: &KeptDocument) -> Result<(), String> {
        self.store.keep_site_document(source, url, document, (self.clock)()).await.map_err(told)
    }

    async fn day(&self, source: &str, date: NaiveDate) -> Result<Option<SiteDay>, String> {
        self.store.site_day(source, date).await.map_err(told)
    }

    async fn spent(&self, source: &str, day: NaiveDate) -> Result<Spent, String> {
        self.store.site_spent(source, day).await.map_err(told)
    }

    async fn spend(&self, source: &str, day: NaiveDate, more: Spent) -> Result<(), String> {
        self.store.spend_on_site(source, day, more).await.map_err(told)
    }

    async fn backfilled(&self, source: &str, from: NaiveDate, to: NaiveDate) -> Result<Option<NaiveDate>, String> {
        self.store.past_days_read(source, (from, to)).await.map_err(told)
    }
}
