//! An article's document: its fields, paragraphs and pictures.

use super::document::{Document, Spot};
use super::{pictures, text};
use crate::model::Picture;
use crate::source::epaper::describe::Description;

/// Characters of a headline or another line that are kept; more are a page that is read by a wrong rule.
const MAX_LINE: usize = 2_000;

/// What an article's document says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::source::epaper) struct ArticleReading {
    pub(in crate::source::epaper) kicker: Option<String>,
    pub(in crate::source::epaper) headline: Option<String>,
    pub(in crate::source::epaper) deck: Option<String>,
    pub(in crate::source::epaper) author: Option<String>,
    pub(in crate::source::epaper) paragraphs: Vec<String>,
    pub(in crate::source::epaper) pictures: Vec<Picture>,
    /// Characters that the site lost or that are in another encoding than the rest.
    pub(in crate::source::epaper) lost: usize,
    /// The page that it says it stands on.
    pub(in crate::source::epaper) page: Option<String>,
}

/// Reads an article's document.
pub(in crate::source::epaper) fn article(document: &Document, description: &Description) -> ArticleReading {
    read(document, Spot::Whole, description)
}

/// Reads an article out of a spot of a document.
pub(super) fn read(document: &Document, within: Spot<'_>, description: &Description) -> ArticleReading {
    let fields = &description.field;
    let line = |picks| document.line(picks, within).map(|line| line.chars().take(MAX_LINE).collect::<String>());
    let boxes = pictures::boxes(description);
    let body = document.html(&fields.body, within, &boxes);
    let with_pictures = document.html(&fields.body, within, &[]);
    let headline = line(&fields.headline);
    ArticleReading {
        kicker: line(&fields.kicker).filter(|kicker| Some(kicker) != headline.as_ref()),
        deck: line(&fields.deck).filter(|deck| Some(deck) != headline.as_ref()),
        author: line(&fields.author),
        paragraphs: body.as_deref().map(text::paragraphs).unwrap_or_default(),
        pictures: pictures::pictures(document, within, with_pictures.as_deref().or(body.as_deref()), description),
        page: document
            .lines(&description.article.owner, within)
            .iter()
            .find_map(|text| super::page::label(text, description))
            .map(|(page, _)| page),
        lost: 0,
        headline,
    }
}
