//! Which articles belong to a feed.

use std::cell::OnceCell;

use regex::{Regex, RegexBuilder};
use unicode_normalization::UnicodeNormalization;

use super::MatchRule;
use crate::model::{Article, ArticleKind, PageLabel};

/// Bytes that a compiled regular expression may take: one that is larger is a mistake, or an attack.
const REGEX_BYTES: usize = 1 << 20;

/// A [`MatchRule`] ready to be held against articles.
///
/// Words are looked for as plain substrings, for Chinese has no word boundaries, in headline,
/// kicker, deck and body. Article and word are first folded by NFKC and lower-cased, so that
/// neither full and half width (`ＡＩ`, `AI`) nor case matters. A word does not match across two
/// paragraphs. A blank word is no word: it neither lets everything in nor shuts it out.
///
/// A phrase is looked for in the same way, any run of white space counting as one space, but where it
/// begins or ends with a letter that is written with spaces between words, no other one stands beside it:
/// `art` is not in `party`. A regular expression is held against the text after NFKC, in its own case.
#[derive(Debug, Clone)]
pub struct Selector {
    any: Vec<String>,
    all: Vec<String>,
    none: Vec<String>,
    phrases: Vec<String>,
    expressions: Vec<Regex>,
    sections: Vec<String>,
    pages: Vec<PageLabel>,
    kinds: Vec<ArticleKind>,
    min_chars: usize,
}

/// Reads a regular expression as a [`MatchRule`] has it.
///
/// # Errors
///
/// What is wrong with it, on one line.
pub fn expression(text: &str) -> Result<Regex, String> {
    RegexBuilder::new(text).size_limit(REGEX_BYTES).build().map_err(|error| {
        let told = error.to_string();
        told.lines()
            .rev()
            .map(str::trim)
            .find(|line| !line.is_empty())
            .unwrap_or("it cannot be read")
            .trim_start_matches("error: ")
            .to_owned()
    })
}

impl Selector {
    /// Makes a rule ready.
    pub fn new(rule: &MatchRule) -> Self {
        let words = |words: &[String]| words.iter().map(|w| fold(w.trim())).filter(|w| !w.is_empty()).collect();
        Self {
            any: words(&rule.any),
            all: words(&rule.all),
            none: words(&rule.none),
            phrases: words(&rule.phrase).iter().map(|phrase| one_space(phrase)).collect(),
            // The configuration has read them before.
            expressions: rule.regex.iter().filter_map(|text| expression(text).ok()).collect(),
            sections: words(&rule.sections),
            pages: rule.pages.iter().map(|page| PageLabel::new(page.trim())).collect(),
            kinds: rule.kinds.clone(),
            min_chars: rule.min_chars,
        }
    }

    /// Whether the kind alone decides, so that the store can do the whole selection.
    pub fn is_by_kind_alone(&self) -> bool {
        let words = [&self.any, &self.all, &self.none, &self.phrases, &self.sections];
        words.iter().all(|words| words.is_empty()) && self.expressions.is_empty() && self.pages.is_empty() && self.min_chars == 0
    }

    /// Whether the article belongs to the feed.
    pub fn takes(&self, subject: &Subject<'_>) -> bool {
        if !self.kinds.is_empty() && !self.kinds.contains(&subject.article.kind) {
            return false;
        }
        // Its text stands in the article that it goes on from.
        if subject.article.is_continuation() {
            return false;
        }
        if !self.sections.is_empty() {
            let section = fold(subject.article.section.as_deref().unwrap_or_default().trim());
            if !self.sections.contains(&section) {
                return false;
            }
        }
        if !self.pages.is_empty() && !self.pages.contains(&PageLabel::new(subject.article.page.trim())) {
            return false;
        }
        if self.min_chars > 0 && subject.article.paragraphs.iter().map(|text| text.chars().count()).sum::<usize>() < self.min_chars {
            return false;
        }
        let stands = |word: &String| subject.text().contains(word.as_str());
        (self.any.is_empty() || self.any.iter().any(stands))
            && self.all.iter().all(stands)
            && !self.none.iter().any(stands)
            && (self.phrases.is_empty() || self.phrases.iter().any(|phrase| subject.has_phrase(phrase)))
            && (self.expressions.is_empty() || self.expressions.iter().any(|expression| subject.is_found_by(expression)))
    }
}

/// An article that selectors are held against. Its text is folded once, by the first selector that
/// has words.
#[derive(Debug)]
pub struct Subject<'a> {
    article: &'a Article,
    text: OnceCell<String>,
}

impl<'a> Subject<'a> {
    /// Nothing is folded yet.
    pub fn new(article: &'a Article) -> Self {
        Self { article, text: OnceCell::new() }
    }

    /// Everything a word is looked for in, folded, a line each.
    fn text(&self) -> &str {
        self.text.get_or_init(|| self.parts().map(|part| fold(part)).collect::<Vec<_>>().join("\n"))
    }

    fn parts(&self) -> impl Iterator<Item = &String> {
        let head = [&self.article.kicker, &self.article.headline, &self.article.deck].into_iter().flatten();
        head.chain(self.article.text())
    }

    fn has_phrase(&self, phrase: &str) -> bool {
        self.text().lines().map(one_space).any(|line| {
            line.match_indices(phrase).any(|(at, found)| {
                let goes_on = |outer: Option<char>, inner: Option<char>| outer.is_some_and(is_of_a_word) && inner.is_some_and(is_of_a_word);
                !goes_on(line[..at].chars().next_back(), found.chars().next())
                    && !goes_on(line[at + found.len()..].chars().next(), found.chars().next_back())
            })
        })
    }

    fn is_found_by(&self, expression: &Regex) -> bool {
        self.parts().any(|part| expression.is_match(&part.nfkc().collect::<String>()))
    }
}

/// Every run of white space as one space.
fn one_space(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a character belongs to a word that spaces part from the next one: letters and digits, but not
/// those of Chinese, Japanese and the like, which are written without spaces.
fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric()
        && !matches!(c, '\u{e00}'..='\u{eff}' | '\u{2e80}'..='\u{31ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// NFKC, lower case, and NFKC again, for lower-casing may leave what composes (`İ`). Characters are
/// lower-cased one by one: `str::to_lowercase` looks at a sigma's neighbours, so that a word would
/// fold otherwise than it does inside a text.
fn fold(text: &str) -> String {
    plain_fold(text).unwrap_or_else(|| text.nfkc().flat_map(char::to_lowercase).nfkc().collect())
}

/// As [`fold`] for a text of nothing but the characters that Chinese print is made of, which is
/// ten times as fast; `None` where there is another one. None of these characters combines with
/// a neighbour, so each folds by itself.
fn plain_fold(text: &str) -> Option<String> {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\0'..='\u{7f}' => folded.push(c.to_ascii_lowercase()),
            // Ideographs, the dash, quotation marks, ideographic comma to brackets.
            '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '·' | '—' | '‘'..='’' | '“'..='”' | '、'..='】' => {
                folded.push(c)
            }
            '\u{3000}' => folded.push(' '),
            '…' => folded.push_str("..."),
            '！'..='～' => folded.push(char::from_u32(u32::from(c) - 0xfee0)?.to_ascii_lowercase()),
            _ => return None,
        }
    }
    Some(folded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn article(headline: &str, paragraphs: &[&str]) -> Article {
        Article {
            kind: ArticleKind::Article,
            kicker: Some("引题在此".to_owned()),
            headline: Some(headline.to_owned()),
            deck: Some("副题在此".to_owned()),
            paragraphs: paragraphs.iter().map(|p| (*p).to_owned()).collect(),
            page: "02".to_owned(),
            section: Some("要闻".to_owned()),
            confidence: 1.0,
            ..Article::default()
        }
    }

    fn rule(any: &[&str], none: &[&str]) -> Selector {
        let words = |w: &[&str]| w.iter().map(|w| (*w).to_owned()).collect();
        Selector::new(&MatchRule { any: words(any), none: words(none), ..MatchRule::default() })
    }

    #[test]
    fn a_word_is_found_in_every_part_of_an_article() {
        let article = article("氢能公交上路", &["首批十辆。", "司机已受训。"]);
        for word in ["氢能", "引题", "副题", "十辆", "受训"] {
            assert!(rule(&[word], &[]).takes(&Subject::new(&article)), "{word}");
        }
        assert!(!rule(&["地铁"], &[]).takes(&Subject::new(&article)));
    }

    #[test]
    fn a_word_shuts_out_even_where_another_lets_in() {
        let article = article("氢能公交上路", &["广告"]);
        assert!(!rule(&["氢能"], &["广告"]).takes(&Subject::new(&article)));
        assert!(!rule(&[], &["公交"]).takes(&Subject::new(&article)));
    }

    #[test]
    fn width_and_case_do_not_matter() {
        let article = article("ＡＩ助农", &["５Ｇ基站与ｆｉｎｔｅｃｈ"]);
        for word in ["ai", "AI", "Ａｉ", "5g", "５G", "FinTech"] {
            assert!(rule(&[word], &[]).takes(&Subject::new(&article)), "{word}");
        }
    }

    #[test]
    fn a_letter_folds_alike_at_the_end_of_a_word_and_inside_a_text() {
        assert!(rule(&["ΟΔΟΣ"], &[]).takes(&Subject::new(&article("ΟΔΟΣΑΣ", &[]))));
    }

    #[test]
    fn a_word_does_not_match_across_paragraphs() {
        assert!(!rule(&["新能源"], &[]).takes(&Subject::new(&article("题", &["创新", "能源"]))));
    }

    #[test]
    fn blank_words_are_no_words() {
        let article = article("题", &["文"]);
        assert!(rule(&["", "  "], &["", "\u{3000}"]).takes(&Subject::new(&article)));
    }

    #[test]
    fn sections_and_kinds_bind() {
        let article = article("题", &["文"]);
        let of = |sections: &[&str], kinds: &[ArticleKind]| {
            Selector::new(&MatchRule {
                sections: sections.iter().map(|s| (*s).to_owned()).collect(),
                kinds: kinds.to_vec(),
                ..MatchRule::default()
            })
        };
        assert!(of(&["社会", " 要闻 "], &[]).takes(&Subject::new(&article)));
        assert!(!of(&["社会"], &[]).takes(&Subject::new(&article)));
        assert!(!of(&[], &[ArticleKind::Photo]).takes(&Subject::new(&article)));
        let no_section = Article { section: None, ..article };
        assert!(!of(&["要闻"], &[]).takes(&Subject::new(&no_section)));
    }

    #[test]
    fn all_words_phrases_expressions_pages_and_length_bind_together_with_the_rest() {
        let article = article("氢能 公交上路", &["The Art  of the Party, ＡＩ 2026.", "首批十辆。"]);
        let takes = |rule: MatchRule| Selector::new(&rule).takes(&Subject::new(&article));
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
        let all = |all: &[&str]| takes(MatchRule { all: words(all), ..MatchRule::default() });
        assert!(all(&["氢能", "十辆"]) && !all(&["氢能", "地铁"]));
        let phrase = |phrase: &str| takes(MatchRule { phrase: words(&[phrase]), ..MatchRule::default() });
        for found in ["art of the party", "THE ART", "ai 2026", "氢能 公交", "公交上", "十辆"] {
            assert!(phrase(found), "{found}");
        }
        for missing in ["part", "art of the", "arty", "202", "公交 上路"] {
            assert_eq!(phrase(missing), missing == "art of the", "{missing}");
        }
        let regex = |regex: &str| takes(MatchRule { regex: words(&[regex]), ..MatchRule::default() });
        assert!(regex("^氢能") && regex(r"AI \d{4}") && regex("(?i)party") && !regex("party") && !regex("能.*十"));
        let pages = |page: &str| takes(MatchRule { pages: words(&[page]), ..MatchRule::default() });
        assert!(pages("2") && pages("02") && !pages("12"));
        assert!(takes(MatchRule { min_chars: 30, ..MatchRule::default() }) && !takes(MatchRule { min_chars: 50, ..MatchRule::default() }));
        assert!(expression("[").is_err_and(|why| !why.contains('\n')) && expression("(a{1000}){1000}").is_err());
        assert!(!Selector::new(&MatchRule { min_chars: 1, ..MatchRule::default() }).is_by_kind_alone());
    }

    #[test]
    fn every_character_of_the_fast_way_folds_as_the_slow_way_folds_it() {
        let mut fast = 0;
        for c in '\0'..=char::MAX {
            if let Some(folded) = plain_fold(c.encode_utf8(&mut [0; 4])) {
                let slow: String = std::iter::once(c).nfkc().flat_map(char::to_lowercase).nfkc().collect();
                assert_eq!(folded, slow, "{c:?}");
                fast += 1;
            }
        }
        assert!(fast > 27_000);
    }

    proptest! {
        #[test]
        fn the_fast_way_folds_texts_as_the_slow_way_does(text in "[ -~一-龥，。！（）“”…《》Ａ-ｚ\u{3000}]{0,40}") {
            let slow: String = text.nfkc().flat_map(char::to_lowercase).nfkc().collect();
            prop_assert_eq!(plain_fold(&text), Some(slow));
        }

        #[test]
        fn a_word_taken_from_the_article_is_found_in_it(text in "\\PC{1,40}", from in 0_usize..40, len in 1_usize..8) {
            let word: String = text.chars().skip(from % text.chars().count()).take(len).collect();
            // A slice that begins inside a cluster composes differently than it does in the text.
            prop_assume!(word.nfkc().collect::<String>() == word && text.nfkc().collect::<String>() == text);
            prop_assert!(rule(&[&word], &[]).takes(&Subject::new(&article(&text, &[]))));
        }
    }
}
