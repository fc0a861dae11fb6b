//! Where the text of a page stands: the one form that pages with geometry have, whatever they were
//! read from (PDF, ALTO).
//!
//! All lengths are points (1/72 inch). The origin is the top left corner of the page as it is shown,
//! x grows to the right and y **down**.
//!
//! A [`Layout`] holds what is printed and where, and no opinion on what it means: columns, headlines
//! and stories are for the article stage to find. Its blocks and lines are those of the file where
//! the file has any (ALTO); of a PDF, which has glyphs alone, they are joined by distance, and whoever
//! knows better may join the runs anew.

use serde::{Deserialize, Serialize};

/// An upright rectangle. `x0 ≤ x1` and `y0 ≤ y1`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// The left edge.
    pub x0: f32,
    /// The upper edge.
    pub y0: f32,
    /// The right edge.
    pub x1: f32,
    /// The lower edge.
    pub y1: f32,
}

impl Area {
    /// The rectangle between two opposite corners, in whatever order they are given.
    pub fn between(x: f32, y: f32, other_x: f32, other_y: f32) -> Self {
        Self { x0: x.min(other_x), y0: y.min(other_y), x1: x.max(other_x), y1: y.max(other_y) }
    }

    /// From the left edge to the right one.
    pub fn width(&self) -> f32 {
        self.x1 - self.x0
    }

    /// From the upper edge to the lower one.
    pub fn height(&self) -> f32 {
        self.y1 - self.y0
    }

    /// The smallest rectangle that holds both.
    pub fn union(&self, other: &Self) -> Self {
        Self { x0: self.x0.min(other.x0), y0: self.y0.min(other.y0), x1: self.x1.max(other.x1), y1: self.y1.max(other.y1) }
    }

    /// What both have in common; `None` where that is nothing, not even an edge.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let common = Self { x0: self.x0.max(other.x0), y0: self.y0.max(other.y0), x1: self.x1.min(other.x1), y1: self.y1.min(other.y1) };
        (common.x0 <= common.x1 && common.y0 <= common.y1).then_some(common)
    }

    /// How far their extents in x overlap; negative where there is a gap between them.
    pub fn overlap_x(&self, other: &Self) -> f32 {
        self.x1.min(other.x1) - self.x0.max(other.x0)
    }

    /// How far their extents in y overlap; negative where there is a gap between them.
    pub fn overlap_y(&self, other: &Self) -> f32 {
        self.y1.min(other.y1) - self.y0.max(other.y0)
    }

    /// Whether the point lies in it or on its edge.
    pub fn contains(&self, x: f32, y: f32) -> bool {
        self.x0 <= x && x <= self.x1 && self.y0 <= y && y <= self.y1
    }
}

/// Where an item stands on its page.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// What it covers, in points to a tenth.
    #[serde(flatten)]
    pub area: Area,
    /// The page's width in points.
    pub page_width: f32,
    /// The page's height in points.
    pub page_height: f32,
}

impl Place {
    /// The place of `area` on the page of a layout.
    pub fn of(area: &Area, layout: &Layout) -> Self {
        let tenth = |length: f32| (length * 10.0).round() / 10.0;
        let area = Area { x0: tenth(area.x0), y0: tenth(area.y0), x1: tenth(area.x1), y1: tenth(area.y1) };
        Self { area, page_width: tenth(layout.width), page_height: tenth(layout.height) }
    }
}

/// What a page was read from, which says how far its geometry can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A PDF: places and sizes are exact, blocks and lines are joined by newsboy.
    Pdf,
    /// ALTO: blocks and lines were given, their boxes measured on a scan, sizes are nominal.
    Alto,
}

/// How a line runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Upright characters one beside another.
    Across,
    /// Upright characters one under another, as vertical headlines and bodies have.
    Down,
    /// Characters turned against the page.
    Turned,
}

/// A colour as red, green and blue.
pub type Colour = [u8; 3];

/// A font of the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Font {
    /// Its name without the prefix of a subset; empty where the file does not tell.
    pub name: String,
    /// From 100 (thin) over 400 (regular) to 900 (black), where the font or its name tells.
    pub weight: Option<u16>,
    /// Whether it is slanted.
    pub italic: bool,
}

/// Characters of one font, size and colour that stand one after another without a gap: a word of a
/// spaced script, or a run of ideographs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The characters; never empty, no white space among them.
    pub text: String,
    /// What the characters cover: their advances along the line, ascent and descent across it.
    pub area: Area,
    /// Where each character begins along the line, from the beginning of the run; as many as the
    /// text has characters, or none where the file does not tell (ALTO).
    pub offsets: Vec<f32>,
    /// Which of [`Layout::fonts`] it is set in.
    pub font: u16,
    /// The size it is set in; of ALTO the nominal one, or 0 where none is given.
    pub size: f32,
    /// The colour it is printed in.
    pub colour: Colour,
    /// Whether it was drawn more than once in place, as fake bold is.
    pub twin: bool,
    /// Whether white space was set before it; of spaced scripts the gap alone may have to tell.
    pub spaced: bool,
    /// How sure the recognition was, from 0 to 1, where the page was recognised.
    pub confidence: Option<f32>,
}

/// How a line ends within a word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hyphen {
    /// It does not, as far as the file tells.
    #[default]
    None,
    /// The file says that the word goes on in the next line (`HypPart1` of ALTO, a soft hyphen of a
    /// PDF). The text ends with the hyphen as printed.
    Soft,
}

/// A line of text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What its runs cover.
    pub area: Area,
    /// The y of its baseline; of a line that runs [`Direction::Down`], the x of its middle.
    pub base: f32,
    /// How it runs.
    pub direction: Direction,
    /// Its runs in the order in which they are read.
    pub runs: Vec<Run>,
    /// Whether it ends within a word.
    pub hyphen: Hyphen,
}

/// Lines that stand together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextBlock {
    /// The name the file gives it, which METS refers to.
    pub id: Option<String>,
    /// What its lines cover, or what the file says that it covers.
    pub area: Area,
    /// Its lines in the order in which they are read.
    pub lines: Vec<Line>,
}

/// A printed line: a stroke, or a filled rectangle as thin as one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// What it covers; its lesser side is its thickness.
    pub area: Area,
    /// Its colour.
    pub colour: Colour,
}

impl Rule {
    /// Whether it runs from left to right.
    pub fn is_horizontal(&self) -> bool {
        self.area.width() >= self.area.height()
    }
}

/// A rectangle around a part of the page, or under it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// What it covers.
    pub area: Area,
    /// The colour of its edge, where it has one.
    pub stroke: Option<Colour>,
    /// The colour it is filled with, where it is.
    pub fill: Option<Colour>,
}

/// Something printed that is neither text nor a rule nor a frame.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// What it covers, as far as it is shown.
    pub area: Area,
    /// Whether it is drawn with curves, as logos and charts are, and headlines that were turned into
    /// outlines; otherwise it is an image of pixels.
    pub drawn: bool,
}

/// What is printed on a page, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// What it was read from.
    pub origin: Origin,
    /// The page's width as it is shown.
    pub width: f32,
    /// The page's height as it is shown.
    pub height: f32,
    /// The text. Of a PDF in an order that follows columns, of ALTO in the order of the file.
    pub blocks: Vec<TextBlock>,
    /// Printed lines.
    pub rules: Vec<Rule>,
    /// Rectangles around or under parts of the page.
    pub frames: Vec<Frame>,
    /// Pictures.
    pub pictures: Vec<Picture>,
    /// What [`Run::font`] refers to.
    pub fonts: Vec<Font>,
}

impl Layout {
    /// Every line of the page, block by block.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.blocks.iter().flat_map(|block| &block.lines)
    }

    /// Every run of the page, line by line.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.lines().flat_map(|line| &line.runs)
    }
}
