//! How sure an item is: the fitted probability that its body and its headline are right.

use super::classify::Class;
use super::compose::Parts;
use super::heads::Role;
use super::seams::{Fragment, Ground};

/// Facts of the whole page that bear on each of its items.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings {
    /// Bodies without a line over them.
    pub headless: usize,
    /// Display lines that no body owns.
    pub unplaced: usize,
    /// Bodies in all.
    pub bodies: usize,
    /// Share of cells in lines that were divided.
    pub merged: f32,
    /// Joints of all bodies that were made with little gain.
    pub weak: usize,
}

/// The gain under which a joint is weak.
const WEAK: f32 = 1.5;

impl Surroundings {
    /// Counts over a page.
    pub fn of(ground: &Ground<'_>, parts: &[Parts], bodies: &[Fragment]) -> Self {
        let displays = ground.classes.iter().filter(|c| **c == Class::Display).count();
        let placed: usize = parts.iter().map(|p| p.display.len()).sum();
        Self {
            headless: parts.iter().filter(|p| p.display.is_empty()).count(),
            unplaced: displays.saturating_sub(placed),
            bodies: bodies.len(),
            merged: ground.cells.iter().filter(|c| c.columns > 1).count() as f32 / ground.cells.len().max(1) as f32,
            weak: bodies.iter().flat_map(|b| &b.joints).filter(|j| j.1 < WEAK).count(),
        }
    }
}

/// The features of an item.
pub fn features(ground: &Ground<'_>, part: &Parts, body: &Fragment, around: Surroundings) -> Vec<f32> {
    let flag = |b: bool| f32::from(b);
    let gains = || body.joints.iter().map(|j| j.1);
    let certainty = |cells: &mut dyn Iterator<Item = usize>, class: Class| {
        cells.map(|c| ground.chances[c][class as usize]).fold((1.0_f32, 0.0_f32, 0.0_f32), |a, p| (a.0.min(p), a.1 + p, a.2 + 1.0))
    };
    let (least, sum, n) = certainty(&mut body.cells.iter().copied(), Class::Body);
    let (least_display, _, _) = certainty(&mut part.display.iter().map(|d| d.0), Class::Display);
    vec![
        gains().fold(20.0, f32::min),
        gains().filter(|g| *g < WEAK).count() as f32,
        body.joints.len() as f32,
        body.characters as f32,
        body.cells.len() as f32,
        flag(ground.opens(body.first())),
        flag(ground.closes(body.last())),
        flag(ground.ends(body.last())),
        least,
        sum / n.max(1.0),
        least_display,
        part.display.len() as f32,
        part.display.iter().filter(|d| d.1 == Role::Headline).map(|d| ground.cells[d.0].chars.len()).sum::<usize>() as f32,
        part.owned,
        flag(part.display.iter().any(|d| d.0 + 1 == body.first())),
        part.signatures.len() as f32,
        body.open as f32,
        body.unopened as f32,
        around.headless as f32,
        around.unplaced as f32,
        around.bodies as f32,
        around.merged,
        around.weak as f32,
        flag(body.cells.windows(2).all(|w| w[0] < w[1])),
        ground.cells[body.first()].columns as f32,
        ground.cells[body.first()].width - ground.cells[body.first()].measure,
    ]
}
