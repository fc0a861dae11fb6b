//! What it costs that one block goes on in another, that a headline's text begins with a block, and that
//! nothing stands before it. The values are sums of reasons and were set by hand.

use crate::article::lexicon;
use crate::model::layout::Area;

use super::blocks::Tail;
use super::flow::{Above, Flow, GUTTER, NEVER, column};
use super::sheet::SIZE_SHARE;

/// What a word that is divided between two blocks counts at most.
const MOST_AFFINITY: f32 = 3.0;

impl Flow<'_> {
    /// How the end of the one and the beginning of the other go together.
    fn text(&self, s: usize, t: usize) -> f32 {
        match (self.blocks[s].tail(), self.blocks[t].is_indented()) {
            (Tail::Unfinished, false) => -4.0 - self.affinity(s, t),
            (Tail::Unfinished, true) | (Tail::Short, false) => 5.0,
            (Tail::Short, true) => -1.0,
            (Tail::Full, true) => -0.5,
            (Tail::Full, false) => -1.0,
        }
    }

    /// How strongly the characters at which the one ends and the other begins belong to one word or number.
    fn affinity(&self, s: usize, t: usize) -> f32 {
        let last = self.blocks[s].rows.last().and_then(|row| row.text.chars().next_back());
        let first = self.blocks[t].rows.first().and_then(|row| row.text.chars().next());
        match (last, first) {
            (Some(a), Some(b)) if a.is_ascii_digit() && b.is_ascii_digit() => MOST_AFFINITY / 2.0,
            (Some(a), Some(b)) => lexicon::affinity(a, b).clamp(0.0, MOST_AFFINITY),
            _ => 0.0,
        }
    }

    /// What it costs to go on from block `s` to block `t`.
    pub(super) fn step(&self, s: usize, t: usize) -> f32 {
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
            if headed.is_some() && !self.leaps.contains(&(s, t)) {
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
        if self.leaves[s].is_some() || self.arrives[t].is_some() {
            cost += 8.0;
        }
        if self.leaps.contains(&(s, t)) {
            cost -= 4.5;
        } else if self.leaps.iter().any(|leap| leap.1 == t) {
            // What stands under a headline amid its text goes on from what stands over it.
            cost += 3.0;
        }
        cost
    }

    /// What it costs that the text of headline `h` begins with block `t`.
    pub(super) fn open(&self, h: usize, t: usize) -> f32 {
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
                c.x0 > edge - 0.5 * self.sheet.body
                    && c.x0 - edge < GUTTER * self.sheet.body
                    && (c.y0 - here.y0).abs() < 1.2 * self.sheet.lead
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

    /// What it costs that no text and no headline stands before block `t`.
    pub(super) fn headless(&self, t: usize) -> f32 {
        let to = self.blocks[t];
        if self.arrives[t].is_some() {
            -2.0
        } else if to.is_indented() {
            3.0
        } else {
            6.0
        }
    }
}
