//! The store: the one database, behind one trait.
//!
//! [`Store`] is what the jobs know. `sqlite/` implements it; a second engine has its place beside
//! it and passes the same conformance suite (`conformance.rs`). A state change and what follows
//! from it (a page and its articles, a digest with its deliveries and the moved watermark) share
//! one transaction, so that a crash leaves either both or neither.

mod error;
mod hub;
mod model_use;
mod page_label;
mod plan;
mod search;
mod sqlite;
mod stop;
mod times;

#[cfg(test)]
mod conformance;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use crate::model::{
    Article, ArticleId, ArticleKind, Attempt, ContentHash, Delivery, DeliveryId, DeliveryState, Digest, DigestId, DueDelivery, Facsimile,
    KeptDocument, Message, PageKey, Problem, SiteDay, Spent, StoredArticle,
};

pub use error::StoreError;
pub use hub::{DueHubTask, HubLimits, HubStep, HubTask, HubWish, Wish, WishTaken};
pub use model_use::{ModelBound, ModelUse};
pub use search::{EditionMark, Facet, Found, MOST_COUNTED, SearchOrder, SearchRequest};
pub use stop::{Stop, StoppedBy, WebhookState};

/// What the store holds of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPage {
    /// Which page.
    pub key: PageKey,
    /// The bytes the articles were cut from.
    pub hash: ContentHash,
    /// Which version of the cutter cut them; a newer one cuts them again.
    pub cutter: u32,
    /// 1 at first sight, one more at each change.
    pub revision: u32,
    /// Where the page came from.
    pub origin: String,
    /// What was wrong with it.
    pub problems: Vec<Problem>,
    /// When it was last applied.
    pub applied: DateTime<Utc>,
    /// What was wrong with later bytes of the page that could not be used. While there is any, the
    /// articles are those of an older version of the page.
    pub noted: Vec<Problem>,
}

/// A problem of a page whose latest bytes could not be used.
#[derive(Debug, Clone, PartialEq)]
pub struct NotedProblem {
    /// Which page.
    pub key: PageKey,
    /// What was wrong.
    pub problem: Problem,
    /// When it was first seen in this form.
    pub noted: DateTime<Utc>,
}

/// A text that an article had before.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// Which revision, from 1.
    pub revision: u32,
    /// When it became the article's text, in whole seconds.
    pub updated: DateTime<Utc>,
    /// The cut as it was.
    pub article: Article,
}

/// An item of a page with the id that it keeps: of a known article, or assigned now.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentifiedArticle {
    /// The id.
    pub id: ArticleId,
    /// The cut.
    pub article: Article,
    /// Whether its cut is too doubtful to be shown: it is held back until a person releases it or a
    /// later cut is better. Of an article that has been public it means nothing.
    pub doubtful: bool,
    /// A few dozen hashes of its text, by which [`Store::alike`] finds it; empty where nothing is to.
    pub sketch: Vec<u32>,
}

/// A page to be made the present state of its key.
#[derive(Debug, Clone, PartialEq)]
pub struct PageChange {
    /// Which page.
    pub key: PageKey,
    /// The bytes the articles were cut from.
    pub hash: ContentHash,
    /// Which version of the cutter cut them.
    pub cutter: u32,
    /// Where the page came from.
    pub origin: String,
    /// The revision the change was made against, 0 where the page was not known. If another
    /// process was faster, nothing is applied and the answer is [`Applied::Outdated`].
    pub seen_revision: u32,
    /// The items in page order, each id once. Known articles of this page that are not among them
    /// become withdrawn; one that is known of another page of the same edition moves to this one.
    pub articles: Vec<IdentifiedArticle>,
    /// What was wrong with the page.
    pub problems: Vec<Problem>,
    /// Its picture and its file, where it comes from a site; `None` leaves alone what is known of it.
    pub facsimile: Option<Facsimile>,
    /// Whether the page was there before newsboy first looked at its source. Its new articles arrive
    /// as others do, but are no news: [`Store::arrivals`] tells them only to who asks for the backlog.
    /// So it is with what a newer cutter finds in bytes that were known.
    pub backlog: bool,
    /// The first article's time of publication, before it is spread and capped (see `times.rs`).
    pub hour: DateTime<Utc>,
    /// The present instant.
    pub now: DateTime<Utc>,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// It is the present state now.
    Done(Changes),
    /// Another process changed the page meanwhile: read it again and match anew.
    Outdated,
}

/// How many articles a change touched. Each of the page's items counts once: the first four add up
/// to their number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    /// Seen for the first time.
    pub added: usize,
    /// Text changed: a new revision, be it of an article that had been withdrawn.
    pub revised: usize,
    /// Back on their page with the text they had when they were withdrawn.
    pub restored: usize,
    /// Text as it was. Place, kind, section, confidence and problems may differ; they are taken
    /// over, and are no revision.
    pub unchanged: usize,
    /// No longer on their page.
    pub withdrawn: usize,
    /// How many of the page's items are held back now.
    pub held: usize,
}

/// Which articles to read. Only public ones are: neither withdrawn nor held back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ArticleQuery {
    /// Of these sources; of all where empty.
    pub sources: Vec<String>,
    /// Of these kinds; of all where empty.
    pub kinds: Vec<ArticleKind>,
    /// Of this edition date.
    pub date: Option<NaiveDate>,
    /// Only those whose `updated` lies before this instant: how a reader pages backwards.
    pub before: Option<DateTime<Utc>>,
    /// How many at most; 0, the default, gives none.
    pub limit: u32,
}

/// One line of the list of editions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionSummary {
    /// The source's name.
    pub source: String,
    /// The date of the edition.
    pub date: NaiveDate,
    /// How many pages have been read.
    pub pages: u32,
    /// How many articles and photos of it are public.
    pub news: u32,
}

/// Since when a source is known, and whether its backlog has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceMark {
    /// When newsboy first looked at it.
    pub since: DateTime<Utc>,
    /// Whether all that it held then has been read once.
    pub caught_up: bool,
}

/// Articles in the order in which they arrived.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Arrivals {
    /// The articles that are public.
    pub articles: Vec<StoredArticle>,
    /// The withdrawn ones, which a reader passes over.
    pub withdrawn: Vec<ArticleId>,
    /// Up to which arrival all have been read: the last one of all where nothing is left, be it that
    /// it was withdrawn or is none of those asked for.
    pub through: i64,
    /// Whether nothing is left behind `through`.
    pub is_last: bool,
}

/// What became of articles that were to be released.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Released {
    /// Held until now; they have arrived in this order.
    pub released: Vec<ArticleId>,
    /// Not held, so that nothing was to be done.
    pub public: Vec<ArticleId>,
    /// Not in the store. Where there is one, nothing was released.
    pub unknown: Vec<ArticleId>,
}

/// Where a webhook that is seen for the first time begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// With what arrives from now on.
    Now,
    /// With everything that the store holds.
    Backfill,
}

/// Up to where a webhook's digests have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebhookMark {
    /// Articles with an arrival above this one have not been in a digest.
    pub arrival: i64,
    /// The last slot that was composed, or the moment the webhook was added.
    pub slot: DateTime<Utc>,
}

/// How a webhook stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookStatus {
    /// Its name; it may have left the configuration since.
    pub webhook: String,
    /// Up to where its digests have come.
    pub mark: WebhookMark,
    /// How many messages wait to be sent, for the first time or again.
    pub pending: u32,
    /// How many messages were given up.
    pub dead: u32,
    /// How many messages its service took, of those that are not forgotten yet.
    pub sent: u32,
    /// When the next message is due, as [`Store::next_due`] says it.
    pub next_due: Option<DateTime<Utc>>,
    /// When the last attempt was made that the service took.
    pub delivered: Option<DateTime<Utc>>,
    /// Whether its service takes messages, and whether it is to get any.
    pub state: WebhookState,
}

/// Messages that were given up together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// The webhook they waited for.
    pub webhook: String,
    /// How many there were.
    pub messages: u32,
}

/// A composed digest with its messages, to be queued in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct QueuedDigest {
    /// The digest; its slot becomes the webhook's last slot.
    pub digest: Digest,
    /// Its messages; none where there was nothing to send.
    pub messages: Vec<Message>,
    /// The mark the digest was composed against; if the webhook has moved since, nothing is queued.
    pub seen: WebhookMark,
    /// The last arrival that the digest covers.
    pub through: i64,
    /// The articles up to there that were passed over because they were withdrawn: [`Store::missed`]
    /// tells of them when they are back.
    pub passed_over: Vec<ArticleId>,
    /// Articles of [`Store::missed`] that the digest covers.
    pub caught: Vec<ArticleId>,
    /// When its deliveries are due for the first time.
    pub due: DateTime<Utc>,
    /// When its deliveries are given up.
    pub expires: DateTime<Utc>,
    /// The present instant.
    pub now: DateTime<Utc>,
}

/// Which deliveries to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryQuery {
    /// Of this webhook.
    pub webhook: Option<String>,
    /// In this state.
    pub state: Option<DeliveryState>,
    /// Queued at this instant or later.
    pub since: Option<DateTime<Utc>>,
    /// How many at most, the newest first; 0, the default, gives none.
    pub limit: u32,
}

/// How a delivery goes on after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// The service took it.
    Delivered,
    /// It is tried again at this instant.
    RetryAt(DateTime<Utc>),
    /// It is given up.
    Dead,
    /// It is given up, and the webhook is stopped.
    Stop,
}

/// The one database.
///
/// Every method is a transaction of its own. All instants are stored in whole milliseconds, an
/// article's `published` and `updated` in whole seconds. Several processes may share one store; no
/// method relies on what this process remembers.
#[async_trait]
pub trait Store: Send + Sync {
    /// Fixes the authority of the entries' ids at the first call; later calls compare.
    async fn fix_authority(&self, authority: &str) -> Result<(), StoreError>;

    /// What is held of a page; `None` where none of its versions could be used yet.
    async fn page(&self, key: &PageKey) -> Result<Option<StoredPage>, StoreError>;

    /// All pages of a source's edition, by page: `2` stands before `10`, `A10` before `B1`.
    async fn pages(&self, source: &str, date: NaiveDate) -> Result<Vec<StoredPage>, StoreError>;

    /// All articles of an edition in page order, withdrawn and held ones included.
    async fn edition(&self, source: &str, date: NaiveDate) -> Result<Vec<StoredArticle>, StoreError>;

    /// Makes a page the present state of its key, in one transaction with its articles' ids,
    /// revisions, times and arrivals. Arrivals are handed out so that a reader who has seen one
    /// never meets a smaller one later. What was noted of the page is forgotten.
    ///
    /// An article is published at the paper's hour and never later than now. A changed text is a
    /// new revision and moves `updated`: to now, or by a moment where the page's bytes are the same
    /// and only the cutter is newer. `published`, `arrival` and the id stay. `times.rs` has the
    /// rules.
    ///
    /// A new article that is doubtful is held back. One that is held and no longer doubtful becomes
    /// public and arrives now; where only the cutter is newer it is no news, as all that a newer cutter
    /// finds. What is public stays so.
    ///
    /// # Errors
    /// [`StoreError::IdTaken`] where two items share an id, or an id belongs to another edition.
    async fn apply(&self, change: PageChange) -> Result<Applied, StoreError>;

    /// How often a page was applied or articles were released. A process that finds it moved knows that articles may have
    /// changed, whichever process changed them.
    async fn changes(&self) -> Result<i64, StoreError>;

    /// Keeps a problem of a page whose bytes could not be used, without touching its articles; one
    /// problem of each code. `false` where just this was noted before, so that a page which is
    /// looked at every minute is told of once.
    async fn note_problem(&self, key: &PageKey, problem: &Problem, now: DateTime<Utc>) -> Result<bool, StoreError>;

    /// Forgets what was noted of a page: its bytes are again those the articles were cut from.
    async fn forget_problems(&self, key: &PageKey) -> Result<(), StoreError>;

    /// The problems noted of all pages, the newest first.
    async fn noted_problems(&self, limit: u32) -> Result<Vec<NotedProblem>, StoreError>;

    /// The newest public articles, by `updated` downwards.
    async fn articles(&self, query: &ArticleQuery) -> Result<Vec<StoredArticle>, StoreError>;

    /// One article, withdrawn or held or neither.
    async fn article(&self, id: &ArticleId) -> Result<Option<StoredArticle>, StoreError>;

    /// The articles that are held back and stand on their page, of a source or of all: the newest
    /// edition first, by source, each in page order; at most `limit`.
    async fn held(&self, source: Option<&str>, limit: u32) -> Result<Vec<StoredArticle>, StoreError>;

    /// Makes held articles public, in one transaction. They arrive now, in the order in which they were
    /// stored, and `updated` moves to now as with a correction, so that they come to the top of their
    /// feeds; `published` stays. Those of a backlog are no news even so. Calling again changes nothing.
    async fn release(&self, ids: &[ArticleId], now: DateTime<Utc>) -> Result<Released, StoreError>;

    /// The texts an article had before its present one, the oldest first.
    async fn revisions(&self, id: &ArticleId) -> Result<Vec<Revision>, StoreError>;

    /// The newest editions, by date downwards, those of one date by source.
    async fn editions(&self, limit: u32) -> Result<Vec<EditionSummary>, StoreError>;

    /// The dates of a source's newest editions, downwards.
    async fn source_dates(&self, source: &str, limit: u32) -> Result<Vec<NaiveDate>, StoreError>;

    /// The articles that arrived after `after`, in the order of arrival, at most `limit` with the
    /// withdrawn ones; held ones have not arrived, and those of a backlog only where `backlog` asks for them. A reader goes on behind
    /// [`Arrivals::through`] until [`Arrivals::is_last`] says that it has read all.
    async fn arrivals(&self, after: i64, backlog: bool, limit: u32) -> Result<Arrivals, StoreError>;

    /// The articles that the webhook's digests passed over because they were withdrawn just then, and
    /// that are back, in the order of arrival.
    async fn missed(&self, webhook: &str, limit: u32) -> Result<Vec<StoredArticle>, StoreError>;

    /// The public articles of editions of these dates whose sketches share at least `shared` hashes with
    /// `sketch`, at most `limit` of those that share most. Sketches are kept for some weeks; an article is
    /// among those that are like itself.
    async fn alike(&self, sketch: &[u32], shared: u32, dates: &[NaiveDate], limit: u32) -> Result<Vec<StoredArticle>, StoreError>;

    /// Which of these articles stand in messages that were queued for the webhook at `since` or later.
    async fn told(&self, webhook: &str, articles: &[ArticleId], since: DateTime<Utc>) -> Result<Vec<ArticleId>, StoreError>;

    /// Counts a request of so many characters to a language model, unless it would exceed the day's bound.
    async fn ask_model(&self, account: &str, day: NaiveDate, characters: u64, bound: ModelBound) -> Result<ModelUse, StoreError>;

    /// The picture and the file of a page that comes from a site.
    async fn facsimile(&self, key: &PageKey) -> Result<Option<Facsimile>, StoreError>;

    /// What is kept of an answer of a site.
    async fn site_document(&self, source: &str, url: &str) -> Result<Option<KeptDocument>, StoreError>;

    /// Keeps an answer of a site in place of the one before.
    async fn keep_site_document(&self, source: &str, url: &str, document: &KeptDocument, now: DateTime<Utc>) -> Result<(), StoreError>;

    /// Forgets answers of sites that were kept before `before`, and PDFs, which are large, that were kept
    /// before `pdfs`; gives how many.
    async fn forget_site_documents(&self, before: DateTime<Utc>, pdfs: DateTime<Utc>) -> Result<u64, StoreError>;

    /// How a day of a site stood when it was last read.
    async fn site_day(&self, source: &str, date: NaiveDate) -> Result<Option<SiteDay>, StoreError>;

    /// The last days of a source's site, the newest first.
    async fn site_days(&self, source: &str, limit: u32) -> Result<Vec<SiteDay>, StoreError>;

    /// Keeps how a day of a site stands. Of a request for past days, whose bounds are `past`, it is kept
    /// that it has come so far; with the last of them it is done and forgotten.
    async fn set_site_day(&self, day: &SiteDay, past: Option<(NaiveDate, NaiveDate)>) -> Result<(), StoreError>;

    /// Up to which day a request for past days has come that was broken off.
    async fn past_days_read(&self, source: &str, past: (NaiveDate, NaiveDate)) -> Result<Option<NaiveDate>, StoreError>;

    /// What a source has asked of its site on a day.
    async fn site_spent(&self, source: &str, day: NaiveDate) -> Result<Spent, StoreError>;

    /// Adds to what a source has asked of its site on a day.
    async fn spend_on_site(&self, source: &str, day: NaiveDate, more: Spent) -> Result<(), StoreError>;

    /// Since when the source is known: since `now` where it is seen for the first time.
    async fn enrol_source(&self, source: &str, now: DateTime<Utc>) -> Result<SourceMark, StoreError>;

    /// Keeps that the source's backlog has been read: from now on all that it gives is news.
    async fn caught_up(&self, source: &str) -> Result<(), StoreError>;

    /// The webhook's mark. A webhook that is seen for the first time has its last slot at `now`, and
    /// begins where `beginning` says; for all others `beginning` means nothing.
    async fn enrol_webhook(&self, webhook: &str, beginning: Beginning, now: DateTime<Utc>) -> Result<WebhookMark, StoreError>;

    /// How every webhook stands that was ever enrolled, by name.
    async fn webhooks(&self) -> Result<Vec<WebhookStatus>, StoreError>;

    /// Whether the webhook's service takes messages, and whether it is to get any.
    async fn webhook_state(&self, webhook: &str) -> Result<WebhookState, StoreError>;

    /// Stops a webhook by hand, if it is not stopped: its mark stays, and what is pending stays so. `false`
    /// where the webhook was never enrolled.
    async fn stop_webhook(&self, webhook: &str, why: &str, now: DateTime<Utc>) -> Result<bool, StoreError>;

    /// Lets a webhook go on that was stopped, by whomever. What is pending gets at least until `expires`,
    /// and its bound of attempts begins anew. `false` where it was not stopped.
    async fn resume_webhook(&self, webhook: &str, expires: DateTime<Utc>) -> Result<bool, StoreError>;

    /// Queues a digest, its deliveries and the moved mark in one transaction. `false` where the slot was queued before or the mark has moved since: another
    /// process won. `false` too where the webhook was never enrolled, for it has no mark.
    async fn queue_digest(&self, digest: QueuedDigest) -> Result<bool, StoreError>;

    /// Queues a digest beside the schedule, which moves no mark: word of a problem. Its deliveries are due
    /// at `now`. `false` where there is a digest of that id, or the webhook was never enrolled.
    async fn queue_notice(
        &self,
        digest: &Digest,
        messages: &[Message],
        expires: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;

    /// A digest as it was composed; `None` where it is unknown or of an older newsboy.
    async fn digest(&self, id: &DigestId) -> Result<Option<Digest>, StoreError>;

    /// Leases the webhook's next due message until `lease_until` and counts the attempt, so that
    /// an attempt whose process died before it told the outcome is seen in the ledger. Of several
    /// due messages the one of the oldest slot comes first.
    ///
    /// A later part of a digest is not due before the parts ahead of it were delivered; one that
    /// died holds back none. A message is due when its next attempt is, or when it expires if that
    /// comes first: an expired message is handed out too, so that its holder records it as dead.
    /// A leased message is due again when its lease runs out, not earlier. Nothing of a webhook that is
    /// stopped is due.
    async fn claim(&self, webhook: &str, now: DateTime<Utc>, lease_until: DateTime<Utc>) -> Result<Option<DueDelivery>, StoreError>;

    /// When the webhook's next message is due; `None` where nothing is pending. A claim at that
    /// instant or later gets a message, one before it none, unless another claim came first.
    async fn next_due(&self, webhook: &str) -> Result<Option<DateTime<Utc>>, StoreError>;

    /// Writes an attempt into the ledger and moves the delivery on, which ends the lease.
    ///
    /// A message that was delivered ends the time in which the webhook fails; one that is to be tried again
    /// begins it.
    ///
    /// If the lease ran out meanwhile and another attempt was begun, that one decides: of this one
    /// only [`NextStep::Delivered`] still counts. A message that was delivered stays delivered.
    ///
    /// # Errors
    /// [`StoreError::UnknownDelivery`] where there is no such delivery.
    async fn record(&self, id: &DeliveryId, attempt: &Attempt, next: NextStep) -> Result<(), StoreError>;

    /// Writes an attempt into the ledger and puts other messages in the delivery's place, due at once, in one
    /// transaction: their parts follow its own, and those of later messages are counted on. It is replaced
    /// by them, unless it was delivered meanwhile or another attempt was begun; then only the attempt is
    /// written.
    ///
    /// # Errors
    /// [`StoreError::UnknownDelivery`] where there is no such delivery.
    async fn replace(&self, id: &DeliveryId, attempt: &Attempt, messages: &[Message]) -> Result<(), StoreError>;

    /// The ledger, the newest first.
    async fn deliveries(&self, query: &DeliveryQuery) -> Result<Vec<Delivery>, StoreError>;

    /// One delivery.
    async fn delivery(&self, id: &DeliveryId) -> Result<Option<Delivery>, StoreError>;

    /// Makes a dead or delivered message pending again, due at `now`; one that is pending becomes
    /// due at `now`, unless it is leased, when it is due at the end of the lease. Its attempts are
    /// numbered on; their bound begins anew (`earlier`). A webhook that its service has stopped goes on. `false` where there is no such delivery.
    async fn redeliver(&self, id: &DeliveryId, now: DateTime<Utc>, expires: DateTime<Utc>) -> Result<bool, StoreError>;

    /// Forgets digests that were queued before `before`, with their deliveries and attempts: at most
    /// `limit` and the oldest first. One of which a message is pending, or was tried at `before` or
    /// later, is kept whole, and the webhooks' marks stay, so that no slot is composed again. Gives how
    /// many were forgotten.
    async fn prune(&self, before: DateTime<Utc>, limit: u32) -> Result<u32, StoreError>;

    /// Makes the pending messages of all webhooks but `webhooks` dead, with `why` as the result of an
    /// attempt at `now`. One that is leased is left to its holder. Gives the webhooks by name.
    async fn give_up_others(&self, webhooks: &[String], why: &str, now: DateTime<Utc>) -> Result<Vec<GivenUp>, StoreError>;

    /// Looks for articles in the full-text index, which holds just the public ones.
    async fn search(&self, request: &SearchRequest) -> Result<Found, StoreError>;

    /// The sections of a source, those with the most articles first.
    async fn sections(&self, source: &str) -> Result<Vec<Facet>, StoreError>;

    /// The pages of a source's editions, in reading order.
    async fn page_labels(&self, source: &str) -> Result<Vec<Facet>, StoreError>;

    /// How all editions of these sources stand, the oldest first, those of one date by source.
    async fn edition_marks(&self, sources: &[String]) -> Result<Vec<EditionMark>, StoreError>;

    /// Takes a subscriber's wish, to be verified; it takes the place of an earlier one of the same
    /// callback for the same topic. Where the topic has as many subscribers as `limits` lets it have,
    /// the callback is told so instead.
    async fn take_wish(&self, wish: &HubWish, limits: HubLimits) -> Result<WishTaken, StoreError>;

    /// Queues an update for every subscriber of a topic whose version has moved, and a message to
    /// another hub where there is one, in one transaction with the version: of several processes one
    /// does. Gives how many were queued.
    async fn announce(
        &self,
        topic: &str,
        version: &str,
        other_hub: Option<&str>,
        expires: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError>;

    /// Leases the hub's next due task until `lease_until` and counts the attempt. Updates for who is
    /// no longer subscribed are dropped.
    async fn claim_hub_task(&self, now: DateTime<Utc>, lease_until: DateTime<Utc>) -> Result<Option<DueHubTask>, StoreError>;

    /// When the hub's next task is due.
    async fn next_hub_task(&self) -> Result<Option<DateTime<Utc>>, StoreError>;

    /// Keeps what came of a task. What a later wish or announcement has taken the place of stays.
    async fn finish_hub_task(&self, task: &DueHubTask, step: HubStep, now: DateTime<Utc>) -> Result<(), StoreError>;

    /// Ends the subscriptions of all topics but `topics`; each subscriber is told `reason`. Gives how
    /// many there were.
    async fn keep_topics(&self, topics: &[String], reason: &str, expires: DateTime<Utc>, now: DateTime<Utc>) -> Result<u64, StoreError>;

    /// Ends the connections after the work under way; every later call fails. Without it nothing is lost.
    async fn close(&self);
}

/// A store that several tasks share.
pub type SharedStore = Arc<dyn Store>;

/// Opens the store that `[store] url` names, makes it and its folder where there is none, and brings its
/// schema up to date. `sqlite:PATH` is a file, a relative path being relative to `base`.
///
/// # Errors
/// [`StoreError::Url`] for an address of another form, [`StoreError::Open`] where the database
/// cannot be used: a folder in the file's place, a file that is no database, one of another program
/// or of a newer newsboy, one that cannot be written.
pub async fn open(url: &str, base: &Path) -> Result<SharedStore, StoreError> {
    Ok(Arc::new(sqlite::SqliteStore::open(url, base).await?))
}
