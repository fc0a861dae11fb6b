//! Pages of a PDF: what is printed, and where.
//!
//! `hayro-interpret` runs the page's program and hands each glyph, path and image to `device`; what it
//! cannot read for want of a character map, `charmap` reads. `glyphs` cleans the glyphs (twins, what
//! is clipped away, what nobody sees), and `geometry` joins them to lines and blocks.
//!
//! The empty user password is tried; a broken cross-reference table is rebuilt by the crate.

use std::sync::Arc;

use hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro_interpret::kurbo;
use hayro_interpret::{Context, InterpreterCache, InterpreterSettings, RenderContent, TransformExt as _, interpret_page};

use crate::model::layout::{Area, Layout, Origin};
use crate::model::{Page, Problem, RawPage};

use super::{geometry, page_name};

mod actual_text;
mod charmap;
mod device;
mod glyphs;
mod marks;

use charmap::Charmaps;
use device::Collector;

/// The largest PDF that is read, in bytes. A broadsheet with its pictures has some 20 MB in print
/// quality.
pub const MAX_PDF_BYTES: usize = 64 * 1024 * 1024;
/// The most pages of one file that are read; the thickest papers have fewer.
pub const MAX_PDF_PAGES: usize = 200;
/// The most glyphs of one page that are kept; a broadsheet full of stock prices has some 60,000.
pub const MAX_GLYPHS: usize = 200_000;
/// The most rules, frames and pictures of one page that are kept, each.
pub const MAX_MARKS: usize = 20_000;
/// The share of unreadable glyphs from which a page is held back: a reader would stumble in each
/// sentence.
pub const UNREADABLE_SHARE: f64 = 0.05;
/// The problem of a page that is held for them.
pub(super) const UNREADABLE: &str = "glyphs-unreadable";
/// The longest side of a page that is believed, in points; PDF 1.7 allows 14,400.
const MAX_SIDE: f32 = 14_400.0;

/// Reads each page of `raw`. Never fails: what cannot be read leaves no blocks and a problem that
/// says why.
///
/// Problems: `page-too-large`, `pdf-invalid`, `pdf-locked` (a password is needed), `pdf-too-many-pages`
/// (the rest is left out), `glyphs-unreadable` (the page is held: no blocks), `glyphs-too-many` (the
/// rest is left out), `page-recognised` (all text is the invisible text of a scan), `page-empty`.
pub fn read(raw: &RawPage) -> Vec<Page> {
    let name = raw.key.page.as_str();
    let refused = |problem| vec![Page { problems: vec![problem], ..Page::empty(name) }];
    if raw.bytes.len() > MAX_PDF_BYTES {
        let message = format!("{} has {} bytes; a PDF has at most {MAX_PDF_BYTES}: give its pages one by one", raw.origin, raw.bytes.len());
        return refused(Problem::new("page-too-large", message));
    }
    let pdf = match Pdf::new(Arc::new(raw.bytes.clone())) {
        Ok(pdf) => pdf,
        Err(error) => return refused(unopened(&raw.origin, error)),
    };
    let cache = InterpreterCache::new();
    let count = pdf.pages().len();
    if count == 0 {
        return refused(Problem::new("pdf-invalid", format!("{} has no page; save it anew as PDF", raw.origin)));
    }
    let mut pages: Vec<Page> =
        (0..count.min(MAX_PDF_PAGES)).map(|index| sheet(&pdf, &cache, index, page_name(name, index), &raw.origin)).collect();
    if count > MAX_PDF_PAGES
        && let Some(first) = pages.first_mut()
    {
        let message = format!("{} has {count} pages; the first {MAX_PDF_PAGES} are read and the rest is left out", raw.origin);
        first.problems.push(Problem::new("pdf-too-many-pages", message));
    }
    pages
}

fn unopened(origin: &str, error: LoadPdfError) -> Problem {
    match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => {
            Problem::new("pdf-locked", format!("{origin} opens with a password only; give a copy without one"))
        }
        LoadPdfError::Decryption(_) => {
            Problem::new("pdf-locked", format!("{origin} is encrypted in a way newsboy does not know; give a copy without encryption"))
        }
        LoadPdfError::Invalid => {
            Problem::new("pdf-invalid", format!("{origin} is no PDF, or so damaged that no page can be found; give it anew"))
        }
    }
}

/// One page of the file.
fn sheet<'a>(pdf: &'a Pdf, cache: &InterpreterCache<'a>, index: usize, name: String, origin: &str) -> Page {
    let mut page = Page::empty(name);
    let Some(leaf) = pdf.pages().get(index) else { return page };
    let (width, height) = leaf.render_dimensions();
    let (width, height) = (width.min(MAX_SIDE), height.min(MAX_SIDE));
    let settings = InterpreterSettings { render_content: RenderContent::PAGE, ..InterpreterSettings::default() };
    let shown = kurbo::Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let mut context = Context::new(leaf.initial_transform(true).to_kurbo(), shown, cache, pdf.xref(), settings);
    let charmaps = Charmaps::of(leaf.resources());
    let mut collector = Collector::new(Area { x0: 0.0, y0: 0.0, x1: width, y1: height }, charmaps);
    interpret_page(leaf, &mut context, &mut collector);
    let found = collector.finish();

    if found.glyphs_left_out {
        let message = format!("page {} of {origin} has more than {MAX_GLYPHS} glyphs; the rest is left out", index + 1);
        page.problems.push(Problem::new("glyphs-too-many", message));
    }
    let (shown_glyphs, hidden) = glyphs::shown(found.glyphs);
    let glyphs = if shown_glyphs.len() * 20 < hidden.len() {
        let message = format!("page {} of {origin} is a scan; its text is the one a recognition put behind the picture", index + 1);
        page.problems.push(Problem::new("page-recognised", message));
        hidden
    } else {
        shown_glyphs
    };
    let glyphs = glyphs::merge_twins(glyphs);
    let unreadable = glyphs.iter().filter(|glyph| !glyph.is_readable()).count();
    let held = unreadable as f64 > UNREADABLE_SHARE * glyphs.len() as f64;
    if held {
        let message = format!(
            "{unreadable} of {} glyphs of page {} of {origin} cannot be read, for their fonts do not tell which characters they are; give the page's text, or a PDF with ToUnicode tables",
            glyphs.len(),
            index + 1
        );
        page.problems.push(Problem::new(UNREADABLE, message));
    }
    let (runs, fonts) = glyphs::runs(glyphs, &found.fonts);
    let marks = found.marks;
    let blocks = geometry::arrange(runs, &marks.rules);
    let layout =
        Layout { origin: Origin::Pdf, width, height, blocks, rules: marks.rules, frames: marks.frames, pictures: marks.pictures, fonts };
    if !held {
        page.blocks = geometry::plain(&layout, &mut page.problems);
        if page.blocks.is_empty() {
            let message = format!("page {} of {origin} holds no text; if it is a scan, give its recognised text", index + 1);
            page.problems.push(Problem::new("page-empty", message));
        }
    }
    page.layout = Some(layout);
    page
}
