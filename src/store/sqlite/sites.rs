//! What is remembered of e-paper sites.

use std::io::{self, Read as _, Write as _};

use chrono::{DateTime, NaiveDate, Utc};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::errors::failed;
use super::{SqliteStore, StoreError, rows};
use crate::model::{DayAnswer, Facsimile, KeptDocument, PageKey, SiteDay, Spent};

pub(super) async fn facsimile(store: &SqliteStore, key: &PageKey) -> Result<Option<Facsimile>, StoreError> {
    let found = sqlx::query("SELECT facsimile FROM facsimiles WHERE source = ? AND date = ? AND page = ?")
        .bind(&key.source)
        .bind(key.date)
        .bind(key.page.as_str())
        .fetch_optional(&store.readers)
        .await
        .map_err(failed("read a page's picture"))?;
    found.as_ref().map(|row| rows::from_json(row, "facsimile")).transpose()
}

/// Writes a page's facsimile within the page's transaction.
pub(super) async fn write_facsimile(tx: &mut SqliteConnection, key: &PageKey, facsimile: &Facsimile) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO facsimiles (source, date, page, facsimile) VALUES (?, ?, ?, ?)
         ON CONFLICT (source, date, page) DO UPDATE SET facsimile = excluded.facsimile",
    )
    .bind(&key.source)
    .bind(key.date)
    .bind(key.page.as_str())
    .bind(rows::json("facsimile", facsimile)?)
    .execute(tx)
    .await
    .map_err(failed("stored a page's picture"))?;
    Ok(())
}

pub(super) async fn document(store: &SqliteStore, source: &str, url: &str) -> Result<Option<KeptDocument>, StoreError> {
    const DOING: &str = "read an answer of a site";
    let found = sqlx::query("SELECT etag, last_modified, content_type, body FROM site_documents WHERE source = ? AND url = ?")
        .bind(source)
        .bind(url)
        .fetch_optional(&store.readers)
        .await
        .map_err(failed(DOING))?;
    let Some(row) = found else { return Ok(None) };
    let packed: Vec<u8> = rows::get(&row, "body")?;
    let mut body = Vec::new();
    let unpacked = GzDecoder::new(packed.as_slice()).read_to_end(&mut body);
    unpacked.map_err(|error| StoreError::Corrupt { what: "site document", value: format!("{url}: {error}") })?;
    Ok(Some(KeptDocument {
        etag: rows::get(&row, "etag")?,
        last_modified: rows::get(&row, "last_modified")?,
        content_type: rows::get(&row, "content_type")?,
        body,
    }))
}

pub(super) async fn keep_document(
    store: &SqliteStore,
    source: &str,
    url: &str,
    document: &KeptDocument,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    const DOING: &str = "kept an answer of a site";
    let packed = pack(&document.body).map_err(|error| StoreError::Corrupt { what: "site document", value: format!("{url}: {error}") })?;
    let mut tx = store.write(DOING).await?;
    sqlx::query(
        "INSERT INTO site_documents (source, url, etag, last_modified, content_type, kept, body) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (source, url) DO UPDATE SET etag = excluded.etag, last_modified = excluded.last_modified,
             content_type = excluded.content_type, kept = excluded.kept, body = excluded.body",
    )
    .bind(source)
    .bind(url)
    .bind(&document.etag)
    .bind(&document.last_modified)
    .bind(&document.content_type)
    .bind(now.timestamp_millis())
    .bind(packed)
    .execute(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))
}

fn pack(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body)?;
    encoder.finish()
}

pub(super) async fn forget_documents(store: &SqliteStore, before: DateTime<Utc>, pdfs: DateTime<Utc>) -> Result<u64, StoreError> {
    const DOING: &str = "forgot old answers of sites";
    let mut tx = store.write(DOING).await?;
    let gone = sqlx::query("DELETE FROM site_documents WHERE kept < ? OR (kept < ? AND content_type = 'application/pdf')");
    let gone = gone.bind(before.timestamp_millis()).bind(pdfs.timestamp_millis()).execute(&mut *tx).await;
    let gone = gone.map_err(failed(DOING))?.rows_affected();
    sqlx::query("DELETE FROM site_spent WHERE day < ?").bind(before.date_naive()).execute(&mut *tx).await.map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))?;
    Ok(gone)
}

fn read_day(row: &SqliteRow) -> Result<SiteDay, StoreError> {
    let answer: String = rows::get(row, "answer")?;
    Ok(SiteDay {
        source: rows::get(row, "source")?,
        date: rows::get(row, "date")?,
        answer: DayAnswer::parse(&answer).ok_or(StoreError::Corrupt { what: "answer", value: answer })?,
        why: rows::get(row, "why")?,
        pages: rows::get(row, "pages")?,
        articles: rows::get(row, "articles")?,
        whole: rows::get(row, "whole")?,
        unchanged: rows::get(row, "unchanged")?,
        problems: rows::from_json(row, "problems")?,
        asked: rows::millis(row, "asked")?,
    })
}

pub(super) async fn day(store: &SqliteStore, source: &str, date: NaiveDate) -> Result<Option<SiteDay>, StoreError> {
    let found = sqlx::query("SELECT * FROM site_days WHERE source = ? AND date = ?").bind(source).bind(date);
    let found = found.fetch_optional(&store.readers).await.map_err(failed("read a site's day"))?;
    found.as_ref().map(read_day).transpose()
}

pub(super) async fn days(store: &SqliteStore, source: &str, limit: u32) -> Result<Vec<SiteDay>, StoreError> {
    let found = sqlx::query("SELECT * FROM site_days WHERE source = ? ORDER BY date DESC LIMIT ?").bind(source).bind(limit);
    found.fetch_all(&store.readers).await.map_err(failed("read a site's days"))?.iter().map(read_day).collect()
}

pub(super) async fn set_day(store: &SqliteStore, day: &SiteDay, past: Option<(NaiveDate, NaiveDate)>) -> Result<(), StoreError> {
    const DOING: &str = "kept how a site's day stands";
    let mut tx = store.write(DOING).await?;
    sqlx::query(
        "INSERT INTO site_days (source, date, answer, why, pages, articles, whole, unchanged, problems, asked)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (source, date) DO UPDATE SET answer = excluded.answer, why = excluded.why, pages = excluded.pages,
             articles = excluded.articles, whole = excluded.whole, unchanged = excluded.unchanged,
             problems = excluded.problems, asked = excluded.asked",
    )
    .bind(&day.source)
    .bind(day.date)
    .bind(day.answer.as_str())
    .bind(&day.why)
    .bind(day.pages)
    .bind(day.articles)
    .bind(day.whole)
    .bind(day.unchanged)
    .bind(rows::json("problems", &day.problems)?)
    .bind(day.asked.timestamp_millis())
    .execute(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    if let Some((first, last)) = past {
        let sql = if day.date >= last {
            "DELETE FROM site_past WHERE source = ? AND first = ? AND last = ?"
        } else {
            "INSERT INTO site_past (source, first, last, come_to) VALUES (?, ?, ?, ?)
             ON CONFLICT (source, first, last) DO UPDATE SET come_to = excluded.come_to"
        };
        let query = sqlx::query(sql).bind(&day.source).bind(first).bind(last);
        let query = if day.date >= last { query } else { query.bind(day.date) };
        query.execute(&mut *tx).await.map_err(failed(DOING))?;
    }
    tx.commit().await.map_err(failed(DOING))
}

pub(super) async fn past_days_read(
    store: &SqliteStore,
    source: &str,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<Option<NaiveDate>, StoreError> {
    sqlx::query_scalar("SELECT come_to FROM site_past WHERE source = ? AND first = ? AND last = ?")
        .bind(source)
        .bind(first)
        .bind(last)
        .fetch_optional(&store.readers)
        .await
        .map_err(failed("read how far a request for past days has come"))
}

pub(super) async fn spent(store: &SqliteStore, source: &str, day: NaiveDate) -> Result<Spent, StoreError> {
    let found: Option<(u32, i64)> = sqlx::query_as("SELECT requests, bytes FROM site_spent WHERE source = ? AND day = ?")
        .bind(source)
        .bind(day)
        .fetch_optional(&store.readers)
        .await
        .map_err(failed("read what was asked of a site"))?;
    Ok(found.map(|(requests, bytes)| Spent { requests, bytes: u64::try_from(bytes).unwrap_or(0) }).unwrap_or_default())
}

pub(super) async fn spend(store: &SqliteStore, source: &str, day: NaiveDate, more: Spent) -> Result<(), StoreError> {
    const DOING: &str = "counted what was asked of a site";
    let mut tx = store.write(DOING).await?;
    sqlx::query(
        "INSERT INTO site_spent (source, day, requests, bytes) VALUES (?, ?, ?, ?)
         ON CONFLICT (source, day) DO UPDATE SET requests = requests + excluded.requests, bytes = bytes + excluded.bytes",
    )
    .bind(source)
    .bind(day)
    .bind(more.requests)
    .bind(i64::try_from(more.bytes).unwrap_or(i64::MAX))
    .execute(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))
}
