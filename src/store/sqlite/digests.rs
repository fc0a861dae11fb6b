//! Webhooks' marks, and the queueing of digests.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::errors::failed;
use super::group::Entry;
use super::{Beginning, QueuedDigest, SqliteStore, Stop, StoppedBy, StoreError, WebhookMark, WebhookState, WebhookStatus, rows};
use crate::model::{DeliveryId, DeliveryState, Digest, DigestId, Message};

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
        "SELECT name, arrival, slot, failing_since, stopped, stopped_why, stopped_by,
             (SELECT COUNT(*) FROM deliveries d WHERE d.webhook = w.name AND d.state = 'pending') AS pending,
             (SELECT COUNT(*) FROM deliveries d WHERE d.webhook = w.name AND d.state = 'dead') AS dead,
             (SELECT COUNT(*) FROM deliveries d WHERE d.webhook = w.name AND d.state = 'delivered') AS sent,
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
            sent: rows::get(row, "sent")?,
            next_due: next_due.map(|millis| rows::instant("due", millis)).transpose()?,
            delivered: rows::optional_millis(row, "delivered")?,
            state: state(row)?,
            webhook,
        });
    }
    tx.commit().await.map_err(failed(DOING))?;
    Ok(webhooks)
}

pub(super) async fn queue_digest(store: &SqliteStore, queued: QueuedDigest) -> Result<bool, StoreError> {
    store.group.enter(queued).await
}

#[async_trait]
impl Entry for QueuedDigest {
    const DOING: &'static str = "queued a digest";
    type Answer = bool;

    async fn write(&self, tx: &mut SqliteConnection) -> Result<bool, StoreError> {
        let Self { digest, messages, seen, through, passed_over, caught, due, expires, now } = self;
        let stands: Option<i64> = sqlx::query_scalar("SELECT 1 FROM webhooks WHERE name = ? AND arrival = ? AND slot = ?")
            .bind(&digest.webhook)
            .bind(seen.arrival)
            .bind(seen.slot.timestamp_millis())
            .fetch_optional(&mut *tx)
            .await
            .map_err(failed(Self::DOING))?;
        if stands.is_none() || !insert_digest(tx, digest, *through, *now).await? {
            return Ok(false);
        }
        sqlx::query("UPDATE webhooks SET arrival = ?, slot = ? WHERE name = ?")
            .bind(through)
            .bind(digest.slot.timestamp_millis())
            .bind(&digest.webhook)
            .execute(&mut *tx)
            .await
            .map_err(failed(Self::DOING))?;
        sqlx::query("DELETE FROM missed WHERE webhook = ? AND article IN (SELECT value FROM json_each(?))")
            .bind(&digest.webhook)
            .bind(rows::json("articles", caught)?)
            .execute(&mut *tx)
            .await
            .map_err(failed(Self::DOING))?;
        sqlx::query(
            "INSERT INTO missed (webhook, article, passed) SELECT ?1, value, ?2 FROM json_each(?3) WHERE TRUE ON CONFLICT DO NOTHING",
        )
        .bind(&digest.webhook)
        .bind(now.timestamp_millis())
        .bind(rows::json("articles", passed_over)?)
        .execute(&mut *tx)
        .await
        .map_err(failed(Self::DOING))?;
        insert_deliveries(tx, digest, messages, *due, *expires, *now).await?;
        Ok(true)
    }
}

pub(super) async fn queue_notice(
    store: &SqliteStore,
    digest: &Digest,
    messages: &[Message],
    expires: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const DOING: &str = "queued word of a problem";
    let mut tx = store.write(DOING).await?;
    let known: Option<i64> = sqlx::query_scalar("SELECT arrival FROM webhooks WHERE name = ?")
        .bind(&digest.webhook)
        .fetch_optional(&mut *tx)
        .await
        .map_err(failed(DOING))?;
    let told: Option<i64> = sqlx::query_scalar("SELECT 1 FROM digests WHERE id = ?")
        .bind(digest.id.as_str())
        .fetch_optional(&mut *tx)
        .await
        .map_err(failed(DOING))?;
    let Some(through) = known.filter(|_| told.is_none()) else { return Ok(false) };
    // A webhook has one digest a slot, so a notice takes the next moment that is free.
    let mut digest = digest.clone();
    while !insert_digest(&mut tx, &digest, through, now).await? {
        digest.slot += chrono::Duration::milliseconds(1);
    }
    insert_deliveries(&mut tx, &digest, messages, now, expires, now).await?;
    tx.commit().await.map_err(failed(DOING))?;
    Ok(true)
}

/// `false` where there is one of that id, or one of that slot for its webhook.
async fn insert_digest(tx: &mut SqliteConnection, digest: &Digest, through: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let inserted = sqlx::query(
        "INSERT INTO digests (id, webhook, slot, title, through, queued, content) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(digest.id.as_str())
    .bind(&digest.webhook)
    .bind(digest.slot.timestamp_millis())
    .bind(&digest.title)
    .bind(through)
    .bind(now.timestamp_millis())
    .bind(rows::json("digest", digest)?)
    .execute(tx)
    .await
    .map_err(failed("queued a digest"))?;
    Ok(inserted.rows_affected() > 0)
}

async fn insert_deliveries(
    tx: &mut SqliteConnection,
    digest: &Digest,
    messages: &[Message],
    due: DateTime<Utc>,
    expires: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let parts = i64::try_from(messages.len()).unwrap_or(i64::MAX);
    for (message, part) in messages.iter().zip(1_i64..) {
        let id = DeliveryId::assign(&[digest.id.as_str().as_bytes(), &part.to_be_bytes()]);
        sqlx::query(
            "INSERT INTO deliveries
                 (id, digest, webhook, slot, part, parts, state, next_attempt, expires, queued, attempts, articles, body, label)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)",
        )
        .bind(id.as_str())
        .bind(digest.id.as_str())
        .bind(&digest.webhook)
        .bind(digest.slot.timestamp_millis())
        .bind(part)
        .bind(parts)
        .bind(DeliveryState::Pending.as_str())
        .bind(due.timestamp_millis())
        .bind(expires.timestamp_millis())
        .bind(now.timestamp_millis())
        .bind(rows::json("articles", &message.articles)?)
        .bind(&message.body)
        .bind(&message.label)
        .execute(&mut *tx)
        .await
        .map_err(failed("queued a digest"))?;
    }
    Ok(())
}

pub(super) async fn digest(store: &SqliteStore, id: &DigestId) -> Result<Option<Digest>, StoreError> {
    let row = sqlx::query("SELECT content FROM digests WHERE id = ? AND content IS NOT NULL")
        .bind(id.as_str())
        .fetch_optional(&store.readers)
        .await
        .map_err(failed("read a digest"))?;
    row.map(|row| rows::from_json(&row, "content")).transpose()
}

fn state(row: &SqliteRow) -> Result<WebhookState, StoreError> {
    let stop = match rows::optional_millis(row, "stopped")? {
        None => None,
        Some(since) => {
            let why = rows::get::<Option<String>>(row, "stopped_why")?.unwrap_or_default();
            Some(Stop { since, why, by: rows::parsed(row, "stopped_by", StoppedBy::parse)? })
        }
    };
    Ok(WebhookState { failing_since: rows::optional_millis(row, "failing_since")?, stop })
}

pub(super) async fn webhook_state(store: &SqliteStore, webhook: &str) -> Result<WebhookState, StoreError> {
    let row = sqlx::query("SELECT failing_since, stopped, stopped_why, stopped_by FROM webhooks WHERE name = ?")
        .bind(webhook)
        .fetch_optional(&store.readers)
        .await
        .map_err(failed("read how a webhook stands"))?;
    row.map_or_else(|| Ok(WebhookState::default()), |row| state(&row))
}

pub(super) async fn stop_webhook(store: &SqliteStore, webhook: &str, why: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
    const DOING: &str = "stopped a webhook";
    let mut tx = store.write(DOING).await?;
    let known: Option<i64> =
        sqlx::query_scalar("SELECT 1 FROM webhooks WHERE name = ?").bind(webhook).fetch_optional(&mut *tx).await.map_err(failed(DOING))?;
    stop(&mut tx, webhook, why, StoppedBy::Person, now).await.map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))?;
    Ok(known.is_some())
}

/// Stops a webhook that is not stopped.
pub(super) async fn stop(
    tx: &mut SqliteConnection,
    webhook: &str,
    why: &str,
    by: StoppedBy,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE webhooks SET stopped = ?, stopped_why = ?, stopped_by = ? WHERE name = ? AND stopped IS NULL")
        .bind(now.timestamp_millis())
        .bind(why)
        .bind(by.as_str())
        .bind(webhook)
        .execute(tx)
        .await?;
    Ok(())
}

pub(super) async fn resume_webhook(store: &SqliteStore, webhook: &str, expires: DateTime<Utc>) -> Result<bool, StoreError> {
    const DOING: &str = "let a webhook go on";
    let mut tx = store.write(DOING).await?;
    let resumed = sqlx::query(
        "UPDATE webhooks SET stopped = NULL, stopped_why = NULL, stopped_by = NULL, failing_since = NULL WHERE name = ? AND stopped IS NOT NULL",
    )
    .bind(webhook)
    .execute(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    if resumed.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("UPDATE deliveries SET expires = MAX(expires, ?), earlier = attempts WHERE webhook = ? AND state = 'pending'")
        .bind(expires.timestamp_millis())
        .bind(webhook)
        .execute(&mut *tx)
        .await
        .map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))?;
    Ok(true)
}
