//! Pages: the bytes a source hands over, and the blocks read out of them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::layout::Layout;
use super::structure::GivenItem;
use super::{ContentHash, PageLabel, Problem};

/// Which page of which edition of which source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PageKey {
    /// The source's name in the configuration.
    pub source: String,
    /// The date of the edition.
    pub date: NaiveDate,
    /// The page: `02`, `A05`.
    pub page: PageLabel,
}

/// What form a page's bytes have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PageFormat {
    /// Text as pulled from a PDF, in an encoding that is to be detected.
    Text,
    /// A PDF of one page or of several.
    Pdf,
    /// ALTO XML, as libraries publish recognised pages.
    Alto,
}

impl PageFormat {
    /// The format a file's name tells by its ending; `None` where newsboy does not read such files.
    pub fn of_extension(extension: &str) -> Option<Self> {
        [Self::Text, Self::Pdf, Self::Alto].into_iter().find(|format| extension.eq_ignore_ascii_case(format.extension()))
    }

    /// The ending of the names of such files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Pdf => "pdf",
            Self::Alto => "xml",
        }
    }
}

/// One page as its source gives it: bytes, and nothing understood yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawPage {
    /// Which page it is.
    pub key: PageKey,
    /// What form the bytes have.
    pub format: PageFormat,
    /// Where it came from, for people: a path or an address.
    pub origin: String,
    /// When the source last wrote it, where the source can tell. It decides only whether a page was
    /// there before newsboy first looked.
    pub modified: Option<DateTime<Utc>>,
    /// The bytes as they stood there.
    pub bytes: Vec<u8>,
    /// Other files of the same page that stood beside it, such as its text beside its PDF.
    pub companions: Vec<Companion>,
}

impl RawPage {
    /// The key of all work on this page: the same bytes are never worked on twice.
    pub fn hash(&self) -> ContentHash {
        let own = ContentHash::of(&self.bytes);
        if self.companions.is_empty() {
            return own;
        }
        let all: Vec<String> = std::iter::once(own)
            .chain(self.companions.iter().map(|other| ContentHash::of(&other.bytes)))
            .map(|h| h.as_str().to_owned())
            .collect();
        ContentHash::of(all.concat().as_bytes())
    }
}

/// A file that stood beside a page's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companion {
    /// What it says of the page.
    pub kind: CompanionKind,
    /// Where it came from, for people.
    pub origin: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a file beside a page's says of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompanionKind {
    /// The same page in another form.
    Page(PageFormat),
    /// The structure of the edition (METS).
    Structure,
}

/// A run of lines that the page set apart from what stands before and after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The lines as printed, outer white space kept, for an indent tells where a paragraph begins.
    pub lines: Vec<String>,
}

/// A page read: its blocks in the order in which the page gives them, which need not be the order
/// in which a person reads them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// What the page is called.
    pub number: String,
    /// The blocks as plain text, from whatever the page was read.
    pub blocks: Vec<Block>,
    /// Where the text stands, for pages that were read from a format that tells. It holds all that
    /// the blocks hold.
    pub layout: Option<Layout>,
    /// The items of the page as a library tells them apart (METS), in the order of the paper; empty
    /// where nobody does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<GivenItem>,
    /// What was wrong with the page.
    pub problems: Vec<Problem>,
}

impl Page {
    /// A page without text, for whoever fills it or says why there is none.
    pub fn empty(number: impl Into<String>) -> Self {
        Self { number: number.into(), blocks: Vec::new(), layout: None, given: Vec::new(), problems: Vec::new() }
    }
}
