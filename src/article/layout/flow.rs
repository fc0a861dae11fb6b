//! Which block of text a block goes on from: each gets one predecessor (a block, a headline or none), no
//! block or headline more than one successor, so that the sum of all costs is least.
//!
//! A cost is a sum of small whole-hearted reasons: how the text ends and begins, where the blocks stand
//! towards each other, what stands over them and between them. The values were set by hand.

use crate::model::layout::Area;

use super::blocks::{Block, Tail};
use super::heads::Head;
use super::matching::cheapest;
use super::sheet::{SIZE_SHARE, Sheet};

/// What cannot be.
const NEVER: f32 = 1e4;
/// The widest gap between neighbouring columns, in sizes of the body.
const GUTTER: f32 = 3.2;
/// Which share of a block's width must be covered for something to stand over it.
const OVER_SHARE: f32 = 0.12;
/// Most blocks of one sheet that are compared with each other.
pub(super) const MAX_BLOCKS: usize = 500;
/// Rounds in which circles are broken at most.
const MAX_ROUNDS: usize = 20;

/// What stands nearest above a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Above {
    Nothing,
    Head(usize),
    Block(usize),
    Other,
}

/// A line that sends the reader to another page, or says from where the text comes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Jump {
    pub(super) area: Area,
    /// Whether the text comes from another page.
    pub(super) arrives: bool,
}

/// Blocks of one text, with the headline over it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Chain {
    pub(super) head: Option<usize>,
    pub(super) blocks: Vec<usize>,
    /// The largest cost of a step within it.
    pub(super) worst: f32,
}

/// The blocks and headlines of a sheet compared.
struct Flow<'a> {
    sheet: &'a Sheet,
    blocks: &'a [&'a Block],
    heads: &'a [Head],
    above: Vec<Above>,
    /// As `above`, what is neither text nor headline being transparent.
    open_above: Vec<Above>,
    roots: Vec<Option<usize>>,
    /// The blocks that each headline stands over, from left to right.
    under: Vec<Vec<usize>>,
    /// The headlines that stand within their text: it began above them.
    amid: Vec<bool>,
    /// Blocks right above and right below a headline amid its text.
    leaps: Vec<(usize, usize)>,
    /// The blocks that go on on another page, and those that come from one.
    leaves: Vec<bool>,
    arrives: Vec<bool>,
}

/// The texts of a sheet. `others` is what stands on the sheet and is neither body nor headline.
pub(super) fn chains(sheet: &Sheet, blocks: &[&Block], heads: &[Head], others: &[Area], jumps: &[Jump]) -> Vec<Chain> {
    let flow = Flow::of(sheet, blocks, heads, others, jumps);
    let n = blocks.len();
    // Rows: blocks, headlines, and for each block the choice of having no predecessor.
    let table: Vec<Vec<f32>> = (0..n)
        .map(|t| {
            let from_blocks = (0..n).map(|s| if s == t { NEVER } else { flow.step(s, t) });
            let from_heads = (0..heads.len()).map(|h| flow.open(h, t));
            let none = (0..n).map(|s| if s == t { flow.headless(t) } else { NEVER });
            from_blocks.chain(from_heads).chain(none).collect()
        })
        .collect();
    let mut table = table;
    let mut before = cheapest(n, 2 * n + heads.len(), |t, row| table[t][row]);
    for _ in 0..MAX_ROUNDS {
        let Some(t) = circle(&before, n, &table) else { break };
        let row = before[t];
        table[t][row] = NEVER;
        before = cheapest(n, 2 * n + heads.len(), |t, row| table[t][row]);
    }
    if std::env::var("LDEBUG").is_ok() {
        for t in 0..n {
            let b = blocks[t];
            let text: String = b.chars().into_iter().take(10).collect();
            let end: String = { let c = b.chars(); c[c.len().saturating_sub(8)..].iter().collect() };
            let row = before[t];
            let best: Vec<String> = { let mut r: Vec<(f32, usize)> = table[t].iter().copied().zip(0..).filter(|c| c.0 < 100.0).collect(); r.sort_by(|a, b| a.0.total_cmp(&b.0)); r.iter().take(5).map(|c| format!("{}:{:.1}", if c.1 >= n && c.1 < n + heads.len() { format!("H{}", c.1 - n) } else if c.1 >= n + heads.len() { "none".into() } else { c.1.to_string() }, c.0)).collect() };
            eprintln!("{t} <- {row} x{:.0}-{:.0} y{:.0}-{:.0} n{} {:?} ind {} {text}…{end} above {:?} root {:?} {}", b.left, b.right, b.area.y0, b.area.y1, b.rows.len(), b.tail(), b.is_indented(), flow.above[t], flow.roots[t], best.join(" "));
        }
        for (h, head) in heads.iter().enumerate() { eprintln!("H{h} {} {:?} amid {} under {:?}", head.text(crate::article::heads::Role::Headline).unwrap_or_default(), head.area, flow.amid[h], flow.under[h]); }
    }
    flow.follow(&before, &table)
}

/// The dearest step of a circle, where there is one.
fn circle(before: &[usize], n: usize, table: &[Vec<f32>]) -> Option<usize> {
    let mut state = vec![0_u8; n];
    for start in 0..n {
        let mut at = start;
        let mut path = Vec::new();
        while state[at] == 0 {
            state[at] = 1;
            path.push(at);
            if before[at] >= n {
                break;
            }
            at = before[at];
        }
        if state[at] == 1 && before[at] < n
            && let Some(from) = path.iter().position(|p| *p == at)
        {
            return path[from..].iter().copied().max_by(|a, b| table[*a][before[*a]].total_cmp(&table[*b][before[*b]]));
        }
        path.into_iter().for_each(|p| state[p] = 2);
    }
    None
}

fn column(block: &Block) -> Area {
    Area { x0: block.left, x1: block.right, ..block.area }
}

impl<'a> Flow<'a> {
    fn of(sheet: &'a Sheet, blocks: &'a [&'a Block], heads: &'a [Head], others: &[Area], jumps: &[Jump]) -> Self {
        let mut flow =
            Self { sheet, blocks, heads, above: Vec::new(), open_above: Vec::new(), roots: Vec::new(), under: Vec::new(), amid: Vec::new(), leaps: Vec::new(), leaves: vec![false; blocks.len()], arrives: vec![false; blocks.len()] };
        flow.mark(jumps);
        flow.above = (0..blocks.len()).map(|t| flow.nearest_above(t, others, &sheet.obstacles)).collect();
        flow.open_above = (0..blocks.len()).map(|t| flow.nearest_above(t, &[], &[])).collect();
        flow.roots = (0..blocks.len()).map(|t| flow.root(t)).collect();
        flow.under = (0..heads.len()).map(|h| flow.spanned(h)).collect();
        for h in 0..heads.len() {
            for t in flow.under[h].clone() {
                flow.above[t] = Above::Head(h);
                flow.open_above[t] = Above::Head(h);
            }
        }
        flow.roots = (0..blocks.len()).map(|t| flow.root(t)).collect();
        flow.amid = (0..heads.len()).map(|h| flow.is_amid(h)).collect();
        for h in (0..heads.len()).filter(|h| flow.amid[*h]) {
            let pairs: Vec<(usize, usize)> =
                flow.under[h].iter().filter_map(|t| flow.over_head(h, *t).map(|s| (s, *t))).collect();
            flow.leaps.extend(pairs);
        }
        flow
    }

    /// Finds the block that each jump line stands at.
    fn mark(&mut self, jumps: &[Jump]) {
        for jump in jumps {
            let near = |area: &Area| {
                let gap = if jump.arrives { area.y0 - jump.area.y1 } else { jump.area.y0 - area.y1 };
                (area.overlap_x(&jump.area) > 0.5 * jump.area.width() && gap > -self.sheet.lead && gap < 2.0 * self.sheet.lead).then_some(gap)
            };
            let found = (0..self.blocks.len()).filter_map(|t| near(&column(self.blocks[t])).map(|gap| (t, gap))).min_by(|a, b| a.1.total_cmp(&b.1));
            if let Some((t, _)) = found {
                let marked = if jump.arrives { &mut self.arrives } else { &mut self.leaves };
                marked[t] = true;
            }
        }
    }

    fn nearest_above(&self, t: usize, others: &[Area], obstacles: &[Area]) -> Above {
        let here = column(self.blocks[t]);
        let reach = OVER_SHARE * here.width();
        let slack = 0.6 * self.blocks[t].size;
        let over = |area: &Area| area.overlap_x(&here) > reach && area.y1 <= here.y0 + slack && area.y0 < here.y0;
        let mut best = (f32::NEG_INFINITY, Above::Nothing);
        let mut note = |area: &Area, what: Above| {
            if over(area) && area.y1 > best.0 {
                best = (area.y1, what);
            }
        };
        self.heads.iter().enumerate().filter(|(_, head)| !head.down).for_each(|(h, head)| note(&head.area, Above::Head(h)));
        (0..self.blocks.len()).filter(|s| *s != t).for_each(|s| note(&self.blocks[s].area, Above::Block(s)));
        others.iter().chain(obstacles).for_each(|area| note(area, Above::Other));
        let ruled = best.0.is_finite() && self.sheet.ruled_between(here.x0, here.x1, best.0 - 1.0, here.y0 + 1.0);
        if ruled { Above::Nothing } else { best.1 }
    }

    /// The first headline that is met going up the column.
    fn root(&self, t: usize) -> Option<usize> {
        let mut at = t;
        for _ in 0..self.blocks.len() {
            match self.open_above[at] {
                Above::Head(h) => return Some(h),
                Above::Block(s) => at = s,
                Above::Nothing | Above::Other => return None,
            }
        }
        None
    }

    /// The blocks under a headline: those it covers, and where a run of columns with aligned tops has
    /// its middle at the headline's, all of that run.
    fn spanned(&self, h: usize) -> Vec<usize> {
        let head = &self.heads[h];
        let mut own: Vec<usize> = (0..self.blocks.len()).filter(|t| self.above[*t] == Above::Head(h)).collect();
        let left = |t: &usize| self.blocks[*t].left;
        own.sort_by(|a, b| left(a).total_cmp(&left(b)));
        let Some(first) = own.first().copied() else { return own };
        let top = self.blocks[first].area.y0;
        // Columns beside those covered, at the same height, that nothing else stands over.
        let mut run = own.clone();
        for t in 0..self.blocks.len() {
            let block = self.blocks[t];
            let free = !matches!(self.above[t], Above::Head(_)) || self.above[t] == Above::Head(h);
            if free && !run.contains(&t) && (block.area.y0 - top).abs() < 1.2 * self.sheet.lead {
                run.push(t);
            }
        }
        run.sort_by(|a, b| left(a).total_cmp(&left(b)));
        let middle = (head.main.x0 + head.main.x1) / 2.0;
        let mut best: Option<(usize, usize)> = None;
        for from in 0..run.len() {
            for to in from..run.len() {
                let (a, b) = (column(self.blocks[run[from]]), column(self.blocks[run[to]]));
                let fits = ((a.x0 + b.x1) / 2.0 - middle).abs() <= 0.6 * self.sheet.body && b.x1 - a.x0 >= head.main.width() - self.sheet.body;
                let joined = (from..to).all(|n| {
                    let (a, b) = (column(self.blocks[run[n]]), column(self.blocks[run[n + 1]]));
                    let gap = b.x0 - a.x1;
                    gap > -0.5 * self.sheet.body
                        && gap < GUTTER * self.sheet.body
                        && !self.sheet.parted_between(a.x1, b.x0, a.y0.max(b.y0), a.y1.min(b.y1))
                });
                let longer = best.is_none_or(|(f, t)| to - from > t - f);
                if fits && joined && longer && run[from..=to].iter().any(|t| own.contains(t)) {
                    best = Some((from, to));
                }
            }
        }
        match best {
            Some((from, to)) => {
                let wide = &run[from..=to];
                own.retain(|t| !wide.contains(t));
                let mut all = wide.to_vec();
                all.extend(own);
                all
            }
            None => own,
        }
    }

    /// The block that ends right above a headline, in the column of block `t` under it.
    fn over_head(&self, h: usize, t: usize) -> Option<usize> {
        let (head, here) = (&self.heads[h], column(self.blocks[t]));
        (0..self.blocks.len())
            .filter(|s| {
                let over = column(self.blocks[*s]);
                over.overlap_x(&here) > 0.7 * here.width()
                    && over.y1 <= head.area.y0 + 0.5 * self.sheet.body
                    && head.area.y0 - over.y1 < 4.0 * self.sheet.lead
                    && !self.sheet.ruled_between(here.x0, here.x1, over.y1, here.y0)
            })
            .max_by(|a, b| self.blocks[*a].area.y1.total_cmp(&self.blocks[*b].area.y1))
    }

    /// Whether a headline stands amid its own text: the first block below it begins within a
    /// sentence, and one above it ends so.
    fn is_amid(&self, h: usize) -> bool {
        let pairs: Vec<(usize, usize)> = self.under[h].iter().filter_map(|t| self.over_head(h, *t).map(|s| (s, *t))).collect();
        let Some((s, t)) = pairs.first().copied() else { return false };
        let headless = |s: usize| self.roots[s].is_none();
        let broken = !self.blocks[t].is_indented() && self.blocks[s].tail() == Tail::Unfinished;
        let fits = |(s, t): &(usize, usize)| self.blocks[*t].is_indented() == (self.blocks[*s].tail() != Tail::Unfinished);
        broken || (pairs.len() == self.under[h].len() && pairs.iter().all(|p| headless(p.0) && fits(p)) && pairs.len() > 1)
    }

    fn text(&self, s: usize, t: usize) -> f32 {
        match (self.blocks[s].tail(), self.blocks[t].is_indented()) {
            (Tail::Unfinished, false) => -4.0,
            (Tail::Unfinished, true) | (Tail::Short, false) => 5.0,
            (Tail::Short, true) => -1.0,
            (Tail::Full, true) => -0.5,
            (Tail::Full, false) => -1.0,
        }
    }

    /// What it costs to go on from block `s` to block `t`.
    fn step(&self, s: usize, t: usize) -> f32 {
        let (from, to) = (self.blocks[s], self.blocks[t]);
        if (from.size - to.size).abs() > SIZE_SHARE * from.size.max(to.size) {
            return NEVER;
        }
        let (a, b) = (column(from), column(to));
        let (body, lead) = (self.sheet.body, self.sheet.lead);
        let gap = b.x0 - a.x1;
        let headed = match self.above[t] {
            Above::Head(h) if self.roots[s] != Some(h) => Some(h),
            _ => None,
        };
        let aligned = (a.y0 - b.y0).abs() < 1.2 * lead;
        let parted = self.sheet.parted_between(a.x1, b.x0, a.y0.max(b.y0), a.y1.min(b.y1).max(a.y0.max(b.y0) + 1.0));
        let mut cost = self.text(s, t);
        if gap >= -0.5 * body && gap <= GUTTER * body {
            cost += 2.0;
            if aligned {
                cost -= 1.5;
            }
            if self.roots[s].is_some() && self.roots[s] == self.roots[t] {
                cost -= 2.5;
            }
            if headed.is_some() {
                cost += if aligned { 1.0 } else { 4.0 };
            }
            if headed.is_none()
                && let Some(head) = self.roots[s].map(|h| &self.heads[h])
                && b.y0 < a.y0 - lead
                && b.y0 >= head.area.y0 - 2.0 * lead
            {
                cost -= 1.2;
            }
            if a.overlap_y(&b) <= 0.0 {
                cost += 2.5;
            }
            if parted {
                // A rule between the columns under one headline parts columns, not texts.
                let shared = self.under.iter().any(|list| list.contains(&s) && list.contains(&t));
                cost += if shared { 2.0 } else { 9.0 };
            }
        } else if a.overlap_x(&b) > 0.6 * a.width().min(b.width()) && b.y0 > a.y1 - 0.8 * lead {
            cost += 2.0 + (b.y0 - a.y1).max(0.0) / (14.0 * lead);
            if headed.is_some() {
                cost += 2.5;
            }
            let between = |area: &&Area| area.overlap_x(&a) > 0.3 * a.width() && area.y0 >= a.y1 - lead && area.y1 <= b.y0 + lead;
            if self.sheet.obstacles.iter().chain(&self.sheet.pictures).any(|area| between(&area)) {
                cost -= 1.0;
            }
            if self.sheet.ruled_between(a.x0, a.x1, a.y1 - 1.0, b.y0 + 1.0) {
                cost += 3.0;
            }
            let other = |n: usize| {
                let c = column(self.blocks[n]);
                n != s && n != t && c.overlap_x(&a) > 0.3 * a.width() && c.y0 >= a.y1 - lead && c.y1 <= b.y0 + lead
            };
            if (0..self.blocks.len()).any(other) {
                cost += 4.0;
            }
        } else {
            cost += 5.0 + (b.x0 - a.x0).abs() / (8.0 * body);
            if headed.is_some() {
                cost += 3.0;
            }
            if parted {
                cost += 4.0;
            }
            // Nobody reads on to the left and up.
            if b.x1 < a.x0 + body && b.y1 < a.y0 + body {
                cost += 4.0;
            }
        }
        if (a.width() - b.width()).abs() > 0.08 * a.width().max(b.width()) {
            cost += 2.0;
        }
        let (upper, lower) = if a.y0 < b.y0 { (&a, &b) } else { (&b, &a) };
        if upper.y1 <= lower.y0 + lead && self.sheet.ruled_between(a.x0.min(b.x0), a.x1.max(b.x1), upper.y1 - 1.0, lower.y0 + 1.0) {
            cost += 4.0;
        }
        if self.leaves[s] || self.arrives[t] {
            cost += 8.0;
        }
        if self.leaps.contains(&(s, t)) {
            cost -= 4.5;
        }
        cost
    }

    /// What it costs that the text of headline `h` begins with block `t`.
    fn open(&self, h: usize, t: usize) -> f32 {
        let (head, to) = (&self.heads[h], self.blocks[t]);
        let here = column(to);
        let (body, lead) = (self.sheet.body, self.sheet.lead);
        if head.down {
            let right = here.x0 - head.area.x1;
            let left = head.area.x0 - here.x1;
            let beside = here.overlap_y(&head.area) > 0.3 * head.area.height().min(here.height());
            let start = if to.is_indented() { 0.0 } else { 2.0 };
            return match () {
                () if !beside => NEVER,
                () if right > -0.5 * body && right <= 4.0 * body => -2.3 + start,
                () if left > -0.5 * body => {
                    // The leftmost of the columns that lead up to the headline.
                    let rank = self.columns_between(&here, head.area.x0);
                    if rank.1 { -1.6 + start + f32::from(u8::from(self.has_left(t))) * 2.0 } else { NEVER }
                }
                () => NEVER,
            };
        }
        if self.amid[h] {
            return NEVER;
        }
        let start = if to.is_indented() { 0.0 } else { 2.0 };
        if let Some(rank) = self.under[h].iter().position(|u| *u == t) {
            return -2.0 + 1.2 * rank as f32 + (here.y0 - head.area.y1).max(0.0) / (8.0 * lead) + start;
        }
        // Left of all it covers, at its height.
        let left = here.x1 <= head.main.x0 + body && head.main.x0 - here.x1 < 6.0 * body;
        let level = here.y0 <= head.area.y1 + 2.0 * lead && here.y0 >= head.area.y0 - 2.0 * lead;
        if left && level && !matches!(self.above[t], Above::Head(_)) { -1.4 + start } else { NEVER }
    }

    /// Columns between a block and a place right of it, and whether they lead up to it without a gap.
    fn columns_between(&self, here: &Area, x: f32) -> (usize, bool) {
        let mut edge = here.x1;
        let mut count = 0;
        for _ in 0..8 {
            if x - edge <= GUTTER * self.sheet.body {
                return (count, true);
            }
            let next = self.blocks.iter().map(|b| column(b)).find(|c| {
                c.x0 > edge - 0.5 * self.sheet.body && c.x0 - edge < GUTTER * self.sheet.body && (c.y0 - here.y0).abs() < 1.2 * self.sheet.lead
            });
            let Some(next) = next else { break };
            edge = next.x1;
            count += 1;
        }
        (count, false)
    }

    /// Whether a column with the same top stands at the left of a block, with no rule between.
    fn has_left(&self, t: usize) -> bool {
        let here = column(self.blocks[t]);
        self.blocks.iter().map(|b| column(b)).any(|c| {
            let gap = here.x0 - c.x1;
            gap > -0.5 * self.sheet.body
                && gap < GUTTER * self.sheet.body
                && (c.y0 - here.y0).abs() < 1.2 * self.sheet.lead
                && !self.sheet.parted_between(c.x1, here.x0, here.y0, here.y1)
        })
    }

    fn headless(&self, t: usize) -> f32 {
        let to = self.blocks[t];
        if self.arrives[t] {
            -2.0
        } else if to.is_indented() {
            3.0
        } else {
            6.0
        }
    }

    /// The chains that the predecessors make. One without a headline goes to the headline that it
    /// stands around or under, where that has no text of its own.
    fn follow(&self, before: &[usize], table: &[Vec<f32>]) -> Vec<Chain> {
        let n = before.len();
        let mut next = vec![None; n];
        for (t, row) in before.iter().enumerate().filter(|(_, row)| **row < n) {
            next[*row] = Some(t);
        }
        let mut chains = Vec::new();
        for start in (0..n).filter(|t| before[*t] >= n) {
            let head = (before[start] < n + self.heads.len()).then(|| before[start] - n);
            let mut chain = Chain { head, blocks: vec![start], worst: table[start][before[start]] };
            let mut at = start;
            while let Some(t) = next[at] {
                chain.worst = chain.worst.max(table[t][before[t]]);
                chain.blocks.push(t);
                at = t;
            }
            chains.push(chain);
        }
        for h in 0..self.heads.len() {
            if chains.iter().any(|chain| chain.head == Some(h)) {
                continue;
            }
            let seen = |chain: &Chain| chain.blocks.iter().filter(|t| self.under[h].contains(t) || self.roots[**t] == Some(h)).count();
            if let Some(chain) = chains.iter_mut().filter(|chain| chain.head.is_none() && seen(chain) > 0).max_by_key(|chain| seen(chain)) {
                chain.head = Some(h);
            }
        }
        chains
    }
}
