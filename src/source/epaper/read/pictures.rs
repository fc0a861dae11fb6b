//! The pictures of an article and what stands below them.

use scraper::{ElementRef, Html, Selector};

use super::document::{Document, Spot};
use super::page::stripped;
use super::text;
use crate::model::Picture;
use crate::source::epaper::describe::{Description, PickPlace};

/// Pictures of an article at most.
const MAX_PICTURES: usize = 100;

/// Steps upwards from a picture in which its caption is looked for.
const MAX_CLIMB: usize = 6;

/// The selectors of what holds pictures with their captions: none of it is text of the body.
pub(super) fn boxes(description: &Description) -> Vec<Selector> {
    let selector = |pick: &crate::source::epaper::describe::Pick| match &pick.place {
        PickPlace::Css { selector, .. } => Some(selector.clone()),
        _ => None,
    };
    description.picture.inside.0.iter().filter_map(selector).collect()
}

/// The pictures: those in the places for them with their captions, then those in the body.
pub(super) fn pictures(document: &Document, within: Spot<'_>, body: Option<&str>, description: &Description) -> Vec<Picture> {
    let mut pictures: Vec<Picture> = Vec::new();
    let Ok(images) = Selector::parse("img") else { return pictures };
    let mut add = |image: ElementRef<'_>, caption: Option<String>| {
        let Some(url) = document.link_of(Spot::Element(image), &["data-original".to_owned(), "data-src".to_owned(), "src".to_owned()])
        else {
            return;
        };
        let url = stripped(url, description).to_string();
        if description.picture.skip.fit(&url) || is_tiny(image) || pictures.len() >= MAX_PICTURES {
            return;
        }
        match pictures.iter_mut().find(|picture| picture.url == url) {
            Some(known) => known.caption = known.caption.take().or(caption),
            None => pictures.push(Picture { url, caption, measure: None }),
        }
    };
    for spot in document.all_spots(&description.picture.inside, within) {
        let Spot::Element(around) = spot else { continue };
        let inside: Vec<ElementRef<'_>> = match around.value().name() {
            "img" => vec![around],
            _ => around.select(&images).collect(),
        };
        for image in &inside {
            let told = (inside.len() == 1).then(|| document.line(&description.picture.caption, spot)).flatten();
            add(*image, told.or_else(|| caption(*image, around, &images)));
        }
    }
    if let Some(body) = body {
        let fragment = Html::parse_fragment(body);
        fragment.select(&images).for_each(|image| add(image, None));
    }
    pictures
}

/// The text that stands behind a picture, up to the next one: beside it, or beside what is around it
/// within the place for pictures.
fn caption(image: ElementRef<'_>, around: ElementRef<'_>, images: &Selector) -> Option<String> {
    let mut at = image;
    for _ in 0..MAX_CLIMB {
        if at.id() == around.id() {
            return None;
        }
        let mut behind = String::new();
        for sibling in at.next_siblings() {
            match ElementRef::wrap(sibling) {
                Some(element) if element.value().name() == "img" || element.select(images).next().is_some() => break,
                Some(element) => behind.push_str(&element.html()),
                None => behind.push_str(&sibling.value().as_text().map(|text| text.replace('<', "&lt;")).unwrap_or_default()),
            }
        }
        let line = text::one_line(&behind);
        if !line.is_empty() {
            return Some(line);
        }
        at = at.parent().and_then(ElementRef::wrap)?;
    }
    None
}

/// Whether a picture is a sign or a spacer.
fn is_tiny(image: ElementRef<'_>) -> bool {
    let small = |name| image.attr(name).and_then(|value| value.trim_end_matches("px").parse::<u32>().ok()).is_some_and(|size| size <= 32);
    small("width") || small("height")
}
