//! Brings the labels of pages that older versions stored as their source wrote them into the one
//! form of [`PageLabel`], once a store.
//!
//! Where a page stands under two labels, because its file was renamed, it was published twice. One
//! of the two stays: of versions with the same bytes the one that was there first, for its articles'
//! addresses are what readers have; otherwise the one that was applied last. The articles of the
//! other become withdrawn.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use sqlx::{Row, SqliteConnection};

use crate::model::PageLabel;

/// What stands in `facts` once it is done.
const DONE: &str = "page labels";

/// A page as it was stored.
struct Stored {
    page: String,
    hash: String,
    applied: i64,
}

/// Does it, where it was not done before. Runs in the transaction of the migrations.
pub(super) async fn normalise(tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let done =
        sqlx::query("INSERT INTO facts (name, value) VALUES (?, '1') ON CONFLICT (name) DO NOTHING").bind(DONE).execute(&mut *tx).await?;
    if done.rows_affected() == 0 {
        return Ok(());
    }
    // Pages and their articles are renamed one after the other; they agree again at the commit.
    sqlx::query("PRAGMA defer_foreign_keys = ON").execute(&mut *tx).await?;
    let mut pages: BTreeMap<(String, NaiveDate, PageLabel), Vec<Stored>> = BTreeMap::new();
    for row in sqlx::query("SELECT source, date, page, hash, applied FROM pages").fetch_all(&mut *tx).await? {
        let page: String = row.try_get("page")?;
        let key = (row.try_get("source")?, row.try_get("date")?, PageLabel::new(&page));
        pages.entry(key).or_default().push(Stored { page, hash: row.try_get("hash")?, applied: row.try_get("applied")? });
    }
    pages.retain(|(_, _, label), stored| stored.iter().any(|stored| *stored.page != **label));
    for ((source, date, label), stored) in &pages {
        merge(tx, source, *date, label, stored).await?;
    }
    let labels: Vec<String> = sqlx::query_scalar("SELECT DISTINCT page FROM noted_problems").fetch_all(&mut *tx).await?;
    for old in labels {
        sqlx::query("UPDATE OR REPLACE noted_problems SET page = ? WHERE page = ?")
            .bind(PageLabel::new(&old).as_str())
            .bind(&old)
            .execute(&mut *tx)
            .await?;
    }
    if !pages.is_empty() {
        sqlx::query("UPDATE counters SET value = value + 1 WHERE name = 'change'").execute(&mut *tx).await?;
    }
    Ok(())
}

/// Makes the versions of one page one.
async fn merge(tx: &mut SqliteConnection, source: &str, date: NaiveDate, label: &PageLabel, stored: &[Stored]) -> Result<(), sqlx::Error> {
    let Some(last) = stored.iter().max_by_key(|stored| stored.applied) else { return Ok(()) };
    let kept = stored.iter().filter(|stored| stored.hash == last.hash).min_by_key(|stored| stored.applied).unwrap_or(last);
    for other in stored.iter().filter(|stored| stored.page != kept.page) {
        sqlx::query("UPDATE articles SET withdrawn = 1 WHERE source = ? AND date = ? AND page = ?")
            .bind(source)
            .bind(date)
            .bind(&other.page)
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM pages WHERE source = ? AND date = ? AND page = ?")
            .bind(source)
            .bind(date)
            .bind(&other.page)
            .execute(&mut *tx)
            .await?;
    }
    sqlx::query("UPDATE pages SET page = ?4 WHERE source = ?1 AND date = ?2 AND page = ?3")
        .bind(source)
        .bind(date)
        .bind(&kept.page)
        .bind(label.as_str())
        .execute(&mut *tx)
        .await?;
    for old in stored {
        sqlx::query(
            "UPDATE articles SET page = ?4, content = json_set(content, '$.page', ?4) WHERE source = ?1 AND date = ?2 AND page = ?3",
        )
        .bind(source)
        .bind(date)
        .bind(&old.page)
        .bind(label.as_str())
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}
