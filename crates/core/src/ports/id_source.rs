use uuid::Uuid;

use crate::domain::{AccessKey, BucketId, SecretKey, Timestamp, UserId};

/// Generates ids and keys.
///
/// # Contract
/// - No two calls, in any process, return the same value. Access keys and secrets cannot be predicted from earlier ones.
/// - Access keys have the form `user_<seconds since 1970>_<random>`.
/// - Secret keys are 40 letters and digits with at least 200 random bits.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait IdSource: Send + Sync {
    /// An id for a new user.
    fn user_id(&self) -> UserId;

    /// An id for a new bucket.
    fn bucket_id(&self) -> BucketId;

    /// An id for a new installation, or for its store.
    fn installation_id(&self) -> Uuid;

    /// A token that identifies a lease.
    fn lease_token(&self) -> Uuid;

    /// An access key for a user who signs up now.
    fn access_key(&self, now: Timestamp) -> AccessKey;

    /// A secret key.
    fn secret_key(&self) -> SecretKey;
}
