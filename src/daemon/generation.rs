//! What runs under one configuration: a task a source, one that publishes, two a webhook, one that
//! keeps the ledger, and the server.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Clock, DaemonError, Standing, alarms, ledger, tasks, wiring, world};
use crate::config::Config;
use crate::feed::Publications;
use crate::http::{self, HubDoor, Served};
use crate::jobs::order_feed::OrderDesk;
use crate::model::Problem;
use crate::source::epaper::World;
use crate::store::SharedStore;
use crate::webhook::Sender;
use crate::websub::{Hub, Messenger};

/// How long the tasks get to end before the next generation begins. A task that is still busy then
/// finishes on its own: what it does is in the store, where the next generation finds it.
pub(super) const TAKE_OVER_WITHIN: Duration = Duration::from_secs(10);

/// How long the tasks get to end before the process does: longer than the longest attempt to send,
/// for a message that is cut off in the middle is sent again at the next start, and its receiver may
/// have it already.
pub(super) const STOP_WITHIN: Duration = Duration::from_secs(30);

/// How long a task that panicked rests before it is started again.
const REST_AFTER_PANIC: Duration = Duration::from_secs(5);

/// What the tasks of a generation share.
pub(super) struct Shared {
    pub(super) config: Arc<Config>,
    pub(super) store: SharedStore,
    pub(super) publications: Arc<Publications>,
    pub(super) sender: Arc<Sender>,
    pub(super) clock: Clock,
    pub(super) world: World,
    /// Rung when articles have changed.
    pub(super) changed: Notify,
    /// Rung when articles have changed, for the webhook at the same place of the configuration.
    pub(super) arrived: Vec<Notify>,
    /// Rung when there is something to tell subscribers.
    pub(super) hub: Arc<Notify>,
    /// What tells them.
    pub(super) messenger: Messenger,
    /// Rung when a message was queued for the webhook at the same place of the configuration.
    pub(super) queued: Vec<Notify>,
    /// What kept the last look at the source at the same place of the configuration from its end.
    pub(super) failing: Vec<Mutex<Option<Problem>>>,
    /// Rung when it may have changed how a source stands.
    pub(super) stands: Notify,
    /// Whether the source at the same place of the configuration has been looked through once.
    pub(super) scanned: Vec<watch::Sender<bool>>,
    pub(super) shutdown: CancellationToken,
}

impl Shared {
    pub(super) fn new(config: &Arc<Config>, standing: &Standing) -> Result<Self, DaemonError> {
        Ok(Self {
            config: Arc::clone(config),
            store: Arc::clone(&standing.store),
            publications: Arc::clone(&standing.publications),
            sender: Arc::clone(&standing.sender),
            clock: standing.clock,
            changed: Notify::new(),
            arrived: config.webhooks.iter().map(|_| Notify::new()).collect(),
            hub: Arc::default(),
            messenger: standing.messenger.clone(),
            queued: config.webhooks.iter().map(|_| Notify::new()).collect(),
            failing: config.sources.iter().map(|_| Mutex::default()).collect(),
            stands: Notify::new(),
            scanned: config.sources.iter().map(|_| watch::channel(false).0).collect(),
            shutdown: CancellationToken::new(),
            world: world(&config.server.allow_private, &standing.store, standing.clock)?,
        })
    }
}

impl Shared {
    /// Rings for everybody who waits for articles.
    pub(super) fn articles_changed(&self) {
        self.changed.notify_one();
        self.arrived.iter().for_each(Notify::notify_one);
    }
}

/// The running tasks.
pub(super) struct Generation {
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

impl Generation {
    pub(super) fn start(config: &Arc<Config>, standing: &Standing) -> Result<Self, DaemonError> {
        let shared = Arc::new(Shared::new(config, standing)?);
        let generation = Self { shutdown: shared.shutdown.clone(), tasks: TaskTracker::new() };
        generation.serve(&shared, standing)?;
        generation.keep("publishing", &shared, tasks::publish);
        generation.keep("the hub", &shared, tasks::tell_subscribers);
        generation.keep("the ledger", &shared, ledger::keep);
        generation.keep("the alarms", &shared, alarms::keep);
        for n in 0..config.sources.len() {
            generation.keep(&format!("source {}", config.sources[n].name), &shared, move |s| tasks::watch_source(s, n));
        }
        for n in 0..config.webhooks.len() {
            let name = &config.webhooks[n].name;
            generation.keep(&format!("digests for {name}"), &shared, move |s| tasks::compose(s, n));
            generation.keep(&format!("deliveries to {name}"), &shared, move |s| tasks::deliver(s, n));
        }
        announce(&shared);
        Ok(generation)
    }

    fn serve(&self, shared: &Arc<Shared>, standing: &Standing) -> Result<(), DaemonError> {
        let failed = |source| DaemonError::Listen { address: shared.config.server.listen, source };
        let listener = standing.listener.try_clone().and_then(tokio::net::TcpListener::from_std).map_err(failed)?;
        let served = Served {
            store: Arc::clone(&shared.store),
            publications: Arc::clone(&shared.publications),
            shown: ArcSwap::from_pointee(wiring::shown(&shared.config)),
            desk: OrderDesk::new(Arc::clone(&shared.store), shared.config.feeds.clone()),
            clock: shared.clock,
            hub: (shared.config.hub.hub == Hub::Own).then(|| HubDoor { clock: shared.clock, rung: Arc::clone(&shared.hub) }),
            status: wiring::status(&shared.config, shared.clock),
        };
        self.tasks.spawn(http::serve(listener, http::router(Arc::new(served)), shared.shutdown.clone().cancelled_owned()));
        Ok(())
    }

    /// Keeps a task alive: one that panics is reported and started again, for a daemon that lives
    /// for years must not lose a webhook to one bad message.
    fn keep<F, T>(&self, name: &str, shared: &Arc<Shared>, task: F)
    where
        F: Fn(Arc<Shared>) -> T + Send + 'static,
        T: Future<Output = ()> + Send + 'static,
    {
        let (name, shared) = (name.to_owned(), Arc::clone(shared));
        self.tasks.spawn(async move {
            while let Err(panic) = tokio::spawn(task(Arc::clone(&shared))).await {
                tracing::error!("{name}: the task broke and is started again: {panic}");
                if wait(&shared.shutdown, REST_AFTER_PANIC).await.is_break() {
                    return;
                }
            }
        });
    }

    /// Asks every task to end and waits for it no longer than `bound`.
    pub(super) async fn end(self, bound: Duration) {
        self.shutdown.cancel();
        self.tasks.close();
        if tokio::time::timeout(bound, self.tasks.wait()).await.is_err() {
            tracing::warn!("{} tasks did not end within {bound:?} and are left behind", self.tasks.len());
        }
    }
}

/// Says what runs, and when each webhook is due.
fn announce(shared: &Shared) {
    let config = &shared.config;
    tracing::info!("newsboy {} serves {} on {}", env!("CARGO_PKG_VERSION"), config.server.public_url, config.server.listen);
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    for webhook in &config.webhooks {
        match webhook.timing.next_after((shared.clock)()) {
            Some(next) => tracing::info!("webhook {}: next digest at {}", webhook.name, next.with_timezone(&webhook.timing.zone())),
            None if webhook.timing.batch().is_some() => tracing::info!("webhook {}: digests {}", webhook.name, webhook.timing),
            None => tracing::warn!("webhook {}: its schedule has no further slot", webhook.name),
        }
    }
}

/// Sleeps for `time`; breaks where the generation ends first.
pub(super) async fn wait(shutdown: &CancellationToken, time: Duration) -> std::ops::ControlFlow<()> {
    tokio::select! {
        () = shutdown.cancelled() => std::ops::ControlFlow::Break(()),
        () = tokio::time::sleep(time) => std::ops::ControlFlow::Continue(()),
    }
}
