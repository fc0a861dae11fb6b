//! METS: which pages an edition has, and which blocks make an article (Library of Congress,
//! <https://www.loc.gov/standards/mets/>), as the newspaper profiles of libraries use it.
//!
//! The physical map gives the order of the pages, the logical map nests sections, articles and their
//! parts, each of which points at blocks of ALTO files. Titles stand as labels or as MODS records.

use std::collections::{HashMap, HashSet};

use crate::model::structure::{PartRole, Structure, StructuredItem, StructuredPage, StructuredPart};
use crate::model::text;

use super::xml::{self, Element, Node};

/// The largest METS file that is read, in bytes; that of a weekend edition has 3 MB.
pub const MAX_METS_BYTES: usize = 32 * 1024 * 1024;
/// The most files, titles, items, and blocks that are kept, each.
const MAX_ENTRIES: usize = 100_000;

/// What makes an item of its own. Sections and volumes hold items.
const ITEMS: &[&str] = &[
    "ARTICLE",
    "ADVERTISEMENT",
    "ADVERTISEMENTS",
    "ILLUSTRATION",
    "TITLE_SECTION",
    "WEATHER",
    "DEATH_NOTICE",
    "OBITUARY",
    "LETTER",
    "POEM",
    "PUZZLE",
    "CARTOON",
    "MASTHEAD",
];

/// What holds items, and may have a headline and a text itself.
const SECTION: &str = "SECTION";

/// What a part is called, and what it is in its item.
const ROLES: &[(&str, PartRole)] = &[
    ("OVERLINE", PartRole::Kicker),
    ("KICKER", PartRole::Kicker),
    ("TITLE", PartRole::Headline),
    ("HEADLINE", PartRole::Headline),
    ("HEADING", PartRole::Headline),
    ("SUBHEADLINE", PartRole::Deck),
    ("SUBTITLE", PartRole::Deck),
    ("SUBHEADING", PartRole::Deck),
    ("AUTHOR", PartRole::Byline),
    ("BYLINE", PartRole::Byline),
    ("CAPTION", PartRole::Caption),
    ("IMAGE", PartRole::Other),
    ("TABLE", PartRole::Other),
    ("BODY", PartRole::Body),
    ("TEXT", PartRole::Body),
    ("TEXTBLOCK", PartRole::Body),
    ("PARAGRAPH", PartRole::Body),
];

/// Reads the structure of an edition.
///
/// # Errors
/// What is wrong with the file: it is too large, broken, or no METS with a page of text.
pub fn structure(bytes: &[u8]) -> Result<Structure, String> {
    if bytes.len() > MAX_METS_BYTES {
        return Err(format!("the METS file has {} bytes; it has at most {MAX_METS_BYTES}", bytes.len()));
    }
    let document = xml::decode(bytes);
    let mut reading = Reading::default();
    xml::walk(&document, |node| reading.take(node)).map_err(|why| format!("the METS file is broken {why}"))?;
    let structure = reading.finish();
    if structure.pages.is_empty() {
        return Err("the file is no METS of a newspaper: no page of it points at a text file".to_owned());
    }
    Ok(structure)
}

/// A part of an item: what it is, and the file and the block in which its text stands.
type PartOfFile = (PartRole, String, String);

#[derive(Debug, Default)]
struct Reading {
    open: Vec<Open>,
    /// Files of text by their id: the last component of the address.
    files: HashMap<String, String>,
    /// The file element that is open, and whether its group is one of texts.
    file: Option<String>,
    /// Titles by the id of their record.
    titles: HashMap<String, String>,
    /// The record that is open.
    record: Option<String>,
    /// What of a title was read, where one is open.
    title: Option<String>,
    in_date: bool,
    date: Option<String>,
    map: Option<Map>,
    /// The open divisions of the map.
    divisions: Vec<Division>,
    pages: Vec<(String, Option<String>)>,
    items: Vec<(StructuredItem, Vec<PartOfFile>)>,
}

/// The elements whose end matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    File,
    Record,
    Title,
    TitlePart,
    Date,
    Map,
    Division,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Map {
    Physical,
    Logical,
}

#[derive(Debug)]
struct Division {
    kind: String,
    label: Option<String>,
    order: Option<String>,
    /// Which item its blocks belong to.
    item: Option<usize>,
}

impl Reading {
    fn take(&mut self, node: Node<'_>) {
        match node {
            Node::Open(element) => {
                let open = self.begin(&element);
                self.open.push(open);
            }
            Node::Close => match self.open.pop() {
                Some(Open::File) => self.file = None,
                Some(Open::Record) => self.record = None,
                Some(Open::Title) => self.end_title(),
                Some(Open::Date) => self.in_date = false,
                Some(Open::Map) => self.map = None,
                Some(Open::Division) => {
                    self.divisions.pop();
                }
                _ => {}
            },
            Node::Text(text) => {
                if self.in_date {
                    self.date.get_or_insert_with(String::new).push_str(text.trim());
                } else if let (Some(title), Some(Open::TitlePart)) = (&mut self.title, self.open.last()) {
                    title.push_str(&text);
                    title.push(' ');
                }
            }
        }
    }

    fn begin(&mut self, element: &Element<'_>) -> Open {
        match &*element.name() {
            "file" => {
                self.file = element.get("ID");
                Open::File
            }
            "FLocat" => {
                if let (Some(id), Some(address)) = (self.file.clone(), element.get("href"))
                    && self.files.len() < MAX_ENTRIES
                {
                    let name = address.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
                    self.files.insert(id, name);
                }
                Open::Other
            }
            "dmdSec" => {
                self.record = element.get("ID");
                Open::Record
            }
            "titleInfo" => {
                // A record may give several titles; of these the last is the article's own.
                self.title = Some(String::new());
                Open::Title
            }
            "title" | "nonSort" if self.title.is_some() => Open::TitlePart,
            "dateIssued" if self.date.is_none() => {
                self.in_date = true;
                Open::Date
            }
            "structMap" => {
                self.map = match element.get("TYPE").unwrap_or_default().to_uppercase().as_str() {
                    "PHYSICAL" => Some(Map::Physical),
                    "LOGICAL" => Some(Map::Logical),
                    _ => None,
                };
                Open::Map
            }
            "div" if self.map.is_some() => {
                self.division(element);
                Open::Division
            }
            "area" | "fptr" => {
                self.point(element);
                Open::Other
            }
            _ => Open::Other,
        }
    }

    fn end_title(&mut self) {
        let Some(title) = self.title.take() else { return };
        let title = tidy(&title);
        if let Some(record) = self.record.clone()
            && !title.is_empty()
            && self.titles.len() < MAX_ENTRIES
        {
            self.titles.insert(record, title);
        }
    }

    fn division(&mut self, element: &Element<'_>) {
        let kind = element.get("TYPE").unwrap_or_default().to_uppercase().replace([' ', '-'], "_");
        let labelled = element.get("LABEL").map(|label| tidy(&label)).filter(|label| !label.is_empty());
        let recorded = || element.get("DMDID")?.split_whitespace().find_map(|id| self.titles.get(id).cloned());
        let label = labelled.or_else(recorded);
        let outer = self.divisions.last().and_then(|division| division.item);
        let mut item = outer;
        // An illustration within an article is a part of it. A section may have a text of its own.
        let begins = match outer {
            None => ITEMS.contains(&kind.as_str()) || kind == SECTION,
            Some(outer) => {
                self.items.get(outer).is_some_and(|o| o.0.kind == SECTION) && (ITEMS.contains(&kind.as_str()) || kind == SECTION)
            }
        };
        if self.map == Some(Map::Logical) && begins && self.items.len() < MAX_ENTRIES {
            let sections = self.divisions.iter().filter(|division| division.kind.contains("SECTION")).filter_map(|d| d.label.clone());
            let found = StructuredItem { kind: kind.clone(), title: label.clone(), sections: sections.collect(), parts: Vec::new() };
            item = Some(self.items.len());
            self.items.push((found, Vec::new()));
        }
        let order = element.get("ORDERLABEL").or_else(|| element.get("ORDER"));
        self.divisions.push(Division { kind, label, order, item });
    }

    /// A pointer of the open division at a file, or at a block of one.
    fn point(&mut self, element: &Element<'_>) {
        let Some(file) = element.get("FILEID") else { return };
        let (Some(map), Some(division)) = (self.map, self.divisions.last()) else { return };
        match map {
            Map::Physical => {
                if self.pages.len() < MAX_ENTRIES {
                    let label = division.order.clone().or_else(|| division.label.clone());
                    self.pages.push((file, label));
                }
            }
            Map::Logical => {
                let Some(block) = element.get("BEGIN") else { return };
                let role = self.role();
                if let Some((_, parts)) = division.item.and_then(|item| self.items.get_mut(item))
                    && parts.len() < MAX_ENTRIES
                {
                    parts.push((role, file, block));
                }
            }
        }
    }

    /// What the open division is in its item: what the innermost known name says, but text within a
    /// caption is the caption.
    fn role(&self) -> PartRole {
        let known = |division: &Division| ROLES.iter().find(|(name, _)| *name == division.kind).map(|(_, role)| *role);
        let mut roles = self.divisions.iter().rev().filter_map(known);
        match roles.next() {
            Some(PartRole::Body) if roles.any(|role| role == PartRole::Caption) => PartRole::Caption,
            Some(role) => role,
            None => PartRole::Other,
        }
    }

    fn finish(self) -> Structure {
        // A page's division points at its image, its PDF and its text; the text is what blocks are in.
        let pointed: HashSet<&String> = self.items.iter().flat_map(|(_, parts)| parts).map(|(_, file, _)| file).collect();
        let is_text = |id: &String| pointed.contains(id) || self.files.get(id).is_some_and(|name| name.to_lowercase().ends_with(".xml"));
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut pages = Vec::new();
        for (file, label) in &self.pages {
            if is_text(file) && !numbers.contains_key(file) {
                numbers.insert(file.clone(), pages.len());
                pages.push(StructuredPage { file: self.files.get(file).cloned().unwrap_or_default(), label: label.clone() });
            }
        }
        let items = self.items.into_iter().filter_map(|(mut item, parts)| {
            let placed =
                parts.into_iter().filter_map(|(role, file, block)| Some(StructuredPart { role, page: *numbers.get(&file)?, block }));
            item.parts = placed.collect();
            (!item.parts.is_empty()).then_some(item)
        });
        Structure { date: self.date, items: items.collect(), pages }
    }
}

/// A title on one line, cleaned as all text is.
fn tidy(title: &str) -> String {
    text::clean(title).0.split_whitespace().collect::<Vec<_>>().join(" ")
}
