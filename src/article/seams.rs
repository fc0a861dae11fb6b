//! Where one line may go on in another: what speaks for and against it, as numbers.

use super::adjacency::Adjacency;
use super::classify::{Chances, Class, Counts, likeliest};
use super::lexicon::{affinities, affinity, edges, order};
use super::lines::{Cell, Cells};
use super::script::{balance, ends_sentence, is_ideographic, kind};
use super::strides::Strides;
use super::windows::Topics;

/// What is known of a page's cells before they are joined.
pub struct Ground<'a> {
    /// The cells of the page.
    pub cells: &'a [Cell],
    pub(crate) measure: f32,
    /// How many lines were not asked for columns.
    pub(crate) undivided: usize,
    pub(crate) chances: &'a [Chances],
    pub(crate) classes: Vec<Class>,
    facts: Vec<Facts>,
    adjacency: Adjacency,
    /// The logarithm of 1 and each distance between cells.
    logs: Vec<f32>,
    /// The characters that cells begin with, in the order of the lexicon, and which of them each cell has.
    firsts: Vec<char>,
    first: Vec<u32>,
    /// How well each cell goes on in the one that follows it in the stream.
    flow: Vec<[f32; 6]>,
    /// What each cell was taken for at first, counted.
    counts: Counts,
    block_sizes: Vec<usize>,
    block_starts: Vec<usize>,
    zones: Vec<Option<Zone>>,
    strides: Strides,
    /// How well each cell reads on in the one that follows it in the stream.
    reads: Vec<f32>,
    layout: [f32; LAYOUT],
    pub(crate) topics: Topics,
    /// Whether there are too many fragments to ask which goes on in which.
    pub(crate) unjoined: bool,
}

/// A stretch of lines in which neighbouring columns were run together.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Zone {
    number: usize,
    first_row: usize,
    last_row: usize,
}

/// How much a line must leave free, in ems, to be the last of its paragraph for sure.
const ENDED_EARLY: f32 = 2.5;

/// Numbers that tell what an extractor makes of the page: see [`Ground::layout_of_stream`].
const LAYOUT: usize = 7;

/// Undivided lines in a row that do not end a stretch of merged ones: paragraph ends, indents.
const ZONE_GAP: usize = 4;
/// Cells from a fragment's edge within which a divided line tells its column.
const COLUMN_REACH: usize = 8;
/// Lines before and behind a stretch that belong to its columns.
const ZONE_EDGE: usize = 3;

fn zones(cells: &[Cell]) -> Vec<Option<Zone>> {
    let mut found: Vec<Zone> = Vec::new();
    let mut last_block = usize::MAX;
    for c in cells.iter().filter(|c| c.columns > 1) {
        match found.last_mut() {
            Some(zone) if last_block == c.block && c.row - zone.last_row <= ZONE_GAP => zone.last_row = c.row,
            _ => found.push(Zone { number: found.len(), first_row: c.row, last_row: c.row }),
        }
        last_block = c.block;
    }
    // Columns end some lines apart from each other, so the lines next to a stretch belong to it.
    let blocks: Vec<usize> = found.iter().map(|z| cells.iter().find(|c| c.row == z.first_row).map_or(0, |c| c.block)).collect();
    let near = |z: &Zone, c: &Cell| {
        (z.first_row.saturating_sub(ZONE_EDGE)..=z.last_row + ZONE_EDGE).contains(&c.row) && blocks[z.number] == c.block
    };
    cells
        .iter()
        .map(|c| {
            found
                .iter()
                .copied()
                .find(|z| (z.first_row..=z.last_row).contains(&c.row))
                .or_else(|| found.iter().copied().find(|z| near(z, c)))
        })
        .collect()
}

/// What is asked of a single cell again and again.
#[derive(Debug, Clone)]
struct Facts {
    ends: bool,
    opening: bool,
    ending: bool,
    byline: bool,
    unopened: i32,
    open: i32,
    ratio: f32,
    bold_end: f32,
    bold_begin: f32,
    /// What the first and the last character are.
    first: f32,
    last: f32,
    /// How strongly the first two characters, and the last two, belong to one word.
    word_begin: f32,
    word_end: f32,
}

/// The share at which a dictionary's word counts beside the model of running text, which knows most
/// words too.
const HALF_A_WORD: f32 = 0.5;

/// How strongly two characters belong to one word of a script without blanks.
fn bond(a: char, b: char) -> f32 {
    if is_ideographic(a) && is_ideographic(b) { affinity(a, b) } else { 0.0 }
}

/// The least chance at which a cell may yet turn out to be running text.
const MAYBE: f32 = 0.03;

impl<'a> Ground<'a> {
    /// Looks at every cell once.
    pub fn of(cells: &'a Cells, chances: &'a [Chances]) -> Self {
        let list = &cells.cells;
        let classes: Vec<Class> = chances.iter().map(likeliest).collect();
        let facts: Vec<Facts> = list
            .iter()
            .map(|c| {
                let (unopened, open) = balance(&c.chars);
                Facts {
                    ends: ends_sentence(&c.chars),
                    opening: c.signs.opening,
                    ending: c.signs.ending,
                    byline: c.signs.byline || c.signs.credit,
                    unopened,
                    open,
                    ratio: c.width / c.measure,
                    bold_end: c.chars.last().map_or(0.0, |c| edges(*c).1),
                    bold_begin: c.chars.first().map_or(0.0, |c| edges(*c).0),
                    first: kind(c.chars.first()),
                    last: kind(c.chars.last()),
                    word_begin: if let [a, b, ..] = c.chars[..] { bond(a, b) } else { 0.0 },
                    word_end: if let [.., a, b] = c.chars[..] { bond(a, b) } else { 0.0 },
                }
            })
            .collect();
        let counts = Counts::of(&classes);
        let topics = Topics::of(cells, &classes);
        let blocks = list.last().map_or(0, |c| c.block) + 1;
        let mut block_sizes = vec![0; blocks];
        let mut block_starts = vec![usize::MAX; blocks];
        for (i, c) in list.iter().enumerate() {
            block_sizes[c.block] += 1;
            block_starts[c.block] = block_starts[c.block].min(i);
        }
        let mut firsts: Vec<char> = list.iter().filter_map(|c| c.chars.first().copied()).collect();
        firsts.sort_unstable_by_key(|c| order(*c));
        firsts.dedup();
        let place = |c: Option<&char>| c.map_or(0, |c| firsts.partition_point(|f| order(*f) < order(*c)) as u32);
        let mut ground = Self {
            cells: list,
            measure: cells.measure,
            undivided: cells.undivided,
            chances,
            classes,
            facts,
            adjacency: Adjacency::of(list),
            logs: (0..list.len()).map(|d| (d as f32).ln_1p()).collect(),
            first: list.iter().map(|c| place(c.chars.first())).collect(),
            firsts,
            flow: Vec::new(),
            counts,
            block_sizes,
            block_starts,
            zones: zones(list),
            strides: Strides::default(),
            reads: Vec::new(),
            layout: [0.0; LAYOUT],
            topics,
            unjoined: false,
        };
        ground.layout = ground.layout_of_stream();
        ground.reads = (1..list.len()).map(|i| ground.reads_on(i - 1, i)).collect();
        ground.flow = (1..list.len()).map(|i| ground.continuity(i - 1, i)).collect();
        ground.strides = Strides::of(list, |i| !ground.facts[i].ends, |a, b| ground.words_with(ground.bond(a, b), a, b));
        ground
    }

    /// What the extractor made of the page: whether a blank line is the end of a column or of a
    /// paragraph, how long its blocks are, whether columns were run together, where headlines stand.
    /// The same seam speaks for a join on one page and against it on another.
    fn layout_of_stream(&self) -> [f32; LAYOUT] {
        let body = |i: usize| self.classes[i] == Class::Body && self.cells[i].repeats.is_none();
        let (mut breaks, mut breaks_ended, mut paragraphs, mut paragraphs_apart) = (0.0_f32, 0.0, 0.0_f32, 0.0);
        let (mut lines, mut merged, mut heads, mut heads_in_place, mut heads_behind) = (0.0_f32, 0.0, 0.0_f32, 0.0, 0.0);
        let last_body = (0..self.cells.len()).rev().find(|i| body(*i)).unwrap_or(0);
        for i in 0..self.cells.len() {
            if self.classes[i] == Class::Display {
                heads += 1.0;
                heads_in_place += f32::from(self.classes.get(i + 1) == Some(&Class::Body));
                heads_behind += f32::from(i > last_body);
            }
            if !body(i) {
                continue;
            }
            lines += 1.0;
            merged += f32::from(self.cells[i].columns > 1);
            if i == 0 || !body(i - 1) || self.cells[i].columns > 1 {
                continue;
            }
            let (apart, ended) = (self.cells[i - 1].block != self.cells[i].block, self.ends(i - 1));
            if apart {
                breaks += 1.0;
                breaks_ended += f32::from(ended);
            }
            if ended && self.begins(i).0 {
                paragraphs += 1.0;
                paragraphs_apart += f32::from(apart);
            }
        }
        // A page without any is as the most pages are.
        let share = |part: f32, of: f32, prior: f32| (part + prior) / (of + 1.0);
        [
            share(breaks_ended, breaks, 0.5),
            share(paragraphs_apart, paragraphs, 0.1),
            (lines / (breaks + 1.0)).ln_1p(),
            share(merged, lines, 0.0),
            share(heads_in_place, heads, 0.5),
            share(heads_behind, heads, 0.0),
            self.sets_in(),
        ]
    }

    /// How sure it is that the page sets the first lines of its paragraphs in, from 0 to 1: what share of the
    /// lines behind a sentence that ended its line early are.
    pub(crate) fn sets_in(&self) -> f32 {
        let body = |i: usize| self.classes[i] == Class::Body && self.cells[i].repeats.is_none() && self.cells[i].columns == 1;
        let early = |i: usize| self.ends(i) && self.cells[i].width < self.cells[i].measure - ENDED_EARLY;
        let starts = (1..self.cells.len()).filter(|i| body(*i - 1) && body(*i) && early(*i - 1));
        let (set_in, all) = starts.fold((0.5, 1.0), |(set_in, all), i| (set_in + f32::from(self.begins(i).0), all + 1.0));
        set_in / all
    }

    /// How many cells looked like display lines at first.
    pub(crate) fn displays(&self) -> usize {
        self.counts.all(Class::Display)
    }

    fn is_first_of_block(&self, i: usize) -> bool {
        self.block_starts[self.cells[i].block] == i
    }

    fn is_last_of_block(&self, i: usize) -> bool {
        self.cells.get(i + 1).is_none_or(|n| n.block != self.cells[i].block)
    }

    /// How well `b`'s first characters go on from `a`'s last: word, page, digits.
    pub(crate) fn continuity(&self, a: usize, b: usize) -> [f32; 6] {
        let (x, y) = (&self.cells[a].chars[..], &self.cells[b].chars[..]);
        let ([.., a1], [b1, ..]) = (x, y) else { return [0.0; 6] };
        let [pair, with_before, with_behind] = self.runs(x, y);
        [bond(*a1, *b1), pair, with_before, with_behind, self.facts[a].word_end, self.facts[b].word_begin]
    }

    /// How often the page's lines hold what stands at a seam of lines: the pair, and the two runs of three.
    fn runs(&self, x: &[char], y: &[char]) -> [f32; 3] {
        let (Some(a), Some(b)) = (x.last(), y.first()) else { return [0.0; 3] };
        self.adjacency.of_seam(x.iter().rev().nth(1).copied(), *a, *b, y.get(1).copied())
    }

    /// How strongly a cell's last character bonds with each of the characters cells begin with.
    pub(crate) fn bonds(&self, a: usize, out: &mut Vec<f32>) {
        out.clear();
        match self.cells[a].chars.last().copied().filter(|c| is_ideographic(*c)) {
            Some(last) => affinities(last, &self.firsts, out),
            None => out.resize(self.firsts.len(), 0.0),
        }
        // What is written with blanks bonds with nothing.
        out.iter_mut().zip(&self.firsts).filter(|(_, first)| !is_ideographic(**first)).for_each(|(bond, _)| *bond = 0.0);
    }

    /// How well the words at a seam go together, as one number; `bonds` are those of the first cell's last character.
    pub(crate) fn words(&self, bonds: &[f32], a: usize, b: usize) -> f32 {
        self.words_with(bonds.get(self.first[b] as usize).copied().unwrap_or(0.0), a, b)
    }

    fn words_with(&self, bond: f32, a: usize, b: usize) -> f32 {
        let (x, y) = (&self.cells[a].chars[..], &self.cells[b].chars[..]);
        let [pair, with_before, with_behind] = self.runs(x, y);
        let word = HALF_A_WORD * bond + self.reads_on(a, b);
        // Most seams hold nothing that stands within a line, and logarithms take their time.
        if pair > 0.0 { word + (with_before + with_behind).ln_1p() + 0.5 * pair.ln_1p() } else { word }
    }

    /// How well one cell reads on in another.
    fn reads_on(&self, a: usize, b: usize) -> f32 {
        self.cells[a].ends.succession(&self.cells[b].ends)
    }

    fn bond(&self, a: usize, b: usize) -> f32 {
        let (x, y) = (self.cells[a].chars.last(), self.cells[b].chars.first());
        x.zip(y).map_or(0.0, |(x, y)| bond(*x, *y))
    }

    /// How likely a cell is the first of a paragraph, from 0 to 2: set in, or at the top of a block.
    pub(crate) fn begins(&self, i: usize) -> (bool, bool) {
        let c = &self.cells[i];
        (c.indent > 0.4 || (c.width < c.measure - 0.9 && c.width > c.measure - 3.2), self.is_first_of_block(i))
    }

    /// The features of the seam between two cells.
    pub(crate) fn seam(&self, a: usize, b: usize) -> Vec<f32> {
        let mut x = Vec::with_capacity(Self::SEAM);
        self.seam_into(a, b, &mut x);
        x
    }

    /// How many features a seam has.
    const SEAM: usize = 83;

    /// Appends the features of the seam between two cells.
    pub(crate) fn seam_into(&self, a: usize, b: usize, x: &mut Vec<f32>) {
        let (ca, cb) = (&self.cells[a], &self.cells[b]);
        let (fa, fb) = (&self.facts[a], &self.facts[b]);
        let flag = |b: bool| f32::from(b);
        let distance = b as f32 - a as f32;
        x.extend([
            flag(fa.ends),
            fa.last,
            fb.first,
            fa.ratio,
            ca.width - ca.measure,
            fb.ratio,
            cb.width - cb.measure,
            cb.indent,
            ca.measure - cb.measure,
            ca.width - cb.width,
            flag(fa.opening),
            flag(fb.opening),
            flag(fa.ending),
            flag(fb.ending),
            flag(fb.byline),
            fa.bold_end,
            fb.bold_begin,
            fa.open as f32,
            fb.unopened as f32,
            distance.signum() * self.logs[a.abs_diff(b)],
            distance.clamp(-6.0, 6.0),
            cb.block as f32 - ca.block as f32,
            flag(ca.block == cb.block),
            cb.row as f32 - ca.row as f32,
            ca.columns as f32,
            cb.columns as f32,
            ca.column as f32,
            cb.column as f32,
            self.counts.between(a, b, Class::Body),
            self.counts.between(a, b, Class::Display),
            self.counts.between(a, b, Class::Signature),
            self.counts.between(a, b, Class::Notice) + self.counts.between(a, b, Class::Weather),
            self.chances[a][Class::Body as usize],
            self.chances[b][Class::Body as usize],
            self.chances[b][Class::Display as usize],
            flag(self.is_last_of_block(a)),
            flag(self.is_first_of_block(b)),
            self.block_sizes[ca.block] as f32,
            self.block_sizes[cb.block] as f32,
            // Columns of one article are of one height.
            self.block_sizes[ca.block] as f32 - self.block_sizes[cb.block] as f32,
            self.measure,
            self.chances[b][Class::Notice as usize],
            self.chances[a][Class::Notice as usize],
        ]);
        x.extend(if a + 1 == b { self.flow[a] } else { self.continuity(a, b) });
        x.push(if a + 1 == b { self.reads[a] } else { self.reads_on(a, b) });
        x.extend(self.strides.features(a, b));
        // Columns run together: the foot of one goes on at the head of the next.
        x.extend(match (self.zones[a], self.zones[b]) {
            (Some(z), Some(y)) if z == y => {
                let from_top = cb.row as f32 - y.first_row as f32;
                let to_foot = z.last_row as f32 - ca.row as f32;
                [2.0, to_foot.min(9.0), from_top.min(9.0), cb.column as f32 - ca.column as f32, (z.last_row - z.first_row) as f32]
            }
            (z, y) => [
                f32::from(z.is_some() || y.is_some()),
                z.map_or(-5.0, |z| (z.last_row as f32 - ca.row as f32).min(9.0)),
                y.map_or(-5.0, |y| (cb.row as f32 - y.first_row as f32).min(9.0)),
                0.0,
                -1.0,
            ],
        });
        // What the neighbours in the stream would be instead.
        match self.cells.get(a + 1) {
            Some(n) if a + 1 != b => {
                let flow = self.flow[a];
                x.extend([
                    1.0,
                    self.reads[a],
                    flow[0],
                    flow[2] + flow[3],
                    self.facts[a + 1].ratio,
                    flag(n.block == ca.block),
                    self.chances[a + 1][Class::Body as usize],
                    flag(self.facts[a + 1].opening),
                ]);
            }
            _ => x.extend([flag(a + 1 == b), 0.0, 0.0, 0.0, 0.0, -1.0, -1.0, 0.0]),
        }
        match b.checked_sub(1) {
            Some(p) if p != a => {
                let flow = self.flow[p];
                x.extend([
                    1.0,
                    self.reads[p],
                    flow[0],
                    flow[2] + flow[3],
                    flag(self.facts[p].ends),
                    self.facts[p].ratio,
                    flag(self.cells[p].block == cb.block),
                    self.chances[p][Class::Body as usize],
                    self.chances[p][Class::Display as usize],
                    self.chances[p][Class::Signature as usize],
                ]);
            }
            Some(_) => x.extend([0.0, 0.0, 0.0, 0.0, -1.0, 0.0, -1.0, -1.0, -1.0, -1.0]),
            None => x.extend([-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, -1.0, -1.0, -1.0, -1.0]),
        }
        // Whether the line after b and the line before a agree in width: lists, ragged text.
        x.push(self.cells.get(b + 1).map_or(-1.0, |n| n.width / cb.measure));
        x.push(a.checked_sub(1).map_or(-1.0, |p| self.cells[p].width / ca.measure));
        x.extend(self.layout);
        // On a page that sets paragraphs in, a line behind one that ended early is set in, and no other is.
        let early = fa.ends && ca.width < ca.measure - ENDED_EARLY;
        let sets_in = self.layout[LAYOUT - 1];
        let (set_in, top) = self.begins(b);
        x.extend([flag(early), flag(set_in), flag(top), sets_in * (flag(early) - flag(set_in))]);
    }

    /// Whether the cell ends a sentence.
    pub(crate) fn ends(&self, i: usize) -> bool {
        self.facts[i].ends
    }

    /// In which column of merged lines a run of cells stands at its end (or at its beginning): that
    /// of its last (first) cell from a divided line, for an undivided one does not tell.
    pub(crate) fn column_of(&self, cells: &[usize], end: bool) -> Option<(usize, usize)> {
        let tell = |c: &&usize| self.cells[**c].columns > 1 && self.zones[**c].is_some();
        let cell = if end { cells.iter().rev().take(COLUMN_REACH).find(tell) } else { cells.iter().take(COLUMN_REACH).find(tell) };
        cell.and_then(|c| self.zones[*c].map(|z| (z.number, self.cells[*c].column)))
    }

    /// Whether the cell may be running text though it looks like something else.
    pub fn may_be_body(&self, i: usize) -> bool {
        self.classes[i] == Class::Body || (self.classes[i] != Class::Folio && self.chances[i][Class::Body as usize] >= MAYBE)
    }

    /// The cell is taken for running text after all, or for something else.
    pub(crate) fn reclass(&mut self, i: usize, body: bool) {
        self.classes[i] = if body {
            Class::Body
        } else {
            let other = Class::ALL.into_iter().zip(self.chances[i]).filter(|(c, _)| *c != Class::Body).max_by(|a, b| a.1.total_cmp(&b.1));
            other.map_or(Class::Display, |(c, _)| c)
        };
    }

    /// The cell is no running text but the likeliest of `classes`.
    pub(crate) fn set_aside(&mut self, i: usize, classes: &[Class]) {
        let chance = |c: &Class| self.chances[i][*c as usize];
        if let Some(class) = classes.iter().copied().max_by(|a, b| chance(a).total_cmp(&chance(b))) {
            self.classes[i] = class;
        }
    }

    /// Whether the cell ends a sentence, for the trainer.
    pub fn ends_at(&self, i: usize) -> bool {
        self.ends(i)
    }

    /// Whether the cell begins with a dateline or a by-line in brackets.
    pub(crate) fn opens(&self, i: usize) -> bool {
        self.facts[i].opening
    }

    /// Whether the cell ends with a by-line, a credit or a jump line.
    pub(crate) fn closes(&self, i: usize) -> bool {
        self.facts[i].ending
    }
}

/// Cells that belong together without doubt, in reading order.
#[derive(Debug, Clone, Default)]
pub struct Fragment {
    /// The cells, as indices.
    pub cells: Vec<usize>,
    pub(crate) unopened: i32,
    pub(crate) open: i32,
    pub(crate) characters: usize,
    /// Where fragments were joined: the place of the first cell behind the joint, and the link's gain.
    pub(crate) joints: Vec<(usize, f32)>,
}

/// Cells in reading order, and where they were joined.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Group {
    pub cells: Vec<usize>,
    pub(crate) joints: Vec<(usize, f32)>,
}

impl Fragment {
    pub(crate) fn first(&self) -> usize {
        self.cells.first().copied().unwrap_or(0)
    }

    pub(crate) fn last(&self) -> usize {
        self.cells.last().copied().unwrap_or(0)
    }
}

/// The characters of cells, one after the other.
pub(crate) fn text_of(cells: &[Cell], which: &[usize]) -> Vec<char> {
    let mut out: Vec<char> = Vec::with_capacity(which.iter().map(|i| cells[*i].chars.len() + 1).sum());
    for i in which {
        let c = &cells[*i].chars;
        if let (Some(a), Some(b)) = (out.last().copied(), c.first().copied()) {
            if a == '-' && b.is_lowercase() {
                out.pop();
            } else if !super::script::joins_closely(a, b) {
                out.push(' ');
            }
        }
        out.extend_from_slice(c);
    }
    out
}

/// Fragments of groups of cells.
pub(crate) fn fragments(ground: &Ground<'_>, groups: Vec<Group>) -> Vec<Fragment> {
    groups
        .into_iter()
        .map(|group| {
            let text = text_of(ground.cells, &group.cells);
            let (unopened, open) = balance(&text);
            Fragment { cells: group.cells, joints: group.joints, unopened, open, characters: text.len() }
        })
        .collect()
}
