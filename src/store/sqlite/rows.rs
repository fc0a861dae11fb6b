//! Values to columns and back.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::StoreError;
use super::errors::failed;
use crate::model::{Article, ArticleId, PageKey, StoredArticle};

/// A query for articles, with the columns that [`article`] reads. What is given goes on behind
/// `FROM articles`.
macro_rules! select_articles {
    ($rest:literal) => {
        concat!(
            "SELECT id, source, date, page, position, revision, published, updated, arrival, withdrawn,
                 id IN (SELECT article FROM held_articles) AS held, content
             FROM articles ",
            $rest
        )
    };
}
pub(super) use select_articles;

/// A value as JSON. None of the model's types fails here: they have text keys and finite numbers.
pub(super) fn json<T: Serialize + ?Sized>(what: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt { what, value: error.to_string() })
}

/// An article as JSON. A confidence that is no number would read back as none at all, so it is
/// kept within its bounds.
pub(super) fn content(article: &Article) -> Result<String, StoreError> {
    let confidence = if article.confidence.is_nan() { 0.0 } else { article.confidence.clamp(0.0, 1.0) };
    json("article", &Article { confidence, ..article.clone() })
}

/// A JSON column.
pub(super) fn from_json<T: DeserializeOwned>(row: &SqliteRow, column: &'static str) -> Result<T, StoreError> {
    let text: &str = row.try_get(column).map_err(failed("read a row"))?;
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt { what: column, value: format!("{text:.80}: {error}") })
}

/// A column of a plain type.
pub(super) fn get<'r, T>(row: &'r SqliteRow, column: &'static str) -> Result<T, StoreError>
where
    T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    row.try_get(column).map_err(failed("read a row"))
}

/// A column of milliseconds.
pub(super) fn millis(row: &SqliteRow, column: &'static str) -> Result<DateTime<Utc>, StoreError> {
    instant(column, get(row, column)?)
}

/// A column of milliseconds that may be null.
pub(super) fn optional_millis(row: &SqliteRow, column: &'static str) -> Result<Option<DateTime<Utc>>, StoreError> {
    get::<Option<i64>>(row, column)?.map(|millis| instant(column, millis)).transpose()
}

/// Stored milliseconds as an instant.
pub(super) fn instant(what: &'static str, millis: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_millis(millis).ok_or_else(|| StoreError::Corrupt { what, value: millis.to_string() })
}

/// A column of seconds.
pub(super) fn seconds(row: &SqliteRow, column: &'static str) -> Result<DateTime<Utc>, StoreError> {
    let seconds = get(row, column)?;
    DateTime::from_timestamp(seconds, 0).ok_or_else(|| StoreError::Corrupt { what: column, value: seconds.to_string() })
}

/// An identifier or a name of a kind; `parse` knows the form.
pub(super) fn parsed<T>(row: &SqliteRow, column: &'static str, parse: fn(&str) -> Option<T>) -> Result<T, StoreError> {
    let text: &str = get(row, column)?;
    parse(text).ok_or_else(|| StoreError::Corrupt { what: column, value: text.to_owned() })
}

/// The page a row belongs to.
pub(super) fn page_key(row: &SqliteRow) -> Result<PageKey, StoreError> {
    Ok(PageKey { source: get(row, "source")?, date: get::<NaiveDate>(row, "date")?, page: get::<String>(row, "page")?.into() })
}

/// A row of [`select_articles`].
pub(super) fn article(row: &SqliteRow) -> Result<StoredArticle, StoreError> {
    Ok(StoredArticle {
        id: parsed(row, "id", ArticleId::parse)?,
        key: page_key(row)?,
        position: get(row, "position")?,
        revision: get(row, "revision")?,
        published: seconds(row, "published")?,
        updated: seconds(row, "updated")?,
        arrival: get(row, "arrival")?,
        withdrawn: get(row, "withdrawn")?,
        held: get(row, "held")?,
        article: from_json(row, "content")?,
    })
}

/// Rows of [`select_articles`].
pub(super) fn articles(rows: &[SqliteRow]) -> Result<Vec<StoredArticle>, StoreError> {
    rows.iter().map(article).collect()
}
