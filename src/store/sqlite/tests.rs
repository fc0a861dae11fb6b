//! SQLite's own tests beside the conformance suite: opening, sharing a file, and the use of
//! indexes.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{AssertSqlSafe, Row};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::SqliteStore;
use crate::model::ArticleKind;
use crate::store::conformance::{Place, all, apply, at, change, conformance_suite, item, key};
use crate::store::{ArticleQuery, PageChange, SharedStore, Store, StoreError, open};

pub(in crate::store) struct File(TempDir);

impl Place for File {
    fn fresh() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    async fn open(&self) -> SharedStore {
        open("sqlite:newsboy.db", self.0.path()).await.unwrap()
    }
}

conformance_suite!(crate::store::sqlite::tests::File);

/// A page with one article.
fn one_article(page: &str) -> PageChange {
    let key = key("county", page);
    change(&key, 0, vec![item(&key, &format!("新闻 {page}"), "正文。")], at("08:00:00"))
}

/// What a person is told when the file cannot be opened.
async fn refusal(folder: &Path) -> String {
    match SqliteStore::open("sqlite:newsboy.db", folder).await {
        Err(error @ StoreError::Open { .. }) => error.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was opened"),
    }
}

async fn plain(folder: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(folder.join("newsboy.db")).create_if_missing(true);
    SqlitePool::connect_with(options).await.unwrap()
}

#[tokio::test]
async fn a_store_is_made_with_its_folders_and_holds_over_a_restart() {
    let base = tempfile::tempdir().unwrap();
    let store = open("sqlite:deep/er/newsboy.db", base.path()).await.unwrap();
    apply(&*store, one_article("01")).await;
    let before = all(&*store).await;
    store.close().await;
    assert!(store.article(&before[0].id).await.is_err(), "a closed store answers nothing");

    let folder = base.path().join("deep/er");
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    assert_eq!(files, ["newsboy.db"], "a closed store leaves no journal");
    let store = open("sqlite:newsboy.db", &folder).await.unwrap();
    assert_eq!(all(&*store).await, before);
}

#[tokio::test]
async fn the_file_is_in_wal_mode_and_commits_are_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open("sqlite:newsboy.db", folder.path()).await.unwrap();
    let pragma = async |pool: &SqlitePool, name: &str| -> String {
        let row = sqlx::query(AssertSqlSafe(format!("PRAGMA {name}"))).fetch_one(pool).await.unwrap();
        row.try_get::<i64, _>(0).map_or_else(|_| row.get(0), |number| number.to_string())
    };
    assert_eq!(pragma(&store.writer, "journal_mode").await, "wal");
    assert_eq!(pragma(&store.writer, "synchronous").await, "2", "FULL, https://www.sqlite.org/pragma.html#pragma_synchronous");
    assert_eq!(pragma(&store.writer, "foreign_keys").await, "1");
    assert_eq!(pragma(&store.readers, "query_only").await, "1");
    assert_eq!(pragma(&store.writer, "application_id").await, 0x4e57_4259.to_string());
    assert!(pragma(&store.writer, "integrity_check").await == "ok");
}

#[tokio::test]
async fn a_folder_in_the_place_of_the_file_is_told() {
    let base = tempfile::tempdir().unwrap();
    std::fs::create_dir(base.path().join("newsboy.db")).unwrap();
    let told = refusal(base.path()).await;
    assert!(told.contains("newsboy.db") && told.contains("folder stands in its place"), "{told}");

    std::fs::write(base.path().join("file"), "").unwrap();
    let told = refusal(&base.path().join("file")).await;
    assert!(told.contains("its folder cannot be made"), "{told}");
}

#[tokio::test]
async fn a_file_that_is_no_database_or_a_torn_one_is_told_and_not_touched() {
    let base = tempfile::tempdir().unwrap();
    let file = base.path().join("newsboy.db");
    std::fs::write(&file, "a shopping list, long enough to look like a header of a database\n".repeat(20)).unwrap();
    let before = std::fs::read(&file).unwrap();
    let told = refusal(base.path()).await;
    assert!(told.contains("no SQLite file, or a damaged one"), "{told}");
    assert_eq!(std::fs::read(&file).unwrap(), before);

    std::fs::remove_file(&file).unwrap();
    let store = open("sqlite:newsboy.db", base.path()).await.unwrap();
    apply(&*store, one_article("01")).await;
    store.close().await;
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let told = refusal(base.path()).await;
    assert!(told.contains("damaged"), "{told}");
}

#[tokio::test]
async fn another_programs_database_is_refused_and_not_touched() {
    let base = tempfile::tempdir().unwrap();
    let theirs = plain(base.path()).await;
    sqlx::raw_sql("CREATE TABLE articles (id)").execute(&theirs).await.unwrap();
    let told = refusal(base.path()).await;
    assert!(told.contains("another program"), "{told}");
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&theirs).await.unwrap();
    assert_eq!(mode, "delete");
}

#[tokio::test]
async fn a_newer_newsboys_database_is_refused() {
    let base = tempfile::tempdir().unwrap();
    open("sqlite:newsboy.db", base.path()).await.unwrap().close().await;
    let file = plain(base.path()).await;
    let newer =
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', 1, x'00', 0)";
    sqlx::raw_sql(newer).execute(&file).await.unwrap();
    let told = refusal(base.path()).await;
    assert!(told.contains("newer newsboy"), "{told}");
}

/// The labels that older versions stored as the source wrote them: `2.txt` was `02.txt` before, and
/// `a5.txt` never had another name.
#[tokio::test]
async fn pages_that_stood_under_two_labels_become_one_and_are_shown_once() {
    let base = tempfile::tempdir().unwrap();
    let store = open("sqlite:newsboy.db", base.path()).await.unwrap();
    for (page, time) in [("02", "08:00:00"), ("22", "09:00:00"), ("A05", "08:00:00"), ("03", "08:00:00"), ("33", "09:00:00")] {
        let key = key("county", page);
        apply(&*store, change(&key, 0, vec![item(&key, &format!("新闻 {page}"), "正文。")], at(time))).await;
    }
    store.close().await;
    let file = plain(base.path()).await;
    let older = "PRAGMA foreign_keys = OFF; DELETE FROM facts WHERE name = 'page labels';
         UPDATE pages SET hash = (SELECT hash FROM pages WHERE page = '02') WHERE page = '22';
         UPDATE pages SET page = CASE page WHEN '22' THEN '2' WHEN '33' THEN '3' WHEN 'A05' THEN 'a5' ELSE page END;
         UPDATE articles SET page = CASE page WHEN '22' THEN '2' WHEN '33' THEN '3' WHEN 'A05' THEN 'a5' ELSE page END;
         INSERT INTO noted_problems VALUES ('county', '2026-03-02', '7', 'page-empty', 'no bytes', 0)";
    sqlx::raw_sql(older).execute(&file).await.unwrap();
    file.close().await;
    for _ in 0..2 {
        let store = open("sqlite:newsboy.db", base.path()).await.unwrap();
        let pages = store.pages("county", at("00:00:00").date_naive()).await.unwrap();
        assert_eq!(pages.iter().map(|page| &*page.key.page).collect::<Vec<_>>(), ["02", "03", "A05"]);
        let mut shown: Vec<_> = all(&*store).await.iter().map(|a| (a.article.title(), a.article.page.clone())).collect();
        shown.sort();
        // Of the same bytes the first one stays, otherwise the last one.
        let expected = [("新闻 02", "02"), ("新闻 33", "03"), ("新闻 A05", "A05")];
        assert_eq!(shown, expected.map(|(title, page)| (title.to_owned(), page.to_owned())));
        assert_eq!(store.edition("county", at("00:00:00").date_naive()).await.unwrap().len(), 5, "nothing is thrown away");
        assert_eq!(store.noted_problems(9).await.unwrap()[0].key.page, "07");
        store.close().await;
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_told_when_it_is_opened() {
    let base = tempfile::tempdir().unwrap();
    open("sqlite:newsboy.db", base.path()).await.unwrap().close().await;
    // As SQLite itself opens a file that this user may only read; taking the right away would not
    // stop a test that runs as root.
    let path = base.path().join("newsboy.db");
    let told = SqliteStore::open_with(SqliteConnectOptions::new().filename(&path).read_only(true), &path).await.unwrap_err().to_string();
    assert!(told.contains("writable for newsboy"), "{told}");
}

#[tokio::test]
async fn a_writer_that_waits_too_long_says_what_to_look_for_and_readers_do_not_wait() {
    let base = tempfile::tempdir().unwrap();
    let path = base.path().join("newsboy.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true).busy_timeout(Duration::from_millis(20));
    let store = SqliteStore::open_with(options, &path).await.unwrap();
    let other = plain(base.path()).await;
    let theirs = other.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let told = store.apply(one_article("01")).await.unwrap_err().to_string();
    assert!(told.contains("while newsboy stored a page") && told.contains("another process has been writing for long"), "{told}");
    assert!(all(&store).await.is_empty());
    theirs.rollback().await.unwrap();
    apply(&store, one_article("01")).await;
}

#[tokio::test]
async fn a_damaged_row_is_told_with_what_stands_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open("sqlite:newsboy.db", folder.path()).await.unwrap();
    apply(&store, one_article("01")).await;
    let query = ArticleQuery { limit: 9, ..ArticleQuery::default() };
    let damages = [("content", "'{\"kind\":'"), ("date", "'yesterday'"), ("updated", "9223372036854775807"), ("id", "'art_x'")];
    for (column, value) in damages {
        let mut tx = store.write("damaged a row").await.unwrap();
        sqlx::query("PRAGMA defer_foreign_keys = ON").execute(&mut *tx).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("UPDATE articles SET {column} = {value}"))).execute(&mut *tx).await.unwrap();
        // Read inside the transaction, which is then given up, so that each damage stands alone.
        let row = super::articles::newest_articles(&query).build().fetch_one(&mut *tx).await.unwrap();
        let told = super::rows::article(&row).unwrap_err();
        assert!(matches!(&told, StoreError::Corrupt { .. }), "{column}: {told}");
        assert!(told.to_string().contains(column), "{told}");
    }
    assert_eq!(all(&store).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_that_begin_one_file_together_all_find_it_ready() {
    for _ in 0..5 {
        let base = Arc::new(tempfile::tempdir().unwrap());
        let mut openings = JoinSet::new();
        for n in 0..6 {
            let base = base.clone();
            openings.spawn(async move {
                let store = open("sqlite:newsboy.db", base.path()).await.unwrap();
                apply(&*store, one_article(&n.to_string())).await;
                store
            });
        }
        for store in openings.join_all().await {
            assert_eq!(all(&*store).await.len(), 6);
        }
    }
}

/// A task that is dropped in the middle of a transaction, as at a shutdown, leaves nothing behind
/// and blocks nobody.
#[tokio::test]
async fn work_that_is_dropped_half_way_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open("sqlite:newsboy.db", folder.path()).await.unwrap();
    let mut applied = 0;
    for micros in (0..6_000).step_by(200) {
        let page = one_article(&micros.to_string());
        let key = page.key.clone();
        let ended = tokio::time::timeout(Duration::from_micros(micros), store.apply(page)).await;
        // The commit may pass though nobody waits for the answer; the next writer waits for its end.
        drop(store.write("waited").await.unwrap());
        let page = store.page(&key).await.unwrap();
        let articles = store.edition("county", key.date).await.unwrap().into_iter().filter(|article| article.key == key).count();
        assert_eq!(articles, usize::from(page.is_some()));
        assert!(ended.is_err() || page.is_some());
        applied += articles;
    }
    apply(&store, one_article("last")).await;
    assert_eq!(all(&store).await.len(), applied + 1);
}

/// How SQLite goes about a query.
async fn plan(store: &SqliteStore, sql: &str) -> String {
    let rows = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"))).fetch_all(&store.readers).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn the_newest_articles_are_read_from_an_index_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open("sqlite:newsboy.db", folder.path()).await.unwrap();
    let every = ArticleQuery { kinds: vec![ArticleKind::Article, ArticleKind::Photo], limit: 100, ..ArticleQuery::default() };
    let sources = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let queries = [
        (every.clone(), "articles_by_updated"),
        (ArticleQuery { before: Some(at("08:00:00")), ..every.clone() }, "articles_by_updated"),
        (ArticleQuery { sources: sources(&["county"]), ..every.clone() }, "articles_by_source"),
        (ArticleQuery { sources: sources(&["county"]), before: Some(at("08:00:00")), ..every.clone() }, "articles_by_source"),
        (ArticleQuery { sources: sources(&["county", "city"]), ..every.clone() }, "articles_by_updated"),
    ];
    for (query, index) in queries {
        let plan = plan(&store, super::articles::newest_articles(&query).sql().as_str()).await;
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{plan}");
    }
    for (names, columns) in [(&["county"][..], "date=? AND source=?"), (&["county", "city"], "date=?"), (&[], "date=?")] {
        let edition = ArticleQuery { sources: sources(names), date: Some(at("08:00:00").date_naive()), ..every.clone() };
        let plan = plan(&store, super::articles::newest_articles(&edition).sql().as_str()).await;
        assert!(plan.contains(&format!("articles_by_page ({columns})")), "{plan}");
    }
}

#[tokio::test]
async fn arrivals_times_and_due_messages_are_read_from_indexes() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open("sqlite:newsboy.db", folder.path()).await.unwrap();
    let arrivals = plan(&store, super::articles::ARRIVALS).await;
    assert!(arrivals.contains("articles_by_arrival") && !arrivals.contains("TEMP B-TREE"), "{arrivals}");
    let due = plan(&store, super::deliveries::EARLIEST_DUE).await;
    assert!(due.contains("deliveries_pending (webhook=?)"), "{due}");
    let old = plan(&store, super::ledger::OLD_DIGESTS).await;
    assert!(old.contains("digests_by_queued (queued<?)") && !old.contains("SCAN"), "{old}");
    let taken = plan(&store, super::pages::TAKEN_SECONDS).await;
    assert!(taken.contains("articles_by_updated (updated") && taken.contains("articles_by_published (published"), "{taken}");
    let known = plan(&store, super::pages::KNOWN_ARTICLES).await;
    assert!(known.contains("articles_by_page") && !known.contains("SCAN articles"), "{known}");
}
