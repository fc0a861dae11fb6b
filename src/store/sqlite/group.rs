//! Many writes in one transaction.
//!
//! A commit waits for the disk, and at a full hour hundreds of webhooks queue a digest, begin a message
//! and record what came of it in the same moment. Whoever gets the writer takes along what the others
//! wait to write, and each of them hears of it when the commit that they share is on the disk: nobody
//! takes for written what is not.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use sqlx::{Connection, Sqlite, SqliteConnection, SqlitePool, pool::PoolConnection};
use tokio::sync::oneshot;

use super::StoreError;
use super::errors::{advice, failed};

/// Entries that share a transaction at most, so that the last of them is not kept waiting by the others.
const MOST: usize = 100;

/// A write that may share its transaction with others. One that fails takes none of them with it: they are
/// all rolled back, and each is written once more in a transaction of its own. One that gives an answer
/// has written all that belongs to it, or nothing.
#[async_trait]
pub(super) trait Entry: Send + Sync + 'static {
    /// What is being done, in words that follow "while newsboy".
    const DOING: &'static str;

    /// What whoever asked for it gets.
    type Answer: Send + 'static;

    /// Writes. It may be called twice, the second time after all of the first was rolled back.
    async fn write(&self, tx: &mut SqliteConnection) -> Result<Self::Answer, StoreError>;
}

/// An entry that waits to be written, whatever its kind.
#[async_trait]
trait Waiting: Send {
    /// Gives whether it went well; what it came to is kept for [`Waiting::tell`].
    async fn write(&mut self, tx: &mut SqliteConnection) -> bool;

    /// Tells whoever waits what the writing came to.
    fn tell(self: Box<Self>);

    /// Tells whoever waits that nothing was written.
    fn refuse(self: Box<Self>, why: &dyn Fn(&'static str) -> StoreError);
}

/// An entry with the one who waits for it.
struct Waiter<E: Entry> {
    entry: E,
    outcome: Option<Result<E::Answer, StoreError>>,
    asked: oneshot::Sender<Result<E::Answer, StoreError>>,
}

#[async_trait]
impl<E: Entry> Waiting for Waiter<E> {
    async fn write(&mut self, tx: &mut SqliteConnection) -> bool {
        let outcome = self.entry.write(tx).await;
        self.outcome.insert(outcome).is_ok()
    }

    // Whoever waited may be gone; what was written stays written.
    fn tell(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            let _ = self.asked.send(outcome);
        }
    }

    fn refuse(self: Box<Self>, why: &dyn Fn(&'static str) -> StoreError) {
        let _ = self.asked.send(Err(why(E::DOING)));
    }
}

/// What became of a transaction.
enum Ended {
    Committed,
    /// An entry failed, or the commit did, with what the engine said.
    RolledBack(Option<sqlx::Error>),
    NotBegun(sqlx::Error),
}

/// The entries that wait for the writer.
pub(super) struct Group {
    writer: SqlitePool,
    waiting: Mutex<VecDeque<Box<dyn Waiting>>>,
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Group").finish_non_exhaustive()
    }
}

impl Group {
    /// Entries for this pool of one connection.
    pub(super) fn new(writer: SqlitePool) -> Arc<Self> {
        Arc::new(Self { writer, waiting: Mutex::default() })
    }

    /// Writes an entry, alone or with others, and comes back when it is on the disk.
    pub(super) async fn enter<E: Entry>(self: &Arc<Self>, entry: E) -> Result<E::Answer, StoreError> {
        let (asked, told) = oneshot::channel();
        self.queue().push_back(Box::new(Waiter { entry, outcome: None, asked }));
        // In a task of its own: whoever asked may be dropped while it writes for others. There are as many
        // tasks as entries and each takes one at least, so none is left behind.
        tokio::spawn(Arc::clone(self).write_waiting());
        told.await.unwrap_or_else(|_| Err(failed(E::DOING)(sqlx::Error::WorkerCrashed)))
    }

    fn queue(&self) -> std::sync::MutexGuard<'_, VecDeque<Box<dyn Waiting>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, most: usize) -> Vec<Box<dyn Waiting>> {
        let mut queue = self.queue();
        let count = most.min(queue.len());
        queue.drain(..count).collect()
    }

    async fn write_waiting(self: Arc<Self>) {
        match self.writer.acquire().await {
            // Taken when the writer is at hand, so that all who came meanwhile come along.
            Ok(connection) => self.write(connection, self.take(MOST)).await,
            Err(error) => refuse(self.take(1), &error),
        }
    }

    async fn write(&self, connection: PoolConnection<Sqlite>, mut entries: Vec<Box<dyn Waiting>>) {
        if entries.is_empty() {
            return;
        }
        match transact(connection, &mut entries).await {
            Ended::Committed => entries.into_iter().for_each(|entry| entry.tell()),
            Ended::NotBegun(error) => refuse(entries, &error),
            Ended::RolledBack(_) if entries.len() > 1 => {
                for entry in entries {
                    let alone = vec![entry];
                    match self.writer.acquire().await {
                        Ok(connection) => Box::pin(self.write(connection, alone)).await,
                        Err(error) => refuse(alone, &error),
                    }
                }
            }
            Ended::RolledBack(None) => entries.into_iter().for_each(|entry| entry.tell()),
            Ended::RolledBack(Some(error)) => refuse(entries, &error),
        }
    }
}

/// The connection goes back to its pool at the end: what SQLite rolled back by itself must not be met by
/// the next transaction.
async fn transact(mut connection: PoolConnection<Sqlite>, entries: &mut [Box<dyn Waiting>]) -> Ended {
    let mut tx = match connection.begin_with("BEGIN IMMEDIATE").await {
        Ok(tx) => tx,
        Err(error) => return Ended::NotBegun(error),
    };
    for entry in entries {
        if !entry.write(&mut tx).await {
            return Ended::RolledBack(None);
        }
    }
    match tx.commit().await {
        Ok(()) => Ended::Committed,
        Err(error) => Ended::RolledBack(Some(error)),
    }
}

/// Tells all of them that nothing was written, for one reason.
fn refuse(entries: Vec<Box<dyn Waiting>>, error: &sqlx::Error) {
    for entry in entries {
        entry.refuse(&|doing| StoreError::Database {
            doing,
            advice: advice(error),
            source: sqlx::Error::Io(io::Error::other(error.to_string())),
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::atomic::{AtomicUsize, Ordering};

    use tempfile::TempDir;
    use tokio::task::JoinSet;

    use super::super::SqliteStore;
    use super::*;

    /// A fact of this name, which has to be a new one.
    struct Fact(String);

    #[async_trait]
    impl Entry for Fact {
        const DOING: &'static str = "noted a fact";
        type Answer = String;

        async fn write(&self, tx: &mut SqliteConnection) -> Result<String, StoreError> {
            let written = sqlx::query("INSERT INTO facts (name, value) VALUES (?, '')").bind(&self.0).execute(tx).await;
            written.map(|_| self.0.clone()).map_err(failed(Self::DOING))
        }
    }

    /// A store, and how many transactions its writer has committed.
    async fn counted() -> (TempDir, SqliteStore, Arc<AtomicUsize>) {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open("sqlite:newsboy.db", folder.path()).await.unwrap();
        let commits = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&commits);
        let mut writer = store.writer.acquire().await.unwrap();
        writer.lock_handle().await.unwrap().set_commit_hook(move || {
            count.fetch_add(1, Ordering::SeqCst);
            true
        });
        (folder, store, commits)
    }

    /// Enters the facts while the writer is at work, so that they all wait for it.
    async fn enter_together(store: &SqliteStore, names: &[String]) -> JoinSet<Result<String, StoreError>> {
        let busy = store.writer.acquire().await.unwrap();
        let mut entering = JoinSet::new();
        for name in names {
            let (group, fact) = (Arc::clone(&store.group), Fact(name.clone()));
            entering.spawn(async move { group.enter(fact).await });
        }
        while store.group.queue().len() < names.len() {
            tokio::task::yield_now().await;
        }
        drop(busy);
        entering
    }

    async fn facts(store: &SqliteStore) -> Vec<String> {
        sqlx::query_scalar("SELECT name FROM facts WHERE name LIKE 'fact %' ORDER BY name").fetch_all(&store.readers).await.unwrap()
    }

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("fact {n:03}")).collect()
    }

    #[tokio::test]
    async fn what_waits_for_the_writer_shares_a_commit_and_each_gets_its_own_answer() {
        let (_folder, store, commits) = counted().await;
        let names = names(MOST + 50);
        let mut answers: Vec<_> = enter_together(&store, &names).await.join_all().await.into_iter().map(Result::unwrap).collect();
        answers.sort();
        assert_eq!(answers, names);
        assert_eq!(facts(&store).await, names);
        assert_eq!(commits.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn one_that_fails_takes_none_of_the_others_with_it() {
        let (_folder, store, _) = counted().await;
        let mut names = names(10);
        names.push(names[4].clone());
        let answers = enter_together(&store, &names).await.join_all().await;
        let failures: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
        assert!(matches!(failures[..], [StoreError::Database { doing: Fact::DOING, .. }]), "{failures:?}");
        assert!(!failures[0].may_pass(), "a fact that is there stays there");
        assert_eq!(facts(&store).await, names[..10]);
    }

    #[tokio::test]
    async fn whoever_goes_away_leaves_the_others_in_peace() {
        let (_folder, store, _) = counted().await;
        let names = names(3);
        let busy = store.writer.acquire().await.unwrap();
        let entering = enter_one_and_go(&store, &names[0]).await;
        assert!(entering.is_cancelled());
        drop(busy);
        assert!(enter_together(&store, &names[1..]).await.join_all().await.iter().all(Result::is_ok));
        assert_eq!(facts(&store).await, names, "what had been asked for is written all the same");
    }

    async fn enter_one_and_go(store: &SqliteStore, name: &str) -> tokio::task::JoinError {
        let (group, fact) = (Arc::clone(&store.group), Fact(name.to_owned()));
        let task = tokio::spawn(async move { group.enter(fact).await });
        while store.group.queue().is_empty() {
            tokio::task::yield_now().await;
        }
        task.abort();
        task.await.unwrap_err()
    }
}
