//! What is read of a PDF: characters, places, rules, frames, pictures, and what is left out.

use std::collections::HashMap;

use chrono::NaiveDate;
use newsboy::model::layout::{Direction, Layout, Run};
use newsboy::model::{Page, PageFormat, PageKey, RawPage};

use crate::house::shared;
use crate::pdf_maker::{Pdf, hex, show};

pub(crate) fn raw(bytes: Vec<u8>) -> RawPage {
    let key = PageKey { source: "paper".into(), date: NaiveDate::default(), page: "02".into() };
    RawPage { key, format: PageFormat::Pdf, origin: "02.pdf".into(), modified: None, bytes, companions: Vec::new() }
}

fn read(pdf: Pdf) -> Page {
    let mut pages = newsboy::page::read(&raw(pdf.bytes()));
    assert_eq!(pages.len(), 1);
    pages.remove(0)
}

fn of(program: &str) -> Page {
    read(Pdf::new().page(program, ""))
}

fn layout(page: &Page) -> &Layout {
    page.layout.as_ref().unwrap()
}

fn texts(page: &Page) -> Vec<&str> {
    page.blocks.iter().flat_map(|block| &block.lines).map(String::as_str).collect()
}

fn codes(page: &Page) -> Vec<&str> {
    page.problems.iter().map(|problem| problem.code.as_ref()).collect()
}

fn only(page: &Page) -> &Run {
    let runs: Vec<&Run> = layout(page).runs().collect();
    assert_eq!(runs.len(), 1, "{runs:?}");
    runs[0]
}

#[test]
fn characters_stand_where_the_program_puts_them_with_size_colour_and_weight() {
    let page = of(&format!("1 0 0 rg {}", show('B', 20, 100, 700, "Bridge")));
    let run = only(&page);
    assert_eq!((run.text.as_str(), run.size, run.colour, run.twin), ("Bridge", 20.0, [255, 0, 0], false));
    // y runs down from the top: the baseline is 800 − 700, 0.88 em are above it.
    assert!((run.area.x0 - 100.0).abs() < 0.1 && (run.area.y0 - (100.0 - 17.6)).abs() < 0.1, "{:?}", run.area);
    assert!((run.area.height() - 20.0).abs() < 0.1);
    assert_eq!(run.offsets.len(), 6);
    assert!(run.offsets.windows(2).all(|pair| pair[0] < pair[1]));
    let line = layout(&page).lines().next().unwrap();
    assert!((line.base - 100.0).abs() < 0.1);
    assert_eq!(codes(&page), [""; 0]);
}

#[test]
fn fonts_with_the_encodings_of_chinese_print_are_read() {
    for font in ['U', 'G'] {
        let page = of(&show(font, 10, 50, 700, "清渚日报：大桥通了。"));
        assert_eq!(texts(&page), ["清渚日报：大桥通了。"], "{font}");
        let run = only(&page);
        assert!((run.area.width() - 100.0).abs() < 0.5 && (run.offsets[9] - 90.0).abs() < 0.5, "{run:?}");
    }
}

#[test]
fn text_written_down_is_one_line_that_runs_down() {
    let page = of(&show('V', 30, 300, 700, "大桥通车"));
    let lines: Vec<_> = layout(&page).lines().collect();
    assert_eq!((lines.len(), lines[0].direction), (1, Direction::Down));
    assert!((lines[0].base - 300.0).abs() < 0.5, "{:?}", lines[0]);
    assert!((lines[0].area.height() - 120.0).abs() < 1.0);
    assert_eq!(texts(&page), ["大桥通车"]);
}

#[test]
fn a_stack_of_single_characters_runs_down_and_rows_of_spaced_ones_do_not() {
    let stack: String = "大桥通车".chars().enumerate().map(|(n, c)| show('U', 30, 300, 700 - 36 * n as i32, &c.to_string())).collect();
    let page = of(&stack);
    assert!(layout(&page).lines().all(|line| line.direction == Direction::Down));
    assert_eq!(texts(&page), ["大桥通车"]);
    let rows: String = ["大桥通车", "今日试行", "万人空巷"]
        .iter()
        .enumerate()
        .flat_map(|(row, text)| {
            text.chars().enumerate().map(move |(n, c)| show('U', 10, 100 + 12 * n as i32, 700 - 13 * row as i32, &c.to_string()))
        })
        .collect();
    let page = of(&rows);
    assert!(layout(&page).lines().all(|line| line.direction == Direction::Across));
    assert_eq!(texts(&page), ["大桥通车", "今日试行", "万人空巷"]);
}

#[test]
fn what_was_drawn_twice_in_place_is_there_once_and_marked() {
    let twice = show('U', 30, 100, 700, "大桥") + &format!("BT /U 30 Tf 1 0 0 1 100.6 700 Tm <{}> Tj ET\n", hex('U', "大桥"));
    let page = of(&twice);
    assert_eq!((only(&page).text.as_str(), only(&page).twin), ("大桥", true));
    // Filled and outlined in one go is the same to the eye.
    let page = of(&format!("2 Tr {}", show('U', 30, 100, 700, "大桥")));
    assert_eq!((only(&page).text.as_str(), only(&page).twin), ("大桥", true));
    // The same character twice in a row is two.
    let page = of(&show('U', 30, 100, 700, "谢谢"));
    assert_eq!((only(&page).text.as_str(), only(&page).twin), ("谢谢", false));
}

#[test]
fn what_nobody_sees_is_left_out() {
    let seen = show('L', 10, 100, 700, "seen");
    let unseen = [
        format!("3 Tr {} 0 Tr", show('L', 10, 100, 600, "invisible")),
        show('L', 10, 700, 500, "beside the page"),
        show('L', 10, 100, 900, "above the page"),
        format!("q 0 0 50 50 re W n {} Q", show('L', 10, 100, 400, "clipped")),
        format!("/Clear gs {}", show('L', 10, 100, 300, "transparent")),
    ];
    let program = seen + &unseen.concat();
    let page = read(Pdf::new().page(&program, "/ExtGState << /Clear << /ca 0 >> >>"));
    assert_eq!(texts(&page), ["seen"]);
}

#[test]
fn letters_that_a_picture_shows_through_are_seen() {
    let program =
        format!("q BT /L 40 Tf 7 Tr 1 0 0 1 100 600 Tm (GOLD) Tj ET 1 0 0 rg 0 0 600 800 re f Q {}", show('L', 10, 100, 700, "below it"));
    assert_eq!(texts(&of(&program)), ["below it", "GOLD"]);
}

#[test]
fn a_scan_is_read_by_the_text_behind_it() {
    let mut program = String::from("3 Tr ");
    (0..30).for_each(|n| program += &show('L', 10, 100, 700 - 12 * n, "recognised words of a page"));
    let page = of(&program);
    assert_eq!((texts(&page).len(), codes(&page)), (30, vec!["page-recognised"]));
}

#[test]
fn actual_text_replaces_what_was_drawn() {
    let span = |text: &str, inner: &str| format!("/Span << /ActualText <FEFF{}> >> BDC {inner} EMC ", hex('U', text));
    // One for one, one for several, nothing at all.
    let program = span("日报", &show('U', 10, 100, 700, "⽇報"))
        + &span("fi", &show('L', 10, 100, 600, "f"))
        + &span("", &show('L', 10, 100, 500, "*"));
    assert_eq!(texts(&of(&program)), ["日报", "fi"]);
    // A paragraph's text leaves its lines where they are.
    let lines = show('L', 10, 100, 700, "The bridge was") + &show('L', 10, 100, 688, "opened today.");
    assert_eq!(texts(&of(&span("The bridge was opened today.", &lines))), ["The bridge was", "opened today."]);
}

#[test]
fn radicals_become_ideographs() {
    assert_eq!(
        texts(&of(&format!("/Span << /ActualText <FEFF{}> >> BDC {} EMC", hex('U', "⼯⼈"), show('U', 10, 100, 700, "工人")))),
        ["工人"]
    );
}

#[test]
fn compatibility_ideographs_become_unified_ones() {
    let drawn = show('U', 10, 100, 700, "日京日");
    let page = of(&format!("/Span << /ActualText <FEFF{}> >> BDC {drawn} EMC", hex('U', "\u{f963}京\u{fa0e}")));
    assert_eq!((texts(&page), only(&page).text.as_str()), (vec!["北京\u{fa0e}"], "北京\u{fa0e}"));
}

#[test]
fn glyphs_that_no_table_tells_hold_the_page_back() {
    let good = show('U', 10, 100, 700, &"今天大桥通了".repeat(8));
    let page = of(&(good.clone() + &show('N', 10, 100, 600, "abc")));
    assert_eq!((codes(&page), page.blocks.is_empty()), (vec!["glyphs-unreadable"], true));
    assert!(page.problems[0].message.contains("3 of 51"), "{}", page.problems[0]);
    // Two of fifty are a few odd signs.
    let page = of(&(good + &show('N', 10, 100, 600, "ab")));
    assert_eq!((codes(&page), texts(&page).len()), (vec![""; 0], 1));
}

#[test]
fn rules_frames_and_pictures_are_told_apart() {
    let program = "1 w 50 700 m 550 700 l S \
                   300 100 0.5 500 re f \
                   2 w 40 40 200 100 re S \
                   0.9 g 300 40 200 100 re f \
                   q 150 0 0 80 320 400 cm /Im Do Q \
                   q 400 600 30 30 re W n 150 0 0 80 350 580 cm /Im Do Q \
                   100 400 m 150 480 200 480 250 400 c f";
    let mut pdf = Pdf::new();
    let image = pdf.stream("/Type /XObject /Subtype /Image /Width 2 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", &[0, 255]);
    let page = read(pdf.page(program, &format!("/XObject << /Im {image} 0 R >>")));
    let layout = layout(&page);
    let rules: Vec<(bool, f32)> = layout.rules.iter().map(|r| (r.is_horizontal(), r.area.width().min(r.area.height()))).collect();
    assert_eq!(rules, [(true, 1.0), (false, 0.5)]);
    assert_eq!((layout.rules[0].area.x0, layout.rules[0].area.y0), (50.0, 99.5));
    let frames: Vec<_> = layout.frames.iter().map(|f| (f.area.x0, f.area.y0, f.stroke, f.fill)).collect();
    assert_eq!(frames, [(40.0, 660.0, Some([0; 3]), None), (300.0, 660.0, None, Some([230; 3]))]);
    let pictures: Vec<_> = layout.pictures.iter().map(|p| (p.area.x0.round(), p.area.width().round(), p.drawn)).collect();
    // The second one is shown through an opening of thirty points.
    assert_eq!(pictures, [(320.0, 150.0, false), (400.0, 30.0, false), (100.0, 150.0, true)]);
    assert_eq!(codes(&page), ["page-empty"]);
}

#[test]
fn each_page_of_a_file_is_a_page_and_the_first_has_the_files_name() {
    let pdf = Pdf::new().page(&show('L', 10, 100, 700, "one"), "").page(&show('L', 10, 100, 700, "two"), "");
    let pages = newsboy::page::read(&raw(pdf.bytes()));
    let named: Vec<_> = pages.iter().map(|page| (page.number.as_str(), texts(page))).collect();
    assert_eq!(named, [("02", vec!["one"]), ("02-2", vec!["two"])]);
}

#[test]
fn a_broken_table_is_rebuilt_and_what_is_no_pdf_is_named() {
    let bytes = Pdf::new().page(&show('L', 10, 100, 700, "still here"), "").bytes();
    let mut shifted = bytes.clone();
    let at = shifted.windows(9).position(|w| w == b"startxref").unwrap();
    shifted.splice(at + 10..at + 13, *b"999");
    assert_eq!(texts(&newsboy::page::read(&raw(shifted))[0]), ["still here"]);
    assert_eq!(codes(&newsboy::page::read(&raw(b"no such thing".to_vec()))[0]), ["pdf-invalid"]);
    // Without the page's object there is nothing to be rebuilt.
    let object = bytes.windows(11).position(|w| w == b"/Type /Page").unwrap();
    for cut in [object / 2, object - 20] {
        let page = &newsboy::page::read(&raw(bytes[..cut].to_vec()))[0];
        assert_eq!((codes(page), page.blocks.is_empty()), (vec!["pdf-invalid"], true), "cut at {cut}");
    }
    // All of the page stands before the table that is missing.
    let table = bytes.windows(6).position(|w| w == b"xref\n0").unwrap();
    let page = &newsboy::page::read(&raw(bytes[..table].to_vec()))[0];
    assert_eq!((texts(page), codes(page)), (vec!["still here"], vec![""; 0]));
}

#[test]
fn columns_are_read_one_after_another_below_what_spans_them() {
    let mut program = show('B', 24, 50, 740, "A headline over two columns");
    // Line by line across both columns, as some programs write them.
    for n in 0..12 {
        program += &show('L', 10, 50, 700 - 12 * n, &format!("left column line {n:02} is full"));
        program += &show('L', 10, 320, 700 - 12 * n, &format!("right column line {n:02} is full"));
    }
    let page = of(&program);
    let firsts: Vec<_> = page.blocks.iter().map(|block| (block.lines[0].as_str(), block.lines.len())).collect();
    assert_eq!(firsts, [("A headline over two columns", 1), ("left column line 00 is full", 12), ("right column line 00 is full", 12)]);
}

/// How alike two bags of characters are: the harmonic mean of what was found and what is right.
fn f1(found: &str, expected: &str) -> f64 {
    use unicode_normalization::UnicodeNormalization as _;
    let bag = |text: &str| {
        let mut bag: HashMap<char, i64> = HashMap::new();
        text.nfkc().filter(|c| !c.is_whitespace()).for_each(|c| *bag.entry(c).or_default() += 1);
        bag
    };
    let (found, expected) = (bag(found), bag(expected));
    let both: i64 = found.iter().map(|(c, n)| (*n).min(expected.get(c).copied().unwrap_or(0))).sum();
    let all: i64 = found.values().sum::<i64>() + expected.values().sum::<i64>();
    2.0 * both as f64 / all.max(1) as f64
}

#[test]
fn the_samples_give_their_characters() {
    let Some(shared) = shared() else { return };
    let dir = shared.join("pdf-samples");
    let expected: HashMap<String, String> = serde_json::from_slice(&std::fs::read(dir.join("text.json")).unwrap()).unwrap();
    assert!(expected.len() >= 11);
    let mut wrong = Vec::new();
    for (name, expected) in &expected {
        let pages = newsboy::page::read(&raw(std::fs::read(dir.join(format!("{name}.pdf"))).unwrap()));
        if name.starts_with("s7") {
            assert_eq!((codes(&pages[0]), pages[0].blocks.is_empty()), (vec!["glyphs-unreadable"], true), "{name}");
            continue;
        }
        let found: String = pages.iter().flat_map(|page| layout(page).runs()).map(|run| run.text.as_str()).collect();
        let plain: String = pages.iter().flat_map(texts).collect();
        let (alike, alike_plain) = (f1(&found, expected), f1(&plain, expected));
        if alike < 0.999 || alike_plain < 0.999 || !pages.iter().all(|page| codes(page).is_empty()) {
            wrong.push(format!("{name}: {alike:.5}, as text {alike_plain:.5}, {:?}", pages.iter().flat_map(codes).collect::<Vec<_>>()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
