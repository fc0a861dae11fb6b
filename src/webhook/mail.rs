//! Mail servers: how they are reached.

use std::fmt;
use std::time::Duration;

use lettre::address::{Address, Envelope};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use reqwest::Url;

use super::DestinationError;
use crate::model::Secret;

/// An address to write.
const EXAMPLE: &str = "smtp://user:password@mail.example.org:587";

/// A mail server. Its address holds the password of its user, so it is a secret.
#[derive(Clone)]
pub(super) struct MailServer {
    host: String,
    port: u16,
    security: Security,
    user: Option<(String, Secret)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Security {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// STARTTLS, without which nothing is sent (RFC 3207).
    StartTls,
    /// None at all: for a server on this machine.
    None,
}

impl MailServer {
    /// Reads an address: `smtp://` asks for STARTTLS, `smtps://` begins with TLS, and `smtp+plain://` has
    /// neither.
    pub(super) fn parse(address: &Secret) -> Result<Self, DestinationError> {
        let wrong = |why: &str| DestinationError::Url { setting: "url", why: why.to_owned(), example: EXAMPLE };
        let url = Url::parse(address.expose()).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
        let (security, port) = match url.scheme() {
            "smtps" => (Security::Tls, 465),
            "smtp" => (Security::StartTls, 587),
            "smtp+plain" => (Security::None, 25),
            _ => return Err(wrong("begins with none of smtp://, smtps:// and smtp+plain://")),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("has no host"))?;
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let user = (!url.username().is_empty()).then(|| (decode(url.username()), Secret::new(decode(url.password().unwrap_or_default()))));
        if security == Security::None && user.is_some() {
            return Err(wrong("would send a password without TLS"));
        }
        Ok(Self { host: host.trim_matches(['[', ']']).to_owned(), port: url.port().unwrap_or(port), security, user })
    }
}

impl fmt::Debug for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// One mail for a server.
pub(super) struct Mail {
    pub(super) server: MailServer,
    pub(super) from: Address,
    pub(super) to: Vec<Address>,
    /// The whole of it, as it goes over the wire.
    pub(super) text: String,
}

/// What became of a mail: the reply code and the text of the server, or what was in the way.
pub(super) async fn send(mail: Mail, timeout: Duration) -> Result<(u16, String), String> {
    let MailServer { host, port, security, user } = mail.server;
    let tls = || TlsParameters::new_rustls(host.clone()).map_err(|error| format!("cannot set up TLS: {error}"));
    let tls = match security {
        Security::Tls => Tls::Wrapper(tls()?),
        Security::StartTls => Tls::Required(tls()?),
        Security::None => Tls::None,
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host)
        .port(port)
        .tls(tls)
        .timeout(Some(timeout))
        // Without the name of this machine, which need not be anybody's business.
        .hello_name(ClientId::Domain("newsboy.invalid".to_owned()));
    if let Some((name, password)) = user {
        builder = builder.credentials(Credentials::new(name, password.expose().to_owned()));
    }
    let envelope = Envelope::new(Some(mail.from), mail.to).map_err(|error| error.to_string())?;
    match builder.build().send_raw(&envelope, mail.text.as_bytes()).await {
        Ok(response) => Ok((response.code().into(), response.message().collect::<Vec<_>>().join(" "))),
        Err(error) => match error.status() {
            Some(code) => Ok((code.into(), error.to_string())),
            None => Err(error.to_string()),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_address_tells_how_a_server_is_spoken_to() {
        let parse = |text: &str| MailServer::parse(&Secret::new(text));
        let server = parse("smtp://desk%40example.org:p%3Aw@mail.example.org").unwrap();
        assert_eq!((server.port, server.security), (587, Security::StartTls));
        assert_eq!(server.user, Some(("desk@example.org".to_owned(), Secret::new("p:w"))));
        assert_eq!(format!("{server:?}"), "[secret]");
        assert_eq!(parse("smtps://mail.example.org").unwrap().port, 465);
        let plain = parse("smtp+plain://[::1]:2525").unwrap();
        assert_eq!((plain.host.as_str(), plain.port, plain.security), ("::1", 2525, Security::None));
        for wrong in ["mail.example.org", "http://mail.example.org", "smtp+plain://a:b@mail.example.org", "smtp://"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
