//! Requests to the outside, to servers that are not trusted.
//!
//! Whoever names an address (a page that redirects, a link on it, a hub, the answer of a name server)
//! may mean to reach through newsboy what only this machine can reach. So [`Outgoing`] opens no
//! connection to an address that is not of the public internet ([`why_not_public`]): neither where it
//! stands literally, nor where a name is resolved to it, nor behind a redirect. What may be reached all
//! the same is named, host and port, in [`AllowPrivate`]. The check is made on the very addresses that
//! are connected to, so that a name which is resolved anew to something else gains nothing by it.
//!
//! Every answer is bounded: by time, by bytes on the wire, by bytes after decompression, and by the
//! redirects before it. Certificates are checked, proxies of the environment are not used (they would
//! resolve names themselves), and cookies are not kept.
//!
//! [`Lookup`] is the name server; tests put their own in its place.

mod address;
mod allow;
mod body;
mod client;
mod error;
mod lookup;
pub mod retry_after;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use address::why_not_public;
pub use allow::AllowPrivate;
pub use client::{Answer, Limits, Outgoing, Request, Waits};
pub use error::OutgoingError;
pub use lookup::{Lookup, SystemLookup};
