//! Composing: what arrived since a webhook's last slot becomes a digest and its deliveries.
//!
//! What a digest covers is decided by the order of arrival alone: everything above the webhook's
//! mark. Digest, deliveries and the moved mark are one transaction of the store, so a crash leaves
//! either the old mark or the new one with its deliveries, and of several processes one wins. A
//! correction does not move its article's arrival and is not news again.

use chrono::{DateTime, Duration, SubsecRound, Utc};

use crate::alert;
use crate::digest::schedule::Trigger;
use crate::digest::{Brief, Candidate, Paper, Selection};
use crate::jobs::deliver::Trouble;
use crate::jobs::one_story::tell_once;
use crate::jobs::write_summaries::write_summaries;
use crate::llm;
use crate::model::{ArticleId, Digest, DigestId, Message, StoredArticle};
use crate::store::{Beginning, QueuedDigest, Store, StoreError, WebhookMark};
use crate::summary;
use crate::webhook::{WebhookConfig, WhenEmpty, encode};

/// Articles that are read from the store at once. A webhook that asks for the backlog of an archive gets
/// its digest from hundreds of thousands of them.
const PIECE: u32 = 500;

/// Digits of a second that the store keeps.
const MILLISECONDS: u16 = 3;

/// What the digests of a webhook are drawn from.
#[derive(Clone, Copy)]
pub struct Coverage<'a> {
    /// The papers of the webhook's feeds, in the order in which they are shown.
    pub papers: &'a [Paper],
    /// Whether one of the webhook's feeds takes an article.
    pub selects: &'a (dyn Fn(&StoredArticle) -> bool + Sync),
    /// The address under which newsboy is reached.
    pub public_url: &'a str,
    /// What is made of the articles that it takes.
    pub editing: Editing<'a>,
}

/// How articles become items of a digest.
#[derive(Debug, Clone, Copy)]
pub struct Editing<'a> {
    /// The words that are watched for.
    pub watch: Option<&'a alert::Config>,
    /// Which sentences of an article are its summary.
    pub summary: summary::Kind,
    /// The language model that writes summaries instead.
    pub llm: Option<&'a llm::Config>,
    /// Whether a story that several articles tell is one item.
    pub tell_once: bool,
}

impl Default for Editing<'_> {
    fn default() -> Self {
        Self { watch: None, summary: summary::Kind::Gist, llm: None, tell_once: true }
    }
}

/// What became of a webhook's slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Composed {
    /// No slot has come since the last one that was composed, or it comes in quiet hours.
    NothingDue,
    /// A slot was missed by more than the webhook makes up for. What it would have told is in the next
    /// one.
    TooLate {
        /// That slot.
        slot: DateTime<Utc>,
    },
    /// The last slot that was composed lies in the future, because the clock was put back. Nothing
    /// is composed until it is past: a slot is never composed twice.
    ClockBehind {
        /// That slot.
        slot: DateTime<Utc>,
    },
    /// A digest was queued.
    Queued {
        /// The slot that it belongs to.
        slot: DateTime<Utc>,
        /// How many items it has.
        items: usize,
        /// How many more there were.
        left_out: usize,
        /// In how many messages it goes out.
        messages: usize,
        /// What a person should hear of its making.
        trouble: Option<Trouble>,
    },
    /// There was nothing for the webhook; the mark has moved all the same, so that what arrived
    /// for other feeds is not looked at again.
    NoNews {
        /// The slot.
        slot: DateTime<Utc>,
    },
    /// The webhook is stopped, by a person or by its service; its mark stays where it is.
    Stopped,
    /// Another process composed the slot.
    Overtaken {
        /// The slot.
        slot: DateTime<Utc>,
    },
}

/// Makes the webhook known where it is new: from now on, what arrives is news to it.
///
/// # Errors
///
/// The store failed.
pub async fn enrol(store: &dyn Store, webhook: &WebhookConfig, now: DateTime<Utc>) -> Result<WebhookMark, StoreError> {
    let beginning = if webhook.backfill { Beginning::Backfill } else { Beginning::Now };
    store.enrol_webhook(&webhook.name, beginning, now).await
}

/// Composes the webhook's digest where a slot has come since the last one, or where articles have
/// arrived and that is what it waits for.
///
/// Nothing is composed in quiet hours, so that what arrives until their end is in the digest as well.
///
/// Slots that were missed become one digest, that of the last one, and it covers all that arrived
/// in between. A webhook that is seen for the first time is enrolled at `now`, and its first digest
/// covers what arrives from then on.
///
/// # Errors
///
/// The store failed; nothing has changed, and calling again is right.
pub async fn compose_due(
    store: &dyn Store,
    webhook: &WebhookConfig,
    coverage: Coverage<'_>,
    now: DateTime<Utc>,
) -> Result<Composed, StoreError> {
    let mark = enrol(store, webhook, now).await?;
    if store.webhook_state(&webhook.name).await?.stop.is_some() {
        return Ok(Composed::Stopped);
    }
    let slot = match webhook.timing.trigger() {
        _ if webhook.timing.quiet_until(now).is_some() => return Ok(Composed::NothingDue),
        Trigger::Cron(_) if mark.slot > now => return Ok(Composed::ClockBehind { slot: mark.slot }),
        Trigger::Cron(_) => match webhook.timing.last_at_or_before(now).filter(|slot| *slot > mark.slot) {
            None => return Ok(Composed::NothingDue),
            Some(slot) if webhook.catch_up.is_some_and(|most| now - slot > most) => return Ok(Composed::TooLate { slot }),
            Some(slot) => slot,
        },
        // What a digest covers is decided by the mark alone, so a clock that was put back is no matter.
        Trigger::Arrival { .. } => now.trunc_subsecs(MILLISECONDS).max(mark.slot + Duration::milliseconds(1)),
    };

    let Gathered { mut selection, through, passed_over, caught } = gather(store, webhook, coverage, mark.arrival, slot).await?;
    if webhook.timing.batch().is_some() && through == mark.arrival && caught.is_empty() {
        return Ok(Composed::NothingDue);
    }
    if coverage.editing.tell_once {
        tell_once(store, &webhook.name, coverage.selects, &mut selection, now).await?;
    }
    let (digest, messages, trouble) = draw_up(store, webhook, coverage.editing, selection, now).await?;
    let (items, left_out, parts) = (digest.items.len(), digest.left_out, messages.len());

    let due = now.max(slot + share(&digest.id, webhook.spread(slot)));
    let expires = due + webhook.retry.expires;
    let queued = QueuedDigest { digest, messages, seen: mark, through, passed_over, caught, due, expires, now };
    if !store.queue_digest(queued).await? {
        tracing::debug!(webhook = webhook.name, %slot, "another process composed the digest");
        return Ok(Composed::Overtaken { slot });
    }
    Ok(match parts {
        0 => {
            // A webhook with a slot every minute would fill the log with nothing.
            tracing::debug!(webhook = webhook.name, %slot, "no news");
            Composed::NoNews { slot }
        }
        messages => {
            tracing::info!(webhook = webhook.name, %slot, items, left_out, messages, "digest composed");
            Composed::Queued { slot, items, left_out, messages, trouble }
        }
    })
}

/// A share of a length of time, from a tenth to the whole, that is the same for a digest whoever composes it.
fn share(digest: &DigestId, of: Duration) -> Duration {
    // FNV-1a, which spreads ids that differ little.
    let hash =
        digest.as_str().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let tenths = 0.1 + 0.9 * (hash >> 11) as f64 / (1_u64 << 53) as f64;
    Duration::milliseconds((of.num_milliseconds() as f64 * tenths) as i64)
}

/// A selection without articles for the webhook's digest of a slot.
pub fn begin<'a>(webhook: &'a WebhookConfig, coverage: Coverage<'a>, slot: DateTime<Utc>) -> Selection<'a> {
    Selection::new(Brief {
        webhook: &webhook.name,
        slot,
        zone: webhook.timing.zone(),
        papers: coverage.papers,
        public_url: coverage.public_url,
        limit: webhook.limit,
        language: webhook.language,
    })
}

/// What there is for a webhook's next digest.
#[derive(Debug)]
pub struct Gathered<'a> {
    /// The articles that its feeds take.
    pub selection: Selection<'a>,
    /// The last arrival that was looked at.
    pub through: i64,
    /// Articles that were passed over because they are withdrawn.
    pub passed_over: Vec<ArticleId>,
    /// Articles that an earlier digest passed over, and that are back.
    pub caught: Vec<ArticleId>,
}

/// Gathers what arrived after `after` for the webhook, piece by piece, and what is back of that which
/// it missed.
///
/// # Errors
///
/// The store failed.
pub async fn gather<'a>(
    store: &dyn Store,
    webhook: &'a WebhookConfig,
    coverage: Coverage<'a>,
    mut after: i64,
    slot: DateTime<Utc>,
) -> Result<Gathered<'a>, StoreError> {
    let mut selection = begin(webhook, coverage, slot);
    let back = store.missed(&webhook.name, PIECE).await?;
    let caught = back.iter().map(|article| article.id.clone()).collect();
    selection.add(back.into_iter().filter_map(|article| candidate(webhook, coverage, article)));
    let mut passed_over = Vec::new();
    loop {
        let piece = store.arrivals(after, webhook.backfill, PIECE).await?;
        selection.add(piece.articles.into_iter().filter_map(|article| candidate(webhook, coverage, article)));
        passed_over.extend(piece.withdrawn);
        after = piece.through;
        if piece.is_last {
            return Ok(Gathered { selection, through: after, passed_over, caught });
        }
    }
}

/// An article as it may come into a digest of the webhook; `None` where its feeds do not take it, or
/// where none of the watched words stands in it and that is asked for.
pub fn candidate(webhook: &WebhookConfig, coverage: Coverage<'_>, article: StoredArticle) -> Option<Candidate> {
    if !(coverage.selects)(&article) {
        return None;
    }
    let mut candidate = Candidate::from(article);
    if let Some(watch) = coverage.editing.watch {
        candidate.heard = watch.list.hear(&candidate.article.article, webhook.summary_chars);
        if watch.only && candidate.heard.is_empty() {
            return None;
        }
    }
    Some(candidate)
}

/// The digest of a slot and its messages, which are not queued: also what a person sees who asks what would
/// go out. There are no messages where there is no news and the webhook wants to be left alone then. What
/// a language model is asked is counted in the store; where it may be asked no more today, the trouble says
/// so once a day.
///
/// # Errors
///
/// The store failed. A language model that fails is no error: the digest has other summaries then.
pub async fn draw_up(
    store: &dyn Store,
    webhook: &WebhookConfig,
    editing: Editing<'_>,
    selection: Selection<'_>,
    now: DateTime<Utc>,
) -> Result<(Digest, Vec<Message>, Option<Trouble>), StoreError> {
    let silent = selection.is_empty() && (webhook.when_empty == WhenEmpty::Skip || webhook.timing.batch().is_some());
    let mut digest = selection.compose(&|article| editing.summary.of(article, webhook.summary_chars));
    let mut trouble = None;
    if let Some(llm) = editing.llm {
        trouble = write_summaries(store, llm, webhook.summary_chars, &mut digest, now).await?;
    }
    let messages = if silent { Vec::new() } else { encode(webhook, &digest) };
    Ok((digest, messages, trouble))
}

/// When it is to be looked again for something due: at the end of the quiet hours, or at the next slot.
/// `None` where the schedule has ended, and where articles are waited for.
pub fn next_wake(webhook: &WebhookConfig, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    webhook.timing.quiet_until(now).or_else(|| webhook.timing.next_after(now))
}

#[cfg(test)]
mod tests;
