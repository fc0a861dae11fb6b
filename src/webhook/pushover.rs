//! `kind = "pushover"`: Pushover.
//!
//! <https://pushover.net/api>.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::endpoint::link;
use super::markup::{html, html_link};
use super::pack::{Order, chars};
use super::service::{Answer, Call, Limits, Request, Service, Unit};
use super::settings::{Setting, Settings, TOKEN, URL};
use super::text::{TextStyle, text_messages};
use crate::model::shorten::shorten;
use crate::model::{Digest, DueDelivery, Message, Outcome, Secret};

/// The key of the reader, or of a group of them.
const USER: Setting = Setting::secret("user");

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "pushover", settings: &[TOKEN, USER, URL], parse: Config::parse };

/// Where Pushover is.
const SERVER: &str = "https://api.pushover.net";

/// Characters of a message: <https://pushover.net/api#limits>.
const MESSAGE_CHARS: usize = 1024;
/// Characters of a title (the same place).
const TITLE_CHARS: usize = 250;
/// Characters of the address beside the message (the same place).
const URL_CHARS: usize = 512;
/// Characters of that address's title (the same place).
const URL_TITLE_CHARS: usize = 100;

/// Its settings.
struct Config {
    server: Endpoint,
    token: Secret,
    user: Secret,
}

impl Config {
    fn parse(settings: &Settings) -> Result<Arc<dyn Service>, DestinationError> {
        let (token, user) = (settings.required_secret(TOKEN.name)?, settings.required_secret(USER.name)?);
        Ok(Arc::new(Self { server: settings.url_or(SERVER)?, token, user }))
    }
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits { message: Some(MESSAGE_CHARS), title: Some(TITLE_CHARS), ..Limits::none(Unit::Chars) }
    }

    /// Headlines alone: with summaries a message would hold two stories.
    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        let url = link(&digest.link).filter(|url| chars(url) <= URL_CHARS);
        let style = TextStyle {
            room: MESSAGE_CHARS,
            measure: chars,
            items: usize::MAX,
            title: TITLE_CHARS,
            between: "\n",
            escape: html,
            lead: &|_| String::new(),
            item: &|shown| html_link(&html(&shown.title), shown.url) + &shown.behind_title(html),
            link: html_link,
            body: &|title, text| {
                let mut fields = vec![("title", title), ("html", "1"), ("message", text)];
                let url_title = shorten(&digest.open, URL_TITLE_CHARS, |_| 1);
                if let Some(url) = &url {
                    fields.extend([("url", url.as_str()), ("url_title", &url_title)]);
                }
                form(&fields)
            },
        };
        text_messages(digest, order, &style)
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        let keys = form(&[("token", self.token.expose()), ("user", self.user.expose())]);
        Call::Http(Request {
            method: reqwest::Method::POST,
            url: self.server.below(&["1", "messages.json"]),
            content_type: "application/x-www-form-urlencoded",
            headers: Vec::new(),
            body: format!("{keys}&{}", delivery.body),
        })
    }

    /// Success is 200 and `status` 1; 429 says that the month's messages are used up:
    /// <https://pushover.net/api#response>.
    fn judge(&self, answer: &Answer) -> Outcome {
        match (answer.status, answer.code("status")) {
            (200..=299, Some(1)) => Outcome::Delivered,
            (200..=299, _) => answer.without("status 1"),
            (429, _) => {
                Outcome::GaveUp { why: format!("answered 429: the application's messages of this month are used up{}", answer.quote()) }
            }
            (500..=599, _) => answer.by_status(),
            (status, _) => Outcome::GaveUp { why: format!("answered {status}: check token and user{}", answer.quote()) },
        }
    }
}

/// Fields as a form of HTML sends them.
fn form(fields: &[(&str, &str)]) -> String {
    let encode = |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}
