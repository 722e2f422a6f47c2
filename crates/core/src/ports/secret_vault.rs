use crate::domain::{SealedSecret, SecretKey, UserId};

/// Why a sealed secret could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// It was sealed with another key or for another user, or it is damaged.
    #[error("the secret cannot be decrypted: it was sealed with another vault key or for another user, or is damaged")]
    DoesNotOpen,
    /// The cipher failed.
    #[error("the cipher failed")]
    Cipher,
}

/// Encrypts the secret keys of users for storage in the database.
///
/// # Contract
/// - `open` returns the secret that was given to `seal`, but only for the same user and with the same vault key.
/// - Sealing the same secret twice gives different results. A change of any byte is detected.
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
