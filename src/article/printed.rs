//! Numbers of pages as papers print them: in folios (第03版 要闻, A05版) and in jump lines (下转第三版,
//! continued on page 7).

use crate::model::PageLabel;

/// Words after which a page's number stands, in lower case.
const BEFORE: &[&str] = &["page", "seite", "pagina", "página", "p.", "s."];
/// Letters of a section before a page's number, and digits of it, at most.
const MAX_LETTERS: usize = 2;
const MAX_DIGITS: usize = 3;

/// The page that a line names; `None` where it names none.
pub(super) fn page_in(chars: &[char]) -> Option<PageLabel> {
    let east = chars.iter().enumerate().filter(|(_, c)| matches!(c, '版' | '面')).find_map(|(at, _)| number_before(&chars[..at]));
    east.or_else(|| number_behind(chars)).map(|number| PageLabel::new(&number))
}

/// The number that ends right before 版: digits with the letters of a section, or Chinese numerals.
fn number_before(chars: &[char]) -> Option<String> {
    let digits = chars.iter().rev().take_while(|c| c.is_ascii_digit()).count();
    if (1..=MAX_DIGITS).contains(&digits) {
        let rest = &chars[..chars.len() - digits];
        let letters = rest.iter().rev().take_while(|c| c.is_ascii_alphabetic()).count();
        let from = rest.len() - if letters <= MAX_LETTERS { letters } else { 0 };
        return Some(chars[from..].iter().collect());
    }
    let numerals = chars.iter().rev().take_while(|c| numeral(**c).is_some()).count();
    spelled(&chars[chars.len() - numerals..]).map(|number| number.to_string())
}

/// The number behind a word for page.
fn number_behind(chars: &[char]) -> Option<String> {
    let text: String = chars.iter().flat_map(|c| c.to_lowercase()).collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    let named = words.windows(2).filter(|pair| BEFORE.contains(&pair[0])).map(|pair| pair[1]);
    let number = |word: &str| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned();
    let is_number = |word: &String| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        (1..=MAX_DIGITS).contains(&digits) && word.chars().count() - digits <= MAX_LETTERS
    };
    named.map(number).find(is_number)
}

fn numeral(c: char) -> Option<u32> {
    "零一二三四五六七八九十".chars().position(|n| n == c).and_then(|value| u32::try_from(value).ok())
}

/// A Chinese number below a hundred.
fn spelled(chars: &[char]) -> Option<u32> {
    let value = |chars: &[char]| match chars {
        [] => Some(None),
        [c] => numeral(*c).filter(|n| *n < 10).map(Some),
        _ => None,
    };
    match chars.iter().position(|c| *c == '十') {
        Some(ten) => Some(10 * value(&chars[..ten])?.unwrap_or(1) + value(&chars[ten + 1..])?.unwrap_or(0)),
        None => value(chars)?.filter(|n| *n > 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Option<String> {
        page_in(&text.chars().collect::<Vec<_>>()).map(|label| label.to_string())
    }

    #[test]
    fn pages_are_read_out_of_folios_and_jump_lines() {
        for (text, expected) in [
            ("2024年3月14日星期四　第09版　副刊", "09"),
            ("清渚日报 A05版 要闻", "A05"),
            ("（下转第三版）", "03"),
            ("上接第十二版", "12"),
            ("转第二十版", "20"),
            ("Continued on page 7", "07"),
            ("Fortsetzung auf Seite 3.", "03"),
        ] {
            assert_eq!(page(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["出版", "2024年出版", "page by page", "第版", "Harbour News"] {
            assert_eq!(page(text), None, "{text}");
        }
    }
}
