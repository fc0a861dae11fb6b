//! From the bytes of a site's answers to pages and articles: plain functions, no network and no clock.

mod article;
mod charset;
mod dates;
mod document;
mod issue;
mod jumps;
mod links;
mod page;
mod pictures;
mod text;

pub(super) use article::{ArticleReading, article};
pub(super) use charset::decode;
pub(super) use dates::{date_in_text, date_in_url};
pub(super) use document::{Document, Spot};
pub(super) use issue::{IMAGE_ONLY, IssueReading, MISSING, PageOfIssue, PageRead, assemble, listed};
pub(super) use links::{folded, forward, stem};
pub(super) use page::{PageLink, PageReading, page};
