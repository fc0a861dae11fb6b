//! What becomes of the ledger in the long run: old digests are forgotten, and messages that nobody will
//! send are given up.

use chrono::{DateTime, Utc};

use super::errors::failed;
use super::{GivenUp, SqliteStore, StoreError, rows};
use crate::model::DeliveryState;

/// Digests without a message that waits or was tried at `?1` or later.
pub(super) const OLD_DIGESTS: &str = "SELECT id FROM digests d WHERE queued < ?1 AND NOT EXISTS (
         SELECT 1 FROM deliveries v WHERE v.digest = d.id AND (
             v.state = 'pending' OR EXISTS (SELECT 1 FROM attempts a WHERE a.delivery = v.id AND a.at >= ?1)))
     ORDER BY queued LIMIT ?2";

pub(super) async fn prune(store: &SqliteStore, before: DateTime<Utc>, limit: u32) -> Result<u32, StoreError> {
    const DOING: &str = "forgot old digests";
    let mut tx = store.write(DOING).await?;
    let old: Vec<String> =
        sqlx::query_scalar(OLD_DIGESTS).bind(before.timestamp_millis()).bind(limit).fetch_all(&mut *tx).await.map_err(failed(DOING))?;
    let ids = rows::json("digests", &old)?;
    for sql in [
        "DELETE FROM attempts WHERE delivery IN (SELECT id FROM deliveries WHERE digest IN (SELECT value FROM json_each(?)))",
        "DELETE FROM deliveries WHERE digest IN (SELECT value FROM json_each(?))",
        "DELETE FROM digests WHERE id IN (SELECT value FROM json_each(?))",
    ] {
        sqlx::query(sql).bind(&ids).execute(&mut *tx).await.map_err(failed(DOING))?;
    }
    sqlx::query("DELETE FROM missed WHERE passed < ?").bind(before.timestamp_millis()).execute(&mut *tx).await.map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))?;
    Ok(u32::try_from(old.len()).unwrap_or(u32::MAX))
}

pub(super) async fn give_up_others(
    store: &SqliteStore,
    webhooks: &[String],
    why: &str,
    now: DateTime<Utc>,
) -> Result<Vec<GivenUp>, StoreError> {
    const DOING: &str = "gave up the messages of webhooks that are no more";
    let names = rows::json("webhooks", webhooks)?;
    let mut tx = store.write(DOING).await?;
    // What somebody still holds is left to him.
    sqlx::query(
        "INSERT INTO attempts (delivery, number, at, result, status, answer)
         SELECT id, attempts + 1, ?2, ?3, NULL, '' FROM deliveries
         WHERE state = 'pending' AND COALESCE(leased_until, 0) <= ?2 AND webhook NOT IN (SELECT value FROM json_each(?1))",
    )
    .bind(&names)
    .bind(now.timestamp_millis())
    .bind(why)
    .execute(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    let given_up: Vec<String> = sqlx::query_scalar(
        "UPDATE deliveries SET state = ?3, attempts = attempts + 1, leased_until = NULL
         WHERE state = 'pending' AND COALESCE(leased_until, 0) <= ?2 AND webhook NOT IN (SELECT value FROM json_each(?1))
         RETURNING webhook",
    )
    .bind(&names)
    .bind(now.timestamp_millis())
    .bind(DeliveryState::Dead.as_str())
    .fetch_all(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))?;
    let mut counted: Vec<GivenUp> = Vec::new();
    for webhook in given_up {
        match counted.iter_mut().find(|known| known.webhook == webhook) {
            Some(known) => known.messages += 1,
            None => counted.push(GivenUp { webhook, messages: 1 }),
        }
    }
    counted.sort_by(|a, b| a.webhook.cmp(&b.webhook));
    Ok(counted)
}
