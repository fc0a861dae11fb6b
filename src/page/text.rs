//! Text pulled from a page: bytes to blocks of lines.
//!
//! The encoding is detected, since papers give text in several: a byte order mark decides; without
//! one the bytes are UTF-16 if every other one is zero or the East Asian planes show, UTF-8 if they are
//! valid as such, else GB18030. A guess that leaves characters undecoded is told as a problem.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use crate::model::{Block, Page, Problem, RawPage, text};

/// The largest text that is read, in bytes. A broadsheet's page holds some 30 KB of text.
pub const MAX_PAGE_BYTES: usize = 4 * 1024 * 1024;
/// The most lines of a page that are worked on; a full broadsheet has fewer than 2,000.
pub const MAX_PAGE_LINES: usize = 4_000;
/// The most characters of a page that are worked on; a full broadsheet has some 20,000.
pub const MAX_PAGE_CHARS: usize = 300_000;
/// The most characters of one line that are kept; longer lines are divided, so that no step after
/// this one meets a line without end.
pub const MAX_LINE_CHARS: usize = 2_000;

/// The share of control characters from which bytes are taken for something other than text.
const BINARY_SHARE: f64 = 0.02;
/// Bytes that are looked at to tell UTF-16 without a mark.
const SAMPLE_BYTES: usize = 4096;

/// Reads `raw`. Never fails: what cannot be read leaves no blocks and a problem that says why.
///
/// Problems: `page-empty`, `page-too-large` (beyond [`MAX_PAGE_BYTES`]), `page-binary`,
/// `page-encoding-doubtful`, `page-characters-dropped`, `page-characters-lost`, `page-too-long`
/// (beyond [`MAX_PAGE_LINES`] or [`MAX_PAGE_CHARS`]; the rest is left out).
pub(super) fn read(raw: &RawPage) -> Page {
    let mut page = Page::empty(raw.key.page.as_str());
    if raw.bytes.len() > MAX_PAGE_BYTES {
        page.problems.push(Problem::new(
            "page-too-large",
            format!("{} has {} bytes; a page has at most {MAX_PAGE_BYTES}: give the pages one by one", raw.origin, raw.bytes.len()),
        ));
        return page;
    }
    let Some((decoded, doubt)) = decode(&raw.bytes) else {
        page.problems.push(Problem::new("page-binary", format!("{} is not text; give the text pulled from the page", raw.origin)));
        return page;
    };
    page.problems.extend(doubt.map(|why| Problem::new("page-encoding-doubtful", format!("{}: {why}", raw.origin))));
    // Form feeds and vertical tabs set pages and columns apart; the filter would drop them.
    let decoded = decoded.replace(['\u{c}', '\u{b}'], "\n\n");
    let (clean, done) = text::clean(&decoded);
    if done.dropped > 0 {
        page.problems.push(Problem::new(
            "page-characters-dropped",
            format!("{} characters that no feed may carry (controls, bidi overrides) were left out", done.dropped),
        ));
    }
    if done.lost > 0 {
        page.problems.push(Problem::new(
            "page-characters-lost",
            format!("{} characters were lost before newsboy got the page (U+FFFD); compare with the printed page", done.lost),
        ));
    }
    page.blocks = blocks(&clean, &mut page.problems);
    if page.blocks.is_empty() {
        page.problems.push(Problem::new("page-empty", format!("{} holds no text; if it is a scan, give its recognised text", raw.origin)));
    }
    page
}

/// The text of `bytes` and what is doubtful about it; `None` where they are no text.
fn decode(bytes: &[u8]) -> Option<(Cow<'_, str>, Option<String>)> {
    let (encoding, mark) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => (encoding, mark),
        None => (guess(bytes), 0),
    };
    let (text, broken) = encoding.decode_without_bom_handling(&bytes[mark.min(bytes.len())..]);
    let controls = text.chars().filter(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{b}' | '\u{c}')).count();
    let undecoded = text.chars().filter(|c| *c == '\u{fffd}').count();
    let all = text.chars().count().max(1);
    if controls as f64 > BINARY_SHARE * all as f64 || undecoded * 5 > all {
        return None;
    }
    let doubt = broken.then(|| format!("read as {}, but {undecoded} places are not valid in it; save the page as UTF-8", encoding.name()));
    Some((text, doubt))
}

/// The encoding of bytes without a mark.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let half = sample.len() / 2;
    if half >= 4 {
        if zeros(1) * 2 > half && zeros(0) * 8 < half {
            return UTF_16LE;
        }
        if zeros(0) * 2 > half && zeros(1) * 8 < half {
            return UTF_16BE;
        }
    }
    if std::str::from_utf8(bytes).is_ok() {
        return UTF_8;
    }
    // East Asian UTF-16 has few zeros, but its line ends are 0A 00 or 00 0A and most of its high
    // bytes are 4E to 9F; GB18030 never has a zero.
    if bytes.len().is_multiple_of(2) && sample.contains(&0) {
        let ideographs = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|b| (0x4e..=0x9f).contains(*b)).count();
        let (low_first, high_first) = (ideographs(1), ideographs(0));
        if low_first.max(high_first) * 2 > half {
            return if low_first >= high_first { UTF_16LE } else { UTF_16BE };
        }
    }
    // A page cut off in mid-character, or with a stray byte, is still UTF-8: GB18030 would turn all
    // of it into other ideographs. The encoding that breaks in fewer places is taken.
    let broken = |encoding: &'static Encoding| encoding.decode_without_bom_handling(bytes).0.matches('\u{fffd}').count();
    if broken(UTF_8) <= broken(GB18030) { UTF_8 } else { GB18030 }
}

/// Lines to blocks: blank lines divide them.
fn blocks(text: &str, problems: &mut Vec<Problem>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut lines: Vec<String> = Vec::new();
    let (mut kept, mut room) = (0, MAX_PAGE_CHARS);
    let mut all = text.split(['\n', '\r', '\u{2028}', '\u{2029}']).map(str::trim_end);
    let left_out = all.find_map(|line| {
        if line.trim().is_empty() {
            if !lines.is_empty() {
                blocks.push(Block { lines: std::mem::take(&mut lines) });
            }
            return None;
        }
        let mut rest = line;
        while !rest.is_empty() {
            if kept == MAX_PAGE_LINES || room == 0 {
                return Some(rest);
            }
            let (cut, characters) = prefix(rest, MAX_LINE_CHARS.min(room));
            let (piece, after) = rest.split_at(cut);
            lines.push(piece.to_owned());
            kept += 1;
            room -= characters;
            rest = after;
        }
        None
    });
    if left_out.is_some() {
        problems.push(Problem::new(
            "page-too-long",
            format!("the page has more than {MAX_PAGE_LINES} lines or {MAX_PAGE_CHARS} characters; the rest is left out"),
        ));
    }
    if !lines.is_empty() {
        blocks.push(Block { lines });
    }
    blocks
}

/// Where the first `most` characters end, and how many there are.
fn prefix(text: &str, most: usize) -> (usize, usize) {
    let mut characters = 0;
    for (at, _) in text.char_indices() {
        if characters == most {
            return (at, characters);
        }
        characters += 1;
    }
    (text.len(), characters)
}

#[cfg(test)]
mod tests;
