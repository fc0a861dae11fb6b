//! How long a PDF takes from its bytes to its articles, beside what `hayro-interpret` alone takes to run
//! its program and hand over the glyphs.
//!
//! ```sh
//! cargo bench --bench pages                                    # a page made here
//! NEWSBOY_PAGES=DIR cargo bench --bench pages                  # every PDF of a folder
//! ```

#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use hayro_interpret::font::GlyphRun;
use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::object::Dict;
use hayro_interpret::kurbo::{BezPath, Rect};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache, InterpreterSettings, SoftMask,
    TransformExt as _, interpret_page,
};
use newsboy::model::{PageFormat, PageKey, RawPage};

/// Looks at each glyph's character and place, and keeps nothing.
#[derive(Default)]
struct Glyphs(usize);

impl<'a> Device<'a> for Glyphs {
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        for glyph in run.glyphs() {
            black_box((glyph.as_unicode(), props.transform * glyph.transform()));
            self.0 += 1;
        }
    }
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
    fn begin_marked_content(&mut self, _: &[u8], _: Option<&Dict<'_>>) {}
}

fn glyphs(bytes: &[u8]) -> usize {
    let pdf = Pdf::new(Arc::new(bytes.to_vec())).unwrap();
    let cache = InterpreterCache::new();
    let mut device = Glyphs::default();
    for page in pdf.pages().iter() {
        let (width, height) = page.render_dimensions();
        let shown = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let mut context = Context::new(page.initial_transform(true).to_kurbo(), shown, &cache, pdf.xref(), InterpreterSettings::default());
        interpret_page(page, &mut context, &mut device);
    }
    device.0
}

fn articles(bytes: &[u8]) -> usize {
    let key = PageKey { source: "bench".into(), date: NaiveDate::default(), page: "01".into() };
    let raw =
        RawPage { key, format: PageFormat::Pdf, origin: "bench".into(), modified: None, bytes: bytes.to_vec(), companions: Vec::new() };
    newsboy::page::read(&raw).iter().map(|page| newsboy::article::cut(page, "zh").len()).sum()
}

/// A page of five columns in a font that is not embedded, of some 4,000 glyphs.
fn made() -> Vec<u8> {
    let mut program = String::new();
    let hex = |text: &str| text.encode_utf16().map(|unit| format!("{unit:04X}")).collect::<String>();
    for column in 0..5 {
        let x = 40 + 150 * column;
        program += &format!("BT /U 24 Tf 1 0 0 1 {x} 1040 Tm <{}> Tj ET\n", hex("河边的老桥"));
        for row in 0..60 {
            let text = if row % 7 == 0 { "　　昨天下午河边的老桥通" } else { "大家都去看热闹还要在桥上走" };
            program += &format!("BT /U 10 Tf 1 0 0 1 {x} {} Tm <{}> Tj ET\n", 1020 - 16 * row, hex(text));
        }
    }
    let font = "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [5 0 R] >>";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_owned(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 800 1100] /Contents 4 0 R /Resources << /Font << /U {font} >> >> >>"),
        format!("<< /Length {} >>\nstream\n{program}\nendstream", program.len()),
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000 >>".to_owned(),
    ];
    // Without a table of its objects, which is rebuilt.
    let mut out = String::from("%PDF-1.7\n");
    objects.iter().enumerate().for_each(|(n, object)| out += &format!("{} 0 obj\n{object}\nendobj\n", n + 1));
    (out + "trailer << /Size 6 /Root 1 0 R >>\nstartxref\n0\n%%EOF\n").into_bytes()
}

fn pages() -> Vec<(String, Vec<u8>)> {
    let Some(dir) = std::env::var_os("NEWSBOY_PAGES") else { return vec![("made".to_owned(), made())] };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "pdf"));
    paths.sort();
    paths.into_iter().map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap())).collect()
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pdf");
    group.sample_size(20);
    for (name, bytes) in pages() {
        assert!(glyphs(&bytes) > 100, "{name} has no glyphs");
        group.bench_with_input(BenchmarkId::new("glyphs alone", &name), &bytes, |bench, bytes| bench.iter(|| glyphs(bytes)));
        group.bench_with_input(BenchmarkId::new("to articles", &name), &bytes, |bench, bytes| bench.iter(|| articles(bytes)));
    }
    group.finish();
}

criterion_group!(benches, reading);
criterion_main!(benches);
