//! `[server] allow_private`: what may be reached though it is not of the public internet.

use std::fmt;

use reqwest::Url;

/// One host with its port, and no other: `127.0.0.1:8731`, `[::1]:80`, `mirror.lan:8080`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Exception {
    /// As [`Url`] writes it, so that every way to write an address is the same.
    host: String,
    port: u16,
}

/// The pairs of host and port that outgoing requests may reach in ranges that are otherwise refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowPrivate(Vec<Exception>);

impl AllowPrivate {
    /// Adds a pair in the form `host:port`.
    ///
    /// # Errors
    ///
    /// The text has another form; the error says what to write.
    pub fn add(&mut self, pair: &str) -> Result<(), String> {
        let wrong = || format!("{pair:?} is no host with its port; write both, such as \"127.0.0.1:8731\" or \"[::1]:80\"");
        let (host, port) = pair.rsplit_once(':').ok_or_else(wrong)?;
        let port: u16 = port.parse().ok().filter(|port| *port > 0).ok_or_else(wrong)?;
        let url = Url::parse(&format!("http://{host}/")).map_err(|_| wrong())?;
        let is_host = url.path() == "/" && url.query().is_none() && url.port().is_none() && url.username().is_empty();
        let host = url.host_str().filter(|_| is_host && !host.contains(['/', '@', '#', '?'])).ok_or_else(wrong)?;
        self.0.push(Exception { host: host.to_owned(), port });
        Ok(())
    }

    /// Whether an address names one of the pairs.
    pub fn names(&self, url: &Url) -> bool {
        let port = url.port_or_known_default();
        self.0.iter().any(|exception| Some(exception.port) == port && Some(exception.host.as_str()) == url.host_str())
    }
}

impl fmt::Display for AllowPrivate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<String> = self.0.iter().map(|exception| format!("{}:{}", exception.host, exception.port)).collect();
        f.write_str(&pairs.join(", "))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn allowed(pair: &str, url: &str) -> bool {
        let mut allow = AllowPrivate::default();
        allow.add(pair).unwrap();
        allow.names(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_pair_stands_for_exactly_its_host_and_port() {
        assert!(allowed("127.0.0.1:8731", "http://127.0.0.1:8731/a"));
        assert!(allowed("Mirror.LAN:80", "http://mirror.lan/"));
        assert!(allowed("[::1]:443", "https://[::1]/"));
        assert!(allowed("127.0.0.1:8731", "http://0x7f.1:8731/"), "another way to write the same address");
        for url in ["http://127.0.0.1:8732/", "http://127.0.0.2:8731/", "http://localhost:8731/", "http://a.127.0.0.1.example:8731/"] {
            assert!(!allowed("127.0.0.1:8731", url), "{url}");
        }
    }

    #[test]
    fn what_is_no_pair_is_refused() {
        for pair in ["127.0.0.1", "localhost", ":80", "a:0", "a:99999", "http://a:80", "a/b:80", "u@a:80", "::1:80", "a b:80", ""] {
            let error = AllowPrivate::default().add(pair).unwrap_err();
            assert!(error.contains("127.0.0.1:8731"), "{error}");
        }
    }
}
