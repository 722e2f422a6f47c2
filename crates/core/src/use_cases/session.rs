//! Sessions: verifies a token. Whether its user may still act is for [`admission`](super::admission) to check.

use crate::context::Ports;
use crate::domain::Session;
use crate::ports::TokenError;

/// Why nobody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// No token of this hub.
    #[error("the token is not valid")]
    InvalidToken,
    /// It was good once.
    #[error("the token has expired")]
    ExpiredToken,
    /// A change of the password, or an administrator, ended it.
    #[error("the session was ended")]
    Ended,
    /// The user may not do anything at the moment.
    #[error("the account is disabled")]
    Disabled,
}

/// The session that a token proves, as far as the token itself tells.
///
/// # Errors
/// [`SessionError::InvalidToken`] or [`SessionError::ExpiredToken`].
pub fn read_token(ports: &Ports, token: &str) -> Result<Session, SessionError> {
    ports.tokens.verify(token, ports.clock.now()).map_err(|error| match error {
        TokenError::Expired => SessionError::ExpiredToken,
        TokenError::Invalid | TokenError::Signing(_) => SessionError::InvalidToken,
    })
}
