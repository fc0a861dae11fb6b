//! Keeping the ledger: what was delivered or given up long ago is forgotten, and what nobody will send
//! is given up.

use chrono::{DateTime, Duration, Utc};

use crate::store::{GivenUp, Store, StoreError};

/// Digests that are forgotten at once, so that no transaction holds up a page for long.
const PIECE: u32 = 500;

/// Forgets the digests whose messages were delivered or given up longer ago than `keep`, with their
/// messages and attempts; gives how many. What waits to be sent and the webhooks' marks stay.
///
/// # Errors
///
/// The store failed; what was forgotten until then stays so, and calling again is right.
pub async fn forget_old(store: &dyn Store, keep: Duration, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let Some(before) = now.checked_sub_signed(keep) else { return Ok(0) };
    let mut forgotten = 0;
    loop {
        let piece = store.prune(before, PIECE).await?;
        forgotten += u64::from(piece);
        if piece < PIECE {
            return Ok(forgotten);
        }
    }
}

/// How long answers of sites are kept that did not change. What an issue was is in the store; they serve
/// only to ask for what has changed.
const KEEP_DOCUMENTS: Duration = Duration::days(60);

/// How long PDFs of pages without text are kept that did not change: they are a hundred times as large as
/// the rest of an issue, which stands still after a few days.
const KEEP_PDFS: Duration = Duration::days(7);

/// Forgets answers of sites that were kept long ago; gives how many.
///
/// # Errors
///
/// The store failed; nothing has changed.
pub async fn forget_documents(store: &dyn Store, now: DateTime<Utc>) -> Result<u64, StoreError> {
    match now.checked_sub_signed(KEEP_DOCUMENTS).zip(now.checked_sub_signed(KEEP_PDFS)) {
        Some((before, pdfs)) => store.forget_site_documents(before, pdfs).await,
        None => Ok(0),
    }
}

/// Gives up the messages that wait for webhooks which are not among `configured`: nobody would ever send
/// them.
///
/// # Errors
///
/// The store failed; nothing has changed.
pub async fn give_up_others(store: &dyn Store, configured: &[String], now: DateTime<Utc>) -> Result<Vec<GivenUp>, StoreError> {
    store.give_up_others(configured, "given up: the configuration no longer has its webhook", now).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::jobs::testing::{Desk, at};
    use crate::model::{Digest, DigestId};
    use crate::store::{Beginning, QueuedDigest};

    #[tokio::test]
    async fn more_old_digests_than_a_piece_are_all_forgotten_and_the_mark_stays() {
        let desk = Desk::new();
        let store = desk.open().await;
        let start = at("2026-01-01T00:00:00Z");
        let mut mark = store.enrol_webhook("desk", Beginning::Now, start).await.unwrap();
        for _ in 0..PIECE + 20 {
            let slot = mark.slot + Duration::minutes(1);
            let digest = Digest::bare(DigestId::assign(&[slot.to_rfc3339().as_bytes()]), "desk", slot, "", "");
            let queued = QueuedDigest {
                digest,
                messages: Vec::new(),
                seen: mark,
                through: mark.arrival,
                passed_over: Vec::new(),
                caught: Vec::new(),
                due: slot,
                expires: slot,
                now: slot,
            };
            assert!(store.queue_digest(queued).await.unwrap());
            mark.slot = slot;
        }
        let now = mark.slot + Duration::days(90);
        // The last one is not older than ninety days.
        assert_eq!(forget_old(&*store, Duration::days(90), now).await.unwrap(), u64::from(PIECE) + 19);
        assert_eq!(forget_old(&*store, Duration::days(90), now).await.unwrap(), 0);
        assert_eq!(forget_old(&*store, Duration::MAX, now).await.unwrap(), 0);
        assert_eq!(store.enrol_webhook("desk", Beginning::Now, now).await.unwrap(), mark);
    }
}
