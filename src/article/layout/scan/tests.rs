#![allow(clippy::unwrap_used)]

use crate::model::layout::{Area, Direction, Hyphen, Layout, Line, Origin, Run, TextBlock};
use crate::model::structure::{GivenItem, PartRole};
use crate::model::{Article, ArticleKind, Block, Page};

/// A recognised block: its name, left edge, top, height of its lines, and the lines.
struct Spec(&'static str, f32, f32, f32, &'static [&'static str]);

const COLUMN: f32 = 200.0;

fn block(Spec(id, x, y, height, lines): &Spec) -> TextBlock {
    let lines: Vec<Line> = lines
        .iter()
        .enumerate()
        .map(|(n, text)| {
            let indent = 10.0 * text.chars().take_while(|c| *c == ' ').count() as f32;
            let soft = text.ends_with('-');
            let text = text.trim_start();
            let left = x + indent;
            let width = (0.5 * height * text.chars().count() as f32).min(COLUMN - indent);
            let top = y + 1.4 * height * n as f32;
            let area = Area { x0: left, x1: left + width, y0: top, y1: top + height };
            let run = |text: &str| Run {
                text: text.into(),
                area,
                offsets: Vec::new(),
                font: 0,
                size: 9.0,
                colour: [0; 3],
                twin: false,
                spaced: true,
                confidence: None,
            };
            let hyphen = if soft { Hyphen::Soft } else { Hyphen::None };
            Line { area, base: area.y1, direction: Direction::Across, runs: text.split(' ').map(run).collect(), hyphen }
        })
        .collect();
    let area = lines.iter().map(|line| line.area).reduce(|a, b| a.union(&b)).unwrap();
    TextBlock { id: Some((*id).to_owned()), area, lines }
}

fn page(specs: &[Spec]) -> Page {
    let blocks: Vec<TextBlock> = specs.iter().map(block).collect();
    let layout = Layout {
        origin: Origin::Alto,
        width: 500.0,
        height: 700.0,
        blocks,
        rules: Vec::new(),
        frames: Vec::new(),
        pictures: Vec::new(),
        fonts: Vec::new(),
    };
    Page { layout: Some(layout), blocks: vec![Block { lines: vec!["text".to_owned()] }], ..Page::empty("01") }
}

fn news(page: &Page) -> Vec<Article> {
    super::super::cut(page).unwrap().into_iter().filter(|article| article.kind == ArticleKind::Article).collect()
}

fn headlines(page: &Page) -> Vec<String> {
    news(page).into_iter().map(|article| article.headline.unwrap_or_default()).collect()
}

const BRIDGE: &[&str] = &[
    "  The old bridge over the river is open",
    "again, and everybody in the town went out",
    "to see it before the rain came down on the",
    "banners and the brass band. The mayor spoke",
    "for an hour and nobody listened, for the",
    "ferrymen had brought their boats for free.",
];
const CANAL: &[&str] = &[
    "  Water runs in the new canal since noon.",
    "The gates were lifted by two boys who had",
    "won the race at school. Their teacher says",
    "that she never saw them so quiet before or",
    "since. The fields below the mill are wet",
    "and the millers say the wheel is turn-",
];
const CANAL_ON: &[&str] = &[
    "ing at last. A second gate will follow in",
    "the autumn when the stones have come from",
    "the quarry. Until then the meadow behind",
    "the church stays dry, as it has been for a",
    "long time now, to the sorrow of the geese",
    "and of those who keep them there all year.",
];

fn two_stories() -> [Spec; 5] {
    [
        Spec("b1", 60.0, 100.0, 14.0, &["The Bridge Is Open"]),
        Spec("b2", 20.0, 125.0, 9.0, BRIDGE),
        Spec("b3", 80.0, 215.0, 9.0, &["Water in the Canal"]),
        Spec("b4", 20.0, 230.0, 9.0, CANAL),
        Spec("b5", 240.0, 100.0, 9.0, CANAL_ON),
    ]
}

#[test]
fn a_text_goes_from_its_headline_to_the_next_one_and_on_in_the_next_column() {
    let found = news(&page(&two_stories()));
    assert_eq!(found.iter().filter_map(|a| a.headline.as_deref()).collect::<Vec<_>>(), ["The Bridge Is Open", "Water in the Canal"]);
    assert!(found[0].body().ends_with("for free."), "{}", found[0].body());
    assert!(found[1].body().contains("wheel is turning at last"), "{}", found[1].body());
    assert!(found.iter().all(|a| a.place.is_some()));
}

#[test]
fn blocks_in_disorder_are_sorted_by_columns() {
    let [a, b, c, d, e] = two_stories();
    assert_eq!(headlines(&page(&[e, d, b, c, a])), ["The Bridge Is Open", "Water in the Canal"]);
}

#[test]
fn a_headline_of_two_blocks_a_deck_and_a_name_are_told_apart() {
    let found = news(&page(&[
        Spec("b1", 60.0, 60.0, 14.0, &["The Bridge"]),
        Spec("b2", 70.0, 80.0, 14.0, &["is open again"]),
        Spec("b3", 20.0, 105.0, 9.0, &["After four years the town has its bridge", "back, wider than before."]),
        Spec("b4", 20.0, 140.0, 9.0, BRIDGE),
        Spec("b5", 160.0, 218.0, 9.0, &["Ada Rivers."]),
        Spec("b6", 60.0, 240.0, 14.0, &["Water in the Canal"]),
        Spec("b7", 20.0, 262.0, 9.0, CANAL),
    ]));
    assert_eq!(found[0].headline.as_deref(), Some("The Bridge is open again"));
    assert_eq!(found[0].deck.as_deref(), Some("After four years the town has its bridge back, wider than before."));
    assert_eq!((found[0].byline.len(), found.len()), (1, 2));
    assert!(found[0].body().ends_with("for free."), "{}", found[0].body());
}

#[test]
fn a_short_line_in_the_middle_is_a_headline_though_it_ends_with_a_full_stop() {
    let [a, b, _, d, e] = two_stories();
    let headline = Spec("b3", 84.0, 215.0, 8.0, &["The new canal."]);
    assert_eq!(headlines(&page(&[a, b, headline, d, e])), ["The Bridge Is Open", "The new canal."]);
}

#[test]
fn no_text_goes_on_in_the_band_of_columns_below_it() {
    let [a, b, c, d, e] = two_stories();
    let below = Spec("b6", 20.0, 400.0, 9.0, CANAL_ON);
    let found = news(&page(&[a, b, c, d, e, below]));
    assert_eq!(found.len(), 3);
    assert!(found.iter().any(|a| a.headline.is_none() && a.body().starts_with("ing at last")));
}

#[test]
fn the_papers_title_and_its_date_are_no_headline() {
    let mut specs = vec![Spec("m1", 20.0, 2.0, 50.0, &["The Harbour"]), Spec("m2", 330.0, 55.0, 9.0, &["No. 12, Monday 4 May 1908"])];
    specs.extend(two_stories());
    let page = page(&specs);
    assert_eq!(headlines(&page), ["The Bridge Is Open", "Water in the Canal"]);
    let all = super::super::cut(&page).unwrap();
    let masthead = all.iter().find(|a| a.kind == ArticleKind::Masthead).unwrap();
    assert_eq!(masthead.paragraphs, ["The Harbour", "No. 12, Monday 4 May 1908"]);
}

fn given(kind: &str, parts: &[(PartRole, &str)]) -> GivenItem {
    let parts = parts.iter().map(|(role, id)| (*role, (*id).to_owned())).collect();
    GivenItem { kind: kind.into(), sections: vec!["Town".into()], parts, continuation: Default::default() }
}

#[test]
fn what_the_library_says_goes_before_the_look_and_is_told_where_they_differ() {
    let mut page = page(&two_stories());
    page.given = vec![
        given("ARTICLE", &[(PartRole::Headline, "b1"), (PartRole::Body, "b2")]),
        given("ARTICLE", &[(PartRole::Deck, "b3"), (PartRole::Body, "b4")]),
        given("ADVERTISEMENT", &[(PartRole::Body, "b5")]),
    ];
    let all = super::super::cut(&page).unwrap();
    let first = all.iter().find(|a| a.headline.as_deref() == Some("The Bridge Is Open")).unwrap();
    assert_eq!((first.section.as_deref(), first.problems.len(), first.confidence > 0.9), (Some("Town"), 0, true));
    let second = all.iter().find(|a| a.deck.as_deref() == Some("Water in the Canal")).unwrap();
    assert!(second.problems.iter().any(|p| p.code == "structure-disputed") && second.confidence < 0.9, "{second:?}");
    assert!(all.iter().any(|a| a.kind == ArticleKind::Ad && a.body().starts_with("ing at last")));
}

#[test]
fn what_the_library_forgot_is_cut_by_its_look() {
    let mut page = page(&two_stories());
    page.given = vec![given("ARTICLE", &[(PartRole::Headline, "b1"), (PartRole::Body, "b2")])];
    let mut found = headlines(&page);
    found.sort();
    assert_eq!(found, ["The Bridge Is Open", "Water in the Canal"]);
}
