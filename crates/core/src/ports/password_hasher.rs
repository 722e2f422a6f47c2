use async_trait::async_trait;

use super::Source;
use crate::domain::{Password, PasswordHash};

/// Why a password could not be hashed or verified.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// The queue is so long that the result would arrive too late.
    #[error("too many passwords are waiting to be verified")]
    Overloaded,
    /// The hash was not made by this hasher, or the hasher failed.
    #[error("the password hasher failed")]
    Unexpected(#[source] Source),
}

/// Hashes and verifies passwords.
///
/// # Contract
/// - Two hashes of the same password differ. Each verifies that password and no other.
/// - `verify` with `None` takes as long as with a hash and returns `false`, so that an unknown email cannot be
///   distinguished from a wrong password.
/// - The work runs on a bounded number of threads of its own, so that it does not delay anything else.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a password.
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError>;

    /// Whether the hash was made from this password.
    async fn verify(&self, password: &Password, hash: Option<&PasswordHash>) -> Result<bool, HashError>;

    /// Whether a new hash would be made with other settings than this one was.
    fn is_outdated(&self, hash: &PasswordHash) -> bool;
}
