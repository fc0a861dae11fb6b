//! Fits what stands over and under bodies: owners of display lines, roles, paragraphs, pictures.

use newsboy::article::fitting as cut;
use newsboy::article::fitting::{Fragment, Ground, Heads, Role};

use crate::boost::{self, Settings};
use crate::joins::{Read, read};
use crate::pages::Sample;
use crate::steps::{class_of, lean, report, write};

/// The item of most of a cell's characters.
fn item_of(r: &Read<'_>, cell: usize) -> usize {
    let c = &r.cells.cells[cell];
    let labels = &r.sample.labels[c.start..c.start + c.length];
    labels.iter().map(|l| l.item).max_by_key(|i| labels.iter().filter(|l| l.item == *i).count()).unwrap_or(0)
}

fn item_of_body(r: &Read<'_>, body: &Fragment) -> usize {
    let items: Vec<usize> = body.cells.iter().map(|c| item_of(r, *c)).collect();
    items.iter().copied().max_by_key(|i| items.iter().filter(|o| *o == i).count()).unwrap_or(0)
}

fn role_of(r: &Read<'_>, cell: usize) -> Option<Role> {
    let c = &r.cells.cells[cell];
    let labels = &r.sample.labels[c.start..c.start + c.length];
    let count = |role: char| labels.iter().filter(|l| l.role == role).count();
    [('H', Role::Headline), ('K', Role::Kicker), ('D', Role::Deck)]
        .into_iter()
        .filter(|(c, _)| count(*c) * 2 > labels.len())
        .map(|(_, r)| r)
        .next()
}

fn bodies(ground: &mut Ground<'_>) -> Vec<Fragment> {
    cut::bodies(ground)
}

/// Fits the owners of display lines and which neighbours share one: by each line itself, or `again`
/// with what that first guess told.
pub fn owner(train: &[Sample], held: &[Sample], again: bool) {
    let examples = |samples: &[Sample]| {
        let (mut rows, mut labels) = (Vec::new(), Vec::new());
        let (mut pairs, mut same) = (Vec::new(), Vec::new());
        for r in read(samples) {
            let mut ground = r.ground();
            let list = cut::trimmed(&mut ground);
            let heads = Heads::of(&ground, &list);
            if heads.displays.is_empty() || heads.bodies() == 0 {
                continue;
            }
            let look = heads.second_look();
            let items: Vec<usize> = list.iter().map(|b| item_of_body(&r, b)).collect();
            for (d, cell) in heads.displays.iter().enumerate() {
                let item = item_of(&r, *cell);
                let over = role_of(&r, *cell).is_some() && r.sample.is_news(item);
                // Where an item's body fell to pieces, its lines belong to the longest.
                let best = (0..heads.bodies()).filter(|b| items[*b] == item).max_by_key(|b| list[*b].cells.len());
                for b in 0..heads.bodies() {
                    if over && items[b] == item && Some(b) != best {
                        continue;
                    }
                    rows.push(if again { look.owner_features(d, b) } else { heads.owner_features(d, b) });
                    labels.push(over && Some(b) == best);
                }
                if d > 0 {
                    pairs.push(if again { look.same_features(d - 1, d) } else { heads.same_features(d - 1, d) });
                    same.push(item_of(&r, heads.displays[d - 1]) == item);
                }
            }
        }
        (rows, labels, pairs, same)
    };
    let (rows, labels, pairs, same) = examples(train);
    let fitted = boost::fit(&rows, &labels, Settings { rounds: 120, rows: 0.4, ..Settings::default() });
    let joined = boost::fit(&pairs, &same, Settings { rounds: 140, ..Settings::default() });
    let (rows, labels, pairs, same) = examples(held);
    report("owner held", &fitted, &rows, &labels);
    lean(&fitted);
    report("same held", &joined, &pairs, &same);
    lean(&joined);
    if again {
        write("owner_again", &[("OWNER_AGAIN", &[fitted])]);
        write("same_again", &[("SAME_AGAIN", &[joined])]);
    } else {
        write("owner", &[("OWNER", &[fitted])]);
        write("same", &[("SAME", &[joined])]);
    }
}

/// Fits which lines beside the edges of bodies are theirs.
pub fn take(train: &[Sample], held: &[Sample]) {
    let examples = |samples: &[Sample]| {
        let (mut rows, mut labels) = (Vec::new(), Vec::new());
        for r in read(samples) {
            let mut ground = r.ground();
            let list = bodies(&mut ground);
            let mut placed = vec![false; r.cells.cells.len()];
            list.iter().flat_map(|b| &b.cells).for_each(|c| placed[*c] = true);
            let truth = |c: usize| class_of(r.sample, r.cells.cells[c].start, r.cells.cells[c].length);
            for body in &list {
                for start in [true, false] {
                    let mut cells = body.cells.clone();
                    while let Some(beside) = cut::beside_edge(&ground, &placed, &cells, start) {
                        let edge = if start { cells[0] } else { cells[cells.len() - 1] };
                        let (a, b) = if start { (r.last(beside), r.first(edge)) } else { (r.last(edge), r.first(beside)) };
                        let own = truth(beside) == cut::Class::Body && a.0 == b.0 && b.1 == a.1 + 1 && r.sample.is_news(a.0);
                        cells.insert(if start { 0 } else { cells.len() }, beside);
                        rows.extend(cut::edge_line_features(&ground, &cells, start));
                        labels.push(own);
                        if !own {
                            break;
                        }
                    }
                }
            }
        }
        (rows, labels)
    };
    let (rows, labels) = examples(train);
    let fitted = boost::fit(&rows, &labels, Settings { rounds: 120, ..Settings::default() });
    let (rows, labels) = examples(held);
    report("take held", &fitted, &rows, &labels);
    lean(&fitted);
    write("take", &[("TAKE", &[fitted])]);
}

/// Fits which lines at the edges of bodies are none of them.
pub fn shed(train: &[Sample], held: &[Sample]) {
    let examples = |samples: &[Sample]| {
        let (mut rows, mut labels) = (Vec::new(), Vec::new());
        for r in read(samples) {
            let mut ground = r.ground();
            let truth = |c: usize| class_of(r.sample, r.cells.cells[c].start, r.cells.cells[c].length);
            for body in cut::taken(&mut ground) {
                // What is no news at all is another step's to tell.
                if body.cells.iter().filter(|c| truth(**c) == cut::Class::Body).count() * 2 < body.cells.len() {
                    continue;
                }
                for start in [true, false] {
                    let mut cells = body.cells.as_slice();
                    // What stands behind a line that is shed is at the edge then.
                    while let Some(x) = cut::edge_line_features(&ground, cells, start) {
                        let edge = if start { cells[0] } else { cells[cells.len() - 1] };
                        let none = truth(edge) != cut::Class::Body;
                        rows.push(x);
                        labels.push(none);
                        if !none {
                            break;
                        }
                        cells = if start { &cells[1..] } else { &cells[..cells.len() - 1] };
                    }
                }
            }
        }
        (rows, labels)
    };
    let (rows, labels) = examples(train);
    let fitted = boost::fit(&rows, &labels, Settings { rounds: 120, ..Settings::default() });
    let (rows, labels) = examples(held);
    report("shed held", &fitted, &rows, &labels);
    lean(&fitted);
    write("shed", &[("SHED", &[fitted])]);
}

/// Fits which bodies are news, from what stands over and beside them.
pub fn news(train: &[Sample], held: &[Sample]) {
    let examples = |samples: &[Sample]| {
        let (mut rows, mut labels) = (Vec::new(), Vec::new());
        for r in read(samples) {
            let mut ground = r.ground();
            let list = cut::trimmed(&mut ground);
            for (part, body) in cut::parts(&ground, &list).iter().zip(&list) {
                rows.push(cut::news_features(&ground, part, body, list.len()));
                let truth = |c: usize| class_of(r.sample, r.cells.cells[c].start, r.cells.cells[c].length);
                let text = body.cells.iter().filter(|c| truth(**c) == cut::Class::Body).count();
                labels.push(r.sample.is_news(item_of_body(&r, body)) && text * 2 >= body.cells.len());
            }
        }
        (rows, labels)
    };
    let (rows, labels) = examples(train);
    let fitted = boost::fit(&rows, &labels, Settings { rounds: 120, ..Settings::default() });
    let (rows, labels) = examples(held);
    report("news held", &fitted, &rows, &labels);
    lean(&fitted);
    write("news", &[("NEWS", &[fitted])]);
}

/// Fits which bodies are the rest of another one, from what stands over both.
pub fn merge(train: &[Sample], held: &[Sample]) {
    let examples = |samples: &[Sample]| {
        let (mut rows, mut labels) = (Vec::new(), Vec::new());
        for r in read(samples) {
            let mut ground = r.ground();
            let (list, parts) = cut::newsworthy(&mut ground);
            let windows = cut::Windows::of(&ground, &list);
            let truth: Vec<(usize, Vec<usize>)> = r.bodies();
            let next =
                |cell: usize| truth.iter().find_map(|(_, t)| t.iter().position(|c| *c == cell).and_then(|at| t.get(at + 1).copied()));
            let after: Vec<Option<usize>> = list.iter().map(|b| b.cells.last().and_then(|c| next(*c))).collect();
            for (a, b) in cut::merge_candidates(&ground, &list) {
                rows.push(cut::merge_features(&ground, &list, &parts, &windows, a, b));
                labels.push(after[a].is_some() && after[a] == list[b].cells.first().copied());
            }
        }
        (rows, labels)
    };
    let (rows, labels) = examples(train);
    let fitted = boost::fit(&rows, &labels, Settings { rounds: 150, ..Settings::default() });
    let (rows, labels) = examples(held);
    report("merge held", &fitted, &rows, &labels);
    lean(&fitted);
    write("merge", &[("MERGE", &[fitted])]);
}

/// Fits what part runs of the lines over a body play: kicker, headline, deck, or no whole one of them.
pub fn role(train: &[Sample], held: &[Sample]) {
    let none = cut::KINDS - 1;
    let examples = |samples: &[Sample]| {
        let (mut rows, mut labels) = (Vec::new(), Vec::new());
        for r in read(samples) {
            let mut ground = r.ground();
            let list = cut::trimmed(&mut ground);
            let heads = Heads::of(&ground, &list);
            let items: Vec<usize> = list.iter().map(|b| item_of_body(&r, b)).collect();
            for item in 0..r.sample.kinds.len() {
                let group: Vec<usize> = (0..heads.displays.len())
                    .filter(|d| item_of(&r, heads.displays[*d]) == item && role_of(&r, heads.displays[*d]).is_some())
                    .collect();
                if group.is_empty() || !r.sample.is_news(item) {
                    continue;
                }
                let b = (0..heads.bodies()).filter(|b| items[*b] == item).max_by_key(|b| list[*b].cells.len()).unwrap_or(usize::MAX);
                let roles: Vec<usize> = group.iter().map(|d| role_of(&r, heads.displays[*d]).map_or(none, |role| role as usize)).collect();
                for from in 0..group.len() {
                    for to in from + 1..=(from + cut::MAX_LINES).min(group.len()) {
                        let role = roles[from];
                        let whole = roles[from..to].iter().all(|r| *r == role)
                            && (from == 0 || roles[from - 1] != role)
                            && (to == group.len() || roles[to] != role);
                        rows.push(cut::run_features(&heads, &group, from, to, b));
                        labels.push(if whole { role } else { none });
                    }
                }
            }
        }
        (rows, labels)
    };
    let (rows, labels) = examples(train);
    let fitted = boost::fit_classes(&rows, &labels, cut::KINDS, Settings { rounds: 100, ..Settings::default() });
    let (rows, labels) = examples(held);
    let mut table = [[0; cut::KINDS]; cut::KINDS];
    for (x, y) in rows.iter().zip(&labels) {
        let best = (0..cut::KINDS).max_by(|a, b| fitted[*a].score(x).total_cmp(&fitted[*b].score(x))).unwrap();
        table[*y][best] += 1;
    }
    println!("role held {table:?}");
    fitted.iter().for_each(lean);
    write("role", &[("ROLE", &fitted)]);
}

pub fn paragraph(train: &[Sample], held: &[Sample]) {
    let examples = |samples: &[Sample]| {
        let (mut rows, mut labels) = (Vec::new(), Vec::new());
        for r in read(samples) {
            let ground = r.ground();
            for (_, body) in r.bodies() {
                for at in 1..body.len() {
                    let c = &r.cells.cells[body[at]];
                    let p = &r.cells.cells[body[at - 1]];
                    let (a, b) = (r.sample.labels[p.start + p.length - 1], r.sample.labels[c.start]);
                    rows.push(cut::paragraph_features(&ground, &body, at));
                    labels.push(a.paragraph != b.paragraph);
                }
            }
        }
        (rows, labels)
    };
    let (rows, labels) = examples(train);
    let fitted = boost::fit(&rows, &labels, Settings { rounds: 140, rows: 0.25, ..Settings::default() });
    let (rows, labels) = examples(held);
    report("paragraph held", &fitted, &rows, &labels);
    lean(&fitted);
    write("paragraph", &[("PARAGRAPH", &[fitted])]);
}

pub fn photo(train: &[Sample], held: &[Sample]) {
    let examples = |samples: &[Sample]| {
        let (mut rows, mut labels) = (Vec::new(), Vec::new());
        for r in read(samples) {
            let mut ground = r.ground();
            let (list, parts) = cut::reviewed(&mut ground);
            for (part, body) in parts.iter().zip(&list) {
                rows.push(cut::photo_features(&ground, part));
                labels.push(r.sample.kinds[item_of_body(&r, body)] == "photo");
            }
        }
        (rows, labels)
    };
    let (rows, labels) = examples(train);
    let fitted = boost::fit(&rows, &labels, Settings { rounds: 40, depth: 4, ..Settings::default() });
    let (rows, labels) = examples(held);
    report("photo held", &fitted, &rows, &labels);
    lean(&fitted);
    write("photo", &[("PHOTO", &[fitted])]);
}

pub fn sure(train: &[Sample], held: &[Sample]) {
    let examples = |samples: &[Sample]| {
        let (mut rows, mut labels) = (Vec::new(), Vec::new());
        for r in read(samples) {
            let truth: Vec<Vec<usize>> = r.bodies().into_iter().map(|b| b.1).collect();
            let mut ground = r.ground();
            let (list, parts) = cut::reviewed(&mut ground);
            let around = cut::Surroundings::of(&ground, &parts, &list);
            for (part, body) in parts.iter().zip(&list) {
                let item = item_of_body(&r, body);
                let head: Vec<usize> = (0..r.cells.cells.len())
                    .filter(|c| r.cells.cells[*c].repeats.is_none() && item_of(&r, *c) == item && role_of(&r, *c) == Some(Role::Headline))
                    .collect();
                let got: Vec<usize> = part.display.iter().filter(|d| d.1 == Role::Headline).map(|d| d.0).collect();
                rows.push(cut::sure_features(&ground, part, body, around));
                labels.push(truth.contains(&body.cells) && head == got);
            }
        }
        (rows, labels)
    };
    // The steps before were fitted on the training pages and look surer there than they are: the
    // held-out half is what tells how sure they are.
    let half = held.len() / 2;
    let (mut rows, mut labels) = examples(&held[..half]);
    let (more, yes) = examples(&train[..train.len() / 4]);
    rows.extend(more);
    labels.extend(yes);
    let fitted = boost::fit(&rows, &labels, Settings { rounds: 50, depth: 4, rate: 0.1, ..Settings::default() });
    let (rows, labels) = examples(&held[half..]);
    report("sure, other held half", &fitted, &rows, &labels);
    for low in [0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95] {
        let sure: Vec<bool> =
            rows.iter().zip(&labels).filter(|(x, _)| 1.0 / (1.0 + (-fitted.score(x)).exp()) >= low).map(|(_, y)| *y).collect();
        println!(
            "   sure to {low}: {} items, right {:.3}",
            sure.len(),
            sure.iter().filter(|y| **y).count() as f64 / sure.len().max(1) as f64
        );
    }
    lean(&fitted);
    write("sure", &[("SURE", &[fitted])]);
}
