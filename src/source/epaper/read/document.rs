//! A document of a site, and what picks find in it.

use reqwest::Url;
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;

use super::links::absolute;
use super::text;
use crate::source::epaper::describe::{Pick, PickPlace, Picks};

/// Attributes that hold a link where a pick names none.
const LINK_ATTRIBUTES: [&str; 8] = ["href", "daoxiang", "data-href", "data-url", "url", "link", "onclick", "src"];

/// Steps of a walk upwards through a document at most.
const MAX_CLIMB: usize = 6;

/// An answer of a site, parsed.
pub(in crate::source::epaper) struct Document {
    /// Where it came from, after redirects.
    pub(in crate::source::epaper) url: Url,
    text: String,
    html: Html,
    json: Option<Value>,
}

/// A spot in a document: the whole, an element, or a value.
#[derive(Clone, Copy)]
pub(in crate::source::epaper) enum Spot<'d> {
    Whole,
    Element(ElementRef<'d>),
    Value(&'d Value),
}

impl Document {
    /// Parses a text: JSON where it is that, HTML otherwise.
    pub(in crate::source::epaper) fn parse(url: Url, text: String) -> Self {
        let may_be_json = text.trim_start().starts_with(['{', '[']);
        let json = if may_be_json { serde_json::from_str(&text).ok() } else { None };
        let html = if json.is_some() { Html::new_document() } else { Html::parse_document(&text) };
        Self { url, text, html, json }
    }

    /// The spots that the first alternative finds which finds any.
    pub(in crate::source::epaper) fn spots<'d>(&'d self, picks: &Picks, within: Spot<'d>) -> Vec<Spot<'d>> {
        picks.0.iter().map(|pick| self.spots_of(pick, within)).find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// Which alternative is the first that finds anything.
    pub(in crate::source::epaper) fn alternative(&self, picks: &Picks) -> Option<usize> {
        let finds = |pick: &Pick| self.raw(pick, Spot::Whole).iter().any(|found| !found.trim().is_empty());
        picks.0.iter().position(finds)
    }

    /// The spots that all alternatives find together, in their order.
    pub(super) fn all_spots<'d>(&'d self, picks: &Picks, within: Spot<'d>) -> Vec<Spot<'d>> {
        picks.0.iter().flat_map(|pick| self.spots_of(pick, within)).collect()
    }

    fn spots_of<'d>(&'d self, pick: &Pick, within: Spot<'d>) -> Vec<Spot<'d>> {
        match (&pick.place, within) {
            (PickPlace::Here, spot) => vec![spot],
            (PickPlace::Css { selector, .. }, Spot::Whole) => self.html.select(selector).map(Spot::Element).collect(),
            (PickPlace::Css { selector, .. }, Spot::Element(element)) => element.select(selector).map(Spot::Element).collect(),
            (PickPlace::Json(steps), spot) => {
                let start = match spot {
                    Spot::Value(value) => Some(value),
                    Spot::Whole => self.json.as_ref(),
                    Spot::Element(_) => None,
                };
                start.map(|start| values(start, steps)).unwrap_or_default().into_iter().map(Spot::Value).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The HTML of the first alternative that holds text.
    pub(super) fn html(&self, picks: &Picks, within: Spot<'_>, remove: &[Selector]) -> Option<String> {
        let found = |pick: &Pick| {
            let candidates = self.raw(pick, within).into_iter().map(|html| {
                let all: Vec<Selector> = pick.remove.iter().chain(remove).cloned().collect();
                text::without(&html, &all)
            });
            candidates.into_iter().find(|html| !text::one_line(html).is_empty())
        };
        picks.0.iter().find_map(found)
    }

    /// The text of the first alternative that gives one, in one line.
    pub(in crate::source::epaper) fn line(&self, picks: &Picks, within: Spot<'_>) -> Option<String> {
        picks.0.iter().flat_map(|pick| self.lines_of(pick, within)).find(|line| !line.is_empty())
    }

    /// All texts of the first alternative that gives any.
    pub(in crate::source::epaper) fn lines(&self, picks: &Picks, within: Spot<'_>) -> Vec<String> {
        let found = |pick| self.lines_of(pick, within).into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>();
        picks.0.iter().map(found).find(|lines| !lines.is_empty()).unwrap_or_default()
    }

    fn lines_of(&self, pick: &Pick, within: Spot<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        for raw in self.raw(pick, within) {
            let is_markup = matches!(pick.place, PickPlace::Css { .. } | PickPlace::Comment(_) | PickPlace::Between(_) | PickPlace::Here);
            let whole = match is_markup && pick.attributes.is_empty() {
                true => text::one_line(&text::without(&raw, &pick.remove)),
                false if matches!(pick.place, PickPlace::Json(_)) => text::one_line(&raw),
                false => raw,
            };
            let matched: Vec<String> = match &pick.regex {
                None => vec![whole],
                Some(regex) => {
                    let group = |found: regex::Captures<'_>| found.get(1).or(found.get(0)).map(|group| group.as_str().trim().to_owned());
                    regex.captures_iter(&whole).filter_map(group).collect()
                }
            };
            for text in matched {
                let parts: Vec<String> = match pick.split.as_deref().filter(|by| !by.is_empty()) {
                    Some(by) => text
                        .split(by)
                        .map(|part| part.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).to_owned())
                        .collect(),
                    None => vec![text],
                };
                let shaped = |part: String| match pick.format.as_deref() {
                    Some(format) if !part.is_empty() => format.replace("{}", &part),
                    _ => part,
                };
                lines.extend(parts.into_iter().map(shaped));
            }
        }
        lines
    }

    /// What a pick finds, as HTML or as an attribute's value.
    fn raw(&self, pick: &Pick, within: Spot<'_>) -> Vec<String> {
        let source = match within {
            Spot::Whole => self.text.clone(),
            Spot::Element(element) => element.html(),
            Spot::Value(value) => scalar(value),
        };
        let groups =
            |pattern: &regex::Regex| pattern.captures_iter(&source).filter_map(|c| c.get(1).map(|g| g.as_str().to_owned())).collect();
        match &pick.place {
            PickPlace::Comment(pattern) | PickPlace::Between(pattern) => groups(pattern),
            PickPlace::Source => vec![source],
            PickPlace::Url => vec![self.url.to_string()],
            PickPlace::Json(_) | PickPlace::Here | PickPlace::Css { .. } => {
                let own = matches!(pick.place, PickPlace::Css { own: true, .. });
                self.spots_of(pick, within).into_iter().filter_map(|spot| content(spot, &pick.attributes, own)).collect()
            }
        }
    }

    /// Where the first alternative leads, made absolute.
    pub(super) fn link(&self, picks: &Picks, within: Spot<'_>) -> Option<Url> {
        self.links(picks, within).into_iter().next()
    }

    /// The fragment of a link that leads to a part of this very document: `page=2` of `#page=2`.
    pub(super) fn fragment_of(&self, spot: Spot<'_>) -> Option<String> {
        let Spot::Element(element) = spot else { return None };
        let link = LINK_ATTRIBUTES.into_iter().find_map(|name| element.attr(name).filter(|value| value.contains('#')))?;
        let url = self.url.join(link.trim()).ok()?;
        let is_same = url.path() == self.url.path() && url.query() == self.url.query();
        url.fragment().filter(|fragment| is_same && !fragment.is_empty()).map(str::to_owned)
    }

    /// The part that a fragment means: the element that has it, or what stands behind its sign of equality,
    /// as its name.
    pub(super) fn part_of(&self, fragment: &str) -> Option<Spot<'_>> {
        let value = fragment.rsplit_once('=').map_or(fragment, |(_, value)| value);
        let joined: String = fragment.chars().filter(|c| c.is_alphanumeric()).collect();
        let is_named = |element: &ElementRef<'_>| {
            let has = |name: &str, text: &str| element.attr(name) == Some(text);
            has("id", fragment) || has("id", &joined) || has("data-page", value) || has("data-page", fragment) || has("name", fragment)
        };
        // A link to the part may carry the same name, and holds nothing.
        let is_part = |element: &ElementRef<'_>| !matches!(element.value().name(), "a" | "li" | "option" | "area");
        let all = self.html.tree.root().descendants().filter_map(ElementRef::wrap);
        all.into_iter().find(|element| is_part(element) && is_named(element)).map(Spot::Element)
    }

    /// Where the first alternative leads that leads anywhere; all its links.
    pub(super) fn links(&self, picks: &Picks, within: Spot<'_>) -> Vec<Url> {
        let of = |pick: &Pick| -> Vec<Url> {
            let shaped = pick.regex.is_some() || pick.format.is_some() || !matches!(pick.place, PickPlace::Css { .. } | PickPlace::Here);
            if shaped {
                return self.lines_of(pick, within).iter().filter_map(|line| absolute(&self.url, line)).collect();
            }
            self.spots_of(pick, within).into_iter().filter_map(|spot| self.link_of(spot, &pick.attributes)).collect()
        };
        picks.0.iter().map(of).find(|links| !links.is_empty()).unwrap_or_default()
    }

    /// Where all its links lead.
    pub(in crate::source::epaper) fn anchors(&self) -> Vec<Url> {
        let Ok(anchors) = Selector::parse("a, area") else { return Vec::new() };
        self.html.select(&anchors).filter_map(|anchor| self.link_of(Spot::Element(anchor), &[])).collect()
    }

    /// Where an element leads by its own attributes.
    pub(super) fn link_of(&self, spot: Spot<'_>, attributes: &[String]) -> Option<Url> {
        match spot {
            Spot::Element(element) => {
                let named = attributes.iter().map(String::as_str);
                let usual = LINK_ATTRIBUTES.into_iter().filter(|_| attributes.is_empty());
                named.chain(usual).find_map(|name| absolute(&self.url, element.attr(name)?))
            }
            Spot::Value(value) => absolute(&self.url, value.as_str()?),
            Spot::Whole => None,
        }
    }

    /// The link that ends in `.pdf` in the row of a list in which `element` stands: in the nearest
    /// element around it that holds one, unless that holds other links of the list as well.
    pub(super) fn pdf_in_row(&self, element: ElementRef<'_>, is_other: impl Fn(ElementRef<'_>) -> bool) -> Option<Url> {
        let anchors = Selector::parse("a").ok()?;
        for around in element.ancestors().filter_map(ElementRef::wrap).take(MAX_CLIMB) {
            let links: Vec<ElementRef<'_>> = around.select(&anchors).collect();
            if links.iter().any(|link| is_other(*link)) {
                return None;
            }
            let pdf = links.iter().filter_map(|link| self.link_of(Spot::Element(*link), &[])).find(is_pdf);
            if pdf.is_some() {
                return pdf;
            }
        }
        None
    }
}

/// Whether an address is that of a PDF.
pub(super) fn is_pdf(url: &Url) -> bool {
    url.path().to_ascii_lowercase().ends_with(".pdf")
}

fn content(spot: Spot<'_>, attributes: &[String], own: bool) -> Option<String> {
    match spot {
        Spot::Element(element) if !attributes.is_empty() => attributes.iter().find_map(|name| element.attr(name)).map(str::to_owned),
        Spot::Element(element) if own => {
            let texts = element.children().filter_map(|child| child.value().as_text().map(|text| text.to_string()));
            Some(texts.collect::<Vec<_>>().join(" ").replace('<', "&lt;"))
        }
        Spot::Element(element) => Some(element.inner_html()),
        Spot::Value(value) => Some(scalar(value)),
        Spot::Whole => None,
    }
}

/// A value of JSON as text; lists and objects as JSON.
fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn values<'v>(start: &'v Value, steps: &[String]) -> Vec<&'v Value> {
    let mut found = vec![start];
    for step in steps {
        found = match step.as_str() {
            "" => found.into_iter().filter_map(Value::as_array).flatten().collect(),
            name => found.into_iter().filter_map(|value| value.get(name)).collect(),
        };
    }
    found.retain(|value| !value.is_null());
    found
}
