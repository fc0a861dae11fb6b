//! A page drawn with its cut: the text where it stands, over it the pieces of each item in one colour,
//! joined in the order in which they are read. It is SVG, so that any browser shows it.

use std::fmt::Write as _;

use crate::model::layout::{Area, Direction, Layout, Line, Run};

use super::placed::{Part, Placed};

/// Colours of items that stand side by side; they come again when they are used up.
const COLOURS: &[&str] = &["#c62828", "#1565c0", "#2e7d32", "#6a1b9a", "#ef6c00", "#00838f", "#ad1457", "#558b2f", "#4527a0", "#795548"];
/// The colour of what is no news.
const ASIDE: &str = "#757575";
/// The side of the numbers, as a share of the page's width.
const MARK_SHARE: f32 = 1.0 / 70.0;

/// The page with its items.
pub(super) fn overlay(layout: &Layout, items: &[Placed]) -> String {
    let mut out = String::new();
    let (width, height) = (layout.width, layout.height);
    let _ = writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1} {height:.1}" width="{width:.0}" height="{height:.0}" font-family="serif">"#
    );
    let _ = writeln!(out, r##"<rect width="{width:.1}" height="{height:.1}" fill="#fff" stroke="#000"/>"##);
    for frame in &layout.frames {
        rectangle(&mut out, &frame.area, r##"fill="none" stroke="#bbb""##);
    }
    for picture in &layout.pictures {
        rectangle(&mut out, &picture.area, r##"fill="#eee" stroke="#ccc""##);
    }
    for rule in &layout.rules {
        rectangle(&mut out, &rule.area, r##"fill="#999""##);
    }
    let _ = writeln!(out, r##"<g fill="#555">"##);
    layout.lines().for_each(|line| text(&mut out, line));
    out.push_str("</g>\n");
    let mark = width * MARK_SHARE;
    let mut news = 0;
    for (n, item) in items.iter().enumerate() {
        let colour = if item.article.kind.is_news() {
            news += 1;
            COLOURS[(news - 1) % COLOURS.len()]
        } else {
            ASIDE
        };
        story(&mut out, item, n + 1, colour, mark);
    }
    out.push_str("</svg>\n");
    out
}

fn rectangle(out: &mut String, area: &Area, look: &str) {
    let Area { x0, y0, .. } = area;
    let _ = writeln!(out, r#"<rect x="{x0:.1}" y="{y0:.1}" width="{:.1}" height="{:.1}" {look}/>"#, area.width(), area.height());
}

/// A line's runs, each stretched to the length that it has in print whatever font shows it.
fn text(out: &mut String, line: &Line) {
    for run in &line.runs {
        let (size, x, y) = match line.direction {
            Direction::Turned => continue,
            Direction::Across => (size_of(run, line), run.area.x0, line.base),
            Direction::Down => (size_of(run, line), run.area.x0, run.area.y0 + 0.88 * size_of(run, line)),
        };
        if line.direction == Direction::Down {
            let step = run.area.height() / run.text.chars().count().max(1) as f32;
            for (n, character) in run.text.chars().enumerate() {
                let y = y + run.offsets.get(n).copied().unwrap_or(step * n as f32);
                let _ = writeln!(out, r#"<text x="{x:.1}" y="{y:.1}" font-size="{size:.1}">{}</text>"#, escaped(&character.to_string()));
            }
        } else {
            let length = run.area.width();
            let _ = writeln!(
                out,
                r#"<text x="{x:.1}" y="{y:.1}" font-size="{size:.1}" textLength="{length:.1}" lengthAdjust="spacingAndGlyphs">{}</text>"#,
                escaped(&run.text)
            );
        }
    }
}

fn size_of(run: &Run, line: &Line) -> f32 {
    if run.size > 0.0 && run.size <= 1.6 * line.area.height() { run.size } else { 0.8 * line.area.height() }
}

/// The pieces of one item, numbered and joined.
fn story(out: &mut String, item: &Placed, number: usize, colour: &str, mark: f32) {
    let article = &item.article;
    let title = format!("{number}: {} {}, sure to {:.0} %", article.kind, article.title(), article.confidence * 100.0);
    let _ = writeln!(out, r#"<g stroke="{colour}" fill="{colour}"><title>{}</title>"#, escaped(&title));
    let middle = |area: &Area| ((area.x0 + area.x1) / 2.0, (area.y0 + area.y1) / 2.0);
    let way: Vec<String> = item.pieces.iter().map(|piece| middle(&piece.area)).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    if way.len() > 1 {
        let thickness = mark / 8.0;
        let _ = writeln!(out, r#"<polyline points="{}" fill="none" stroke-width="{thickness:.1}" stroke-opacity="0.6"/>"#, way.join(" "));
    }
    for (n, piece) in item.pieces.iter().enumerate() {
        let opacity = if piece.part == Part::Body { 0.12 } else { 0.3 };
        rectangle(out, &piece.area, &format!(r#"fill-opacity="{opacity}""#));
        let _ = writeln!(
            out,
            r##"<text x="{:.1}" y="{:.1}" font-size="{mark:.1}" font-family="sans-serif" paint-order="stroke" stroke="#fff" stroke-width="{:.1}">{number}.{}</text>"##,
            piece.area.x0,
            piece.area.y0 + 0.9 * mark,
            mark / 5.0,
            n + 1
        );
    }
    out.push_str("</g>\n");
}

/// `text` between tags; what XML forbids has been filtered when the page was read.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
