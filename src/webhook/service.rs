//! What newsboy has to know of a service, and what services have in common.

use chrono::{DateTime, Duration, Utc};
use serde_json::Value;

use super::Endpoint;
use super::endpoint::origin;
use super::mail::Mail;
use super::pace::Rate;
use super::pack::Order;
use crate::model::shorten::shorten;
use crate::model::{Digest, DueDelivery, Message, Outcome};

/// A kind of service with its settings.
pub(super) trait Service: Send + Sync {
    /// What it takes at most.
    fn limits(&self) -> Limits;

    /// The messages of a digest. See [`super::encode`].
    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message>;

    /// How a message is handed over at `now`.
    fn call(&self, delivery: &DueDelivery, now: DateTime<Utc>) -> Call;

    /// What an answer means.
    fn judge(&self, answer: &Answer) -> Outcome;
}

/// What a service counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes of UTF-8.
    Bytes,
    /// Characters: Unicode code points.
    Chars,
    /// UTF-16 code units: what "characters" means where a vendor says no more.
    Utf16,
}

/// What a service takes at most, as data. `None` where nothing is known to be limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// What the other limits count.
    pub unit: Unit,
    /// A message: its text or its whole body, whichever the service measures.
    pub message: Option<usize>,
    /// The title of a message.
    pub title: Option<usize>,
    /// One item, as it is written in a message.
    pub item: Option<usize>,
    /// How many items a message has.
    pub items: Option<usize>,
    /// How many messages in what time.
    pub rates: &'static [Rate],
    /// Whether it asks not to be called at full and half hours, when everybody does.
    pub avoids_full_hours: bool,
}

impl Limits {
    /// No limits, counted in a unit.
    pub(super) const fn none(unit: Unit) -> Self {
        Self { unit, message: None, title: None, item: None, items: None, rates: &[], avoids_full_hours: false }
    }
}

/// How a message is handed over.
pub(super) enum Call {
    /// It is printed.
    Print(String),
    /// It goes over HTTP.
    Http(Request),
    /// It is mailed.
    Mail(Mail),
    /// A local program gets it.
    Run {
        /// The program and its arguments.
        command: Vec<String>,
        /// What it finds in its environment.
        environment: Vec<(&'static str, String)>,
        /// What it reads from standard input.
        input: String,
    },
}

/// A request over HTTP.
pub(super) struct Request {
    pub(super) method: reqwest::Method,
    pub(super) url: reqwest::Url,
    pub(super) content_type: &'static str,
    /// Headers besides the content type.
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

/// The content type of most services' bodies.
pub(super) const JSON: &str = "application/json; charset=utf-8";

impl Call {
    /// JSON, posted to an address.
    pub(super) fn post(endpoint: &Endpoint, body: String) -> Self {
        Self::post_to(endpoint.url().clone(), Vec::new(), body)
    }

    /// JSON, posted to an address with headers.
    pub(super) fn post_to(url: reqwest::Url, headers: Vec<(&'static str, String)>, body: String) -> Self {
        Self::Http(Request { method: reqwest::Method::POST, url, content_type: JSON, headers, body })
    }
}

/// What a service said. No secret stands in it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    /// The HTTP status, or that of SMTP, or how a program ended.
    pub(super) status: u16,
    /// How long it asks to wait, in a header or in its body.
    pub(super) retry_after: Option<Duration>,
    /// Where it says the address has gone.
    pub(super) location: Option<String>,
    /// The beginning of the body.
    pub(super) text: String,
    /// The body as JSON; null where it is none.
    pub(super) json: Value,
}

/// Characters of an answer that are quoted in a reason; the ledger keeps more of it beside.
const QUOTED_CHARS: usize = 120;

impl Answer {
    /// The outcome that the HTTP status tells: 2xx has worked; 408, 425, 429 and 5xx may work later; 413 may
    /// work in smaller pieces; everything else will not (RFC 9110, section 15, and Standard Webhooks,
    /// "Delivery success and failure"). Redirects are not followed: the body and its signature were meant
    /// for one address.
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
            408 | 425 | 429 | 500..=599 => self.retry(format!("answered {}{said}", self.status)),
            401 | 403 => Outcome::GaveUp { why: format!("answered {}: it does not accept the url or the secret{said}", self.status) },
            404 => Outcome::GaveUp { why: format!("answered 404: it does not know the address; check url{said}") },
            410 => Outcome::Disabled { why: format!("answered 410: the address is gone for good; set a new url{said}") },
            413 => Outcome::Split { why: format!("answered 413: it does not take a message of this size{said}") },
            status => Outcome::GaveUp { why: format!("answered {status}: it does not accept the message{said}") },
        }
    }

    /// It may work later, as late as the service asks.
    pub(super) fn retry(&self, why: String) -> Outcome {
        Outcome::Retry { why, after: self.retry_after }
    }

    /// It may work later, and not before `wait` where the service names no time.
    pub(super) fn retry_in(&self, wait: Duration, why: String) -> Outcome {
        Outcome::Retry { why, after: self.retry_after.or(Some(wait)) }
    }

    /// A number of the body, which some services write as text.
    pub(super) fn code(&self, name: &str) -> Option<i64> {
        let value = &self.json[name];
        value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
    }

    /// A text of the body, in brief; empty where there is none.
    pub(super) fn said(&self, name: &str) -> String {
        self.json[name].as_str().map(in_brief).unwrap_or_default()
    }

    /// Where an answer of 2xx lacks what its service always says: a proxy may have spoken for it.
    pub(super) fn without(&self, what: &str) -> Outcome {
        match self.by_status() {
            Outcome::Delivered => self.retry(format!("answered {} without {what}{}", self.status, self.quote())),
            other => other,
        }
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
        Answer { status, retry_after: Some(Duration::seconds(7)), location: None, text: "so\n it is".to_owned(), json: Value::Null }
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
        for status in [101, 301, 302, 304, 307, 308, 400, 401, 403, 404, 405, 418, 422, 451, 600, 999] {
            assert!(matches!(answer(status).by_status(), Outcome::GaveUp { .. }), "{status}");
        }
        assert!(matches!(answer(410).by_status(), Outcome::Disabled { .. }));
        assert!(matches!(answer(413).by_status(), Outcome::Split { .. }));
    }

    #[test]
    fn a_redirect_is_told_by_its_origin_alone_for_its_path_may_be_a_secret() {
        let redirect = Answer { location: Some("https://other.example/token/abc".to_owned()), ..answer(308) };
        let Outcome::GaveUp { why } = redirect.by_status() else { panic!("{redirect:?}") };
        assert!(why.contains("redirects to https://other.example;"), "{why}");
        assert!(!why.contains("token"), "{why}");
    }
}
