use super::Source;

/// A unique key of the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UniqueKey {
    /// The email of a user.
    Email,
    /// The access key of a user.
    AccessKey,
    /// The name of a bucket.
    BucketName,
    /// The identity of the installation.
    Installation,
}

/// Why the records could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A row with this unique key exists. The transaction can only be rolled back.
    #[error("a row with this {0:?} already exists")]
    AlreadyExists(UniqueKey),
    /// The row to change does not exist.
    #[error("the row does not exist")]
    NotFound,
    /// A conflict with another transaction (serialization failure, deadlock, busy): a retry may succeed.
    #[error("the transaction conflicted with another one")]
    Conflict(#[source] Source),
    /// The database does not respond, or not in time.
    #[error("the database is not available")]
    Unavailable(#[source] Source),
    /// Anything else: a fault of the adapter or of the data.
    #[error("the database returned an unexpected error")]
    Unexpected(#[source] Source),
}
