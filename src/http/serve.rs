//! The accept loop, with its limits.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_util::task::TaskTracker;

/// Bytes of a request's head. Larger ones are answered with 431.
const MAX_HEAD_BYTES: usize = 32 * 1024;

/// How long to wait after the system refused a connection, which it does when file descriptors
/// run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What connections may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Connections that are open at once; further ones wait to be accepted.
    pub(super) connections: usize,
    /// How long a connection may take to send a request's head, and how long it may stay idle
    /// between two requests.
    pub(super) head: Duration,
    /// How long a connection lives at most: after it, the request under way is its last, so that a
    /// reader who takes a byte a second does not hold a place for ever.
    pub(super) lifetime: Duration,
    /// How long connections have to finish at shutdown, or at the end of their lifetime.
    pub(super) grace: Duration,
}

const LIMITS: Limits =
    Limits { connections: 1024, head: Duration::from_secs(30), lifetime: Duration::from_secs(300), grace: Duration::from_secs(5) };

/// Serves `router` on `listener` until `shutdown` is ready; then accepts nothing more, lets the
/// requests under way finish for at most five seconds, and returns.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) {
    serve_within(LIMITS, listener, router, shutdown).await;
}

pub(super) async fn serve_within(limits: Limits, listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let connections = TaskTracker::new();
    let (closing, _) = watch::channel(false);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = async {
                let place = Arc::clone(&places).acquire_owned().await;
                listener.accept().await.map(|(stream, _)| (stream, place))
            } => accepted,
        };
        match accepted {
            Ok((stream, place)) => {
                let connection = connection(limits, stream, router.clone(), closing.subscribe());
                connections.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    closing.send_replace(true);
    connections.close();
    // Each connection ends itself within the grace.
    connections.wait().await;
}

/// One connection from its first byte to its last.
async fn connection(limits: Limits, stream: TcpStream, router: Router, mut closing: watch::Receiver<bool>) {
    // An answer is written as a whole; waiting to fill a packet only delays it.
    let _ = stream.set_nodelay(true);
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(MAX_HEAD_BYTES);
    let mut served = std::pin::pin!(server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)));
    let end = async {
        tokio::select! {
            () = tokio::time::sleep(limits.lifetime) => {}
            _ = closing.wait_for(|closing| *closing) => {}
        }
    };
    tokio::select! {
        result = served.as_mut() => return log(result),
        () = end => served.as_mut().graceful_shutdown(),
    }
    match tokio::time::timeout(limits.grace, served).await {
        Ok(result) => log(result),
        Err(_) => tracing::debug!("a connection was cut: its last answer was not taken in time"),
    }
}

/// Clients break connections off all day; it is of use to whoever looks for it, and to nobody else.
fn log(result: hyper::Result<()>) {
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}
