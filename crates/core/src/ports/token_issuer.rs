use super::Source;
use crate::domain::{Session, Timestamp, Token, UserId};

/// Why a token is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It was good once.
    #[error("the token has expired")]
    Expired,
    /// Not a token of this issuer: malformed, signed by another key or algorithm, for another audience.
    #[error("the token is not valid")]
    Invalid,
    /// Signing failed.
    #[error("the token could not be signed")]
    Signing(#[source] Source),
}

/// Issues and reads the tokens that sessions are proved by.
///
/// # Contract
/// - `verify` of what `issue` made gives the session back, until it expires.
/// - One algorithm, pinned; issuer, audience and expiry are required and checked.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait TokenIssuer: Send + Sync {
    /// A token for a session of this user that begins now.
    ///
    /// # Errors
    /// [`TokenError::Signing`].
    fn issue(&self, user: UserId, epoch: i64, now: Timestamp) -> Result<Token, TokenError>;

    /// The session that a token proves.
    ///
    /// # Errors
    /// [`TokenError::Expired`] or [`TokenError::Invalid`].
    fn verify(&self, token: &str, now: Timestamp) -> Result<Session, TokenError>;
}
