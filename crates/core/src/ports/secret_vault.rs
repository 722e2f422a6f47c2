use crate::domain::{SealedSecret, SecretKey, UserId};

/// Why a sealed secret could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Sealed with another key, for another user, or damaged.
    #[error(
        "a sealed secret does not open with this key: it was sealed with another one, for another user, or damaged"
    )]
    DoesNotOpen,
    /// The cipher failed.
    #[error("the cipher failed")]
    Cipher,
}

/// Encrypts principals' secrets for the database.
///
/// # Contract
/// - `open` of what `seal` made gives the same secret, for the same user and the same key alone.
/// - Two seals of one secret differ. A change of any byte is found.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait SecretVault: Send + Sync {
    /// Encrypts a user's secret.
    ///
    /// # Errors
    /// [`VaultError::Cipher`].
    fn seal(&self, user: UserId, secret: &SecretKey) -> Result<SealedSecret, VaultError>;

    /// Decrypts a user's secret.
    ///
    /// # Errors
    /// [`VaultError`].
    fn open(&self, user: UserId, sealed: &SealedSecret) -> Result<SecretKey, VaultError>;
}
