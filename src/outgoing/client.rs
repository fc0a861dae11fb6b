//! The client: one request, or one and the redirects behind it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, COOKIE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, Method, StatusCode, Url, redirect};

use super::error::OutgoingError;
use super::lookup::Resolver;
use super::{AllowPrivate, Lookup, body, why_not_public};

/// How long a server is waited for, whatever is asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// For a connection.
    pub connect: Duration,
    /// For the next bytes of an answer.
    pub idle: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), idle: Duration::from_secs(30) }
    }
}

/// What an answer may take at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of its body, on the wire and unpacked.
    pub body: usize,
    /// From the request to the last byte, for each redirect anew.
    pub whole: Duration,
    /// Redirects that [`Outgoing::follow`] follows.
    pub redirects: usize,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is to be done.
    pub method: Method,
    /// The address.
    pub url: Url,
    /// Headers besides those that every request has. `User-Agent` may be among them.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Request {
    /// Asks for what stands at an address.
    pub fn get(url: Url) -> Self {
        Self { method: Method::GET, url, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// Sends something to an address.
    pub fn post(url: Url, body: impl Into<Bytes>) -> Self {
        Self { method: Method::POST, url, headers: HeaderMap::new(), body: body.into() }
    }
}

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The address that gave it.
    pub url: Url,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, unpacked.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header as text; `None` where it is missing or holds what is no ASCII text.
    pub fn header(&self, name: impl reqwest::header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Where a redirect leads.
    pub fn redirect(&self) -> Option<Url> {
        let location = self.headers.get(LOCATION).filter(|_| self.status.is_redirection())?;
        // Some servers write addresses in UTF-8 as they are.
        self.url.join(String::from_utf8_lossy(location.as_bytes()).trim()).ok()
    }
}

/// What asks servers outside. One is enough for the whole program; it keeps connections.
pub struct Outgoing {
    public: Client,
    private: Client,
    allow: AllowPrivate,
}

impl Outgoing {
    /// A client that introduces itself as `user_agent` where a request says nothing else.
    ///
    /// # Errors
    ///
    /// No provider of cryptography was installed, or the system's certificates cannot be read.
    pub fn new(user_agent: &str, waits: Waits, allow: AllowPrivate, lookup: Arc<dyn Lookup>) -> Result<Self, OutgoingError> {
        // reqwest panics where there is none.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(OutgoingError::Setup("no provider of cryptography is installed".to_owned()));
        }
        let client = |public_only| {
            Client::builder()
                .user_agent(user_agent)
                .connect_timeout(waits.connect)
                .read_timeout(waits.idle)
                .redirect(redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .dns_resolver(Resolver { lookup: Arc::clone(&lookup), public_only })
                .build()
                .map_err(|error| OutgoingError::Setup(error.to_string()))
        };
        Ok(Self { public: client(true)?, private: client(false)?, allow })
    }

    /// Sends one request and reads its answer; a redirect is an answer.
    ///
    /// # Errors
    ///
    /// There is no whole answer within the limits, or the address is not to be reached.
    pub async fn send(&self, request: Request, limits: &Limits) -> Result<Answer, OutgoingError> {
        let Request { method, url, headers, body } = request;
        let host = self.checked_host(&url)?;
        // Where host and port are named, the same name may lead to a private address.
        let client = if self.allow.names(&url) { &self.private } else { &self.public };
        let mut sending = client.request(method, url.clone()).timeout(limits.whole).headers(headers);
        sending = sending.header(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        if !body.is_empty() {
            sending = sending.body(body);
        }
        let response = sending.send().await.map_err(|error| OutgoingError::of(error, &host, limits.whole))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = body::read(response, &host, limits).await?;
        Ok(Answer { url, status, headers, body })
    }

    /// Sends a request and follows redirects, each of which is checked as the first address was. Only
    /// requests that change nothing are sent again elsewhere: the answer to others may be a redirect.
    /// Keys and cookies do not go to another host.
    ///
    /// # Errors
    ///
    /// As with [`Self::send`], or there are more redirects than [`Limits::redirects`].
    pub async fn follow(&self, mut request: Request, limits: &Limits) -> Result<Answer, OutgoingError> {
        for _ in 0..=limits.redirects {
            let answer = self.send(request.clone(), limits).await?;
            let Some(next) = answer.redirect().filter(|_| request.method.is_safe()) else { return Ok(answer) };
            if next.origin() != request.url.origin() {
                request.headers.remove(AUTHORIZATION);
                request.headers.remove(COOKIE);
            }
            request.url = next;
        }
        let host = request.url.host_str().unwrap_or_default().to_owned();
        Err(OutgoingError::Redirects { host, limit: limits.redirects })
    }

    /// The host of an address that may be asked. A literal address is checked here, since nobody looks
    /// it up.
    fn checked_host(&self, url: &Url) -> Result<String, OutgoingError> {
        let is_web = matches!(url.scheme(), "http" | "https");
        let host = url.host_str().filter(|_| is_web).ok_or_else(|| OutgoingError::Scheme { found: url.scheme().to_owned() })?;
        if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>()
            && let Some(what) = why_not_public(address)
            && !self.allow.names(url)
        {
            return Err(OutgoingError::Private { host: host.to_owned(), address, what });
        }
        Ok(host.to_owned())
    }
}
