//! Pages with layout from the file to the feed: how well they are cut, the overlay, the same page in
//! several forms.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use newsboy::model::layout::{Direction, Layout};

use crate::house::{House, has_tool, shared};
use crate::pdf::raw;
use crate::pdf_maker::{Pdf, show};

/// The figures that score_pages.py prints of these runs.
struct Score(String);

impl Score {
    /// The score of pages, each with its truth beside it.
    fn of(shared: &Path, pages: &[PathBuf]) -> Self {
        let run = format!("{} articles --json {{}}", env!("CARGO_BIN_EXE_newsboy"));
        let output = Command::new("python3").arg(shared.join("tools/score_pages.py")).args(["--run", &run]).args(pages).output().unwrap();
        Self(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn figure(&self, name: &str) -> f64 {
        let behind = self.0.rsplit(&format!("{name} ")).next().unwrap();
        behind.split_whitespace().next().unwrap().parse().unwrap()
    }
}

fn pdfs(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.extension().is_some_and(|ending| ending == "pdf"));
    found.sort();
    found
}

/// What the cut of these pages has reached; it may only rise.
#[test]
fn printed_pages_are_cut_by_their_layout() {
    let Some(shared) = shared().filter(|_| has_tool("python3")) else { return };
    for (folder, least) in [("typeset", 1.0), ("layout", 1.0), ("typeset-more/1", 0.95), ("typeset-more/2", 0.93)] {
        let score = Score::of(&shared, &pdfs(&shared.join("editions").join(folder)));
        assert!(score.figure("page score") >= least, "{folder}: {}", score.0);
        assert!(score.figure("clean") >= 0.97 * score.figure("  cut"), "{folder}: {}", score.0);
    }
}

#[test]
fn a_recognised_page_is_cut_by_itself_and_by_the_structure_of_its_library() {
    let Some(shared) = shared().filter(|_| has_tool("python3")) else { return };
    let from = shared.join("editions/indeplux");
    let alto = "1913-06-10_01-00001-alto.xml";
    let dir = tempfile::tempdir().unwrap();
    let truth = dir.path().join(alto.replace(".xml", ".truth.json"));
    fs::copy(from.join(alto), dir.path().join(alto)).unwrap();
    fs::copy(from.join("indeplux-1913-06-10-01.truth.json"), truth).unwrap();
    let page = [dir.path().join(alto)];
    let alone = Score::of(&shared, &page);
    assert!(alone.figure("story score") >= 0.94, "{}", alone.0);
    let mets = "3342267_newspaper_indeplux_1913-06-10_01-mets.xml";
    fs::copy(from.join(mets), dir.path().join(mets)).unwrap();
    let structured = Score::of(&shared, &page);
    assert!(structured.figure("story score") >= 0.95, "{}", structured.0);
}

/// The rows of two stories: a headline of 24 points over two columns each, in points from the bottom
/// left.
fn rows() -> Vec<(u32, i32, i32, &'static str)> {
    let mut rows = vec![(24, 150, 740, "老桥今日通车"), (24, 150, 480, "新渠开闸放水")];
    let first = ["　　河边的老桥修好了，大家都", "去看热闹，还要在桥上走一走，", "再回来告诉家里的人，说一说"];
    let second = ["这座桥有多么结实，多么宽。", "　　桥头还种了许多柳树，春天", "一到就绿了。"];
    let third = ["　　新渠今天早上开闸，水一直", "流到村口，田里的人都停下手", "里的活，站在田埂上看着它从"];
    let fourth = ["山脚下弯弯曲曲地流过来。", "　　有了水，今年的秧苗就不用", "再等雨了。"];
    for (x, y, column) in [(60, 700, first), (240, 700, second), (60, 440, third), (240, 440, fourth)] {
        for (n, text) in column.into_iter().enumerate() {
            let indent = if text.starts_with('　') { 24 } else { 0 };
            rows.push((12, x + indent, y - 18 * n as i32, text.trim_start_matches('　')));
        }
    }
    rows
}

fn pdf() -> Vec<u8> {
    let program: String = rows().into_iter().map(|(size, x, y, text)| show('U', size, x, y, text)).collect();
    Pdf::new().page(&program, "").bytes()
}

fn text() -> String {
    let page = newsboy::page::read(&raw(pdf())).remove(0);
    page.blocks.iter().map(|block| block.lines.join("\n") + "\n\n").collect()
}

/// ALTO of a layout, in tenths of a millimetre.
fn alto(layout: &Layout) -> String {
    let unit = |points: f32| (points * 254.0 / 72.0).round();
    let mut out = String::from("<alto><Description><MeasurementUnit>mm10</MeasurementUnit></Description><Layout>");
    write!(out, r#"<Page WIDTH="{}" HEIGHT="{}"><PrintSpace>"#, unit(layout.width), unit(layout.height)).unwrap();
    let place = |area: &newsboy::model::layout::Area| {
        format!(r#"HPOS="{}" VPOS="{}" WIDTH="{}" HEIGHT="{}""#, unit(area.x0), unit(area.y0), unit(area.width()), unit(area.height()))
    };
    for (n, block) in layout.blocks.iter().enumerate() {
        write!(out, r#"<TextBlock ID="block{n}" {}>"#, place(&block.area)).unwrap();
        for line in block.lines.iter().filter(|line| line.direction == Direction::Across) {
            write!(out, "<TextLine {}>", place(&line.area)).unwrap();
            for run in &line.runs {
                write!(out, r#"<String CONTENT="{}" {}/>"#, run.text, place(&run.area)).unwrap();
            }
            out.push_str("</TextLine>");
        }
        out.push_str("</TextBlock>");
    }
    out + "</PrintSpace></Page></Layout></alto>"
}

fn alto_of_page() -> String {
    alto(newsboy::page::read(&raw(pdf()))[0].layout.as_ref().unwrap())
}

fn articles(dir: &Path, name: &str, bytes: &[u8]) -> Vec<serde_json::Value> {
    fs::write(dir.join(name), bytes).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_newsboy")).args(["articles", "--json"]).arg(dir.join(name)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn told(articles: &[serde_json::Value]) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let body = |a: &serde_json::Value| a["paragraphs"].as_array().unwrap().iter().map(text).collect::<String>();
    articles.iter().filter(|a| a["kind"] == "article").map(|a| (text(&a["headline"]), body(a))).collect()
}

#[test]
fn the_same_page_as_pdf_and_as_alto_gives_the_same_stories_with_their_boxes() {
    let dir = tempfile::tempdir().unwrap();
    let printed = articles(dir.path(), "01.pdf", &pdf());
    let recognised = articles(dir.path(), "02.xml", alto_of_page().as_bytes());
    let headlines: Vec<String> = told(&printed).into_iter().map(|a| a.0).collect();
    assert_eq!(headlines, ["老桥今日通车", "新渠开闸放水"]);
    assert_eq!(told(&printed), told(&recognised));
    for article in printed.iter().chain(&recognised) {
        let place = &article["box"];
        let side = |name: &str| place[name].as_f64().unwrap_or(-1.0);
        assert!(0.0 < side("x0") && side("x0") < side("x1") && side("x1") <= side("page_width"), "{place}");
        assert!(0.0 < side("y0") && side("y0") < side("y1") && side("y1") <= side("page_height"), "{place}");
    }
    let top = |n: usize| printed[n]["box"]["y0"].as_f64().unwrap();
    assert!((30.0..60.0).contains(&top(0)) && (290.0..320.0).contains(&top(1)), "{} {}", top(0), top(1));
}

#[test]
fn a_page_in_several_forms_is_in_the_edition_once() {
    let house = House::new("");
    let configuration = house.read("newsboy.toml").replace("{page}.txt", "{page}.*");
    fs::write(house.path("newsboy.toml"), configuration).unwrap();
    house.land("2026-11-20", "01.txt", text().as_bytes());
    house.land("2026-11-20", "01.pdf", &pdf());
    house.land("2026-11-20", "01.xml", alto_of_page().as_bytes());
    house.land("2026-11-20", "02.xml", alto_of_page().replace("老桥", "石桥").as_bytes());
    house.run_well(&["once"]);
    let mut titles: Vec<String> = house.entries().iter().map(|entry| entry["title"].as_str().unwrap().to_owned()).collect();
    titles.sort();
    assert_eq!(titles, ["新渠开闸放水", "新渠开闸放水", "石桥今日通车", "老桥今日通车"]);
}

#[test]
fn the_text_beside_a_pdf_fills_in_what_its_fonts_lost() {
    // Every row's third character is of a font that does not tell it, which is more than a page may lose.
    let lost: String = rows()
        .into_iter()
        .map(|(size, x, y, text)| {
            let chars: Vec<String> = text.chars().map(|c| c.to_string()).collect();
            let place = |n: usize| x + (size as i32) * n as i32;
            show('U', size, x, y, &chars[..2].concat())
                + &show('N', size, place(2), y, &chars[2])
                + &show('U', size, place(3), y, &chars[3..].concat())
        })
        .collect();
    let bytes = Pdf::new().page(&lost, "").bytes();
    let codes = |pages: &[newsboy::model::Page]| pages.iter().flat_map(|p| &p.problems).map(|p| p.code.to_string()).collect::<Vec<_>>();
    assert_eq!(codes(&newsboy::page::read(&raw(bytes.clone()))), ["glyphs-unreadable"]);
    let house = House::new("");
    fs::write(house.path("newsboy.toml"), house.read("newsboy.toml").replace("{page}.txt", "{page}.pdf")).unwrap();
    // Without indents and in one run, so that the stories can only come from the PDF.
    let text: String = rows().into_iter().map(|row| row.3.to_owned() + "\n").collect();
    house.land("2026-11-20", "01.txt", text.as_bytes());
    house.land("2026-11-20", "01.pdf", &bytes);
    house.run_well(&["once"]);
    let entries = house.entries();
    let mut titles: Vec<&str> = entries.iter().map(|entry| entry["title"].as_str().unwrap()).collect();
    titles.sort_unstable();
    assert_eq!(titles, ["新渠开闸放水", "老桥今日通车"]);
    assert!(entries.iter().any(|entry| entry["content_html"].as_str().unwrap().contains("河边的老桥修好了")), "{entries:?}");
}

#[test]
fn the_overlay_draws_each_story_in_its_order_and_a_text_cannot_be_drawn() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name);
    fs::write(file("01.pdf"), Pdf::new().page(&show('L', 10, 100, 700, "one"), "").page(&show('L', 10, 100, 700, "a < b & c"), "").bytes())
        .unwrap();
    fs::write(file("02.pdf"), pdf()).unwrap();
    fs::write(file("03.xml"), alto_of_page()).unwrap();
    fs::write(file("04.txt"), text()).unwrap();
    let draw = |page: &str, out: &str| {
        Command::new(env!("CARGO_BIN_EXE_newsboy")).arg("articles").arg(file(page)).arg("--overlay").arg(file(out)).output().unwrap()
    };
    for (page, out) in [("02.pdf", "02.svg"), ("03.xml", "03.svg")] {
        assert!(draw(page, out).status.success());
        let drawn = fs::read_to_string(file(out)).unwrap();
        // Three pieces a story: its headline and two columns.
        for mark in ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3"] {
            assert!(drawn.contains(&format!(">{mark}</text>")), "{page} lacks {mark}");
        }
        assert!(!drawn.contains(">1.4</text>") && !drawn.contains(">3.1</text>"), "{page}");
        assert!(drawn.contains("1: article 老桥今日通车"), "{page}");
    }
    assert!(draw("01.pdf", "01.svg").status.success());
    assert!(fs::read_to_string(file("01-2.svg")).unwrap().contains("a</text>") && file("01.svg").is_file());
    assert!(fs::read_to_string(file("01-2.svg")).unwrap().contains("&lt;"));
    let refused = draw("04.txt", "04.svg");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("cannot be drawn"));
}

#[test]
fn the_report_of_a_page_with_layout_tells_of_its_pieces() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("01.pdf"), pdf()).unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_newsboy")).args(["articles", "--explain"]).arg(dir.path().join("01.pdf")).output().unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.starts_with("cut by layout: a PDF of 600 × 800 points"), "{report}");
    assert!(report.contains("item 0: article 老桥今日通车") && report.contains("at a cost of"), "{report}");
}
