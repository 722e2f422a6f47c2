use super::{AccountError, IssuedCredentials};
use crate::context::Ports;
use crate::domain::{AccessKey, Credentials, SealedSecret, Session};
use crate::failpoint::{Failpoint, reach};
use crate::ports::TaskKey;
use crate::use_cases::retry::retrying;
use crate::use_cases::task::{EnqueuedTask, apply_and_wait, enqueue};

/// Gives the caller a new secret key. When this returns, the old one and the temporary credentials that were issued with
/// it no longer work. The access key stays.
///
/// # Errors
/// [`AccountError::Session`]; [`AccountError::Fault`]: with [`Fault::is_temporary`] the new secret key is committed
/// and will be applied to the store later.
///
/// [`Fault::is_temporary`]: crate::use_cases::fault::Fault::is_temporary
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %session.claimed_user))]
pub async fn rotate_credentials(ports: &Ports, session: &Session) -> Result<IssuedCredentials, AccountError> {
    let secret_key = ports.ids.secret_key();
    let sealed_secret = ports.vault.seal(session.claimed_user, &secret_key)?;
    let (access_key, task) = retrying(ports, || write(ports, session, &sealed_secret)).await?;
    reach(Failpoint::RotateAfterCommit);
    if let Some(task) = task {
        apply_and_wait(ports, task).await?;
    }
    Ok(IssuedCredentials::new(ports, Credentials { access_key, secret_key }))
}

/// Writes the new secret down, with what the store is to have of it.
async fn write(
    ports: &Ports,
    session: &Session,
    sealed_secret: &SealedSecret,
) -> Result<(AccessKey, Option<EnqueuedTask>), AccountError> {
    let mut transaction = ports.unit_of_work.begin().await?;
    let mut record = session.lock_record(transaction.as_mut()).await?.into_record();
    record.sealed_secret = sealed_secret.clone();
    record.revoke_sessions = ports.enforcement.keeps_policies();
    transaction.users().update(&record).await?;
    let mut task = None;
    if record.revoke_sessions {
        task = Some(enqueue(ports, transaction.as_mut(), TaskKey::Principal(record.user.id)).await?);
    }
    reach(Failpoint::RotateBeforeCommit);
    transaction.commit().await?;
    Ok((record.user.access_key, task))
}
