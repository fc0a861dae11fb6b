//! Opening the file: its address, its folder, its schema, its connections.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection};

use super::errors::{advice, failed, is_busy};
use super::group::Group;
use super::{SqliteStore, StoreError, labels, search};

static MIGRATIONS: Migrator = sqlx::migrate!("src/store/sqlite/migrations");

/// The mark of newsboy's files in the header of the database ("NWBY"), set by the first migration.
const APPLICATION_ID: i32 = 0x4e57_4259;

/// How long a statement waits for another process's transaction. Ours last milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long work waits for a connection of this process before it fails.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// As many reads at once as two cores can do with one waiting for the disk.
const READERS: u32 = 4;

/// SQLite does not wait where the file is turned to WAL mode, so two processes that begin one file
/// together meet here: how often and how far apart to try again.
const OPEN_TRIES: u32 = 50;
const OPEN_PAUSE: Duration = Duration::from_millis(100);

/// Why a file cannot be used as it is.
enum Unfit {
    Engine(sqlx::Error),
    Schema(MigrateError),
    Refused(String),
}

impl From<sqlx::Error> for Unfit {
    fn from(error: sqlx::Error) -> Self {
        Self::Engine(error)
    }
}

impl From<MigrateError> for Unfit {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Self::Engine(error),
            other => Self::Schema(other),
        }
    }
}

impl Unfit {
    fn why(&self) -> String {
        match self {
            Self::Engine(error) => format!("{error}{}", advice(error)),
            Self::Schema(MigrateError::VersionMissing(_)) => {
                "a newer newsboy has written it; run that one, or begin a new store with this one".to_owned()
            }
            Self::Schema(error) => format!("its schema is not one of newsboy's: {error}; begin a new store"),
            Self::Refused(why) => why.clone(),
        }
    }
}

/// The file that `url` names. The path stands as it is, without percent signs to decode.
fn path_of(url: &str, base: &Path) -> Result<PathBuf, StoreError> {
    let refuse = |why: &str| StoreError::Url { url: without_password(url), why: why.to_owned() };
    let path = url.strip_prefix("sqlite:").ok_or_else(|| refuse("it is no address of an SQLite file, which is all that newsboy opens"))?;
    let path = path.strip_prefix("//").unwrap_or(path);
    match path {
        "" => Err(refuse("the path is missing")),
        ":memory:" => Err(refuse("a store in memory would forget what was sent")),
        path if path.contains('?') => Err(refuse("there are no options behind a ?")),
        path if path.ends_with('/') => Err(refuse("it names a folder, and a file is needed")),
        path => std::path::absolute(base.join(path)).map_err(|error| refuse(&error.to_string())),
    }
}

/// A database's address may hold a password; an error is no place for one.
fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(start), Some(end)) if start + 3 <= end => format!("{}…{}", &url[..start + 3], &url[end..]),
        _ => url.to_owned(),
    }
}

impl SqliteStore {
    /// As [`crate::store::open`] tells it.
    pub(in crate::store) async fn open(url: &str, base: &Path) -> Result<Self, StoreError> {
        let path = path_of(url, base)?;
        if let Some(folder) = path.parent() {
            let made = tokio::fs::create_dir_all(folder).await;
            made.map_err(|error| StoreError::Open { path: path.clone(), why: format!("its folder cannot be made: {error}") })?;
        }
        if tokio::fs::metadata(&path).await.is_ok_and(|found| found.is_dir()) {
            return Err(StoreError::Open { path, why: "a folder stands in its place; name a file in [store] url".to_owned() });
        }
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            // NORMAL may lose the last commits at a power cut, and with them that a message was sent.
            .synchronous(SqliteSynchronous::Full);
        Self::open_with(options, &path).await
    }

    /// Opens the file with these options.
    pub(super) async fn open_with(options: SqliteConnectOptions, path: &Path) -> Result<Self, StoreError> {
        let mut tries = 1;
        while let Err(unfit) = prepare(&options).await {
            let busy = matches!(&unfit, Unfit::Engine(error) if is_busy(error));
            if !busy || tries == OPEN_TRIES {
                return Err(StoreError::Open { path: path.to_owned(), why: unfit.why() });
            }
            tries += 1;
            tokio::time::sleep(OPEN_PAUSE).await;
        }
        let writer = pool(1).connect_lazy_with(options.clone());
        let readers = pool(READERS).connect_lazy_with(options.create_if_missing(false).pragma("query_only", "ON"));
        let group = Group::new(writer.clone());
        Ok(Self { writer, readers, group })
    }
}

/// As [`crate::store::Store::fix_authority`] tells it.
pub(super) async fn fix_authority(store: &SqliteStore, authority: &str) -> Result<(), StoreError> {
    const DOING: &str = "fixed the authority of the entries' ids";
    let mut tx = store.write(DOING).await?;
    sqlx::query("INSERT INTO facts (name, value) VALUES ('authority', ?) ON CONFLICT (name) DO NOTHING")
        .bind(authority)
        .execute(&mut *tx)
        .await
        .map_err(failed(DOING))?;
    let fixed: String =
        sqlx::query_scalar("SELECT value FROM facts WHERE name = 'authority'").fetch_one(&mut *tx).await.map_err(failed(DOING))?;
    tx.commit().await.map_err(failed(DOING))?;
    if fixed != authority {
        return Err(StoreError::AuthorityChanged { fixed, configured: authority.to_owned() });
    }
    Ok(())
}

/// Connections are local and live as long as the store; nothing is to be gained by pinging or
/// renewing them.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        // SQLite ends a transaction by itself on some errors, such as a full disk. sqlx does not
        // hear of it, and would refuse every later transaction on the connection: such a
        // connection is closed, and the next one is opened afresh. The ping comes first because a
        // rollback may still be queued.
        .after_release(|connection, _| {
            Box::pin(async move {
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        })
}

/// Sees that the file is ours, in WAL mode, of the present schema and can be written.
async fn prepare(options: &SqliteConnectOptions) -> Result<(), Unfit> {
    let mut connection = SqliteConnection::connect_with(options).await?;
    let done = prepare_on(&mut connection).await;
    // Closed either way, and waited for: an open connection would hold its locks into the next try.
    let closed = connection.close().await;
    done?;
    Ok(closed?)
}

async fn prepare_on(connection: &mut SqliteConnection) -> Result<(), Unfit> {
    // In one transaction, so that another process that begins the file just now is not half seen.
    let mut tx = connection.begin().await?;
    let id: i32 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *tx).await?;
    let tables: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_schema").fetch_one(&mut *tx).await?;
    tx.commit().await?;
    if id != APPLICATION_ID && (id, tables) != (0, 0) {
        return Err(Unfit::Refused("it is the database of another program; name another file in [store] url".to_owned()));
    }
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode = WAL").fetch_one(&mut *connection).await?;
    if mode != "wal" {
        return Err(Unfit::Refused(format!(
            "its journal stays in mode {mode:?}, and wal is needed; put the file on a local disk that newsboy may write to"
        )));
    }
    // One transaction around all migrations, which SQLite's own lock of the migrator is not: of two
    // processes that begin one file together, the second finds the work done.
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    // `run` does the same, but its future cannot be seen to be `Send`, as sqlx remarks on this method.
    MIGRATIONS.run_direct(None, &mut *tx, false).await?;
    labels::normalise(&mut tx).await?;
    search::complete(&mut tx).await?;
    // Says who was here, and finds out at once whether the file can be written.
    sqlx::query("INSERT INTO facts (name, value) VALUES ('opened by', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .bind(env!("CARGO_PKG_VERSION"))
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_address_is_a_path_relative_to_the_base() {
        let of = |url| path_of(url, Path::new("/base")).unwrap();
        assert_eq!(of("sqlite:data/newsboy.db"), Path::new("/base/data/newsboy.db"));
        assert_eq!(of("sqlite://data/newsboy.db"), Path::new("/base/data/newsboy.db"));
        assert_eq!(of("sqlite:/srv/newsboy.db"), Path::new("/srv/newsboy.db"));
        assert_eq!(of("sqlite:///srv/100%25 news.db"), Path::new("/srv/100%25 news.db"));
    }

    #[test]
    fn an_address_of_another_form_is_refused_with_the_right_one_and_without_its_password() {
        for url in ["data/newsboy.db", "sqlite:", "sqlite://", "sqlite::memory:", "sqlite:a.db?mode=ro", "sqlite:data/"] {
            let told = path_of(url, Path::new("/base")).unwrap_err().to_string();
            assert!(told.contains(url) && told.contains("sqlite:data/newsboy.db"), "{told}");
        }
        let told = path_of("postgres://desk:hunter2@db/news", Path::new("/base")).unwrap_err().to_string();
        assert!(told.contains("postgres://…@db/news") && !told.contains("hunter2"), "{told}");
    }
}
