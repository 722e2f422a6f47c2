//! Classifies errors of the database for the use cases.
//!
//! The driver maps a few SQLSTATE codes to kinds and drops all others, so the rest is recognized by its English text;
//! `messages` explains how the server is made to use it.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
use storage_hub_core::ports::{RecordError, UniqueKey};

/// Messages of errors that another transaction causes and a retry can solve.
const CONFLICTS: [&str; 2] = ["deadlock detected", "canceling statement due to lock timeout"];

/// Beginnings of messages of a server that is temporarily unable to work.
const UNAVAILABLE: [&str; 9] = [
    "canceling statement due to statement timeout",
    "canceling statement due to user request",
    "terminating connection",
    "the database system is",
    "sorry, too many clients already",
    "remaining connection slots are reserved",
    "too many connections",
    "could not extend file",
    "database is not currently accepting connections",
];

/// Maps an error of the database to what it means to a use case.
pub(crate) fn record_error(error: Error) -> RecordError {
    match &error {
        Error::DatabaseError(kind, information) => match database_error(kind, information.as_ref()) {
            Meaning::AlreadyExists(key) => RecordError::AlreadyExists(key),
            Meaning::NoOwner => RecordError::NotFound,
            Meaning::Conflict => RecordError::Conflict(error.into()),
            Meaning::Unavailable => RecordError::Unavailable(error.into()),
            Meaning::Other => RecordError::Unexpected(error.into()),
        },
        Error::BrokenTransactionManager => RecordError::Unavailable(error.into()),
        _ => RecordError::Unexpected(error.into()),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    AlreadyExists(UniqueKey),
    NoOwner,
    Conflict,
    Unavailable,
    Other,
}

fn database_error(kind: &DatabaseErrorKind, information: &dyn DatabaseErrorInformation) -> Meaning {
    let message = information.message();
    match (kind, information.constraint_name()) {
        (DatabaseErrorKind::UniqueViolation, Some("users_email_key" | "users_email_key_unique")) => {
            Meaning::AlreadyExists(UniqueKey::Email)
        }
        (DatabaseErrorKind::UniqueViolation, Some("users_access_key_key")) => {
            Meaning::AlreadyExists(UniqueKey::AccessKey)
        }
        (DatabaseErrorKind::UniqueViolation, Some("buckets_name_key")) => Meaning::AlreadyExists(UniqueKey::BucketName),
        (DatabaseErrorKind::UniqueViolation, Some("installation_pkey")) => {
            Meaning::AlreadyExists(UniqueKey::Installation)
        }
        (DatabaseErrorKind::ForeignKeyViolation, Some("buckets_owner_id_fkey")) => Meaning::NoOwner,
        (DatabaseErrorKind::SerializationFailure, _) => Meaning::Conflict,
        // A read-only server is a primary that was replaced by another one.
        (
            DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::ReadOnlyTransaction,
            _,
        ) => Meaning::Unavailable,
        _ if CONFLICTS.contains(&message) => Meaning::Conflict,
        _ if UNAVAILABLE.iter().any(|beginning| message.starts_with(beginning)) => Meaning::Unavailable,
        _ => Meaning::Other,
    }
}

/// The error of a call that took longer than any call may.
pub(crate) fn too_long(elapsed: tokio::time::error::Elapsed) -> RecordError {
    RecordError::Unavailable(elapsed.into())
}

/// The error of a row that no version of the hub writes.
pub(crate) fn unreadable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> RecordError {
    RecordError::Unexpected(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(message: &str) -> Meaning {
        database_error(&DatabaseErrorKind::Unknown, &message.to_owned())
    }

    #[test]
    fn errors_without_a_code_are_told_by_their_text() {
        assert_eq!(meaning("deadlock detected"), Meaning::Conflict);
        assert_eq!(meaning("canceling statement due to lock timeout"), Meaning::Conflict);
        assert_eq!(meaning("canceling statement due to statement timeout"), Meaning::Unavailable);
        assert_eq!(meaning("terminating connection due to administrator command"), Meaning::Unavailable);
        assert_eq!(meaning("the database system is shutting down"), Meaning::Unavailable);
        assert_eq!(meaning("relation \"users\" does not exist"), Meaning::Other);
    }
}
