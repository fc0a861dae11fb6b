//! Damaged and hostile PDFs: whatever is in the file, newsboy goes on, within its bounds.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::{DeflateEncoder, ZlibEncoder};
use newsboy::jobs::read_page::PageReader;
use newsboy::model::Page;

use crate::pdf::raw;
use crate::pdf_maker::{Pdf, show};

fn reader(seconds: u64) -> PageReader {
    PageReader::Apart { program: PathBuf::from(env!("CARGO_BIN_EXE_newsboy")), time: Duration::from_secs(seconds) }
}

/// Why the process of its own failed, if it did.
fn failure(pages: &[Page]) -> Option<&str> {
    pages
        .iter()
        .flat_map(|page| &page.problems)
        .find(|problem| problem.code == "page-reader-failed")
        .map(|problem| problem.message.as_str())
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// A page with everything that this reads: fonts of all kinds, forms, packed streams, pictures.
fn busy() -> Vec<u8> {
    let mut pdf = Pdf::new();
    let mut program = String::from("1 w 50 760 m 550 760 l S 40 40 200 100 re S q 100 0 0 50 300 60 cm /Im Do Q /Fm Do ");
    for n in 0..40 {
        program += &show(['L', 'U', 'G', 'B'][n % 4], 10, 50 + 250 * (n as i32 % 2), 700 - 15 * n as i32, "Every line 0123");
    }
    program += &show('V', 20, 560, 700, "大桥通车");
    let image = pdf.stream("/Type /XObject /Subtype /Image /Width 4 /Height 4 /ColorSpace /DeviceGray /BitsPerComponent 8", &[7; 16]);
    let inner = deflated(show('L', 12, 60, 120, "inside a form").as_bytes());
    let form = pdf.stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Filter /FlateDecode /Resources << /Font << /L << /Type /Font /Subtype /Type1 /BaseFont /Courier >> >> >>",
        &inner,
    );
    pdf.page(&program, &format!("/XObject << /Im {image} 0 R /Fm {form} 0 R >>")).bytes()
}

/// Numbers that look random and are the same each time (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}

fn mutation(whole: &[u8], kind: usize, dice: &mut Dice) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    match kind {
        // Cut off.
        0 => bytes.truncate(dice.below(whole.len())),
        // Bits turned over.
        1 => (0..1 + dice.below(60)).for_each(|_| {
            let at = dice.below(whole.len());
            bytes[at] ^= 1 << dice.below(8);
        }),
        // Runs of garbage.
        2 => (0..1 + dice.below(4)).for_each(|_| {
            let at = dice.below(whole.len());
            let end = (at + 1 + dice.below(200)).min(whole.len());
            bytes[at..end].iter_mut().for_each(|byte| *byte = dice.below(256) as u8);
        }),
        // Digits changed, which lengths, numbers of objects and places are made of.
        _ => (0..1 + dice.below(30)).for_each(|_| {
            let digits: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_digit()).collect();
            bytes[digits[dice.below(digits.len())]] = b'0' + dice.below(10) as u8;
        }),
    }
    bytes
}

#[test]
fn damaged_files_are_read_or_named_and_no_reader_breaks_down() {
    let whole = busy();
    let text = |pages: &[Page]| pages.iter().flat_map(|page| &page.blocks).flat_map(|block| &block.lines).count();
    let unharmed = reader(60).read(&raw(whole.clone()));
    assert_eq!(failure(&unharmed), None);
    assert!(text(&unharmed) > 40, "{unharmed:?}");
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let (mut readable, mut broken, mut longest) = (0, Vec::new(), Duration::ZERO);
    for n in 0..240 {
        let bytes = mutation(&whole, n % 4, &mut dice);
        let begun = Instant::now();
        let pages = reader(60).read(&raw(bytes));
        longest = longest.max(begun.elapsed());
        assert!(!pages.is_empty());
        assert!(pages.iter().all(|page| !page.blocks.is_empty() || !page.problems.is_empty()), "mutation {n} is empty and says nothing");
        readable += usize::from(text(&pages) > 0);
        broken.extend(failure(&pages).map(|why| format!("mutation {n}: {why}")));
    }
    println!("240 damaged files: {readable} gave text, longest {longest:?}");
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(readable > 100, "only {readable} of 240 gave text");
}

/// Time that the system may take to start and to end a process.
const START_AND_END: Duration = Duration::from_secs(5);

#[test]
fn a_form_that_draws_itself_twice_over_comes_to_an_end() {
    let mut pdf = Pdf::new();
    let number = pdf.object(Vec::new()) + 1;
    let form = pdf
        .stream(&format!("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F {number} 0 R >> >>"), b"/F Do /F Do");
    assert_eq!(form, number);
    let bytes = pdf.page("/F Do", &format!("/XObject << /F {form} 0 R >>")).bytes();
    let begun = Instant::now();
    let pages = reader(3).read(&raw(bytes));
    assert!(!pages[0].problems.is_empty(), "{pages:?}");
    assert!(begun.elapsed() < Duration::from_secs(3) + START_AND_END);
}

#[test]
fn forms_that_each_draw_the_next_one_twice_are_given_up_in_time() {
    let mut pdf = Pdf::new();
    let mut form = pdf.stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9]", b"0 0 1 1 re f");
    for _ in 0..40 {
        let entries = format!("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F {form} 0 R >> >>");
        form = pdf.stream(&entries, b"/F Do /F Do");
    }
    let bytes = pdf.page("/F Do", &format!("/XObject << /F {form} 0 R >>")).bytes();
    let begun = Instant::now();
    let pages = reader(3).read(&raw(bytes));
    assert!(failure(&pages).is_some_and(|told| told.contains("more than 3 seconds")), "{pages:?}");
    assert!(begun.elapsed() < Duration::from_secs(3) + START_AND_END);
}

#[test]
fn a_stream_that_unpacks_to_gigabytes_ends_its_reader_alone() {
    // Blocks of a megabyte each, three thousand times, packed once more: a few kilobytes.
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![b' '; 1 << 20]).unwrap();
    encoder.flush().unwrap();
    let block = encoder.get_ref().clone();
    let mut bomb = vec![0x78, 0x9c];
    (0..3_000).for_each(|_| bomb.extend_from_slice(&block));
    bomb.extend_from_slice(&[0x03, 0x00]);
    let packed = deflated(&deflated(&bomb));
    let mut pdf = Pdf::new();
    let form = pdf.stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Filter [/FlateDecode /FlateDecode /FlateDecode]", &packed);
    let bytes = pdf.page("/F Do", &format!("/XObject << /F {form} 0 R >>")).bytes();
    assert!(bytes.len() < 100_000, "{}", bytes.len());
    let pages = reader(120).read(&raw(bytes));
    println!("{:?}", pages.iter().flat_map(|page| &page.problems).collect::<Vec<_>>());
    assert!(failure(&pages).is_some_and(|why| why.contains("limits")), "{pages:?}");
}

#[test]
fn what_nests_without_end_ends_its_reader_at_most() {
    let nested = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let function = |pdf: &mut Pdf| {
        let number = pdf.object(Vec::new()) + 1;
        pdf.object(format!("<< /FunctionType 3 /Domain [0 1] /Functions [{number} 0 R] /Bounds [] /Encode [0 1] >>"))
    };
    let mut pdf = Pdf::new();
    let own = function(&mut pdf);
    let files = [
        Pdf::new().page(&format!("{nested} TJ"), "").bytes(),
        Pdf::new().page("", &format!("/Odd {nested}")).bytes(),
        Pdf::new().page(&"q ".repeat(2_000_000), "").bytes(),
        Pdf::new().page(&"/A << /ActualText (x) >> BDC ".repeat(300_000), "").bytes(),
        pdf.page("/S cs 0.5 scn 0 0 99 99 re f", &format!("/ColorSpace << /S [/Separation /X /DeviceGray {own} 0 R] >>")).bytes(),
    ];
    for (n, bytes) in files.into_iter().enumerate() {
        let begun = Instant::now();
        let pages = reader(60).read(&raw(bytes));
        println!("nesting {n}: {:?} in {:?}", failure(&pages), begun.elapsed());
        assert!(!pages.is_empty() && !pages[0].problems.is_empty(), "{n}: {pages:?}");
    }
}

#[test]
fn a_page_of_too_many_glyphs_is_cut_off_and_says_so() {
    let mut program = String::from("BT /L 1 Tf 1 0 0 1 10 790 Tm 0.6 TL ");
    (0..1_250).for_each(|_| program += "(abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz) Tj T* ");
    let pages = reader(60).read(&raw(Pdf::new().page(&(program + "ET"), "").bytes()));
    let codes: Vec<&str> = pages[0].problems.iter().map(|problem| problem.code.as_ref()).collect();
    assert_eq!(codes, ["glyphs-too-many"], "{:?}", pages[0].problems);
}

/// A file in which `from` is `to`; the table of its objects is rebuilt where lengths differ.
fn altered(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap_or_else(|| panic!("no {from}"));
    [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
}

/// Files of the kinds that the suites of PDF readers keep: what refers to itself, and numbers that lie.
fn twisted() -> Vec<(&'static str, Vec<u8>)> {
    let plain = || Pdf::new().page(&show('L', 10, 100, 700, "still here"), "").bytes();
    let own = |entries: &str, program: &str, resources: &str, operators: &str| {
        let mut pdf = Pdf::new();
        let number = pdf.object(Vec::new()) + 1;
        let made = pdf.stream(&entries.replace("SELF", &number.to_string()), program.as_bytes());
        assert_eq!(made, number);
        pdf.page(operators, &resources.replace("SELF", &number.to_string())).bytes()
    };
    let tiling = "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 9 9] /XStep 0.001 /YStep 0.001 /Resources << /Pattern << /P SELF 0 R >> >>";
    let group = "/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Group << /S /Transparency >> /Resources << /ExtGState << /G << /SMask << /S /Luminosity /G SELF 0 R >> >> >> >>";
    vec![
        ("a page tree that holds itself", altered(&plain(), "/Kids [", "/Kids [2 0 R 2 0 R ")),
        ("a page tree of a thousand million pages", altered(&plain(), "/Count 1", "/Count 1000000000")),
        ("a page without end", altered(&plain(), "/MediaBox [0 0 600 800]", "/MediaBox [-1e30 -1e30 1e30 1e30]")),
        ("a page without size", altered(&plain(), "/MediaBox [0 0 600 800]", "/MediaBox [5 5 5 5]")),
        ("a table that begins in itself", altered(&plain(), "/Root 1 0 R", "/Root 1 0 R /Prev 20")),
        ("a catalog that is its pages", altered(&plain(), "/Pages 2 0 R", "/Pages 1 0 R")),
        ("a stream as long as nothing", altered(&plain(), "/Length", "/Length 9999999999999999999 /L")),
        (
            "a pattern that paints with itself",
            own(tiling, "/Pattern cs /P scn 0 0 9 9 re f", "/Pattern << /P SELF 0 R >>", "/Pattern cs /P scn 0 0 600 800 re f"),
        ),
        (
            "a mask that is masked by itself",
            own(group, "/G gs 0 0 9 9 re f", "/ExtGState << /G << /SMask << /S /Luminosity /G SELF 0 R >> >> >>", "/G gs 0 0 9 9 re f"),
        ),
        (
            "a glyph that draws itself",
            own(
                "",
                "500 0 d0 BT /T 9 Tf (a) Tj (a) Tj ET",
                "/Font << /T << /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [0.001 0 0 0.001 0 0] /CharProcs << /a SELF 0 R >> /Encoding << /Differences [97 /a] >> /FirstChar 97 /LastChar 97 /Widths [500] >> >>",
                "BT /T 9 Tf (aaaa) Tj ET",
            ),
        ),
        (
            "a size that is no number",
            Pdf::new().page("BT /L 1e38 Tf 1e38 0 0 1e38 1e38 1e38 Tm (big) Tj ET BT /L 0 Tf (none) Tj ET", "").bytes(),
        ),
        ("a dash without end", Pdf::new().page("[1e-9 1e-9] 0 d 0 0 m 600 800 l S [0 0] 0 d 0 0 m 600 800 l S", "").bytes()),
    ]
}

#[test]
fn what_refers_to_itself_and_numbers_that_lie_are_read_or_named() {
    for (name, bytes) in twisted() {
        let begun = Instant::now();
        let pages = reader(10).read(&raw(bytes));
        println!(
            "{name}: {:?} in {:?}",
            pages.iter().flat_map(|page| &page.problems).map(|p| p.code.to_string()).collect::<Vec<_>>(),
            begun.elapsed()
        );
        assert!(!pages.is_empty() && pages.iter().all(|page| !page.blocks.is_empty() || !page.problems.is_empty()), "{name}: {pages:?}");
        assert!(begun.elapsed() < Duration::from_secs(10) + START_AND_END, "{name}");
    }
}
