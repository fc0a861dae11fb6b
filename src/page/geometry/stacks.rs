//! Vertical lines that were set with a horizontal font, one character under another.

use crate::model::layout::Direction;

use super::Placed;

/// Characters of the shortest stack.
const SHORTEST: usize = 3;
/// How far, in em, the characters of a stack may be off its middle.
const ASIDE_EM: f32 = 0.2;
/// From the top of one character to the top of the next, in em.
const STEP_EM: std::ops::RangeInclusive<f32> = 0.85..=1.5;
/// What stands nearer than this at a character's side, in em, is the next one of a horizontal line.
const SIDE_EM: f32 = 0.25;

/// Runs of one wide character each that stand in a stack become runs of lines that run down.
pub(super) fn stand_up(mut runs: Vec<Placed>) -> Vec<Placed> {
    let mut single: Vec<usize> = (0..runs.len()).filter(|i| is_candidate(&runs[*i])).collect();
    if single.len() < SHORTEST {
        return runs;
    }
    let alone: Vec<bool> = {
        let rows = Rows::of(&runs);
        (0..runs.len()).map(|i| is_candidate(&runs[i]) && !rows.has_neighbour(&runs, i)).collect()
    };
    single.retain(|i| alone[*i]);
    // By middle in x, then from top to bottom: a stack lies together but for what stands beside it.
    let middle = |placed: &Placed| (placed.run.area.x0 + placed.run.area.x1) / 2.0;
    single.sort_by(|a, b| runs[*a].run.area.y0.total_cmp(&runs[*b].run.area.y0));
    let mut stacks: Vec<Vec<usize>> = Vec::new();
    // The stacks that the next character can still go on in, for those above its reach are done.
    let mut open: Vec<usize> = Vec::new();
    for i in single {
        let here = &runs[i];
        let size = here.run.size;
        let foot = |stack: &Vec<usize>| stack.last().map(|last| &runs[*last]);
        open.retain(|s| {
            foot(&stacks[*s]).is_some_and(|last| here.run.area.y0 - last.run.area.y0 <= *STEP_EM.end() * last.run.size.max(size))
        });
        let fits = |s: &&usize| {
            foot(&stacks[**s]).is_some_and(|last| {
                (middle(last) - middle(here)).abs() <= ASIDE_EM * size
                    && (last.run.size - size).abs() <= 0.06 * size
                    && STEP_EM.contains(&((here.run.area.y0 - last.run.area.y0) / size))
            })
        };
        match open.iter().find(fits).copied() {
            Some(s) => stacks[s].push(i),
            None => {
                open.push(stacks.len());
                stacks.push(vec![i]);
            }
        }
    }
    for stack in stacks.iter().filter(|stack| stack.len() >= SHORTEST) {
        for i in stack {
            let base = middle(&runs[*i]);
            let placed = &mut runs[*i];
            placed.direction = Direction::Down;
            placed.base = base;
        }
    }
    runs
}

fn is_candidate(placed: &Placed) -> bool {
    let run = &placed.run;
    placed.direction == Direction::Across && run.text.chars().nth(1).is_none() && run.area.width() >= 0.8 * run.size
}

/// Runs by rows of one point, to find what stands beside one.
struct Rows {
    by_row: std::collections::HashMap<i32, Vec<u32>>,
}

/// Rows of one run at most: a run of more than this height has few neighbours that matter.
const MAX_ROWS: i32 = 400;

impl Rows {
    fn of(runs: &[Placed]) -> Self {
        let mut by_row: std::collections::HashMap<i32, Vec<u32>> = std::collections::HashMap::new();
        for (i, placed) in runs.iter().enumerate().filter(|(_, placed)| placed.direction == Direction::Across) {
            by_row.entry(Self::row(placed)).or_default().push(i as u32);
        }
        // From left to right, so that a neighbour is found by halving.
        for row in by_row.values_mut() {
            row.sort_by(|a, b| runs[*a as usize].run.area.x0.total_cmp(&runs[*b as usize].run.area.x0));
        }
        Self { by_row }
    }

    /// A row is told by the baseline.
    fn row(placed: &Placed) -> i32 {
        placed.base.floor() as i32
    }

    /// Whether another run stands close at a side of run `i`, on a baseline that differs by less than
    /// half its size.
    fn has_neighbour(&self, runs: &[Placed], i: usize) -> bool {
        let here = &runs[i];
        let reach = SIDE_EM * here.run.size;
        let span = ((here.run.size * 0.5).ceil() as i32).min(MAX_ROWS);
        let row = Self::row(here);
        (row.saturating_sub(span)..=row.saturating_add(span)).filter_map(|r| self.by_row.get(&r)).any(|row| {
            // The last one that begins left of this one's right side and reach.
            let end = row.partition_point(|j| runs[*j as usize].run.area.x0 <= here.run.area.x1 + reach);
            row[..end].iter().rev().take(4).any(|j| {
                let other = &runs[*j as usize].run.area;
                *j as usize != i && other.x1 >= here.run.area.x0 - reach && other.overlap_y(&here.run.area) > 0.3 * here.run.size
            })
        })
    }
}
