//! Which characters count as the same when texts are compared: traditional and simplified ideographs,
//! full and half width, capital and small letters.
//!
//! Every character becomes exactly one other, so that a place in the folded text is the same place in
//! the text as printed.

use std::sync::OnceLock;

/// Rows of a traditional and a simplified character, each two bytes, little endian, sorted. The
/// characters of `TSCharacters.txt` of [OpenCC](https://github.com/BYVoid/OpenCC) (Apache License 2.0)
/// in the basic plane that have one simplified form; `tests/train/lexicon.py` writes it.
static TABLE: &[u8] = include_bytes!("simplified.bin");

/// Bytes of a row.
const ROW: usize = 4;

/// How many characters the basic plane has.
const PLANE: usize = 1 << 16;

/// Every character of the basic plane as [`folded`] has it, for it is asked of every character of
/// every article.
fn plane() -> &'static [u16] {
    static PLANES: OnceLock<Vec<u16>> = OnceLock::new();
    PLANES.get_or_init(|| {
        let mut plane: Vec<u16> = (0..PLANE).map(|code| narrow_small(u16::try_from(code).unwrap_or(u16::MAX))).collect();
        for (traditional, simplified) in pairs() {
            plane[usize::from(traditional)] = simplified;
        }
        plane
    })
}

/// `code` in half width and in lower case, where that is one character.
fn narrow_small(code: u16) -> u16 {
    let Some(c) = char::from_u32(u32::from(code)) else { return code };
    let narrow = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(code) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    };
    let mut small = narrow.to_lowercase();
    let only = small.next().filter(|_| small.next().is_none()).unwrap_or(narrow);
    u16::try_from(u32::from(only)).unwrap_or(code)
}

/// The table's pairs of a traditional and a simplified character.
pub fn pairs() -> impl Iterator<Item = (u16, u16)> {
    TABLE.chunks_exact(ROW).map(|row| (u16::from_le_bytes([row[0], row[1]]), u16::from_le_bytes([row[2], row[3]])))
}

/// `c` in simplified script, half width and lower case; itself where it has no such form.
pub fn folded(c: char) -> char {
    let code = u32::from(c);
    plane().get(code as usize).and_then(|code| char::from_u32(u32::from(*code))).unwrap_or(c)
}

/// `text` with each character [`folded`].
pub fn folded_text(text: &str) -> String {
    text.chars().map(folded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_widths_and_cases_count_as_one_character_for_one() {
        assert_eq!(folded_text("國際新聞：ＡＢｃ　１２３，É"), "国际新闻:abc 123,é");
        assert_eq!(folded_text("臺灣與台湾，發展頭髮"), "台湾与台湾,发展头发");
        assert_eq!(folded_text("😀𠮷ß"), "😀𠮷ß");
    }

    #[test]
    fn folding_keeps_the_number_of_characters_and_folds_all_at_once() {
        for c in '\0'..=char::MAX {
            let once = folded(c);
            assert_eq!(folded(once), once, "{c:?} becomes {once:?}");
        }
    }
}
