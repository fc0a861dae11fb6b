//! Rules, frames and pictures: what paths and images are to a reader.

use hayro_interpret::DrawMode;
use hayro_interpret::kurbo::{Affine, BezPath, PathEl, Point};

use crate::model::layout::{Area, Colour, Frame, Picture, Rule};

use super::MAX_MARKS;
use super::device::area;

/// The thickest rule in points; what is thicker is a bar, which is a frame that is filled.
const RULE_THICKNESS: f32 = 4.0;
/// The shortest rule in points; what is shorter underlines a word or is a part of a drawing.
const RULE_LENGTH: f32 = 6.0;
/// The smallest side in points of a frame or a picture.
const MARK_SIDE: f32 = 4.0;
/// How far, in points, an edge may lean and still be upright.
const LEAN: f64 = 0.5;
/// The elements of a path that are looked at.
const MAX_ELEMENTS: usize = 10_000;
/// White, which on paper is nothing.
const WHITE: Colour = [255; 3];

/// What was drawn besides glyphs.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub(super) rules: Vec<Rule>,
    pub(super) frames: Vec<Frame>,
    pub(super) pictures: Vec<Picture>,
}

impl Marks {
    /// Takes an image that covers `area` of the page, as far as it is `open` for drawing.
    pub(super) fn image(&mut self, area: Area, open: &Area) {
        if let Some(area) = area.intersection(open) {
            self.picture(area, false);
        }
    }

    /// Takes a path.
    pub(super) fn path(&mut self, path: &BezPath, transform: Affine, mode: &DrawMode, colour: Colour, open: &Area) {
        let (fills, stroke) = match mode {
            DrawMode::Fill(_) => (true, None),
            DrawMode::Stroke(stroke) => (false, Some(stroke.line_width)),
            DrawMode::FillAndStroke(_, stroke) => (true, Some(stroke.line_width)),
            DrawMode::Invisible => return,
        };
        // A line of no width is drawn as thin as the device can.
        let scale = transform.determinant().abs().sqrt() as f32;
        let thickness = stroke.map(|width| (width.abs() * scale).clamp(0.1, 100.0));
        for part in Part::of(path, transform) {
            if fills {
                self.fill(&part, colour, open);
            }
            if let Some(thickness) = thickness {
                self.stroke(&part, thickness, colour, open);
            }
        }
    }

    fn fill(&mut self, part: &Part, colour: Colour, open: &Area) {
        let Some(area) = part.bounds.intersection(open) else { return };
        if !part.is_box() {
            self.picture(area, true);
        } else if area.width().min(area.height()) <= RULE_THICKNESS {
            self.rule(area, colour);
        } else {
            self.frame(Frame { area, stroke: None, fill: Some(colour) });
        }
    }

    fn stroke(&mut self, part: &Part, thickness: f32, colour: Colour, open: &Area) {
        let Some(bounds) = part.bounds.intersection(open) else { return };
        if part.is_box() && bounds.width().min(bounds.height()) > RULE_THICKNESS {
            self.frame(Frame { area: bounds, stroke: Some(colour), fill: None });
            return;
        }
        if part.curved {
            self.picture(bounds, true);
            return;
        }
        if !part.edges.iter().any(|edge| edge.is_upright()) {
            self.picture(bounds, true);
        }
        for edge in part.edges.iter().filter(|edge| edge.is_upright()) {
            let half = thickness / 2.0;
            let line = edge.area();
            let line = if line.width() >= line.height() {
                Area { y0: line.y0 - half, y1: line.y1 + half, ..line }
            } else {
                Area { x0: line.x0 - half, x1: line.x1 + half, ..line }
            };
            if let Some(line) = line.intersection(open) {
                self.rule(line, colour);
            }
        }
    }

    fn rule(&mut self, area: Area, colour: Colour) {
        if area.width().max(area.height()) >= RULE_LENGTH && colour != WHITE && self.rules.len() < MAX_MARKS {
            self.rules.push(Rule { area, colour });
        }
    }

    fn frame(&mut self, frame: Frame) {
        if frame.area.width().min(frame.area.height()) < MARK_SIDE {
            return;
        }
        // Filled and then stroked, in one go or in two, is one frame.
        if let (Some(last), Some(_)) = (self.frames.last_mut(), frame.stroke)
            && last.stroke.is_none()
            && near(&last.area, &frame.area)
        {
            last.stroke = frame.stroke;
        } else if self.frames.len() < MAX_MARKS {
            self.frames.push(frame);
        }
    }

    fn picture(&mut self, area: Area, drawn: bool) {
        if area.width().min(area.height()) < MARK_SIDE {
            return;
        }
        // A drawing comes in many strokes, an image in strips: one that touches the last one goes on in it.
        if let Some(last) = self.pictures.last_mut()
            && last.drawn == drawn
            && goes_on(&last.area, &area, drawn)
        {
            last.area = last.area.union(&area);
        } else if self.pictures.len() < MAX_MARKS {
            self.pictures.push(Picture { area, drawn });
        }
    }
}

fn near(a: &Area, b: &Area) -> bool {
    [a.x0 - b.x0, a.y0 - b.y0, a.x1 - b.x1, a.y1 - b.y1].iter().all(|gap| gap.abs() <= 1.0)
}

/// Whether the picture `next` is a part of `last`: a stroke that touches a drawing, or a strip of an
/// image that has the same sides.
fn goes_on(last: &Area, next: &Area, drawn: bool) -> bool {
    let touches = last.overlap_x(next) >= -1.0 && last.overlap_y(next) >= -1.0;
    let same_columns = (last.x0 - next.x0).abs() <= 1.0 && (last.x1 - next.x1).abs() <= 1.0;
    let same_rows = (last.y0 - next.y0).abs() <= 1.0 && (last.y1 - next.y1).abs() <= 1.0;
    touches && (drawn || same_columns || same_rows)
}

/// A straight edge.
#[derive(Debug, Clone, Copy)]
struct Edge {
    from: Point,
    to: Point,
}

impl Edge {
    fn is_upright(&self) -> bool {
        (self.from.x - self.to.x).abs() <= LEAN || (self.from.y - self.to.y).abs() <= LEAN
    }

    fn area(&self) -> Area {
        area(hayro_interpret::kurbo::Rect::from_points(self.from, self.to))
    }
}

/// One outline of a path, on the page.
#[derive(Debug)]
struct Part {
    bounds: Area,
    edges: Vec<Edge>,
    curved: bool,
    closed: bool,
}

impl Part {
    fn of(path: &BezPath, transform: Affine) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut points: Vec<Point> = Vec::new();
        let (mut edges, mut curved, mut closed) = (Vec::new(), false, false);
        let mut end = |points: &mut Vec<Point>, edges: &mut Vec<Edge>, curved: &mut bool, closed: &mut bool| {
            let bounds = points.iter().map(|p| area(hayro_interpret::kurbo::Rect::from_points(*p, *p))).reduce(|a, b| a.union(&b));
            if let Some(bounds) = bounds.filter(|_| points.len() > 1) {
                parts.push(Self { bounds, edges: std::mem::take(edges), curved: *curved, closed: *closed });
            }
            points.clear();
            edges.clear();
            (*curved, *closed) = (false, false);
        };
        for element in path.elements().iter().take(MAX_ELEMENTS) {
            let last = points.last().copied();
            match *element {
                PathEl::MoveTo(to) => {
                    end(&mut points, &mut edges, &mut curved, &mut closed);
                    points.push(transform * to);
                }
                PathEl::LineTo(to) => {
                    let to = transform * to;
                    edges.extend(last.filter(|from| from.distance(to) > 0.01).map(|from| Edge { from, to }));
                    points.push(to);
                }
                PathEl::QuadTo(by, to) => {
                    curved = true;
                    points.extend([transform * by, transform * to]);
                }
                PathEl::CurveTo(by, over, to) => {
                    curved = true;
                    points.extend([transform * by, transform * over, transform * to]);
                }
                PathEl::ClosePath => {
                    closed = true;
                    if let (Some(from), Some(to)) = (last, points.first().copied()) {
                        edges.extend((from.distance(to) > 0.01).then_some(Edge { from, to }));
                    }
                }
            }
        }
        end(&mut points, &mut edges, &mut curved, &mut closed);
        parts
    }

    /// Whether it is an upright rectangle, its corners rounded or not: upright edges make up most of
    /// the way around, and the other edges stay in the corners.
    fn is_box(&self) -> bool {
        let upright: f32 = self.edges.iter().filter(|e| e.is_upright()).map(|e| e.area().width().max(e.area().height())).sum();
        let around = 2.0 * (self.bounds.width() + self.bounds.height());
        let on_bounds = |edge: &Edge| {
            let line = edge.area();
            let near = |a: f32, b: f32| (a - b).abs() <= LEAN as f32 * 2.0;
            let vertical = line.width() < line.height();
            if vertical {
                near(line.x0, self.bounds.x0) || near(line.x1, self.bounds.x1)
            } else {
                near(line.y0, self.bounds.y0) || near(line.y1, self.bounds.y1)
            }
        };
        let straight = self.edges.iter().filter(|edge| edge.is_upright()).all(on_bounds);
        let corners = self.curved || self.edges.iter().all(Edge::is_upright);
        let whole = if self.curved { 0.6 } else { 0.95 };
        straight && corners && upright >= whole * around && (self.closed || self.edges.len() >= 3)
    }
}
