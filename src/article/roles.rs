//! What part the lines over a body play: kicker, headline, deck.
//!
//! Each of these is set in one or several lines, and a line by itself does not tell which: half a
//! headline looks like a kicker. So every run of lines is asked whether it is a whole element, and
//! which, and the group is divided into runs so that the answers together are likeliest.

use super::classify::Class;
use super::forest::softmax;
use super::heads::{Heads, Role};
use super::lines::Cell;
use super::script::{balance, is_ideographic, is_pause, kind, width};
use super::weights;

/// Most lines of one element.
pub const MAX_LINES: usize = 5;

/// Most lines over one body that are divided; what stands over a body beyond them is part of its last element.
const MAX_GROUP: usize = 24;

/// What it costs, in log odds, that an element stands in the stream before one that it is printed under.
const BACKWARDS: f32 = 1.0;

/// What a run of lines may be: one of the [`Role`]s, or no whole element.
pub const KINDS: usize = 4;

fn flag(b: bool) -> f32 {
    f32::from(b)
}

/// What is asked of each line of a group again and again.
struct Lines<'a> {
    cells: Vec<&'a Cell>,
    places: Vec<usize>,
}

impl Lines<'_> {
    fn open(&self, line: usize) -> f32 {
        balance(&self.cells[line].chars).1 as f32
    }

    fn unopened(&self, line: usize) -> f32 {
        balance(&self.cells[line].chars).0 as f32
    }

    /// How well a line reads on in the next one, and how strongly the next stands apart from it.
    fn seam(&self, a: usize, b: usize) -> [f32; 6] {
        let (x, y) = (self.cells[a], self.cells[b]);
        [
            x.ends.succession(&y.ends),
            x.width - y.width,
            x.width / y.width.max(0.5),
            flag(x.block == y.block),
            (self.places[b] as f32 - self.places[a] as f32).clamp(-6.0, 6.0),
            flag(x.twin) - flag(y.twin),
        ]
    }
}

/// The features of the lines `from..to` of a group as one element over body `b`.
pub fn run_features(heads: &Heads<'_>, group: &[usize], from: usize, to: usize, b: usize) -> Vec<f32> {
    let lines = Lines {
        cells: group.iter().map(|d| &heads.ground().cells[heads.displays[*d]]).collect(),
        places: group.iter().map(|d| heads.displays[*d]).collect(),
    };
    let n = group.len();
    let run = &lines.cells[from..to];
    let (first, last) = (run[0], run[run.len() - 1]);
    let widths = |cells: &[&Cell]| {
        let all = cells.iter().map(|c| c.width);
        (all.clone().fold(f32::MAX, f32::min), all.fold(0.0, f32::max))
    };
    let (narrowest, widest) = widths(run);
    let (all_narrowest, all_widest) = widths(&lines.cells);
    let others: Vec<usize> = (0..n).filter(|k| !(from..to).contains(k)).collect();
    let other_widest = others.iter().map(|k| lines.cells[*k].width).fold(0.0, f32::max);
    let chars: Vec<char> = run.iter().flat_map(|c| c.chars.iter().copied()).collect();
    let count = |test: &dyn Fn(char) -> bool| chars.iter().filter(|c| test(**c)).count() as f32;
    let (unopened, open) = balance(&chars);
    let run_of_group: Vec<usize> = group[from..to].to_vec();
    let told = heads.told_of(&run_of_group, b);
    let best_other =
        others.iter().map(|k| heads.told_of(&[group[*k]], b)).fold([0.0_f32; 4], |best, t| std::array::from_fn(|i| best[i].max(t[i])));
    let reads: Vec<f32> = (from + 1..to).map(|k| lines.cells[k - 1].ends.succession(&lines.cells[k].ends)).collect();
    let breaks = |k: usize| flag(lines.places[k] != lines.places[k - 1] + 1 || lines.cells[k].block != lines.cells[k - 1].block);
    let body = heads.body_of(b);
    let mut x = vec![
        from as f32,
        (n - to) as f32,
        n as f32,
        run.len() as f32,
        narrowest,
        widest,
        widest - narrowest,
        widest / all_widest.max(0.5),
        narrowest - all_narrowest,
        other_widest,
        widest / other_widest.max(0.5),
        others.iter().filter(|k| lines.cells[**k].width > widest).count() as f32,
        first.width,
        last.width,
        last.width / first.width.max(0.5),
        chars.len() as f32,
        width(&chars),
        flag(first.twin),
        flag(last.twin),
        lines.cells.iter().filter(|c| c.twin).count() as f32,
        run.iter().filter(|c| c.twin).count() as f32,
        count(&|c| c == ' '),
        count(&is_pause),
        count(&|c| c.is_ascii_digit()),
        count(&char::is_uppercase) / chars.len().max(1) as f32,
        count(&is_ideographic) / chars.len().max(1) as f32,
        count(&|c| matches!(c, '！' | '!' | '？' | '?')),
        count(&|c| matches!(c, '“' | '”' | '「' | '」' | '"')),
        count(&|c| matches!(c, '：' | ':' | '—')),
        unopened as f32,
        open as f32,
        told[0],
        told[1],
        told[2],
        told[3],
        told[1] - best_other[1],
        told[0] - best_other[0],
        told[3] - best_other[3],
        reads.iter().copied().fold(f32::MAX, f32::min).min(20.0),
        reads.iter().copied().fold(-20.0, f32::max),
        (from + 1..to).map(breaks).sum(),
        if from > 0 { breaks(from) } else { -1.0 },
        if to < n { breaks(to) } else { -1.0 },
        first.columns as f32,
        first.column as f32,
        heads.ground().chances[lines.places[from]][Class::Display as usize],
        flag(heads.ground().ends(lines.places[to - 1])),
        flag(lines.places[to - 1] + 1 == body.first),
        flag(lines.places[from] < body.first),
        (body.first as f32 - lines.places[to - 1] as f32).clamp(-20.0, 20.0),
        body.characters.ln_1p(),
        body.cells,
        flag(body.credited),
        widest / body.measure,
        first.width / first.measure,
        (0..n).filter(|k| lines.cells[*k].block == first.block).count() as f32,
        kind(chars.first()),
        kind(chars.last()),
        flag(matches!(chars.last(), Some('，' | '、' | ',' | '：' | ':'))),
        // Half of a quotation, which another line of the group closes or opens.
        if from > 0 { lines.open(from - 1) } else { 0.0 },
        if to < n { lines.unopened(to) } else { 0.0 },
    ];
    x.extend(if from > 0 { lines.seam(from - 1, from) } else { [-30.0; 6] });
    x.extend(if to < n { lines.seam(to - 1, to) } else { [-30.0; 6] });
    x.extend(if run.len() > 1 { lines.seam(from, from + 1) } else { [-30.0; 6] });
    x.extend(heads.habits());
    x
}

/// The parts that the lines of one owner play.
pub(super) fn roles(heads: &Heads<'_>, group: &[usize], b: usize) -> Vec<Role> {
    let n = group.len().min(MAX_GROUP);
    let asked: Vec<Vec<[f32; KINDS]>> = (0..n)
        .map(|from| {
            (from + 1..=(from + MAX_LINES).min(n))
                .map(|to| {
                    let x = run_features(heads, &group[..n], from, to, b);
                    softmax(std::array::from_fn(|k| weights::ROLE[k].score(&x)))
                })
                .collect()
        })
        .collect();
    let mut roles = divided(&asked);
    if let Some(last) = roles.last().copied() {
        roles.resize(group.len(), last);
    }
    roles
}

/// What it costs, in log odds, that a headline stands in two places of its group.
const TORN: f32 = 2.0;

/// The best way to divide the lines before a place: what it is worth, and the element it ends with.
#[derive(Debug, Clone, Copy)]
struct Division {
    value: f32,
    lines: usize,
    role: Role,
    /// Which roles were given out before that element, as bits.
    before: usize,
}

/// The likeliest division of lines into elements, of which one is a headline. `chances` has, for every
/// line, those of the runs of one, two, … lines that begin with it.
fn divided(chances: &[Vec<[f32; KINDS]>]) -> Vec<Role> {
    const ALL: usize = 1 << Role::ALL.len();
    let n = chances.len();
    // By place and by which roles were given out.
    let mut best: Vec<[Option<Division>; ALL]> = vec![[None; ALL]; n + 1];
    let value = |best: &[Option<Division>; ALL], at: usize, given: usize| match best[given] {
        Some(division) => Some(division.value),
        None => (at == 0 && given == 0).then_some(0.0),
    };
    for from in 0..n {
        for before in 0..ALL {
            let Some(so_far) = value(&best[from], from, before) else { continue };
            for (lines, chance) in (1..).zip(&chances[from]) {
                for role in Role::ALL {
                    let bit = 1 << role as usize;
                    // A headline that other lines tear apart is one all the same; nothing else comes twice.
                    let again = before & bit != 0;
                    if again && role != Role::Headline {
                        continue;
                    }
                    let odds = chance[role as usize].max(1e-6).ln() - chance[KINDS - 1].max(1e-6).ln();
                    let later = (before >> (role as usize + 1)).count_ones() as f32;
                    let value = so_far + odds - BACKWARDS * later - if again { TORN } else { 0.0 };
                    let slot = &mut best[from + lines][before | bit];
                    if slot.is_none_or(|s| value > s.value) {
                        *slot = Some(Division { value, lines, role, before });
                    }
                }
            }
        }
    }
    let mut roles = vec![Role::Headline; n];
    let headed = (0..ALL).filter(|given| given >> Role::Headline as usize & 1 == 1);
    let mut at = n;
    let mut last = headed.filter_map(|given| best[n][given]).max_by(|a, b| a.value.total_cmp(&b.value));
    while let Some(Division { lines, role, before, .. }) = last {
        roles[at - lines..at].fill(role);
        at -= lines;
        last = best[at][before];
    }
    roles
}

#[cfg(test)]
mod tests {
    use super::*;

    const YES: f32 = 0.9;

    fn chances(n: usize, whole: &[(usize, usize, Role)]) -> Vec<Vec<[f32; KINDS]>> {
        let chance = |from: usize, to: usize| {
            let mut c = [0.02, 0.02, 0.02, 0.94];
            if let Some((.., role)) = whole.iter().find(|w| (w.0, w.1) == (from, to)) {
                c = [0.03; KINDS];
                c[*role as usize] = YES;
            }
            c
        };
        (0..n).map(|from| (from + 1..=(from + MAX_LINES).min(n)).map(|to| chance(from, to)).collect()).collect()
    }

    #[test]
    fn elements_of_several_lines_are_found_whole() {
        let whole = [(0, 1, Role::Kicker), (1, 3, Role::Headline), (3, 5, Role::Deck)];
        assert_eq!(divided(&chances(5, &whole)), [Role::Kicker, Role::Headline, Role::Headline, Role::Deck, Role::Deck]);
    }

    #[test]
    fn a_headline_printed_behind_its_deck_is_one() {
        let whole = [(0, 1, Role::Kicker), (1, 2, Role::Deck), (2, 4, Role::Headline)];
        assert_eq!(divided(&chances(4, &whole)), [Role::Kicker, Role::Deck, Role::Headline, Role::Headline]);
    }

    #[test]
    fn there_is_always_a_headline() {
        assert_eq!(divided(&chances(1, &[(0, 1, Role::Kicker)])), [Role::Headline]);
        assert_eq!(divided(&chances(2, &[(0, 1, Role::Kicker), (1, 2, Role::Kicker)])).iter().filter(|r| **r == Role::Headline).count(), 1);
        assert!(divided(&[]).is_empty());
    }
}
