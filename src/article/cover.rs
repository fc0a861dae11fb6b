//! Which links are made: the set of links of the greatest sum in which every fragment has at most one
//! successor and one predecessor, and none goes on in itself.

use super::seams::{Fragment, Group};

/// A link that could be made, and what it is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Link {
    /// The fragment that goes on.
    pub from: usize,
    /// The fragment it goes on in.
    pub to: usize,
    /// Log odds, less what it is worth that the one ends and the other begins there.
    pub gain: f32,
}

/// The best set of links by gain: at most one out of and into each fragment, no circle.
pub fn cover(size: usize, links: &[Link]) -> Vec<Link> {
    let mut sorted: Vec<Link> = links.iter().copied().filter(|l| l.gain > 0.0).collect();
    sorted.sort_by(|a, b| b.gain.total_cmp(&a.gain).then(a.from.cmp(&b.from)).then(a.to.cmp(&b.to)));
    let mut next: Vec<Option<Link>> = vec![None; size];
    let mut previous: Vec<Option<Link>> = vec![None; size];
    let reaches = |next: &[Option<Link>], from: usize, to: usize| {
        let mut at = from;
        loop {
            if at == to {
                return true;
            }
            match next[at] {
                Some(l) => at = l.to,
                None => return false,
            }
        }
    };
    for link in &sorted {
        if next[link.from].is_none() && previous[link.to].is_none() && !reaches(&next, link.to, link.from) {
            next[link.from] = Some(*link);
            previous[link.to] = Some(*link);
        }
    }
    improve(size, &sorted, &mut next, &mut previous);
    next.into_iter().flatten().collect()
}

/// Rounds over all links in which a better set is looked for.
const IMPROVEMENTS: usize = 4;

/// Takes in a link at the price of those it excludes, where the exchange, with the best link for what is set free, gains.
fn improve(size: usize, sorted: &[Link], next: &mut [Option<Link>], previous: &mut [Option<Link>]) {
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); size];
    let mut into: Vec<Vec<usize>> = vec![Vec::new(); size];
    for (n, link) in sorted.iter().enumerate() {
        out[link.from].push(n);
        into[link.to].push(n);
    }
    for _ in 0..IMPROVEMENTS {
        let mut changed = false;
        for link in sorted {
            if next[link.from] == Some(*link) {
                continue;
            }
            let (old_out, old_in) = (next[link.from], previous[link.to]);
            let lost = old_out.map_or(0.0, |l| l.gain) + old_in.map_or(0.0, |l| l.gain);
            // What the freed ends could take instead.
            let rescue_from = old_in.and_then(|l| {
                out[l.from]
                    .iter()
                    .map(|n| sorted[*n])
                    .find(|c| c.to != link.to && (previous[c.to].is_none() || old_out.is_some_and(|o| o.to == c.to)))
            });
            let rescue_to = old_out.and_then(|l| {
                into[l.to]
                    .iter()
                    .map(|n| sorted[*n])
                    .find(|c| c.from != link.from && (next[c.from].is_none() || old_in.is_some_and(|o| o.from == c.from)))
            });
            let (rescue_from, rescue_to) = match (rescue_from, rescue_to) {
                (Some(a), Some(b)) if a.from == b.from || a.to == b.to => {
                    if a.gain >= b.gain {
                        (Some(a), None)
                    } else {
                        (None, Some(b))
                    }
                }
                other => other,
            };
            let won = link.gain + rescue_from.map_or(0.0, |l| l.gain) + rescue_to.map_or(0.0, |l| l.gain);
            if won <= lost + 1e-4 {
                continue;
            }
            let (saved_next, saved_previous) = (next.to_vec(), previous.to_vec());
            for l in [old_out, old_in].into_iter().flatten() {
                next[l.from] = None;
                previous[l.to] = None;
            }
            let mut sum = 0.0;
            for l in [Some(*link), rescue_from, rescue_to].into_iter().flatten() {
                if next[l.from].is_none() && previous[l.to].is_none() && !circle(next, l.to, l.from) {
                    next[l.from] = Some(l);
                    previous[l.to] = Some(l);
                    sum += l.gain;
                }
            }
            if sum > lost + 1e-4 {
                changed = true;
            } else {
                next.copy_from_slice(&saved_next);
                previous.copy_from_slice(&saved_previous);
            }
        }
        if !changed {
            break;
        }
    }
}

fn circle(next: &[Option<Link>], from: usize, to: usize) -> bool {
    let mut at = from;
    loop {
        if at == to {
            return true;
        }
        match next[at] {
            Some(l) => at = l.to,
            None => return false,
        }
    }
}

/// Follows links to groups of cells in reading order; groups stand in the order of their first cell.
pub(crate) fn follow(list: &[Fragment], links: &[Link]) -> Vec<Group> {
    let mut next: Vec<Option<Link>> = vec![None; list.len()];
    let mut has_previous = vec![false; list.len()];
    for l in links {
        next[l.from] = Some(*l);
        has_previous[l.to] = true;
    }
    let mut groups = Vec::new();
    for start in (0..list.len()).filter(|i| !has_previous[*i]) {
        let mut group = Group::default();
        let mut at = Some(start);
        while let Some(here) = at {
            let base = group.cells.len();
            group.joints.extend(list[here].joints.iter().map(|(place, gain)| (place + base, *gain)));
            group.cells.extend_from_slice(&list[here].cells);
            if let Some(link) = next[here] {
                group.joints.push((group.cells.len(), link.gain));
            }
            at = next[here].map(|l| l.to);
        }
        groups.push(group);
    }
    groups
}
