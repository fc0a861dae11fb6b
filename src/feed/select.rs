//! Which articles belong to a feed.

use std::cell::OnceCell;

use unicode_normalization::UnicodeNormalization;

use super::MatchRule;
use crate::model::{Article, ArticleKind};

/// A [`MatchRule`] ready to be held against articles.
///
/// Words are looked for as plain substrings, for Chinese has no word boundaries, in headline,
/// kicker, deck and body. Article and word are first folded by NFKC and lower-cased, so that
/// neither full and half width (`ＡＩ`, `AI`) nor case matters. A word does not match across two
/// paragraphs. A blank word is no word: it neither lets everything in nor shuts it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    any: Vec<String>,
    none: Vec<String>,
    sections: Vec<String>,
    kinds: Vec<ArticleKind>,
}

impl Selector {
    /// Makes a rule ready.
    pub fn new(rule: &MatchRule) -> Self {
        let words = |words: &[String]| words.iter().map(|w| fold(w.trim())).filter(|w| !w.is_empty()).collect();
        Self { any: words(&rule.any), none: words(&rule.none), sections: words(&rule.sections), kinds: rule.kinds.clone() }
    }

    /// Whether the kind alone decides, so that the store can do the whole selection.
    pub fn is_by_kind_alone(&self) -> bool {
        self.any.is_empty() && self.none.is_empty() && self.sections.is_empty()
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
        if self.any.is_empty() && self.none.is_empty() {
            return true;
        }
        let text = subject.text();
        (self.any.is_empty() || self.any.iter().any(|word| text.contains(word.as_str())))
            && !self.none.iter().any(|word| text.contains(word.as_str()))
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
        self.text.get_or_init(|| {
            let head = [&self.article.kicker, &self.article.headline, &self.article.deck].into_iter().flatten();
            let parts: Vec<String> = head.chain(self.article.text()).map(|part| fold(part)).collect();
            parts.join("\n")
        })
    }
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
            dateline: None,
            byline: Vec::new(),
            credit: Vec::new(),
            paragraphs: paragraphs.iter().map(|p| (*p).to_owned()).collect(),
            page: "02".to_owned(),
            section: Some("要闻".to_owned()),
            confidence: 1.0,
            problems: Vec::new(),
            site: None,
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
