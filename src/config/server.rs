//! `[server]`, `[store]` and `[feeds]`: what there is one of.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use chrono::Duration;
use reqwest::Url;
use toml::Spanned;

use crate::feed;
use crate::outgoing::AllowPrivate;
use crate::websub::{self, Hub};

use super::remark::Notes;
use super::secret::long_secret;
use super::section::Section;
use super::{ServerConfig, StoreConfig, Surroundings, value};

/// Where the server listens if the file is silent: reachable from this machine only.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Where the store is if the file is silent.
const DEFAULT_STORE: &str = "sqlite:data/newsboy.db";

/// How long the ledger remembers if the file is silent.
const DEFAULT_KEEP: Duration = Duration::days(90);

/// Where the feeds are written if the file is silent.
const DEFAULT_FEEDS: &str = "feeds";

/// Entries of a feed if the file is silent.
const DEFAULT_ENTRIES: u32 = 100;

/// The authority of ids if the file is silent. Ids made with it are unique within one
/// installation only.
const DEFAULT_AUTHORITY: &str = "localhost,2026";

/// Reads `[server]`.
pub(super) fn server(section: Option<Section<'_>>, around: &Surroundings<'_>) -> ServerConfig {
    let Some(mut section) = section else {
        return ServerConfig {
            listen: DEFAULT_LISTEN,
            public_url: own_address(DEFAULT_LISTEN),
            status_token: None,
            allow_private: AllowPrivate::default(),
        };
    };
    let listen = section.optional("listen", value::socket).map_or(DEFAULT_LISTEN, Spanned::into_inner);
    let is_given = section.ask("public_url").is_some();
    let public_url = section.optional("public_url", value::public_url).map(Spanned::into_inner);
    if !is_given && listen.ip().is_unspecified() {
        section.notes().warning(
            section.span_of("listen"),
            format!(
                "newsboy listens on all addresses, but links in feeds and messages lead to {}; set public_url in [server]",
                own_address(listen)
            ),
        );
    }
    let status_token = long_secret(&mut section, "status_token", around);
    let allow_private = allow_private(&mut section);
    section.finish();
    ServerConfig { listen, public_url: public_url.unwrap_or_else(|| own_address(listen)), status_token, allow_private }
}

/// The pairs of host and port that requests may reach in private ranges.
fn allow_private(section: &mut Section<'_>) -> AllowPrivate {
    let mut allow = AllowPrivate::default();
    for pair in section.list("allow_private", |v| Ok(value::string(v)?.to_owned())).map(Spanned::into_inner).unwrap_or_default() {
        if let Err(message) = allow.add(pair.get_ref()) {
            section.error("allow_private", pair.span(), &message);
        }
    }
    allow
}

/// The address at which this machine reaches the server.
fn own_address(listen: SocketAddr) -> String {
    match listen {
        address if address.ip().is_unspecified() => format!("http://127.0.0.1:{}", address.port()),
        address => format!("http://{address}"),
    }
}

/// Reads `[store]`.
pub(super) fn store(section: Option<Section<'_>>) -> StoreConfig {
    let mut config = StoreConfig { url: DEFAULT_STORE.to_owned(), keep_deliveries: DEFAULT_KEEP };
    let Some(mut section) = section else { return config };
    if let Some(url) = section.optional("url", value::store_url) {
        config.url = url.into_inner();
    }
    if let Some(keep) = section.optional("keep_deliveries", |v| value::duration(v, Duration::days(1)..=Duration::days(3650))) {
        config.keep_deliveries = keep.into_inner();
    }
    section.finish();
    config
}

/// Reads `[feeds]`.
pub(super) fn feeds(section: Option<Section<'_>>, server: &ServerConfig, around: &Surroundings<'_>, notes: &Notes) -> feed::Config {
    let place = section.as_ref().map_or(0..0, |section| section.span_of("authority"));
    let config = read_feeds(section, around);
    if config.authority.starts_with("localhost,") && !is_own_address(&server.public_url) {
        notes.warning(
            place,
            "the feeds are for other machines, but authority in [feeds] is that of a trial; write a domain of yours and a year, such as \"example.org,2026\", before the first start: it cannot be changed later",
        );
    }
    config
}

/// Reads `[hub]`.
pub(super) fn hub(section: Option<Section<'_>>) -> websub::Config {
    let mut config = websub::Config::default();
    let Some(mut section) = section else { return config };
    let is_on = section.optional("enabled", value::flag).is_none_or(|flag| flag.into_inner());
    let outside = section.optional("url", value::web_address);
    config.hub = match outside {
        _ if !is_on => Hub::Nobody,
        Some(url) => Hub::Outside(url.into_inner()),
        None => Hub::Own,
    };
    if let Some(method) = section.optional("signature", |v| value::word(v, &websub::Method::ALL)) {
        config.signature = method.into_inner();
    }
    section.finish();
    config
}

/// Whether an address leads nowhere from other machines.
fn is_own_address(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| match url.host_str() {
        Some("localhost") | None => true,
        Some(host) => host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
    })
}

fn read_feeds(section: Option<Section<'_>>, around: &Surroundings<'_>) -> feed::Config {
    let mut config = feed::Config {
        dir: value::absolute(around.dir, DEFAULT_FEEDS.as_ref()),
        entries: DEFAULT_ENTRIES,
        authority: DEFAULT_AUTHORITY.to_owned(),
    };
    let Some(mut section) = section else { return config };
    if let Some(dir) = section.optional("dir", |v| value::folder(v, around.dir)) {
        config.dir = dir.into_inner();
    }
    if let Some(entries) = section.optional("entries", |v| value::number(v, 1..=1000)) {
        config.entries = entries.into_inner();
    }
    if let Some(authority) = section.optional("authority", value::authority) {
        config.authority = authority.into_inner();
    }
    section.finish();
    config
}
