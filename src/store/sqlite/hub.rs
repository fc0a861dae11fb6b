//! WebSub's outbox: who is told what, and when.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::errors::failed;
use super::{SqliteStore, StoreError, rows};
use crate::model::Secret;
use crate::store::hub::{DueHubTask, HubLimits, HubStep, HubTask, HubWish, Wish, WishTaken};

/// What a subscriber is told where a topic has as many as it may have.
const FULL: &str = "this feed has as many subscribers as it may have; please poll it";

/// The detail of a task `verify`.
#[derive(Serialize, Deserialize)]
struct Verify {
    /// In seconds; `None` is the wish to end the subscription.
    lease: Option<i64>,
    secret: Option<String>,
}

/// A task to be put in the place of an earlier one of its kind.
struct NewTask<'a> {
    kind: &'static str,
    topic: &'a str,
    callback: &'a str,
    detail: &'a str,
    expires: DateTime<Utc>,
    now: DateTime<Utc>,
}

/// Replaces the row, so that it has another number: whoever works on the earlier one finds it gone.
async fn put(tx: &mut SqliteConnection, task: &NewTask<'_>) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT OR REPLACE INTO hub_tasks (kind, topic, callback, detail, attempts, next_attempt, expires) VALUES (?, ?, ?, ?, 0, ?, ?)",
    )
    .bind(task.kind)
    .bind(task.topic)
    .bind(task.callback)
    .bind(task.detail)
    .bind(task.now.timestamp_millis())
    .bind(task.expires.timestamp_millis())
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn take_wish(store: &SqliteStore, wish: &HubWish, limits: HubLimits) -> Result<WishTaken, StoreError> {
    const DOING: &str = "took a subscriber's request";
    let mut tx = store.write(DOING).await?;
    let waiting: u32 = sqlx::query_scalar("SELECT COUNT(*) FROM hub_tasks WHERE kind IN ('verify', 'deny')")
        .fetch_one(&mut *tx)
        .await
        .map_err(failed(DOING))?;
    if waiting >= limits.waiting {
        return Ok(WishTaken::Busy);
    }
    let others: u32 = sqlx::query_scalar("SELECT COUNT(*) FROM hub_subscriptions WHERE topic = ? AND callback <> ? AND expires > ?")
        .bind(&wish.topic)
        .bind(&wish.callback)
        .bind(wish.now.timestamp_millis())
        .fetch_one(&mut *tx)
        .await
        .map_err(failed(DOING))?;
    let verify = match &wish.wish {
        Wish::Subscribe { secret, lease } => {
            Verify { lease: Some(lease.num_seconds()), secret: secret.as_ref().map(|secret| secret.expose().to_owned()) }
        }
        Wish::Unsubscribe => Verify { lease: None, secret: None },
    };
    let is_full = verify.lease.is_some() && others >= limits.subscribers;
    let detail = if is_full { FULL.to_owned() } else { rows::json("wish", &verify)? };
    let kind = if is_full { "deny" } else { "verify" };
    let task = NewTask { kind, topic: &wish.topic, callback: &wish.callback, detail: &detail, expires: wish.expires, now: wish.now };
    put(&mut tx, &task).await.map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))?;
    Ok(if is_full { WishTaken::Denied } else { WishTaken::Queued })
}

pub(super) async fn announce(
    store: &SqliteStore,
    topic: &str,
    version: &str,
    other_hub: Option<&str>,
    expires: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    const DOING: &str = "announced a feed's change";
    let known: Option<String> = sqlx::query_scalar("SELECT version FROM hub_topics WHERE topic = ?")
        .bind(topic)
        .fetch_optional(&store.readers)
        .await
        .map_err(failed(DOING))?;
    // The usual case at a start; it needs no write lock.
    if known.as_deref() == Some(version) {
        return Ok(0);
    }
    let mut tx = store.write(DOING).await?;
    let moved = sqlx::query(
        "INSERT INTO hub_topics (topic, version) VALUES (?, ?)
         ON CONFLICT (topic) DO UPDATE SET version = excluded.version WHERE version <> excluded.version",
    )
    .bind(topic)
    .bind(version)
    .execute(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    if moved.rows_affected() == 0 {
        return Ok(0);
    }
    sqlx::query("DELETE FROM hub_subscriptions WHERE expires <= ?")
        .bind(now.timestamp_millis())
        .execute(&mut *tx)
        .await
        .map_err(failed(DOING))?;
    // A task that is being sent keeps its number and its lease: its holder finds that there is more.
    let queued = sqlx::query(
        "INSERT INTO hub_tasks (kind, topic, callback, detail, attempts, next_attempt, expires)
         SELECT 'update', topic, callback, ?2, 0, ?3, ?4 FROM hub_subscriptions WHERE topic = ?1
         ON CONFLICT (topic, callback, kind) DO UPDATE
             SET detail = excluded.detail, attempts = 0, next_attempt = excluded.next_attempt, expires = excluded.expires",
    )
    .bind(topic)
    .bind(version)
    .bind(now.timestamp_millis())
    .bind(expires.timestamp_millis())
    .execute(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    if let Some(hub) = other_hub {
        let task = NewTask { kind: "ping", topic, callback: hub, detail: version, expires, now };
        put(&mut tx, &task).await.map_err(failed(DOING))?;
    }
    tx.commit().await.map_err(failed(DOING))?;
    Ok(queued.rows_affected() + u64::from(other_hub.is_some()))
}

pub(super) async fn next_due(store: &SqliteStore) -> Result<Option<DateTime<Utc>>, StoreError> {
    let due: Option<i64> = sqlx::query_scalar("SELECT MIN(due) FROM hub_tasks")
        .fetch_one(&store.readers)
        .await
        .map_err(failed("looked for the hub's next task"))?;
    due.map(|millis| rows::instant("due", millis)).transpose()
}

pub(super) async fn claim(store: &SqliteStore, now: DateTime<Utc>, lease_until: DateTime<Utc>) -> Result<Option<DueHubTask>, StoreError> {
    const DOING: &str = "claimed a task of the hub";
    if next_due(store).await?.is_none_or(|due| due > now) {
        return Ok(None);
    }
    let mut tx = store.write(DOING).await?;
    // Who is no longer subscribed is told nothing.
    sqlx::query(
        "DELETE FROM hub_tasks WHERE kind = 'update' AND due <= ?1 AND NOT EXISTS (
             SELECT 1 FROM hub_subscriptions s WHERE s.topic = hub_tasks.topic AND s.callback = hub_tasks.callback AND s.expires > ?1)",
    )
    .bind(now.timestamp_millis())
    .execute(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    let claimed = sqlx::query(
        "UPDATE hub_tasks SET leased_until = ?2, attempts = attempts + 1
         WHERE id = (SELECT id FROM hub_tasks WHERE due <= ?1 ORDER BY due, id LIMIT 1)
         RETURNING id, kind, topic, callback, detail, attempts, expires,
             (SELECT secret FROM hub_subscriptions s WHERE s.topic = hub_tasks.topic AND s.callback = hub_tasks.callback) AS secret",
    )
    .bind(now.timestamp_millis())
    .bind(lease_until.timestamp_millis())
    .fetch_optional(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    let due = claimed.as_ref().map(due_task).transpose()?;
    tx.commit().await.map_err(failed(DOING))?;
    Ok(due)
}

fn due_task(row: &SqliteRow) -> Result<DueHubTask, StoreError> {
    let (kind, detail): (String, String) = (rows::get(row, "kind")?, rows::get(row, "detail")?);
    let task = match kind.as_str() {
        "verify" => {
            let Verify { lease, secret } = rows::from_json(row, "detail")?;
            let subscribe = |lease| Wish::Subscribe { secret: secret.map(Secret::new), lease };
            HubTask::Verify(lease.and_then(Duration::try_seconds).map_or(Wish::Unsubscribe, subscribe))
        }
        "deny" => HubTask::Deny { reason: detail },
        "update" => HubTask::Update { secret: rows::get::<Option<String>>(row, "secret")?.map(Secret::new), version: detail },
        "ping" => HubTask::Ping { version: detail },
        _ => return Err(StoreError::Corrupt { what: "hub task", value: kind }),
    };
    Ok(DueHubTask {
        id: rows::get(row, "id")?,
        task,
        topic: rows::get(row, "topic")?,
        callback: rows::get(row, "callback")?,
        attempts: rows::get::<u32>(row, "attempts")?.saturating_sub(1),
        expires: rows::millis(row, "expires")?,
    })
}

pub(super) async fn finish(store: &SqliteStore, task: &DueHubTask, step: HubStep, now: DateTime<Utc>) -> Result<(), StoreError> {
    const DOING: &str = "finished a task of the hub";
    let mut tx = store.write(DOING).await?;
    match step {
        HubStep::RetryAt(at) => {
            // What was announced meanwhile begins its own attempts, and is due already.
            let sql = "UPDATE hub_tasks SET leased_until = NULL,
                 next_attempt = CASE WHEN attempts = ?2 THEN ?3 ELSE next_attempt END WHERE id = ?1";
            sqlx::query(sql)
                .bind(task.id)
                .bind(task.attempts.saturating_add(1))
                .bind(at.timestamp_millis())
                .execute(&mut *tx)
                .await
                .map_err(failed(DOING))?;
        }
        HubStep::Done | HubStep::Ended | HubStep::GivenUp => {
            let is_current = remove(&mut tx, task).await.map_err(failed(DOING))?;
            if is_current && step == HubStep::Done {
                fulfil(&mut tx, task, now).await.map_err(failed(DOING))?;
            }
            if step == HubStep::Ended {
                end(&mut tx, task).await.map_err(failed(DOING))?;
            }
        }
    }
    tx.commit().await.map_err(failed(DOING))
}

/// Takes the task away, unless another has taken its place or there is more to tell; gives whether it
/// was still there.
async fn remove(tx: &mut SqliteConnection, task: &DueHubTask) -> Result<bool, sqlx::Error> {
    let (HubTask::Update { version, .. } | HubTask::Ping { version }) = &task.task else {
        let removed = sqlx::query("DELETE FROM hub_tasks WHERE id = ?").bind(task.id).execute(tx).await?;
        return Ok(removed.rows_affected() > 0);
    };
    let removed = sqlx::query("DELETE FROM hub_tasks WHERE id = ? AND detail = ?").bind(task.id).bind(version).execute(&mut *tx).await?;
    sqlx::query("UPDATE hub_tasks SET leased_until = NULL WHERE id = ?").bind(task.id).execute(tx).await?;
    Ok(removed.rows_affected() > 0)
}

/// Makes a verified wish come true. A subscription that was there gets the new lease and secret.
async fn fulfil(tx: &mut SqliteConnection, task: &DueHubTask, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    match &task.task {
        HubTask::Verify(Wish::Subscribe { secret, lease }) => {
            sqlx::query("INSERT OR REPLACE INTO hub_subscriptions (topic, callback, secret, expires) VALUES (?, ?, ?, ?)")
                .bind(&task.topic)
                .bind(&task.callback)
                .bind(secret.as_ref().map(Secret::expose))
                .bind((now + *lease).timestamp_millis())
                .execute(tx)
                .await?;
            Ok(())
        }
        HubTask::Verify(Wish::Unsubscribe) => end(tx, task).await,
        HubTask::Deny { .. } | HubTask::Update { .. } | HubTask::Ping { .. } => Ok(()),
    }
}

async fn end(tx: &mut SqliteConnection, task: &DueHubTask) -> Result<(), sqlx::Error> {
    for sql in [
        "DELETE FROM hub_subscriptions WHERE topic = ? AND callback = ?",
        "DELETE FROM hub_tasks WHERE topic = ? AND callback = ? AND kind = 'update'",
    ] {
        sqlx::query(sql).bind(&task.topic).bind(&task.callback).execute(&mut *tx).await?;
    }
    Ok(())
}

pub(super) async fn keep_topics(
    store: &SqliteStore,
    topics: &[String],
    reason: &str,
    expires: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    const DOING: &str = "ended subscriptions of feeds that are gone";
    let topics = rows::json("topics", topics)?;
    let gone: u32 = sqlx::query_scalar("SELECT COUNT(*) FROM hub_topics WHERE topic NOT IN (SELECT value FROM json_each(?))")
        .bind(&topics)
        .fetch_one(&store.readers)
        .await
        .map_err(failed(DOING))?;
    if gone == 0 {
        return Ok(0);
    }
    let mut tx = store.write(DOING).await?;
    let denied = sqlx::query(
        "INSERT OR REPLACE INTO hub_tasks (kind, topic, callback, detail, attempts, next_attempt, expires)
         SELECT 'deny', topic, callback, ?2, 0, ?3, ?4 FROM hub_subscriptions WHERE topic NOT IN (SELECT value FROM json_each(?1))",
    )
    .bind(&topics)
    .bind(reason)
    .bind(now.timestamp_millis())
    .bind(expires.timestamp_millis())
    .execute(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    for sql in [
        "DELETE FROM hub_subscriptions WHERE topic NOT IN (SELECT value FROM json_each(?1))",
        "DELETE FROM hub_tasks WHERE kind <> 'deny' AND topic NOT IN (SELECT value FROM json_each(?1))",
        "DELETE FROM hub_topics WHERE topic NOT IN (SELECT value FROM json_each(?1))",
    ] {
        sqlx::query(sql).bind(&topics).execute(&mut *tx).await.map_err(failed(DOING))?;
    }
    tx.commit().await.map_err(failed(DOING))?;
    Ok(denied.rows_affected())
}
