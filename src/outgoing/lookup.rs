//! Names to addresses, and none of the wrong ones.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::error::Refused;
use super::why_not_public;

/// Where names are looked up.
#[async_trait]
pub trait Lookup: Send + Sync {
    /// The addresses of a host, which is a name and no literal address.
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// What hands addresses to the HTTP client, which connects to these and no others.
pub(super) struct Resolver {
    pub(super) lookup: Arc<dyn Lookup>,
    /// Whether only addresses of the public internet are handed over.
    pub(super) public_only: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, public_only) = (Arc::clone(&self.lookup), self.public_only);
        Box::pin(async move {
            let found = lookup.addresses(name.as_str()).await?;
            // One bad address condemns the name: of a host that mixes them, the client would choose.
            let bad = found.iter().find_map(|address| Some((*address, why_not_public(*address)?)));
            if let Some((address, what)) = bad.filter(|_| public_only) {
                return Err(Refused { host: name.as_str().to_owned(), address, what }.into());
            }
            let sockets = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(sockets) as Addrs)
        })
    }
}
