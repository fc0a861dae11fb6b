//! What a page's program draws, collected.

use std::collections::HashMap;

use hayro_interpret::font::{Glyph as FontGlyph, GlyphRun, OutlineFontData};
use hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro_interpret::hayro_syntax::object::Dict;
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect, Shape as _};
use hayro_interpret::{BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint, SoftMask};

use crate::model::layout::{Area, Colour, Direction, Font};

use super::MAX_GLYPHS;
use super::actual_text::{self, Sequence};
use super::charmap::Charmaps;
use super::glyphs::Glyph;
use super::marks::Marks;

/// How far above the baseline a glyph's cell reaches, in em; the rest of the em lies below. It is
/// where the East Asian fonts have it, and Latin ones nearly.
const ASCENT_EM: f64 = 0.88;
/// Fonts of a page that are told apart.
const MAX_FONTS: usize = 4_000;
/// Below this opacity nobody sees what is drawn.
const SEEN_ALPHA: f32 = 0.02;
/// The largest and smallest size of a glyph in points that is kept: what is larger fills the page,
/// what is smaller nobody reads.
const SIZES: std::ops::RangeInclusive<f32> = 0.5..=5_000.0;

/// What was collected of a page.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) glyphs: Vec<Glyph>,
    pub(super) glyphs_left_out: bool,
    pub(super) fonts: Vec<Font>,
    pub(super) marks: Marks,
}

/// Takes what `hayro-interpret` draws.
pub(super) struct Collector<'a> {
    page: Area,
    charmaps: Charmaps<'a>,
    found: Found,
    /// The areas that are open, each within the one before.
    clips: Vec<Option<Area>>,
    /// Whether each open transparency group is seen.
    groups: Vec<bool>,
    /// The marked content that is open; what it is to be read as, where it says so.
    marked: Vec<Option<Sequence>>,
    fonts: HashMap<Font, u16>,
    /// Glyphs that were drawn as invisible since anything else was: clip paths made of text are told
    /// from hidden text by the clip that follows.
    pending_clip: Option<usize>,
}

impl<'a> Collector<'a> {
    pub(super) fn new(page: Area, charmaps: Charmaps<'a>) -> Self {
        Self {
            page,
            charmaps,
            found: Found::default(),
            clips: Vec::new(),
            groups: Vec::new(),
            marked: Vec::new(),
            fonts: HashMap::new(),
            pending_clip: None,
        }
    }

    pub(super) fn finish(mut self) -> Found {
        while !self.marked.is_empty() {
            self.close_marked();
        }
        self.found
    }

    /// The part of the page that is open for drawing; `None` where none is.
    fn open(&self) -> Option<Area> {
        self.clips.last().copied().unwrap_or(Some(self.page))
    }

    fn is_seen(&self) -> bool {
        self.groups.last().copied().unwrap_or(true)
    }

    fn push_clip(&mut self, bounds: Rect) {
        let bounds = area(bounds);
        self.reveal_text_clip(&bounds);
        let open = self.open().and_then(|open| open.intersection(&bounds));
        self.clips.push(open);
    }

    /// A clip path that covers just what was drawn invisibly right before is made of those letters:
    /// what is painted next shows through them, so they are seen.
    fn reveal_text_clip(&mut self, clip: &Area) {
        let Some(first) = self.pending_clip.take() else { return };
        let Some(glyphs) = self.found.glyphs.get_mut(first..) else { return };
        let Some(covered) = glyphs.iter().map(|glyph| glyph.area).reduce(|a, b| a.union(&b)) else { return };
        let slack = glyphs.iter().map(|glyph| glyph.size).fold(0.0, f32::max) * 0.6;
        let near = |a: f32, b: f32| (a - b).abs() <= slack;
        if near(clip.x0, covered.x0) && near(clip.x1, covered.x1) && near(clip.y0, covered.y0) && near(clip.y1, covered.y1) {
            glyphs.iter_mut().for_each(|glyph| glyph.hidden = false);
        }
    }

    fn font(&mut self, font: Font) -> u16 {
        if let Some(known) = self.fonts.get(&font) {
            return *known;
        }
        if self.found.fonts.len() >= MAX_FONTS {
            return 0;
        }
        let index = self.found.fonts.len() as u16;
        self.found.fonts.push(font.clone());
        self.fonts.insert(font, index);
        index
    }

    fn close_marked(&mut self) {
        let Some(Some(sequence)) = self.marked.pop() else { return };
        // Of nested ones the outermost decides.
        if !self.marked.iter().any(Option::is_some) {
            actual_text::replace(&mut self.found.glyphs, sequence);
        }
    }

    fn push(&mut self, glyph: Glyph) {
        if self.found.glyphs.len() >= MAX_GLYPHS {
            self.found.glyphs_left_out = true;
        } else {
            self.found.glyphs.push(glyph);
        }
    }
}

/// What all glyphs of a run have in common.
struct Common {
    font: u16,
    colour: Colour,
    hidden: bool,
    down: bool,
    open: Area,
}

impl Collector<'_> {
    /// The characters of one glyph, side by side where a ligature stands for several.
    fn take(&mut self, text: BfString, place: Affine, advance: f64, common: &Common) {
        match text {
            BfString::Char(character) => self.take_character(character, place, 0.0, advance, common),
            BfString::String(string) => {
                let count = string.chars().count().max(1) as f64;
                for (n, character) in string.chars().enumerate() {
                    self.take_character(character, place, advance * n as f64 / count, advance / count, common);
                }
            }
        }
    }

    fn take_character(&mut self, character: char, place: Affine, from: f64, advance: f64, common: &Common) {
        let [a, b, c, d, ..] = place.as_coeffs();
        let size = c.hypot(d) as f32;
        let cell = Rect::new(from, ASCENT_EM - 1.0, from + advance, ASCENT_EM);
        let covered = area(place.transform_rect_bbox(cell));
        let middle = ((covered.x0 + covered.x1) / 2.0, (covered.y0 + covered.y1) / 2.0);
        if !SIZES.contains(&size) || !common.open.contains(middle.0, middle.1) {
            return;
        }
        let upright = a > 0.0 && d < 0.0 && b.abs() <= 0.02 * a && c.abs() <= -0.5 * d;
        let direction = match (upright, common.down) {
            (false, _) => Direction::Turned,
            (true, true) => Direction::Down,
            (true, false) => Direction::Across,
        };
        let base = if direction == Direction::Down { middle.0 } else { (place * Point::ZERO).y as f32 };
        let (font, colour, hidden) = (common.font, common.colour, common.hidden);
        self.push(Glyph { character, area: covered, base, size, direction, font, colour, twin: false, hidden });
    }
}

impl<'a> Device<'a> for Collector<'_> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.pending_clip = None;
        if let (Some(open), true, Some(colour)) = (self.open(), self.is_seen(), colour(&props.paint)) {
            self.found.marks.path(path, props.transform, mode, colour, &open);
        }
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        self.push_clip(clip.path.bounding_box());
    }

    fn push_clip_rect(&mut self, rect: &Rect) {
        self.push_clip(*rect);
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn push_transparency_group(&mut self, opacity: f32, _: Option<SoftMask<'a>>, _: BlendMode) {
        self.groups.push(self.is_seen() && opacity > SEEN_ALPHA);
    }

    fn pop_transparency_group(&mut self) {
        self.groups.pop();
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        let (Some(open), Some(first)) = (self.open(), run.glyphs().first()) else { return };
        let hidden = matches!(mode, DrawMode::Invisible);
        let Some(colour) = colour(&props.paint).filter(|_| self.is_seen()).or(hidden.then_some([0; 3])) else { return };
        let data = match &**first {
            FontGlyph::Outline(outline) => outline.font_data(),
            FontGlyph::Type3(_) => None,
        };
        let font = self.font(data.as_ref().map(font_of).unwrap_or_default());
        let down = run.writing_mode() == WritingMode::Vertical;
        let name = data.as_ref().and_then(|data| data.postscript_name.as_deref()).unwrap_or_default();
        if hidden {
            self.pending_clip.get_or_insert(self.found.glyphs.len());
        } else {
            self.pending_clip = None;
        }
        let common = Common { font, colour, hidden, down, open };
        for glyph in run.glyphs() {
            let given = glyph.as_unicode().filter(|text| *text != BfString::Char('\0'));
            let text =
                given.or_else(|| self.charmaps.read(name, down, glyph.char_code())).unwrap_or(BfString::Char(char::REPLACEMENT_CHARACTER));
            let advance = match &**glyph {
                FontGlyph::Outline(outline) => outline.advance_width(),
                FontGlyph::Type3(type3) => type3.advance_width(),
            };
            // A font that is written down gives no width; its characters are square.
            let advance = advance.filter(|advance| *advance > 0.0).map_or(1.0, |advance| f64::from(advance) / 1000.0);
            let place = props.transform * glyph.transform() * Affine::scale(1000.0);
            self.take(text, place, advance, &common);
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.pending_clip = None;
        if let (Some(open), true) = (self.open(), self.is_seen()) {
            let pixels = Rect::new(0.0, 0.0, f64::from(image.width()), f64::from(image.height()));
            self.found.marks.image(area(props.transform.transform_rect_bbox(pixels)), &open);
        }
    }

    fn begin_marked_content(&mut self, _tag: &[u8], properties: Option<&Dict<'_>>) {
        let text = properties.and_then(actual_text::of);
        self.marked.push(text.map(|text| Sequence { text, first: self.found.glyphs.len() }));
    }

    fn end_marked_content(&mut self) {
        self.close_marked();
    }
}

/// The colour of a paint; black where a pattern is painted, nothing where it is not seen.
fn colour(paint: &Paint<'_>) -> Option<Colour> {
    match paint {
        Paint::Color(colour) => {
            let [red, green, blue, alpha] = colour.to_rgba().to_rgba8();
            (f32::from(alpha) / 255.0 > SEEN_ALPHA).then_some([red, green, blue])
        }
        Paint::Pattern(_) => Some([0; 3]),
    }
}

/// Coordinates as they are kept; what is no number or lies beyond all pages becomes an edge far out.
pub(super) fn area(rect: Rect) -> Area {
    let side = |value: f64| if value.is_nan() { 0.0 } else { value.clamp(-1e6, 1e6) as f32 };
    Area::between(side(rect.x0), side(rect.y0), side(rect.x1), side(rect.y1))
}

/// Parts of names that tell a weight, the more particular ones first.
const WEIGHTS: &[(&str, u16)] = &[
    ("extrabold", 800),
    ("ultrabold", 800),
    ("semibold", 600),
    ("demibold", 600),
    ("demi", 600),
    ("extralight", 200),
    ("ultralight", 200),
    ("bold", 700),
    ("heavy", 900),
    ("black", 900),
    ("medium", 500),
    ("light", 300),
    ("thin", 100),
    ("regular", 400),
];

fn font_of(data: &OutlineFontData) -> Font {
    let name = data.postscript_name.clone().unwrap_or_default();
    let lower = name.to_lowercase();
    let named = WEIGHTS.iter().find(|(part, _)| lower.contains(part)).map(|(_, weight)| *weight);
    let weight = named.or_else(|| data.weight.and_then(|weight| u16::try_from(weight).ok()));
    let italic = data.is_italic || lower.contains("italic") || lower.contains("oblique");
    Font { name, weight, italic }
}
