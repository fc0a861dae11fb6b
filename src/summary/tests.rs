use proptest::prelude::*;

use super::*;
use crate::model::ArticleKind;

fn article(paragraphs: &[&str]) -> Article {
    Article {
        kind: ArticleKind::Article,
        kicker: None,
        headline: None,
        deck: None,
        dateline: None,
        byline: Vec::new(),
        credit: Vec::new(),
        paragraphs: paragraphs.iter().map(|p| (*p).to_owned()).collect(),
        page: "01".to_owned(),
        section: None,
        place: None,
        continuation: crate::model::Continuation::default(),
        confidence: 1.0,
        problems: Vec::new(),
        site: None,
    }
}

fn lead_of(paragraphs: &[&str], chars: usize) -> String {
    lead(&article(paragraphs), chars)
}

fn split(text: &str) -> Vec<&str> {
    sentences(text).into_iter().map(str::trim).collect()
}

#[test]
fn chinese_sentences_end_at_their_full_stops_with_the_quotation_marks_that_close_there() {
    assert_eq!(split("桥通了。村里人说：“好！”孩子们笑了。"), ["桥通了。", "村里人说：“好！”孩子们笑了。"]);
    assert_eq!(split("他说：“路修好了。”随后他走了。"), ["他说：“路修好了。”", "随后他走了。"]);
    assert_eq!(split("“真的吗？”，他问。她笑了！"), ["“真的吗？”，他问。", "她笑了！"]);
    assert_eq!(split("桃花、杏花……竞相开放。春天来了……"), ["桃花、杏花……竞相开放。", "春天来了……"]);
    assert_eq!(split("「着いた。」と彼は言った。雨だ？！本当だ。"), ["「着いた。」", "と彼は言った。", "雨だ？！", "本当だ。"]);
}

#[test]
fn a_mark_inside_brackets_and_quotations_ends_no_sentence() {
    assert_eq!(split("他读了《谁之过？》一书。"), ["他读了《谁之过？》一书。"]);
    assert_eq!(split("大桥（去年开工。今年完工）通车。很快。"), ["大桥（去年开工。今年完工）通车。", "很快。"]);
    assert_eq!(split("他说：“先修路。再通水。最后绿化。”大家同意。"), ["他说：“先修路。再通水。最后绿化。”", "大家同意。"]);
}

#[test]
fn a_quotation_mark_that_never_closes_holds_nothing_together() {
    assert_eq!(split("他说：“先修路。再通水。"), ["他说：“先修路。", "再通水。"]);
    assert_eq!(split("先修路。”再通水。"), ["先修路。”", "再通水。"]);
}

#[test]
fn abbreviations_initials_decimals_and_ordinals_end_no_sentence() {
    assert_eq!(
        split("Mr. Smith met J. R. Brown in the U.S. Senate. He paid $3.50. \"Why?\" she asked. Nobody knew."),
        ["Mr. Smith met J. R. Brown in the U.S. Senate.", "He paid $3.50.", "\"Why?\" she asked.", "Nobody knew."]
    );
    assert_eq!(
        split("Am 3. Oktober kam z. B. Dr. Maier. Es regnete 2026. Er sagte: „Gut. Sehr gut.“ Dann ging er."),
        ["Am 3. Oktober kam z. B. Dr. Maier.", "Es regnete 2026.", "Er sagte: „Gut. Sehr gut.“", "Dann ging er."]
    );
    assert_eq!(
        split("Visit example.com today... or not. It was 5 p.m. sharp!"),
        ["Visit example.com today... or not.", "It was 5 p.m. sharp!"]
    );
    assert_eq!(split("Elle dit : « Venez. » Il vint."), ["Elle dit : « Venez. »", "Il vint."]);
    assert_eq!(split("비가 왔다. 길이 막혔다."), ["비가 왔다.", "길이 막혔다."]);
    assert_eq!(split("पुल खुला। लोग आए।"), ["पुल खुला।", "लोग आए।"]);
}

#[test]
fn whole_sentences_fill_the_budget_and_paragraphs_follow_each_other() {
    let body = ["　　大桥昨日通车。两岸居民称便。", "工程历时三年。"];
    assert_eq!(lead_of(&body, 7), "大桥昨日通车。");
    assert_eq!(lead_of(&body, 13), "大桥昨日通车。");
    assert_eq!(lead_of(&body, 14), "大桥昨日通车。两岸居民称便。");
    assert_eq!(lead_of(&body, 100), "大桥昨日通车。两岸居民称便。工程历时三年。");
    assert_eq!(
        lead_of(&["The bridge  is open.\nPeople came.", "It took a year."], 100),
        "The bridge is open. People came. It took a year."
    );
    // A line without a full stop, such as a subhead, is kept apart from what follows.
    assert_eq!(lead_of(&["一、总体要求", "以发展为要。"], 100), "一、总体要求 以发展为要。");
}

#[test]
fn a_first_sentence_beyond_the_budget_is_cut_at_a_clause() {
    let long = ["昨日上午，清渚大桥正式建成通车，两岸十余万居民从此不必再绕行三十公里。"];
    assert_eq!(lead_of(&long, 20), "昨日上午，清渚大桥正式建成通车…");
    assert_eq!(
        lead_of(&["The new bridge, which took three years to build, opened to the public on Monday."], 50),
        "The new bridge, which took three years to build…"
    );
    assert_eq!(lead_of(&["苹果、香蕉、橙子、葡萄、西瓜与草莓同时上市"], 12), "苹果、香蕉、橙子、葡萄…");
}

#[test]
fn without_a_clause_it_is_cut_between_words_and_never_inside_a_number_or_a_bracket() {
    assert_eq!(lead_of(&["Seventeen thousand people crossed it"], 22), "Seventeen thousand…");
    assert_eq!(lead_of(&["今年全县粮食总产量达到123456吨再创新高"], 16), "今年全县粮食总产量达到…");
    assert_eq!(lead_of(&["全县召开了题为《乡村振兴》的学习会议"], 9), "全县召开了题为…");
    assert_eq!(lead_of(&["1,000,000,000,000"], 8), "1,000,0…");
    assert_eq!(lead_of(&["Sum: 1,000 and 2,000 make 3,000"], 14), "Sum: 1,000…");
}

#[test]
fn nothing_is_left_where_there_is_nothing_or_no_room() {
    assert_eq!(lead_of(&[], 100), "");
    assert_eq!(lead_of(&["", " \u{3000}"], 100), "");
    assert_eq!(lead_of(&["大桥通车。"], 0), "");
    assert_eq!(lead_of(&["大桥通车。"], 1), "");
    assert_eq!(lead_of(&["大桥通车。"], 2), "大…");
}

fn without_space(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Texts in which marks, brackets and white space are frequent.
fn paragraph() -> impl Strategy<Value = String> {
    prop_oneof!["[桥路。！？，、；“”《》（）「」 0-9a]{0,40}", "([A-Z][a-z]{0,8}[ .,!?\"()]{1,2}){0,12}", any::<String>(),]
}

proptest! {
    #[test]
    fn a_lead_is_never_longer_than_its_budget(paragraphs in proptest::collection::vec(paragraph(), 0..4), chars in 0_usize..60) {
        let texts: Vec<&str> = paragraphs.iter().map(String::as_str).collect();
        prop_assert!(lead_of(&texts, chars).chars().count() <= chars);
    }

    #[test]
    fn a_lead_is_a_beginning_of_the_body(paragraphs in proptest::collection::vec(paragraph(), 0..4), chars in 0_usize..60) {
        let texts: Vec<&str> = paragraphs.iter().map(String::as_str).collect();
        let (lead, body) = (without_space(&lead_of(&texts, chars)), without_space(&paragraphs.concat()));
        prop_assert!(body.starts_with(&lead) || body.starts_with(lead.strip_suffix(ELLIPSIS).unwrap_or(&lead)));
    }

    #[test]
    fn sentences_joined_are_the_paragraph(text in paragraph()) {
        let parts = sentences(&text);
        prop_assert_eq!(parts.concat(), text.clone());
        prop_assert!(parts.iter().all(|s| !s.is_empty()));
    }
}
