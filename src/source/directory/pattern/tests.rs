#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn file(pattern: &str, path: &str) -> FileMatch {
    Pattern::parse(pattern).unwrap().file(Path::new(path))
}

fn page(date: (i32, u32, u32), page: &str) -> FileMatch {
    let date = NaiveDate::from_ymd_opt(date.0, date.1, date.2).unwrap();
    FileMatch::Page { date, page: page.to_owned(), format: PageFormat::Text }
}

#[test]
fn the_date_stands_with_hyphens_without_them_or_as_three_directories() {
    for path in ["2023-02-20/02.txt", "20230220/02.txt", "2023/02/20/02.txt"] {
        assert_eq!(file("editions/{date}/{page}.txt", path), page((2023, 2, 20), "02"), "{path}");
    }
    for path in ["2023-0220/02.txt", "202302-20/02.txt", "2023-2-20/02.txt", "2023/0220/02.txt", "x2023-02-20/02.txt", "2023-02-20x/02.txt"]
    {
        assert_eq!(file("editions/{date}/{page}.txt", path), FileMatch::Other, "{path}");
    }
}

#[test]
fn date_and_page_may_stand_inside_a_name() {
    assert_eq!(file("in/{date}_{page}.txt", "20230220_A5.txt"), page((2023, 2, 20), "A5"));
    assert_eq!(file("in/{date}_{page}.txt", "2023/02/20_A5.txt"), page((2023, 2, 20), "A5"));
    assert_eq!(file("in/p{page}-{date}.txt", "p3b-2023-02-20.txt"), page((2023, 2, 20), "3b"));
    assert_eq!(file("in/{page}{date}.txt", "0220230220.txt"), page((2023, 2, 20), "02"));
    assert_eq!(file("in/{date}{page}.txt", "2023022002.txt"), page((2023, 2, 20), "02"));
    assert_eq!(file("in/第{page}版 {date}.txt", "第02版 20230220.txt"), page((2023, 2, 20), "02"));
}

#[test]
fn a_star_stays_within_its_component() {
    let pattern = "in/*/qz*_{date}_*-{page}.txt";
    assert_eq!(file(pattern, "county/qzrb_20230220_final-02.txt"), page((2023, 2, 20), "02"));
    assert_eq!(file(pattern, "county/x/qzrb_20230220_final-02.txt"), FileMatch::Other);
    assert_eq!(file("in/{date}*/{page}.txt", "2023-02-20 Monday/02.txt"), page((2023, 2, 20), "02"));
    assert_eq!(file("in/{date}/{page}.*", "20230220/02.txt"), page((2023, 2, 20), "02"));
    assert_eq!(file("in/{date}/{page}.*", "20230220/02.doc"), FileMatch::Other);
    for (ending, format) in [("pdf", PageFormat::Pdf), ("XML", PageFormat::Alto)] {
        let found = file("in/{date}/{page}.*", &format!("20230220/02.{ending}"));
        assert!(matches!(found, FileMatch::Page { format: f, .. } if f == format), "{found:?}");
    }
}

#[test]
fn only_the_ending_may_differ_in_case() {
    assert_eq!(file("in/{date}/p{page}.txt", "20230220/p02.TXT"), page((2023, 2, 20), "02"));
    assert_eq!(file("in/{date}/p{page}.txt", "20230220/P02.txt"), FileMatch::Other);
}

#[test]
fn an_impossible_date_is_told_and_is_no_page() {
    let FileMatch::Senseless(why) = file("in/{date}/{page}.txt", "2023-02-30/02.txt") else { panic!("taken") };
    assert_eq!(why, "2023-02-30 is no date a newspaper can have");
    let FolderMatch::Senseless(_) = Pattern::parse("in/{date}/{page}.txt").unwrap().folder(Path::new("20231301")) else {
        panic!("descends")
    };
    let FileMatch::Senseless(why) = file("in/{date}/{date}_{page}.txt", "2023-02-20/20230221_02.txt") else { panic!("taken") };
    assert_eq!(why, "its path names two dates, 2023-02-20 and 2023-02-21");
}

#[test]
fn a_page_has_a_digit_and_few_characters() {
    for path in ["20230220/readme.txt", "20230220/123456789.txt", "20230220/.txt", "20230220/2-3.txt", "20230220/02.truth.txt"] {
        assert_eq!(file("in/{date}/{page}.txt", path), FileMatch::Other, "{path}");
    }
}

#[test]
fn only_directories_that_can_hold_pages_are_descended() {
    let pattern = Pattern::parse("in/{date}/text/{page}.txt").unwrap();
    assert_eq!(pattern.root(), Path::new("in"));
    for path in ["2023-02-20", "20230220/text", "2023", "2023/02", "2023/02/20/text"] {
        assert_eq!(pattern.folder(Path::new(path)), FolderMatch::Descend, "{path}");
    }
    for path in ["notes", "20230220/pdf", "20230220/text/02.txt", "2023/2", "2023/02/20/pdf", "2023/02/20/text/more"] {
        assert_eq!(pattern.folder(Path::new(path)), FolderMatch::Other, "{path}");
    }
}

#[test]
fn the_root_ends_where_the_placeholders_begin() {
    for (pattern, root) in [
        ("../editions/sample/{date}/{page}.txt", "../editions/sample"),
        ("/srv/{date}_{page}.txt", "/srv"),
        ("{date}/pages/{page}.txt", ""),
        ("./a//b*/{date}/{page}.txt", "a"),
    ] {
        assert_eq!(Pattern::parse(pattern).unwrap().root(), Path::new(root), "{pattern}");
    }
}

#[test]
fn every_wrong_pattern_is_refused_with_what_to_write() {
    let wrong = [
        "in/{page}.txt",
        "in/{date}.txt",
        "in/{dat}/{page}.txt",
        "in/{issue}/{page}.txt",
        "in/{date/{page}.txt",
        "in/date}/{page}.txt",
        "in/{date}/{page}/{page}.txt",
        "in/{date}/{page}*.txt",
        "in/**/{date}/{page}.txt",
        "in/*a*a*a*/{date}/{page}.txt",
        "in/{date}/../{page}.txt",
        "in/{date}/{page}/",
        "in/{date}/{page}.doc",
        "in/{date}/{page}",
        "in/{date}/{page}.x*.doc",
        "",
    ];
    let told: Vec<String> = wrong.iter().map(|text| format!("{text}: {}", Pattern::parse(text).unwrap_err())).collect();
    insta::assert_snapshot!(told.join("\n"));
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "[{}*/.a-z日date page0-9]{0,40}", path in "[/a-z0-9.日_-]{0,40}") {
        if let Ok(pattern) = Pattern::parse(&text) {
            pattern.file(Path::new(&path));
            pattern.folder(Path::new(&path));
        }
    }

    #[test]
    fn every_directory_above_a_page_is_descended(year in 1605u16..9999, month in 1u8..=12, day in 1u8..=28, form in 0usize..3, n in 1u8..200) {
        let date = match form {
            0 => format!("{year:04}-{month:02}-{day:02}"),
            1 => format!("{year:04}{month:02}{day:02}"),
            _ => format!("{year:04}/{month:02}/{day:02}"),
        };
        let pattern = Pattern::parse("in/*x/a{date}b/{page}.txt").unwrap();
        let path = format!("yx/a{date}b/{n}.txt");
        let path = Path::new(&path);
        let is_page = matches!(pattern.file(path), FileMatch::Page { .. });
        prop_assert!(is_page);
        for folder in path.ancestors().skip(1) {
            prop_assert_eq!(pattern.folder(folder), FolderMatch::Descend);
        }
    }
}
