#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::model::layout::{Font, Origin};

fn run(text: &str, x: f32, y: f32, size: f32) -> Placed {
    let count = text.chars().count();
    let area = Area { x0: x, y0: y - 0.88 * size, x1: x + size * count as f32, y1: y + 0.12 * size };
    let offsets = (0..count).map(|n| n as f32 * size).collect();
    let run = Run { text: text.into(), area, offsets, font: 0, size, colour: [0; 3], twin: false, spaced: false, confidence: None };
    Placed { run, base: y, direction: Direction::Across }
}

fn text_of(runs: Vec<Placed>, rules: &[Rule]) -> Vec<Vec<String>> {
    let blocks = arrange(runs, rules);
    let layout = Layout {
        origin: Origin::Pdf,
        width: 600.0,
        height: 800.0,
        blocks,
        rules: rules.to_vec(),
        frames: Vec::new(),
        pictures: Vec::new(),
        fonts: vec![Font::default()],
    };
    plain(&layout, &mut Vec::new()).into_iter().map(|block| block.lines).collect()
}

#[test]
fn columns_close_together_are_parted_by_the_rule_between_them() {
    let rows = |gap: f32| {
        (0..4).flat_map(move |n| {
            let y = 100.0 + 14.0 * n as f32;
            [run("左边一栏的字", 50.0, y, 10.0), run("右边一栏的字", 110.0 + gap, y, 10.0)]
        })
    };
    let rule = Rule { area: Area { x0: 113.5, y0: 80.0, x1: 114.5, y1: 160.0 }, colour: [0; 3] };
    assert_eq!(text_of(rows(8.0).collect(), &[rule]).iter().map(Vec::len).collect::<Vec<_>>(), [4, 4]);
    assert_eq!(text_of(rows(8.0).collect(), &[]).iter().map(Vec::len).collect::<Vec<_>>(), [4]);
    assert_eq!(text_of(rows(12.0).collect(), &[]).iter().map(Vec::len).collect::<Vec<_>>(), [4, 4]);
}

#[test]
fn a_short_last_line_above_an_indent_stays_in_its_block_and_indents_are_blanks() {
    let lines =
        [run("第一段写到这里还没有", 50.0, 100.0, 10.0), run("完。", 50.0, 114.0, 10.0), run("第二段从这里开始", 70.0, 128.0, 10.0)];
    assert_eq!(text_of(lines.to_vec(), &[]), [["第一段写到这里还没有", "完。", "\u{3000}\u{3000}第二段从这里开始"]]);
}

#[test]
fn a_horizontal_rule_and_another_size_end_a_block() {
    let lines = [run("上面一条消息", 50.0, 100.0, 10.0), run("下面一条消息", 50.0, 114.0, 10.0), run("大字标题", 50.0, 134.0, 16.0)];
    let rule = Rule { area: Area { x0: 50.0, y0: 102.8, x1: 110.0, y1: 103.4 }, colour: [0; 3] };
    assert_eq!(text_of(lines.to_vec(), &[rule]).len(), 3);
    assert_eq!(text_of(lines.to_vec(), &[]).len(), 2);
}

#[test]
fn spaced_words_get_their_blanks_and_spread_ideographs_none() {
    let mut words =
        [run("ab", 50.0, 100.0, 10.0), run("cd", 74.0, 100.0, 10.0), run("大", 200.0, 200.0, 20.0), run("桥", 235.0, 200.0, 20.0)];
    assert_eq!(text_of(words.to_vec(), &[]).concat(), ["ab cd", "大桥"]);
    words[3].run.spaced = true;
    assert_eq!(text_of(words.to_vec(), &[]).concat(), ["ab cd", "大 桥"]);
}

proptest! {
    #[test]
    fn no_character_is_lost_wherever_it_stands(places in prop::collection::vec((0_f32..600.0, 0_f32..800.0, 4_f32..60.0, 0_u8..3), 0..80)) {
        let runs: Vec<Placed> = places
            .iter()
            .map(|(x, y, size, direction)| Placed {
                direction: [Direction::Across, Direction::Down, Direction::Turned][usize::from(*direction)],
                ..run("字a", *x, *y, *size)
            })
            .collect();
        let kept: usize = text_of(runs, &[]).concat().iter().map(|line| line.chars().filter(|c| !c.is_whitespace()).count()).sum();
        prop_assert_eq!(kept, 2 * places.len());
    }
}
