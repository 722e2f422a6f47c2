use super::AccountError;
use super::password_check::{Verdict, renew, verify};
use crate::context::Ports;
use crate::domain::{Email, Password, Token, User, UserRecord};

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
/// [`AccountError::InvalidCredentials`]; [`AccountError::Disabled`] to a caller who has proved knowledge of the password;
/// [`AccountError::Fault`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn log_in(ports: &Ports, command: LogIn) -> Result<LoggedIn, AccountError> {
    let record = ports.directory.find_record_by_email(&command.email).await?;
    let hash = record.as_ref().map(|record| &record.password_hash);
    let (password, hash) = match command.password {
        Some(password) => (password, hash),
        None => (Password::of_nobody(), None),
    };
    let verdict = verify(ports, &password, hash).await?;
    let Some(UserRecord { user, password_hash, .. }) = record.filter(|_| verdict != Verdict::Wrong) else {
        return Err(AccountError::InvalidCredentials);
    };
    if verdict == Verdict::RightButOutdated {
        renew(ports, user.id, &password, &password_hash).await;
    }
    if !user.enabled {
        return Err(AccountError::Disabled);
    }
    let token = ports.tokens.issue(user.id, user.token_epoch, ports.clock.now())?;
    Ok(LoggedIn { user, token })
}
