//! Puts an item together: paragraphs, dateline, by-line, credit, and the lines over it.

use super::classify::Class;
use super::heads::Role;
use super::lines::Cell;
use super::marks;
use super::script::append_line;
use super::seams::Ground;
use super::weights;

/// Cells of one item, sorted into what they are.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// Body cells in reading order.
    pub body: Vec<usize>,
    /// Display cells with their roles, in stream order.
    pub display: Vec<(usize, Role)>,
    /// By-lines, credits and jump lines that stand alone.
    pub signatures: Vec<usize>,
    /// Log odds that the display lines belong to the body.
    pub owned: f32,
}

/// How a body sets its lines.
#[derive(Debug, Clone, Copy)]
struct Habits {
    /// The share of lines that are set in.
    indented: f32,
    /// The share of lines that do not fill their column.
    short: f32,
}

impl Habits {
    fn of(ground: &Ground<'_>, body: &[usize]) -> Self {
        let share = |which: fn(&Cell) -> bool| body.iter().filter(|c| which(&ground.cells[**c])).count() as f32 / body.len().max(1) as f32;
        Self { indented: share(|c| c.indent > 0.4), short: share(|c| c.width < c.measure - 1.2) }
    }

    /// Appends the features that tell whether a paragraph begins at a place of the body.
    fn paragraph_features(self, ground: &Ground<'_>, body: &[usize], at: usize, x: &mut Vec<f32>) {
        let (a, b) = (body[at - 1], body[at]);
        let slack = |n: Option<&usize>| n.map(|n| &ground.cells[*n]).map_or(-1.0, |c| c.width - c.measure);
        ground.seam_into(a, b, x);
        x.extend([
            slack(at.checked_sub(2).and_then(|n| body.get(n))),
            slack(body.get(at + 1)),
            f32::from(a + 1 == b),
            // How often in this body a line after a finished one begins at the edge or within it.
            self.indented,
            self.short,
            at as f32,
            (body.len() - at) as f32,
        ]);
    }
}

/// The features that tell whether a paragraph begins with `b`, the cell after `a` in reading order, for fitting.
pub fn paragraph_features(ground: &Ground<'_>, body: &[usize], at: usize) -> Vec<f32> {
    let mut x = Vec::new();
    Habits::of(ground, body).paragraph_features(ground, body, at, &mut x);
    x
}

/// The body as paragraphs of joined lines.
pub(crate) fn paragraphs(ground: &Ground<'_>, body: &[usize]) -> Vec<String> {
    let habits = Habits::of(ground, body);
    let seams = body.len().saturating_sub(1);
    let odds = weights::PARAGRAPH.scores(seams, |n, x| habits.paragraph_features(ground, body, n + 1, x));
    let mut out: Vec<String> = Vec::new();
    for (n, cell) in body.iter().enumerate() {
        let text: String = ground.cells[*cell].chars.iter().collect();
        match out.last_mut() {
            Some(last) if odds[n - 1] <= 0.0 => append_line(last, &text),
            _ => out.push(text),
        }
    }
    out
}

/// The features that tell a picture's caption from an article.
pub fn photo_features(ground: &Ground<'_>, parts: &Parts) -> Vec<f32> {
    photo_features_with(ground, parts, paragraphs(ground, &parts.body).len())
}

/// As [`photo_features`], for a body whose paragraphs are counted.
pub(crate) fn photo_features_with(ground: &Ground<'_>, parts: &Parts, paragraphs: usize) -> Vec<f32> {
    let text: Vec<char> = super::seams::text_of(ground.cells, &parts.body);
    let ending = marks::ending(&text);
    let flag = |b: bool| f32::from(b);
    let stops = text.iter().filter(|c| super::script::is_full_stop(**c)).count();
    let signed = parts.signatures.iter().any(|s| marks::is_credit(&ground.cells[*s].chars));
    vec![
        text.len() as f32,
        parts.body.len() as f32,
        stops as f32,
        flag(ending.as_ref().is_some_and(|e| e.picture)),
        flag(ending.is_some()),
        flag(signed),
        flag(marks::opening(&text).is_some()),
        parts.display.len() as f32,
        parts.display.iter().map(|d| ground.cells[d.0].chars.len()).sum::<usize>() as f32,
        ground.cells[parts.body[0]].measure / ground.measure,
        flag(parts.body.iter().any(|c| ground.chances[*c][Class::Signature as usize] > 0.1)),
        text.iter().filter(|c| super::script::is_ideographic(**c)).count() as f32 / text.len().max(1) as f32,
        paragraphs as f32,
        ending.as_ref().map_or(0.0, |e| e.at as f32),
        parts.display.iter().any(|d| d.1 != Role::Headline).into(),
    ]
}

/// Body, dateline, by-line and credit of joined paragraphs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) paragraphs: Vec<String>,
    pub(crate) dateline: Option<String>,
    pub(crate) byline: Vec<String>,
    pub(crate) credit: Vec<String>,
}

/// Most marks that are taken off the end of one body: a credit, a by-line, a jump line.
const MAX_ENDINGS: usize = 3;

/// Takes dateline, by-line, credit and jump line off the body.
pub(crate) fn sign(mut paragraphs: Vec<String>) -> Signed {
    let mut out = Signed::default();
    if let Some(first) = paragraphs.first_mut() {
        let chars: Vec<char> = first.chars().collect();
        if let Some(o) = marks::opening(&chars) {
            let slice = |r: std::ops::Range<usize>| chars[r].iter().collect::<String>();
            if !o.dateline.is_empty() {
                out.dateline = Some(slice(o.dateline.clone()).trim().to_owned());
            }
            if !o.byline.is_empty() {
                out.byline.extend(marks::names(&slice(o.byline)));
            }
            *first = slice(o.end..chars.len());
        }
    }
    for _ in 0..MAX_ENDINGS {
        let Some(last) = paragraphs.last_mut() else { break };
        let chars: Vec<char> = last.chars().collect();
        let whole = marks::is_jump(&chars) || ((marks::is_byline(&chars) || marks::is_credit(&chars)) && chars.len() <= 30);
        let ending = if whole && paragraphs.len() > 1 {
            marks::Ending { at: 0, picture: marks::is_credit(&chars), jump: marks::is_jump(&chars) }
        } else if let Some(e) = marks::ending(&chars) {
            e
        } else {
            break;
        };
        if ending.at == 0 && paragraphs.len() == 1 {
            break;
        }
        let text: String = chars[ending.at..].iter().collect();
        if !ending.jump {
            if ending.picture { &mut out.credit } else { &mut out.byline }.extend(marks::names(&text));
        }
        let kept: String = chars[..ending.at].iter().collect();
        if let Some(last) = paragraphs.last_mut() {
            kept.trim_end().clone_into(last);
        }
        if paragraphs.last().is_some_and(|p| p.trim().is_empty()) {
            paragraphs.pop();
        }
    }
    paragraphs.retain(|p| !p.trim().is_empty());
    out.paragraphs = paragraphs;
    out
}

/// The text of display lines of one role, joined as headlines are.
pub(crate) fn display_text(ground: &Ground<'_>, parts: &Parts, role: Role) -> Option<String> {
    let mut text = String::new();
    for (cell, _) in parts.display.iter().filter(|d| d.1 == role) {
        let next: String = ground.cells[*cell].chars.iter().collect();
        append_line(&mut text, &next);
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_freed_of_its_marks() {
        let signed = sign(vec!["本报讯（记者 田一）桥通了。".into(), "人们很高兴。（通讯员 何二 摄）".into(), "（下转第4版）".into()]);
        assert_eq!(signed.paragraphs, ["桥通了。", "人们很高兴。"]);
        assert_eq!(signed.dateline.as_deref(), Some("本报讯"));
        assert_eq!(signed.byline, ["田一"]);
        assert_eq!(signed.credit, ["何二"]);
    }

    #[test]
    fn a_body_that_is_nothing_but_a_mark_is_kept() {
        assert_eq!(sign(vec!["（记者 田一）".into()]).paragraphs.len(), 0);
        assert_eq!(sign(Vec::new()), Signed::default());
    }
}
