use super::Source;
use crate::domain::{Session, Timestamp, Token, UserId};

/// Why a token is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The token was valid but has expired.
    #[error("the token has expired")]
    Expired,
    /// The token is malformed, signed with another key or algorithm, or meant for another audience.
    #[error("the token is not valid")]
    Invalid,
    /// Signing failed.
    #[error("the token could not be signed")]
    Signing(#[source] Source),
}

/// Issues and verifies the tokens of sessions.
///
/// # Contract
/// - `verify` returns the session of a token that `issue` made, until it expires.
/// - Exactly one algorithm is accepted. Issuer, audience and expiry are required and checked.
#[cfg_attr(feature = "testing", mockall::automock)]
pub trait TokenIssuer: Send + Sync {
    /// Issues a token for a session of this user that begins now.
    ///
    /// # Errors
    /// [`TokenError::Signing`].
    fn issue(&self, user: UserId, epoch: i64, now: Timestamp) -> Result<Token, TokenError>;

    /// Verifies a token and returns its session.
    ///
    /// # Errors
    /// [`TokenError::Expired`] or [`TokenError::Invalid`].
    fn verify(&self, token: &str, now: Timestamp) -> Result<Session, TokenError>;
}
