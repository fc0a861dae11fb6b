//! `kind = "wecom"`: the group bots of WeCom (企业微信), as Markdown or as news cards.
//!
//! <https://developer.work.weixin.qq.com/document/path/91770>.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::Endpoint;
use super::destination::{DestinationError, Kind};
use super::endpoint::link;
use super::markup::{full_width, markdown_link, plain};
use super::pace::Rate;
use super::pack::{self, Order, Packing, Part, Shown, bytes, messages};
use super::service::{Answer, Call, Limits, Service, Unit};
use super::settings::{Setting, Settings, URL};
use super::text::{TextStyle, ending, text_messages};
use crate::model::shorten::shorten;
use crate::model::{Digest, DueDelivery, Message, Outcome};

/// Which form its messages have: `markdown` or `news`.
const FORM: Setting = Setting::text("form");

/// Its name and settings.
pub(super) const KIND: Kind = Kind { name: "wecom", settings: &[URL, FORM], parse: Config::parse };

/// Bytes of a text of Markdown (the page above, "markdown类型").
const MARKDOWN_BYTES: usize = 4096;
/// Articles of a news message (the page above, "图文类型").
const NEWS_ARTICLES: usize = 8;
/// Bytes of an article's title (the same section).
const NEWS_TITLE_BYTES: usize = 128;
/// Bytes of an article's description (the same section).
const NEWS_DESCRIPTION_BYTES: usize = 512;
/// 20 messages a minute for a bot (the page above, "消息发送频率限制").
const RATES: &[Rate] = &[Rate::per_seconds(20, 60)];

/// How long to wait where the bot was too fast: the minute that its limit counts.
const TOO_FAST_WAIT: Duration = Duration::seconds(60);

/// Bytes of a title; newsboy's own limit, so that a title leaves room for items.
const TITLE_BYTES: usize = 400;

/// Its settings.
struct Config {
    endpoint: Endpoint,
    form: Form,
}

#[derive(Clone, Copy)]
enum Form {
    Markdown,
    News,
}

impl Config {
    fn parse(settings: &Settings) -> Result<Arc<dyn Service>, DestinationError> {
        let form = match settings.text(FORM.name) {
            None | Some("markdown") => Form::Markdown,
            Some("news") => Form::News,
            Some(other) => {
                let why = format!("is {other:?}, expected \"markdown\" or \"news\"");
                return Err(DestinationError::Value { setting: FORM.name, why });
            }
        };
        Ok(Arc::new(Self { endpoint: settings.url()?, form }))
    }
}

#[derive(Serialize)]
#[serde(tag = "msgtype", rename_all = "lowercase")]
enum Body<'a> {
    Markdown { markdown: Markdown<'a> },
    News { news: News<'a> },
}

#[derive(Serialize)]
struct Markdown<'a> {
    content: &'a str,
}

#[derive(Serialize)]
struct News<'a> {
    articles: Vec<&'a Article>,
}

#[derive(Serialize)]
struct Article {
    title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    url: String,
}

impl Service for Config {
    fn limits(&self) -> Limits {
        let limits = Limits { title: Some(TITLE_BYTES), rates: RATES, ..Limits::none(Unit::Bytes) };
        match self.form {
            Form::Markdown => Limits { message: Some(MARKDOWN_BYTES), ..limits },
            Form::News => Limits { title: Some(NEWS_TITLE_BYTES), items: Some(NEWS_ARTICLES - 1), ..limits },
        }
    }

    fn encode(&self, digest: &Digest, order: &Order<'_>) -> Vec<Message> {
        match self.form {
            Form::Markdown => markdown(digest, order),
            Form::News => news(digest, order),
        }
    }

    fn call(&self, delivery: &DueDelivery, _now: DateTime<Utc>) -> Call {
        Call::post(&self.endpoint, delivery.body.clone())
    }

    /// Success is `errcode` 0: <https://developer.work.weixin.qq.com/document/path/90313>.
    fn judge(&self, answer: &Answer) -> Outcome {
        let Some(code) = answer.code("errcode") else { return answer.without("an errcode") };
        let msg = answer.said("errmsg");
        let gave_up = |what: &str| Outcome::GaveUp { why: format!("errcode {code}: {what} ({msg})") };
        match code {
            0 => Outcome::Delivered,
            45_009 | 45_033 => answer.retry_in(TOO_FAST_WAIT, format!("errcode {code}: too many messages ({msg})")),
            40_058 | 45_002 => Outcome::Split { why: format!("errcode {code}: the message is too long ({msg})") },
            93_000 => gave_up("the key of the url is not known, or the bot was removed; check url"),
            40_008 | 45_008 => gave_up("WeCom does not accept the message"),
            _ => answer.retry(format!("errcode {code} ({msg})")),
        }
    }
}

fn markdown(digest: &Digest, order: &Order<'_>) -> Vec<Message> {
    let style = TextStyle {
        room: MARKDOWN_BYTES,
        measure: bytes,
        items: usize::MAX,
        title: TITLE_BYTES,
        between: "\n",
        escape: full_width,
        lead: &|title| format!("### {title}"),
        item: &|shown| {
            let title = markdown_link(&full_width(&shown.title), shown.url);
            let summary = shown.summary.map(|s| format!("\n> {}", full_width(s))).unwrap_or_default();
            format!("{title}{}{summary}", shown.behind_title(full_width))
        },
        link: markdown_link,
        body: &|_, text| pack::json(&Body::Markdown { markdown: Markdown { content: text } }),
    };
    text_messages(digest, order, &style)
}

/// The card that leads has the digest's title, and leads to all of it.
fn news(digest: &Digest, order: &Order<'_>) -> Vec<Message> {
    let home = link(&digest.link).unwrap_or_else(|| digest.link.clone());
    let render = |part: &Part<'_, Article>| {
        let title = pack::title(digest, order, part.label, NEWS_TITLE_BYTES, char::len_utf8);
        let description = ending(digest, part.last, part.items.is_empty()).unwrap_or_default().to_owned();
        let lead = Article { title, description, url: home.clone() };
        pack::json(&Body::News { news: News { articles: std::iter::once(&lead).chain(part.items).collect() } })
    };
    let packing = Packing {
        room: usize::MAX,
        items: NEWS_ARTICLES - 1,
        frame: &|_| 0,
        weigh: &|_| 0,
        escape: plain,
        show: &|shown| Some(article(shown, &home)),
        render: &render,
    };
    messages(digest, order, &packing)
}

/// A card. What is too long of it WeCom would cut by itself, in the middle of a character.
fn article(shown: &Shown<'_>, home: &str) -> Article {
    let cut = |text: &str, most| shorten(text, most, char::len_utf8).into_owned();
    let below = [shown.place, shown.summary].into_iter().flatten().collect::<Vec<_>>().join("\n");
    Article {
        title: cut(&shown.title, NEWS_TITLE_BYTES),
        description: cut(shown.own.as_deref().unwrap_or(&below), NEWS_DESCRIPTION_BYTES),
        url: shown.url.unwrap_or(home).to_owned(),
    }
}
