//! Blocks in an order in which columns are read: the page is cut along white space again and again,
//! across where something spans it, else between columns.

use crate::model::layout::{Area, Direction, TextBlock};

/// The narrowest white space between columns, in points.
const GUTTER: f32 = 4.0;
/// Cuts within cuts at most; a page has fewer than ten.
const MAX_DEPTH: usize = 40;

/// Sorts blocks: columns from left to right, of vertical text from right to left, each from top to
/// bottom.
pub(super) fn sort(blocks: Vec<TextBlock>) -> Vec<TextBlock> {
    let areas: Vec<Area> = blocks.iter().map(|block| block.area).collect();
    let down: Vec<bool> = blocks.iter().map(|b| b.lines.first().is_some_and(|l| l.direction == Direction::Down)).collect();
    let mut order = Vec::with_capacity(blocks.len());
    cut((0..blocks.len()).collect(), &areas, &down, 0, &mut order);
    let mut blocks: Vec<Option<TextBlock>> = blocks.into_iter().map(Some).collect();
    order.into_iter().filter_map(|index| blocks.get_mut(index).and_then(Option::take)).collect()
}

fn cut(mut these: Vec<usize>, areas: &[Area], down: &[bool], depth: usize, order: &mut Vec<usize>) {
    if these.len() > 1 && depth < MAX_DEPTH {
        let columns = parts(&these, |i| (areas[i].x0, areas[i].x1), GUTTER);
        let rows = parts(&these, |i| (areas[i].y0, areas[i].y1), 0.0);
        // Where both ways are open, columns that are wide open lead on; a row that spans them all
        // would have closed the way between them.
        let mut pieces = if columns.len() > 1 { columns } else { rows };
        if pieces.len() > 1 {
            let vertical = these.iter().filter(|i| down[**i]).map(|i| areas[*i].height() * areas[*i].width()).sum::<f32>();
            let all = these.iter().map(|i| areas[*i].height() * areas[*i].width()).sum::<f32>();
            let by_columns = these.len() > 1 && parts(&these, |i| (areas[i].x0, areas[i].x1), GUTTER).len() > 1;
            if by_columns && vertical > 0.5 * all {
                pieces.reverse();
            }
            for piece in pieces {
                cut(piece, areas, down, depth + 1, order);
            }
            return;
        }
    }
    these.sort_by(|a, b| areas[*a].y0.total_cmp(&areas[*b].y0).then(areas[*a].x0.total_cmp(&areas[*b].x0)));
    order.extend(these);
}

/// The groups that stand apart from each other along one axis, in its order.
fn parts(these: &[usize], extent: impl Fn(usize) -> (f32, f32), gap: f32) -> Vec<Vec<usize>> {
    let mut sorted = these.to_vec();
    sorted.sort_by(|a, b| extent(*a).0.total_cmp(&extent(*b).0));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut end = f32::NEG_INFINITY;
    for index in sorted {
        let (from, to) = extent(index);
        // Lines overlap a little where ascent and descent meet.
        let apart = from >= end + gap.max(0.0) || (gap <= 0.0 && from > end - 1.0);
        match groups.last_mut() {
            Some(group) if !apart => group.push(index),
            _ => groups.push(vec![index]),
        }
        end = end.max(to);
    }
    groups
}
