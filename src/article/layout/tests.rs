#![allow(clippy::unwrap_used)]

use crate::model::layout::{Area, Direction, Font, Frame, Hyphen, Layout, Line, Origin, Picture, Rule, Run, TextBlock};
use crate::model::{Article, ArticleKind, Block, Page};

fn line(text: &str, x: f32, base: f32, size: f32, direction: Direction) -> Line {
    let long = size * text.chars().map(|c| if c < '\u{2000}' { 0.5 } else { 1.0 }).sum::<f32>();
    let area = match direction {
        Direction::Down => Area { x0: x, x1: x + size, y0: base, y1: base + long },
        _ => Area { x0: x, x1: x + long, y0: base - 0.88 * size, y1: base + 0.12 * size },
    };
    let run =
        Run { text: text.into(), area, offsets: Vec::new(), font: 0, size, colour: [0; 3], twin: false, spaced: false, confidence: None };
    let base = if direction == Direction::Down { x + size / 2.0 } else { base };
    Line { area, base, direction, runs: vec![run], hyphen: Hyphen::None }
}

fn across(text: &str, x: f32, base: f32, size: f32) -> Line {
    line(text, x, base, size, Direction::Across)
}

/// A column of rows of ten characters, the first indented unless it goes on in a sentence.
fn column(x: f32, base: f32, rows: &[&str]) -> Vec<Line> {
    rows.iter()
        .enumerate()
        .map(|(n, text)| {
            let indent = text.chars().take_while(|c| *c == '　').count() as f32;
            across(text.trim_start_matches('　'), x + 10.0 * indent, base + 14.0 * n as f32, 10.0)
        })
        .collect()
}

fn page(lines: Vec<Line>) -> Layout {
    let blocks = lines.into_iter().map(|line| TextBlock { id: None, area: line.area, lines: vec![line] }).collect();
    Layout {
        origin: Origin::Pdf,
        width: 400.0,
        height: 600.0,
        blocks,
        rules: Vec::new(),
        frames: Vec::new(),
        pictures: Vec::new(),
        fonts: vec![Font::default()],
    }
}

/// The page of a layout; of its text the cut asks only whether there is any.
fn page_of(layout: Layout) -> Page {
    let lines = vec!["text".to_owned()];
    Page { layout: Some(layout), blocks: vec![Block { lines }], ..Page::empty("01") }
}

fn cut(layout: Layout) -> Vec<Article> {
    super::cut(&page_of(layout)).unwrap()
}

fn two_columns(x: f32, base: f32) -> Vec<Line> {
    let mut lines = column(x, base, &["　　河边的老桥修好了，", "大家都去看热闹还要在", "桥上走一走再回来说一"]);
    lines.extend(column(x + 120.0, base, &["说这座桥有多么结实。", "　　桥头还种了许多柳", "树。"]));
    lines
}

#[test]
fn a_text_goes_on_in_the_next_column_under_its_headline() {
    let mut lines = vec![across("老桥通车", 120.0, 80.0, 22.0), across("柳河两岸走得通", 130.0, 54.0, 12.0)];
    lines.extend(two_columns(50.0, 110.0));
    let items = cut(page(lines));
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].headline.as_deref(), Some("老桥通车"));
    assert_eq!(items[0].kicker.as_deref(), Some("柳河两岸走得通"));
    assert_eq!(
        items[0].paragraphs,
        ["河边的老桥修好了，大家都去看热闹还要在桥上走一走再回来说一说这座桥有多么结实。", "桥头还种了许多柳树。"]
    );
}

#[test]
fn a_rule_across_parts_a_text_from_the_one_below() {
    let mut lines = vec![across("老桥通车", 120.0, 80.0, 22.0), across("新渠放水", 120.0, 200.0, 22.0)];
    lines.extend(two_columns(50.0, 110.0));
    lines.extend(two_columns(50.0, 230.0));
    let mut layout = page(lines);
    layout.rules.push(Rule { area: Area { x0: 50.0, x1: 270.0, y0: 160.0, y1: 160.5 }, colour: [0; 3] });
    let items = cut(layout);
    assert_eq!(items.iter().filter_map(|a| a.headline.as_deref()).collect::<Vec<_>>(), ["老桥通车", "新渠放水"]);
    assert_eq!(items[0].paragraphs, items[1].paragraphs);
}

#[test]
fn what_a_frame_holds_is_cut_for_itself() {
    let mut lines = vec![across("老桥通车", 120.0, 80.0, 22.0)];
    lines.extend(two_columns(50.0, 110.0));
    lines.extend([
        across("布店开业", 310.0, 110.0, 16.0),
        across("电话：0571-88001234", 305.0, 130.0, 8.0),
        across("地址：东街三号", 305.0, 144.0, 8.0),
    ]);
    let mut layout = page(lines);
    layout.frames.push(Frame { area: Area { x0: 296.0, x1: 392.0, y0: 90.0, y1: 150.0 }, stroke: Some([0; 3]), fill: None });
    let kinds: Vec<ArticleKind> = cut(layout).into_iter().map(|a| a.kind).collect();
    assert_eq!(kinds, [ArticleKind::Article, ArticleKind::Ad]);
}

#[test]
fn a_small_text_under_a_picture_is_its_caption() {
    let mut lines = vec![across("老桥通车", 120.0, 80.0, 22.0), across("桥上的行人。（田一 摄）", 300.0, 190.0, 8.0)];
    lines.extend(two_columns(50.0, 110.0));
    let mut layout = page(lines);
    layout.pictures.push(Picture { area: Area { x0: 296.0, x1: 395.0, y0: 100.0, y1: 180.0 }, drawn: false });
    let items = cut(layout);
    let photo = items.iter().find(|a| a.kind == ArticleKind::Photo).unwrap();
    assert_eq!((photo.paragraphs.clone(), photo.credit.clone()), (vec!["桥上的行人。".to_owned()], vec!["田一".to_owned()]));
}

#[test]
fn a_headline_that_runs_down_stands_beside_its_text() {
    let mut lines = vec![line("老桥通车", 20.0, 100.0, 22.0, Direction::Down)];
    lines.extend(two_columns(60.0, 110.0));
    let items = cut(page(lines));
    assert_eq!(items[0].headline.as_deref(), Some("老桥通车"));
    assert_eq!(items[0].paragraphs.len(), 2);
}

#[test]
fn an_initial_belongs_to_the_rows_beside_it() {
    let rows = ["he old bridge is open", "again and everybody in", "the town went to see it"];
    let mut lines = vec![across("Bridge Opens", 60.0, 60.0, 22.0), across("T", 50.0, 100.0, 26.0)];
    lines.extend(rows.iter().enumerate().map(|(n, text)| across(text, if n < 2 { 64.0 } else { 50.0 }, 88.0 + 12.0 * n as f32, 10.0)));
    let items = cut(page(lines));
    assert_eq!(items[0].headline.as_deref(), Some("Bridge Opens"));
    assert_eq!(items[0].paragraphs, ["The old bridge is open again and everybody in the town went to see it"]);
}

#[test]
fn a_first_row_with_names_is_no_by_line_when_the_bracket_closes_in_the_next() {
    let mut lines = vec![across("老桥通车", 60.0, 80.0, 22.0)];
    lines.extend(column(50.0, 110.0, &["　　本报讯（记者田一", "何二）河边的老桥修好", "了。"]));
    let items = cut(page(lines));
    assert_eq!(items[0].paragraphs, ["河边的老桥修好了。"]);
    assert_eq!((items[0].dateline.as_deref(), items[0].byline.len()), (Some("本报讯"), 1));
}

#[test]
fn a_layout_without_text_is_left_to_the_text_cutter() {
    assert!(super::cut(&page_of(page(Vec::new()))).is_none());
    assert!(super::cut(&Page::empty("01")).is_none());
}

#[test]
fn a_line_that_sends_to_another_page_is_no_text_and_names_it() {
    let mut lines = vec![across("老桥通车", 120.0, 80.0, 22.0)];
    lines.extend(two_columns(50.0, 110.0));
    lines.push(across("（下转第三版）", 190.0, 152.0, 8.0));
    let items = cut(page(lines));
    assert_eq!(items[0].continuation.to.as_deref(), Some("03"));
    assert!(!items[0].body().contains("下转"), "{}", items[0].body());
}

#[test]
fn the_folio_gives_a_page_its_number() {
    let mut lines = vec![across("清渚日报　2024年3月14日星期四　第09版　副刊", 20.0, 20.0, 9.0)];
    lines.extend(two_columns(50.0, 110.0));
    assert_eq!(super::number(&page_of(page(lines))).as_deref(), Some("09"));
    assert_eq!(super::number(&page_of(page(two_columns(50.0, 110.0)))), None);
}
