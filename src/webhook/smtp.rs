//! `kind = "smtp"`: mail, as text and as HTML in one.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use lettre::message::header::{self, ContentTransferEncoding};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};

use super::destination::{DestinationError, Kind};
use super::endpoint::link;
use super::mail::{Mail, MailServer};
use super::markup::{html, html_link, plain_item, plain_link};
use super::pack::{self, Order, Packing, Part, Shown, bytes, messages};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{Setting, Settings, URL};
use super::text::ending;
use crate::model::{Digest, DueDelivery, Message, Outcome};

/// Who sends.
const FROM: Setting = Setting::text("from");
/// Who gets it.
const TO: Setting = Setting::list("to");

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "smtp", settings: &[URL, FROM, TO], parse: Config::parse };

/// Bytes of the two texts of a mail together; newsboy's own limit, a tenth of what servers take that state
/// no `SIZE` (RFC 1870), which leaves room for the encoding.
const TEXT_BYTES: usize = 1_000_000;

/// Bytes of a title; newsboy's own limit.
const TITLE_BYTES: usize = 600;

/// What parts the two texts. It is fixed, so that a digest has one form; no line of an encoded text
/// begins with it.
const BOUNDARY: &str = "=_newsboy_digest";

/// Its settings.
struct Config {
    server: MailServer,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl Config {
    fn parse(settings: &Settings) -> Result<Arc<dyn Service>, DestinationError> {
        let server = MailServer::parse(&settings.required_secret(URL.name)?)?;
        let from = mailbox(FROM.name, &settings.required_text(FROM.name)?)?;
        let to = settings.required_list(TO.name)?.iter().map(|text| mailbox(TO.name, text)).collect::<Result<_, _>>()?;
        Ok(Arc::new(Self { server, from, to }))
    }
}

fn mailbox(setting: &'static str, text: &str) -> Result<Mailbox, DestinationError> {
    text.parse().map_err(|_| DestinationError::Value {
        setting,
        why: format!("is {text:?}, expected a mail address such as \"desk@example.org\" or \"Desk <desk@example.org>\""),
    })
}

/// An item for programs that show HTML and for those that do not.
struct Item {
    html: String,
    plain: String,
}

impl Service for Config {
    fn limits(&self) -> Limits {
        Limits { message: Some(TEXT_BYTES), title: Some(TITLE_BYTES), ..Limits::none(Unit::Bytes) }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        let packing = Packing {
            room: TEXT_BYTES,
            items: usize::MAX,
            frame: &|_| 4 * TITLE_BYTES + 4 * digest.link.len(),
            weigh: &|item: &Item| bytes(&item.html) + bytes(&item.plain) + 4,
            escape: html,
            show: &|shown| Some(item(shown)),
            render: &|part| self.mail(digest, order, part),
        };
        messages(digest, order, &packing)
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        let to = self.to.iter().map(|mailbox| mailbox.email.clone()).collect();
        Call::Mail(Mail { server: self.server.clone(), from: self.from.email.clone(), to, text: delivery.body.clone() })
    }

    /// What the server said last: 4xx may pass, 5xx will not (RFC 5321, section 4.2.1); 552 and 523 say
    /// that the mail is too large (RFC 1870, section 6.3).
    fn judge(&self, answer: &Answer) -> Outcome {
        let said = answer.quote();
        match answer.status {
            200..=299 => Outcome::Delivered,
            552 | 523 => Outcome::Split { why: format!("answered {}: the mail is too large{said}", answer.status) },
            530 | 534 | 535 | 538 => {
                Outcome::GaveUp { why: format!("answered {}: check the user and the password of the url{said}", answer.status) }
            }
            500..=599 => Outcome::GaveUp { why: format!("answered {}: the server does not accept the mail{said}", answer.status) },
            status => answer.retry(format!("answered {status}{said}")),
        }
    }
}

impl Config {
    /// A whole mail, in ASCII. Its id and its boundary are the digest's, so that a mail which is sent
    /// twice is told to be one, and its date is that of the slot.
    fn mail(&self, digest: &Digest, order: &Order<'_>, part: &Part<'_, Item>) -> String {
        let title = pack::title(digest, order, part.label, TITLE_BYTES, |c| html(c.encode_utf8(&mut [0; 4])).len());
        let (mut formatted, mut text) = (format!("<h2>{}</h2>\n", html(&title)), title.clone());
        for item in part.items {
            formatted.push_str(&item.html);
            text = text + "\n\n" + &item.plain;
        }
        let home = link(&digest.link);
        let end = ending(digest, part.last, true).unwrap_or_default();
        formatted.push_str(&format!("<p>{}</p>\n", html_link(&html(end), home.as_deref())));
        text = text + "\n\n" + &plain_link(end, home.as_deref()) + "\n";

        let part_of = |kind, text: String| {
            let body = Body::new_with_encoding(text.into_bytes(), ContentTransferEncoding::Base64)
                .unwrap_or_else(|_| Body::dangerous_pre_encoded(Vec::new(), ContentTransferEncoding::Base64));
            SinglePart::builder().header(kind).body(body)
        };
        let html_page = format!("<!doctype html>\n<html><body>\n{formatted}</body></html>\n");
        let parts = MultiPart::alternative()
            .boundary(BOUNDARY)
            .singlepart(part_of(header::ContentType::TEXT_PLAIN, text))
            .singlepart(part_of(header::ContentType::TEXT_HTML, html_page));
        let label: String = part.label.chars().filter(char::is_ascii_alphanumeric).collect();
        let mut builder = lettre::Message::builder()
            .from(self.from.clone())
            .subject(title)
            .date(digest.slot.into())
            .message_id(Some(format!("<{}.p{label}.{}@{}>", digest.id, part.items.len(), self.from.email.domain())));
        for to in &self.to {
            builder = builder.to(to.clone());
        }
        match builder.multipart(parts) {
            Ok(mail) => String::from_utf8_lossy(&mail.formatted()).into_owned(),
            Err(error) => unreachable!("a mail with sender and receivers can be written: {error}"),
        }
    }
}

/// An item: its title as a link, its place, its summary.
fn item(shown: &Shown<'_>) -> Item {
    let html = match &shown.own {
        Some(own) => format!("<p>{own}</p>\n"),
        None => {
            let title = html_link(&html(&shown.title), shown.url);
            let summary = shown.summary.map(|s| format!("<br>\n{}", html(s))).unwrap_or_default();
            format!("<p><b>{title}</b>{}{summary}</p>\n", shown.behind_title(html))
        }
    };
    Item { html, plain: plain_item(shown) }
}
