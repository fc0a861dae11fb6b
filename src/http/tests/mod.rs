//! Requests over a real connection.

#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, Response, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{HubDoor, Served, Shown, StatusPage, router, serve};
use crate::jobs::order_feed::OrderDesk;
use crate::jobs::publish_feeds::newsroom::{Newsroom, noon};

mod feeds;
mod limits;
mod orders;
mod pages;
mod status;
mod twin;

/// A newsroom whose feeds and pages are served.
struct Server {
    room: Newsroom,
    served: Arc<Served>,
    address: SocketAddr,
    client: Client,
    shutdown: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Server {
    async fn start(room: Newsroom) -> Self {
        Self::start_with(room, None).await
    }

    async fn start_with(room: Newsroom, status: Option<StatusPage>) -> Self {
        room.publish(noon()).await;
        let served = Arc::new(Served {
            store: Arc::clone(&room.store),
            publications: Arc::clone(&room.publications),
            shown: ArcSwap::from_pointee(Shown { site: room.site.clone(), feeds: room.feeds.clone(), habits: Vec::new() }),
            desk: OrderDesk::new(Arc::clone(&room.store), room.config.clone()),
            clock: noon,
            hub: Some(HubDoor { clock: noon, rung: Arc::default() }),
            status,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (shutdown, asked) = oneshot::channel();
        let router = router(Arc::clone(&served));
        let task = tokio::spawn(async move {
            serve(listener, router, async {
                let _ = asked.await;
            })
            .await;
        });
        Self { room, served, address, client: client(), shutdown: Some(shutdown), task }
    }

    async fn send(&self, method: Method, path: &str, headers: &[(&'static str, &str)]) -> Response {
        let mut request = self.client.request(method, format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }

    async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, &[]).await
    }

    /// The text of a page that must have this status.
    async fn page(&self, path: &str, status: StatusCode) -> String {
        let response = self.get(path).await;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(header(response.headers(), "content-type"), "text/html; charset=utf-8", "{path}");
        assert!(header(response.headers(), "content-security-policy").starts_with("default-src 'none'"), "{path}");
        let caching = if status.is_server_error() { "no-store" } else { "public, max-age=60" };
        assert_eq!(header(response.headers(), "cache-control"), caching, "{path}");
        let text = response.text().await.unwrap();
        for tag in text.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()) {
            let runs = ["script", "style ", "iframe", "object"].iter().any(|name| tag.starts_with(name));
            let attribute = [" style=", " on", "=\"javascript:", "=javascript:"].iter().any(|a| tag.contains(a));
            assert!(!runs && !attribute, "{path} has <{tag}>");
        }
        text
    }
}

fn client() -> Client {
    // The client wants a provider of cryptography though it speaks plain HTTP here.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}
