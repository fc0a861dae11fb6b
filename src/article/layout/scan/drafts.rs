//! Items of a recognised page: headlines with the texts that follow them.

use crate::article::heads::Role;
use crate::article::layout::aside;
use crate::article::layout::blocks::Block;
use crate::article::layout::compose;
use crate::article::layout::heads::Head;
use crate::article::layout::placed::{Part, Piece, Placed};
use crate::article::layout::sheet::Row;
use crate::article::script::ends_sentence;
use crate::model::{Article, ArticleKind, Continuation, Page};

use super::chunks::{Chunk, Measures, TALL, median, stacked};
use super::looks::{HEAD_LINES, Look, reads_as_name};

/// Most lines of a deck that is set in the body's size.
const DECK_LINES: usize = 5;
/// How far heights of lines of one headline may differ, as a share.
const HEIGHT_SHARE: f32 = 0.22;
/// How often small headlines stand over texts on a page that has rubrics over several of them.
const RUBRIC_HEADS: usize = 3;
/// Most characters of a text without a headline that is none.
const FILLER_CHARS: usize = 80;
/// Most characters of a dateline.
const DATELINE_CHARS: usize = 44;
/// Most characters of a rubric in capitals.
const RUBRIC_CHARS: usize = 24;
/// Most lines of an advertisement without a frame.
const AD_LINES: usize = 8;

/// An item while it is put together.
#[derive(Debug, Clone, Default)]
pub(in crate::article::layout) struct Draft<'a> {
    pub(in crate::article::layout) heads: Vec<(Role, &'a Chunk)>,
    pub(in crate::article::layout) section: Option<String>,
    pub(in crate::article::layout) bodies: Vec<Block>,
    pub(in crate::article::layout) bylines: Vec<Row>,
    pub(in crate::article::layout) kind: Option<ArticleKind>,
    pub(in crate::article::layout) continuation: Continuation,
    pub(in crate::article::layout) sure: f32,
}

/// How sure the cut of a recognised page is where nothing speaks against it.
const SURE: f32 = 0.8;
/// How sure it is of a text without a headline.
const HEADLESS: f32 = 0.45;

pub(super) fn drafts<'a>(chunks: &'a [Chunk], looks: &[Look], measures: &Measures) -> Vec<Draft<'a>> {
    let small = small_heads(chunks, looks, measures);
    let mut drafts: Vec<Draft<'a>> = Vec::new();
    let mut pending: Vec<&Chunk> = Vec::new();
    let mut section: Option<String> = None;
    let mut family: Option<&str> = None;
    for (n, (chunk, look)) in chunks.iter().zip(looks).enumerate() {
        let other = chunk.family().is_some() && family.is_some() && chunk.family() != family;
        // Below a band of columns another one begins, in which no text of the upper one goes on.
        let before = n.checked_sub(1).map(|p| chunks[p].area());
        let below = before.is_some_and(|before| chunk.area().x1 < before.x0 && chunk.area().y0 >= before.y1 - measures.height);
        if other {
            drafts.extend(pending.drain(..).map(|head| Draft { heads: vec![(Role::Headline, head)], ..Draft::default() }));
            section = None;
        }
        family = chunk.family().or(family);
        match look {
            Look::Head => pending.push(chunk),
            Look::Name if !pending.is_empty() => pending.push(chunk),
            Look::Name => match drafts.last_mut() {
                Some(draft) => draft.bylines.extend(chunk.block.rows.iter().cloned()),
                None => pending.push(chunk),
            },
            Look::Text if pending.is_empty() && !other && !below && !drafts.is_empty() => {
                if let Some(draft) = drafts.last_mut() {
                    draft.bodies.push(chunk.block.clone());
                }
            }
            Look::Text => {
                let is_deck = chunk.block.rows.len() <= DECK_LINES
                    && chunk.whole
                    && pending.last().is_some_and(|head| head.height >= TALL * measures.height && stacked(head, chunk, measures))
                    && chunks.get(n + 1).zip(looks.get(n + 1)).is_some_and(|(next, look)| {
                        *look == Look::Text && next.block.rows.len() > 2 * chunk.block.rows.len() && stacked(chunk, next, measures)
                    });
                if is_deck {
                    pending.push(chunk);
                    continue;
                }
                let (heads, rubric) = roles(std::mem::take(&mut pending), small, measures);
                section = rubric.or(section);
                let sure = if heads.is_empty() { HEADLESS } else { SURE };
                drafts.push(Draft { heads, section: section.clone(), bodies: vec![chunk.block.clone()], sure, ..Draft::default() });
            }
        }
    }
    drafts.extend(pending.into_iter().map(|head| Draft { heads: vec![(Role::Headline, head)], ..Draft::default() }));
    drafts
}

/// The height of the small headlines that stand over texts of their own all over the page, where it has
/// such.
fn small_heads(chunks: &[Chunk], looks: &[Look], measures: &Measures) -> Option<f32> {
    let alone = |n: &usize| {
        looks[*n] == Look::Head
            && looks.get(n + 1) == Some(&Look::Text)
            && n.checked_sub(1).is_none_or(|p| looks[p] != Look::Head)
            && chunks[*n].height < TALL * measures.height
    };
    let heights: Vec<f32> = (0..chunks.len()).filter(alone).map(|n| chunks[n].height).collect();
    (heights.len() >= RUBRIC_HEADS).then(|| median(heights))
}

/// What the lines over a text are. A line that is larger than the headline and stands over several small
/// ones names a section.
fn roles<'a>(lines: Vec<&'a Chunk>, small: Option<f32>, measures: &Measures) -> (Vec<(Role, &'a Chunk)>, Option<String>) {
    let alike = |a: f32, b: f32| (a - b).abs() <= HEIGHT_SHARE * a.max(b);
    let mut lines = lines;
    let mut section = None;
    while let (Some(small), [first, .., last]) = (small, lines.as_slice())
        && is_rubric(first, last, small)
    {
        section = Some(lines.remove(0).chars().into_iter().collect());
    }
    let main = lines.iter().filter(|c| c.block.rows.len() <= HEAD_LINES).map(|c| c.height).fold(0.0, f32::max);
    let mut heads = Vec::new();
    let first_main = lines.iter().position(|chunk| alike(chunk.height, main));
    for (n, chunk) in lines.into_iter().enumerate() {
        let tall = chunk.height >= TALL * measures.height || main < TALL * measures.height;
        let role = if alike(chunk.height, main) && tall && (chunk.block.rows.len() <= 2 || main >= TALL * measures.height) {
            Role::Headline
        } else if first_main.is_some_and(|first| n < first) {
            Role::Kicker
        } else {
            Role::Deck
        };
        heads.push((role, chunk));
    }
    (heads, section)
}

/// Whether `first`, which stands over the headline `last`, names a section: that is one of the page's small
/// headlines, and this is much larger, or set in capitals.
fn is_rubric(first: &Chunk, last: &Chunk, small: f32) -> bool {
    let capitals = |chunk: &Chunk| {
        let chars = chunk.chars();
        chars.len() <= RUBRIC_CHARS && chars.iter().any(|c| c.is_alphabetic()) && !chars.iter().any(|c| c.is_lowercase())
    };
    let is_small =
        (last.height - small).abs() <= HEIGHT_SHARE * last.height.max(small) && last.block.rows.len() <= 2 && !ends_sentence(&last.chars());
    is_small && (first.height >= TALL * last.height || (capitals(first) && !capitals(last)))
}

impl Draft<'_> {
    /// Takes a name off the end of the text: a short last line at the right.
    pub(in crate::article::layout) fn sign(&mut self, measures: &Measures) {
        let Some(last) = self.bodies.last_mut() else { return };
        let Some((name, above)) = last.rows.split_last() else { return };
        let Some(line) = above.last() else { return };
        let right = name.area.x0 > last.left + 0.35 * (last.right - last.left);
        let ended = ends_sentence(&line.chars());
        if right && ended && name.area.width() < 0.6 * measures.column && reads_as_name(&name.chars()) {
            self.bylines.extend(last.rows.pop());
        }
    }

    /// The item that it makes.
    pub(in crate::article::layout) fn item(&self, page: &Page) -> Placed {
        let rows = |role: Role| self.heads.iter().filter(move |h| h.0 == role).flat_map(|h| &h.1.block.rows);
        let heads = [Role::Kicker, Role::Headline, Role::Deck];
        let mut pieces: Vec<Piece> = heads.into_iter().filter_map(|role| Piece::of(Part::from(role), rows(role))).collect();
        pieces.extend(Piece::of_blocks(&self.bodies));
        pieces.extend(Piece::of(Part::Byline, &self.bylines));
        Placed::of(pieces, self.article(page))
    }

    fn article(&self, page: &Page) -> Article {
        let rows: Vec<(Role, Row)> =
            self.heads.iter().flat_map(|(role, chunk)| chunk.block.rows.iter().map(|row| (*role, row.clone()))).collect();
        let head = (!rows.is_empty()).then(|| Head::given(rows));
        let blocks: Vec<&Block> = self.bodies.iter().collect();
        let spoken: Vec<char> = blocks.iter().flat_map(|block| block.chars()).collect();
        let rows = blocks.iter().map(|block| block.rows.len()).sum::<usize>();
        let small_ad = || (self.heads.is_empty() && rows <= AD_LINES && is_small_ad(&spoken)).then_some(ArticleKind::Ad);
        let kind = self.kind.or_else(|| aside::advertisement(&spoken, false)).or_else(small_ad);
        match kind.filter(|kind| !kind.is_news()) {
            Some(kind) => compose::furniture(kind, head.as_ref(), compose::paragraphs(&blocks), &page.number, false),
            // A line or two without a headline send the reader to another page, or fill a gap.
            None if blocks.is_empty() || (head.is_none() && spoken.len() <= FILLER_CHARS) => {
                let text = compose::paragraphs(&blocks);
                compose::furniture(ArticleKind::Masthead, head.as_ref(), text, &page.number, true)
            }
            None => {
                let item = compose::Item {
                    head: head.as_ref(),
                    blocks,
                    bylines: self.bylines.iter().collect(),
                    caption: self.kind == Some(ArticleKind::Photo),
                    continuation: self.continuation.clone(),
                    sure: self.sure,
                    ..compose::Item::default()
                };
                let mut article = compose::article(&item, &page.number, self.section.as_deref());
                part_dateline(&mut article);
                article
            }
        }
    }
}

/// Words of small advertisements in the languages of the papers that libraries recognise, in lower case.
const AD_WORDS: &[&str] = &[
    "à louer",
    "à vendre",
    "s'adresser",
    "s’adresser",
    "on demande",
    "demandez",
    "catalogue",
    "prix",
    "agent",
    "représentant",
    "zu verkaufen",
    "zu vermieten",
    "gesucht",
    "preis",
    "zu haben",
    "billig",
    "for sale",
    "to let",
    "apply to",
    "te koop",
    "te huur",
    "vendesi",
    "affittasi",
    "se vende",
    "se alquila",
];

/// Whether a short text without a headline is an advertisement: it speaks like one, and ends with the
/// number under which the paper booked it or speaks like one twice.
fn is_small_ad(chars: &[char]) -> bool {
    let text: String = chars.iter().flat_map(|c| c.to_lowercase()).collect();
    let words = AD_WORDS.iter().filter(|word| text.contains(**word)).count();
    let booked = chars.iter().rev().skip_while(|c| !c.is_alphanumeric()).take_while(|c| c.is_ascii_digit()).count() >= 3;
    words >= 2 || (words == 1 && booked)
}

/// Takes a dateline off the beginning whose date is a word (Lyon, jeudi. —), as papers of a hundred
/// years ago have it.
fn part_dateline(article: &mut Article) {
    let Some(first) = article.paragraphs.first_mut().filter(|_| article.dateline.is_none()) else { return };
    let Some((at, dash)) = first.char_indices().take(DATELINE_CHARS).find(|(_, c)| matches!(c, '—' | '–')) else { return };
    let before = first[..at].trim_end();
    let place = before.split_once(',').map(|(place, day)| (place, day.trim().trim_end_matches('.')));
    let is_dateline = place.is_some_and(|(place, day)| {
        place.starts_with(char::is_uppercase)
            && place.split_whitespace().count() <= 3
            && !day.is_empty()
            && !day.contains('.')
            && before.ends_with('.')
    });
    if is_dateline {
        let behind = at + dash.len_utf8();
        article.dateline = Some(first[..behind].to_owned());
        *first = first[behind..].trim_start().to_owned();
    }
}
