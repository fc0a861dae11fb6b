#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::model::ArticleKind;

#[path = "../../tests/bench/rouge.rs"]
#[allow(unreachable_pub)]
mod rouge;

fn article(paragraphs: &[&str]) -> Article {
    Article {
        kind: ArticleKind::Article,
        paragraphs: paragraphs.iter().map(|p| (*p).to_owned()).collect(),
        page: "01".to_owned(),
        confidence: 1.0,
        ..Article::default()
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

fn gist_of(paragraphs: &[&str], chars: usize) -> String {
    gist(&article(paragraphs), chars)
}

/// The articles of the sample edition, without their headlines, and these.
fn sample() -> Vec<(Article, String)> {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sample/2026-11-20");
    let mut found = Vec::new();
    for page in ["01", "02", "03", "04"] {
        let truth: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(dir.join(format!("{page}.truth.json"))).unwrap()).unwrap();
        for item in truth["articles"].as_array().unwrap().iter().filter(|item| item["kind"] == "article") {
            let Some(headline) = item["headline"].as_str() else { continue };
            let paragraphs: Vec<&str> = item["paragraphs"].as_array().unwrap().iter().filter_map(|p| p.as_str()).collect();
            found.push((article(&paragraphs), headline.to_owned()));
        }
    }
    found
}

#[test]
fn on_the_sample_edition_the_gist_has_more_of_the_headlines_than_whole_lead_sentences_of_the_same_budget() {
    let mean = |of: &dyn Fn(&Article) -> String| {
        let scores: Vec<f64> = sample().iter().map(|(article, headline)| rouge::rouge_1(&of(article), headline)).collect();
        scores.iter().sum::<f64>() / scores.len() as f64
    };
    for chars in [100, 120] {
        let (gist, lead) = (mean(&|a| gist(a, chars)), mean(&|a| lead(a, chars)));
        assert!(gist > lead + 0.03, "within {chars} characters: gist {gist:.3}, lead {lead:.3}");
    }
}

#[test]
fn a_headline_draws_the_gist_to_its_words() {
    let mut headed = article(&["会在早上九点开始。", "县里要修通往码头的三条道路。", "渔民的禁渔补贴月底发放到户。", "到中午才散。"]);
    for (headline, sentence) in
        [("县里要修三条路", "县里要修通往码头的三条道路。"), ("渔民补贴月底发放到户", "渔民的禁渔补贴月底发放到户。")]
    {
        headed.headline = Some(headline.to_owned());
        assert_eq!(gist(&headed, 18), sentence);
    }
}

#[test]
fn items_of_a_list_lean_on_what_leads_them_in() {
    for item in ["①月塘湖北岸。", "（二）加强领导。", "二、保障措施。", "3.按时报名。", "他说不行。", "However, it rained.", "aber nein"]
    {
        assert!(leaning::leans(&crate::model::fold::folded_text(item)), "{item}");
    }
    for own in ["3.5亿元到账。", "二十人到场。", "可再生能源增长。", "Harwick has a bridge.", "“真的吗”成了热词。", "2026年到来。"]
    {
        assert!(!leaning::leans(&crate::model::fold::folded_text(own)), "{own}");
    }
}

#[test]
fn a_first_sentence_beyond_the_budget_is_taken_up_to_a_clause_or_gives_way_to_one_that_fits() {
    let long = ["昨日上午，清渚大桥正式建成通车，两岸十余万居民从此不必再绕行三十公里。"];
    assert_eq!(gist_of(&long, 20), "昨日上午，清渚大桥正式建成通车…");
    assert_eq!(gist_of(&["大桥通车。"], 3), "大桥…", "as the lead has it where no clause fits");
    assert_eq!(gist_of(&[], 100), "");
}

#[test]
fn half_width_marks_between_ideographs_end_sentences_and_clauses() {
    assert_eq!(
        split("提出一种去雾方法.实验结果表明,该方法只需0.12 s,优于A.B法.结论成立."),
        ["提出一种去雾方法.", "实验结果表明,该方法只需0.12 s,优于A.B法.", "结论成立."]
    );
    assert_eq!(
        gist_of(&["针对传统去雾方法的不足,提出一种快速去雾方法,它比传统去雾方法快三倍."], 25),
        "针对传统去雾方法的不足,提出一种快速去雾方法…"
    );
}

proptest! {
    /// Every sentence of a gist stands whole in the body, in order, none leans on one that is left out, and
    /// the budget holds.
    #[test]
    fn a_gist_keeps_its_budget_and_leaves_no_sentence_without_what_it_leans_on(paragraphs in proptest::collection::vec("([桥路水村县大]{3,9}。|他说[桥路]{2,5}。|因此[桥路]{3}。|但[水村]{4}。){1,6}", 1..4), chars in 8_usize..60) {
        let texts: Vec<&str> = paragraphs.iter().map(String::as_str).collect();
        let gist = gist_of(&texts, chars);
        prop_assert!(gist.chars().count() <= chars);
        let all: Vec<String> = paragraphs.iter().flat_map(|p| sentences(p)).map(|s| s.trim().to_owned()).collect();
        if gist.ends_with(ELLIPSIS) || gist.is_empty() {
            return Ok(());
        }
        let shown: Vec<String> = sentences(&gist).into_iter().map(|s| s.trim().to_owned()).collect();
        let mut rest = all.as_slice();
        for sentence in &shown {
            let place = rest.iter().position(|s| s == sentence);
            prop_assert!(place.is_some(), "{sentence:?} of {gist:?} is not in {all:?} behind what stands before it");
            rest = &rest[place.unwrap_or(0) + 1..];
        }
        // A sentence may stand in the body several times: one of its predecessors must be before it.
        for (n, sentence) in shown.iter().enumerate().filter(|(_, s)| leaning::leans(s)) {
            let stands_first = all.first() == Some(sentence);
            let led = all.windows(2).any(|pair| pair[1] == *sentence && n > 0 && pair[0] == shown[n - 1]);
            prop_assert!(stands_first || led, "{sentence:?} of {gist:?} leans on nothing in {all:?}");
        }
    }
}
