#![allow(clippy::unwrap_used, clippy::expect_used)]

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::model::{PageFormat, PageKey};

const TEXT: &str = "桥通了\n\n本报讯 城东的石桥\n昨天通了。\n";

fn page_of(bytes: impl Into<Vec<u8>>) -> Page {
    let key = PageKey { source: "sample".into(), date: NaiveDate::from_ymd_opt(2024, 5, 6).unwrap(), page: "02".into() };
    read(&RawPage { key, format: PageFormat::Text, origin: "02.txt".into(), modified: None, bytes: bytes.into(), companions: Vec::new() })
}

fn lines(page: &Page) -> Vec<Vec<&str>> {
    page.blocks.iter().map(|b| b.lines.iter().map(String::as_str).collect()).collect()
}

fn codes(page: &Page) -> Vec<&str> {
    page.problems.iter().map(|p| p.code.as_ref()).collect()
}

fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let mark = if mark { "\u{feff}" } else { "" };
    mark.encode_utf16().chain(text.encode_utf16()).flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
}

#[test]
fn every_encoding_gives_the_same_blocks_and_no_problem() {
    let expected = vec![vec!["桥通了"], vec!["本报讯 城东的石桥", "昨天通了。"]];
    let mut marked = "\u{feff}".as_bytes().to_vec();
    marked.extend(TEXT.as_bytes());
    let gb = GB18030.encode(TEXT).0.into_owned();
    let all = [
        TEXT.as_bytes().to_vec(),
        marked,
        gb,
        utf16(TEXT, true, true),
        utf16(TEXT, false, true),
        utf16(TEXT, true, false),
        utf16(TEXT, false, false),
    ];
    for (n, bytes) in all.into_iter().enumerate() {
        let page = page_of(bytes);
        assert_eq!(lines(&page), expected, "encoding {n}");
        assert_eq!(codes(&page), Vec::<&str>::new(), "encoding {n}");
    }
}

#[test]
fn western_text_in_utf16_without_a_mark_is_read() {
    assert_eq!(lines(&page_of(utf16("The bridge\nis open.", true, false))), [["The bridge", "is open."]]);
    assert_eq!(lines(&page_of(utf16("The bridge\nis open.", false, false))), [["The bridge", "is open."]]);
}

#[test]
fn a_page_cut_in_mid_character_is_still_utf8_and_doubtful() {
    let bytes = &TEXT.repeat(3).into_bytes();
    let cut = "城东".len() - 1;
    let page = page_of([bytes.as_slice(), &"城东".as_bytes()[..cut]].concat());
    assert_eq!(codes(&page), ["page-encoding-doubtful", "page-characters-lost"]);
    assert_eq!(page.blocks[0].lines, ["桥通了"]);
}

#[test]
fn form_feeds_divide_blocks_and_indents_stay() {
    let page = page_of("  first line\nsecond\u{c}third\n");
    assert_eq!(lines(&page), vec![vec!["  first line", "second"], vec!["third"]]);
    assert_eq!(codes(&page), Vec::<&str>::new());
}

#[test]
fn what_is_no_page_of_text_is_named() {
    assert_eq!(codes(&page_of("")), ["page-empty"]);
    assert_eq!(codes(&page_of(" \n\n\u{c}")), ["page-empty"]);
    let noise: Vec<u8> = (0..5000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert_eq!(codes(&page_of(noise)), ["page-binary"]);
    assert_eq!(codes(&page_of(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\x01\0\x08\x06\0\0\0".to_vec())), ["page-binary"]);
    let large = page_of(vec![b'a'; MAX_PAGE_BYTES + 1]);
    assert_eq!((codes(&large), large.blocks.len()), (vec!["page-too-large"], 0));
}

#[test]
fn lines_without_end_and_pages_without_end_are_bounded() {
    let page = page_of("字".repeat(MAX_LINE_CHARS * 2 + 1));
    assert_eq!(page.blocks[0].lines.len(), 3);
    let page = page_of("a\n".repeat(MAX_PAGE_LINES + 10));
    assert_eq!(page.blocks[0].lines.len(), MAX_PAGE_LINES);
    assert_eq!(codes(&page), ["page-too-long"]);
}

#[test]
fn a_page_of_more_characters_than_any_newspapers_is_read_in_part_and_says_so() {
    let line = "字".repeat(MAX_LINE_CHARS);
    let full = vec![line.as_str(); MAX_PAGE_CHARS / MAX_LINE_CHARS].join("\n");
    let page = page_of(full.clone());
    assert_eq!((codes(&page), page.blocks[0].lines.len()), (vec![], MAX_PAGE_CHARS / MAX_LINE_CHARS));
    let page = page_of(full + "\n桥通了\n");
    let kept: usize = page.blocks.iter().flat_map(|b| &b.lines).map(|l| l.chars().count()).sum();
    assert_eq!((codes(&page), kept), (vec!["page-too-long"], MAX_PAGE_CHARS));
    // The same in one line without end.
    let page = page_of("字".repeat(MAX_PAGE_CHARS + 1));
    let kept: usize = page.blocks.iter().flat_map(|b| &b.lines).map(|l| l.chars().count()).sum();
    assert_eq!((codes(&page), kept), (vec!["page-too-long"], MAX_PAGE_CHARS));
}

#[test]
fn blocks_without_end_are_bounded_like_lines() {
    let page = page_of("桥通\n\n".repeat(MAX_PAGE_LINES + 10));
    assert_eq!((codes(&page), page.blocks.len()), (vec!["page-too-long"], MAX_PAGE_LINES));
    // Nothing is left out where only blank lines follow.
    let page = page_of("桥通\n\n".repeat(MAX_PAGE_LINES) + "\n \n");
    assert_eq!(codes(&page), Vec::<&str>::new());
}

#[test]
fn dropped_and_lost_characters_are_counted_in_problems() {
    let page = page_of("桥\u{202e}通了\u{fffd}。");
    assert_eq!(page.blocks[0].lines, ["桥通了。"]);
    assert_eq!(codes(&page), ["page-characters-dropped", "page-characters-lost"]);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic_and_give_only_lines_with_text(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let page = page_of(bytes);
        prop_assert!(page.blocks.iter().all(|b| !b.lines.is_empty() && b.lines.iter().all(|l| !l.trim().is_empty())));
        prop_assert!(!page.blocks.is_empty() || !page.problems.is_empty());
    }

    #[test]
    fn reading_keeps_every_character_of_a_clean_text(text in "[a-z本报讯。，\n ]{1,200}") {
        let page = page_of(text.clone());
        let kept: String = page.blocks.iter().flat_map(|b| &b.lines).flat_map(|l| l.chars()).filter(|c| !c.is_whitespace()).collect();
        let given: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        prop_assert_eq!(kept, given);
    }
}
