//! Which articles may tell the same story.

use chrono::{DateTime, Days, NaiveDate, Utc};
use sqlx::SqliteConnection;

use super::errors::failed;
use super::rows::{self, select_articles};
use super::{PageChange, SqliteStore, StoreError};
use crate::model::{ArticleId, StoredArticle};

/// Days for which sketches are kept: far longer than between two tellings of one story, so that an
/// edition that comes late finds those of its days.
const KEPT_DAYS: u64 = 30;

/// The ids of the articles that share most hashes with a sketch.
pub(super) const ALIKE: &str = "SELECT article FROM json_each(?1) AS dates CROSS JOIN json_each(?2) AS hashes
     CROSS JOIN sketches ON sketches.date = dates.value AND sketches.hash = hashes.value
     GROUP BY article HAVING COUNT(*) >= ?3 ORDER BY COUNT(*) DESC, article LIMIT ?4";

/// Keeps the sketches of a page's articles, and forgets those of editions long past. Hashes of an
/// article's former text stay: whoever finds it by one compares the texts themselves.
pub(super) async fn keep(tx: &mut SqliteConnection, change: &PageChange) -> Result<(), sqlx::Error> {
    let oldest = change.now.date_naive().checked_sub_days(Days::new(KEPT_DAYS)).unwrap_or(NaiveDate::MIN);
    if change.key.date < oldest {
        return Ok(());
    }
    for article in change.articles.iter().filter(|article| !article.sketch.is_empty()) {
        sqlx::query("INSERT INTO sketches (date, hash, article) SELECT ?1, value, ?2 FROM json_each(?3) WHERE TRUE ON CONFLICT DO NOTHING")
            .bind(change.key.date)
            .bind(article.id.as_str())
            .bind(list(&article.sketch))
            .execute(&mut *tx)
            .await?;
    }
    sqlx::query("DELETE FROM sketches WHERE date < ?").bind(oldest).execute(tx).await?;
    Ok(())
}

pub(super) async fn alike(
    store: &SqliteStore,
    sketch: &[u32],
    shared: u32,
    dates: &[NaiveDate],
    limit: u32,
) -> Result<Vec<StoredArticle>, StoreError> {
    const DOING: &str = "looked for other tellings of a story";
    let mut tx = store.read(DOING).await?;
    let ids: Vec<String> = sqlx::query_scalar(ALIKE)
        .bind(rows::json("dates", dates)?)
        .bind(list(sketch))
        .bind(shared)
        .bind(limit)
        .fetch_all(&mut *tx)
        .await
        .map_err(failed(DOING))?;
    let found = sqlx::query(select_articles!(
        "WHERE id IN (SELECT value FROM json_each(?)) AND withdrawn = 0 AND id NOT IN (SELECT article FROM held_articles) ORDER BY arrival"
    ))
    .bind(rows::json("articles", &ids)?)
    .fetch_all(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))?;
    rows::articles(&found)
}

pub(super) async fn told(
    store: &SqliteStore,
    webhook: &str,
    articles: &[ArticleId],
    since: DateTime<Utc>,
) -> Result<Vec<ArticleId>, StoreError> {
    const DOING: &str = "looked for what a webhook was told";
    let found: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT told.value FROM deliveries, json_each(deliveries.articles) AS told
         WHERE deliveries.queued >= ?1 AND deliveries.webhook = ?2 AND told.value IN (SELECT value FROM json_each(?3)) ORDER BY told.value",
    )
    .bind(since.timestamp_millis())
    .bind(webhook)
    .bind(rows::json("articles", articles)?)
    .fetch_all(&store.readers)
    .await
    .map_err(failed(DOING))?;
    Ok(found.iter().filter_map(|id| ArticleId::parse(id)).collect())
}

/// Hashes as a list in JSON.
fn list(hashes: &[u32]) -> String {
    let hashes: Vec<String> = hashes.iter().map(u32::to_string).collect();
    format!("[{}]", hashes.join(","))
}
