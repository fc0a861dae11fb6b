//! A page's layout as the cut sees it: rows of text, rules, frames and pictures.

use unicode_normalization::UnicodeNormalization;

use crate::model::layout::{Area, Direction, Hyphen, Layout, Line};

/// The widest difference of baselines within a row, in em.
const BASE_EM: f32 = 0.18;
/// How far sizes of one text may differ, as a share.
pub(super) const SIZE_SHARE: f32 = 0.06;
/// The widest gap within a row of text, in em: a dateline and what follows it may stand that far apart.
const GAP_EM: f32 = 6.0;
/// The gap, in em, up to which a row goes on in any case.
const CLOSE_EM: f32 = 0.5;
/// How far above and below a gap, in em, rows tell whether it is a gutter.
const AROUND_EM: f32 = 6.0;
/// How often rows are joined at most.
const REJOIN_ROUNDS: usize = 3;
/// The widest gap between the parts of a headline, in em.
const HEAD_GAP_EM: f32 = 1.6;
/// From which size, as a multiple of the body's, a row is a part of a headline.
pub(super) const HEAD_SIZE: f32 = 1.28;
/// The gap, in em, from which words stand apart.
const WORD_EM: f32 = 0.12;
/// The gap, in em, from which ideographs were set apart on purpose: justified lines stay below it.
const BLANK_EM: f32 = 0.62;
/// The least side of a frame in points; what is smaller is an ornament.
const FRAME_SIDE: f32 = 30.0;
/// The share of the page from which a frame is the page's own border.
const BORDER_SHARE: f32 = 0.8;
/// How far the ends of four rules may miss each other and still be a frame, in points.
const CORNER: f32 = 4.0;
/// Rules among which frames are sought.
const MAX_RULES: usize = 240;

/// A row of text in one size.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) text: String,
    /// What it covers; of a row that runs down too.
    pub(super) area: Area,
    /// The y of its baseline, or the x of its middle.
    pub(super) base: f32,
    pub(super) size: f32,
    pub(super) font: u16,
    /// Whether its characters stand one under another.
    pub(super) down: bool,
    /// Whether white space was set before it.
    pub(super) spaced: bool,
    /// Whether the file says that its last word goes on in the next row.
    pub(super) soft: bool,
}

impl Row {
    pub(super) fn chars(&self) -> Vec<char> {
        self.text.chars().collect()
    }

    /// Whether both are set in the same size.
    pub(super) fn is_of_size(&self, size: f32) -> bool {
        (self.size - size).abs() <= SIZE_SHARE * self.size.max(size)
    }

    /// The row mirrored so that text that runs down runs across: its columns become rows.
    pub(super) fn turned(mut self, width: f32) -> Self {
        self.area = turned(&self.area, width);
        self.base = width - self.base + 0.38 * self.size;
        self.down = !self.down;
        self
    }
}

/// An area of a page of vertical text as if it ran across.
pub(super) fn turned(area: &Area, width: f32) -> Area {
    Area { x0: area.y0, x1: area.y1, y0: width - area.x1, y1: width - area.x0 }
}

/// All that stands on a page or within a frame of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Sheet {
    pub(super) rows: Vec<Row>,
    /// Rules that run across.
    pub(super) level: Vec<Area>,
    /// Rules that run down.
    pub(super) upright: Vec<Area>,
    /// Frames with text in them.
    pub(super) frames: Vec<Area>,
    pub(super) pictures: Vec<Area>,
    /// What the text must flow around though it stands on another sheet.
    pub(super) obstacles: Vec<Area>,
    /// The size most characters are set in.
    pub(super) body: f32,
    /// The distance of baselines most rows of body have.
    pub(super) lead: f32,
}

impl Sheet {
    /// What stands on the page.
    pub(super) fn of(layout: &Layout) -> Self {
        let mut sheet = Self::default();
        for rule in &layout.rules {
            if rule.is_horizontal() { &mut sheet.level } else { &mut sheet.upright }.push(rule.area);
        }
        let mut rows: Vec<Row> = layout.lines().filter(|line| line.direction != Direction::Turned).map(row).collect();
        rows.retain(|row| !row.text.trim().is_empty() && row.size > 0.0);
        sheet.body = body_size(&rows).unwrap_or(10.0);
        sheet.pictures = layout.pictures.iter().map(|picture| picture.area).collect();
        let holds = |area: &Area| rows.iter().any(|row| inside(&row.area, area));
        let page = layout.width * layout.height;
        let mut frames: Vec<Area> = Vec::new();
        for frame in &layout.frames {
            let painted = frame.stroke.is_some_and(|c| c != [255; 3]) || frame.fill.is_some_and(|c| c != [255; 3]);
            let large = frame.area.width().min(frame.area.height()) >= FRAME_SIDE;
            if painted && large && frame.area.width() * frame.area.height() < BORDER_SHARE * page {
                if holds(&frame.area) { &mut frames } else { &mut sheet.pictures }.push(frame.area);
            }
        }
        let ruled = ruled_frames(&sheet.level, &sheet.upright);
        frames.extend(ruled.into_iter().filter(|area| area.width() * area.height() < BORDER_SHARE * page && holds(area)));
        frames.sort_by(|a, b| (a.width() * a.height()).total_cmp(&(b.width() * b.height())));
        frames.dedup_by(|a, b| same(a, b));
        sheet.frames = frames;
        sheet.rows = rows;
        sheet.measure();
        sheet
    }

    /// Joins what gaps parted, and takes the measures of the body.
    pub(super) fn measure(&mut self) {
        if let Some(size) = body_size(&self.rows) {
            self.body = size;
        }
        // Rows that were joined show where a column runs to those that were not.
        for _ in 0..REJOIN_ROUNDS {
            let before = self.rows.len();
            self.rows = rejoin(std::mem::take(&mut self.rows), &self.upright, self.body);
            if self.rows.len() == before {
                break;
            }
        }
        self.lead = lead(&self.rows, self.body);
        self.rows = undrop(std::mem::take(&mut self.rows), self.body);
    }

    /// Whether a rule that runs across lies between the two heights, along most of the width.
    pub(super) fn ruled_between(&self, x0: f32, x1: f32, y0: f32, y1: f32) -> bool {
        self.level.iter().any(|rule| {
            let y = (rule.y0 + rule.y1) / 2.0;
            y >= y0 - 1.0 && y <= y1 + 1.0 && rule.x1.min(x1) - rule.x0.max(x0) > 0.6 * (x1 - x0)
        })
    }

    /// Whether a rule that runs down stands between the two places, along most of the height.
    pub(super) fn parted_between(&self, x0: f32, x1: f32, y0: f32, y1: f32) -> bool {
        self.upright.iter().any(|rule| {
            let x = (rule.x0 + rule.x1) / 2.0;
            x >= x0 - 1.0 && x <= x1 + 1.0 && rule.y1.min(y1) - rule.y0.max(y0) > 0.5 * (y1 - y0)
        })
    }
}

/// Whether the middle of `a` lies in `b`.
pub(super) fn inside(a: &Area, b: &Area) -> bool {
    b.contains((a.x0 + a.x1) / 2.0, (a.y0 + a.y1) / 2.0)
}

fn same(a: &Area, b: &Area) -> bool {
    [a.x0 - b.x0, a.x1 - b.x1, a.y0 - b.y0, a.y1 - b.y1].iter().all(|gap| gap.abs() <= CORNER)
}

/// Frames that are drawn as four rules.
fn ruled_frames(level: &[Area], upright: &[Area]) -> Vec<Area> {
    let near = |a: f32, b: f32| (a - b).abs() <= CORNER;
    let level: Vec<&Area> = level.iter().filter(|r| r.width() >= FRAME_SIDE).take(MAX_RULES).collect();
    let upright: Vec<&Area> = upright.iter().filter(|r| r.height() >= FRAME_SIDE).take(MAX_RULES).collect();
    let mut found = Vec::new();
    for (n, top) in level.iter().enumerate() {
        for foot in &level[n + 1..] {
            let (top, foot) = if top.y0 <= foot.y0 { (top, foot) } else { (foot, top) };
            if !near(top.x0, foot.x0) || !near(top.x1, foot.x1) || foot.y0 - top.y0 < FRAME_SIDE {
                continue;
            }
            let side = |x: f32| upright.iter().any(|r| near(r.x0, x) && near(r.y0, top.y0) && near(r.y1, foot.y1));
            if side(top.x0) && (side(top.x1) || side(top.x1 - 1.0)) {
                found.push(Area { x0: top.x0, x1: top.x1, y0: top.y0, y1: foot.y1 });
            }
        }
    }
    found
}

/// The row that a line is.
pub(super) fn row(line: &Line) -> Row {
    let down = line.direction == Direction::Down;
    let longest = line.runs.iter().max_by_key(|run| run.text.len());
    let size = longest.map_or(0.0, |run| if run.size > 0.0 { run.size } else { run.area.height() });
    let mut text = String::new();
    let mut end: Option<f32> = None;
    for run in &line.runs {
        let (from, to) = if down { (run.area.y0, run.area.y1) } else { (run.area.x0, run.area.x1) };
        if let Some(end) = end {
            set_apart(&mut text, &run.text, (from - end) / run.size.max(1.0), run.spaced);
        }
        text.push_str(&run.text);
        end = Some(to);
    }
    // Some fonts map ideographs to forms kept for round trips with other encodings.
    text = text.nfc().collect();
    text = crate::model::text::clean(&text).0.into_owned();
    let soft = line.hyphen == Hyphen::Soft || text.ends_with('\u{ad}');
    if text.ends_with('\u{ad}') {
        text.pop();
        text.push('-');
    }
    let area = line.runs.iter().map(|run| run.area).reduce(|a, b| a.union(&b)).unwrap_or(line.area);
    Row {
        text,
        area,
        base: line.base,
        size,
        font: longest.map_or(0, |run| run.font),
        down,
        spaced: line.runs.first().is_some_and(|run| run.spaced),
        soft,
    }
}

/// Puts a blank behind `text` where `next` stands apart from it by `gap` em.
fn set_apart(text: &mut String, next: &str, gap: f32, spaced: bool) {
    let wide = |c: Option<char>| c.is_some_and(|c| c >= '\u{2e80}');
    let ideographs = wide(text.chars().next_back()) && wide(next.chars().next());
    if spaced || gap > if ideographs { BLANK_EM } else { WORD_EM } {
        text.push(' ');
    }
}

/// The size most characters are set in.
pub(super) fn body_size(rows: &[Row]) -> Option<f32> {
    let mut sizes: Vec<(i32, usize)> = Vec::new();
    for row in rows {
        let key = (row.size * 4.0).round() as i32;
        let count = row.text.chars().count();
        match sizes.iter_mut().find(|s| s.0 == key) {
            Some(known) => known.1 += count,
            None => sizes.push((key, count)),
        }
    }
    // Neighbouring steps are one size that was rounded both ways.
    let sum = |key: i32| sizes.iter().filter(|s| (s.0 - key).abs() <= 1).map(|s| s.1).sum::<usize>();
    let key = sizes.iter().max_by_key(|s| (sum(s.0), s.1))?.0;
    let near: Vec<&Row> = rows.iter().filter(|row| (row.size * 4.0).round() as i32 == key).collect();
    Some(near.iter().map(|row| row.size).sum::<f32>() / near.len().max(1) as f32)
}

/// The commonest distance between rows of body that stand one under another.
fn lead(rows: &[Row], body: f32) -> f32 {
    let mut steps: Vec<f32> = Vec::new();
    let mut list: Vec<&Row> = rows.iter().filter(|row| !row.down && row.is_of_size(body)).collect();
    list.sort_by(|a, b| a.base.total_cmp(&b.base));
    for (n, row) in list.iter().enumerate() {
        let next = list[n + 1..]
            .iter()
            .take_while(|below| below.base - row.base < 2.5 * body)
            .find(|below| below.base - row.base > 0.6 * body && below.area.overlap_x(&row.area) > 0.5 * row.area.width());
        steps.extend(next.map(|below| below.base - row.base));
    }
    steps.sort_by(f32::total_cmp);
    let around = |step: f32| steps.iter().filter(|s| (**s - step).abs() <= 0.02 * step).count();
    steps.iter().copied().max_by_key(|step| around(*step)).unwrap_or(1.4 * body)
}

/// Joins rows on one baseline that a wide blank parted, where the rows above and below show that no
/// gutter runs through it.
fn rejoin(mut rows: Vec<Row>, upright: &[Area], body: f32) -> Vec<Row> {
    rows.sort_by(|a, b| a.base.total_cmp(&b.base).then(a.area.x0.total_cmp(&b.area.x0)));
    let mut gone = vec![false; rows.len()];
    for i in 0..rows.len() {
        if rows[i].down || gone[i] {
            continue;
        }
        // What is joined goes on to the right; a row that was met earlier may stand left of it.
        while let Some(j) = neighbour(&rows, &gone, i) {
            let (a, b) = (&rows[i], &rows[j]);
            let gap = (b.area.x0 - a.area.x1) / a.size;
            let crossed = upright.iter().any(|rule| {
                let x = (rule.x0 + rule.x1) / 2.0;
                x > a.area.x1 - 1.0 && x < b.area.x0 + 1.0 && rule.y0 < a.base && rule.y1 > a.area.y0
            });
            let heads = a.size >= HEAD_SIZE * body;
            let joined =
                if heads { gap <= HEAD_GAP_EM && is_head_blank(&rows, i, j) } else { gap <= CLOSE_EM || is_blank(&rows, &gone, i, j) };
            if crossed || !joined {
                break;
            }
            let next = rows[j].clone();
            gone[j] = true;
            let row = &mut rows[i];
            set_apart(&mut row.text, &next.text, gap, false);
            row.text.push_str(&next.text);
            row.area = row.area.union(&next.area);
            row.soft = next.soft;
        }
    }
    let mut gone = gone.into_iter();
    rows.retain(|_| !gone.next().unwrap_or(false));
    rows
}

/// The next row to the right on the same baseline.
fn neighbour(rows: &[Row], gone: &[bool], i: usize) -> Option<usize> {
    let a = &rows[i];
    let reach = BASE_EM * a.size;
    let from = rows.partition_point(|row| row.base < a.base - reach);
    (from..rows.len())
        .take_while(|j| rows[*j].base <= a.base + reach)
        .filter(|j| *j != i && !gone[*j] && !rows[*j].down && rows[*j].is_of_size(a.size))
        .filter(|j| (-0.1..=GAP_EM).contains(&((rows[*j].area.x0 - a.area.x1) / a.size)))
        .min_by(|j, k| rows[*j].area.x0.total_cmp(&rows[*k].area.x0))
}

/// Whether more rows around run through the gap than end at it. Words of a spaced script, and a gap
/// that white space was set in, need no majority.
fn is_blank(rows: &[Row], gone: &[bool], i: usize, j: usize) -> bool {
    let (a, b) = (&rows[i], &rows[j]);
    let (from, to) = (a.area.x1, b.area.x0);
    let reach = AROUND_EM * a.size;
    let slack = 0.3 * a.size;
    let first = rows.partition_point(|row| row.base < a.base - reach);
    let (mut through, mut ended) = (0, 0);
    for (k, row) in rows.iter().enumerate().skip(first).take_while(|(_, row)| row.base <= a.base + reach) {
        if k == i || k == j || gone[k] || row.down || !row.is_of_size(a.size) || (row.base - a.base).abs() < BASE_EM * a.size {
            continue;
        }
        if row.area.x0 < from - slack && row.area.x1 > to + slack {
            through += 1;
        } else if row.area.x1 <= to + slack && row.area.x1 >= from - slack {
            ended += 1;
        }
    }
    let latin = |c: Option<char>| c.is_some_and(|c| c < '\u{2e80}');
    let words = latin(a.text.chars().next_back()) && latin(b.text.chars().next());
    let wide = (to - from) / a.size > HEAD_GAP_EM;
    if (words || b.spaced) && !wide { through >= ended.max(1) || (b.spaced && ended == 0) } else { through > ended }
}

/// Whether the parts of a headline are one: white space was set between them, the letters are spread as
/// wide, or text under them runs through the gap.
fn is_head_blank(rows: &[Row], i: usize, j: usize) -> bool {
    let (a, b) = (&rows[i], &rows[j]);
    let gap = b.area.x0 - a.area.x1;
    let letters = a.text.chars().count().max(2) as f32;
    let spread = (a.area.width() - letters * a.size) / (letters - 1.0);
    let under = |row: &Row| {
        !row.down
            && row.size < a.size / HEAD_SIZE
            && row.base > a.base
            && row.base - a.base < 3.0 * a.size
            && row.area.x0 < a.area.x1
            && row.area.x1 > b.area.x0
    };
    b.spaced || (spread > 0.2 * a.size && gap <= 1.3 * spread) || rows.iter().any(under)
}

/// From which size, as a multiple of the body's, a letter at the beginning of a text is an initial.
const INITIAL_SIZE: f32 = 1.7;

/// Puts large initials before the rows beside them, whose left edge they then share.
fn undrop(mut rows: Vec<Row>, body: f32) -> Vec<Row> {
    let initial = |row: &Row| {
        !row.down && row.size >= INITIAL_SIZE * body && row.text.chars().count() == 1 && row.text.chars().all(char::is_alphabetic)
    };
    let initials: Vec<Row> = rows.iter().filter(|row| initial(row)).cloned().collect();
    for letter in initials {
        let beside = |row: &Row| {
            row.is_of_size(body)
                && !row.down
                && (-0.5 * body..1.5 * body).contains(&(row.area.x0 - letter.area.x1))
                && row.area.overlap_y(&letter.area) > 0.4 * row.area.height()
        };
        let mut list: Vec<usize> = (0..rows.len()).filter(|i| beside(&rows[*i])).collect();
        list.sort_by(|a, b| rows[*a].base.total_cmp(&rows[*b].base));
        let Some(first) = list.first().copied().filter(|_| list.len() > 1) else { continue };
        rows[first].text.insert_str(0, &letter.text);
        list.iter().for_each(|i| rows[*i].area.x0 = letter.area.x0);
        rows.retain(|row| *row != letter);
    }
    rows
}
