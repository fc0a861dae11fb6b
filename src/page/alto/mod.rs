//! ALTO: pages as a recognition saw them, with blocks, lines and words (Library of Congress, ALTO 2 to
//! 4, <https://www.loc.gov/standards/alto/>), and METS, which says which blocks make an article.
//!
//! Namespaces are not looked at, for each version has one of its own and many files have none.

use std::collections::HashMap;

use crate::model::layout::{Area, Direction, Font, Hyphen, Layout, Line, Origin, Picture, Rule, Run, TextBlock};
use crate::model::{CompanionKind, Page, Problem, RawPage, text};

use super::{geometry, page_name};

mod mets;
#[cfg(test)]
mod tests;
mod xml;

pub use mets::{MAX_METS_BYTES, structure};
use xml::{Element, Node};

/// The largest ALTO file that is read, in bytes: a broadsheet page with all its glyphs has some 10 MB.
pub const MAX_ALTO_BYTES: usize = 64 * 1024 * 1024;
/// The most pages of one file that are read; most files have one.
pub const MAX_ALTO_PAGES: usize = 200;
/// The most words of one page that are kept; a broadsheet has some 10,000.
pub const MAX_WORDS: usize = 100_000;
/// The most fonts that a file may define.
const MAX_STYLES: usize = 4_000;
/// Points of a pixel where the file measures in pixels: newspapers are scanned at 300 to an inch.
const PIXEL: f32 = 72.0 / 300.0;

/// Reads each page of `raw`. Never fails: what cannot be read leaves no blocks and a problem that
/// says why.
///
/// Lines end with the hyphen they were printed with, and [`Hyphen::Soft`] marks them. Where the file
/// measures in pixels, 300 to an inch are assumed.
///
/// Where the structure of the edition (METS) stands beside it and knows a file of its name, the first page
/// gets its items.
///
/// Problems: `structure-broken`, `page-too-large`, `alto-broken` (what stands before the fault is read), `alto-no-page`,
/// `words-too-many` (the rest is left out), `page-empty`, and those of the text filter.
pub fn read(raw: &RawPage) -> Vec<Page> {
    let refused = |problem| vec![Page { problems: vec![problem], ..Page::empty(raw.key.page.as_str()) }];
    if raw.bytes.len() > MAX_ALTO_BYTES {
        let message =
            format!("{} has {} bytes; an ALTO file has at most {MAX_ALTO_BYTES}: give its pages one by one", raw.origin, raw.bytes.len());
        return refused(Problem::new("page-too-large", message));
    }
    let document = xml::decode(&raw.bytes);
    let mut reading = Reading::default();
    let broken = xml::walk(&document, |node| reading.take(node)).err();
    reading.end_page();
    let mut pages: Vec<Page> = reading
        .pages
        .into_iter()
        .enumerate()
        .map(|(index, sheet)| sheet.finish(page_name(raw.key.page.as_str(), index), &reading.fonts))
        .collect();
    if pages.is_empty() {
        let message = format!("{} has no <Page> of ALTO; newsboy reads XML of ALTO 2 to 4 alone", raw.origin);
        pages = refused(Problem::new("alto-no-page", message));
    }
    if let Some(first) = pages.first_mut() {
        attach(first, raw);
    }
    if let (Some(why), Some(first)) = (broken, pages.first_mut()) {
        first.problems.push(Problem::new("alto-broken", format!("{} is broken {why}; what stands before that is read", raw.origin)));
    }
    pages
}

/// Attaches what the structure beside a page says of it.
fn attach(page: &mut Page, raw: &RawPage) {
    let file = raw.origin.rsplit(['/', '\\']).next().unwrap_or_default();
    for other in raw.companions.iter().filter(|other| other.kind == CompanionKind::Structure) {
        match structure(&other.bytes) {
            Ok(structure) => {
                if let Some(items) = structure.on_page(file) {
                    page.given = items;
                    return;
                }
            }
            Err(why) => {
                page.problems.push(Problem::new("structure-broken", format!("{}: {why}; the page is cut without it", other.origin)))
            }
        }
    }
}

/// One page while it is read.
#[derive(Debug, Default)]
struct Sheet {
    width: f32,
    height: f32,
    blocks: Vec<TextBlock>,
    rules: Vec<Rule>,
    pictures: Vec<Picture>,
    words: usize,
    left_out: bool,
    filtered: text::Filtered,
}

impl Sheet {
    fn finish(self, name: String, fonts: &[Font]) -> Page {
        let mut page = Page::empty(name);
        if self.left_out {
            let message = format!("the page has more than {MAX_WORDS} words; the rest is left out");
            page.problems.push(Problem::new("words-too-many", message));
        }
        if self.filtered.lost > 0 {
            let message =
                format!("{} characters were lost before newsboy got the page (U+FFFD); compare with the printed page", self.filtered.lost);
            page.problems.push(Problem::new("page-characters-lost", message));
        }
        // A file that does not give the page's size has it as large as what stands on it.
        let reach = self.blocks.iter().map(|block| block.area).fold(Area::default(), |all, area| all.union(&area));
        let layout = Layout {
            origin: Origin::Alto,
            width: self.width.max(reach.x1),
            height: self.height.max(reach.y1),
            blocks: self.blocks,
            rules: self.rules,
            frames: Vec::new(),
            pictures: self.pictures,
            fonts: fonts.to_vec(),
        };
        page.blocks = geometry::plain(&layout, &mut page.problems);
        if page.blocks.is_empty() {
            page.problems.push(Problem::new("page-empty", format!("page {} holds no text; its recognition found none", page.number)));
        }
        page.layout = Some(layout);
        page
    }
}

/// What a style says of the text set in it.
#[derive(Debug, Clone, Copy, Default)]
struct Style {
    font: u16,
    size: f32,
}

#[derive(Debug, Default)]
struct Reading {
    pages: Vec<Sheet>,
    /// The page that is open.
    sheet: Option<Sheet>,
    /// Points of one unit.
    unit: Option<f32>,
    in_unit: bool,
    styles: HashMap<String, Style>,
    fonts: Vec<Font>,
    /// The styles of the open elements, from the outside to the inside.
    style: Vec<Option<Style>>,
    names: Vec<Kind>,
    turned: bool,
    spaced: bool,
}

/// The elements whose end matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Page,
    Block,
    Line,
    Unit,
    Other,
}

impl Reading {
    fn take(&mut self, node: Node<'_>) {
        match node {
            Node::Open(element) => {
                let kind = self.open(&element);
                self.names.push(kind);
                let style = element.get("STYLEREFS").and_then(|names| self.style_of(&names)).or(self.style.last().copied().flatten());
                self.style.push(style);
                if kind == Kind::Other && element.is("String") {
                    self.word(&element);
                }
            }
            Node::Close => {
                self.style.pop();
                match self.names.pop() {
                    Some(Kind::Page) => self.end_page(),
                    Some(Kind::Line) => self.end_line(),
                    Some(Kind::Unit) => self.in_unit = false,
                    _ => {}
                }
            }
            Node::Text(unit) if self.in_unit => {
                self.unit = match unit.trim() {
                    "mm10" => Some(72.0 / 254.0),
                    "inch1200" => Some(72.0 / 1200.0),
                    "pixel" => Some(PIXEL),
                    _ => self.unit,
                }
            }
            Node::Text(_) => {}
        }
    }

    fn style_of(&self, names: &str) -> Option<Style> {
        names.split_whitespace().find_map(|name| self.styles.get(name)).copied()
    }

    fn area(&self, element: &Element<'_>) -> Area {
        let side = |name| element.number(name).unwrap_or(0.0).clamp(-1e6, 1e6) * self.unit.unwrap_or(PIXEL);
        let (x, y) = (side("HPOS"), side("VPOS"));
        Area::between(x, y, x + side("WIDTH"), y + side("HEIGHT"))
    }

    fn open(&mut self, element: &Element<'_>) -> Kind {
        match &*element.name() {
            "MeasurementUnit" => {
                self.in_unit = true;
                return Kind::Unit;
            }
            "TextStyle" => self.define(element),
            "Page" if self.pages.len() < MAX_ALTO_PAGES => {
                self.end_page();
                let area = self.area(element);
                self.sheet = Some(Sheet { width: area.width(), height: area.height(), ..Sheet::default() });
                return Kind::Page;
            }
            "TextBlock" => {
                let (area, id) = (self.area(element), element.get("ID"));
                self.turned = element.number("ROTATION").is_some_and(|angle| angle.rem_euclid(360.0) != 0.0);
                if let Some(sheet) = &mut self.sheet {
                    sheet.blocks.push(TextBlock { id, area, lines: Vec::new() });
                }
                return Kind::Block;
            }
            "TextLine" => {
                let area = self.area(element);
                let base = element.number("BASELINE").map_or(area.y1, |base| base * self.unit.unwrap_or(PIXEL));
                let direction = if self.turned { Direction::Turned } else { Direction::Across };
                self.spaced = false;
                if let Some(block) = self.sheet.as_mut().and_then(|sheet| sheet.blocks.last_mut()) {
                    block.lines.push(Line { area, base, direction, runs: Vec::new(), hyphen: Hyphen::None });
                }
                return Kind::Line;
            }
            "SP" => self.spaced = true,
            "HYP" => self.hyphen(element),
            "Illustration" | "GraphicalElement" => {
                let area = self.area(element);
                if let Some(sheet) = &mut self.sheet {
                    // ALTO calls separators graphical elements; they are as thin as rules.
                    let thin = area.width().min(area.height()) <= 4.0;
                    match (thin, element.is("GraphicalElement")) {
                        (true, true) if sheet.rules.len() < MAX_WORDS => sheet.rules.push(Rule { area, colour: [0; 3] }),
                        _ if sheet.pictures.len() < MAX_WORDS => sheet.pictures.push(Picture { area, drawn: false }),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        Kind::Other
    }

    fn define(&mut self, element: &Element<'_>) {
        let Some(id) = element.get("ID").filter(|_| self.styles.len() < MAX_STYLES) else { return };
        let marks = element.get("FONTSTYLE").unwrap_or_default();
        let has = |mark: &str| marks.split_whitespace().any(|m| m == mark);
        let weight = if has("bold") { Some(700) } else { None };
        let font = Font { name: element.get("FONTFAMILY").unwrap_or_default(), weight, italic: has("italics") };
        let index = self.fonts.iter().position(|known| *known == font).unwrap_or_else(|| {
            self.fonts.push(font);
            self.fonts.len() - 1
        });
        let size = element.number("FONTSIZE").unwrap_or(0.0).clamp(0.0, 5_000.0);
        self.styles.insert(id, Style { font: index as u16, size });
    }

    fn word(&mut self, element: &Element<'_>) {
        let area = self.area(element);
        let style = self.style.last().copied().flatten().unwrap_or_default();
        let Some(sheet) = &mut self.sheet else { return };
        if sheet.words >= MAX_WORDS {
            sheet.left_out = true;
            return;
        }
        let content = element.get("CONTENT").unwrap_or_default();
        let (clean, filtered) = text::clean(&content);
        sheet.filtered.lost += filtered.lost;
        let first_half = element.get("SUBS_TYPE").is_some_and(|part| part == "HypPart1");
        let Some(line) = sheet.blocks.last_mut().and_then(|block| block.lines.last_mut()) else { return };
        for (n, word) in clean.split_whitespace().enumerate() {
            line.runs.push(Run {
                text: word.to_owned(),
                area,
                offsets: Vec::new(),
                font: style.font,
                size: style.size,
                colour: [0; 3],
                twin: false,
                spaced: self.spaced || n > 0,
                confidence: element.number("WC").map(|sure| sure.clamp(0.0, 1.0)),
            });
            sheet.words += 1;
        }
        self.spaced = false;
        if first_half {
            line.hyphen = Hyphen::Soft;
        }
    }

    /// The hyphen at a line's end is a part of its last word.
    fn hyphen(&mut self, element: &Element<'_>) {
        let area = self.area(element);
        let Some(line) = self.sheet.as_mut().and_then(|s| s.blocks.last_mut()).and_then(|b| b.lines.last_mut()) else { return };
        let Some(run) = line.runs.last_mut() else { return };
        if !run.text.ends_with(['-', '\u{ad}', '\u{2010}', '¬', '\u{2e17}']) {
            run.text.push('-');
            if area.width() > 0.0 {
                run.area = run.area.union(&area);
            }
        }
        line.hyphen = Hyphen::Soft;
    }

    /// A word that goes on in the next line ends with a hyphen, whether the file gives it as `HYP`, as
    /// a part of the word, or not at all.
    fn end_line(&mut self) {
        let Some(block) = self.sheet.as_mut().and_then(|sheet| sheet.blocks.last_mut()) else { return };
        let Some(line) = block.lines.last_mut() else { return };
        if line.runs.is_empty() {
            block.lines.pop();
            return;
        }
        if let (Hyphen::Soft, Some(run)) = (line.hyphen, line.runs.last_mut()) {
            let bare = run.text.trim_end_matches(['-', '\u{ad}', '\u{2010}', '¬', '\u{2e17}']).len();
            run.text.truncate(bare);
            run.text.push('-');
        }
        if line.area.width() <= 0.0 {
            line.area = line.runs.iter().map(|run| run.area).reduce(|a, b| a.union(&b)).unwrap_or(line.area);
        }
    }

    fn end_page(&mut self) {
        if let Some(mut sheet) = self.sheet.take() {
            sheet.blocks.retain(|block| !block.lines.is_empty());
            self.pages.push(sheet);
        }
    }
}
