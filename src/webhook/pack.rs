//! Packing items into messages: which form of an item fits, and how many fit into one message.

use std::borrow::Cow;

use serde::Serialize;

use super::endpoint::link;
use super::template::Templates;
use crate::model::script::is_ideograph;
use crate::model::shorten::shorten;
use crate::model::{ArticleId, Digest, DigestItem, Message, SummaryKind};

/// Characters that are left of a title that makes its item too large.
const SHORT_TITLE_CHARS: usize = 80;

/// What stands where a text is empty that a service wants to be something.
const NOTHING: &str = "—";

/// How a digest is to be written, apart from what its service asks for.
#[derive(Clone, Copy)]
pub(super) struct Order<'a> {
    /// The person's own words for title and items.
    pub(super) templates: &'a Templates,
    /// Without any markup, for a service that could not read it.
    pub(super) plain: bool,
    /// How many of an item's forms are too large, as the service has said.
    pub(super) lean: usize,
    /// How many items a message has at most, whatever the service lets through.
    pub(super) items: usize,
    /// The label of the message that these messages stand for: `2/3`.
    pub(super) instead_of: Option<&'a str>,
    /// Whether the last of these messages is the digest's last one, which says what was left out.
    pub(super) to_the_end: bool,
}

impl<'a> Order<'a> {
    /// The digest as a whole, as the service shows it best.
    pub(super) fn first(templates: &'a Templates) -> Self {
        Self { templates, plain: false, lean: 0, items: usize::MAX, instead_of: None, to_the_end: true }
    }
}

/// One item in the form in which it is shown.
pub(super) struct Shown<'a> {
    /// Everything that does not grow: ids, page, time.
    pub(super) item: &'a DigestItem,
    /// The title, never empty.
    pub(super) title: Cow<'a, str>,
    /// The address, fit for a link.
    pub(super) url: Option<&'a str>,
    /// The summary, never empty.
    pub(super) summary: Option<&'a str>,
    /// Where it stands: the paper's name, where the digest has several, the page and the section.
    pub(super) place: Option<&'a str>,
    /// The item by the person's own template, its values escaped for the service.
    pub(super) own: Option<String>,
    /// Whether everything is to be left out that is not needed, in the forms for an item that is
    /// too large.
    pub(super) bare: bool,
}

impl Shown<'_> {
    /// The place behind a point, as it follows a title; empty where there is none.
    pub(super) fn behind_title(&self, escape: impl Fn(&str) -> String) -> String {
        self.place.map(|place| format!(" · {}", escape(place))).unwrap_or_default()
    }
}

/// One message of a digest.
pub(super) struct Part<'a, T> {
    /// What stands behind the title: ` (2/3)`, or nothing where there is one message.
    pub(super) label: &'a str,
    /// Which message it is, from 1.
    pub(super) number: usize,
    /// How many there are.
    pub(super) of: usize,
    /// Its items.
    pub(super) items: &'a [T],
    /// Whether it is the last one, which says what was left out.
    pub(super) last: bool,
}

/// A service's way to write a digest, and the room it gives.
pub(super) struct Packing<'p, T> {
    /// What a message measures at most.
    pub(super) room: usize,
    /// How many items a message has at most.
    pub(super) items: usize,
    /// What everything but the items measures, in the message that it is most in.
    pub(super) frame: &'p dyn Fn(&Part<'_, T>) -> usize,
    /// What an item measures, with what parts it from the one before.
    pub(super) weigh: &'p dyn Fn(&T) -> usize,
    /// A text as it stands in the service's markup, for the values of a person's own template.
    pub(super) escape: fn(&str) -> String,
    /// An item as the service writes it; `None` where the service does not take it in this form.
    pub(super) show: &'p dyn Fn(&Shown<'_>) -> Option<T>,
    /// A whole body.
    pub(super) render: &'p dyn Fn(&Part<'_, T>) -> String,
}

/// The messages of `digest`: as many items into each as it has room for, in their order.
pub(super) fn messages<T>(digest: &Digest, order: &Order<'_>, packing: &Packing<'_, T>) -> Vec<Message> {
    let widest = widest_label(digest, order);
    let most = digest.items.len();
    let frame = (packing.frame)(&Part { label: &widest, number: most, of: most, items: &[], last: true });
    let room = packing.room.saturating_sub(frame);
    let most_items = packing.items.min(order.items).max(1);

    let mut parts: Vec<(Vec<T>, Vec<ArticleId>)> = vec![(Vec::new(), Vec::new())];
    let mut used = 0;
    for (n, item) in digest.items.iter().enumerate() {
        let Some((shown, weight)) = form_that_fits(digest, n, item, room, order, packing) else { continue };
        let full = parts.last().is_some_and(|(items, _)| !items.is_empty() && (used + weight > room || items.len() >= most_items));
        if full {
            parts.push((Vec::new(), Vec::new()));
            used = 0;
        }
        if let Some((items, articles)) = parts.last_mut() {
            items.push(shown);
            articles.push(item.article.clone());
            used += weight;
        }
    }

    let of = parts.len();
    let render = |(n, (items, articles)): (usize, (Vec<T>, Vec<ArticleId>))| {
        let last = n + 1 == of && order.to_the_end;
        let part = Part { label: &label(n + 1, of, order.instead_of), number: n + 1, of, items: &items, last };
        Message { body: (packing.render)(&part), articles, label: label(n + 1, of, order.instead_of) }
    };
    parts.into_iter().enumerate().map(render).collect()
}

fn label(number: usize, of: usize, instead_of: Option<&str>) -> String {
    match (instead_of, of > 1) {
        (None, false) => String::new(),
        (None, true) => format!(" ({number}/{of})"),
        (Some(whole), false) => format!(" ({whole})"),
        (Some(whole), true) => format!(" ({whole} · {number}/{of})"),
    }
}

fn widest_label(digest: &Digest, order: &Order<'_>) -> String {
    label(digest.items.len(), digest.items.len(), order.instead_of)
}

/// The first form of the item that fits, and its weight: whole; without its summary; with the
/// beginning of its title; with that alone. The last one is taken whether it fits or not, because no
/// item is dropped; it is shorter than the room that any service gives.
fn form_that_fits<T>(
    digest: &Digest,
    n: usize,
    item: &DigestItem,
    room: usize,
    order: &Order<'_>,
    packing: &Packing<'_, T>,
) -> Option<(T, usize)> {
    let url = link(&item.url);
    let url = url.as_deref();
    let [title, summary, source, place] = [&item.title, &item.summary, &item.source_title, &item.place].map(|text| one_line(text));
    let title = if title.is_empty() { NOTHING } else { title.as_str() };
    let short = || shorten(title, SHORT_TITLE_CHARS, |_| 1);
    let summary = marked(summary, item.summary_kind);
    let summary = Some(summary.as_str()).filter(|s| !s.is_empty());
    let place = if item.also.is_empty() { place } else { places(item) };
    let with_paper = match (digest.paper.is_none() && !source.is_empty() && item.also.is_empty(), place.is_empty()) {
        (true, false) => &format!("{source} · {place}"),
        (true, true) => &source,
        (false, _) => &place,
    };
    let own = |summary: Option<&str>| {
        let (url, summary) = (url.unwrap_or_default(), summary.unwrap_or_default());
        let shown = super::template::Item { item, number: n + 1, title, url, summary, place: &place };
        // The template's own text is markup.
        if order.plain { None } else { order.templates.item(&shown, packing.escape) }
    };
    let place = Some(with_paper.as_str()).filter(|p| !p.is_empty());
    let form = |n| match n {
        0 => Shown { item, title: title.into(), url, summary, place, own: own(summary), bare: false },
        1 => Shown { item, title: title.into(), url, summary: None, place, own: own(None), bare: false },
        2 => Shown { item, title: short(), url, summary: None, place: None, own: None, bare: true },
        _ => Shown { item, title: short(), url: None, summary: None, place: None, own: None, bare: true },
    };
    let mut last = None;
    for n in order.lean.min(FORMS - 1)..FORMS {
        if let Some(shown) = (packing.show)(&form(n)) {
            let weight = (packing.weigh)(&shown);
            if weight <= room {
                return Some((shown, weight));
            }
            last = Some((shown, weight));
        }
    }
    last
}

/// How many forms an item has, from the whole one to its title alone.
pub(super) const FORMS: usize = 4;

/// All places of a story that is told in more than one.
fn places(item: &DigestItem) -> String {
    let also = item.also.iter().map(|place| (&place.source_title, &place.page));
    let places = std::iter::once((&item.source_title, &item.page)).chain(also);
    places.map(|(paper, page)| one_line(&format!("{paper} {page}"))).collect::<Vec<_>>().join(" + ")
}

/// A summary with a word on who wrote it, where that was no person.
fn marked(summary: String, kind: SummaryKind) -> String {
    match kind {
        SummaryKind::Llm if summary.chars().any(is_ideograph) => format!("{summary}（AI 摘要）"),
        SummaryKind::Llm => format!("{summary} (AI summary)"),
        SummaryKind::Extract | SummaryKind::Alert => summary,
    }
}

/// A title within `budget`, its label included and kept whole; it is the same in all parts, whatever
/// their labels measure. `measure` weighs one character as the service will see it.
pub(super) fn title(digest: &Digest, order: &Order<'_>, label: &str, budget: usize, measure: impl Fn(char) -> usize) -> String {
    let own = order.templates.title(digest);
    let line = one_line(own.as_deref().unwrap_or(&digest.title));
    let line = if line.is_empty() { NOTHING } else { line.as_str() };
    let room = budget.saturating_sub(widest_label(digest, order).chars().map(&measure).sum());
    shorten(line, room, measure).into_owned() + label
}

/// `text` on one line and without controls, as the model promises its texts to be: a service would
/// show anything else in its own way, and a terminal would obey it.
pub(super) fn one_line(text: &str) -> String {
    let words = text.split_whitespace().map(|word| word.chars().filter(|c| !c.is_control()).collect::<String>());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `value` as JSON.
pub(super) fn json(value: &(impl Serialize + ?Sized)) -> String {
    match serde_json::to_string(value) {
        Ok(text) => text,
        Err(error) => unreachable!("texts, numbers and lists are always JSON: {error}"),
    }
}

/// `body`, a JSON object, with one more member at its beginning: what must not be kept with the body,
/// such as a key, or is made anew at each attempt.
pub(super) fn with_members(body: &str, members: &[(&str, &str)]) -> String {
    let Some(rest) = body.strip_prefix('{') else { return body.to_owned() };
    let members: Vec<String> = members.iter().map(|(name, value)| format!("{}:{}", json(name), json(value))).collect();
    let comma = if rest.starts_with('}') || members.is_empty() { "" } else { "," };
    format!("{{{}{comma}{rest}", members.join(","))
}

/// The measure of services that count bytes.
pub(super) fn bytes(text: &str) -> usize {
    text.len()
}

/// The measure of services that count characters.
pub(super) fn chars(text: &str) -> usize {
    text.chars().count()
}

/// The measure of services that count UTF-16 units.
pub(super) fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The measure of services that count the bytes of a text as it stands in JSON, without the quotes.
pub(super) fn json_bytes(text: &str) -> usize {
    json(text).len() - 2
}
