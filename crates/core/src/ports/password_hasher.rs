use async_trait::async_trait;

use super::Source;
use crate::domain::{Password, PasswordHash};

/// Why a password could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// So many wait already that an answer would come too late.
    #[error("too many passwords wait to be checked")]
    Overloaded,
    /// The hash is not one of this hasher's, or the hasher failed.
    #[error("the password hasher failed")]
    Unexpected(#[source] Source),
}

/// Hashes passwords and checks them.
///
/// # Contract
/// - Two hashes of one password differ; each verifies it, and nothing else.
/// - `verify` against `None` takes as long as against a hash, and answers false: so that an unknown email cannot be
///   told from a wrong password.
/// - The work is done on threads of its own, in bounded number: other work goes on.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a password.
    ///
    /// # Errors
    /// [`HashError`].
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError>;

    /// Whether the hash was made from this password.
    ///
    /// # Errors
    /// [`HashError`].
    async fn verify(&self, password: &Password, hash: Option<&PasswordHash>) -> Result<bool, HashError>;

    /// Whether a new hash would be made with other settings than this one was.
    fn is_outdated(&self, hash: &PasswordHash) -> bool;
}
