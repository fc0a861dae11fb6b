//! The store in an SQLite file.
//!
//! One connection writes and several read. Every writing transaction begins with `BEGIN
//! IMMEDIATE`, which takes SQLite's one write lock at once: what it reads before it writes cannot
//! change under it, in whichever process the other writer lives. The file is in WAL mode, so
//! readers see the last commit and wait for nobody.

mod articles;
mod deliveries;
mod digests;
mod errors;
mod group;
mod held;
mod hub;
mod labels;
mod ledger;
mod model_use;
mod open;
mod pages;
mod rows;
mod search;
mod sites;
mod sketches;
mod sources;

#[cfg(test)]
mod faults;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{Sqlite, SqlitePool, Transaction};

use super::{
    Applied, Arrivals, ArticleQuery, Beginning, DeliveryQuery, DueHubTask, EditionMark, EditionSummary, Facet, Found, GivenUp, HubLimits,
    HubStep, HubWish, ModelBound, ModelUse, NextStep, NotedProblem, PageChange, QueuedDigest, Released, Revision, SearchRequest,
    SourceMark, Stop, StoppedBy, Store, StoreError, StoredPage, WebhookMark, WebhookState, WebhookStatus, WishTaken,
};
use crate::model::{
    ArticleId, Attempt, Delivery, DeliveryId, Digest, DigestId, DueDelivery, Facsimile, KeptDocument, Message, PageKey, Problem, SiteDay,
    Spent, StoredArticle,
};
use errors::failed;
use group::Group;

/// A store in an SQLite file.
#[derive(Debug)]
pub(super) struct SqliteStore {
    /// One connection, so that the writers of this process queue here, in order, instead of
    /// spinning on the file's lock.
    writer: SqlitePool,
    readers: SqlitePool,
    /// The writes that many webhooks do in the same moment, through `writer`.
    group: Arc<Group>,
}

impl SqliteStore {
    /// Begins a transaction that may write. Dropped without a commit, it leaves nothing behind.
    async fn write(&self, doing: &'static str) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(failed(doing))
    }

    /// Begins a transaction in which all reads see one state.
    async fn read(&self, doing: &'static str) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.readers.begin().await.map_err(failed(doing))
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn fix_authority(&self, authority: &str) -> Result<(), StoreError> {
        open::fix_authority(self, authority).await
    }

    async fn page(&self, key: &PageKey) -> Result<Option<StoredPage>, StoreError> {
        pages::page(self, key).await
    }

    async fn pages(&self, source: &str, date: NaiveDate) -> Result<Vec<StoredPage>, StoreError> {
        pages::pages(self, source, date).await
    }

    async fn edition(&self, source: &str, date: NaiveDate) -> Result<Vec<StoredArticle>, StoreError> {
        articles::edition(self, source, date).await
    }

    async fn apply(&self, change: PageChange) -> Result<Applied, StoreError> {
        pages::apply(self, change).await
    }

    async fn changes(&self) -> Result<i64, StoreError> {
        pages::changes(self).await
    }

    async fn note_problem(&self, key: &PageKey, problem: &Problem, now: DateTime<Utc>) -> Result<bool, StoreError> {
        pages::note_problem(self, key, problem, now).await
    }

    async fn forget_problems(&self, key: &PageKey) -> Result<(), StoreError> {
        pages::forget_problems(self, key).await
    }

    async fn noted_problems(&self, limit: u32) -> Result<Vec<NotedProblem>, StoreError> {
        pages::noted_problems(self, limit).await
    }

    async fn articles(&self, query: &ArticleQuery) -> Result<Vec<StoredArticle>, StoreError> {
        articles::articles(self, query).await
    }

    async fn article(&self, id: &ArticleId) -> Result<Option<StoredArticle>, StoreError> {
        articles::article(self, id).await
    }

    async fn held(&self, source: Option<&str>, limit: u32) -> Result<Vec<StoredArticle>, StoreError> {
        held::held(self, source, limit).await
    }

    async fn release(&self, ids: &[ArticleId], now: DateTime<Utc>) -> Result<Released, StoreError> {
        held::release(self, ids, now).await
    }

    async fn revisions(&self, id: &ArticleId) -> Result<Vec<Revision>, StoreError> {
        articles::revisions(self, id).await
    }

    async fn editions(&self, limit: u32) -> Result<Vec<EditionSummary>, StoreError> {
        articles::editions(self, limit).await
    }

    async fn source_dates(&self, source: &str, limit: u32) -> Result<Vec<NaiveDate>, StoreError> {
        articles::source_dates(self, source, limit).await
    }

    async fn arrivals(&self, after: i64, backlog: bool, limit: u32) -> Result<Arrivals, StoreError> {
        articles::arrivals(self, after, backlog, limit).await
    }

    async fn missed(&self, webhook: &str, limit: u32) -> Result<Vec<StoredArticle>, StoreError> {
        articles::missed(self, webhook, limit).await
    }

    async fn alike(&self, sketch: &[u32], shared: u32, dates: &[NaiveDate], limit: u32) -> Result<Vec<StoredArticle>, StoreError> {
        sketches::alike(self, sketch, shared, dates, limit).await
    }

    async fn told(&self, webhook: &str, articles: &[ArticleId], since: DateTime<Utc>) -> Result<Vec<ArticleId>, StoreError> {
        sketches::told(self, webhook, articles, since).await
    }

    async fn ask_model(&self, account: &str, day: NaiveDate, characters: u64, bound: ModelBound) -> Result<ModelUse, StoreError> {
        model_use::ask(self, account, day, characters, bound).await
    }

    async fn facsimile(&self, key: &PageKey) -> Result<Option<Facsimile>, StoreError> {
        sites::facsimile(self, key).await
    }

    async fn site_document(&self, source: &str, url: &str) -> Result<Option<KeptDocument>, StoreError> {
        sites::document(self, source, url).await
    }

    async fn keep_site_document(&self, source: &str, url: &str, document: &KeptDocument, now: DateTime<Utc>) -> Result<(), StoreError> {
        sites::keep_document(self, source, url, document, now).await
    }

    async fn forget_site_documents(&self, before: DateTime<Utc>, pdfs: DateTime<Utc>) -> Result<u64, StoreError> {
        sites::forget_documents(self, before, pdfs).await
    }

    async fn site_day(&self, source: &str, date: NaiveDate) -> Result<Option<SiteDay>, StoreError> {
        sites::day(self, source, date).await
    }

    async fn site_days(&self, source: &str, limit: u32) -> Result<Vec<SiteDay>, StoreError> {
        sites::days(self, source, limit).await
    }

    async fn set_site_day(&self, day: &SiteDay, past: Option<(NaiveDate, NaiveDate)>) -> Result<(), StoreError> {
        sites::set_day(self, day, past).await
    }

    async fn past_days_read(&self, source: &str, past: (NaiveDate, NaiveDate)) -> Result<Option<NaiveDate>, StoreError> {
        sites::past_days_read(self, source, past).await
    }

    async fn site_spent(&self, source: &str, day: NaiveDate) -> Result<Spent, StoreError> {
        sites::spent(self, source, day).await
    }

    async fn spend_on_site(&self, source: &str, day: NaiveDate, more: Spent) -> Result<(), StoreError> {
        sites::spend(self, source, day, more).await
    }

    async fn enrol_source(&self, source: &str, now: DateTime<Utc>) -> Result<SourceMark, StoreError> {
        sources::enrol_source(self, source, now).await
    }

    async fn caught_up(&self, source: &str) -> Result<(), StoreError> {
        sources::caught_up(self, source).await
    }

    async fn enrol_webhook(&self, webhook: &str, beginning: Beginning, now: DateTime<Utc>) -> Result<WebhookMark, StoreError> {
        digests::enrol_webhook(self, webhook, beginning, now).await
    }

    async fn webhooks(&self) -> Result<Vec<WebhookStatus>, StoreError> {
        digests::webhooks(self).await
    }

    async fn queue_digest(&self, digest: QueuedDigest) -> Result<bool, StoreError> {
        digests::queue_digest(self, digest).await
    }

    async fn webhook_state(&self, webhook: &str) -> Result<WebhookState, StoreError> {
        digests::webhook_state(self, webhook).await
    }

    async fn stop_webhook(&self, webhook: &str, why: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        digests::stop_webhook(self, webhook, why, now).await
    }

    async fn resume_webhook(&self, webhook: &str, expires: DateTime<Utc>) -> Result<bool, StoreError> {
        digests::resume_webhook(self, webhook, expires).await
    }

    async fn queue_notice(
        &self,
        digest: &Digest,
        messages: &[Message],
        expires: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        digests::queue_notice(self, digest, messages, expires, now).await
    }

    async fn digest(&self, id: &DigestId) -> Result<Option<Digest>, StoreError> {
        digests::digest(self, id).await
    }

    async fn claim(&self, webhook: &str, now: DateTime<Utc>, lease_until: DateTime<Utc>) -> Result<Option<DueDelivery>, StoreError> {
        deliveries::claim(self, webhook, now, lease_until).await
    }

    async fn next_due(&self, webhook: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        deliveries::next_due(self, webhook).await
    }

    async fn record(&self, id: &DeliveryId, attempt: &Attempt, next: NextStep) -> Result<(), StoreError> {
        deliveries::record(self, id, attempt, next).await
    }

    async fn replace(&self, id: &DeliveryId, attempt: &Attempt, messages: &[Message]) -> Result<(), StoreError> {
        deliveries::replace(self, id, attempt, messages).await
    }

    async fn deliveries(&self, query: &DeliveryQuery) -> Result<Vec<Delivery>, StoreError> {
        deliveries::deliveries(self, query).await
    }

    async fn delivery(&self, id: &DeliveryId) -> Result<Option<Delivery>, StoreError> {
        deliveries::delivery(self, id).await
    }

    async fn redeliver(&self, id: &DeliveryId, now: DateTime<Utc>, expires: DateTime<Utc>) -> Result<bool, StoreError> {
        deliveries::redeliver(self, id, now, expires).await
    }

    async fn prune(&self, before: DateTime<Utc>, limit: u32) -> Result<u32, StoreError> {
        ledger::prune(self, before, limit).await
    }

    async fn give_up_others(&self, webhooks: &[String], why: &str, now: DateTime<Utc>) -> Result<Vec<GivenUp>, StoreError> {
        ledger::give_up_others(self, webhooks, why, now).await
    }

    async fn search(&self, request: &SearchRequest) -> Result<Found, StoreError> {
        search::search(self, request).await
    }

    async fn sections(&self, source: &str) -> Result<Vec<Facet>, StoreError> {
        search::sections(self, source).await
    }

    async fn page_labels(&self, source: &str) -> Result<Vec<Facet>, StoreError> {
        search::page_labels(self, source).await
    }

    async fn edition_marks(&self, sources: &[String]) -> Result<Vec<EditionMark>, StoreError> {
        search::edition_marks(self, sources).await
    }

    async fn take_wish(&self, wish: &HubWish, limits: HubLimits) -> Result<WishTaken, StoreError> {
        hub::take_wish(self, wish, limits).await
    }

    async fn announce(
        &self,
        topic: &str,
        version: &str,
        other_hub: Option<&str>,
        expires: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        hub::announce(self, topic, version, other_hub, expires, now).await
    }

    async fn claim_hub_task(&self, now: DateTime<Utc>, lease_until: DateTime<Utc>) -> Result<Option<DueHubTask>, StoreError> {
        hub::claim(self, now, lease_until).await
    }

    async fn next_hub_task(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        hub::next_due(self).await
    }

    async fn finish_hub_task(&self, task: &DueHubTask, step: HubStep, now: DateTime<Utc>) -> Result<(), StoreError> {
        hub::finish(self, task, step, now).await
    }

    async fn keep_topics(&self, topics: &[String], reason: &str, expires: DateTime<Utc>, now: DateTime<Utc>) -> Result<u64, StoreError> {
        hub::keep_topics(self, topics, reason, expires, now).await
    }

    async fn close(&self) {
        // The writer last: the last connection of all empties the write-ahead log into the file.
        self.readers.close().await;
        self.writer.close().await;
    }
}
