//! The nouns of newsboy: plain values that every stage speaks.
//!
//! A *source* is a place editions come from. An *edition* is one paper's issue of one date; it has
//! *pages* (版), each cut into *articles*. Articles are published as *entries* of *feeds*; a *digest*
//! is what one webhook gets for one slot of its schedule, sent as one or more *deliveries*, each with
//! its *attempts*.
//!
//! Nothing here reads a clock, a file or the network, and nothing here knows a stage.

mod alarm;
mod article;
mod delivery;
mod digest;
pub mod fold;
mod id;
pub mod layout;
mod match_rule;
mod on_site;
mod page;
mod page_label;
pub mod page_order;
mod problem;
pub mod script;
mod secret;
pub mod sentences;
pub mod shorten;
mod site_day;
pub mod structure;
pub mod text;
pub mod units;

pub use alarm::Alarm;
pub use article::{Article, ArticleKind, Continuation, StoredArticle};
pub use delivery::{Attempt, Delivery, DeliveryState, DueDelivery, Outcome};
pub use digest::{Digest, DigestItem, Heard, Language, MARK_CLOSE, MARK_OPEN, Message, Place, SummaryKind};
pub use id::{ArticleId, ContentHash, DeliveryId, DigestId};
pub use match_rule::MatchRule;
pub use on_site::{CutPage, Facsimile, Measure, OnSite, PagePdf, Picture, Zone, article_id};
pub use page::{Block, Companion, CompanionKind, Page, PageFormat, PageKey, RawPage};
pub use page_label::PageLabel;
pub use problem::{Problem, ProblemCode};
pub use secret::Secret;
pub use site_day::{DayAnswer, KeptDocument, SiteDay, Spent};
