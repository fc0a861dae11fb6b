//! Glyphs: what is left of them when what nobody sees is gone and what was drawn twice is one, and
//! the runs that they make.

use std::collections::HashMap;

use crate::model::layout::{Area, Colour, Direction, Font, Run};
use crate::model::text;
use crate::page::geometry::Placed;

/// How far apart, in em, two glyphs of the same character are one that was drawn twice: fake bold and
/// shadows move by less, and no two characters stand that close.
const TWIN_EM: f32 = 0.15;
/// How far, in em, a glyph may stand behind the end of the one before and still be of its run. A word
/// space has 0.2 em and more.
const RUN_GAP_EM: f32 = 0.12;
/// How far, in em, a glyph may reach back into the one before: kerning, punctuation set closer.
const RUN_OVERLAP_EM: f32 = 0.6;
/// How far, in em, two glyphs of one line may be off their common baseline.
const BASE_EM: f32 = 0.04;

/// One character where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Glyph {
    /// The character; U+FFFD where the font does not tell.
    pub(super) character: char,
    /// What it covers: its advance along the line, ascent and descent across it.
    pub(super) area: Area,
    /// The y of its baseline; of a glyph that runs down, the x of its middle.
    pub(super) base: f32,
    /// Its size in points.
    pub(super) size: f32,
    /// How its line runs.
    pub(super) direction: Direction,
    /// Which font of the collected ones.
    pub(super) font: u16,
    /// The colour it is printed in.
    pub(super) colour: Colour,
    /// Whether it was drawn more than once.
    pub(super) twin: bool,
    /// Whether it was set as invisible.
    pub(super) hidden: bool,
}

impl Glyph {
    /// Whether it is known which character it is.
    pub(super) fn is_readable(&self) -> bool {
        self.character != char::REPLACEMENT_CHARACTER && (!self.character.is_control() || self.character.is_whitespace())
    }

    /// Where it begins along its line.
    fn start(&self) -> f32 {
        if self.direction == Direction::Down { self.area.y0 } else { self.area.x0 }
    }

    /// Where it ends along its line.
    fn end(&self) -> f32 {
        if self.direction == Direction::Down { self.area.y1 } else { self.area.x1 }
    }
}

/// The glyphs that are seen, and those that were set as invisible.
pub(super) fn shown(glyphs: Vec<Glyph>) -> (Vec<Glyph>, Vec<Glyph>) {
    let (hidden, shown) = glyphs.into_iter().partition(|glyph| glyph.hidden);
    (shown, hidden)
}

/// Glyphs drawn twice in place become one. White space is left alone: nobody sees how often it stands
/// there.
pub(super) fn merge_twins(glyphs: Vec<Glyph>) -> Vec<Glyph> {
    let mut kept: Vec<Glyph> = Vec::with_capacity(glyphs.len());
    let mut places: HashMap<Place, Vec<u32>> = HashMap::with_capacity(glyphs.len());
    for glyph in glyphs {
        if glyph.character.is_whitespace() {
            kept.push(glyph);
            continue;
        }
        let reach = TWIN_EM * glyph.size;
        let is_twin = |other: &Glyph| {
            (other.area.x0 - glyph.area.x0).abs() <= reach
                && (other.area.y0 - glyph.area.y0).abs() <= reach
                && (other.size - glyph.size).abs() <= 0.1 * glyph.size
        };
        let here = Place::of(&glyph);
        let twin = here.around().filter_map(|place| places.get(&place)).flatten().copied();
        let twin = twin.into_iter().find(|index| kept.get(*index as usize).is_some_and(is_twin));
        if let Some(first) = twin.and_then(|index| kept.get_mut(index as usize)) {
            first.twin = true;
            continue;
        }
        places.entry(here).or_default().push(kept.len() as u32);
        kept.push(glyph);
    }
    kept
}

/// Where a character of about one size stands, in cells that are at least as wide as the reach of its
/// twins, so that a twin stands in the same cell or in one that touches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    character: char,
    /// The power of two that the size lies below.
    level: i32,
    x: i32,
    y: i32,
}

impl Place {
    fn of(glyph: &Glyph) -> Self {
        let level = glyph.size.max(f32::MIN_POSITIVE).log2().ceil();
        let cell = TWIN_EM * level.exp2();
        let place = |value: f32| (value / cell).floor() as i32;
        Self { character: glyph.character, level: level as i32, x: place(glyph.area.x0), y: place(glyph.area.y0) }
    }

    fn around(self) -> impl Iterator<Item = Self> {
        let steps = (-1..=1).flat_map(|x| (-1..=1).map(move |y| (x, y)));
        steps.map(move |(x, y)| Self { x: self.x.saturating_add(x), y: self.y.saturating_add(y), ..self })
    }
}

/// Glyphs to runs, in the order in which they were drawn, and the fonts the runs are set in.
pub(super) fn runs(glyphs: Vec<Glyph>, fonts: &[Font]) -> (Vec<Placed>, Vec<Font>) {
    let mut runs: Vec<Placed> = Vec::new();
    let mut end = f32::NEG_INFINITY;
    let mut spaced = false;
    for glyph in glyphs {
        if glyph.character.is_whitespace() {
            spaced = true;
            continue;
        }
        // What the text filter drops of a text, it drops here: controls, noncharacters, U+FFFD stays.
        let character = match text::fold(glyph.character) {
            char::REPLACEMENT_CHARACTER => char::REPLACEMENT_CHARACTER,
            character if text::allowed(character) => character,
            _ => continue,
        };
        match runs.last_mut() {
            Some(placed) if !spaced && continues(placed, &glyph, end) => {
                let run = &mut placed.run;
                let start = if placed.direction == Direction::Down { run.area.y0 } else { run.area.x0 };
                run.text.push(character);
                run.offsets.push(glyph.start() - start);
                run.area = run.area.union(&glyph.area);
                run.twin &= glyph.twin;
            }
            _ => runs.push(Placed {
                base: glyph.base,
                direction: glyph.direction,
                run: Run {
                    text: character.to_string(),
                    area: glyph.area,
                    offsets: vec![0.0],
                    font: glyph.font,
                    size: glyph.size,
                    colour: glyph.colour,
                    twin: glyph.twin,
                    spaced,
                    confidence: None,
                },
            }),
        }
        end = glyph.end();
        spaced = false;
    }
    (runs, fonts.to_vec())
}

/// Whether `glyph` goes on in the run that ends at `end`.
fn continues(placed: &Placed, glyph: &Glyph, end: f32) -> bool {
    let run = &placed.run;
    let gap = glyph.start() - end;
    if placed.direction == Direction::Turned {
        // Whatever way it is turned: the next character stands beside the last one.
        let (across, along) = (run.area.overlap_x(&glyph.area), run.area.overlap_y(&glyph.area));
        return glyph.direction == Direction::Turned && run.font == glyph.font && across.min(along) > -RUN_GAP_EM * run.size;
    }
    placed.direction == glyph.direction
        && run.font == glyph.font
        && run.colour == glyph.colour
        && (run.size - glyph.size).abs() <= 0.02 * run.size
        && (placed.base - glyph.base).abs() <= BASE_EM * run.size
        && gap <= RUN_GAP_EM * run.size
        && gap >= -RUN_OVERLAP_EM * run.size
        && glyph.start() >= if placed.direction == Direction::Down { run.area.y0 } else { run.area.x0 }
}
