//! Tokens: what the index holds of a text.

use super::fold::fold_char;

/// Characters of a word at most; what is longer is no word, and is cut.
const MAX_WORD_CHARS: usize = 64;

/// What stands in the index between two paragraphs, so that no phrase reaches across. No text holds
/// it as a token, for it is neither letter nor digit.
const PARAGRAPH_END: &str = "¶";

/// One token of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The folded word, pair of characters, or last character of a run of such pairs.
    pub text: String,
    /// Where it begins in the text, in bytes.
    pub start: usize,
    /// Where it ends in the text, in bytes.
    pub end: usize,
    /// Whether it is a single character of a script without spaces.
    pub(super) is_single: bool,
}

/// How a character takes part in tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// A letter or digit of a script that parts words by spaces.
    Word,
    /// A character of a script that does not.
    Dense,
    Between,
}

fn class(c: char) -> Class {
    match c {
        // Kana with their marks, ideographs with the sign that repeats one, Hangul, whose particles
        // stick to words, and the scripts of South-East Asia.
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '々' | '〇' | '\u{3040}'..='\u{30fa}' | 'ー' => {
            Class::Dense
        }
        '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' => Class::Dense,
        c if c.is_alphanumeric() => Class::Word,
        _ => Class::Between,
    }
}

/// A folded character and the bytes of the text that it stands for.
struct Place {
    folded: char,
    start: usize,
    end: usize,
}

/// The tokens of a text in their order: words, and of each run of characters without spaces all
/// pairs and the last character.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut places = Vec::with_capacity(text.len() / 2);
    for (start, c) in text.char_indices() {
        fold_char(c, &mut |folded| places.push(Place { folded, start, end: start + c.len_utf8() }));
    }
    let mut found = Vec::with_capacity(places.len());
    for run in places.chunk_by(|a, b| class(a.folded) == class(b.folded)) {
        match run.first().map_or(Class::Between, |place| class(place.folded)) {
            Class::Between => {}
            Class::Word => found.extend(token(&run[..run.len().min(MAX_WORD_CHARS)], false)),
            Class::Dense => {
                found.extend(run.windows(2).filter_map(|pair| token(pair, false)));
                found.extend(token(&run[run.len() - 1..], true));
            }
        }
    }
    found
}

fn token(run: &[Place], is_single: bool) -> Option<Token> {
    let (first, last) = (run.first()?, run.last()?);
    Some(Token { text: run.iter().map(|place| place.folded).collect(), start: first.start, end: last.end, is_single })
}

/// Paragraphs as the index takes them: their tokens, separated by spaces.
pub fn index_text<'t>(paragraphs: impl IntoIterator<Item = &'t str>) -> String {
    let mut text = String::new();
    for paragraph in paragraphs {
        for token in tokens(paragraph) {
            text.push_str(&token.text);
            text.push(' ');
        }
        text.push_str(PARAGRAPH_END);
        text.push(' ');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn pairs_overlap_and_words_stand_whole() {
        assert_eq!(texts("新能源车"), ["新能", "能源", "源车", "车"]);
        assert_eq!(texts("AI助农，5G-基站"), ["ai", "助农", "农", "5g", "基站", "站"]);
        assert_eq!(texts("氢"), ["氢"]);
        assert_eq!(texts("Café crème"), ["cafe", "creme"]);
        assert_eq!(texts("𠮷野家"), ["𠮷野", "野家", "家"]);
        assert_eq!(texts("，。 \u{3000}"), [""; 0]);
    }

    #[test]
    fn a_pair_never_reaches_over_a_comma() {
        assert!(!texts("创新，能源").contains(&"新能".to_owned()));
    }

    #[test]
    fn a_token_tells_where_it_stands() {
        let text = "在 ＡＩ 时代";
        let shown: Vec<&str> = tokens(text).iter().map(|token| &text[token.start..token.end]).collect();
        assert_eq!(shown, ["在", "ＡＩ", "时代", "代"]);
    }

    #[test]
    fn paragraphs_are_kept_apart() {
        assert_eq!(index_text(["创新", "能源"]), "创新 新 ¶ 能源 源 ¶ ");
    }
}
