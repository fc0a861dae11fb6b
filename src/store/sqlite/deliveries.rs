//! Deliveries: who sends what when, and the ledger of what came of it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::errors::failed;
use super::group::Entry;
use super::{DeliveryQuery, NextStep, SqliteStore, StoppedBy, StoreError, digests, rows};
use crate::model::{Attempt, Delivery, DeliveryId, DeliveryState, DigestId, DueDelivery, Message};

/// What stands in the ledger for an attempt from its beginning until its outcome is recorded, and
/// for good where the process died in between.
const BEGUN: &str = "begun; no outcome was recorded";

/// The condition under which a pending message `d` is not held back: no part ahead of it is pending, and
/// its webhook is not stopped.
macro_rules! deliverable {
    () => {
        "d.webhook = ?1 AND d.state = 'pending' AND NOT EXISTS (
             SELECT 1 FROM deliveries ahead WHERE ahead.digest = d.digest AND ahead.part < d.part AND ahead.state = 'pending')
         AND NOT EXISTS (SELECT 1 FROM webhooks w WHERE w.name = ?1 AND w.stopped IS NOT NULL)"
    };
}

pub(super) const EARLIEST_DUE: &str = concat!("SELECT MIN(due) FROM deliveries d WHERE ", deliverable!());

/// When the webhook's next message is due, in milliseconds.
pub(super) async fn earliest_due(connection: &mut SqliteConnection, webhook: &str) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(EARLIEST_DUE).bind(webhook).fetch_one(connection).await
}

pub(super) async fn next_due(store: &SqliteStore, webhook: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
    const DOING: &str = "looked for the next message";
    let mut connection = store.readers.acquire().await.map_err(failed(DOING))?;
    let due = earliest_due(&mut connection, webhook).await.map_err(failed(DOING))?;
    due.map(|millis| rows::instant("due", millis)).transpose()
}

pub(super) async fn claim(
    store: &SqliteStore,
    webhook: &str,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<Option<DueDelivery>, StoreError> {
    // Most claims find nothing; those need no write lock. The claim itself looks again.
    if next_due(store, webhook).await?.is_none_or(|due| due > now) {
        return Ok(None);
    }
    store.group.enter(Claim { webhook: webhook.to_owned(), now, lease_until }).await
}

/// Hands out the webhook's next message, and writes that an attempt has begun.
struct Claim {
    webhook: String,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
}

#[async_trait]
impl Entry for Claim {
    const DOING: &'static str = "claimed a message";
    type Answer = Option<DueDelivery>;

    async fn write(&self, tx: &mut SqliteConnection) -> Result<Option<DueDelivery>, StoreError> {
        let claimed = sqlx::query(concat!(
            "UPDATE deliveries SET leased_until = ?3, attempts = attempts + 1 WHERE id = (
                 SELECT d.id FROM deliveries d WHERE d.due <= ?2 AND ",
            deliverable!(),
            "    ORDER BY d.slot, d.part LIMIT 1)
             RETURNING id, digest, webhook, slot, part = parts AS is_last, body, label, articles, attempts, earlier, queued, expires"
        ))
        .bind(&self.webhook)
        .bind(self.now.timestamp_millis())
        .bind(self.lease_until.timestamp_millis())
        .fetch_optional(&mut *tx)
        .await
        .map_err(failed(Self::DOING))?;
        let Some(row) = claimed else { return Ok(None) };
        let number: u32 = rows::get(&row, "attempts")?;
        let due = DueDelivery {
            id: rows::parsed(&row, "id", DeliveryId::parse)?,
            digest: rows::parsed(&row, "digest", DigestId::parse)?,
            webhook: rows::get(&row, "webhook")?,
            slot: rows::millis(&row, "slot")?,
            body: rows::get(&row, "body")?,
            articles: rows::from_json(&row, "articles")?,
            label: rows::get(&row, "label")?,
            is_last: rows::get(&row, "is_last")?,
            attempts: number.saturating_sub(1),
            earlier: rows::get(&row, "earlier")?,
            queued: rows::millis(&row, "queued")?,
            expires: rows::millis(&row, "expires")?,
        };
        let begun = Attempt { number, at: self.now, result: BEGUN.to_owned(), status: None, answer: String::new() };
        write_attempt(tx, &due.id, &begun).await.map_err(failed(Self::DOING))?;
        Ok(Some(due))
    }
}

async fn write_attempt(tx: &mut SqliteConnection, id: &DeliveryId, attempt: &Attempt) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO attempts (delivery, number, at, result, status, answer) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (delivery, number) DO UPDATE SET at = excluded.at, result = excluded.result,
             status = excluded.status, answer = excluded.answer",
    )
    .bind(id.as_str())
    .bind(attempt.number)
    .bind(attempt.at.timestamp_millis())
    .bind(&attempt.result)
    .bind(attempt.status)
    .bind(&attempt.answer)
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn record(store: &SqliteStore, id: &DeliveryId, attempt: &Attempt, next: NextStep) -> Result<(), StoreError> {
    store.group.enter(Record { id: id.clone(), attempt: attempt.clone(), next }).await
}

/// Writes what an attempt came to, and how its message goes on.
struct Record {
    id: DeliveryId,
    attempt: Attempt,
    next: NextStep,
}

#[async_trait]
impl Entry for Record {
    const DOING: &'static str = "recorded an attempt";
    type Answer = ();

    async fn write(&self, tx: &mut SqliteConnection) -> Result<(), StoreError> {
        let Self { id, attempt, next } = self;
        let webhook = webhook_of(tx, id).await?;
        write_attempt(tx, id, attempt).await.map_err(failed(Self::DOING))?;
        let (state, retry_at) = match next {
            NextStep::Delivered => (DeliveryState::Delivered, None),
            NextStep::RetryAt(at) => (DeliveryState::Pending, Some(at.timestamp_millis())),
            NextStep::Dead | NextStep::Stop => (DeliveryState::Dead, None),
        };
        match next {
            NextStep::Delivered => set_failing(tx, &webhook, None).await.map_err(failed(Self::DOING))?,
            NextStep::RetryAt(_) => set_failing(tx, &webhook, Some(attempt.at)).await.map_err(failed(Self::DOING))?,
            NextStep::Dead => {}
            NextStep::Stop => {
                let stopped = digests::stop(tx, &webhook, &attempt.result, StoppedBy::Service, attempt.at).await;
                stopped.map_err(failed(Self::DOING))?;
            }
        }
        sqlx::query(
            "UPDATE deliveries SET state = ?2, next_attempt = COALESCE(?3, next_attempt), leased_until = NULL
             WHERE id = ?1 AND (?2 = 'delivered' OR (state = 'pending' AND attempts = ?4))",
        )
        .bind(id.as_str())
        .bind(state.as_str())
        .bind(retry_at)
        .bind(attempt.number)
        .execute(tx)
        .await
        .map_err(failed(Self::DOING))?;
        Ok(())
    }
}

/// The webhook that a delivery goes to.
async fn webhook_of(tx: &mut SqliteConnection, id: &DeliveryId) -> Result<String, StoreError> {
    let webhook = sqlx::query_scalar("SELECT webhook FROM deliveries WHERE id = ?").bind(id.as_str()).fetch_optional(tx).await;
    webhook.map_err(failed("looked for a delivery"))?.ok_or_else(|| StoreError::UnknownDelivery { id: id.clone() })
}

/// Begins the time in which a webhook fails, if it has not begun, or ends it.
async fn set_failing(tx: &mut SqliteConnection, webhook: &str, since: Option<DateTime<Utc>>) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE webhooks SET failing_since = CASE WHEN ?1 IS NULL THEN NULL ELSE COALESCE(failing_since, ?1) END WHERE name = ?2")
        .bind(since.map(|since| since.timestamp_millis()))
        .bind(webhook)
        .execute(tx)
        .await?;
    Ok(())
}

pub(super) async fn replace(store: &SqliteStore, id: &DeliveryId, attempt: &Attempt, messages: &[Message]) -> Result<(), StoreError> {
    const DOING: &str = "replaced a message";
    let mut tx = store.write(DOING).await?;
    webhook_of(&mut tx, id).await?;
    write_attempt(&mut tx, id, attempt).await.map_err(failed(DOING))?;
    let replaced = sqlx::query(
        "UPDATE deliveries SET state = ?, leased_until = NULL WHERE id = ? AND state = 'pending' AND attempts = ? RETURNING digest, part",
    )
    .bind(DeliveryState::Replaced.as_str())
    .bind(id.as_str())
    .bind(attempt.number)
    .fetch_optional(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    if let Some(row) = replaced {
        let (digest, part): (String, i64) = (rows::get(&row, "digest")?, rows::get(&row, "part")?);
        let more = i64::try_from(messages.len()).unwrap_or(i64::MAX);
        // In two steps, for a digest has every part once; below zero nothing is in the way.
        for sql in [
            "UPDATE deliveries SET part = -(part + ?3) WHERE digest = ?1 AND part > ?2",
            "UPDATE deliveries SET part = -part WHERE digest = ?1 AND part < 0 AND ?2 = ?2 AND ?3 = ?3",
            "UPDATE deliveries SET parts = parts + ?3 WHERE digest = ?1 AND ?2 = ?2",
        ] {
            sqlx::query(sql).bind(&digest).bind(part).bind(more).execute(&mut *tx).await.map_err(failed(DOING))?;
        }
        for (message, n) in messages.iter().zip(1_i64..) {
            let own = DeliveryId::assign(&[id.as_str().as_bytes(), &n.to_be_bytes()]);
            sqlx::query(
                "INSERT INTO deliveries
                     (id, digest, webhook, slot, part, parts, state, next_attempt, expires, queued, attempts, articles, body, label)
                 SELECT ?, digest, webhook, slot, ?, parts, 'pending', ?, expires, queued, 0, ?, ?, ? FROM deliveries WHERE id = ?",
            )
            .bind(own.as_str())
            .bind(part + n)
            .bind(attempt.at.timestamp_millis())
            .bind(rows::json("articles", &message.articles)?)
            .bind(&message.body)
            .bind(&message.label)
            .bind(id.as_str())
            .execute(&mut *tx)
            .await
            .map_err(failed(DOING))?;
        }
    }
    tx.commit().await.map_err(failed(DOING))
}

pub(super) async fn redeliver(
    store: &SqliteStore,
    id: &DeliveryId,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
) -> Result<bool, StoreError> {
    const DOING: &str = "queued a message again";
    let mut tx = store.write(DOING).await?;
    // A lease is left of a pending message alone; whoever holds it may be sending it now.
    sqlx::query(
        "UPDATE webhooks SET stopped = NULL, stopped_why = NULL, stopped_by = NULL
         WHERE stopped_by = 'service' AND name = (SELECT webhook FROM deliveries WHERE id = ?)",
    )
    .bind(id.as_str())
    .execute(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    let done = sqlx::query("UPDATE deliveries SET state = 'pending', next_attempt = ?, expires = ?, earlier = attempts WHERE id = ?")
        .bind(now.timestamp_millis())
        .bind(expires.timestamp_millis())
        .bind(id.as_str())
        .execute(&mut *tx)
        .await
        .map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))?;
    Ok(done.rows_affected() > 0)
}

const SELECT_DELIVERIES: &str =
    "SELECT id, digest, webhook, slot, part, parts, state, due, expires, queued, body, articles FROM deliveries WHERE TRUE";

pub(super) async fn deliveries(store: &SqliteStore, query: &DeliveryQuery) -> Result<Vec<Delivery>, StoreError> {
    let mut sql = QueryBuilder::<Sqlite>::new(SELECT_DELIVERIES);
    if let Some(webhook) = &query.webhook {
        sql.push(" AND webhook = ").push_bind(webhook.clone());
    }
    if let Some(state) = query.state {
        sql.push(" AND state = ").push_bind(state.as_str());
    }
    if let Some(since) = query.since {
        sql.push(" AND queued >= ").push_bind(since.timestamp_millis());
    }
    sql.push(" ORDER BY queued DESC, slot DESC, webhook, part LIMIT ").push_bind(query.limit);
    ledger(store, sql).await
}

pub(super) async fn delivery(store: &SqliteStore, id: &DeliveryId) -> Result<Option<Delivery>, StoreError> {
    let mut sql = QueryBuilder::<Sqlite>::new(SELECT_DELIVERIES);
    sql.push(" AND id = ").push_bind(id.as_str().to_owned());
    Ok(ledger(store, sql).await?.pop())
}

/// The deliveries that a query finds, with their attempts.
async fn ledger(store: &SqliteStore, mut sql: QueryBuilder<Sqlite>) -> Result<Vec<Delivery>, StoreError> {
    const DOING: &str = "read the ledger";
    let mut tx = store.read(DOING).await?;
    let found = sql.build().fetch_all(&mut *tx).await.map_err(failed(DOING))?;
    let mut deliveries = found.iter().map(delivery_of).collect::<Result<Vec<_>, _>>()?;
    for delivery in &mut deliveries {
        let attempts = sqlx::query("SELECT number, at, result, status, answer FROM attempts WHERE delivery = ? ORDER BY number")
            .bind(delivery.id.as_str())
            .fetch_all(&mut *tx)
            .await
            .map_err(failed(DOING))?;
        delivery.attempts = attempts.iter().map(attempt_of).collect::<Result<_, _>>()?;
    }
    tx.commit().await.map_err(failed(DOING))?;
    Ok(deliveries)
}

fn delivery_of(row: &SqliteRow) -> Result<Delivery, StoreError> {
    let state = rows::parsed(row, "state", DeliveryState::parse)?;
    Ok(Delivery {
        id: rows::parsed(row, "id", DeliveryId::parse)?,
        digest: rows::parsed(row, "digest", DigestId::parse)?,
        webhook: rows::get(row, "webhook")?,
        slot: rows::millis(row, "slot")?,
        part: rows::get(row, "part")?,
        parts: rows::get(row, "parts")?,
        state,
        next_attempt: (state == DeliveryState::Pending).then(|| rows::millis(row, "due")).transpose()?,
        expires: rows::millis(row, "expires")?,
        queued: rows::millis(row, "queued")?,
        body: rows::get(row, "body")?,
        articles: rows::from_json(row, "articles")?,
        attempts: Vec::new(),
    })
}

fn attempt_of(row: &SqliteRow) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        number: rows::get(row, "number")?,
        at: rows::millis(row, "at")?,
        result: rows::get(row, "result")?,
        status: rows::get(row, "status")?,
        answer: rows::get(row, "answer")?,
    })
}
