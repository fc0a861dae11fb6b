//! What a library says of an edition's structure (METS): which pages it has, and which blocks of them
//! make an article.

use serde::{Deserialize, Serialize};

use super::{Continuation, PageLabel};

/// The structure of one edition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Structure {
    /// The date of the edition as the file writes it, where it does.
    pub date: Option<String>,
    /// The pages in the order of the paper.
    pub pages: Vec<StructuredPage>,
    /// The items in the order of the paper: articles, advertisements, and what else the library told
    /// apart.
    pub items: Vec<StructuredItem>,
}

/// One page of a structure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StructuredPage {
    /// The last component of the address of its text file.
    pub file: String,
    /// The page's number as printed, where it is told.
    pub label: Option<String>,
}

/// One item of a structure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StructuredItem {
    /// What the library calls it: `ARTICLE`, `ADVERTISEMENT`, `ILLUSTRATION`, … A `SECTION` is one where
    /// it has a text besides the items in it; without one it is the line over these.
    pub kind: String,
    /// Its title, where one is given.
    pub title: Option<String>,
    /// The titles of the sections it stands in, the outermost first.
    pub sections: Vec<String>,
    /// Its blocks in reading order.
    pub parts: Vec<StructuredPart>,
}

/// A block of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StructuredPart {
    /// What it is in the item.
    pub role: PartRole,
    /// Which of [`Structure::pages`] it stands on.
    pub page: usize,
    /// The block's name in the page's file ([`crate::model::layout::TextBlock::id`]).
    pub block: String,
}

/// What a block is in its item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PartRole {
    /// The line above the headline.
    Kicker,
    /// The headline.
    Headline,
    /// The line below the headline.
    Deck,
    /// Who wrote it.
    Byline,
    /// Text.
    Body,
    /// Text about a picture.
    Caption,
    /// Anything else, a picture or a table.
    Other,
}

/// What of an item stands on one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenItem {
    /// As [`StructuredItem::kind`].
    pub kind: String,
    /// As [`StructuredItem::sections`].
    pub sections: Vec<String>,
    /// What each of its blocks is, and the block's name
    /// ([`crate::model::layout::TextBlock::id`]), in reading order.
    pub parts: Vec<(PartRole, String)>,
    /// The other pages that it stands on: where it began, and where it goes on.
    #[serde(default)]
    pub continuation: Continuation,
}

impl Structure {
    /// The items that the page with this text file has a part of; `None` where the structure does not
    /// know the file.
    pub fn on_page(&self, file: &str) -> Option<Vec<GivenItem>> {
        let page = self.pages.iter().position(|page| page.file == file)?;
        let label = |page: usize| self.pages.get(page)?.label.as_deref().map(PageLabel::new);
        let items = self.items.iter().filter_map(|item| {
            let here = item.parts.iter().filter(|part| part.page == page);
            let parts: Vec<(PartRole, String)> = here.map(|part| (part.role, part.block.clone())).collect();
            let pages = || item.parts.iter().map(|part| part.page);
            let from = pages().next().filter(|first| *first < page).and_then(label);
            let to = pages().find(|other| *other > page).and_then(label);
            let continuation = Continuation { to, from };
            (!parts.is_empty()).then(|| GivenItem { kind: item.kind.clone(), sections: item.sections.clone(), parts, continuation })
        });
        Some(items.collect())
    }
}
