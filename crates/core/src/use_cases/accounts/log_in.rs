use super::AccountError;
use crate::context::Ports;
use crate::domain::{Email, Password, Token, User};

/// What somebody logs in with.
#[derive(Clone, Debug)]
pub struct LogIn {
    /// The address.
    pub email: Email,
    /// The password; `None` when what was typed is none that anybody could have chosen. That is wrong like any other
    /// wrong password, and takes as long.
    pub password: Option<Password>,
}

/// A user who has just logged in.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// The account.
    pub user: User,
    /// What proves the session from now on.
    pub token: Token,
}

/// Exchanges an email and a password for a token. An unknown email takes as long as a wrong password.
///
/// # Errors
/// [`AccountError::InvalidCredentials`]; [`AccountError::Disabled`] to who knows the password;
/// [`AccountError::Fault`].
pub async fn log_in(ports: &Ports, command: LogIn) -> Result<LoggedIn, AccountError> {
    let record = ports.directory.find_record_by_email(&command.email).await?;
    let hash = record.as_ref().map(|record| &record.password_hash);
    let right = match &command.password {
        Some(password) => ports.passwords.verify(password, hash).await?,
        None => ports.passwords.verify(&Password::of_nobody(), None).await?,
    };
    let user = record.filter(|_| right).ok_or(AccountError::InvalidCredentials)?.user;
    if !user.enabled {
        return Err(AccountError::Disabled);
    }
    let token = ports.tokens.issue(user.id, user.token_epoch, ports.clock.now())?;
    Ok(LoggedIn { user, token })
}
