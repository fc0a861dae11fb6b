//! Packing items into messages: which form of an item fits, and how many fit into one message.

use std::borrow::Cow;

use serde::Serialize;

use super::endpoint::link;
use crate::model::script::is_ideograph;
use crate::model::shorten::shorten;
use crate::model::{ArticleId, Digest, DigestItem, Message, SummaryKind};

/// Characters that are left of a title that makes its item too large.
const SHORT_TITLE_CHARS: usize = 80;

/// What stands where a text is empty that a service wants to be something.
const NOTHING: &str = "—";

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
    /// The paper's name, where the digest has several.
    pub(super) source: Option<&'a str>,
    /// Whether everything is to be left out that is not needed, in the forms for an item that is
    /// too large.
    pub(super) bare: bool,
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
    /// What a body measures at most.
    pub(super) room: usize,
    /// How many items a message has at most.
    pub(super) items: usize,
    /// The service's measure of a text.
    pub(super) measure: fn(&str) -> usize,
    /// An item as the service writes it; `None` where the service does not take it in this form.
    pub(super) show: &'p dyn Fn(&Shown<'_>) -> Option<T>,
    /// A whole body. Its length must be that of a body without items, and that of the items as JSON
    /// with a comma each, or less.
    pub(super) render: &'p dyn Fn(&Part<'_, T>) -> String,
}

/// The messages of `digest`: as many items into each as it has room for, in their order.
pub(super) fn messages<T: Serialize>(digest: &Digest, packing: &Packing<'_, T>) -> Vec<Message> {
    let widest = widest_label(digest);
    let frame = (packing.render)(&Part { label: &widest, number: digest.items.len(), of: digest.items.len(), items: &[], last: true });
    let room = packing.room.saturating_sub((packing.measure)(&frame));

    let mut parts: Vec<(Vec<T>, Vec<ArticleId>)> = vec![(Vec::new(), Vec::new())];
    let mut used = 0;
    let several = digest.items.windows(2).any(|pair| pair[0].source_title != pair[1].source_title);
    for item in &digest.items {
        let Some((shown, weight)) = form_that_fits(item, several, room, packing) else { continue };
        let full = parts.last().is_some_and(|(items, _)| !items.is_empty() && (used + weight > room || items.len() >= packing.items));
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
        let part = Part { label: &label(n + 1, of), number: n + 1, of, items: &items, last: n + 1 == of };
        Message { body: (packing.render)(&part), articles }
    };
    parts.into_iter().enumerate().map(render).collect()
}

fn label(number: usize, of: usize) -> String {
    if of > 1 { format!(" ({number}/{of})") } else { String::new() }
}

fn widest_label(digest: &Digest) -> String {
    label(digest.items.len(), digest.items.len())
}

/// The first form of the item that fits, and its weight: whole; without its summary; with the
/// beginning of its title; with that alone. The last one is taken whether it fits or not, because no
/// item is dropped; it is shorter than the room that any service gives.
fn form_that_fits<T: Serialize>(item: &DigestItem, several: bool, room: usize, packing: &Packing<'_, T>) -> Option<(T, usize)> {
    let url = link(&item.url);
    let url = url.as_deref();
    let [title, summary, source] = [&item.title, &item.summary, &item.source_title].map(|text| one_line(text));
    let title = if title.is_empty() { NOTHING } else { title.as_str() };
    let short = || shorten(title, SHORT_TITLE_CHARS, |_| 1);
    let summary = marked(summary, item.summary_kind);
    let summary = Some(summary.as_str()).filter(|s| !s.is_empty());
    let source = places(item, &source, several);
    let source = Some(source.as_str()).filter(|s| !s.is_empty());
    let forms = [
        Shown { item, title: title.into(), url, summary, source, bare: false },
        Shown { item, title: title.into(), url, summary: None, source, bare: false },
        Shown { item, title: short(), url, summary: None, source: None, bare: true },
        Shown { item, title: short(), url: None, summary: None, source: None, bare: true },
    ];
    let mut last = None;
    for form in &forms {
        if let Some(shown) = (packing.show)(form) {
            let weight = (packing.measure)(&json(&shown)) + 1;
            if weight <= room {
                return Some((shown, weight));
            }
            last = Some((shown, weight));
        }
    }
    last
}

/// The paper's name, where the digest has several, and all places of a story that is told in more than one.
fn places(item: &DigestItem, source: &str, several: bool) -> String {
    if item.also.is_empty() {
        return if several { source.to_owned() } else { String::new() };
    }
    let also = item.also.iter().map(|place| (place.source_title.as_str(), place.page.as_str()));
    let places = std::iter::once((source, item.page.as_str())).chain(also);
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
pub(super) fn title(digest: &Digest, label: &str, budget: usize, measure: impl Fn(char) -> usize) -> String {
    let line = one_line(&digest.title);
    let line = if line.is_empty() { NOTHING } else { line.as_str() };
    let room = budget.saturating_sub(widest_label(digest).chars().map(&measure).sum());
    shorten(line, room, measure).into_owned() + label
}

/// `text` on one line and without controls, as the model promises its texts to be: a service would
/// show anything else in its own way, and a terminal would obey it.
fn one_line(text: &str) -> String {
    let words = text.split_whitespace().map(|word| word.chars().filter(|c| !c.is_control()).collect::<String>());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `value` as JSON.
pub(super) fn json(value: &impl Serialize) -> String {
    match serde_json::to_string(value) {
        Ok(text) => text,
        Err(error) => unreachable!("texts, numbers and lists are always JSON: {error}"),
    }
}

/// The measure of services that count bytes.
pub(super) fn bytes(text: &str) -> usize {
    text.len()
}

/// The measure of services that count UTF-16 units.
pub(super) fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}
