//! Webhooks' marks, and the queueing of digests.

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::errors::failed;
use super::{Beginning, QueuedDigest, SqliteStore, StoreError, WebhookMark, WebhookStatus, rows};
use crate::model::{DeliveryId, DeliveryState};

/// The last arrival that was handed out.
pub(super) async fn last_arrival(tx: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("SELECT value FROM counters WHERE name = 'arrival'").fetch_one(tx).await
}

fn mark(row: &SqliteRow) -> Result<WebhookMark, StoreError> {
    Ok(WebhookMark { arrival: rows::get(row, "arrival")?, slot: rows::millis(row, "slot")? })
}

pub(super) async fn enrol_webhook(
    store: &SqliteStore,
    webhook: &str,
    beginning: Beginning,
    now: DateTime<Utc>,
) -> Result<WebhookMark, StoreError> {
    const DOING: &str = "read a webhook's mark";
    const MARK: &str = "SELECT arrival, slot FROM webhooks WHERE name = ?";
    // The usual case; it needs no write lock.
    if let Some(row) = sqlx::query(MARK).bind(webhook).fetch_optional(&store.readers).await.map_err(failed(DOING))? {
        return mark(&row);
    }
    let mut tx = store.write(DOING).await?;
    let arrival = match beginning {
        Beginning::Now => last_arrival(&mut tx).await.map_err(failed(DOING))?,
        Beginning::Backfill => 0,
    };
    sqlx::query("INSERT INTO webhooks (name, arrival, slot) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING")
        .bind(webhook)
        .bind(arrival)
        .bind(now.timestamp_millis())
        .execute(&mut *tx)
        .await
        .map_err(failed(DOING))?;
    let row = sqlx::query(MARK).bind(webhook).fetch_one(&mut *tx).await.map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))?;
    mark(&row)
}

pub(super) async fn webhooks(store: &SqliteStore) -> Result<Vec<WebhookStatus>, StoreError> {
    const DOING: &str = "read how the webhooks stand";
    let mut tx = store.read(DOING).await?;
    let found = sqlx::query(
        "SELECT name, arrival, slot,
             (SELECT COUNT(*) FROM deliveries d WHERE d.webhook = w.name AND d.state = 'pending') AS pending,
             (SELECT COUNT(*) FROM deliveries d WHERE d.webhook = w.name AND d.state = 'dead') AS dead,
             (SELECT MAX(a.at) FROM deliveries d JOIN attempts a ON a.delivery = d.id AND a.number = d.attempts
              WHERE d.webhook = w.name AND d.state = 'delivered') AS delivered
         FROM webhooks w ORDER BY name",
    )
    .fetch_all(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    let mut webhooks = Vec::with_capacity(found.len());
    for row in &found {
        let webhook: String = rows::get(row, "name")?;
        let next_due = super::deliveries::earliest_due(&mut tx, &webhook).await.map_err(failed(DOING))?;
        webhooks.push(WebhookStatus {
            mark: mark(row)?,
            pending: rows::get(row, "pending")?,
            dead: rows::get(row, "dead")?,
            next_due: next_due.map(|millis| rows::instant("due", millis)).transpose()?,
            delivered: rows::optional_millis(row, "delivered")?,
            webhook,
        });
    }
    tx.commit().await.map_err(failed(DOING))?;
    Ok(webhooks)
}

pub(super) async fn queue_digest(store: &SqliteStore, queued: QueuedDigest) -> Result<bool, StoreError> {
    const DOING: &str = "queued a digest";
    let QueuedDigest { digest, messages, seen, through, passed_over, caught, expires, now } = queued;
    let mut tx = store.write(DOING).await?;
    let moved = sqlx::query("UPDATE webhooks SET arrival = ?, slot = ? WHERE name = ? AND arrival = ? AND slot = ?")
        .bind(through)
        .bind(digest.slot.timestamp_millis())
        .bind(&digest.webhook)
        .bind(seen.arrival)
        .bind(seen.slot.timestamp_millis())
        .execute(&mut *tx)
        .await
        .map_err(failed(DOING))?;
    if moved.rows_affected() == 0 {
        return Ok(false);
    }
    let inserted =
        sqlx::query("INSERT INTO digests (id, webhook, slot, title, through, queued) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(digest.id.as_str())
            .bind(&digest.webhook)
            .bind(digest.slot.timestamp_millis())
            .bind(&digest.title)
            .bind(through)
            .bind(now.timestamp_millis())
            .execute(&mut *tx)
            .await
            .map_err(failed(DOING))?;
    if inserted.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("DELETE FROM missed WHERE webhook = ? AND article IN (SELECT value FROM json_each(?))")
        .bind(&digest.webhook)
        .bind(rows::json("articles", &caught)?)
        .execute(&mut *tx)
        .await
        .map_err(failed(DOING))?;
    sqlx::query("INSERT INTO missed (webhook, article, passed) SELECT ?1, value, ?2 FROM json_each(?3) WHERE TRUE ON CONFLICT DO NOTHING")
        .bind(&digest.webhook)
        .bind(now.timestamp_millis())
        .bind(rows::json("articles", &passed_over)?)
        .execute(&mut *tx)
        .await
        .map_err(failed(DOING))?;
    let parts = i64::try_from(messages.len()).unwrap_or(i64::MAX);
    for (message, part) in messages.iter().zip(1_i64..) {
        let id = DeliveryId::assign(&[digest.id.as_str().as_bytes(), &part.to_be_bytes()]);
        sqlx::query(
            "INSERT INTO deliveries (id, digest, webhook, slot, part, parts, state, next_attempt, expires, queued, attempts, articles, body)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
        )
        .bind(id.as_str())
        .bind(digest.id.as_str())
        .bind(&digest.webhook)
        .bind(digest.slot.timestamp_millis())
        .bind(part)
        .bind(parts)
        .bind(DeliveryState::Pending.as_str())
        .bind(now.timestamp_millis())
        .bind(expires.timestamp_millis())
        .bind(now.timestamp_millis())
        .bind(rows::json("articles", &message.articles)?)
        .bind(&message.body)
        .execute(&mut *tx)
        .await
        .map_err(failed(DOING))?;
    }
    tx.commit().await.map_err(failed(DOING))?;
    Ok(true)
}
