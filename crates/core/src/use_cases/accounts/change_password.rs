use super::AccountError;
use super::password_check::{Verdict, verify};
use crate::context::Ports;
use crate::domain::{Password, PasswordHash, Session, Token};
use crate::failpoint::{Failpoint, reach};
use crate::use_cases::retry::retrying;

/// The password that somebody has, and the one that they want.
#[derive(Clone, Debug)]
pub struct ChangePassword {
    /// The one that they have; `None` when what was typed is none that anybody could have chosen.
    pub current: Option<Password>,
    /// The one that they want.
    pub new: Password,
}

/// Changes the caller's password and ends every session that was begun before. Returns a new token.
///
/// # Errors
/// [`AccountError::InvalidCredentials`] when the current password is another; [`AccountError::Session`];
/// [`AccountError::Fault`].
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %session.claimed_user))]
pub async fn change_password(ports: &Ports, session: &Session, command: ChangePassword) -> Result<Token, AccountError> {
    let known = session.find_record(ports).await?;
    let current = command.current.ok_or(AccountError::InvalidCredentials)?;
    if verify(ports, &current, Some(&known.password_hash)).await? == Verdict::Wrong {
        return Err(AccountError::InvalidCredentials);
    }
    let password_hash = ports.passwords.hash(&command.new).await?;
    let epoch = retrying(ports, || write(ports, session, &password_hash)).await?;
    reach(Failpoint::PasswordAfterCommit);
    Ok(ports.tokens.issue(session.claimed_user, epoch, ports.clock.now())?)
}

/// Writes the new password down, and returns the epoch of the tokens that are good from now on.
async fn write(ports: &Ports, session: &Session, password_hash: &PasswordHash) -> Result<i64, AccountError> {
    let mut transaction = ports.unit_of_work.begin().await?;
    let mut record = session.lock_record(transaction.as_mut()).await?.into_record();
    record.password_hash = password_hash.clone();
    record.user.token_epoch += 1;
    transaction.users().update(&record).await?;
    reach(Failpoint::PasswordBeforeCommit);
    transaction.commit().await?;
    Ok(record.user.token_epoch)
}
