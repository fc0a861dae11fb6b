//! Cuts a page into articles, from its text alone.
//!
//! A page's text gives lines in an order of its own: columns of one article apart from each other,
//! headlines before, after or between the bodies, neighbouring columns run together. The cut goes
//! through steps, each of which asks fitted questions (`forest`, `weights`) of what it sees:
//!
//! 1. `lines`: lines to cells: letter-spacing closed, twins folded, merged columns divided.
//! 2. `classify`: what each cell is: body, display, signature, notice, weather, folio.
//! 3. `links`, `rivalry`: cells to bodies, solved for the whole page.
//! 4. `heads`: display lines to bodies; `roles`: what part they play; `review`: with these, bodies once more.
//! 5. `compose`: paragraphs, datelines, by-lines, credits.

use crate::model::{Article, ArticleKind, Continuation, Page, PageLabel, Problem};

mod adjacency;
mod classify;
mod compose;
mod confidence;
mod cover;
mod explain;
mod forest;
mod furniture;
mod grams;
mod habits;
mod heads;
mod identify;
mod layout;
mod lettering;
mod lexicon;
mod likeness;
mod lines;
mod links;
mod marks;
mod owners;
mod parting;
mod printed;
mod review;
mod rivalry;
mod roles;
mod script;
mod seams;
mod strides;
mod succession;
mod told;
mod weights;
mod windows;
mod wordlist;
mod words;

pub use identify::identify;

use classify::Class;
use compose::Parts;
use seams::{Fragment, Ground};

/// Which version of the cutter this is; a newer one cuts stored pages again.
pub const CUTTER_VERSION: u32 = 5;

/// The confidence below which an item is told to be doubtful.
pub const DOUBTFUL: f32 = 0.5;

/// The items of a page: articles and pictures in the order in which their bodies begin in the page's
/// text, then what is not news.
///
/// `language` is a BCP 47 tag and no more than a hint; the script is seen from the text. The same
/// page gives the same items. Every line of the page ends up in exactly one item.
///
/// Problems of an item: `headline-missing`, `cut-doubtful` (below [`DOUBTFUL`]), `line-unplaced` (a
/// display line or signature that no body was found for; such lines are kept as furniture).
pub fn cut(page: &Page, language: &str) -> Vec<Article> {
    cut_and_tell(page, language).0
}

/// As [`cut`], with what is wrong with the cut of the page as a whole.
///
/// Problems: `page-cut-in-part` (the page is larger than any newspaper's, and a step was not done
/// for all of it; its message says which).
pub fn cut_and_tell(page: &Page, language: &str) -> (Vec<Article>, Vec<Problem>) {
    if let Some(articles) = layout::cut(page) {
        return (articles, Vec::new());
    }
    with_cut(page, language, |ground, bodies, _, articles| (articles, problems(ground, bodies)))
}

/// How [`cut`] came to its items. Of a page that was cut by its text: what each line was taken for, the
/// joints of bodies with their scores, the lines over each body, and how sure each item is. Of one that
/// was cut by its layout: the pieces of each item, where they stand, and what their order cost.
pub fn explain(page: &Page, language: &str) -> String {
    if let Some(report) = layout::explain(page) {
        return report;
    }
    with_cut(page, language, |ground, bodies, parts, articles| explain::report(ground, bodies, parts, &articles))
}

/// The number that the page itself prints in its folio (第03版, A05版), where it has a layout that shows
/// which line that is.
pub fn printed_number(page: &Page) -> Option<PageLabel> {
    layout::number(page)
}

/// The page drawn as SVG with its items, their pieces and the order in which they are read; `None` of a
/// page that was cut by its text alone.
pub fn overlay(page: &Page) -> Option<String> {
    layout::overlay(page)
}

fn with_cut<T>(page: &Page, _language: &str, then: impl FnOnce(&Ground<'_>, &[Fragment], &[Parts], Vec<Article>) -> T) -> T {
    let (cells, chances) = look(page);
    let mut ground = Ground::of(&cells, &chances);
    let (bodies, parts) = reviewed(&mut ground);
    let section = furniture::section(&ground);
    let around = confidence::Surroundings::of(&ground, &parts, &bodies);
    let sure = |part: &Parts, body: &Fragment| forest::probability(weights::SURE.score(&confidence::features(&ground, part, body, around)));
    let told = bodies.into_iter().zip(parts).map(|(body, part)| (sure(&part, &body), body, part));
    let mut articles: Vec<Article> = Vec::new();
    let (bodies, parts): (Vec<Fragment>, Vec<Parts>) = told
        .filter(|(sure, body, part)| !review::is_shred(*sure, body, part))
        .map(|(sure, body, part)| {
            articles.push(article(&ground, &part, sure, &page.number, section.as_deref()));
            (body, part)
        })
        .unzip();
    articles.extend(furniture::items(&ground, &parts, &page.number));
    then(&ground, &bodies, &parts, articles)
}

/// What was not done for all of a page.
fn problems(ground: &Ground<'_>, bodies: &[Fragment]) -> Vec<Problem> {
    let mut out = Vec::new();
    let mut tell = |what: String| out.push(Problem::new("page-cut-in-part", format!("{what}; give the pages one by one")));
    if ground.undivided > 0 {
        tell(format!(
            "the page has more than {} lines and columns, and {} lines behind these were not divided into columns",
            lines::MAX_CELLS,
            ground.undivided
        ));
    }
    if ground.unjoined {
        tell(format!("the page has more than {} runs of lines, which were left in their order", links::MAX_FRAGMENTS));
    }
    let headed = headed(ground, bodies.len());
    if headed < bodies.len() {
        tell(format!("headlines were sought for the first {headed} of {} bodies only", bodies.len()));
    }
    out
}

/// What a page may cost at most whose display lines seek their bodies: lines times bodies times
/// cells, of which every pair of the first two looks at some. A full broadsheet costs a fifth.
const MAX_HEADING: usize = 25_000_000;

/// Display lines whose bodies are sought at most; see `heads`.
const MAX_DISPLAYS: usize = 300;

/// Among how many of `bodies` bodies, from the first on, display lines seek theirs.
fn headed(ground: &Ground<'_>, bodies: usize) -> usize {
    let displays = ground.classes.iter().filter(|c| **c == Class::Display).count().min(MAX_DISPLAYS);
    let cost = displays * ground.cells.len();
    bodies.min(MAX_HEADING.checked_div(cost).unwrap_or(usize::MAX))
}

/// The cells of a page and what each may be.
pub fn look(page: &Page) -> (lines::Cells, Vec<classify::Chances>) {
    let cells = lines::cells(page);
    let chances = classify::classify(&cells);
    parting::part(cells, chances)
}

/// The bodies of a page.
pub fn bodies(ground: &mut Ground<'_>) -> Vec<Fragment> {
    let joined = links::bodies(ground, links::FIRST_BALANCE, links::SECOND_BALANCE);
    // More bodies than fragments can be joined are the fragments themselves.
    ground.unjoined = joined.len() > links::MAX_FRAGMENTS;
    let tiled = links::tile(ground, joined, links::SECOND_BALANCE);
    links::settle(ground, tiled)
}

/// The bodies of a page that are news, joined once more now that headlines stand over them, and these.
pub fn reviewed(ground: &mut Ground<'_>) -> (Vec<Fragment>, Vec<Parts>) {
    let (bodies, parts) = newsworthy(ground);
    let count = bodies.len();
    let merged = review::merge(ground, bodies, &parts);
    let parts = if merged.len() == count { parts } else { self::parts(ground, &merged) };
    let (merged, parts, headed) = review::without_scraps(ground, merged, parts);
    // What stood over a scrap stands over something else.
    let parts = if headed { self::parts(ground, &merged) } else { parts };
    let parts = if review::crown(ground, &merged, &parts) { self::parts(ground, &merged) } else { parts };
    (merged, parts)
}

/// The bodies of a page with the lines at their edges that had looked like something else.
pub fn taken(ground: &mut Ground<'_>) -> Vec<Fragment> {
    let joined = bodies(ground);
    review::take_in(ground, joined)
}

/// The bodies of a page with all lines at their edges that are theirs, and none that are not.
pub fn trimmed(ground: &mut Ground<'_>) -> Vec<Fragment> {
    let whole = taken(ground);
    review::shed(ground, whole)
}

/// The bodies of a page that are news, with what belongs to them.
pub fn newsworthy(ground: &mut Ground<'_>) -> (Vec<Fragment>, Vec<Parts>) {
    let all = trimmed(ground);
    let parts = parts(ground, &all);
    let count = all.len();
    let kept = review::news(ground, all, &parts);
    let parts = if kept.len() == count { parts } else { self::parts(ground, &kept) };
    (kept, parts)
}

/// Bodies with the display lines and signatures that belong to them.
pub fn parts(ground: &Ground<'_>, bodies: &[Fragment]) -> Vec<Parts> {
    let heads = heads::Heads::of(ground, &bodies[..headed(ground, bodies.len())]);
    let owners = heads.owners();
    let mut parts: Vec<Parts> = bodies.iter().map(|b| Parts { body: b.cells.clone(), ..Parts::default() }).collect();
    for (b, part) in parts.iter_mut().enumerate() {
        let group: Vec<usize> = (0..owners.len()).filter(|d| owners[*d].is_some_and(|o| o.0 == b)).collect();
        let roles = heads.roles(&group, b);
        part.owned = group.iter().filter_map(|d| owners[*d]).map(|o| o.1).fold(f32::NEG_INFINITY, f32::max).max(-9.0);
        part.display = group.iter().map(|d| heads.displays[*d]).zip(roles).collect();
    }
    let mut owner = vec![None; ground.cells.len()];
    for (b, body) in bodies.iter().enumerate() {
        body.cells.iter().for_each(|c| owner[*c] = Some(b));
    }
    for i in 0..ground.cells.len() {
        if ground.classes[i] != Class::Signature {
            continue;
        }
        let behind = i.checked_sub(1).and_then(|p| owner[p]);
        let ahead = owner.get(i + 1).copied().flatten();
        let byline = marks::is_byline(&ground.cells[i].chars) && !marks::is_credit(&ground.cells[i].chars);
        let chosen = if byline { ahead.or(behind) } else { behind.or(ahead) };
        if let Some(b) = chosen {
            parts[b].signatures.push(i);
        }
    }
    parts
}

fn article(ground: &Ground<'_>, parts: &Parts, sure: f32, page: &str, section: Option<&str>) -> Article {
    let paragraphs = compose::paragraphs(ground, &parts.body);
    let photo = weights::PHOTO.score(&compose::photo_features_with(ground, parts, paragraphs.len())) > 0.0;
    let mut signed = compose::sign(paragraphs);
    for s in &parts.signatures {
        let chars = &ground.cells[*s].chars;
        if marks::is_jump(chars) {
            continue;
        }
        let names = marks::names(&chars.iter().collect::<String>());
        if photo || marks::is_credit(chars) { &mut signed.credit } else { &mut signed.byline }.extend(names);
    }
    let headline = compose::display_text(ground, parts, heads::Role::Headline);
    let mut problems = Vec::new();
    if headline.is_none() && !photo {
        problems.push(Problem::new("headline-missing", "no display line of the page was found to stand over this body"));
    }
    if sure < DOUBTFUL {
        problems.push(Problem::new(
            "cut-doubtful",
            format!("the cut is right with a probability of {sure:.2} only; compare with the printed page"),
        ));
    }
    let mut article = Article {
        kind: if photo { ArticleKind::Photo } else { ArticleKind::Article },
        kicker: compose::display_text(ground, parts, heads::Role::Kicker),
        headline,
        deck: compose::display_text(ground, parts, heads::Role::Deck),
        dateline: signed.dateline,
        byline: signed.byline,
        credit: signed.credit,
        paragraphs: signed.paragraphs,
        page: page.to_owned(),
        section: section.map(str::to_owned),
        place: None,
        continuation: Continuation::default(),
        confidence: sure,
        problems,
        site: None,
    };
    compose::close_blanks(&mut article);
    article
}

/// What the trainer needs to see of the inside; no part of the interface.
#[doc(hidden)]
pub mod fitting {
    pub use crate::article::classify::{
        Chances, Class, classify, features as class_features, likeliest, second_features as class_features_again,
    };
    pub use crate::article::compose::{Parts, paragraph_features, photo_features};
    pub use crate::article::confidence::{Surroundings, features as sure_features};
    pub use crate::article::cover::cover;
    pub use crate::article::heads::{Heads, Role};
    pub use crate::article::lines::{Cell, Cells, cells, gap_examples};
    pub use crate::article::links::{
        Balance, FIRST_BALANCE, SECOND_BALANCE, bodies as joined, candidates, edge_features, first_pass, glue_candidates, glue_features,
        link_features, places, rivals, runs, score, settle, tile, tile_features,
    };
    pub use crate::article::parting::{part, part_examples};
    pub use crate::article::review::{beside_edge, edge_line_features, merge_candidates, merge_features, news_features};
    pub use crate::article::roles::{KINDS, MAX_LINES, run_features};
    pub use crate::article::seams::{Fragment, Ground};
    pub use crate::article::windows::Windows;
    pub use crate::article::{bodies, look, newsworthy, parts, reviewed, taken, trimmed};
}

#[cfg(test)]
mod tests;
