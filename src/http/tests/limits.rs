//! Limits: of requests, of connections, of the time at the end.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;

use super::{client, header};
use crate::http::serve::{Limits, serve_within};
use crate::http::{Bounds, bounded};

const WIDE: Limits =
    Limits { connections: 16, head: Duration::from_secs(30), lifetime: Duration::from_secs(30), grace: Duration::from_secs(5) };

/// `/slow` answers when it is told to; `/large` sends more than a socket holds.
struct Slow {
    address: std::net::SocketAddr,
    entered: Arc<Notify>,
    go_on: Arc<Notify>,
    stop: Arc<Notify>,
    task: JoinHandle<()>,
}

async fn slow(limits: Limits, requests: usize, time: Duration) -> Slow {
    let (entered, go_on, stop) = (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::new(Notify::new()));
    let bounds = Arc::new(Bounds { places: Semaphore::new(requests), time });
    let notes = (Arc::clone(&entered), Arc::clone(&go_on));
    let handler = move || {
        let (entered, go_on) = notes.clone();
        async move {
            entered.notify_one();
            go_on.notified().await;
            "done"
        }
    };
    let router = Router::new()
        .route("/slow", get(handler))
        .route("/fast", get(|| async { "fast" }))
        .route("/large", get(|| async { vec![b'x'; 64 << 20] }))
        .layer(from_fn_with_state(bounds, bounded));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stopping = Arc::clone(&stop);
    let task = tokio::spawn(async move { serve_within(limits, listener, router, stopping.notified()).await });
    Slow { address, entered, go_on, stop, task }
}

#[tokio::test]
async fn a_request_beyond_the_limit_is_turned_away_at_once() {
    let server = slow(WIDE, 1, Duration::from_secs(30)).await;
    let first = tokio::spawn(client().get(format!("http://{}/slow", server.address)).send());
    server.entered.notified().await;
    let second = client().get(format!("http://{}/fast", server.address)).send().await.unwrap();
    assert_eq!((second.status().as_u16(), header(second.headers(), "retry-after")), (503, "5"));
    server.go_on.notify_one();
    assert_eq!(first.await.unwrap().unwrap().status(), 200);
    assert_eq!(client().get(format!("http://{}/fast", server.address)).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_ended() {
    let server = slow(WIDE, 1, Duration::from_millis(50)).await;
    let answer = client().get(format!("http://{}/slow", server.address)).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(client().get(format!("http://{}/fast", server.address)).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_client_that_never_finishes_its_request_is_cut() {
    let server = slow(Limits { head: Duration::from_millis(100), ..WIDE }, 8, Duration::from_secs(5)).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /fast HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn a_head_larger_than_the_limit_is_refused() {
    let server = slow(WIDE, 8, Duration::from_secs(5)).await;
    let answer = client().get(format!("http://{}/fast", server.address)).header("x-long", "x".repeat(64 * 1024)).send().await.unwrap();
    assert_eq!(answer.status(), 431);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_at_the_end_of_its_lifetime() {
    let limits = Limits { connections: 1, lifetime: Duration::from_millis(100), grace: Duration::from_millis(100), ..WIDE };
    let server = slow(limits, 8, Duration::from_secs(5)).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    // The one place is free again, though the first client still holds on.
    let answer = tokio::time::timeout(Duration::from_secs(5), client().get(format!("http://{}/fast", server.address)).send());
    assert_eq!(answer.await.unwrap().unwrap().status(), 200);
    drop(stream);
}

#[tokio::test]
async fn at_shutdown_the_request_under_way_is_answered_and_no_new_one_taken() {
    let server = slow(WIDE, 8, Duration::from_secs(30)).await;
    let under_way = tokio::spawn(client().get(format!("http://{}/slow", server.address)).send());
    server.entered.notified().await;
    let idle = TcpStream::connect(server.address).await.unwrap();
    server.stop.notify_one();
    // Refused as soon as the listener is gone.
    for _ in 0..500 {
        if TcpStream::connect(server.address).await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(TcpStream::connect(server.address).await.is_err());
    assert!(!server.task.is_finished());
    server.go_on.notify_one();
    assert_eq!(under_way.await.unwrap().unwrap().text().await.unwrap(), "done");
    tokio::time::timeout(Duration::from_secs(2), server.task).await.unwrap().unwrap();
    drop(idle);
}

#[tokio::test]
async fn a_request_that_never_ends_holds_the_shutdown_no_longer_than_the_grace() {
    let server = slow(Limits { grace: Duration::from_millis(200), ..WIDE }, 8, Duration::from_secs(30)).await;
    let under_way = tokio::spawn(client().get(format!("http://{}/slow", server.address)).send());
    server.entered.notified().await;
    let asked = Instant::now();
    server.stop.notify_one();
    tokio::time::timeout(Duration::from_secs(5), server.task).await.unwrap().unwrap();
    assert!(asked.elapsed() >= Duration::from_millis(200));
    assert!(under_way.await.unwrap().is_err());
}
