//! Reading articles and editions.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{QueryBuilder, Sqlite};

use super::errors::failed;
use super::rows::{self, select_articles};
use super::{Arrivals, ArticleQuery, EditionSummary, Revision, SqliteStore, StoreError};
use crate::model::{ArticleId, ArticleKind, StoredArticle};
use crate::store::page_label;

pub(super) async fn edition(store: &SqliteStore, source: &str, date: NaiveDate) -> Result<Vec<StoredArticle>, StoreError> {
    let found = sqlx::query(select_articles!("WHERE source = ? AND date = ?"))
        .bind(source)
        .bind(date)
        .fetch_all(&store.readers)
        .await
        .map_err(failed("read an edition"))?;
    let mut articles = rows::articles(&found)?;
    articles.sort_by(|a, b| {
        let place = page_label::reading_order(&a.key.page, &b.key.page).then(a.position.cmp(&b.position));
        // A withdrawn article keeps its place, which another one may have taken since.
        place.then(a.withdrawn.cmp(&b.withdrawn)).then(a.arrival.cmp(&b.arrival))
    });
    Ok(articles)
}

pub(super) async fn articles(store: &SqliteStore, query: &ArticleQuery) -> Result<Vec<StoredArticle>, StoreError> {
    let mut sql = newest_articles(query);
    let found = sql.build().fetch_all(&store.readers).await.map_err(failed("read the newest articles"))?;
    rows::articles(&found)
}

/// The query of [`articles`].
pub(super) fn newest_articles(query: &ArticleQuery) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::<Sqlite>::new(select_articles!("WHERE withdrawn = 0 AND id NOT IN (SELECT article FROM held_articles)"));
    match &*query.sources {
        [] => {}
        [source] => {
            sql.push(" AND source = ").push_bind(source.clone());
        }
        sources => {
            // The plus keeps SQLite from reading all of the sources' articles to sort them: it
            // walks down `updated` instead and stops at the limit.
            let mut list = sql.push(" AND +source IN (").separated(", ");
            for source in sources {
                list.push_bind(source.clone());
            }
            sql.push(")");
        }
    }
    if !query.kinds.is_empty() {
        let mut list = sql.push(" AND kind IN (").separated(", ");
        for kind in &query.kinds {
            list.push_bind(kind.as_str());
        }
        sql.push(")");
    }
    if let Some(date) = query.date {
        sql.push(" AND date = ").push_bind(date);
    }
    if let Some(before) = query.before {
        sql.push(" AND updated < ").push_bind(second_up(before));
    }
    // One date's articles are few: they are found by date and sorted. Without the plus SQLite would
    // walk down `updated` until it comes to the date, however long ago that is.
    sql.push(if query.date.is_some() { " ORDER BY +updated DESC LIMIT " } else { " ORDER BY updated DESC LIMIT " }).push_bind(query.limit);
    sql
}

/// The first whole second at or after an instant: whole seconds lie before the one if and only if
/// they lie before the other.
fn second_up(instant: DateTime<Utc>) -> i64 {
    instant.timestamp() + i64::from(instant.timestamp_subsec_nanos() > 0)
}

pub(super) async fn article(store: &SqliteStore, id: &ArticleId) -> Result<Option<StoredArticle>, StoreError> {
    let found = sqlx::query(select_articles!("WHERE id = ?"))
        .bind(id.as_str())
        .fetch_optional(&store.readers)
        .await
        .map_err(failed("read an article"))?;
    found.as_ref().map(rows::article).transpose()
}

pub(super) async fn revisions(store: &SqliteStore, id: &ArticleId) -> Result<Vec<Revision>, StoreError> {
    let found = sqlx::query("SELECT revision, updated, content FROM revisions WHERE article = ? ORDER BY revision")
        .bind(id.as_str())
        .fetch_all(&store.readers)
        .await
        .map_err(failed("read an article's revisions"))?;
    found
        .iter()
        .map(|row| {
            Ok(Revision {
                revision: rows::get(row, "revision")?,
                updated: rows::seconds(row, "updated")?,
                article: rows::from_json(row, "content")?,
            })
        })
        .collect()
}

pub(super) async fn editions(store: &SqliteStore, limit: u32) -> Result<Vec<EditionSummary>, StoreError> {
    let mut sql = QueryBuilder::<Sqlite>::new(
        "WITH newest AS (
             SELECT date, source, COUNT(*) AS pages FROM pages GROUP BY date, source ORDER BY date DESC, source LIMIT ",
    );
    sql.push_bind(limit).push(
        ") SELECT date, source, pages, (
             SELECT COUNT(*) FROM articles
             WHERE articles.source = newest.source AND articles.date = newest.date AND withdrawn = 0
                 AND id NOT IN (SELECT article FROM held_articles) AND kind IN (",
    );
    let mut list = sql.separated(", ");
    for kind in ArticleKind::ALL.into_iter().filter(|kind| kind.is_news()) {
        list.push_bind(kind.as_str());
    }
    sql.push(")) AS news FROM newest ORDER BY date DESC, source");
    let found = sql.build().fetch_all(&store.readers).await.map_err(failed("read the list of editions"))?;
    found
        .iter()
        .map(|row| {
            Ok(EditionSummary {
                source: rows::get(row, "source")?,
                date: rows::get(row, "date")?,
                pages: rows::get(row, "pages")?,
                news: rows::get(row, "news")?,
            })
        })
        .collect()
}

pub(super) async fn source_dates(store: &SqliteStore, source: &str, limit: u32) -> Result<Vec<NaiveDate>, StoreError> {
    sqlx::query_scalar("SELECT DISTINCT date FROM pages WHERE source = ? ORDER BY date DESC LIMIT ?")
        .bind(source)
        .bind(limit)
        .fetch_all(&store.readers)
        .await
        .map_err(failed("read a source's dates"))
}

pub(super) const ARRIVALS: &str =
    select_articles!("WHERE arrival > ? AND backlog <= ? AND id NOT IN (SELECT article FROM held_articles) ORDER BY arrival LIMIT ?");

pub(super) async fn arrivals(store: &SqliteStore, after: i64, backlog: bool, limit: u32) -> Result<Arrivals, StoreError> {
    const DOING: &str = "read the arrivals";
    let mut tx = store.read(DOING).await?;
    let found = sqlx::query(ARRIVALS).bind(after).bind(backlog).bind(limit).fetch_all(&mut *tx).await.map_err(failed(DOING))?;
    let last = super::digests::last_arrival(&mut tx).await.map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))?;
    let mut articles = rows::articles(&found)?;
    let is_last = articles.len() < usize::try_from(limit).unwrap_or(usize::MAX);
    let through = if is_last { last } else { articles.last().map_or(after, |article| article.arrival) };
    let withdrawn = articles.iter().filter(|article| article.withdrawn).map(|article| article.id.clone()).collect();
    articles.retain(|article| !article.withdrawn);
    Ok(Arrivals { articles, withdrawn, through, is_last })
}

pub(super) async fn missed(store: &SqliteStore, webhook: &str, limit: u32) -> Result<Vec<StoredArticle>, StoreError> {
    let found = sqlx::query(select_articles!(
        "WHERE withdrawn = 0 AND id NOT IN (SELECT article FROM held_articles)
             AND id IN (SELECT article FROM missed WHERE webhook = ?) ORDER BY arrival LIMIT ?"
    ))
    .bind(webhook)
    .bind(limit)
    .fetch_all(&store.readers)
    .await
    .map_err(failed("read the articles that a webhook missed"))?;
    rows::articles(&found)
}
