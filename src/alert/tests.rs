#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::model::ArticleKind;

fn article(headline: Option<&str>, paragraphs: &[&str]) -> Article {
    Article {
        kind: ArticleKind::Article,
        headline: headline.map(str::to_owned),
        paragraphs: paragraphs.iter().map(|p| (*p).to_owned()).collect(),
        page: "01".to_owned(),
        confidence: 1.0,
        ..Article::default()
    }
}

fn list(words: &[&str]) -> Watchlist {
    let words: Vec<Watchword> = words
        .iter()
        .map(|line| {
            let mut words = line.split(" -").map(str::to_owned);
            Watchword { word: words.next().unwrap(), except: words.collect() }
        })
        .collect();
    Watchlist::new(&words).unwrap()
}

fn heard(words: &[&str], text: &str) -> Vec<(String, String)> {
    list(words).hear(&article(None, &[text]), 100).into_iter().map(|h| (h.word, h.sentence)).collect()
}

fn words_heard(words: &[&str], text: &str) -> Vec<String> {
    heard(words, text).into_iter().map(|(word, _)| word).collect()
}

fn told(word: &str, sentence: &str) -> (String, String) {
    (word.to_owned(), sentence.to_owned())
}

#[test]
fn a_word_is_heard_once_in_its_first_sentence_and_marked_there() {
    let text = "清晨下了雨。县里的氢能公交上线，氢能产业由此起步。氢能站明年再建两座。";
    assert_eq!(heard(&["氢能"], text), [told("氢能", "县里的【氢能】公交上线，氢能产业由此起步。")]);
    assert_eq!(words_heard(&["光伏"], text), [""; 0]);
}

#[test]
fn scripts_widths_and_cases_are_one_and_the_text_is_shown_as_printed() {
    assert_eq!(heard(&["台湾发展"], "會議討論臺灣發展。"), [told("台湾发展", "會議討論【臺灣發展】。")]);
    assert_eq!(heard(&["臺灣發展"], "会议讨论台湾发展。"), [told("臺灣發展", "会议讨论【台湾发展】。")]);
    assert_eq!(heard(&["gpt-5"], "发布了ＧＰＴ－５。"), [told("gpt-5", "发布了【ＧＰＴ－５】。")]);
    assert_eq!(words_heard(&["氢能", "氫能"], "氢能上线。"), ["氢能"], "one word in two scripts is one");
}

#[test]
fn a_word_of_ideographs_is_heard_inside_longer_words_but_for_its_exceptions() {
    assert_eq!(words_heard(&["人大"], "市人大代表视察。"), ["人大"]);
    assert_eq!(words_heard(&["人大 -人大附中 -人大代表"], "市人大代表视察人大附中。"), [""; 0]);
    assert_eq!(heard(&["人大 -人大代表"], "人大代表到会，人大通过决议。"), [told("人大", "人大代表到会，【人大】通过决议。")]);
    assert_eq!(words_heard(&["人大 -人大附中"], "人大附中與人大代表。"), ["人大"]);
}

#[test]
fn the_longest_of_watched_words_is_heard_and_those_that_overlap_are_all() {
    assert_eq!(words_heard(&["人大", "人大代表"], "人大代表视察。"), ["人大代表"]);
    assert_eq!(words_heard(&["人大", "人大代表"], "人大代表视察，人大通过。"), ["人大代表", "人大"]);
    assert_eq!(words_heard(&["北京大学", "大学城"], "北京大学城开放。"), ["北京大学", "大学城"]);
}

#[test]
fn letters_and_digits_are_heard_as_whole_words() {
    assert_eq!(words_heard(&["art"], "The party started. Modern ART sells."), ["art"]);
    assert_eq!(words_heard(&["5G"], "15G内存与5G基站。"), ["5G"]);
    assert_eq!(words_heard(&["5G"], "15G内存。"), [""; 0]);
    assert_eq!(words_heard(&["AI"], "用AI写作。"), ["AI"]);
}

#[test]
fn the_body_is_shown_rather_than_the_headline_which_is_heard_too() {
    let words = list(&["氢能", "车库"]);
    let both = words.hear(&article(Some("氢能公交上线 车库改造"), &["首批车是氢能的。"]), 100);
    assert_eq!(both.iter().map(|h| h.sentence.as_str()).collect::<Vec<_>>(), ["首批车是【氢能】的。", "氢能公交上线 【车库】改造"]);
    assert!(words.hears(&article(Some("车库"), &[])));
}

#[test]
fn a_long_sentence_is_cut_at_its_clauses_around_the_word() {
    let text = "县交通运输局的测算显示，二十四辆氢能公交车全年可以替代柴油，减少二氧化碳排放约一千吨，相当于添了一片树林。";
    let shown = |chars| list(&["替代柴油"]).hear(&article(None, &[text]), chars).remove(0).sentence;
    assert_eq!(shown(24), "…二十四辆氢能公交车全年可以【替代柴油】…");
    assert_eq!(shown(10), "…可以【替代柴油】，…".replace("，…", "…"));
}

#[test]
fn what_is_no_list_of_words_is_refused() {
    assert_eq!(Watchlist::new(&[]), Err(WatchlistError::Empty));
    let refused = |word: &str| Watchlist::new(&[Watchword { word: word.to_owned(), except: Vec::new() }]).unwrap_err().to_string();
    assert!(refused("，。").contains("is no word"));
    assert!(refused(&"长".repeat(101)).contains("too long"));
}

proptest! {
    /// The automaton finds what a plain search finds.
    #[test]
    fn what_stands_in_the_text_is_heard_unless_it_lies_in_a_longer_word(words in proptest::collection::hash_set("[人大代表会]{1,3}", 1..6), text in "[人大代表会。]{0,30}") {
        let words: Vec<String> = words.into_iter().collect();
        let list = list(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let heard: Vec<String> = list.hear(&article(None, &[&text]), 100).into_iter().map(|h| h.word).collect();
        for word in &words {
            let inside = |other: &String| other.len() > word.len() && other.contains(word.as_str());
            prop_assert_eq!(heard.iter().filter(|h| *h == word).count(), usize::from(heard.contains(word)), "once at most");
            if heard.contains(word) {
                prop_assert!(text.contains(word.as_str()));
            } else if !words.iter().any(inside) {
                prop_assert!(!text.contains(word.as_str()));
            }
        }
    }

    #[test]
    fn any_text_is_shown_within_its_budget(text in any::<String>(), chars in 10_usize..60) {
        for heard in list(&["a", "的"]).hear(&article(None, &[&text]), chars) {
            prop_assert!(heard.sentence.chars().count() <= chars + 2);
        }
    }
}
