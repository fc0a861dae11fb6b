//! Jobs: the only place where the stages meet the store.

pub mod publish_feeds;
