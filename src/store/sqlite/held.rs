//! Articles that are held back, and their release.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use super::errors::failed;
use super::pages::{assign_times, count_change, reserve_arrivals};
use super::rows::{self, select_articles};
use super::{Released, SqliteStore, StoreError, search};
use crate::model::{ArticleId, StoredArticle};
use crate::store::page_label;
use crate::store::times::Wanted;

pub(super) async fn held(store: &SqliteStore, source: Option<&str>, limit: u32) -> Result<Vec<StoredArticle>, StoreError> {
    // The articles are found from the few held ones; a person works this list off, so it may be sorted.
    let found = sqlx::query(select_articles!(
        "WHERE id IN (SELECT article FROM held_articles) AND withdrawn = 0 AND source = COALESCE(?1, source)
         ORDER BY date DESC, source, page, position LIMIT ?2"
    ))
    .bind(source)
    .bind(limit)
    .fetch_all(&store.readers)
    .await
    .map_err(failed("read the articles that are held back"))?;
    let mut articles = rows::articles(&found)?;
    articles.sort_by(|a, b| {
        let edition = b.key.date.cmp(&a.key.date).then_with(|| a.key.source.cmp(&b.key.source));
        edition.then_with(|| page_label::reading_order(&a.key.page, &b.key.page)).then(a.position.cmp(&b.position))
    });
    Ok(articles)
}

/// Holds a new article back.
pub(super) async fn hold(tx: &mut SqliteConnection, id: &ArticleId) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO held_articles (article) VALUES (?)").bind(id.as_str()).execute(tx).await?;
    Ok(())
}

/// Makes a held article public. It is `no_news` to digests, or what it was.
pub(super) async fn arrive(tx: &mut SqliteConnection, id: &ArticleId, arrival: i64, no_news: bool) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM held_articles WHERE article = ?").bind(id.as_str()).execute(&mut *tx).await?;
    sqlx::query("UPDATE articles SET arrival = ?, backlog = MAX(backlog, ?) WHERE id = ?")
        .bind(arrival)
        .bind(no_news)
        .bind(id.as_str())
        .execute(tx)
        .await?;
    Ok(())
}

pub(super) async fn release(store: &SqliteStore, ids: &[ArticleId], now: DateTime<Utc>) -> Result<Released, StoreError> {
    const DOING: &str = "released articles";
    let mut tx = store.write(DOING).await?;
    let found = sqlx::query(select_articles!("WHERE id IN (SELECT value FROM json_each(?)) ORDER BY arrival"))
        .bind(rows::json("ids", ids)?)
        .fetch_all(&mut *tx)
        .await
        .map_err(failed(DOING))?;
    let known = rows::articles(&found)?;
    let unknown: Vec<ArticleId> = ids.iter().filter(|id| !known.iter().any(|article| article.id == **id)).cloned().collect();
    let (held, public): (Vec<_>, Vec<_>) = known.into_iter().partition(|article| article.held);
    let names = |articles: &[StoredArticle]| articles.iter().map(|article| article.id.clone()).collect::<Vec<_>>();
    if !unknown.is_empty() || held.is_empty() {
        return Ok(Released { released: Vec::new(), public: names(&public), unknown });
    }
    let wanted = Wanted {
        hour: now.timestamp(),
        page: "",
        new: Vec::new(),
        revised: held.iter().map(|article| article.updated.timestamp()).collect(),
        recut: false,
        now: now.timestamp(),
    };
    let times = assign_times(&mut tx, &wanted).await.map_err(failed(DOING))?;
    let first_arrival = reserve_arrivals(&mut tx, held.len()).await.map_err(failed(DOING))?;
    for ((article, updated), arrival) in held.iter().zip(&times.revised).zip(first_arrival..) {
        arrive(&mut tx, &article.id, arrival, false).await.map_err(failed(DOING))?;
        let moved = sqlx::query("UPDATE articles SET updated = ? WHERE id = ?").bind(updated).bind(article.id.as_str());
        moved.execute(&mut *tx).await.map_err(failed(DOING))?;
        search::put(&mut tx, &StoredArticle { held: false, ..article.clone() }).await.map_err(failed(DOING))?;
    }
    count_change(&mut tx).await.map_err(failed(DOING))?;
    for (source, date) in held.iter().map(|article| (&article.key.source, article.key.date)).collect::<BTreeSet<_>>() {
        search::mark_edition(&mut tx, source, date, now).await.map_err(failed(DOING))?;
    }
    tx.commit().await.map_err(failed(DOING))?;
    Ok(Released { released: names(&held), public: names(&public), unknown })
}
