//! Pages of e-paper sites that have a picture and a PDF and no text.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::house::House;
use crate::pdf_maker::{Pdf, show};
use crate::site::{Page, Site};

const ISSUE: &str = "/html/2023-02/20";

/// A page as a paper prints it: a headline over two columns of text, in fonts that tell their characters.
fn printed(headline: &str, sentence: &str) -> Vec<u8> {
    let mut program = show('U', 28, 60, 700, headline);
    for column in 0..2 {
        for line in 0..12 {
            // The text goes on from column to column: one paragraph, ended by its last line.
            let n = column * 12 + line;
            let text: String = sentence.chars().cycle().skip(n * 20).take(20).collect();
            let text = if n == 23 { "堤岸于是修好了。".to_owned() } else { text };
            program += &show('U', 10, 60 + 230 * column as i32, 660 - 15 * line as i32, &text);
        }
    }
    Pdf::new().page(&program, "").bytes()
}

fn node(articles: &str) -> Page {
    Page::html(&format!(
        "<map name=PagePicMap></map><img usemap=#PagePicMap src=../../../images/page.jpg><ul>{articles}</ul><table><tr><td><a id=pageLink href=node_1.htm>第01版：要闻</a></td></tr><tr><td><a id=pageLink href=node_2.htm>第02版：影像</a></td><td><a href=../../../pdf/02.pdf>PDF</a></td></tr></table>"
    ))
}

/// A site whose second page has no text, and whose PDF of it is what `pdf` makes.
fn serve(pdf: impl Fn() -> Page + Send + Sync + 'static) -> Site {
    Site::serve(move |asked| match asked.path.strip_prefix(ISSUE).unwrap_or(&asked.path) {
        "/node_1.htm" => node("<li><a href=content_1.htm><div id=mp1>春耕开始</div></a></li>"),
        "/node_2.htm" => node(""),
        "/content_1.htm" => Page::html("<founder-title>春耕开始</founder-title><founder-content><p>农机已经下田。</p></founder-content>"),
        "/pdf/02.pdf" => pdf(),
        _ => Page::missing(),
    })
}

fn house(site: &Site, more: &str) -> House {
    let house = House::new("");
    let source = format!(
        "[[source]]\nname = \"county\"\nkind = \"epaper\"\nsite = \"{}\"\nextends = [\"address/founder-classic\", \"template/classic\"]\nlanguage = \"zh-Hans\"\ntimezone = \"Asia/Shanghai\"\nfetch.min_gap = 0.0\nfetch.retries = 0\n{more}",
        site.url("/")
    );
    house.configure_sources(&site.allow(), &source);
    house
}

const ONCE: [&str; 5] = ["once", "--from", "2023-02-20", "--to", "2023-02-20"];

fn articles(house: &House) -> Vec<Value> {
    let printed = house.run_well(&["articles", "--source", "county", "--json"]);
    printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of_page<'a>(articles: &'a [Value], page: &str) -> Vec<&'a Value> {
    articles.iter().filter(|article| article["page"] == page && article["withdrawn"] == false).collect()
}

const SENTENCE: &str = "湖边的堤岸去年被水冲开一段，县里从冬天起派人修补，石料由船运来，";

#[test]
fn a_page_without_text_is_read_out_of_its_pdf() {
    let site = serve(|| Page::file("a", &printed("湖堤修补完工", SENTENCE)));
    let house = house(&site, "");
    house.run_well(&ONCE);
    let all = articles(&house);
    let cut = of_page(&all, "02");
    assert_eq!(cut.len(), 1, "{all:#?}");
    assert_eq!((&cut[0]["headline"], &cut[0]["section"]), (&Value::from("湖堤修补完工"), &Value::from("影像")));
    let text = cut[0]["paragraphs"].as_array().unwrap().iter().map(|paragraph| paragraph.as_str().unwrap()).collect::<String>();
    assert!(text.starts_with(SENTENCE) && text.ends_with("堤岸于是修好了。"), "{text}");
    assert!(cut[0]["box"]["y1"].as_f64() > Some(200.0), "the article knows where it stood: {}", cut[0]);
    assert!(house.read("feeds/county/feed.json").contains("湖堤修补完工"));
    // The other page's article is the site's own, and a second look changes and transfers nothing.
    assert_eq!(of_page(&all, "01")[0]["site"]["id"], "content_1");
    house.run_well(&ONCE);
    assert_eq!(articles(&house), all);
    assert_eq!(site.count("/pdf/02.pdf"), 2);
}

#[test]
fn a_corrected_pdf_is_a_revision_and_one_that_cannot_be_had_changes_nothing() {
    let turn = Arc::new(AtomicUsize::new(0));
    let now = Arc::clone(&turn);
    let corrected = SENTENCE.replace("冬天", "秋天");
    let site = serve(move || match now.load(Ordering::SeqCst) {
        0 => Page::file("a", &printed("湖堤修补完工", SENTENCE)),
        1 => Page::broken(),
        2 => Page::file("b", &printed("湖堤修补完工", &corrected)),
        _ => Page::missing(),
    });
    let house = house(&site, "");
    house.run_well(&ONCE);
    let first = articles(&house);
    turn.store(1, Ordering::SeqCst);
    house.run_well(&ONCE);
    assert_eq!(articles(&house), first, "the site was down for a moment");
    turn.store(2, Ordering::SeqCst);
    house.run_well(&ONCE);
    let second = articles(&house);
    let (before, after) = (of_page(&first, "02")[0], of_page(&second, "02")[0]);
    assert_eq!((&before["id"], after["revision"].as_u64()), (&after["id"], Some(2)));
    assert!(after["paragraphs"].to_string().contains("秋天"));
    turn.store(3, Ordering::SeqCst);
    house.run_well(&ONCE);
    let third = articles(&house);
    assert_eq!(of_page(&third, "02"), of_page(&second, "02"), "a file that is gone takes nothing back");
}

#[test]
fn a_pdf_that_is_none_or_holds_no_article_leaves_the_page_with_its_picture_and_a_problem() {
    let turns: [(Vec<u8>, &str); 4] = [
        (b"<html>please log in</html>".to_vec(), "page-pdf-missing"),
        (Pdf::new().page(&show('U', 24, 60, 700, "2023年2月20日 第02版"), "").bytes(), "page-image-only"),
        (b"%PDF-1.7\n%%EOF".to_vec(), "page-image-only"),
        (printed("湖堤修补完工", SENTENCE)[..700].to_vec(), "page-image-only"),
    ];
    for (n, (body, code)) in turns.into_iter().enumerate() {
        let body = Mutex::new(body);
        let site = serve(move || Page::file("a", &body.lock().unwrap()));
        let house = house(&site, "");
        let output = house.run(&ONCE);
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && log.contains(code), "{n}: {log}");
        let all = articles(&house);
        assert!(of_page(&all, "02").is_empty() && of_page(&all, "01").len() == 1, "{n}: {all:?}");
    }
}

#[test]
fn whoever_wants_no_pdfs_has_none_asked_for() {
    let site = serve(|| Page::file("a", &printed("湖堤修补完工", SENTENCE)));
    let house = house(&site, "fetch.pdf_megabytes = 0");
    house.run_well(&ONCE);
    assert_eq!((site.count("/pdf/02.pdf"), articles(&house).len()), (0, 1));
}
