//! Reads pages: bytes in, pages out, with blocks of lines, where they stand as far as the format
//! tells, and what was wrong with them. One file or folder a format.
//!
//! - `text`: text pulled from a page; the encoding is detected.
//! - `pdf`: glyphs, rules, frames and pictures of a PDF.
//! - `alto`: recognised pages as libraries publish them, and the METS that tells their articles.
//! - `fill`: characters that a PDF's fonts lost, out of the same page's text.
//! - `geometry`: glyphs to lines to blocks in the order of columns, for the formats that have places.
//!
//! Reading a PDF that was made to do harm may take time and memory without bound, or end the process
//! by using up its stack. [`read`] bounds what it can see; whoever reads files of strangers calls it
//! in a process of its own ([`is_risky`]).

use crate::model::{Page, PageFormat, RawPage};

pub mod alto;
mod fill;
mod geometry;
pub mod pdf;
mod text;

pub use fill::fill;
pub use text::{MAX_LINE_CHARS, MAX_PAGE_BYTES, MAX_PAGE_CHARS, MAX_PAGE_LINES};

/// Reads `raw`. Never fails: what cannot be read leaves no blocks and a problem that says why.
///
/// It gives at least one page, and several of a PDF that has several: the first is named as the file
/// is, the others behind it `02-2`, `02-3`.
pub fn read(raw: &RawPage) -> Vec<Page> {
    match raw.format {
        PageFormat::Text => vec![text::read(raw)],
        PageFormat::Pdf => pdf::read(raw),
        PageFormat::Alto => alto::read(raw),
    }
}

/// Whether a file of this format, made to do harm, can take [`read`] past its bounds.
pub fn is_risky(format: PageFormat) -> bool {
    format == PageFormat::Pdf
}

/// The name of the page `index` (from 0) of a file whose page is `name`.
fn page_name(name: &str, index: usize) -> String {
    if index == 0 { name.to_owned() } else { format!("{name}-{}", index + 1) }
}
