use uuid::Uuid;

use crate::domain::{AccessKey, BucketId, SecretKey, Timestamp, UserId};

/// Where ids and keys come from.
///
/// # Contract
/// - No two calls of the process, or of another, give the same; access keys and secrets cannot be guessed from earlier
///   ones.
/// - Access keys have the form `user_<seconds since 1970>_<random>`.
/// - Secret keys are 40 letters and digits of at least 200 random bits.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait IdSource: Send + Sync {
    /// An id for a new user.
    fn user_id(&self) -> UserId;

    /// An id for a new bucket.
    fn bucket_id(&self) -> BucketId;

    /// An id for a new installation, or for its store.
    fn installation_id(&self) -> Uuid;

    /// A token for a lease.
    fn lease_token(&self) -> Uuid;

    /// An access key for a user who signs up now.
    fn access_key(&self, now: Timestamp) -> AccessKey;

    /// A secret key.
    fn secret_key(&self) -> SecretKey;
}
