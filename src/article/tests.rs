#![allow(clippy::unwrap_used, clippy::expect_used)]

use proptest::prelude::*;

use super::*;
use crate::model::Block;

fn page_of(text: &str) -> Page {
    let mut blocks = Vec::new();
    for part in text.split("\n\n") {
        let lines: Vec<String> = part.lines().filter(|l| !l.trim().is_empty()).map(str::to_owned).collect();
        if !lines.is_empty() {
            blocks.push(Block { lines });
        }
    }
    Page { blocks, ..Page::empty("02") }
}

/// Every cell of the page, each as often as an item of the page has it.
fn places(page: &Page) -> (Vec<usize>, usize) {
    with_cut(page, "zh-Hans", |ground, _, parts, _| {
        let mut found: Vec<usize> = Vec::new();
        for part in parts {
            found.extend(part.body.iter().chain(part.display.iter().map(|d| &d.0)).chain(&part.signatures));
        }
        found.extend(furniture::runs(ground, parts).iter().flat_map(|r| r.cells.clone()));
        // A second printing goes with the first and is not listed where that one has a place.
        for (i, c) in ground.cells.iter().enumerate() {
            if c.repeats.is_some() && !found.contains(&i) {
                found.push(i);
            }
        }
        found.sort_unstable();
        (found, ground.cells.len())
    })
}

fn lines() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "[石桥通车学校村里的人在和，。“”（）0-9 ]{1,18}",
        "[石桥通车学校村里的人在和，。]{14}",
        "[A-Za-z ,.\\\\-]{1,40}",
        "本报讯（记者 [石桥]{2}）[通车学校]{3,9}",
        "地址：[石桥]{2}路[0-9]{2}号　电话：[0-9]{8}",
        Just(String::new()),
    ];
    prop::collection::vec(line, 1..60).prop_map(|l| l.join("\n"))
}

#[test]
fn an_empty_page_has_no_items() {
    assert!(cut(&page_of(""), "zh-Hans").is_empty());
    assert!(explain(&page_of(""), "zh-Hans").contains("0 lines"));
}

#[test]
fn what_was_not_done_for_all_of_a_page_is_told() {
    let page = page_of(
        "清河石桥昨天建成通车\n\n本报讯 清河上的石桥昨天通车，两岸居民放了鞭炮，\n孩子们在桥上跑来跑去。石桥长一百二十米，从前过河\n要坐渡船，如今走路只要三分钟。\n\n镇小学今秋多招两个班\n\n本报讯 镇上的小学今年秋天多招两个班，新添的教室\n就在操场东边。校长说，家长不必再把孩子送到县城去。",
    );
    let (cells, chances) = look(&page);
    let mut ground = Ground::of(&cells, &chances);
    let bodies = bodies(&mut ground);
    assert_eq!(problems(&ground, &bodies), []);
    assert_eq!(headed(&ground, 7), 7);
    ground.unjoined = true;
    ground.undivided = 3;
    let told = problems(&ground, &bodies);
    assert!(told.iter().all(|p| p.code == "page-cut-in-part"));
    assert!(told[0].message.contains("3 lines") && told[1].message.contains("left in their order"), "{told:?}");
    // As if the page were as large as any can be.
    let many = MAX_HEADING / (ground.cells.len() * ground.displays().max(1));
    assert!(ground.displays() > 0);
    assert_eq!(headed(&ground, many + 5), many);
}

#[test]
fn pages_made_to_cost_much_end_with_every_line_in_an_item() {
    let lines = 300;
    let digits = "0123456789".repeat(2) + "\n";
    for text in [
        digits.repeat(lines),
        "字\n".repeat(lines),
        "字".repeat(30) + "\n\n" + &("字".repeat(30) + "\n").repeat(lines),
        "桥通\n\n".repeat(lines),
        ("（".repeat(40) + "\n").repeat(lines),
        ("字 ".repeat(60) + "\n").repeat(lines / 4),
        ("the mill ".repeat(60) + "\n").repeat(lines / 4),
    ] {
        let (found, cells) = places(&page_of(&text));
        assert_eq!(found, (0..cells).collect::<Vec<_>>(), "{}", &text[..12]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_line_ends_up_in_exactly_one_item(text in lines()) {
        let page = page_of(&text);
        let (found, cells) = places(&page);
        prop_assert_eq!(found, (0..cells).collect::<Vec<_>>());
    }

    #[test]
    fn cells_hold_every_character_of_the_page_once_and_in_order(text in lines()) {
        let cells = lines::cells(&page_of(&text));
        let mut next = 0;
        for c in &cells.cells {
            prop_assert_eq!(c.start, next);
            prop_assert!(c.length >= c.chars.iter().filter(|c| **c != ' ').count());
            next += c.length;
        }
        prop_assert_eq!(next, text.chars().filter(|c| !c.is_whitespace()).count());
    }

    #[test]
    fn the_same_page_gives_the_same_items(text in lines()) {
        let page = page_of(&text);
        prop_assert_eq!(cut(&page, "zh-Hans"), cut(&page, "zh-Hans"));
    }

    #[test]
    fn any_text_is_cut_without_panic(text in any::<String>()) {
        let items = cut(&page_of(&text), "");
        prop_assert!(items.iter().all(|i| (0.0..=1.0).contains(&i.confidence) && i.paragraphs.iter().all(|p| !p.trim().is_empty())));
    }
}
