//! What the tests of the jobs share: a real store, a webhook, a clock that is set by hand, and
//! receivers on loopback that answer as they are told.

#![allow(clippy::unwrap_used)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::digest::schedule::{Schedule, Timing};
use crate::model::{Article, ArticleId, ArticleKind, ContentHash, MatchRule, PageKey, Secret};
use crate::store::{IdentifiedArticle, PageChange, SharedStore, Store, open};
use crate::story::Telling;
use crate::webhook::{DestinationConfig, RetryPolicy, Sender, Settings, Templates, Timeouts, WebhookConfig, WhenEmpty};

/// A store in a folder of its own, which may be opened more than once.
pub(super) struct Desk {
    folder: TempDir,
}

impl Desk {
    pub(super) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(super) async fn open(&self) -> SharedStore {
        open("sqlite:newsboy.db", self.folder.path()).await.unwrap()
    }

    /// The database itself, to bring it into trouble.
    pub(super) async fn database(&self) -> SqlitePool {
        SqlitePool::connect_with(SqliteConnectOptions::new().filename(self.folder.path().join("newsboy.db"))).await.unwrap()
    }
}

pub(super) fn at(instant: &str) -> DateTime<Utc> {
    instant.parse().unwrap()
}

/// A webhook on weekdays at eight in Shanghai, which is midnight of UTC.
pub(super) fn webhook(destination: DestinationConfig) -> WebhookConfig {
    WebhookConfig {
        name: "desk".to_owned(),
        destination,
        timing: Timing::cron(Schedule::parse("0 8 * * 1-5", Tz::Asia__Shanghai).unwrap()),
        catch_up: None,
        jitter: None,
        feeds: vec!["county".to_owned()],
        sources: None,
        rule: MatchRule { kinds: Vec::new(), ..MatchRule::default() },
        summary_chars: 60,
        limit: 20,
        when_empty: WhenEmpty::Skip,
        language: None,
        templates: Templates::default(),
        retry: RetryPolicy { schedule: vec![Duration::seconds(10), Duration::minutes(5)], expires: Duration::hours(1) },
        backfill: false,
        problems: false,
    }
}

pub(super) fn console() -> DestinationConfig {
    DestinationConfig::parse("console", Settings::default()).unwrap()
}

pub(super) fn destination(kind: &str, url: &str) -> DestinationConfig {
    DestinationConfig::parse(kind, Settings::default().with_secret("url", Some(Secret::new(url)))).unwrap()
}

/// Makes these headlines the articles of a page, each with its own text.
pub(super) async fn print(store: &dyn Store, source: &str, page: &str, headlines: &[(&str, &str)], now: DateTime<Utc>) {
    let key = PageKey { source: source.to_owned(), date: now.date_naive(), page: page.into() };
    let article = |(headline, text): &(&str, &str)| {
        let article = Article {
            kind: ArticleKind::Article,
            headline: Some((*headline).to_owned()),
            paragraphs: vec![(*text).to_owned()],
            page: page.to_owned(),
            confidence: 1.0,
            ..Article::default()
        };
        let id = ArticleId::assign(&[source.as_bytes(), headline.as_bytes()]);
        let sketch = Telling::of(&article).sketch().to_vec();
        IdentifiedArticle { id, article, doubtful: false, sketch }
    };
    let change = PageChange {
        hash: ContentHash::of(format!("{headlines:?}").as_bytes()),
        cutter: 1,
        origin: "test".to_owned(),
        seen_revision: store.page(&key).await.unwrap().map_or(0, |page| page.revision),
        articles: headlines.iter().map(article).collect(),
        problems: Vec::new(),
        facsimile: None,
        backlog: false,
        hour: now,
        now,
        key,
    };
    store.apply(change).await.unwrap();
}

/// A clock that stands still unless it is moved.
pub(super) struct Clock(Mutex<DateTime<Utc>>);

impl Clock {
    pub(super) fn at(instant: &str) -> Self {
        Self(Mutex::new(at(instant)))
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    pub(super) fn set(&self, instant: DateTime<Utc>) {
        *self.0.lock().unwrap() = instant;
    }
}

pub(super) fn sender() -> Sender {
    // Another test of this process may have been faster.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let short = std::time::Duration::from_millis(500);
    Sender::new(Timeouts { connect: short, request: short }, Box::new(std::io::sink())).unwrap()
}

/// An answer of a receiver.
pub(super) enum Reply {
    /// A status and a body.
    Say(u16, &'static str),
    /// 503 with a Retry-After of so many seconds.
    Busy(u32),
    /// None, for longer than anybody waits.
    Hang,
}

/// A receiver on loopback that gives its replies one after the other, then says `ok`, and keeps
/// every request.
#[derive(Clone)]
pub(super) struct Receiver {
    pub(super) url: String,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    seen: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

impl Receiver {
    pub(super) async fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let receiver = Self { url, replies: Arc::new(Mutex::new(replies.into_iter().collect())), seen: Arc::default() };
        let router = Router::new().fallback(Self::answer).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    async fn answer(State(receiver): State<Self>, headers: HeaderMap, body: Bytes) -> Response {
        receiver.seen.lock().unwrap().push((headers, body));
        let reply = receiver.replies.lock().unwrap().pop_front().unwrap_or(Reply::Say(200, "ok"));
        match reply {
            Reply::Say(status, body) => (StatusCode::from_u16(status).unwrap(), body).into_response(),
            Reply::Busy(seconds) => (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", seconds.to_string())], "busy").into_response(),
            Reply::Hang => {
                tokio::time::sleep(std::time::Duration::from_secs(60)).await;
                StatusCode::OK.into_response()
            }
        }
    }

    /// The `webhook-id` of every request.
    pub(super) fn ids(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|(headers, _)| headers["webhook-id"].to_str().unwrap().to_owned()).collect()
    }

    /// The body of every request.
    pub(super) fn bodies(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|(_, body)| String::from_utf8(body.to_vec()).unwrap()).collect()
    }
}
