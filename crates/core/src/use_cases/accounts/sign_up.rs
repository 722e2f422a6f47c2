use super::AccountError;
use super::password_check::{Verdict, verify};
use crate::acl::GrantSet;
use crate::context::Ports;
use crate::domain::{Email, Password, User, UserId, UserRecord};
use crate::failpoint::{Failpoint, reach};
use crate::ports::{HashError, RecordError, Shard, TaskKey, Transaction, UniqueKey, VaultError};
use crate::use_cases::fault::{self, Fault};
use crate::use_cases::retry::retrying;
use crate::use_cases::task::{EnqueuedTask, apply_and_wait, apply_if_pending, enqueue};

/// What somebody signs up with.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// The address to log in with.
    pub email: Email,
    /// The password to log in with.
    pub password: Password,
}

/// Makes an account and its principal in the store.
///
/// Until the sign-up has been answered ([`mark_sign_up_answered`]), a repeat with the same password answers with the
/// account that the first one made.
///
/// # Errors
/// [`AccountError::SignUpClosed`]; [`AccountError::EmailTaken`]; [`AccountError::Fault`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn sign_up(ports: &Ports, command: SignUp) -> Result<User, AccountError> {
    if !ports.settings.sign_up_open {
        return Err(AccountError::SignUpClosed);
    }
    match insert_user(ports, &command, GrantSet::default()).await {
        Ok((user, task)) => {
            if let Some(task) = task {
                apply_and_wait(ports, task).await?;
                apply_if_pending(ports, TaskKey::Principal(user.id)).await?;
            }
            Ok(user)
        }
        Err(InsertUserError::EmailTaken) => repeat(ports, &command).await,
        Err(InsertUserError::Fault(fault)) => Err(fault.into()),
    }
}

/// Notes that the caller has the answer to its sign-up.
///
/// # Errors
/// [`Fault`].
#[tracing::instrument(level = "debug", skip_all, fields(user.id = %id))]
pub async fn mark_sign_up_answered(ports: &Ports, id: UserId) -> Result<(), Fault> {
    retrying(ports, || async {
        let mut transaction = ports.unit_of_work.begin().await?;
        if let Some(mut record) = transaction.users().find(id).await? {
            record.answered = true;
            transaction.users().update(&record).await?;
        }
        transaction.commit().await?;
        Ok(())
    })
    .await
}

/// Why a user was not inserted.
#[derive(Debug, thiserror::Error)]
pub(in crate::use_cases) enum InsertUserError {
    /// Another account has this email.
    #[error("the email is taken")]
    EmailTaken,
    /// An internal failure that the caller cannot fix.
    #[error(transparent)]
    Fault(#[from] Fault),
}

fault::from_ports!(InsertUserError: RecordError, HashError, VaultError);

/// Inserts a new user, and enqueues the task that creates its principal.
pub(in crate::use_cases) async fn insert_user(
    ports: &Ports,
    command: &SignUp,
    grants: GrantSet,
) -> Result<(User, Option<EnqueuedTask>), InsertUserError> {
    let password_hash = ports.passwords.hash(&command.password).await?;
    let now = ports.clock.now();
    let user = User {
        id: ports.ids.user_id(),
        email: command.email.clone(),
        grants,
        access_key: ports.ids.access_key(now),
        enabled: true,
        token_epoch: 0,
        created_at: now,
    };
    let sealed_secret = ports.vault.seal(user.id, &ports.ids.secret_key())?;
    let record = UserRecord { user, password_hash, sealed_secret, revoke_sessions: false, answered: false };
    let task = retrying(ports, || insert(ports, &record)).await?;
    reach(Failpoint::SignUpAfterCommit);
    Ok((record.user, task))
}

async fn insert(ports: &Ports, record: &UserRecord) -> Result<Option<EnqueuedTask>, InsertUserError> {
    let mut transaction = ports.unit_of_work.begin().await?;
    transaction.users().insert(record).await.map_err(|error| match error {
        RecordError::AlreadyExists(UniqueKey::Email) => InsertUserError::EmailTaken,
        other => other.into(),
    })?;
    let task = prepare_principal(ports, transaction.as_mut(), &record.user).await?;
    reach(Failpoint::SignUpBeforeCommit);
    transaction.commit().await?;
    Ok(task)
}

/// The first shard of a new user: empty, it holds the denials. The principal follows once the store has it.
async fn prepare_principal(
    ports: &Ports,
    transaction: &mut dyn Transaction,
    user: &User,
) -> Result<Option<EnqueuedTask>, RecordError> {
    if !ports.enforcement.keeps_policies() {
        return Ok(None);
    }
    let shard = Shard { grant: user.own_grant(), number: 0, bytes: 0, written: false };
    transaction.shards().upsert(&shard).await?;
    enqueue(ports, transaction, TaskKey::Shard(shard.grant, shard.number)).await.map(Some)
}

async fn repeat(ports: &Ports, command: &SignUp) -> Result<User, AccountError> {
    let record = ports.directory.find_record_by_email(&command.email).await?.ok_or(AccountError::EmailTaken)?;
    if record.answered || verify(ports, &command.password, Some(&record.password_hash)).await? == Verdict::Wrong {
        return Err(AccountError::EmailTaken);
    }
    apply_if_pending(ports, TaskKey::Shard(record.user.own_grant(), 0)).await?;
    apply_if_pending(ports, TaskKey::Principal(record.user.id)).await?;
    Ok(record.user)
}
