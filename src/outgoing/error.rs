//! Why there is no answer.

use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

/// An address that is not connected to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{host} is {address} ({what})")]
pub(super) struct Refused {
    pub(super) host: String,
    pub(super) address: IpAddr,
    pub(super) what: &'static str,
}

/// Why a request brought no answer. No address stands in it but its host: some are secrets.
#[derive(Debug, thiserror::Error)]
pub enum OutgoingError {
    /// The HTTP client could not be set up.
    #[error("cannot set up the HTTP client: {0}")]
    Setup(String),
    /// The address begins with neither `http` nor `https`, or has no host.
    #[error("{found:?} is no address that newsboy asks; it asks http and https only")]
    Scheme {
        /// Its scheme.
        found: String,
    },
    /// The host is not one of the public internet.
    #[error(
        "{host} leads to {address} ({what}), which is not reached from here; if it is meant to be, name host and port in allow_private in [server]"
    )]
    Private {
        /// The host as it was named.
        host: String,
        /// Where it leads.
        address: IpAddr,
        /// What that is.
        what: &'static str,
    },
    /// The server does not prove who it is.
    #[error("the certificate of {host} is not accepted: {why}")]
    Certificate {
        /// The host.
        host: String,
        /// What is wrong with it.
        why: String,
    },
    /// No connection came about.
    #[error("no connection to {host}: {why}")]
    Connect {
        /// The host.
        host: String,
        /// What the system said.
        why: String,
    },
    /// It took too long.
    #[error("{host} was not done within {waited:?}")]
    Timeout {
        /// The host.
        host: String,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The connection broke, or what came over it is not HTTP.
    #[error("the answer of {host} broke off: {why}")]
    Broken {
        /// The host.
        host: String,
        /// What the library said.
        why: String,
    },
    /// The body has more bytes than are read.
    #[error("the answer of {host} is larger than {limit} bytes{}", if *.unpacked { " once it is unpacked" } else { "" })]
    TooLarge {
        /// The host.
        host: String,
        /// How many are read at most.
        limit: usize,
        /// Whether it was small on the wire.
        unpacked: bool,
    },
    /// The body is compressed in a way that was not asked for, or is damaged.
    #[error("the answer of {host} cannot be unpacked: {why}")]
    Unpack {
        /// The host.
        host: String,
        /// What was found.
        why: String,
    },
    /// One redirect after the other.
    #[error("more than {limit} redirects, the last one to {host}")]
    Redirects {
        /// The host of the last one.
        host: String,
        /// How many are followed.
        limit: usize,
    },
}

impl OutgoingError {
    /// Whether the same request may be answered a little later. An answer that is refused for what it
    /// is will be the same then.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Connect { .. } | Self::Timeout { .. } | Self::Broken { .. })
    }

    /// What an error of the HTTP client means.
    pub(super) fn of(error: reqwest::Error, host: &str, waited: Duration) -> Self {
        let host = host.to_owned();
        let is_timeout = error.is_timeout();
        let is_connect = error.is_connect();
        let error = error.without_url();
        let mut causes = Vec::new();
        let mut next: Option<&(dyn Error + 'static)> = error.source();
        while let Some(cause) = next {
            if let Some(Refused { host, address, what }) = inner(cause) {
                return Self::Private { host: host.clone(), address: *address, what };
            }
            if let Some(tls) = inner::<rustls::Error>(cause) {
                return Self::Certificate { host, why: tls.to_string() };
            }
            causes.push(cause.to_string());
            next = cause.source();
        }
        // A library may repeat what it wraps.
        causes.dedup_by(|inner, outer| outer.contains(inner.as_str()));
        let why = if causes.is_empty() { error.to_string() } else { causes.join(": ") };
        match (is_timeout, is_connect) {
            (true, _) => Self::Timeout { host, waited },
            (_, true) => Self::Connect { host, why },
            _ => Self::Broken { host, why },
        }
    }
}

/// A cause of a kind, be it inside an I/O error, whose `source` passes over what it holds.
fn inner<'e, E: Error + 'static>(cause: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let held = || cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref).and_then(|held| held.downcast_ref());
    cause.downcast_ref().or_else(held)
}
