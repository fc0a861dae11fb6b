//! What an article of a web site is besides its text: where it stands, in print and on the web.

use serde::{Deserialize, Serialize};

use super::{Article, ArticleId, ContentHash, PageKey, Problem};

/// A picture of an article. newsboy names it and never fetches it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Its absolute address.
    pub url: String,
    /// What stands below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// How large it is, where the site was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
}

/// How large a file of a site is and what it is, as the site says without handing it over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Its size in bytes.
    pub bytes: u64,
    /// Its media type without parameters, where the site says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

/// A place on the printed page: the corners of a polygon in the site's own pixels, in their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Zone(pub Vec<[f32; 2]>);

/// The picture of a whole printed page, and the page as a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facsimile {
    /// The picture's absolute address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Its width and height in the pixels that zones are measured in, where the site says them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<[u32; 2]>,
    /// How large the picture's file is, where the site was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_measure: Option<Measure>,
    /// The absolute address of the page's PDF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pdf: Option<String>,
    /// How large the PDF is, where the site was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pdf_measure: Option<Measure>,
}

/// What is known of an article that a web site gave already cut.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OnSite {
    /// Its absolute address.
    pub url: String,
    /// What the site itself calls it; with source and date it is the article's key.
    pub id: String,
    /// The line of its authors as the site prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Its pictures in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<Picture>,
    /// Where it stands on its page; an article may stand in several places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<Zone>,
    /// The article of the same edition that goes on where this one breaks off (下转), by the site's own
    /// id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continues_on: Option<String>,
    /// The article that this one goes on from (上接). It is a part of that one, and no story of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continued_from: Option<String>,
    /// The whole story, where this article goes on elsewhere; empty for all others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub whole: Vec<String>,
}

/// The PDF of a page that a site has no text of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PagePdf {
    /// The file as the site gave it.
    Bytes(Vec<u8>),
    /// It could not be had this time: what is known of the page stays as it is.
    Unread,
}

/// A page of a site, whose articles come already cut.
#[derive(Debug, Clone, PartialEq)]
pub struct CutPage {
    /// Which page.
    pub key: PageKey,
    /// What tells this state of the page from another, its PDF included.
    pub hash: ContentHash,
    /// Its address.
    pub origin: String,
    /// Its section, where the site names one.
    pub section: Option<String>,
    /// Its articles in their order; each knows what the site calls it.
    pub articles: Vec<Article>,
    /// Its picture and its PDF.
    pub facsimile: Facsimile,
    /// Its PDF itself, where the site has no text of the page.
    pub pdf: Option<PagePdf>,
    /// What the site calls articles of the issue that are listed and could not be read: those that are
    /// known stay as they are.
    pub unread: Vec<String>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// The id of an article that a site calls `id`.
pub fn article_id(source: &str, date: chrono::NaiveDate, id: &str) -> ArticleId {
    ArticleId::assign(&[b"site", source.as_bytes(), date.to_string().as_bytes(), id.as_bytes()])
}
