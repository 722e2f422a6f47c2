use super::{AccountError, IssuedCredentials};
use crate::domain::{Credentials, Session};
use crate::ports::{Ports, TaskKey};
use crate::use_cases::session::{SessionError, admit};
use crate::use_cases::task::{carry_out, enqueue};

/// Gives the user who asks a new secret. Once this has answered, the old one and the temporary credentials that were
/// made with it work no more; the access key stays.
///
/// # Errors
/// [`AccountError::Session`]; [`AccountError::Fault`]: with [`Fault::is_temporary`] the new secret is written down
/// and the store follows when it can.
///
/// [`Fault::is_temporary`]: crate::use_cases::fault::Fault::is_temporary
pub async fn rotate_credentials(ports: &Ports, session: &Session) -> Result<IssuedCredentials, AccountError> {
    let secret_key = ports.ids.secret_key();
    let sealed_secret = ports.vault.seal(session.user, &secret_key)?;

    let mut transaction = ports.unit_of_work.begin().await?;
    let mut record = transaction.users().find(session.user).await?.ok_or(SessionError::Ended)?;
    admit(session, &record.user)?;
    record.sealed_secret = sealed_secret;
    let mut change = None;
    if ports.enforcement.keeps_policies() {
        record.revoke_sessions = true;
        change = Some(enqueue(ports, transaction.as_mut(), TaskKey::Principal(record.user.id)).await?);
    }
    transaction.users().update(&record).await?;
    transaction.commit().await?;

    if let Some(change) = change {
        carry_out(ports, change).await?;
    }
    Ok(IssuedCredentials::new(ports, Credentials { access_key: record.user.access_key, secret_key }))
}
