//! Pages: reading them, and making one the present state of its key.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use super::errors::failed;
use super::rows::{self, select_articles};
use super::{Applied, NotedProblem, PageChange, SqliteStore, StoreError, StoredPage, held, search, sites, sketches};
use crate::model::{ArticleId, ContentHash, PageKey, Problem, StoredArticle};
use crate::store::page_label;
use crate::store::plan::{Plan, Write};
use crate::store::times::{Assigned, Beyond, Taken, Wanted};

const APPLYING: &str = "stored a page";

/// How far around a page's times the taken seconds are looked up at first. An edition of thirty
/// pages fills half of it.
const FIRST_REACH: i64 = 3_600;

pub(super) const KNOWN_ARTICLES: &str =
    select_articles!("WHERE (source = ?1 AND date = ?2 AND page = ?3) OR id IN (SELECT value FROM json_each(?4))");

pub(super) const TAKEN_SECONDS: &str = "SELECT updated FROM articles WHERE updated BETWEEN ?1 AND ?2
     UNION ALL SELECT published FROM articles WHERE published BETWEEN ?1 AND ?2";

pub(super) async fn page(store: &SqliteStore, key: &PageKey) -> Result<Option<StoredPage>, StoreError> {
    let page = read_pages(store, &key.source, key.date, Some(&key.page)).await?.into_iter().next();
    Ok(page)
}

pub(super) async fn pages(store: &SqliteStore, source: &str, date: NaiveDate) -> Result<Vec<StoredPage>, StoreError> {
    let mut pages = read_pages(store, source, date, None).await?;
    pages.sort_by(|a, b| page_label::reading_order(&a.key.page, &b.key.page));
    Ok(pages)
}

/// The pages of an edition, or the one of this label.
async fn read_pages(store: &SqliteStore, source: &str, date: NaiveDate, label: Option<&str>) -> Result<Vec<StoredPage>, StoreError> {
    const DOING: &str = "read an edition's pages";
    let mut tx = store.read(DOING).await?;
    let found = sqlx::query(
        "SELECT source, date, page, hash, cutter, revision, origin, problems, applied
         FROM pages WHERE source = ?1 AND date = ?2 AND page = COALESCE(?3, page)",
    )
    .bind(source)
    .bind(date)
    .bind(label)
    .fetch_all(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    let noted = sqlx::query(
        "SELECT source, date, page, code, message, noted
         FROM noted_problems WHERE source = ?1 AND date = ?2 AND page = COALESCE(?3, page)",
    )
    .bind(source)
    .bind(date)
    .bind(label)
    .fetch_all(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))?;

    let noted = noted.iter().map(noted_problem).collect::<Result<Vec<_>, _>>()?;
    found
        .iter()
        .map(|row| {
            let key = rows::page_key(row)?;
            Ok(StoredPage {
                noted: noted.iter().filter(|noted| noted.key == key).map(|noted| noted.problem.clone()).collect(),
                hash: ContentHash::from_stored(rows::get(row, "hash")?),
                cutter: rows::get(row, "cutter")?,
                revision: rows::get(row, "revision")?,
                origin: rows::get(row, "origin")?,
                problems: rows::from_json(row, "problems")?,
                applied: rows::millis(row, "applied")?,
                key,
            })
        })
        .collect()
}

fn noted_problem(row: &SqliteRow) -> Result<NotedProblem, StoreError> {
    Ok(NotedProblem {
        key: rows::page_key(row)?,
        problem: Problem { code: rows::get::<String>(row, "code")?.into(), message: rows::get(row, "message")? },
        noted: rows::millis(row, "noted")?,
    })
}

pub(super) async fn note_problem(store: &SqliteStore, key: &PageKey, problem: &Problem, now: DateTime<Utc>) -> Result<bool, StoreError> {
    const DOING: &str = "noted a problem of a page";
    let known: Option<String> =
        sqlx::query_scalar("SELECT message FROM noted_problems WHERE source = ? AND date = ? AND page = ? AND code = ?")
            .bind(&key.source)
            .bind(key.date)
            .bind(key.page.as_str())
            .bind(&*problem.code)
            .fetch_optional(&store.readers)
            .await
            .map_err(failed(DOING))?;
    // The usual case at every look but the first; it needs no write lock.
    if known.as_deref() == Some(&*problem.message) {
        return Ok(false);
    }
    let mut tx = store.write(DOING).await?;
    let done = sqlx::query(
        "INSERT INTO noted_problems (source, date, page, code, message, noted) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (source, date, page, code) DO UPDATE SET message = excluded.message, noted = excluded.noted
         WHERE message <> excluded.message",
    )
    .bind(&key.source)
    .bind(key.date)
    .bind(key.page.as_str())
    .bind(&*problem.code)
    .bind(&problem.message)
    .bind(now.timestamp_millis())
    .execute(&mut *tx)
    .await
    .map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn forget_problems(store: &SqliteStore, key: &PageKey) -> Result<(), StoreError> {
    const DOING: &str = "forgot the problems of a page";
    let mut tx = store.write(DOING).await?;
    delete_noted(&mut tx, key).await.map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))
}

async fn delete_noted(tx: &mut SqliteConnection, key: &PageKey) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM noted_problems WHERE source = ? AND date = ? AND page = ?")
        .bind(&key.source)
        .bind(key.date)
        .bind(key.page.as_str())
        .execute(tx)
        .await?;
    Ok(())
}

pub(super) async fn noted_problems(store: &SqliteStore, limit: u32) -> Result<Vec<NotedProblem>, StoreError> {
    let found = sqlx::query(
        "SELECT source, date, page, code, message, noted FROM noted_problems
         ORDER BY noted DESC, source, date DESC, page, code LIMIT ?",
    )
    .bind(limit)
    .fetch_all(&store.readers)
    .await
    .map_err(failed("read the noted problems"))?;
    found.iter().map(noted_problem).collect()
}

pub(super) async fn apply(store: &SqliteStore, change: PageChange) -> Result<Applied, StoreError> {
    let mut tx = store.write(APPLYING).await?;
    let (revision, hash) = present_version(&mut tx, &change.key).await.map_err(failed(APPLYING))?;
    if revision != change.seen_revision {
        return Ok(Applied::Outdated);
    }
    let recut = hash.as_deref() == Some(change.hash.as_str());
    let known = known_articles(&mut tx, &change).await?;
    let plan = Plan::of(&change, known)?;
    let times = assign_times(&mut tx, &plan.wanted(&change, recut)).await.map_err(failed(APPLYING))?;
    let first_arrival = reserve_arrivals(&mut tx, plan.arrivals()).await.map_err(failed(APPLYING))?;
    let backlog = change.backlog || recut;

    write_page(&mut tx, &change).await?;
    if let Some(facsimile) = &change.facsimile {
        sites::write_facsimile(&mut tx, &change.key, facsimile).await?;
    }
    withdraw(&mut tx, &plan.withdrawn).await.map_err(failed(APPLYING))?;
    let changes = plan.changes;
    for write in plan.writes(&change, &times, first_arrival) {
        match write {
            Write::Insert(article) => {
                insert_article(&mut tx, &article, backlog).await?;
                search::put(&mut tx, &article).await.map_err(failed(APPLYING))?;
            }
            Write::Keep(article) => keep_revision(&mut tx, &article).await?,
            Write::Update(article) => {
                update_article(&mut tx, &article).await?;
                search::put(&mut tx, &article).await.map_err(failed(APPLYING))?;
            }
            Write::Free(article) => {
                update_article(&mut tx, &article).await?;
                search::put(&mut tx, &article).await.map_err(failed(APPLYING))?;
                held::arrive(&mut tx, &article.id, article.arrival, recut).await.map_err(failed(APPLYING))?;
            }
        }
    }
    sketches::keep(&mut tx, &change).await.map_err(failed(APPLYING))?;
    delete_noted(&mut tx, &change.key).await.map_err(failed(APPLYING))?;
    count_change(&mut tx).await.map_err(failed(APPLYING))?;
    search::mark_edition(&mut tx, &change.key.source, change.key.date, change.now).await.map_err(failed(APPLYING))?;
    tx.commit().await.map_err(failed(APPLYING))?;
    Ok(Applied::Done(changes))
}

pub(super) async fn count_change(tx: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE counters SET value = value + 1 WHERE name = 'change'").execute(tx).await?;
    Ok(())
}

pub(super) async fn changes(store: &SqliteStore) -> Result<i64, StoreError> {
    sqlx::query_scalar("SELECT value FROM counters WHERE name = 'change'")
        .fetch_one(&store.readers)
        .await
        .map_err(failed("looked for changes"))
}

/// The page's revision and the hash of its bytes; 0 and none where it is not known.
async fn present_version(tx: &mut SqliteConnection, key: &PageKey) -> Result<(u32, Option<String>), sqlx::Error> {
    let found: Option<(u32, String)> = sqlx::query_as("SELECT revision, hash FROM pages WHERE source = ? AND date = ? AND page = ?")
        .bind(&key.source)
        .bind(key.date)
        .bind(key.page.as_str())
        .fetch_optional(tx)
        .await?;
    Ok(found.map_or((0, None), |(revision, hash)| (revision, Some(hash))))
}

/// The articles of the page, and those that have an id of the change.
async fn known_articles(tx: &mut SqliteConnection, change: &PageChange) -> Result<Vec<StoredArticle>, StoreError> {
    let ids: Vec<&ArticleId> = change.articles.iter().map(|article| &article.id).collect();
    let found = sqlx::query(KNOWN_ARTICLES)
        .bind(&change.key.source)
        .bind(change.key.date)
        .bind(change.key.page.as_str())
        .bind(rows::json("ids", &ids)?)
        .fetch_all(tx)
        .await
        .map_err(failed(APPLYING))?;
    rows::articles(&found)
}

/// Assigns the times, looking up taken seconds ever farther until that is far enough. There are
/// finitely many, so it ends.
pub(super) async fn assign_times(tx: &mut SqliteConnection, wanted: &Wanted<'_>) -> Result<Assigned, sqlx::Error> {
    let mut reach = FIRST_REACH;
    loop {
        let mut taken = Taken { spans: wanted.spans(reach), ..Taken::default() };
        for span in &taken.spans {
            let seconds: Vec<i64> = sqlx::query_scalar(TAKEN_SECONDS).bind(span.start()).bind(span.end()).fetch_all(&mut *tx).await?;
            taken.seconds.extend(seconds);
        }
        match wanted.assign(taken) {
            Ok(assigned) => return Ok(assigned),
            Err(Beyond) => reach = reach.saturating_mul(8),
        }
    }
}

/// Moves the counter on by `new` and gives the first of the arrivals so reserved.
pub(super) async fn reserve_arrivals(tx: &mut SqliteConnection, new: usize) -> Result<i64, sqlx::Error> {
    let new = i64::try_from(new).unwrap_or(i64::MAX);
    let last: i64 =
        sqlx::query_scalar("UPDATE counters SET value = value + ? WHERE name = 'arrival' RETURNING value").bind(new).fetch_one(tx).await?;
    Ok(last - new + 1)
}

async fn write_page(tx: &mut SqliteConnection, change: &PageChange) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO pages (source, date, page, hash, cutter, revision, origin, problems, applied) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (source, date, page) DO UPDATE SET hash = excluded.hash, cutter = excluded.cutter,
             revision = excluded.revision, origin = excluded.origin, problems = excluded.problems, applied = excluded.applied",
    )
    .bind(&change.key.source)
    .bind(change.key.date)
    .bind(change.key.page.as_str())
    .bind(change.hash.as_str())
    .bind(change.cutter)
    .bind(change.seen_revision.saturating_add(1))
    .bind(&change.origin)
    .bind(rows::json("problems", &change.problems)?)
    .bind(change.now.timestamp_millis())
    .execute(tx)
    .await
    .map_err(failed(APPLYING))?;
    Ok(())
}

async fn withdraw(tx: &mut SqliteConnection, ids: &[ArticleId]) -> Result<(), sqlx::Error> {
    for id in ids {
        sqlx::query("UPDATE articles SET withdrawn = 1 WHERE id = ?").bind(id.as_str()).execute(&mut *tx).await?;
        search::remove(tx, id).await?;
    }
    Ok(())
}

async fn insert_article(tx: &mut SqliteConnection, article: &StoredArticle, backlog: bool) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO articles
             (id, source, date, page, position, revision, published, updated, arrival, backlog, withdrawn, kind, content)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(article.id.as_str())
    .bind(&article.key.source)
    .bind(article.key.date)
    .bind(article.key.page.as_str())
    .bind(article.position)
    .bind(article.revision)
    .bind(article.published.timestamp())
    .bind(article.updated.timestamp())
    .bind(article.arrival)
    .bind(backlog)
    .bind(article.withdrawn)
    .bind(article.article.kind.as_str())
    .bind(rows::content(&article.article)?)
    .execute(&mut *tx)
    .await
    .map_err(failed(APPLYING))?;
    if article.held {
        held::hold(tx, &article.id).await.map_err(failed(APPLYING))?;
    }
    Ok(())
}

/// Writes what may change of an article: not its source, its date and `published`, and `arrival` only
/// with [`held::arrive`].
async fn update_article(tx: &mut SqliteConnection, article: &StoredArticle) -> Result<(), StoreError> {
    sqlx::query("UPDATE articles SET page = ?, position = ?, revision = ?, updated = ?, withdrawn = ?, kind = ?, content = ? WHERE id = ?")
        .bind(article.key.page.as_str())
        .bind(article.position)
        .bind(article.revision)
        .bind(article.updated.timestamp())
        .bind(article.withdrawn)
        .bind(article.article.kind.as_str())
        .bind(rows::content(&article.article)?)
        .bind(article.id.as_str())
        .execute(tx)
        .await
        .map_err(failed(APPLYING))?;
    Ok(())
}

/// Keeps the text that an article has until now.
async fn keep_revision(tx: &mut SqliteConnection, before: &StoredArticle) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO revisions (article, revision, updated, content) VALUES (?, ?, ?, ?)")
        .bind(before.id.as_str())
        .bind(before.revision)
        .bind(before.updated.timestamp())
        .bind(rows::content(&before.article)?)
        .execute(tx)
        .await
        .map_err(failed(APPLYING))?;
    Ok(())
}
