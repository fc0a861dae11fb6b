//! Why the store could not do what it was asked, in words for people.

use std::path::PathBuf;

use thiserror::Error;

use crate::model::{ArticleId, DeliveryId};

/// Why the store could not do what it was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The address in `[store] url` has not the form of one that newsboy can open.
    #[error("[store] url {url:?}: {why}; write sqlite:PATH, for example sqlite:data/newsboy.db")]
    Url {
        /// What was found.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The database could not be opened or brought to the present schema.
    #[error("cannot open the database {path}: {why}")]
    Open {
        /// The database's file.
        path: PathBuf,
        /// What the engine said.
        why: String,
    },
    /// The database refused or broke in the middle of work.
    #[error("while newsboy {doing}, the database said: {source}{advice}")]
    Database {
        /// What was being done, in words that follow "while newsboy".
        doing: &'static str,
        /// What the engine said.
        source: sqlx::Error,
        /// What a person can do about it, beginning with `; `; empty where nothing is known.
        advice: &'static str,
    },
    /// A row holds what this version of newsboy does not understand.
    #[error("the database holds a {what} that cannot be read: {value:?}; it was written by another version, or damaged")]
    Corrupt {
        /// What was read.
        what: &'static str,
        /// What stood there.
        value: String,
    },
    /// A page's items carry an id that they must not carry.
    #[error("page {page}: the article id {id} {why}; nothing was stored of the page, and the way ids are given is at fault")]
    IdTaken {
        /// The page that was to be applied, for people.
        page: String,
        /// The id.
        id: ArticleId,
        /// Where else it stands, in words that follow the id.
        why: &'static str,
    },
    /// The ledger does not know the delivery.
    #[error("the ledger has no delivery {id}")]
    UnknownDelivery {
        /// The delivery that was asked for.
        id: DeliveryId,
    },
    /// The authority of the entries' ids is fixed at the first start.
    #[error(
        "[feeds] authority is {configured:?}, but this store was begun with {fixed:?}; every entry's id holds it, so a change would announce all articles again: set it back, or begin a new store"
    )]
    AuthorityChanged {
        /// What the store holds.
        fixed: String,
        /// What the configuration says.
        configured: String,
    },
}

impl StoreError {
    /// Whether the same call may work later: the disk may have room again, another process may be
    /// done. What the database holds, or was asked to hold, against its own rules stays wrong.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Database { source, .. } => {
                !source.as_database_error().is_some_and(|error| error.is_unique_violation() || error.is_foreign_key_violation())
            }
            Self::Open { .. } => true,
            Self::Url { .. }
            | Self::Corrupt { .. }
            | Self::IdTaken { .. }
            | Self::UnknownDelivery { .. }
            | Self::AuthorityChanged { .. } => false,
        }
    }
}
