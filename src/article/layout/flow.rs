//! Which block of text a block goes on from: each gets one predecessor (a block, a headline or none), no
//! block or headline more than one successor, so that the sum of all costs is least.
//!
//! A cost is a sum of small whole-hearted reasons: how the text ends and begins, where the blocks stand
//! towards each other, what stands over them and between them. The values were set by hand.

use crate::model::layout::Area;

use super::blocks::{Block, Tail};
use super::heads::Head;
use super::matching::cheapest;
use super::sheet::Sheet;

/// What cannot be.
pub(super) const NEVER: f32 = 1e4;
/// The widest gap between neighbouring columns, in sizes of the body.
pub(super) const GUTTER: f32 = 3.2;
/// Which share of a block's width must be covered for something to stand over it.
const OVER_SHARE: f32 = 0.12;
/// Most blocks of one sheet that are compared with each other.
pub(super) const MAX_BLOCKS: usize = 500;
/// Rounds in which circles are broken at most.
const MAX_ROUNDS: usize = 20;

/// What stands nearest above a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Above {
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
    /// The cost of each step: from the headline or from nothing to the first block, and on from block to
    /// block.
    pub(super) costs: Vec<f32>,
    /// The jump lines at its end and at its beginning.
    pub(super) leaves: Option<usize>,
    pub(super) arrives: Option<usize>,
}

/// The blocks and headlines of a sheet compared.
pub(super) struct Flow<'a> {
    pub(super) sheet: &'a Sheet,
    pub(super) blocks: &'a [&'a Block],
    pub(super) heads: &'a [Head],
    pub(super) above: Vec<Above>,
    /// As `above`, what is neither text nor headline being transparent.
    open_above: Vec<Above>,
    pub(super) roots: Vec<Option<usize>>,
    /// The blocks that each headline stands over, from left to right.
    pub(super) under: Vec<Vec<usize>>,
    /// The headlines that stand within their text: it began above them.
    pub(super) amid: Vec<bool>,
    /// Blocks right above and right below a headline amid its text.
    pub(super) leaps: Vec<(usize, usize)>,
    /// The blocks that go on on another page, and those that come from one,
    /// with the jump lines that say so.
    pub(super) leaves: Vec<Option<usize>>,
    pub(super) arrives: Vec<Option<usize>>,
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
        if state[at] == 1
            && before[at] < n
            && let Some(from) = path.iter().position(|p| *p == at)
        {
            return path[from..].iter().copied().max_by(|a, b| table[*a][before[*a]].total_cmp(&table[*b][before[*b]]));
        }
        path.into_iter().for_each(|p| state[p] = 2);
    }
    None
}

/// A block as wide as its column.
pub(super) fn column(block: &Block) -> Area {
    Area { x0: block.left, x1: block.right, ..block.area }
}

impl<'a> Flow<'a> {
    fn of(sheet: &'a Sheet, blocks: &'a [&'a Block], heads: &'a [Head], others: &[Area], jumps: &[Jump]) -> Self {
        let mut flow = Self {
            sheet,
            blocks,
            heads,
            above: Vec::new(),
            open_above: Vec::new(),
            roots: Vec::new(),
            under: Vec::new(),
            amid: Vec::new(),
            leaps: Vec::new(),
            leaves: vec![None; blocks.len()],
            arrives: vec![None; blocks.len()],
        };
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
            let pairs: Vec<(usize, usize)> = flow.under[h].iter().filter_map(|t| flow.over_head(h, *t).map(|s| (s, *t))).collect();
            flow.leaps.extend(pairs);
        }
        flow
    }

    /// Finds the block that each jump line stands at.
    fn mark(&mut self, jumps: &[Jump]) {
        for (n, jump) in jumps.iter().enumerate() {
            let near = |area: &Area| {
                let gap = if jump.arrives { area.y0 - jump.area.y1 } else { jump.area.y0 - area.y1 };
                (area.overlap_x(&jump.area) > 0.5 * jump.area.width() && gap > -self.sheet.lead && gap < 2.0 * self.sheet.lead)
                    .then_some(gap)
            };
            let found =
                (0..self.blocks.len()).filter_map(|t| near(&column(self.blocks[t])).map(|gap| (t, gap))).min_by(|a, b| a.1.total_cmp(&b.1));
            if let Some((t, _)) = found {
                let marked = if jump.arrives { &mut self.arrives } else { &mut self.leaves };
                marked[t] = Some(n);
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
                let fits =
                    ((a.x0 + b.x1) / 2.0 - middle).abs() <= 0.6 * self.sheet.body && b.x1 - a.x0 >= head.main.width() - self.sheet.body;
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
            let mut chain = Chain { head, blocks: vec![start], costs: vec![table[start][before[start]]], ..Chain::default() };
            let mut at = start;
            while let Some(t) = next[at] {
                chain.costs.push(table[t][before[t]]);
                chain.blocks.push(t);
                at = t;
            }
            chain.leaves = chain.blocks.iter().find_map(|t| self.leaves[*t]);
            chain.arrives = chain.blocks.iter().find_map(|t| self.arrives[*t]);
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
