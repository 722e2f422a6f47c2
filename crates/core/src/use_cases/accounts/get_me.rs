use super::AccountError;
use crate::domain::{Session, User};
use crate::ports::Ports;
use crate::use_cases::session::{SessionError, admit};

/// The user who asks.
///
/// # Errors
/// [`AccountError::Session`]; [`AccountError::Fault`].
pub async fn get_me(ports: &Ports, session: &Session) -> Result<User, AccountError> {
    let user = ports.directory.find_user(session.user).await?.ok_or(SessionError::Ended)?;
    admit(session, &user)?;
    Ok(user)
}
