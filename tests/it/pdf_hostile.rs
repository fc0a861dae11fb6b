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

#[test]
fn a_form_that_draws_itself_twice_over_is_given_up() {
    let mut pdf = Pdf::new();
    let number = pdf.object(Vec::new()) + 1;
    let form = pdf
        .stream(&format!("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F {number} 0 R >> >>"), b"/F Do /F Do");
    assert_eq!(form, number);
    let bytes = pdf.page("/F Do", &format!("/XObject << /F {form} 0 R >>")).bytes();
    let begun = Instant::now();
    let pages = reader(3).read(&raw(bytes));
    // Either the reader sees the circle itself, or its time ends.
    assert!(failure(&pages).is_none_or(|told| told.contains("more than 3 seconds")), "{pages:?}");
    assert!(begun.elapsed() < Duration::from_secs(20));
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
