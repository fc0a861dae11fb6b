//! What SQLite says, told to a person.

use crate::store::StoreError;

// Primary result codes, https://www.sqlite.org/rescode.html.
const BUSY: i32 = 5;
const READONLY: i32 = 8;
const IOERR: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const NOTADB: i32 = 26;

/// SQLite's primary result code, where the error is one of SQLite's.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let extended: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}

/// Whether another process held the database for longer than the time out.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    primary_code(error) == Some(BUSY)
}

/// What a person can do about an error, to be put behind it; empty where nothing is known.
pub(super) fn advice(error: &sqlx::Error) -> &'static str {
    match primary_code(error) {
        Some(BUSY) => "; another process has been writing for long: see what holds the file",
        Some(READONLY) => "; make the file and its folder writable for newsboy",
        Some(IOERR) => "; the disk failed: see the system's log",
        Some(CORRUPT) => "; the file is damaged: put a copy back, or move it away and begin a new store",
        Some(NOTADB) => "; it is no SQLite file, or a damaged one: name another in [store] url, or move it away",
        Some(FULL) => "; free some space, and the work goes on by itself",
        Some(CANTOPEN) => "; see that the folder can be read and written",
        _ if matches!(error, sqlx::Error::PoolTimedOut) => "; every connection has been at work for long: see what holds the file",
        _ => "",
    }
}

/// Makes the store's error of one of sqlx's, for `map_err`. `doing` follows "while newsboy".
pub(super) fn failed(doing: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| match error {
        // The engine gave a value, and it was not of the form that newsboy writes.
        sqlx::Error::ColumnDecode { index, source } => StoreError::Corrupt { what: "value", value: format!("{index}: {source}") },
        source => StoreError::Database { doing, advice: advice(&source), source },
    }
}
