//! Jobs: the only place where the stages meet the store. A job reads, converts, and writes what
//! came of it.

pub mod compose_digests;
pub mod deliver;
pub mod ingest_page;
pub mod ingest_site;
pub mod keep_ledger;
pub mod lint_source;
pub mod one_story;
pub mod order_feed;
pub mod publish_feeds;
pub mod read_page;
pub mod tell_problems;
pub mod tell_subscribers;
pub mod watch_sources;
pub mod write_summaries;

#[cfg(test)]
mod testing;
