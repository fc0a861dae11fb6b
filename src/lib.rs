//! newsboy watches a newspaper's editions, cuts each page into articles, publishes them as RSS,
//! Atom and JSON Feed, and pushes summaries to chat webhooks on a schedule.
//!
//! The modules stand in the order in which a page flows through them:
//! [`source`] → [`page`] → [`article`] → [`store`] → [`feed`] and [`digest`] → [`webhook`].
//! Stages know the [`model`] and nothing of each other; [`jobs`] join them to the store, and the
//! [`daemon`] owns clock, signals and schedules.

pub mod alert;
pub mod article;
pub mod config;
pub mod daemon;
pub mod digest;
pub mod feed;
pub mod http;
pub mod jobs;
pub mod llm;
pub mod model;
pub mod outgoing;
pub mod page;
pub mod search;
pub mod source;
pub mod store;
pub mod story;
pub mod summary;
pub mod webhook;
pub mod websub;
