//! What newsboy has to know of a service, and what services have in common.

use chrono::{DateTime, Duration, Utc};

use super::Endpoint;
use super::endpoint::origin;
use crate::model::shorten::shorten;
use crate::model::{Digest, DueDelivery, Message, Outcome};

/// A kind of service with its settings.
pub(super) trait Service: Sync {
    /// What it takes at most.
    fn limits(&self) -> Limits;

    /// The messages of a digest. See [`super::encode`].
    fn encode(&self, digest: &Digest) -> Vec<Message>;

    /// How a message is handed over at `now`.
    fn call(&self, delivery: &DueDelivery, now: DateTime<Utc>) -> Call<'_>;

    /// What an answer means.
    fn judge(&self, answer: &Answer) -> Outcome;

    /// `text` without the secrets of the settings.
    fn redact(&self, text: &str) -> String;
}

/// What a service counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of UTF-8.
    Bytes,
    /// UTF-16 code units: what "characters" means where a vendor says no more.
    Utf16,
}

/// What a service takes at most, as data. `None` where nothing is known to be limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// What the other limits count.
    pub unit: Unit,
    /// The whole body of a message.
    pub message: Option<usize>,
    /// The title of a message.
    pub title: Option<usize>,
    /// One item, as it is written in a message.
    pub item: Option<usize>,
    /// How many items a message has.
    pub items: Option<usize>,
    /// How long to wait between two messages.
    pub pause: std::time::Duration,
}

/// How a message is handed over.
pub(super) enum Call<'a> {
    /// It is printed.
    Print(String),
    /// It is posted as JSON.
    Post {
        /// To this address.
        endpoint: &'a Endpoint,
        /// With these headers besides the content type.
        headers: Vec<(&'static str, String)>,
        /// The body.
        body: String,
    },
}

/// What a service said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// How long it asks to wait.
    pub(super) retry_after: Option<Duration>,
    /// Where it says the address has gone.
    pub(super) location: Option<String>,
    /// The beginning of the body.
    pub(super) text: String,
}

/// Characters of an answer that are quoted in a reason; the ledger keeps more of it beside.
const QUOTED_CHARS: usize = 120;

impl Answer {
    /// The outcome that the HTTP status tells: 2xx has worked; 408, 425, 429 and 5xx may work later;
    /// everything else will not (RFC 9110, section 15, and Standard Webhooks, "Delivery success and
    /// failure"). Redirects are not followed: the body and its signature were meant for one address.
    pub(super) fn by_status(&self) -> Outcome {
        let said = self.quote();
        match self.status {
            200..=299 => Outcome::Delivered,
            300..=399 => {
                let place = self.location.as_deref().and_then(origin).map(|o| format!(" to {o}")).unwrap_or_default();
                Outcome::GaveUp {
                    why: format!(
                        "answered {} and redirects{place}; redirects are not followed: set url to the address where it leads",
                        self.status
                    ),
                }
            }
            410 => {
                Outcome::GaveUp { why: format!("answered 410: the address is gone for good; remove the webhook or set a new url{said}") }
            }
            408 | 425 | 429 | 500..=599 => self.retry(format!("answered {}{said}", self.status)),
            401 | 403 => Outcome::GaveUp { why: format!("answered {}: it does not accept the url or the secret{said}", self.status) },
            404 => Outcome::GaveUp { why: format!("answered 404: it does not know the address; check url{said}") },
            status => Outcome::GaveUp { why: format!("answered {status}: it does not accept the message{said}") },
        }
    }

    /// It may work later, as late as the service asks.
    pub(super) fn retry(&self, why: String) -> Outcome {
        Outcome::Retry { why, after: self.retry_after }
    }

    /// The beginning of the body in brackets, for a reason; empty where there is none.
    pub(super) fn quote(&self) -> String {
        match in_brief(&self.text).as_str() {
            "" => String::new(),
            text => format!(" ({text})"),
        }
    }
}

/// The beginning of what a service said, on one line: a reason stands in the log.
pub(super) fn in_brief(text: &str) -> String {
    let words = text.split_whitespace().map(|word| word.chars().filter(|c| !c.is_control()).collect::<String>());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    shorten(&line, QUOTED_CHARS, |_| 1).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16) -> Answer {
        Answer { status, retry_after: Some(Duration::seconds(7)), location: None, text: "so\n it is".to_owned() }
    }

    #[test]
    fn the_status_tells_what_has_worked_what_may_work_and_what_will_not() {
        for status in [200, 201, 202, 204] {
            assert_eq!(answer(status).by_status(), Outcome::Delivered);
        }
        for status in [408, 425, 429, 500, 502, 503, 504, 599] {
            assert_eq!(
                answer(status).by_status(),
                Outcome::Retry { why: format!("answered {status} (so it is)"), after: Some(Duration::seconds(7)) }
            );
        }
        for status in [101, 301, 302, 304, 307, 308, 400, 401, 403, 404, 405, 410, 413, 418, 422, 451, 600, 999] {
            assert!(matches!(answer(status).by_status(), Outcome::GaveUp { .. }), "{status}");
        }
    }

    #[test]
    fn a_redirect_is_told_by_its_origin_alone_for_its_path_may_be_a_secret() {
        let redirect = Answer { location: Some("https://other.example/token/abc".to_owned()), ..answer(308) };
        let Outcome::GaveUp { why } = redirect.by_status() else { panic!("{redirect:?}") };
        assert!(why.contains("redirects to https://other.example;"), "{why}");
        assert!(!why.contains("token"), "{why}");
    }
}
