//! What the hub sends, and what the answers mean.

use std::sync::Arc;

use bytes::Bytes;
use chrono::Duration;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LINK};
use reqwest::{StatusCode, Url};

use super::{Method, REQUEST_TIMEOUT};
use crate::model::Secret;
use crate::outgoing::{Answer, Limits, Outgoing, OutgoingError, Request};

/// Bytes of an answer that are read: a challenge has forty, and all else is not looked at.
const ANSWER_BYTES: usize = 64 * 1024;

/// Random bytes of a challenge.
const CHALLENGE_BYTES: usize = 20;

/// Redirects are failures (sections 5.3 and 7), so none is followed.
const LIMITS: Limits = Limits { body: ANSWER_BYTES, whole: REQUEST_TIMEOUT, redirects: 0 };

/// Something to be sent to a callback, or to another hub.
#[derive(Debug, Clone)]
pub enum Envelope {
    /// Asks the callback whether it wants the subscription (section 5.3).
    Verify {
        /// Whether it is to be begun, for how long, or ended.
        subscribe_for: Option<Duration>,
    },
    /// Tells the callback that there is no subscription, or none any more (section 5.2).
    Deny {
        /// Why, for people.
        reason: String,
    },
    /// Sends the feed as it stands now (section 7).
    Update {
        /// The feed's media type.
        content_type: &'static str,
        /// The feed.
        body: Bytes,
        /// The value of `Link`: the topic and its hub.
        link: String,
        /// What it is signed with, and how.
        signing: Option<(Secret, Method)>,
    },
    /// Tells another hub that the topic has changed. How is not specified; the form is what all hubs
    /// understand (section 4 of PubSubHubbub 0.4, `hub.url` of 0.3).
    Ping,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It was taken; a verification was confirmed.
    Taken,
    /// The callback does not want any more of it (410).
    Unwanted,
    /// It answered otherwise.
    Refused(String),
    /// There was no answer; it may come later.
    Unreached(String),
}

/// Sends envelopes.
#[derive(Clone)]
pub struct Messenger {
    outgoing: Arc<Outgoing>,
}

impl Messenger {
    /// A messenger that sends by `outgoing`, which reaches no private address.
    pub fn new(outgoing: Arc<Outgoing>) -> Self {
        Self { outgoing }
    }

    /// Sends one envelope about a topic to an address.
    pub async fn send(&self, envelope: &Envelope, topic: &str, to: &str) -> Sent {
        let Ok(url) = Url::parse(to) else { return Sent::Refused("the address is none".to_owned()) };
        let Some(challenge) = challenge() else { return Sent::Unreached("there is no randomness for a challenge".to_owned()) };
        let request = match envelope {
            Envelope::Verify { subscribe_for } => {
                let mode = if subscribe_for.is_some() { "subscribe" } else { "unsubscribe" };
                let mut parameters =
                    vec![("hub.mode", mode.to_owned()), ("hub.topic", topic.to_owned()), ("hub.challenge", challenge.clone())];
                parameters.extend(subscribe_for.map(|lease| ("hub.lease_seconds", lease.num_seconds().to_string())));
                Request::get(with_parameters(url, &parameters))
            }
            Envelope::Deny { reason } => {
                let parameters = [("hub.mode", "denied".to_owned()), ("hub.topic", topic.to_owned()), ("hub.reason", reason.clone())];
                Request::get(with_parameters(url, &parameters))
            }
            Envelope::Update { content_type, body, link, signing } => {
                let mut request = Request::post(url, body.clone());
                let signature = signing.as_ref().map(|(secret, method)| method.sign(secret, body));
                request.headers = update_headers(content_type, link, signature.as_deref());
                request
            }
            Envelope::Ping => {
                let form = form_urlencoded::Serializer::new(String::new())
                    .append_pair("hub.mode", "publish")
                    .append_pair("hub.url", topic)
                    .append_pair("hub.topic", topic)
                    .finish();
                let mut request = Request::post(url, form);
                request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
                request
            }
        };
        let answer = self.outgoing.send(request, &LIMITS).await;
        let expected = matches!(envelope, Envelope::Verify { .. }).then_some(challenge.as_str());
        judged(answer, expected)
    }
}

fn update_headers(content_type: &'static str, link: &str, signature: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    // Addresses are percent-encoded and signatures hexadecimal: both are header values.
    headers.extend(HeaderValue::from_str(link).ok().map(|link| (LINK, link)));
    let signature = signature.and_then(|signature| HeaderValue::from_str(signature).ok());
    headers.extend(signature.map(|signature| (HeaderName::from_static("x-hub-signature"), signature)));
    headers
}

/// The address with parameters behind its own query, which stays as the subscriber wrote it.
fn with_parameters(mut url: Url, parameters: &[(&str, String)]) -> Url {
    let own = url.query().unwrap_or_default();
    let mut more = form_urlencoded::Serializer::new(own.to_owned());
    for (name, value) in parameters {
        more.append_pair(name, value);
    }
    url.set_query(Some(&more.finish()));
    url
}

/// A challenge of the operating system's randomness, for whoever guesses one subscribes somebody else.
fn challenge() -> Option<String> {
    let mut bytes = [0_u8; CHALLENGE_BYTES];
    rustls::crypto::ring::default_provider().secure_random.fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What an answer means. `challenge` is what a verification must send back, and nothing else.
fn judged(answer: Result<Answer, OutgoingError>, challenge: Option<&str>) -> Sent {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) if error.may_pass() => return Sent::Unreached(error.to_string()),
        Err(error) => return Sent::Refused(error.to_string()),
    };
    match (answer.status, challenge) {
        (status, None) if status.is_success() => Sent::Taken,
        (StatusCode::GONE, None) => Sent::Unwanted,
        (status, Some(challenge)) if status.is_success() && answer.body == challenge.as_bytes() => Sent::Taken,
        (status, Some(_)) if status.is_success() => Sent::Refused("it answered with something else than the challenge".to_owned()),
        (status, None) => Sent::Unreached(format!("it answered {}", status.as_u16())),
        (status, Some(_)) => Sent::Refused(format!("it answered {}", status.as_u16())),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::HashSet;

    use super::*;

    fn answer(status: u16, body: &str) -> Result<Answer, OutgoingError> {
        let url = Url::parse("https://sub.example/").unwrap();
        Ok(Answer { url, status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body: body.as_bytes().to_vec() })
    }

    #[test]
    fn only_a_success_with_the_challenge_and_nothing_else_verifies() {
        assert_eq!(judged(answer(200, "abc"), Some("abc")), Sent::Taken);
        assert_eq!(judged(answer(204, "abc"), Some("abc")), Sent::Taken);
        for (status, body) in [(200, ""), (200, "abc\n"), (200, "ABC"), (302, "abc"), (404, "abc"), (500, "abc"), (410, "abc")] {
            assert!(matches!(judged(answer(status, body), Some("abc")), Sent::Refused(_)), "{status} {body:?}");
        }
    }

    #[test]
    fn a_message_is_taken_by_every_success_ended_by_410_and_tried_again_after_all_else() {
        for status in [200, 202, 204] {
            assert_eq!(judged(answer(status, "x"), None), Sent::Taken);
        }
        assert_eq!(judged(answer(410, ""), None), Sent::Unwanted);
        for status in [301, 302, 307, 400, 404, 429, 500, 503] {
            assert!(matches!(judged(answer(status, ""), None), Sent::Unreached(_)), "{status}");
        }
    }

    #[test]
    fn the_callback_s_own_query_stays_as_it_is() {
        let of = |callback: &str| with_parameters(Url::parse(callback).unwrap(), &[("hub.mode", "denied".to_owned())]).to_string();
        assert_eq!(of("https://sub.example/cb?id=a%20b+c&x"), "https://sub.example/cb?id=a%20b+c&x&hub.mode=denied");
        assert_eq!(of("https://sub.example/cb"), "https://sub.example/cb?hub.mode=denied");
    }

    #[test]
    fn no_challenge_comes_twice() {
        let challenges: HashSet<String> = (0..1_000).filter_map(|_| challenge()).collect();
        assert_eq!(challenges.len(), 1_000);
    }
}
