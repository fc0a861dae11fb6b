//! The daemon: it owns clock, signals and schedules, and joins sources, jobs and the server.
//!
//! A *generation* is what runs under one configuration. A changed configuration ends the running
//! generation in order and begins the next one on the same store and the same listening socket;
//! what was due stays due, since everything that must not be lost is in the store and nothing of
//! it in a task.

mod alarms;
mod generation;
mod ledger;
mod once;
mod shelf;
mod tasks;
mod twin;
pub mod wiring;

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use thiserror::Error;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::{self, Config, ConfigErrors};
use crate::feed::Publications;
use crate::outgoing::{Outgoing, SystemLookup, Waits};
use crate::store::{self, SharedStore, StoreError};
use crate::webhook::{Sender, Timeouts};
use crate::websub::Messenger;

use generation::{Generation, STOP_WITHIN, TAKE_OVER_WITHIN};
pub use once::{OnceReport, once};
pub use shelf::world;

/// How often the configuration file is looked at for a change. Looking is cheap and works on every
/// file system; a watch would miss an editor's rename on some.
const CONFIG_LOOK: Duration = Duration::from_secs(2);

/// How long the store gets to finish what it is at when newsboy ends.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// Why the daemon could not start, or could not go on.
#[derive(Debug, Error)]
pub enum DaemonError {
    /// The configuration has faults.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// The store could not be opened, or belongs to another authority.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server's address could not be had.
    #[error("[server] listen = \"{address}\": {source}; if another newsboy is running there, stop it or choose another port")]
    Listen {
        /// The address of the configuration.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The static twin of the site could not be written.
    #[error("{path} could not be written: {source}; it is made whole by the next run", path = path.display())]
    Twin {
        /// Its folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Signals could not be subscribed to.
    #[error("cannot wait for signals: {0}")]
    Signals(std::io::Error),
    /// No client for outgoing requests could be made.
    #[error("cannot make the HTTP client: {0}")]
    Client(String),
}

/// Where the present instant comes from. It is passed in, so that nothing below the daemon reads a
/// clock.
pub type Clock = fn() -> DateTime<Utc>;

/// What outlives a generation, or is taken over by the next one where it has not changed.
struct Standing {
    store: SharedStore,
    publications: Arc<Publications>,
    listener: TcpListener,
    sender: Arc<Sender>,
    messenger: Messenger,
    clock: Clock,
}

impl Standing {
    async fn open(config: &Config) -> Result<Self, DaemonError> {
        Ok(Self {
            store: open_store(config).await?,
            publications: Arc::default(),
            listener: listen(config.server.listen)?,
            sender: Arc::new(sender()?),
            messenger: messenger(config)?,
            clock: Utc::now,
        })
    }

    /// What the next configuration needs, opened before the present one is given up, so that a
    /// port in use or a broken database leaves the daemon as it was.
    async fn for_next(&self, present: &Config, next: &Config) -> Result<Self, DaemonError> {
        let store = if (&next.store.url, &next.feeds.authority) == (&present.store.url, &present.feeds.authority) {
            Arc::clone(&self.store)
        } else {
            open_store(next).await?
        };
        let listener = if next.server.listen == present.server.listen {
            self.listener.try_clone().map_err(|source| DaemonError::Listen { address: next.server.listen, source })?
        } else {
            listen(next.server.listen)?
        };
        Ok(Self {
            store,
            publications: Arc::clone(&self.publications),
            listener,
            sender: Arc::clone(&self.sender),
            messenger: messenger(next)?,
            clock: self.clock,
        })
    }
}

async fn open_store(config: &Config) -> Result<SharedStore, StoreError> {
    let store = store::open(&config.store.url, &config.dir).await?;
    store.fix_authority(&config.feeds.authority).await?;
    Ok(store)
}

/// The sender of all webhooks; the console's messages go to standard output.
///
/// # Errors
/// [`DaemonError::Client`]: no client for outgoing requests could be made.
pub fn sender() -> Result<Sender, DaemonError> {
    Sender::new(Timeouts::default(), Box::new(std::io::stdout())).map_err(|e| DaemonError::Client(e.to_string()))
}

/// What tells subscribers and other hubs. It reaches no private address but those of the configuration.
fn messenger(config: &Config) -> Result<Messenger, DaemonError> {
    let user_agent = concat!("newsboy/", env!("CARGO_PKG_VERSION"));
    let outgoing = Outgoing::new(user_agent, Waits::default(), config.server.allow_private.clone(), Arc::new(SystemLookup));
    let outgoing = outgoing.map_err(|error| DaemonError::Client(error.to_string()))?;
    Ok(Messenger::new(Arc::new(outgoing)))
}

fn listen(address: SocketAddr) -> Result<TcpListener, DaemonError> {
    let failed = |source| DaemonError::Listen { address, source };
    // tokio's own bind would be asynchronous for nothing, but it sets SO_REUSEADDR, without which a
    // restarted daemon waits a minute for its port.
    let socket = if address.is_ipv4() { tokio::net::TcpSocket::new_v4() } else { tokio::net::TcpSocket::new_v6() }.map_err(failed)?;
    socket.set_reuseaddr(true).map_err(failed)?;
    socket.bind(address).map_err(failed)?;
    socket.listen(1024).and_then(tokio::net::TcpListener::into_std).map_err(failed)
}

/// Runs until it is asked to stop (SIGTERM, SIGINT). SIGHUP, or a change of its file, makes it
/// read the configuration again: a good one takes over, a bad one is reported and the old one stays.
pub async fn run(config_path: &Path) -> Result<(), DaemonError> {
    // Before the file is read, so that a change of it in between is seen.
    let mut asked = Asked::subscribe(config_path)?;
    let mut config = Arc::new(config::load(config_path)?);
    let mut standing = Standing::open(&config).await?;
    loop {
        let generation = Generation::start(&config, &standing)?;
        let next = loop {
            if asked.next().await == Request::Stop {
                break None;
            }
            match take_over(&config, &standing, config_path).await {
                Ok(Some(next)) => break Some(next),
                Ok(None) => tracing::info!("the configuration says the same as before"),
                Err(error) => tracing::error!("the new configuration is not used, the old one stays:\n{error}"),
            }
        };
        match next {
            Some(next) => {
                generation.end(TAKE_OVER_WITHIN).await;
                (config, standing) = next;
            }
            None => {
                generation.end(STOP_WITHIN).await;
                close(&standing.store).await;
                return Ok(());
            }
        }
    }
}

/// Closes the store, so that all it holds is in its one file.
async fn close(store: &SharedStore) {
    if tokio::time::timeout(CLOSE_WITHIN, store.close()).await.is_err() {
        tracing::warn!("the store was still at work after {CLOSE_WITHIN:?} and was not closed; nothing of it is lost");
    }
}

/// The configuration read again, with all it needs; `None` where it has not changed.
async fn take_over(present: &Config, standing: &Standing, path: &Path) -> Result<Option<(Arc<Config>, Standing)>, DaemonError> {
    let next = config::load(path)?;
    if next == *present {
        return Ok(None);
    }
    let standing = standing.for_next(present, &next).await?;
    Ok(Some((Arc::new(next), standing)))
}

/// What the world asks of the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Request {
    Stop,
    Reload,
}

/// The signals and the configuration file, waited for together.
struct Asked {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    path: PathBuf,
    written: Option<SystemTime>,
}

impl Asked {
    fn subscribe(path: &Path) -> Result<Self, DaemonError> {
        let subscribe = |kind| signal(kind).map_err(DaemonError::Signals);
        Ok(Self {
            terminate: subscribe(SignalKind::terminate())?,
            interrupt: subscribe(SignalKind::interrupt())?,
            hangup: subscribe(SignalKind::hangup())?,
            path: path.to_owned(),
            written: written(path),
        })
    }

    async fn next(&mut self) -> Request {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return Request::Stop,
                _ = self.interrupt.recv() => return Request::Stop,
                _ = self.hangup.recv() => {
                    tracing::info!("SIGHUP: the configuration is read again");
                    self.written = written(&self.path);
                    return Request::Reload;
                }
                () = tokio::time::sleep(CONFIG_LOOK) => {
                    let now = written(&self.path);
                    // A file that is missing for a moment is being replaced.
                    if now.is_some() && now != self.written {
                        self.written = now;
                        tracing::info!("{} changed: it is read again", self.path.display());
                        return Request::Reload;
                    }
                }
            }
        }
    }
}

fn written(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|m| m.modified()).ok()
}

#[cfg(test)]
mod tests;
