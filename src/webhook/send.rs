//! Sending: one message, one request, one outcome.

use std::error::Error as _;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use reqwest::{Client, Response, redirect};
use thiserror::Error;

use super::DestinationConfig;
use super::service::{Answer, Call, Service};
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
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
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
        let service = destination.service();
        match service.call(delivery, now) {
            Call::Print(text) => self.print(text).await,
            Call::Post { endpoint, headers, body } => {
                let request = self.client.post(endpoint.url().clone()).header(CONTENT_TYPE, "application/json; charset=utf-8").body(body);
                let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
                match request.send().await {
                    Ok(response) => judged(service, response, now).await,
                    Err(error) => {
                        let why = service.redact(&self.in_words(error));
                        Sent { outcome: Outcome::Retry { why, after: None }, status: None, answer: String::new() }
                    }
                }
            }
        }
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
        Sent { outcome, status: None, answer: String::new() }
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

/// What the service's answer means. Secrets are taken out before anything is made of it: a text that
/// was cut may hold half of one, which would not be found any more.
async fn judged(service: &dyn Service, response: Response, now: DateTime<Utc>) -> Sent {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let status = response.status().as_u16();
    let retry_after = header(RETRY_AFTER).and_then(|value| retry_after::parse(&value, now));
    let location = header(LOCATION);
    let text = service.redact(&beginning_of_body(response).await);
    let answer = Answer { status, retry_after, location, text };
    let outcome = service.judge(&answer);
    let mut kept = answer.text;
    kept.truncate(kept.floor_char_boundary(KEPT_BYTES));
    Sent { outcome, status: Some(status), answer: kept }
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
