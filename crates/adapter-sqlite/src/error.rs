use std::path::{Path, PathBuf};

use diesel::result::{DatabaseErrorKind, Error};
use storage_hub_core::ports::{RecordError, Source, UniqueKey};
use storage_hub_sqlite_pool::PoolError;

/// Why the records could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file or its folder is not there and could not be made.
    #[error("the database file {} cannot be created", .path.display())]
    Create {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The file is there, but it is no database, or not one that this process may read and write.
    #[error("the database file {} cannot be opened", .path.display())]
    Open {
        /// Which file.
        path: PathBuf,
        /// What SQLite says.
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
    /// The tables could not be brought up to date; they are as they were.
    #[error("the database file {} cannot be migrated", .path.display())]
    Migrate {
        /// Which file.
        path: PathBuf,
        /// What SQLite says.
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

/// What SQLite says when another connection holds a lock for longer than the busy timeout.
const LOCKED: [&str; 2] = ["database is locked", "database table is locked"];
/// What SQLite says when it cannot get at its file. Diesel hands on no code, but the texts are fixed (`sqlite3_errstr`).
const AWAY: [&str; 4] = [
    "disk I/O error",
    "database or disk is full",
    "unable to open database file",
    "attempt to write a readonly database",
];

/// Which of the port's errors an error of Diesel is.
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

/// Which of the port's errors an error of the pool is.
pub(crate) fn pool_error(error: PoolError) -> RecordError {
    match error {
        PoolError::Unavailable(_) => RecordError::Unavailable(error.into()),
        PoolError::CutShort(_) => RecordError::Unexpected(error.into()),
    }
}

/// The column that SQLite names: it knows no names of constraints.
fn unique_key(message: &str) -> Option<UniqueKey> {
    match message.strip_prefix("UNIQUE constraint failed: ")? {
        "users.email" | "users.email_key" => Some(UniqueKey::Email),
        "users.access_key" => Some(UniqueKey::AccessKey),
        "buckets.name" => Some(UniqueKey::BucketName),
        "installation.id" => Some(UniqueKey::Installation),
        _ => None,
    }
}

/// A value that a table holds though no domain type takes it.
pub(crate) fn bad_value(source: impl Into<Source>) -> Error {
    Error::DeserializationError(source.into())
}
