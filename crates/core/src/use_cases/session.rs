//! Sessions: verifies a token. Whether its user may still act is for [`admission`](super::admission) to check.

use crate::context::Ports;
use crate::domain::Session;
use crate::ports::TokenError;

/// Why a request was not accepted as that of a signed-in user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The token was not issued by this hub.
    #[error("the token is not valid")]
    InvalidToken,
    /// The token was valid but has expired.
    #[error("the token has expired")]
    ExpiredToken,
    /// A password change or an administrator ended the session.
    #[error("the session was ended")]
    Ended,
    /// The account is disabled.
    #[error("the account is disabled")]
    Disabled,
}

/// Verifies a token and returns its session. Whether its user may still act is not checked here.
///
/// # Errors
/// [`SessionError::InvalidToken`] or [`SessionError::ExpiredToken`].
pub fn read_token(ports: &Ports, token: &str) -> Result<Session, SessionError> {
    ports.tokens.verify(token, ports.clock.now()).map_err(|error| match error {
        TokenError::Expired => SessionError::ExpiredToken,
        TokenError::Invalid | TokenError::Signing(_) => SessionError::InvalidToken,
    })
}
