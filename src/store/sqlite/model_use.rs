//! What was asked of language models.

use chrono::{Days, NaiveDate};

use super::errors::failed;
use super::{ModelBound, ModelUse, SqliteStore, StoreError};

/// Days for which it is kept what was asked.
const KEPT_DAYS: u64 = 31;

pub(super) async fn ask(
    store: &SqliteStore,
    account: &str,
    day: NaiveDate,
    characters: u64,
    bound: ModelBound,
) -> Result<ModelUse, StoreError> {
    const DOING: &str = "counted what a language model is asked";
    let mut tx = store.write(DOING).await?;
    let found: Option<(u32, i64, bool)> =
        sqlx::query_as("SELECT requests, characters, refused FROM model_use WHERE day = ? AND account = ?")
            .bind(day)
            .bind(account)
            .fetch_optional(&mut *tx)
            .await
            .map_err(failed(DOING))?;
    let (requests, spent, refused) = found.unwrap_or_default();
    let spent = u64::try_from(spent).unwrap_or(0);
    let granted = requests < bound.requests && spent.saturating_add(characters) <= bound.characters;
    let (more, characters) = if granted { (1_u32, characters) } else { (0, 0) };
    sqlx::query(
        "INSERT INTO model_use (day, account, requests, characters, refused) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (day, account) DO UPDATE SET requests = requests + excluded.requests,
             characters = characters + excluded.characters, refused = MAX(refused, excluded.refused)",
    )
    .bind(day)
    .bind(account)
    .bind(more)
    .bind(i64::try_from(characters).unwrap_or(i64::MAX))
    .bind(!granted)
    .execute(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    let oldest = day.checked_sub_days(Days::new(KEPT_DAYS)).unwrap_or(NaiveDate::MIN);
    sqlx::query("DELETE FROM model_use WHERE day < ?").bind(oldest).execute(&mut *tx).await.map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))?;
    Ok(if granted { ModelUse::Granted } else { ModelUse::Refused { is_first: !refused } })
}
