use std::path::{Path, PathBuf};

use diesel::result::{DatabaseErrorKind, Error};
use storage_hub_core::ports::{RecordError, Source, UniqueKey};
use storage_hub_sqlite_pool::PoolError;

/// Why the records could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file or its folder does not exist and could not be created.
    #[error("the database file {} cannot be created", .path.display())]
    Create {
        /// The database file.
        path: PathBuf,
        /// The error of the file system.
        #[source]
        source: std::io::Error,
    },
    /// The file is not a database, or this process may not read and write it.
    #[error("the database file {} cannot be opened", .path.display())]
    Open {
        /// The database file.
        path: PathBuf,
        /// The error of SQLite.
        #[source]
        source: Source,
    },
    /// The file is there, but this process may not read it.
    #[error("the database file {} cannot be read", .path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A migration failed. The tables are unchanged.
    #[error("the database file {} cannot be migrated", .path.display())]
    Migrate {
        /// The database file.
        path: PathBuf,
        /// The error of SQLite.
        #[source]
        source: Source,
    },
}

impl OpenError {
    pub(crate) fn open(path: &Path, source: impl Into<Source>) -> Self {
        Self::Open { path: path.to_owned(), source: source.into() }
    }

    pub(crate) fn migrate(path: &Path, source: impl Into<Source>) -> Self {
        Self::Migrate { path: path.to_owned(), source: source.into() }
    }
}

/// SQLite's messages when another connection has held a lock for longer than the busy timeout.
const LOCKED: [&str; 2] = ["database is locked", "database table is locked"];
/// SQLite's messages when it cannot use its file. Diesel does not pass on the code, but the texts are fixed
/// (`sqlite3_errstr`).
const AWAY: [&str; 4] = [
    "disk I/O error",
    "database or disk is full",
    "unable to open database file",
    "attempt to write a readonly database",
];

/// Converts an error of Diesel to an error of the port.
pub(crate) fn record_error(error: Error) -> RecordError {
    let Error::DatabaseError(kind, information) = &error else {
        return RecordError::Unexpected(error.into());
    };
    match (kind, information.message()) {
        (DatabaseErrorKind::UniqueViolation, message) => match unique_key(message) {
            Some(key) => RecordError::AlreadyExists(key),
            None => RecordError::Unexpected(error.into()),
        },
        (DatabaseErrorKind::ForeignKeyViolation, _) => RecordError::NotFound,
        (_, message) if LOCKED.contains(&message) => RecordError::Conflict(error.into()),
        (_, message) if AWAY.contains(&message) => RecordError::Unavailable(error.into()),
        _ => RecordError::Unexpected(error.into()),
    }
}

/// Converts an error of the pool to an error of the port.
pub(crate) fn pool_error(error: PoolError) -> RecordError {
    match error {
        PoolError::Unavailable(_) => RecordError::Unavailable(error.into()),
        PoolError::CutShort(_) => RecordError::Unexpected(error.into()),
    }
}

/// The key that a violation is about. SQLite names the column, not the constraint.
fn unique_key(message: &str) -> Option<UniqueKey> {
    match message.strip_prefix("UNIQUE constraint failed: ")? {
        "users.email" | "users.email_key" => Some(UniqueKey::Email),
        "users.access_key" => Some(UniqueKey::AccessKey),
        "buckets.name" => Some(UniqueKey::BucketName),
        "installation.id" => Some(UniqueKey::Installation),
        _ => None,
    }
}

/// An error about a stored value that its domain type refuses.
pub(crate) fn bad_value(source: impl Into<Source>) -> Error {
    Error::DeserializationError(source.into())
}
