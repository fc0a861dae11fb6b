//! What is seen of bodies once headlines stand over them: which of them are no news, and which two
//! are one.
//!
//! Lines are joined before anything is known of headlines. Afterwards a body without a headline, a
//! dateline and an end right behind one that has them is seen for what it mostly is, its next
//! column; and a few lines that nothing speaks for, between advertisements, for more of these.

use super::classify::Class;
use super::compose::{self, Parts};
use super::cover::{self, Link};
use super::marks;
use super::script::{balance, is_ideographic};
use super::seams::Group;
use super::seams::{Fragment, Ground, fragments};
use super::succession::rarity;
use super::weights;
use super::windows::Windows;

/// Bodies before and behind a body, in the stream, that it may go on in.
const BEHIND: usize = 3;
const AHEAD: usize = 8;

/// The classes that are no news.
const NO_NEWS: [Class; 3] = [Class::Notice, Class::Weather, Class::Folio];

fn flag(b: bool) -> f32 {
    f32::from(b)
}

/// The log odds from which on a line is shed: to lose one costs the whole body, to keep one too, and
/// most lines at edges are where they belong.
const SURELY: f32 = 1.0;

/// Lines that a body may shed at each of its edges.
const MOST_SHED: usize = 4;

/// How many pairs of a line's characters other lines hold, and how rare these are together, in nats.
fn told_by<'a>(ground: &Ground<'_>, line: usize, lines: impl Iterator<Item = &'a usize>) -> (f32, f32) {
    let mut untold: Vec<[char; 2]> = ground.cells[line].chars.array_windows().copied().collect();
    let (mut told, mut rare) = (0.0, 0.0);
    // A line is short and a body long: what is left of the line is sought, and no table of the body made.
    for pair in lines.flat_map(|c| ground.cells[*c].chars.array_windows::<2>()) {
        if untold.contains(pair) {
            let before = untold.len();
            untold.retain(|left| left != pair);
            let times = (before - untold.len()) as f32;
            told += times;
            if is_ideographic(pair[0]) && is_ideographic(pair[1]) {
                rare += times * rarity(pair[0], pair[1]);
            }
        }
    }
    (told, rare)
}

/// The features that tell whether the line at a body's edge, its first (`start`) or its last, is none
/// of it: a headline that looked like running text, a signature, the title of an advertisement. Of a
/// body with one line there is nothing to tell.
pub fn edge_line_features(ground: &Ground<'_>, cells: &[usize], start: bool) -> Option<Vec<f32>> {
    let (edge, inner) = if start { (*cells.first()?, *cells.get(1)?) } else { (*cells.last()?, *cells.get(cells.len().checked_sub(2)?)?) };
    let (cell, next) = (&ground.cells[edge], &ground.cells[inner]);
    let mut x = if start { ground.seam(edge, inner) } else { ground.seam(inner, edge) };
    x.push(flag(start));
    x.extend(ground.chances[edge]);
    x.extend(ground.chances[inner]);
    // A headline tells what its body tells; a line of the body tells what comes next.
    let (told, rare) = told_by(ground, edge, cells.iter().filter(|c| **c != edge));
    let outer = if start { edge.checked_sub(1) } else { Some(edge + 1).filter(|c| *c < ground.cells.len()) };
    x.extend([
        told / cell.chars.len().max(1) as f32,
        told,
        rare / cell.chars.len().max(1) as f32,
        rare,
        cells.len() as f32,
        cell.width / cell.measure,
        next.width / next.measure,
        cell.width - next.width,
        next.indent,
        flag(ground.opens(edge)),
        flag(ground.opens(inner)),
        flag(ground.begins(inner).0),
        flag(ground.ends(edge)),
        flag(ground.ends(inner)),
        flag(cell.twin),
        cell.chars.iter().filter(|c| super::script::is_pause(**c)).count() as f32,
        flag(cell.block == next.block),
        outer.map_or(-1.0, |c| flag(ground.cells[c].block == cell.block)),
        outer.map_or(-1.0, |c| ground.chances[c][Class::Display as usize]),
        outer.map_or(-1.0, |c| ground.chances[c][Class::Notice as usize]),
    ]);
    // The last words of a headline that was broken over lines look like running text, and read on from it.
    let (before, behind) = if start { (outer, Some(edge)) } else { (Some(edge), outer) };
    x.extend(match before.zip(behind) {
        Some((a, b)) => {
            let (a, b) = (&ground.cells[a], &ground.cells[b]);
            let open = |c: &[char]| balance(c).1 as f32;
            let unopened = |c: &[char]| balance(c).0 as f32;
            [a.ends.succession(&b.ends), open(&a.chars), unopened(&b.chars), a.width - b.width, flag(a.twin) - flag(b.twin)]
        }
        None => [-30.0, 0.0, 0.0, 0.0, 0.0],
    });
    x.push(outer.map_or(-1.0, |c| flag(ground.classes[c] == Class::Display)));
    Some(x)
}

/// Lines that a body may take in at each of its edges.
const MOST_TAKEN: usize = 3;

/// The line of the page right before a body's first line (`start`) or right behind its last one, if it
/// stands in no body.
pub fn beside_edge(ground: &Ground<'_>, placed: &[bool], cells: &[usize], start: bool) -> Option<usize> {
    let cell = if start { cells.first()?.checked_sub(1)? } else { cells.last()? + 1 };
    let free = cell < ground.cells.len() && !placed[cell] && ground.cells[cell].repeats.is_none();
    free.then_some(cell)
}

/// Gives bodies back the lines at their edges that looked like something else: a first line that sets
/// the scene without a full stop, a last one of two words.
pub(super) fn take_in(ground: &mut Ground<'_>, mut bodies: Vec<Fragment>) -> Vec<Fragment> {
    let mut placed = vec![false; ground.cells.len()];
    bodies.iter().flat_map(|b| &b.cells).for_each(|c| placed[*c] = true);
    for body in &mut bodies {
        for start in [true, false] {
            for _ in 0..MOST_TAKEN {
                let Some(cell) = beside_edge(ground, &placed, &body.cells, start) else { break };
                let mut cells = body.cells.clone();
                cells.insert(if start { 0 } else { cells.len() }, cell);
                if edge_line_features(ground, &cells, start).is_none_or(|x| weights::TAKE.score(&x) <= 0.0) {
                    break;
                }
                placed[cell] = true;
                ground.reclass(cell, true);
                if start {
                    body.joints.iter_mut().for_each(|j| j.0 += 1);
                }
                body.cells = cells;
            }
        }
    }
    let groups = bodies.into_iter().map(|b| Group { cells: b.cells, joints: b.joints }).collect();
    fragments(ground, groups)
}

/// Takes off the edges of bodies what is none of them.
pub(super) fn shed(ground: &mut Ground<'_>, bodies: Vec<Fragment>) -> Vec<Fragment> {
    let mut groups: Vec<Group> = Vec::new();
    for body in bodies {
        let (mut from, mut to) = (0, body.cells.len());
        for start in [true, false] {
            for _ in 0..MOST_SHED {
                let odds = edge_line_features(ground, &body.cells[from..to], start).map_or(-1.0, |x| weights::SHED.score(&x));
                if odds <= SURELY {
                    break;
                }
                let edge = if start { body.cells[from] } else { body.cells[to - 1] };
                ground.reclass(edge, false);
                if start { from += 1 } else { to -= 1 }
            }
        }
        let joints = body.joints.iter().filter(|j| j.0 > from && j.0 < to).map(|j| (j.0 - from, j.1)).collect();
        groups.push(Group { cells: body.cells[from..to].to_vec(), joints });
    }
    fragments(ground, groups)
}

/// The features that tell whether a body is news.
pub fn news_features(ground: &Ground<'_>, part: &Parts, body: &Fragment, bodies: usize) -> Vec<f32> {
    let n = body.cells.len().max(1) as f32;
    let mut mean = [0.0_f32; Class::COUNT];
    let mut words = [0.0_f32; 4];
    let (mut number, mut digits, mut characters, mut least, mut short) = (0.0_f32, 0.0, 0.0_f32, 1.0_f32, 0.0);
    for c in &body.cells {
        let cell = &ground.cells[*c];
        mean.iter_mut().zip(&ground.chances[*c]).for_each(|(m, p)| *m += p / n);
        words.iter_mut().zip(marks::vocabulary(&cell.chars)).for_each(|(w, v)| *w += v);
        number = number.max(marks::longest_number(&cell.chars));
        digits += cell.chars.iter().filter(|c| c.is_ascii_digit()).count() as f32;
        characters += cell.chars.len() as f32;
        least = least.min(ground.chances[*c][Class::Body as usize]);
        short += flag(cell.width < cell.measure - 3.0) / n;
    }
    let mut x = vec![n, characters, digits / characters.max(1.0), number, least, short, bodies as f32];
    x.extend(mean);
    x.extend(words);
    for c in [body.first(), body.last()] {
        x.extend(ground.chances[c]);
        x.push(ground.cells[c].width / ground.cells[c].measure);
    }
    let beside = |cell: Option<usize>, x: &mut Vec<f32>| match cell.filter(|c| *c < ground.cells.len()) {
        Some(c) => {
            x.extend(ground.chances[c]);
            x.push(flag(ground.cells[c].block == ground.cells[body.first()].block));
            x.push(flag(NO_NEWS.contains(&ground.classes[c])));
        }
        None => x.extend([-1.0; Class::COUNT + 2]),
    };
    for step in 1..=2 {
        beside(body.first().checked_sub(step), &mut x);
        beside(Some(body.last() + step), &mut x);
    }
    x.extend([
        flag(ground.opens(body.first())),
        flag(ground.closes(body.last())),
        flag(ground.ends(body.last())),
        part.display.len() as f32,
        part.owned,
        part.signatures.len() as f32,
        ground.cells[body.first()].measure - ground.measure,
        body.first() as f32 / ground.cells.len() as f32,
    ]);
    let head = part.display.first().map(|d| d.0);
    x.extend(head.map_or([-1.0; 4], |h| {
        let signs = marks::vocabulary(&ground.cells[h].chars);
        [ground.chances[h][Class::Display as usize], ground.chances[h][Class::Notice as usize], signs[0], signs[1]]
    }));
    x
}

/// The pairs of bodies of which the second may be the rest of the first.
pub fn merge_candidates(ground: &Ground<'_>, bodies: &[Fragment]) -> Vec<(usize, usize)> {
    let row = |c: usize| (ground.cells[c].block, ground.cells[c].row);
    (0..bodies.len())
        .flat_map(|a| (a.saturating_sub(BEHIND)..(a + AHEAD + 1).min(bodies.len())).map(move |b| (a, b)))
        .filter(|(a, b)| a != b && row(bodies[*a].last()) != row(bodies[*b].first()))
        .collect()
}

/// The features that tell whether body `b` is the rest of body `a`.
pub fn merge_features(ground: &Ground<'_>, bodies: &[Fragment], parts: &[Parts], windows: &Windows, a: usize, b: usize) -> Vec<f32> {
    let (x, y) = (&bodies[a], &bodies[b]);
    let mut f = ground.seam(x.last(), y.first());
    f.extend(windows.seam(a, b));
    let bare = parts.iter().filter(|p| p.display.is_empty()).count();
    f.extend([windows.likeness_as_a_whole(a, b), b as f32 - a as f32, bodies.len() as f32, bare as f32, bare as f32 / bodies.len() as f32]);
    for (part, body) in [(&parts[a], x), (&parts[b], y)] {
        let above = body.first().checked_sub(1).is_some_and(|c| part.display.iter().any(|d| d.0 == c));
        f.extend([
            (body.characters as f32).ln_1p(),
            body.cells.len() as f32,
            flag(ground.opens(body.first())),
            flag(ground.closes(body.last())),
            flag(ground.ends(body.last())),
            part.display.len() as f32,
            part.owned,
            part.signatures.len() as f32,
            flag(above),
            body.open as f32,
            body.unopened as f32,
            ground.cells[body.first()].measure,
        ]);
    }
    // Whose lines stand between the two.
    let (low, high) = (x.last().min(y.first()), x.last().max(y.first()));
    for part in [&parts[a], &parts[b]] {
        f.push(part.display.iter().filter(|d| (low..=high).contains(&d.0)).count() as f32);
    }
    f.push((low + 1..high).filter(|c| ground.classes[*c] == Class::Display).count() as f32);
    f
}

/// Lines of a body up to which a line of contact tells that all of it advertises or announces.
const SHORT: usize = 4;

/// Whether a short body has a line that tells where to go or whom to call, as no article of its
/// length does.
fn tells_whom_to_call(ground: &Ground<'_>, body: &Fragment) -> bool {
    body.cells.len() <= SHORT && body.cells.iter().any(|c| marks::is_contact(&ground.cells[*c].chars))
}

/// Keeps the bodies that are news; the lines of the others become what they look like most.
pub(super) fn news(ground: &mut Ground<'_>, bodies: Vec<Fragment>, parts: &[Parts]) -> Vec<Fragment> {
    let count = bodies.len();
    let asked: Vec<Vec<f32>> = bodies.iter().zip(parts).map(|(b, p)| news_features(ground, p, b, count)).collect();
    // What opens with a dateline, or ends with who took the picture, is news, whatever stands around it.
    let credited = |part: &Parts| part.signatures.iter().any(|s| ground.cells[*s].signs.credit);
    let is_news = |body: &Fragment, part: &Parts, x: &[f32]| {
        ground.opens(body.first()) || ((weights::NEWS.score(x) > 0.0 || credited(part)) && !tells_whom_to_call(ground, body))
    };
    let (kept, others): (Vec<_>, Vec<_>) =
        bodies.into_iter().zip(parts.iter().zip(asked)).partition(|(body, (part, x))| is_news(body, part, x));
    for (body, _) in others {
        for c in body.cells {
            ground.set_aside(c, &NO_NEWS);
        }
    }
    kept.into_iter().map(|(body, _)| body).collect()
}

/// The chance of being a display line from which on the line right above a body without a headline is
/// taken for one.
const CROWN: f32 = 0.1;

/// The share of a line's pairs of characters, told again in the first lines of the body under it, from
/// which on it is its headline: what a folio says, no article repeats.
const TOLD: f32 = 0.5;
/// Lines of a body that are its lead.
const LEAD: usize = 8;

/// Takes the line right above a body that opens with a dateline, and has nothing over it, for its
/// headline, whatever else it looks like. Tells whether there was one.
pub(super) fn crown(ground: &mut Ground<'_>, bodies: &[Fragment], parts: &[Parts]) -> bool {
    let mut found = false;
    for (body, part) in bodies.iter().zip(parts) {
        let Some(above) = body.first().checked_sub(1) else { continue };
        let taken = matches!(ground.classes[above], Class::Body | Class::Display) || ground.ends(above);
        let pairs = ground.cells[above].chars.len().saturating_sub(1).max(1) as f32;
        let told = || told_by(ground, above, body.cells.iter().take(LEAD)).0 / pairs;
        let looks = ground.chances[above][Class::Display as usize] >= CROWN || told() >= TOLD;
        if part.display.is_empty() && ground.opens(body.first()) && !taken && looks {
            ground.set_aside(above, &[Class::Display]);
            found = true;
        }
    }
    found
}

/// Cells of a body up to which, with nothing over it and nothing that makes it a caption, it is a scrap.
const SCRAP: usize = 2;

/// Takes scraps from among the bodies: a line or two that no body took in, over which nothing stands. A
/// reader gets nothing from them as articles; they stay on the page as lines without a place, and beside an
/// advertisement or a notice they are its slogan, whole sentence or not. Tells besides whether lines over
/// the other bodies are to be sought anew.
pub(super) fn without_scraps(ground: &mut Ground<'_>, bodies: Vec<Fragment>, parts: Vec<Parts>) -> (Vec<Fragment>, Vec<Parts>, bool) {
    let is_bare = |body: &Fragment, part: &Parts| {
        part.display.is_empty() && part.signatures.is_empty() && !ground.opens(body.first()) && !ground.closes(body.last())
    };
    let is_scrap = |body: &Fragment, part: &Parts| {
        let bare = is_bare(body, part) && (!ground.ends(body.last()) || is_beside_notice(ground, body));
        // Nothing is left of a by-line that was taken for a body, once it is taken out of it.
        let empty = || compose::sign(compose::paragraphs(ground, &body.cells)).paragraphs.iter().all(String::is_empty);
        body.cells.len() <= SCRAP && (bare || empty())
    };
    let (scraps, kept): (Vec<_>, Vec<_>) = bodies.into_iter().zip(parts).partition(|(body, part)| is_scrap(body, part));
    let mut anew = scraps.iter().any(|(_, part)| !part.display.is_empty());
    for (body, _) in &scraps {
        if is_beside_notice(ground, body) {
            body.cells.iter().for_each(|c| ground.set_aside(*c, &[Class::Notice]));
            anew = true;
        }
    }
    let (bodies, parts) = kept.into_iter().unzip();
    (bodies, parts, anew)
}

/// Whether a line of an advertisement or a notice stands right before or behind a body.
fn is_beside_notice(ground: &Ground<'_>, body: &Fragment) -> bool {
    let is_notice = |cell: Option<usize>| cell.and_then(|c| ground.classes.get(c)) == Some(&Class::Notice);
    is_notice(body.first().checked_sub(1)) || is_notice(Some(body.last() + 1))
}

/// Joins bodies that, seen with their headlines, are one.
pub(super) fn merge(ground: &Ground<'_>, bodies: Vec<Fragment>, parts: &[Parts]) -> Vec<Fragment> {
    let pairs = merge_candidates(ground, &bodies);
    let windows = Windows::of(ground, &bodies);
    let odds =
        weights::MERGE.scores(pairs.len(), |n, x| x.extend(merge_features(ground, &bodies, parts, &windows, pairs[n].0, pairs[n].1)));
    let linked: Vec<Link> = pairs.iter().zip(odds).map(|((from, to), gain)| Link { from: *from, to: *to, gain }).collect();
    let made = cover::cover(bodies.len(), &linked);
    if made.is_empty() {
        return bodies;
    }
    fragments(ground, cover::follow(&bodies, &made))
}

/// How sure a short body without a headline must be to count as an article.
const SHRED_SURE: f32 = 0.15;
/// How many characters such a body has at most.
const SHRED: usize = 100;

/// Whether a body is a shred that was torn off an article and not found a place: to print it as an article
/// of its own helps no reader, so its lines are kept as what could not be placed.
pub(super) fn is_shred(sure: f32, body: &Fragment, part: &Parts) -> bool {
    sure < SHRED_SURE && body.characters <= SHRED && part.display.is_empty()
}
