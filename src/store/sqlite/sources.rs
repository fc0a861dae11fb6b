//! Sources: since when they are known.

use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;

use super::errors::failed;
use super::{SourceMark, SqliteStore, StoreError, rows};

fn mark(row: &SqliteRow) -> Result<SourceMark, StoreError> {
    Ok(SourceMark { since: rows::millis(row, "since")?, caught_up: rows::get(row, "caught_up")? })
}

pub(super) async fn enrol_source(store: &SqliteStore, source: &str, now: DateTime<Utc>) -> Result<SourceMark, StoreError> {
    const DOING: &str = "read since when a source is known";
    let mut tx = store.write(DOING).await?;
    sqlx::query("INSERT INTO sources (name, since, caught_up) VALUES (?, ?, 0) ON CONFLICT (name) DO NOTHING")
        .bind(source)
        .bind(now.timestamp_millis())
        .execute(&mut *tx)
        .await
        .map_err(failed(DOING))?;
    let row = sqlx::query("SELECT since, caught_up FROM sources WHERE name = ?").bind(source).fetch_one(&mut *tx).await;
    let found = mark(&row.map_err(failed(DOING))?)?;
    tx.commit().await.map_err(failed(DOING))?;
    Ok(found)
}

pub(super) async fn caught_up(store: &SqliteStore, source: &str) -> Result<(), StoreError> {
    const DOING: &str = "noted that a source's backlog has been read";
    let mut tx = store.write(DOING).await?;
    let done = sqlx::query("UPDATE sources SET caught_up = 1 WHERE name = ?").bind(source).execute(&mut *tx).await;
    done.map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))
}
