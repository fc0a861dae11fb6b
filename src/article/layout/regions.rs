//! What is cut for itself: the inside of each frame, and text that runs down.

use crate::model::layout::{Area, Layout};

use super::sheet::{HEAD_SIZE, Row, Sheet, inside, turned};

/// From how many rows that run down in the size of the body on they are a body.
const VERTICAL_ROWS: usize = 6;
/// How far from a vertical body, in its size, rows that run down still belong to it.
const VERTICAL_REACH: f32 = 4.0;

/// A part of a page that is cut for itself.
#[derive(Debug, Clone)]
pub(super) struct Region {
    pub(super) sheet: Sheet,
    /// Whether a frame or a tint sets it apart.
    pub(super) framed: bool,
    /// Of text that runs down, which is cut as if it ran across: the page's width, about which it was
    /// turned.
    pub(super) turned: Option<f32>,
}

/// The parts of a page, what is left of the page itself first.
pub(super) fn regions(layout: &Layout) -> Vec<Region> {
    let mut page = Sheet::of(layout);
    let frames = std::mem::take(&mut page.frames);
    let mut found = Vec::new();
    // From the smallest to the largest: what a frame within a frame holds is the inner one's.
    for frame in &frames {
        let (inner, outer): (Vec<Row>, Vec<Row>) = std::mem::take(&mut page.rows).into_iter().partition(|row| inside(&row.area, frame));
        page.rows = outer;
        let within = |list: &[Area]| list.iter().filter(|area| inside(area, frame)).copied().collect::<Vec<_>>();
        let mut sheet = Sheet {
            rows: inner,
            level: within(&page.level),
            upright: within(&page.upright),
            pictures: within(&page.pictures),
            obstacles: within(&page.obstacles),
            body: page.body,
            ..Sheet::default()
        };
        page.obstacles.retain(|area| !inside(area, frame));
        page.pictures.retain(|area| !inside(area, frame));
        page.obstacles.push(*frame);
        if !sheet.rows.is_empty() {
            sheet.measure();
            found.push(Region { sheet, framed: true, turned: None });
        }
    }
    page.measure();
    found.push(Region { sheet: page, framed: false, turned: None });
    found.reverse();
    found.into_iter().flat_map(|region| stand_across(region, layout.width)).collect()
}

/// Takes a body that runs down, with the headlines by it, out of a region, as if it ran across.
fn stand_across(mut region: Region, width: f32) -> Vec<Region> {
    let sheet = &mut region.sheet;
    let bodies: Vec<Area> = sheet.rows.iter().filter(|row| row.down && row.size < HEAD_SIZE * sheet.body).map(|row| row.area).collect();
    let Some(area) = bodies.iter().copied().reduce(|a, b| a.union(&b)).filter(|_| bodies.len() >= VERTICAL_ROWS) else {
        return vec![region];
    };
    let reach = VERTICAL_REACH * sheet.body;
    let near = Area { x0: area.x0 - reach, x1: area.x1 + reach, y0: area.y0 - reach, y1: area.y1 + reach };
    // A character that stands alone in such a column, as a digit does, is a part of it.
    let narrow = 1.2 * sheet.body;
    let (mut down, across): (Vec<Row>, Vec<Row>) = std::mem::take(&mut sheet.rows).into_iter().partition(|row| {
        inside(&row.area, &near) && (row.down || (inside(&row.area, &area) && row.area.width() <= narrow && row.text.chars().count() <= 2))
    });
    for row in down.iter_mut().filter(|row| !row.down) {
        row.down = true;
        row.base = (row.area.x0 + row.area.x1) / 2.0;
    }
    sheet.rows = across;
    let list = |areas: &[Area]| areas.iter().filter(|a| inside(a, &near)).map(|a| turned(a, width)).collect::<Vec<_>>();
    let mut other = Sheet {
        rows: down.into_iter().map(|row| row.turned(width)).collect(),
        level: list(&sheet.upright),
        upright: list(&sheet.level),
        pictures: list(&sheet.pictures),
        obstacles: list(&sheet.obstacles),
        ..Sheet::default()
    };
    other.measure();
    sheet.obstacles.push(area);
    let framed = region.framed;
    vec![region, Region { sheet: other, framed, turned: Some(width) }]
}
