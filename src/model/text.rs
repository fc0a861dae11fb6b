//! The one text filter at the boundary: what may pass from outside into the model.
//!
//! Feeds are XML 1.0, which forbids most control characters (section 2.2, `Char`); validators fault
//! C1 controls and U+FFFD besides, and bidi overrides let a text show itself as another. Everything
//! else is kept as printed. Kangxi radicals (U+2F00–2FDF) and CJK radicals (U+2E80–2EFF), which
//! PDF fonts give in place of the ideographs that they look like, are folded into ideographs, for
//! nobody searches for a radical. So are compatibility ideographs (U+F900–FAFF, U+2F800–2FA1F), which
//! Unicode says are the same characters as unified ones; the twelve unified ideographs among the former
//! stay.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// What the filter did, for the problem that tells of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filtered {
    /// Characters that XML 1.0 forbids, C1 controls and bidi overrides that were dropped.
    pub dropped: usize,
    /// U+FFFD characters that were dropped: each is a character that the source lost.
    pub lost: usize,
}

/// Whether a character may pass. Tab and line ends pass; other controls do not.
pub fn allowed(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => true,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => false,
        // Embeddings and overrides, and the isolates: a text that needs isolates is right-to-left
        // text, which `clean_rtl` lets through.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
        '\u{fffd}' => false,
        // Noncharacters; U+FFFE and U+FFFF are not `Char` of XML 1.0, the others interchange nothing.
        '\u{fdd0}'..='\u{fdef}' => false,
        c => (c as u32) & 0xfffe != 0xfffe,
    }
}

/// Whether a character is one of those that texts are made of, which pass and stay as they are: a
/// look that spares most characters the longer one.
fn ordinary(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{3000}'..='\u{d7ff}' | '\u{ff00}'..='\u{ffef}')
}

/// CJK radicals whose ideograph is beyond doubt; NFKC folds only U+2E9F and U+2EF3.
#[rustfmt::skip]
const RADICALS: &[(char, char)] = &[
    ('⺁', '厂'), ('⺄', '乙'), ('⺅', '亻'), ('⺆', '冂'), ('⺇', '几'), ('⺈', '刀'), ('⺉', '刂'),
    ('⺋', '巳'), ('⺌', '小'), ('⺍', '小'), ('⺎', '兀'), ('⺏', '尣'), ('⺐', '尢'), ('⺒', '巳'),
    ('⺓', '幺'), ('⺔', '彑'), ('⺕', '彐'), ('⺖', '忄'), ('⺗', '心'), ('⺘', '扌'), ('⺙', '攵'),
    ('⺛', '旡'), ('⺝', '月'), ('⺞', '歺'), ('⺟', '母'), ('⺠', '民'), ('⺡', '氵'), ('⺢', '氺'),
    ('⺣', '灬'), ('⺤', '爫'), ('⺦', '丬'), ('⺨', '犭'), ('⺩', '王'), ('⺫', '目'), ('⺬', '示'),
    ('⺭', '礻'), ('⺮', '竹'), ('⺯', '糹'), ('⺰', '纟'), ('⺱', '罓'), ('⺲', '罒'), ('⺳', '网'),
    ('⺴', '网'), ('⺶', '羊'), ('⺷', '羊'), ('⺸', '羊'), ('⺹', '耂'), ('⺻', '聿'), ('⺼', '肉'),
    ('⺽', '臼'), ('⺾', '艹'), ('⺿', '艹'), ('⻀', '艹'), ('⻁', '虎'), ('⻂', '衤'), ('⻃', '西'),
    ('⻄', '西'), ('⻅', '见'), ('⻆', '角'), ('⻇', '角'), ('⻈', '讠'), ('⻉', '贝'), ('⻊', '足'),
    ('⻋', '车'), ('⻌', '辶'), ('⻍', '辶'), ('⻎', '辶'), ('⻏', '阝'), ('⻐', '钅'), ('⻑', '長'),
    ('⻒', '镸'), ('⻓', '长'), ('⻔', '门'), ('⻖', '阝'), ('⻗', '雨'), ('⻘', '青'), ('⻙', '韦'),
    ('⻚', '页'), ('⻛', '风'), ('⻜', '飞'), ('⻝', '食'), ('⻟', '飠'), ('⻠', '饣'), ('⻢', '马'),
    ('⻣', '骨'), ('⻤', '鬼'), ('⻥', '鱼'), ('⻦', '鸟'), ('⻧', '卤'), ('⻨', '麦'), ('⻩', '黄'),
    ('⻪', '黾'), ('⻫', '斉'), ('⻬', '齐'), ('⻭', '歯'), ('⻮', '齿'), ('⻯', '竜'), ('⻰', '龙'),
    ('⻱', '龟'), ('⻲', '亀'), ('⻳', '龟'),
];

/// The ideograph that a radical looks like or that a compatibility ideograph is; any other character is
/// itself.
pub fn fold(c: char) -> char {
    match c {
        // NFKC maps the Kangxi radical of 户 to the form 戶; Chinese print means 户 today.
        '⼾' => '户',
        '\u{2f00}'..='\u{2fdf}' => c.nfkc().next().unwrap_or(c),
        '\u{2e80}'..='\u{2eff}' => RADICALS.iter().find(|(r, _)| *r == c).map_or_else(|| c.nfkc().next().unwrap_or(c), |(_, i)| *i),
        '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}' => c.nfc().next().unwrap_or(c),
        _ => c,
    }
}

/// `text` without what may not pass, and what was done to it. Right-to-left texts lose their
/// isolates here; see [`clean_rtl`].
pub fn clean(text: &str) -> (Cow<'_, str>, Filtered) {
    filter(text, false)
}

/// As [`clean`] for a source whose language is written from right to left: isolates
/// (U+2066–2069) stay where they are balanced.
pub fn clean_rtl(text: &str) -> (Cow<'_, str>, Filtered) {
    filter(text, isolates_balanced(text))
}

fn isolates_balanced(text: &str) -> bool {
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '\u{2066}'..='\u{2068}' => depth += 1,
            '\u{2069}' => match depth.checked_sub(1) {
                Some(d) => depth = d,
                None => return false,
            },
            _ => {}
        }
    }
    depth == 0
}

fn filter(text: &str, isolates: bool) -> (Cow<'_, str>, Filtered) {
    let passes = |c: char| allowed(c) || (isolates && matches!(c, '\u{2066}'..='\u{2069}'));
    let mut done = Filtered::default();
    if text.chars().all(|c| ordinary(c) || (passes(c) && fold(c) == c)) {
        return (Cow::Borrowed(text), done);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if passes(c) {
            out.push(fold(c));
        } else if c == '\u{fffd}' {
            done.lost += 1;
        } else {
            done.dropped += 1;
        }
    }
    (Cow::Owned(out), done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_xml_forbids_and_what_validators_fault_is_dropped_and_counted() {
        let (text, done) = clean("a\u{0}b\u{b}c\u{85}d\u{fffe}e\u{202e}f\u{fffd}g\th\n");
        assert_eq!(text, "abcdefg\th\n");
        assert_eq!(done, Filtered { dropped: 5, lost: 1 });
    }

    #[test]
    fn radicals_become_the_ideographs_they_look_like() {
        assert_eq!(clean("⼾⼝⻓⻅").0, "户口长见");
    }

    #[test]
    fn compatibility_ideographs_become_unified_ones_and_unified_ones_stay() {
        assert_eq!(clean("\u{f963}\u{f9fc}\u{fa1b}\u{2f81a}").0, "北識福冬");
        let unified: String =
            ('\u{f900}'..='\u{faff}').filter(|c| fold(*c) == *c && c.nfkd().eq([*c])).take_while(|c| *c < '\u{fa2a}').collect();
        assert_eq!(unified, "﨎﨏﨑﨓﨔﨟﨡﨣﨤﨧﨨﨩");
    }

    #[test]
    fn ordinary_characters_pass_and_stay() {
        for c in ('\0'..=char::MAX).filter(|c| ordinary(*c)) {
            assert!(allowed(c) && fold(c) == c, "{c:?}");
        }
    }

    #[test]
    fn emoji_and_rare_ideographs_pass() {
        let text = "𠮷野家👩\u{200d}🌾 ꧁";
        assert!(matches!(clean(text), (Cow::Borrowed(same), _) if same == text));
    }

    #[test]
    fn balanced_isolates_stay_in_right_to_left_text_alone() {
        assert_eq!(clean_rtl("\u{2067}שלום\u{2069}").0, "\u{2067}שלום\u{2069}");
        assert_eq!(clean_rtl("\u{2067}שלום").0, "שלום");
        assert_eq!(clean("\u{2067}שלום\u{2069}").0, "שלום");
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in any::<String>()) {
            let once = clean(&text).0.into_owned();
            prop_assert_eq!(clean(&once), (Cow::Borrowed(once.as_str()), Filtered::default()));
        }
    }
}
