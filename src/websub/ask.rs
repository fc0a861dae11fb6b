//! A subscriber's request (section 5.1).

use chrono::Duration;
use reqwest::Url;
use thiserror::Error;

use super::{DEFAULT_LEASE, LONGEST_LEASE};
use crate::model::Secret;

/// Bytes of a request's form at most.
pub const MAX_FORM_BYTES: usize = 16 * 1024;

/// Bytes of a secret: it "MUST be less than 200 bytes in length".
const SECRET_BYTES: usize = 200;

/// Bytes of an address at most, as browsers and servers commonly take them.
const MAX_URL_BYTES: usize = 2_048;

/// What a subscriber asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The feed's address.
    pub topic: String,
    /// Where its changes are to be sent.
    pub callback: String,
    /// What is wanted.
    pub intent: Intent,
}

/// What is wanted of the hub.
#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    /// To be told of changes.
    Subscribe {
        /// What messages are to be signed with.
        secret: Option<Secret>,
        /// For how long.
        lease: Duration,
    },
    /// To be told no more.
    Unsubscribe,
    /// That subscribers are told, which newsboy does of itself.
    Publish,
}

/// What is wrong with a request, for whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AskError {
    /// A parameter is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A parameter comes more than once.
    #[error("{0} comes more than once")]
    Twice(&'static str),
    /// There is no such mode.
    #[error("hub.mode is neither \"subscribe\" nor \"unsubscribe\"")]
    Mode,
    /// The callback cannot be called.
    #[error("hub.callback is no address that can be called: {0}")]
    Callback(&'static str),
    /// The secret is too long.
    #[error("hub.secret has {0} bytes, and must have fewer than 200")]
    Secret(usize),
    /// The lease is no number of seconds.
    #[error("hub.lease_seconds is no positive number of seconds")]
    Lease,
}

impl Ask {
    /// Reads the form of a request; parameters that are not known are passed over.
    ///
    /// # Errors
    /// A parameter is missing, comes twice, or cannot be used.
    pub fn parse(form: &[u8]) -> Result<Self, AskError> {
        let fields: Vec<(String, String)> = form_urlencoded::parse(form).into_owned().collect();
        let one = |name: &'static str| {
            let mut values = fields.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
            let first = values.next();
            if values.next().is_some() { Err(AskError::Twice(name)) } else { Ok(first.filter(|value| !value.is_empty())) }
        };
        let mode = one("hub.mode")?.ok_or(AskError::Missing("hub.mode"))?;
        if mode == "publish" {
            let topic = one("hub.topic")?.or(one("hub.url")?).ok_or(AskError::Missing("hub.topic"))?.to_owned();
            return Ok(Self { topic, callback: String::new(), intent: Intent::Publish });
        }
        let topic = one("hub.topic")?.ok_or(AskError::Missing("hub.topic"))?.to_owned();
        let callback = callback(one("hub.callback")?.ok_or(AskError::Missing("hub.callback"))?)?;
        let intent = match mode {
            "subscribe" => {
                Intent::Subscribe { secret: one("hub.secret")?.map(secret).transpose()?, lease: lease(one("hub.lease_seconds")?)? }
            }
            "unsubscribe" => Intent::Unsubscribe,
            _ => return Err(AskError::Mode),
        };
        Ok(Self { topic, callback, intent })
    }
}

/// The callback as it was given: its query is the subscriber's own and is sent back as it is.
fn callback(text: &str) -> Result<String, AskError> {
    if text.len() > MAX_URL_BYTES {
        return Err(AskError::Callback("it is longer than 2048 bytes"));
    }
    let url = Url::parse(text).map_err(|_| AskError::Callback("it is no absolute address"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(AskError::Callback("it begins with neither http:// nor https://"));
    }
    if url.fragment().is_some() {
        return Err(AskError::Callback("it has a fragment"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AskError::Callback("it holds a user's name or a password"));
    }
    Ok(url.into())
}

fn secret(text: &str) -> Result<Secret, AskError> {
    if text.len() < SECRET_BYTES { Ok(Secret::new(text)) } else { Err(AskError::Secret(text.len())) }
}

/// The lease to grant: what is asked for, within bounds. No subscription is for ever.
fn lease(seconds: Option<&str>) -> Result<Duration, AskError> {
    let Some(seconds) = seconds else { return Ok(DEFAULT_LEASE) };
    let is_number = seconds.bytes().all(|b| b.is_ascii_digit()) && seconds.bytes().any(|b| b != b'0');
    if !is_number {
        return Err(AskError::Lease);
    }
    // A number too large to be read is longer than any lease.
    let asked = seconds.parse().ok().and_then(Duration::try_seconds);
    Ok(asked.map_or(LONGEST_LEASE, |asked| asked.min(LONGEST_LEASE)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const GOOD: &str =
        "hub.mode=subscribe&hub.topic=https%3A%2F%2Fnews.example%2Fatom.xml&hub.callback=https%3A%2F%2Fsub.example%2Fcb%3Fid%3D1";

    fn parse(form: &str) -> Result<Ask, AskError> {
        Ask::parse(form.as_bytes())
    }

    #[test]
    fn a_request_is_read_and_what_is_unknown_is_passed_over() {
        let ask = parse(&format!("{GOOD}&hub.secret=s3cret&hub.lease_seconds=60&hub.verify=async&foo=bar")).unwrap();
        assert_eq!((ask.topic.as_str(), ask.callback.as_str()), ("https://news.example/atom.xml", "https://sub.example/cb?id=1"));
        assert_eq!(ask.intent, Intent::Subscribe { secret: Some(Secret::new("s3cret")), lease: Duration::seconds(60) });
        let ask = parse(&GOOD.replace("=subscribe", "=unsubscribe")).unwrap();
        assert_eq!(ask.intent, Intent::Unsubscribe);
    }

    #[test]
    fn a_lease_is_never_perpetual() {
        let lease = |text: &str| match parse(&format!("{GOOD}{text}")).unwrap().intent {
            Intent::Subscribe { lease, .. } => lease,
            other => panic!("{other:?}"),
        };
        assert_eq!(lease(""), DEFAULT_LEASE);
        assert_eq!(lease("&hub.lease_seconds="), DEFAULT_LEASE);
        assert_eq!(lease("&hub.lease_seconds=1"), Duration::seconds(1));
        assert_eq!(lease("&hub.lease_seconds=99999999999999999999999"), LONGEST_LEASE);
        for wrong in ["0", "-1", "1.5", "soon"] {
            assert_eq!(parse(&format!("{GOOD}&hub.lease_seconds={wrong}")), Err(AskError::Lease), "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_its_reason() {
        let callback = |address: &str| parse(&format!("hub.mode=subscribe&hub.topic=t&hub.callback={address}"));
        for address in ["sub.example", "ftp://sub.example/", "https://", "https://u:p@sub.example/", "https://sub.example/%23f"] {
            assert!(matches!(callback(address), Err(AskError::Callback(_))), "{address}");
        }
        assert!(matches!(callback(&format!("https://sub.example/{}", "x".repeat(3_000))), Err(AskError::Callback(_))));
        for (form, error) in [
            ("", AskError::Missing("hub.mode")),
            ("hub.mode=subscribe", AskError::Missing("hub.topic")),
            ("hub.mode=subscribe&hub.topic=t", AskError::Missing("hub.callback")),
            (&GOOD.replace("=subscribe", "=wish"), AskError::Mode),
            (&format!("{GOOD}&hub.topic=other"), AskError::Twice("hub.topic")),
            (&format!("{GOOD}&hub.secret={}", "x".repeat(200)), AskError::Secret(200)),
        ] {
            assert_eq!(parse(form), Err(error), "{form}");
        }
        assert!(parse(&format!("{GOOD}&hub.secret={}", "x".repeat(199))).is_ok());
    }
}
