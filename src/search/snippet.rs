//! Hits, shown: a piece of the text with the words in it marked.

use super::query::Query;
use super::tokens::tokens;

/// Characters of a snippet before its first hit.
const BEFORE_HIT: usize = 24;

/// A piece of text, and whether it is what was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The text as it stands in the article.
    pub text: String,
    /// Whether it is a hit.
    pub is_hit: bool,
}

/// Where the query's terms stand in a text, in bytes, none overlapping another.
fn hits(text: &str, query: &Query) -> Vec<(usize, usize)> {
    let tokens = tokens(text);
    let mut found: Vec<(usize, usize)> = Vec::new();
    for at in 0..tokens.len() {
        let longest = query.shown().filter_map(|term| term.matches_at(&tokens, at)).max();
        let Some(length) = longest else { continue };
        let (start, end) = (tokens[at].start, tokens[at + length - 1].end);
        match found.last_mut() {
            Some(last) if start < last.1 => last.1 = last.1.max(end),
            _ => found.push((start, end)),
        }
    }
    found
}

/// A line with all hits in it marked.
pub fn highlight(line: &str, query: &Query) -> Vec<Piece> {
    pieces(line, 0, line.len(), &hits(line, query))
}

/// About `chars` characters around the first hit in the paragraphs, or the beginning of the first
/// one where there is none, with all hits in them marked.
pub fn snippet<'t>(paragraphs: impl IntoIterator<Item = &'t str> + Clone, query: &Query, chars: usize) -> Vec<Piece> {
    let with_hits = paragraphs.clone().into_iter().map(|text| (text, hits(text, query))).find(|(_, hits)| !hits.is_empty());
    let Some((text, hits)) = with_hits.or_else(|| Some((paragraphs.into_iter().next()?, Vec::new()))) else { return Vec::new() };
    let first = hits.first().map_or(0, |hit| hit.0);
    let start = text[..first].char_indices().rev().nth(BEFORE_HIT - 1).map_or(0, |(at, _)| at);
    let end = text[start..].char_indices().nth(chars).map_or(text.len(), |(at, _)| start + at);
    // What is marked is not cut in two.
    let end = hits.iter().find(|hit| hit.0 < end && end < hit.1).map_or(end, |hit| hit.1);
    let mut shown = pieces(text, start, end, &hits);
    if start > 0 {
        shown.insert(0, Piece { text: "…".to_owned(), is_hit: false });
    }
    if end < text.len() {
        shown.push(Piece { text: "…".to_owned(), is_hit: false });
    }
    shown
}

fn pieces(text: &str, start: usize, end: usize, hits: &[(usize, usize)]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut push = |from: usize, to: usize, is_hit| {
        if from < to {
            pieces.push(Piece { text: text[from..to].to_owned(), is_hit });
        }
    };
    let mut at = start;
    for (from, to) in hits.iter().filter(|(from, to)| *from >= start && *to <= end) {
        push(at, *from, false);
        push(*from, *to, true);
        at = *to;
    }
    push(at, end, false);
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(pieces: &[Piece]) -> String {
        pieces.iter().map(|p| if p.is_hit { format!("[{}]", p.text) } else { p.text.clone() }).collect()
    }

    #[test]
    fn hits_are_marked_as_they_are_written() {
        let query = Query::parse("新能源 ai -地铁");
        assert_eq!(shown(&highlight("新能源车与ＡＩ，再说新能源", &query)), "[新能源]车与[ＡＩ]，再说[新能源]");
        assert_eq!(shown(&highlight("没有", &query)), "没有");
    }

    #[test]
    fn a_snippet_begins_a_little_before_the_first_hit() {
        let text = format!("{}氢能公交{}", "前".repeat(100), "后".repeat(100));
        let cut = shown(&snippet([text.as_str()], &Query::parse("氢能"), 40));
        assert_eq!(cut, format!("…{}[氢能]公交{}…", "前".repeat(24), "后".repeat(12)));
        assert_eq!(shown(&snippet(["甲", "乙氢能"], &Query::parse("氢能"), 40)), "乙[氢能]");
        assert_eq!(shown(&snippet(["甲乙"], &Query::parse("丙"), 40)), "甲乙");
        assert_eq!(shown(&snippet([], &Query::parse("丙"), 40)), "");
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_line(line in "\\PC{0,40}", typed in "\\PC{0,8}") {
            let joined: String = highlight(&line, &Query::parse(&typed)).into_iter().map(|p| p.text).collect();
            prop_assert_eq!(joined, line);
        }

        #[test]
        fn what_is_marked_is_what_was_looked_for(text in "[甲乙丙，]{0,20}", word in "[甲乙丙]{1,3}") {
            let query = Query::parse(&word);
            let marked = highlight(&text, &query).into_iter().filter(|p| p.is_hit).all(|p| p.text.contains(&word));
            prop_assert!(marked);
        }
    }
}
