//! Runs to lines.

use crate::model::layout::{Area, Direction, Hyphen, Line, Rule};

use super::{Placed, parts};

/// How far, in em, baselines of one line may differ.
const BASE_EM: f32 = 0.18;
/// The widest gap, in em, within a line. Columns are further apart, spaced words closer.
const GAP_EM: f32 = 0.9;
/// How far sizes within a line may differ, as a ratio: superscripts and small capitals do, a headline
/// beside a body does more.
const SIZE_RATIO: f32 = 1.6;

/// Joins runs that stand on one baseline without a column's gap or a rule between them.
pub(super) fn join(runs: Vec<Placed>, rules: &[Rule]) -> Vec<Line> {
    let (mut across, mut down, mut turned) = (Vec::new(), Vec::new(), Vec::new());
    for placed in runs {
        match placed.direction {
            Direction::Across => across.push(placed),
            Direction::Down => down.push(placed),
            Direction::Turned => turned.push(placed),
        }
    }
    let upright: Vec<&Rule> = rules.iter().filter(|rule| !rule.is_horizontal()).collect();
    let level: Vec<&Rule> = rules.iter().filter(|rule| rule.is_horizontal()).collect();
    let mut lines = rows(across, &upright);
    lines.extend(rows(down, &level));
    lines.extend(turned.into_iter().map(|placed| line(vec![placed])));
    lines
}

/// Where a run begins and ends along its line.
fn along(placed: &Placed) -> (f32, f32) {
    let area = &placed.run.area;
    if placed.direction == Direction::Down { (area.y0, area.y1) } else { (area.x0, area.x1) }
}

fn rows(mut runs: Vec<Placed>, rules: &[&Rule]) -> Vec<Line> {
    runs.sort_by(|a, b| a.base.total_cmp(&b.base));
    let mut lines = Vec::new();
    let mut row: Vec<Placed> = Vec::new();
    for placed in runs {
        let belongs = row.first().is_some_and(|first| placed.base - first.base <= BASE_EM * first.run.size.min(placed.run.size));
        if !belongs {
            divide(std::mem::take(&mut row), rules, &mut lines);
        }
        row.push(placed);
    }
    divide(row, rules, &mut lines);
    lines
}

/// Divides the runs of one baseline at gaps and rules.
fn divide(mut row: Vec<Placed>, rules: &[&Rule], lines: &mut Vec<Line>) {
    row.sort_by(|a, b| along(a).0.total_cmp(&along(b).0));
    let mut open: Vec<Placed> = Vec::new();
    let mut end = f32::NEG_INFINITY;
    for placed in row {
        if let Some(last) = open.last() {
            let (a, b) = (last.run.size, placed.run.size);
            let gap = along(&placed).0 - end;
            let crossed = gap > 0.0 && rules.iter().any(|rule| parts(rule, &last.run.area, &placed.run.area));
            if gap > GAP_EM * a.min(b) || a.max(b) > SIZE_RATIO * a.min(b) || crossed {
                lines.push(line(std::mem::take(&mut open)));
                end = f32::NEG_INFINITY;
            }
        }
        end = end.max(along(&placed).1);
        open.push(placed);
    }
    if !open.is_empty() {
        lines.push(line(open));
    }
}

fn line(runs: Vec<Placed>) -> Line {
    let area = runs.iter().map(|placed| placed.run.area).reduce(|a, b| a.union(&b)).unwrap_or_default();
    // The base of most of its characters: a superscript has one of its own.
    let longest = runs.iter().max_by_key(|placed| placed.run.text.len());
    let (base, direction) = longest.map_or((area.y1, Direction::Across), |placed| (placed.base, placed.direction));
    let soft = runs.last().is_some_and(|placed| placed.run.text.ends_with('\u{ad}'));
    let runs = runs.into_iter().map(|placed| placed.run).collect();
    Line { area, base, direction, runs, hyphen: if soft { Hyphen::Soft } else { Hyphen::None } }
}

/// The size most of a line's characters are set in.
pub(super) fn size(line: &Line) -> f32 {
    line.runs.iter().max_by_key(|run| run.text.len()).map_or(0.0, |run| run.size)
}

/// A line's area as if it ran across: of a line that runs down, x and y change places, and the first
/// line is the one that stands furthest right.
pub(super) fn levelled(line: &Line) -> Area {
    let a = line.area;
    if line.direction == Direction::Down { Area { x0: a.y0, x1: a.y1, y0: -a.x1, y1: -a.x0 } } else { a }
}
