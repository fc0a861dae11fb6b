//! Language tags: the shape of BCP 47, and which are written from right to left.

/// Whether `tag` has the shape of a BCP 47 language tag (RFC 5646, section 2.1, `langtag`):
/// `zh`, `zh-Hans`, `zh-Hans-CN`, `sl-rozaj-biske`, `en-a-bbb-x-ccc`. Underscores (`zh_CN`), which
/// feed validators fault, private-use tags alone (`x-…`) and the grandfathered tags (`i-klingon`)
/// are refused. That the subtags are registered is not checked.
pub fn valid_language(tag: &str) -> bool {
    let mut subtags = tag.split('-').peekable();
    let alpha = |s: &str, min: usize, max: usize| (min..=max).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphabetic());
    let alnum = |s: &str, min: usize, max: usize| (min..=max).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric());
    let digits = |s: &str| s.len() == 3 && s.bytes().all(|b| b.is_ascii_digit());

    let Some(primary) = subtags.next() else { return false };
    if !alpha(primary, 2, 8) {
        return false;
    }
    // extlang, only behind a primary subtag of two or three letters.
    for _ in 0..3 {
        if primary.len() <= 3 && subtags.peek().is_some_and(|s| alpha(s, 3, 3)) {
            subtags.next();
        }
    }
    // script
    if subtags.peek().is_some_and(|s| alpha(s, 4, 4)) {
        subtags.next();
    }
    // region
    if subtags.peek().is_some_and(|s| alpha(s, 2, 2) || digits(s)) {
        subtags.next();
    }
    // variants
    while subtags.peek().is_some_and(|s| alnum(s, 5, 8) || (alnum(s, 4, 4) && s.as_bytes()[0].is_ascii_digit())) {
        subtags.next();
    }
    // extensions, and private use at the end
    while let Some(singleton) = subtags.next() {
        if !alnum(singleton, 1, 1) {
            return false;
        }
        let least = if singleton.eq_ignore_ascii_case("x") { 1 } else { 2 };
        let mut parts = 0;
        while subtags.peek().is_some_and(|s| alnum(s, least, 8)) {
            subtags.next();
            parts += 1;
        }
        if parts == 0 {
            return false;
        }
    }
    true
}

/// The tag of a language that nobody has told (ISO 639-2); to a reader it says nothing.
pub const UNDETERMINED: &str = "und";

/// Primary subtags whose usual script runs from right to left (CLDR, `characterOrder`).
const RIGHT_TO_LEFT: [&str; 11] = ["ar", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"];

/// Whether a text in this language runs from right to left. A script in the tag decides first.
pub fn right_to_left(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let primary = subtags.next().unwrap_or_default().to_ascii_lowercase();
    match subtags.find(|s| s.len() == 4 && s.bytes().all(|b| b.is_ascii_alphabetic())) {
        Some(script) => ["arab", "hebr", "syrc", "thaa", "nkoo"].contains(&script.to_ascii_lowercase().as_str()),
        None => RIGHT_TO_LEFT.contains(&primary.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_the_rfc_hold_and_underscores_do_not() {
        for good in [
            "zh",
            "zh-CN",
            "zh-Hans",
            "zh-Hans-CN",
            "zh-yue-HK",
            "en-US",
            "es-419",
            "sl-rozaj-biske",
            "de-CH-1901",
            "hy-Latn-IT-arevela",
            "en-a-bbb-x-a-ccc",
            "de-u-co-phonebk",
        ] {
            assert!(valid_language(good), "{good}");
        }
        for bad in
            ["", "z", "zh_CN", "zh-", "-CN", "zh--CN", "中文", "zh-Hans_CN", "x-private", "zh CN", "en-a", "en-x", "abcdefghi", "zh-CN-CN"]
        {
            assert!(!valid_language(bad), "{bad}");
        }
    }

    #[test]
    fn a_script_in_the_tag_decides_the_direction() {
        assert!(right_to_left("he") && right_to_left("ug-CN") && right_to_left("az-Arab"));
        assert!(!right_to_left("zh-Hans") && !right_to_left("ug-Latn") && !right_to_left("ks-Deva"));
    }
}
