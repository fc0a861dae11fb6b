//! What lies outside a source: the network, what is remembered, and the clock.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use reqwest::Url;
use tokio::time::Instant;

use super::robots::Rules;
use crate::model::{KeptDocument, SiteDay, Spent};
use crate::outgoing::Outgoing;

/// Where a source keeps what it remembers of its site between passes.
#[async_trait]
pub trait Shelf: Send + Sync {
    /// What is kept of an address.
    async fn document(&self, source: &str, url: &str) -> Result<Option<KeptDocument>, String>;

    /// Keeps what an address gave.
    async fn keep(&self, source: &str, url: &str, document: &KeptDocument) -> Result<(), String>;

    /// How a day stood when it was last read.
    async fn day(&self, source: &str, date: NaiveDate) -> Result<Option<SiteDay>, String>;

    /// What was spent on a day of the calendar, in UTC.
    async fn spent(&self, source: &str, day: NaiveDate) -> Result<Spent, String>;

    /// Adds to what was spent.
    async fn spend(&self, source: &str, day: NaiveDate, more: Spent) -> Result<(), String>;

    /// Up to which day a request for past days has come that was broken off.
    async fn backfilled(&self, source: &str, from: NaiveDate, to: NaiveDate) -> Result<Option<NaiveDate>, String>;
}

/// The world of all sources that are sites. One is enough for a program: hosts are asked by one request
/// at a time, whichever sources they belong to.
pub struct World {
    pub(super) outgoing: Outgoing,
    pub(super) shelf: Arc<dyn Shelf>,
    pub(super) clock: Clock,
    hosts: Mutex<HashMap<String, Arc<tokio::sync::Mutex<Host>>>>,
}

/// Tells the present instant.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// A host that is asked by one request at a time.
#[derive(Default)]
pub(super) struct Host {
    /// When the last answer was there.
    pub(super) last: Option<Instant>,
    /// What its robots.txt says, by the origin, and when it was read.
    pub(super) robots: HashMap<String, (Rules, Instant)>,
}

impl World {
    /// A world of this network and this memory.
    pub fn new(outgoing: Outgoing, shelf: Arc<dyn Shelf>, clock: Clock) -> Self {
        Self { outgoing, shelf, clock, hosts: Mutex::default() }
    }

    /// The host of an address. Another port than the usual two is a server of its own, which does not wait
    /// for what its neighbour keeps open.
    pub(super) fn host(&self, url: &Url) -> Arc<tokio::sync::Mutex<Host>> {
        let name = url.host_str().unwrap_or_default();
        let name = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        // What the map holds is whole whenever the lock is free.
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(hosts.entry(name).or_default())
    }
}
