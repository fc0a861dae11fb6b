//! Faults in the middle of work: every write of every method fails in turn, in each of the ways in
//! which SQLite can fail, and after each failure the store is wholly as it was before and goes on
//! working.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use chrono::Duration;
use sqlx::{AssertSqlSafe, Row, SqlitePool};

use super::SqliteStore;
use crate::model::{Attempt, DeliveryId, Problem};
use crate::store::conformance::digests::{digest, queue};
use crate::store::conformance::{apply, at, change, hub, item, key};
use crate::store::{Beginning, DeliveryQuery, DueHubTask, HubStep, HubTask, NextStep, QueuedDigest, Store, StoreError};

/// More writes than any method makes here.
const MOST_WRITES: u32 = 200;

/// How the n-th write fails.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// The statement fails and what it did is undone.
    Abort,
    /// The statement fails and what it did until then stands.
    Fail,
    /// SQLite ends the whole transaction, as it does when the disk is full.
    Rollback,
    /// The write passes and the commit fails.
    Commit,
}

impl Fault {
    fn sql(self) -> &'static str {
        match self {
            Self::Abort => "SELECT RAISE(ABORT, 'fault') WHERE (SELECT writes FROM until_fault) = 0;",
            Self::Fail => "SELECT RAISE(FAIL, 'fault') WHERE (SELECT writes FROM until_fault) = 0;",
            Self::Rollback => "SELECT RAISE(ROLLBACK, 'fault') WHERE (SELECT writes FROM until_fault) = 0;",
            Self::Commit => "INSERT INTO orphan SELECT 1 WHERE (SELECT writes FROM until_fault) = 0;",
        }
    }

    /// Makes the `nth` write of the writer's connection fail. The connection may be a new one.
    async fn arm(self, writer: &SqlitePool, nth: u32) {
        let mut script = format!(
            "CREATE TEMP TABLE IF NOT EXISTS until_fault (writes INTEGER);
             DELETE FROM until_fault; INSERT INTO until_fault VALUES ({nth});
             CREATE TEMP TABLE IF NOT EXISTS nobody (id INTEGER PRIMARY KEY);
             CREATE TEMP TABLE IF NOT EXISTS orphan (parent REFERENCES nobody (id) DEFERRABLE INITIALLY DEFERRED);"
        );
        for table in tables(writer).await {
            for event in ["INSERT", "UPDATE", "DELETE"] {
                script += &format!(
                    "CREATE TEMP TRIGGER IF NOT EXISTS {table}_{event} AFTER {event} ON main.{table} BEGIN
                         UPDATE until_fault SET writes = writes - 1; {} END;",
                    self.sql()
                );
            }
        }
        sqlx::raw_sql(AssertSqlSafe(script)).execute(writer).await.unwrap();
    }

    async fn disarm(writer: &SqlitePool) {
        let armed: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM temp.sqlite_schema WHERE name = 'until_fault'").fetch_one(writer).await.unwrap();
        if armed > 0 {
            sqlx::query("UPDATE until_fault SET writes = -1").execute(writer).await.unwrap();
        }
    }
}

/// The index and the tables that FTS5 keeps it in take no triggers.
async fn tables(pool: &SqlitePool) -> Vec<String> {
    let sql = "SELECT name FROM main.sqlite_schema WHERE type = 'table'
         AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'search%'";
    sqlx::query_scalar(sql).fetch_all(pool).await.unwrap()
}

/// Everything that stands in the store, as readers see it.
async fn dump(store: &SqliteStore) -> Vec<String> {
    let mut lines = Vec::new();
    for table in tables(&store.readers).await {
        let sql = format!("SELECT json_group_array(name) FROM pragma_table_info('{table}')");
        let columns: String = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&store.readers).await.unwrap();
        let columns: Vec<String> = serde_json::from_str(&columns).unwrap();
        let sql = format!("SELECT json_array({}) FROM {table} ORDER BY 1", columns.join(", "));
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&store.readers).await.unwrap();
        lines.extend(rows.iter().map(|row| format!("{table} {}", row.get::<String, _>(0))));
    }
    lines
}

/// A store with a page whose articles stand, were revised and withdrawn, a noted problem, and
/// messages in every state.
async fn seeded(folder: &Path) -> SqliteStore {
    let store = SqliteStore::open("sqlite:newsboy.db", folder).await.unwrap();
    let page = key("county", "01");
    let items = ["春耕", "要闻", "秋收", "地铁"].map(|headline| item(&page, headline, "正文。"));
    apply(&store, change(&page, 0, items.to_vec(), at("06:30:00"))).await;
    apply(&store, change(&page, 1, items[..3].to_vec(), at("06:40:00"))).await;
    store.note_problem(&page, &Problem::new("page-empty", "no bytes"), at("06:50:00")).await.unwrap();
    queue(&store, "desk", 3).await;
    let mark = store.enrol_webhook("idle", Beginning::Now, at("07:00:00")).await.unwrap();
    let passed_over = vec![items[3].id.clone()];
    assert!(store.queue_digest(QueuedDigest { passed_over, ..digest("idle", mark, at("08:00:00"), 0) }).await.unwrap());
    for next in [NextStep::Dead, NextStep::Delivered] {
        let due = store.claim("desk", at("08:00:00"), at("08:01:00")).await.unwrap().unwrap();
        store.record(&due.id, &attempt(due.attempts + 1), next).await.unwrap();
    }
    store.claim("desk", at("08:00:00"), at("08:01:00")).await.unwrap().unwrap();
    hub::subscribed(&store, hub::CALLBACK, hub::subscribe("s", 1), at("08:00:00")).await;
    for version in ["1", "2"] {
        hub::announce(&store, version, at("08:00:00")).await;
    }
    store.take_wish(&hub::wish("https://sub.example/3", hub::subscribe("t", 1), at("08:00:00")), hub::LIMITS).await.unwrap();
    store
}

fn attempt(number: u32) -> Attempt {
    Attempt { number, at: at("08:00:01"), result: "HTTP 503".to_owned(), status: Some(503), answer: "busy".to_owned() }
}

/// The methods that write.
const METHODS: [&str; 21] = [
    "fix_authority",
    "apply a new page",
    "apply a changed page",
    "note_problem",
    "note_problem again",
    "forget_problems",
    "enrol_webhook",
    "queue_digest",
    "claim",
    "record a delivery",
    "record a failure",
    "record an end",
    "redeliver",
    "prune",
    "give_up_others",
    "take_wish",
    "announce",
    "claim_hub_task",
    "finish a wish",
    "finish an update at its end",
    "keep_topics",
];

/// Does to a seeded store what its name says.
async fn call(store: &SqliteStore, method: &str) -> Result<(), StoreError> {
    let page = key("county", "01");
    let delivery = async |part: u32| -> Result<DeliveryId, StoreError> {
        let ledger = store.deliveries(&DeliveryQuery { limit: 9, ..DeliveryQuery::default() }).await?;
        Ok(ledger.into_iter().find(|delivery| delivery.part == part).unwrap().id)
    };
    match method {
        "fix_authority" => store.fix_authority("example.org,2026").await,
        "apply a new page" => {
            let page = key("county", "02");
            let items = (0..3).map(|n| item(&page, &format!("新闻 {n}"), &"正文。".repeat(2_000)));
            store.apply(change(&page, 0, items.collect(), at("09:00:00"))).await.map(drop)
        }
        // One comes back, one is revised, one is withdrawn, one moves down, one is new.
        "apply a changed page" => {
            let items = ["地铁", "要闻", "春耕", "植树"].map(|headline| {
                let body = if headline == "春耕" { "改后的正文。" } else { "正文。" };
                item(&page, headline, body)
            });
            store.apply(change(&page, 2, items.to_vec(), at("09:00:00"))).await.map(drop)
        }
        "note_problem" => store.note_problem(&page, &Problem::new("page-binary", "no text"), at("09:00:00")).await.map(drop),
        "note_problem again" => store.note_problem(&page, &Problem::new("page-empty", "only spaces"), at("09:00:00")).await.map(drop),
        "forget_problems" => store.forget_problems(&page).await,
        "enrol_webhook" => store.enrol_webhook("room", Beginning::Now, at("09:00:00")).await.map(drop),
        "queue_digest" => {
            let mark = store.enrol_webhook("desk", Beginning::Now, at("09:00:00")).await?;
            let (passed_over, caught) = (vec![item(&page, "秋收", "").id], vec![item(&page, "地铁", "").id]);
            let queued = QueuedDigest { passed_over, caught, ..digest("desk", mark, at("09:00:00"), 3) };
            store.queue_digest(queued).await.map(|queued| assert!(queued))
        }
        "claim" => {
            let claimed = store.claim("desk", at("09:00:00"), at("09:01:00")).await?;
            assert!(claimed.is_some());
            Ok(())
        }
        "record a delivery" => store.record(&delivery(3).await?, &attempt(1), NextStep::Delivered).await,
        "record a failure" => store.record(&delivery(3).await?, &attempt(1), NextStep::RetryAt(at("09:00:00"))).await,
        "record an end" => store.record(&delivery(3).await?, &attempt(1), NextStep::Dead).await,
        "redeliver" => store.redeliver(&delivery(1).await?, at("09:00:00"), at("10:00:00") + Duration::days(1)).await.map(drop),
        "prune" => store.prune(at("23:00:00"), 9).await.map(|forgotten| assert_eq!(forgotten, 1)),
        "give_up_others" => store.give_up_others(&[], "gone", at("09:00:00")).await.map(drop),
        "take_wish" => {
            store.take_wish(&hub::wish("https://sub.example/2", hub::subscribe("s", 1), at("09:00:00")), hub::LIMITS).await.map(drop)
        }
        "announce" => store.announce(hub::TOPIC, "3", Some("https://hub.example/"), at("10:00:00"), at("09:00:00")).await.map(drop),
        "claim_hub_task" => store.claim_hub_task(at("09:00:00"), at("09:01:00")).await.map(|task| assert!(task.is_some())),
        "finish a wish" => store.finish_hub_task(&hub_task(store, true).await?, HubStep::Done, at("09:00:00")).await,
        "finish an update at its end" => store.finish_hub_task(&hub_task(store, false).await?, HubStep::Ended, at("09:00:00")).await,
        "keep_topics" => store.keep_topics(&[], "gone", at("10:00:00"), at("09:00:00")).await.map(drop),
        other => panic!("no method {other}"),
    }
}

/// A task of the seeded store as its holder knows it: the wish that waits, or the update.
async fn hub_task(store: &SqliteStore, is_wish: bool) -> Result<DueHubTask, StoreError> {
    let kind = if is_wish { "verify" } else { "update" };
    let row = sqlx::query("SELECT id, topic, callback FROM hub_tasks WHERE kind = ?").bind(kind).fetch_one(&store.readers).await.unwrap();
    let task = match is_wish {
        true => HubTask::Verify(hub::subscribe("t", 1)),
        false => HubTask::Update { secret: None, version: "2".to_owned() },
    };
    Ok(DueHubTask { id: row.get("id"), task, topic: row.get("topic"), callback: row.get("callback"), attempts: 0, expires: at("10:00:00") })
}

async fn after_each_fault_the_store_is_as_before_and_goes_on(fault: Fault) {
    let folder = tempfile::tempdir().unwrap();
    for (method, number) in METHODS.into_iter().zip(0..) {
        let (clean, faulty) = (folder.path().join(format!("clean {number}")), folder.path().join(format!("faulty {number}")));
        let (clean, faulty) = (seeded(&clean).await, seeded(&faulty).await);
        let before = dump(&faulty).await;
        assert_eq!(before, dump(&clean).await);
        call(&clean, method).await.unwrap();
        let after = dump(&clean).await;
        assert!(after != before, "{method} changes nothing");

        let mut nth = 1;
        loop {
            fault.arm(&faulty.writer, nth).await;
            let result = call(&faulty, method).await;
            Fault::disarm(&faulty.writer).await;
            if result.is_ok() {
                break;
            }
            assert!(matches!(result, Err(StoreError::Database { .. })), "{method}, write {nth}: {result:?}");
            assert_eq!(dump(&faulty).await, before, "{method}, write {nth}");
            nth += 1;
            assert!(nth < MOST_WRITES);
        }
        assert!(nth > 1, "{method} writes nothing, so no fault was met");
        assert_eq!(dump(&faulty).await, after, "{method}");
    }
}

#[tokio::test]
async fn after_a_failed_statement_the_store_is_as_before_and_goes_on() {
    after_each_fault_the_store_is_as_before_and_goes_on(Fault::Abort).await;
}

#[tokio::test]
async fn after_a_statement_that_failed_half_done_the_store_is_as_before_and_goes_on() {
    after_each_fault_the_store_is_as_before_and_goes_on(Fault::Fail).await;
}

#[tokio::test]
async fn after_a_transaction_that_sqlite_ended_the_store_is_as_before_and_goes_on() {
    after_each_fault_the_store_is_as_before_and_goes_on(Fault::Rollback).await;
}

#[tokio::test]
async fn after_a_failed_commit_the_store_is_as_before_and_goes_on() {
    after_each_fault_the_store_is_as_before_and_goes_on(Fault::Commit).await;
}

#[tokio::test]
async fn a_full_disk_is_told_and_leaves_the_store_as_before_until_there_is_space() {
    let folder = tempfile::tempdir().unwrap();
    let store = seeded(folder.path()).await;
    let before = dump(&store).await;
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&store.writer).await.unwrap();
    let mut full = 0;
    for more in 0.. {
        let limit = format!("PRAGMA max_page_count = {}", pages + more);
        sqlx::query(AssertSqlSafe(limit)).execute(&store.writer).await.unwrap();
        match call(&store, "apply a new page").await {
            Ok(()) => break,
            Err(error) => {
                let told = error.to_string();
                assert!(told.contains("full") && told.contains("free some space"), "{told}");
                assert_eq!(dump(&store).await, before);
                full += 1;
            }
        }
    }
    assert!(full > 1, "the page needs more than one block");
    assert_ne!(dump(&store).await, before);
}
