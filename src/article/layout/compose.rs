//! Blocks to articles: paragraphs, what names the makers, what kind of item it is.

use crate::article::compose::sign;
use crate::article::heads::Role;
use crate::article::marks;
use crate::article::script::{append_line, ends_sentence};
use crate::model::{Article, ArticleKind, Problem};

use super::blocks::{Block, Kind};
use super::heads::Head;
use super::sheet::Row;

/// From which indent, in em, a row begins a paragraph.
const INDENT_EM: f32 = 0.8;
/// From which share of the column a row is too short for its paragraph to go on.
const SHORT_SHARE: f32 = 0.15;
/// Most characters of a picture's text.
const PHOTO_CHARS: usize = 260;

/// The paragraphs of blocks that follow each other.
pub(super) fn paragraphs(blocks: &[&Block]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut over = true;
    let mut soft = false;
    for block in blocks.iter().filter(|block| block.kind != Kind::Jump) {
        for row in &block.rows {
            let begins = over || block.indent(row) >= INDENT_EM;
            match out.last_mut() {
                Some(last) if !begins => {
                    if soft && last.ends_with('-') {
                        last.pop();
                        last.push_str(&row.text);
                    } else {
                        append_line(last, &row.text);
                    }
                }
                _ => out.push(row.text.clone()),
            }
            soft = row.soft;
            over = ends_sentence(&row.chars()) && row.area.x1 < block.right - SHORT_SHARE * (block.right - block.left);
        }
    }
    out
}

/// What an item is made of.
#[derive(Debug, Clone, Default)]
pub(super) struct Item<'a> {
    pub(super) head: Option<&'a Head>,
    pub(super) blocks: Vec<&'a Block>,
    pub(super) bylines: Vec<&'a Row>,
    /// Whether it is known to be a picture's text.
    pub(super) caption: bool,
    /// How sure the cut is.
    pub(super) sure: f32,
}

/// Puts a piece of news together.
pub(super) fn article(item: &Item<'_>, page: &str, section: Option<&str>) -> Article {
    let paragraphs = paragraphs(&item.blocks);
    let characters: usize = paragraphs.iter().map(|p| p.chars().count()).sum();
    let credited = paragraphs.last().is_some_and(|last| marks::ending(&last.chars().collect::<Vec<_>>()).is_some_and(|e| e.picture));
    let photo = item.caption || (characters <= PHOTO_CHARS && credited);
    let mut signed = sign(paragraphs);
    let rows = item.head.iter().flat_map(|head| &head.bylines).chain(item.bylines.iter().copied());
    for row in rows {
        let names = marks::names(&row.text);
        let credit = photo || (marks::is_credit(&row.chars()) && !marks::is_byline(&row.chars()));
        if credit { &mut signed.credit } else { &mut signed.byline }.extend(names);
    }
    let text = |role| item.head.and_then(|head| head.text(role));
    let headline = text(Role::Headline);
    let mut problems = Vec::new();
    if headline.is_none() && !photo {
        problems.push(Problem::new("headline-missing", "no display line of the page was found to stand over this body"));
    }
    if item.sure < crate::article::DOUBTFUL {
        problems.push(Problem::new(
            "cut-doubtful",
            format!("the cut is right with a probability of {:.2} only; compare with the printed page", item.sure),
        ));
    }
    Article {
        kind: if photo { ArticleKind::Photo } else { ArticleKind::Article },
        kicker: text(Role::Kicker),
        headline,
        deck: text(Role::Deck),
        dateline: signed.dateline,
        byline: signed.byline,
        credit: signed.credit,
        paragraphs: signed.paragraphs,
        page: page.to_owned(),
        section: section.map(str::to_owned),
        confidence: item.sure,
        problems,
        site: None,
    }
}

/// Puts together what is no news.
pub(super) fn furniture(kind: ArticleKind, head: Option<&Head>, paragraphs: Vec<String>, page: &str, lost: bool) -> Article {
    let problems = if lost {
        vec![Problem::new("line-unplaced", "no body was found that this line belongs to; it is kept as furniture")]
    } else {
        Vec::new()
    };
    let text = |role| head.and_then(|head| head.text(role));
    Article {
        kind,
        kicker: text(Role::Kicker),
        headline: text(Role::Headline),
        deck: text(Role::Deck),
        dateline: None,
        byline: Vec::new(),
        credit: Vec::new(),
        paragraphs,
        page: page.to_owned(),
        section: None,
        confidence: if lost { 0.4 } else { 0.9 },
        problems,
        site: None,
    }
}
