//! Verifies passwords against stored hashes, and renews hashes that were made in an earlier way.
//!
//! A hash may be of the composed form of a password or, from before passwords were composed, of the bytes as they were
//! sent. Both are tried, in the same number for an account that does not exist, so that the time tells nothing.

use crate::context::Ports;
use crate::domain::{Password, PasswordHash, UserId};
use crate::ports::{HashError, RecordError};
use crate::use_cases::retry::retrying;

/// How a password compares with a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The hash is of another password, or there is none.
    Wrong,
    /// The hash is of this password.
    Right,
    /// The hash is of this password, but a new one would be made in another way.
    RightButOutdated,
}

/// Compares a password with a hash.
///
/// # Errors
/// [`HashError`] of the hasher.
pub(super) async fn verify(
    ports: &Ports,
    password: &Password,
    hash: Option<&PasswordHash>,
) -> Result<Verdict, HashError> {
    if ports.passwords.verify(password, hash).await? {
        let outdated = hash.is_some_and(|hash| ports.passwords.is_outdated(hash));
        return Ok(if outdated { Verdict::RightButOutdated } else { Verdict::Right });
    }
    match password.as_sent() {
        Some(sent) if ports.passwords.verify(&sent, hash).await? => Ok(Verdict::RightButOutdated),
        _ => Ok(Verdict::Wrong),
    }
}

/// Replaces an outdated hash by a new one of the same password. The caller has just proved that it knows the password, so
/// a failure is logged and not returned: the next login tries again.
pub(super) async fn renew(ports: &Ports, user: UserId, password: &Password, outdated: &PasswordHash) {
    let renewed = async {
        let hash = ports.passwords.hash(password).await.map_err(|error| RecordError::Unexpected(error.into()))?;
        retrying(ports, || replace(ports, user, outdated, &hash)).await
    };
    if let Err(error) = renewed.await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(user.id = %user, error, "could not renew the password hash of user {user}");
    }
}

async fn replace(ports: &Ports, user: UserId, outdated: &PasswordHash, hash: &PasswordHash) -> Result<(), RecordError> {
    let mut transaction = ports.unit_of_work.begin().await?;
    // Compared under the row's lock: a password that was changed meanwhile stays changed.
    if let Some(mut record) = transaction.users().find(user).await?.filter(|record| record.password_hash == *outdated) {
        record.password_hash = hash.clone();
        transaction.users().update(&record).await?;
    }
    transaction.commit().await
}
