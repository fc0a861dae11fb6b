//! What a library says of an edition's structure (METS): which pages it has, and which blocks of them
//! make an article.

use serde::{Deserialize, Serialize};

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
    /// What the library calls it: `ARTICLE`, `ADVERTISEMENT`, `ILLUSTRATION`, …
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
