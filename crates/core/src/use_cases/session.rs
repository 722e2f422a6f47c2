//! Who asks: from a token to a user that may.

use super::fault::Fault;
use crate::domain::{Session, User, UserRecord};
use crate::ports::{Ports, TokenError};

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

/// Takes a user that was read for a session, if the session still holds.
pub(crate) fn admit(session: &Session, user: &User) -> Result<(), SessionError> {
    if !user.enabled {
        Err(SessionError::Disabled)
    } else if user.token_epoch != session.epoch {
        Err(SessionError::Ended)
    } else {
        Ok(())
    }
}

/// All that is kept of the session's user, if the session still holds.
pub(crate) async fn find_record<E: From<SessionError> + From<Fault>>(
    ports: &Ports,
    session: &Session,
) -> Result<UserRecord, E> {
    let record = ports.directory.find_record(session.user).await.map_err(Fault::from)?;
    let record = record.ok_or(SessionError::Ended)?;
    admit(session, &record.user)?;
    Ok(record)
}
