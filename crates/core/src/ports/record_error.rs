use super::Source;

/// What is unique among the records.
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
    /// The row is there already, by this unique key. The transaction can only be rolled back.
    #[error("the records have this {0:?} already")]
    AlreadyExists(UniqueKey),
    /// The row to change is not there.
    #[error("the records have no such row")]
    NotFound,
    /// Another transaction was in the way (serialization failure, deadlock, busy): the same again may pass.
    #[error("another transaction was in the way")]
    Conflict(#[source] Source),
    /// The database does not answer in time, or not at all.
    #[error("the database is not available")]
    Unavailable(#[source] Source),
    /// Anything else: a fault of the adapter or of the data.
    #[error("the database answered with an unexpected error")]
    Unexpected(#[source] Source),
}
