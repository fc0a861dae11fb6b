//! Messages that are one text: a line that leads, the items, a line that ends.

use super::pack::{self, Order, Packing, Part, Shown, messages};
use crate::model::{Digest, Message};

/// How a service writes a digest as one text.
pub(super) struct TextStyle<'s> {
    /// What the text measures at most.
    pub(super) room: usize,
    /// The service's measure of a text.
    pub(super) measure: fn(&str) -> usize,
    /// How many items a message has at most.
    pub(super) items: usize,
    /// What the title measures at most, escaped, with its label.
    pub(super) title: usize,
    /// What parts the items from each other and from the lines around them.
    pub(super) between: &'s str,
    /// A text as it stands in the markup.
    pub(super) escape: fn(&str) -> String,
    /// The title as the line that leads; empty where it stands beside the text.
    pub(super) lead: &'s dyn Fn(&str) -> String,
    /// An item.
    pub(super) item: &'s dyn Fn(&Shown<'_>) -> String,
    /// A text, escaped, that leads to an address.
    pub(super) link: fn(&str, Option<&str>) -> String,
    /// Of the title, not escaped, and the text, the body.
    pub(super) body: &'s dyn Fn(&str, &str) -> String,
}

/// The messages of a digest in a style.
pub(super) fn text_messages(digest: &Digest, order: &Order<'_>, style: &TextStyle<'_>) -> Vec<Message> {
    let title = |part: &Part<'_, String>| {
        let weigh = |c: char| (style.measure)(&(style.escape)(c.encode_utf8(&mut [0; 4])));
        pack::title(digest, order, part.label, style.title, weigh)
    };
    let text = |part: &Part<'_, String>| {
        let lead = (style.lead)(&(style.escape)(&title(part)));
        let mut pieces: Vec<&str> = Some(lead.as_str()).filter(|lead| !lead.is_empty()).into_iter().collect();
        pieces.extend(part.items.iter().map(String::as_str));
        let end = ending(digest, part.last, pieces.is_empty());
        let end = end.map(|text| (style.link)(&(style.escape)(text), super::endpoint::link(&digest.link).as_deref()));
        pieces.extend(end.as_deref());
        pieces.join(style.between)
    };
    let packing = Packing {
        room: style.room,
        items: style.items,
        frame: &|part| (style.measure)(&text(part)) + (style.measure)(style.between),
        weigh: &|item: &String| (style.measure)(item) + (style.measure)(style.between),
        escape: style.escape,
        show: &|shown| Some(shown.own.clone().unwrap_or_else(|| (style.item)(shown))),
        render: &|part| (style.body)(&title(part), &text(part)),
    };
    messages(digest, order, &packing)
}

/// The words at the end of a message: how many stories were left out, or where there is nothing else to
/// show, where all of them can be read.
pub(super) fn ending(digest: &Digest, last: bool, is_empty: bool) -> Option<&str> {
    digest.more.as_deref().filter(|_| last).or(is_empty.then_some(digest.open.as_str()))
}
