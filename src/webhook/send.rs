//! Sending: one message, one request, one outcome.

use std::error::Error as _;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use reqwest::{Client, Response, redirect};
use serde_json::Value;
use thiserror::Error;

use super::service::{Answer, Call, Request};
use super::{DestinationConfig, mail, program};
use crate::model::{DueDelivery, Outcome};
use crate::outgoing::retry_after;

/// How long the other side is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, with its TLS handshake.
    pub connect: Duration,
    /// For a whole attempt, from the connection to the end of the answer.
    pub request: Duration,
}

impl Default for Timeouts {
    /// Standard Webhooks recommends "somewhere between 15 and 30s" for a request.
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), request: Duration::from_secs(20) }
    }
}

/// Bytes of an answer that are read; services answer in a line, and what more somebody sends costs
/// nothing.
const ANSWER_BYTES: usize = 64 * 1024;

/// Bytes of an answer that the ledger keeps.
const KEPT_BYTES: usize = 500;

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Whether it worked, may work later, or will not. No secret stands in it.
    pub outcome: Outcome,
    /// The HTTP status, where there was an answer; that of SMTP or a program's, where it went there.
    pub status: Option<u16>,
    /// How long the service wants to be left alone, though it took the message.
    pub rest: Option<chrono::Duration>,
    /// The first 500 bytes of the answer, secrets taken out.
    pub answer: String,
}

/// Why there is no sender.
#[derive(Debug, Error)]
pub enum SenderError {
    /// No cryptography was chosen for TLS; a defect of newsboy.
    #[error("no TLS provider is installed: rustls::crypto::ring::default_provider().install_default() is called at the start of main")]
    NoTlsProvider,
    /// The HTTP client could not be set up, for example because the system's certificates cannot be
    /// read.
    #[error("cannot set up the HTTP client: {0}")]
    Client(#[source] reqwest::Error),
}

/// Sends messages: one HTTP client for all webhooks, and the output of the console.
///
/// It keeps no state of its own between attempts; what is to be sent and when is the store's
/// knowledge.
pub struct Sender {
    client: Client,
    timeouts: Timeouts,
    console: Arc<Mutex<Box<dyn Write + Send>>>,
}

impl Sender {
    /// A sender that prints the console's messages to `console`.
    ///
    /// # Errors
    ///
    /// No TLS provider was installed before, or the HTTP client cannot be set up.
    pub fn new(timeouts: Timeouts, console: Box<dyn Write + Send>) -> Result<Self, SenderError> {
        // reqwest panics where there is none.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(SenderError::NoTlsProvider);
        }
        let client = Client::builder()
            .user_agent(concat!("newsboy/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.request)
            .redirect(redirect::Policy::none())
            .build()
            .map_err(SenderError::Client)?;
        Ok(Self { client, timeouts, console: Arc::new(Mutex::new(console)) })
    }

    /// How long the other side is waited for.
    pub fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    /// Hands one message over, once. It never fails otherwise than by its outcome.
    pub async fn send(&self, destination: &DestinationConfig, delivery: &DueDelivery, now: DateTime<Utc>) -> Sent {
        let limit = self.timeouts.request;
        match destination.service().call(delivery, now) {
            Call::Print(text) => self.print(text).await,
            Call::Http(request) => match self.exchange(request).await {
                Ok(response) => judged(destination, response, now).await,
                Err(error) => failed(destination, self.in_words(error)),
            },
            Call::Mail(letter) => match within(limit, mail::send(letter, limit)).await {
                Ok((code, text)) => answered(destination, code, text),
                Err(why) => failed(destination, why),
            },
            Call::Run { command, environment, input } => match within(limit, program::run(&command, &environment, input)).await {
                Ok((code, text)) => answered(destination, code, text),
                Err(why) => failed(destination, why),
            },
        }
    }

    async fn exchange(&self, request: Request) -> Result<Response, reqwest::Error> {
        let Request { method, url, content_type, headers, body } = request;
        let request = self.client.request(method, url).header(CONTENT_TYPE, content_type).body(body);
        headers.into_iter().fold(request, |request, (name, value)| request.header(name, value)).send().await
    }

    /// Prints on a thread that may block: a pipe that nobody reads is full at some time, and must not
    /// hold up what else the runtime does.
    async fn print(&self, text: String) -> Sent {
        let console = Arc::clone(&self.console);
        let printing = tokio::task::spawn_blocking(move || {
            // A panic while printing leaves nothing half done that matters to the next message.
            let mut console = console.lock().unwrap_or_else(PoisonError::into_inner);
            writeln!(console, "{text}\n").and_then(|()| console.flush())
        });
        let cannot = |why: String| Outcome::Retry { why: format!("cannot print: {why}"), after: None };
        let outcome = match tokio::time::timeout(self.timeouts.request, printing).await {
            Ok(Ok(Ok(()))) => Outcome::Delivered,
            Ok(Ok(Err(error))) => cannot(error.to_string()),
            Ok(Err(broken)) => cannot(broken.to_string()),
            Err(_) => cannot(format!("nobody took the text within {:?}", self.timeouts.request)),
        };
        Sent { outcome, status: None, rest: None, answer: String::new() }
    }

    /// What went wrong on the way, without the address: `error sending request` says nothing, what
    /// stands behind it does.
    fn in_words(&self, error: reqwest::Error) -> String {
        if error.is_timeout() {
            let connecting = error.is_connect();
            let (what, waited) = if connecting { ("no connection", self.timeouts.connect) } else { ("no answer", self.timeouts.request) };
            return format!("{what} within {waited:?}");
        }
        let error = error.without_url();
        let mut causes = Vec::new();
        let mut cause = error.source();
        while let Some(source) = cause {
            causes.push(source.to_string());
            cause = source.source();
        }
        // A library may repeat what it wraps.
        causes.dedup_by(|inner, outer| outer.contains(inner.as_str()));
        if causes.is_empty() { error.to_string() } else { causes.join(": ") }
    }
}

/// What an attempt comes to that is not over by then.
async fn within<T>(limit: Duration, attempt: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    tokio::time::timeout(limit, attempt).await.unwrap_or_else(|_| Err(format!("no answer within {limit:?}")))
}

/// What comes of an attempt that got no answer.
fn failed(destination: &DestinationConfig, why: String) -> Sent {
    Sent { outcome: Outcome::Retry { why: destination.redact(&why), after: None }, status: None, rest: None, answer: String::new() }
}

/// What an answer means that did not come over HTTP.
fn answered(destination: &DestinationConfig, status: u16, text: String) -> Sent {
    let answer = Answer { status, retry_after: None, location: None, text: destination.redact(&text), json: Value::Null };
    told(destination, answer, None)
}

/// What the service's answer means. Secrets are taken out before anything is made of it: a text that
/// was cut may hold half of one, which would not be found any more.
async fn judged(destination: &DestinationConfig, response: Response, now: DateTime<Utc>) -> Sent {
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let status = response.status().as_u16();
    let in_header = header(RETRY_AFTER.as_str()).and_then(|value| retry_after::parse(&value, now));
    let used_up = header("x-ratelimit-remaining").is_some_and(|left| left.trim() == "0");
    let rest = header("x-ratelimit-reset-after").filter(|_| used_up).and_then(|value| retry_after::parse(&value, now));
    let location = header(LOCATION.as_str());
    let body = beginning_of_body(response).await;
    let json = redacted(destination, serde_json::from_str(&body).unwrap_or_default());
    let retry_after = in_header.max(retry_after::in_body(&json));
    told(destination, Answer { status, retry_after, location, text: destination.redact(&body), json }, rest)
}

fn told(destination: &DestinationConfig, answer: Answer, rest: Option<chrono::Duration>) -> Sent {
    let outcome = destination.service().judge(&answer);
    let mut kept = answer.text;
    kept.truncate(kept.floor_char_boundary(KEPT_BYTES));
    Sent { outcome, status: Some(answer.status), rest, answer: kept }
}

/// The same without secrets: what JSON writes with escapes is not found in the body as it came.
fn redacted(destination: &DestinationConfig, json: Value) -> Value {
    match json {
        Value::String(text) => Value::String(destination.redact(&text)),
        Value::Array(list) => list.into_iter().map(|value| redacted(destination, value)).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, redacted(destination, value))).collect(),
        other => other,
    }
}

/// The body up to [`ANSWER_BYTES`]. Where the connection breaks or hangs in the middle, what came
/// before counts: the status has been said, and a message that was taken must not be sent again for
/// the sake of the rest.
async fn beginning_of_body(mut response: Response) -> String {
    let mut body = Vec::new();
    while body.len() < ANSWER_BYTES {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) | Err(_) => break,
        }
    }
    body.truncate(ANSWER_BYTES);
    String::from_utf8_lossy(&body).into_owned()
}

#[cfg(test)]
mod tests;
