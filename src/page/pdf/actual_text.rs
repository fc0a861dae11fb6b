//! `/ActualText`: what a sequence of marked content is to be read as (ISO 32000-1, 14.9.4).
//!
//! Browsers correct with it what their fonts' character maps get wrong, layout programs mark hyphens
//! and ligatures with it.

use hayro_interpret::hayro_syntax::object::{Dict, String as PdfString};

use super::glyphs::{Glyph, merge_twins};

/// Characters of one replacement at most; a longer one is no replacement of glyphs but a description.
const MAX_CHARS: usize = 4_000;

/// A sequence with a replacement.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sequence {
    /// What it is to be read as.
    pub(super) text: String,
    /// The first of the glyphs drawn in it.
    pub(super) first: usize,
}

/// The replacement that the properties of a sequence give.
pub(super) fn of(properties: &Dict<'_>) -> Option<String> {
    let text = properties.get::<PdfString<'_>>(b"ActualText")?;
    Some(decode(text.as_bytes()))
}

/// A text string (ISO 32000-1, 7.9.2.2): UTF-16 or UTF-8 with a mark, else PDFDocEncoding, which is
/// read as Windows-1252 since it differs from it in accents and dashes that nobody replaces text by.
fn decode(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => encoding_rs::UTF_16BE.decode_without_bom_handling(rest).0.into_owned(),
        [0xff, 0xfe, rest @ ..] => encoding_rs::UTF_16LE.decode_without_bom_handling(rest).0.into_owned(),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Puts the replacement of a sequence that has ended in place of the glyphs drawn in it.
///
/// As many characters as glyphs replace them one by one; otherwise the characters share the place that
/// the glyphs of the first line take. A replacement that says what the glyphs say leaves them as they
/// are, for they stand where they stand.
pub(super) fn replace(glyphs: &mut Vec<Glyph>, sequence: Sequence) {
    if sequence.first >= glyphs.len() {
        return;
    }
    let drawn = merge_twins(glyphs.split_off(sequence.first));
    let replacement: Vec<char> = sequence.text.chars().collect();
    if replacement.len() > MAX_CHARS || says_the_same(&drawn, &sequence.text) {
        glyphs.extend(drawn);
        return;
    }
    if replacement.len() == drawn.len() {
        glyphs.extend(drawn.into_iter().zip(replacement).map(|(glyph, character)| Glyph { character, ..glyph }));
        return;
    }
    let Some(first) = drawn.first() else { return };
    let same_line = |glyph: &&Glyph| glyph.direction == first.direction && (glyph.base - first.base).abs() <= 0.5 * first.size;
    let covered = drawn.iter().filter(same_line).map(|glyph| glyph.area).fold(first.area, |all, area| all.union(&area));
    let count = replacement.len() as f32;
    glyphs.extend(replacement.into_iter().enumerate().map(|(n, character)| {
        let (from, to) = (n as f32 / count, (n + 1) as f32 / count);
        let mut area = covered;
        if first.direction == crate::model::layout::Direction::Down {
            (area.y0, area.y1) = (covered.y0 + from * covered.height(), covered.y0 + to * covered.height());
        } else {
            (area.x0, area.x1) = (covered.x0 + from * covered.width(), covered.x0 + to * covered.width());
        }
        Glyph { character, area, ..first.clone() }
    }));
}

/// Whether glyphs and replacement have the same letters; hyphens at line ends and white space do not
/// count.
fn says_the_same(glyphs: &[Glyph], text: &str) -> bool {
    let counts = |c: &char| !c.is_whitespace() && !matches!(c, '-' | '\u{ad}' | '\u{2010}');
    let drawn = glyphs.iter().map(|glyph| glyph.character).filter(counts);
    drawn.eq(text.chars().filter(counts)) && text.chars().any(|c| counts(&c))
}
