//! What the operator does from the command line, with the rights of a person who has the configuration.

use super::accounts::{InsertUserError, SignUp, insert_user, mark_sign_up_answered};
use super::fault::Fault;
use super::retry::retrying;
use super::task::{EnqueuedTask, apply_and_wait, apply_if_pending, enqueue};
use crate::acl::{Grant, GrantSet};
use crate::context::Ports;
use crate::domain::{Email, Password, User, UserRecord};
use crate::ports::{RecordError, TaskKey};

/// Why an account was not administered.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    /// No account has this email.
    #[error("no account has the email {0}")]
    NoSuchUser(Email),
    /// An account has this email already.
    #[error("an account has the email {0} already; `admin promote` makes it an administrator")]
    EmailTaken(Email),
    /// Without this account no enabled administrator would be left.
    #[error("{0} is the last enabled administrator; promote another account first")]
    LastAdministrator(Email),
    /// Nothing that the caller did.
    #[error(transparent)]
    Fault(#[from] Fault),
}

super::fault::from_ports!(AdministrationError: RecordError);

/// Makes an account that holds `admin`.
///
/// # Errors
/// [`AdministrationError::EmailTaken`]; [`AdministrationError::Fault`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn create_admin(ports: &Ports, command: SignUp) -> Result<User, AdministrationError> {
    create(ports, command, [Grant::admin()].into_iter().collect()).await
}

/// Creates an account, whether sign-up is open or not.
///
/// # Errors
/// [`AdministrationError::EmailTaken`]; [`AdministrationError::Fault`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn add_user(ports: &Ports, command: SignUp) -> Result<User, AdministrationError> {
    create(ports, command, GrantSet::default()).await
}

async fn create(ports: &Ports, command: SignUp, grants: GrantSet) -> Result<User, AdministrationError> {
    let (user, task) = insert_user(ports, &command, grants).await.map_err(|error| match error {
        InsertUserError::EmailTaken => AdministrationError::EmailTaken(command.email.clone()),
        InsertUserError::Fault(fault) => AdministrationError::Fault(fault),
    })?;
    if let Some(task) = task {
        apply_and_wait(ports, task).await?;
        apply_if_pending(ports, TaskKey::Principal(user.id)).await?;
    }
    mark_sign_up_answered(ports, user.id).await?;
    Ok(user)
}

/// Whether the records hold no account at all: the first start.
///
/// # Errors
/// [`AdministrationError::Fault`].
pub async fn is_first_start(ports: &Ports) -> Result<bool, AdministrationError> {
    Ok(ports.directory.list_users(None, 1).await?.is_empty())
}

/// Gives an account the grant `admin`.
///
/// # Errors
/// [`AdministrationError::NoSuchUser`]; [`AdministrationError::Fault`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn promote(ports: &Ports, email: &Email) -> Result<User, AdministrationError> {
    change(ports, email, |record| {
        record.user.grants.insert(Grant::admin());
    })
    .await
}

/// Takes the grant `admin` away from an account; changes nothing where it does not have it.
///
/// # Errors
/// [`AdministrationError::NoSuchUser`]; [`AdministrationError::LastAdministrator`]; [`AdministrationError::Fault`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn demote(ports: &Ports, email: &Email) -> Result<User, AdministrationError> {
    change(ports, email, |record| {
        record.user.grants.remove(&Grant::admin());
    })
    .await
}

/// Lets an account do what its grants give again.
///
/// # Errors
/// [`AdministrationError::NoSuchUser`]; [`AdministrationError::Fault`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn enable(ports: &Ports, email: &Email) -> Result<User, AdministrationError> {
    change(ports, email, |record| record.user.enabled = true).await
}

/// Keeps an account from doing anything, and ends its tokens and temporary credentials.
///
/// # Errors
/// [`AdministrationError::NoSuchUser`]; [`AdministrationError::LastAdministrator`]; [`AdministrationError::Fault`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn disable(ports: &Ports, email: &Email) -> Result<User, AdministrationError> {
    let keeps_policies = ports.enforcement.keeps_policies();
    change(ports, email, |record| {
        record.user.enabled = false;
        record.user.token_epoch += 1;
        record.revoke_sessions = keeps_policies;
    })
    .await
}

/// Sets an account's password and ends its tokens.
///
/// # Errors
/// [`AdministrationError::NoSuchUser`]; [`AdministrationError::Fault`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn reset_password(ports: &Ports, email: &Email, new: &Password) -> Result<User, AdministrationError> {
    let password_hash = ports.passwords.hash(new).await.map_err(Fault::from)?;
    change(ports, email, |record| {
        record.password_hash = password_hash.clone();
        record.user.token_epoch += 1;
    })
    .await
}

/// Changes the account with this email, and applies the change to its principal.
async fn change(
    ports: &Ports,
    email: &Email,
    alter: impl Fn(&mut UserRecord) + Send + Sync,
) -> Result<User, AdministrationError> {
    let (user, task) = retrying(ports, || write(ports, email, &alter)).await?;
    if let Some(task) = task {
        apply_and_wait(ports, task).await?;
    }
    Ok(user)
}

async fn write(
    ports: &Ports,
    email: &Email,
    alter: &(impl Fn(&mut UserRecord) + Send + Sync),
) -> Result<(User, Option<EnqueuedTask>), AdministrationError> {
    let mut transaction = ports.unit_of_work.begin().await?;
    // Before the account itself: two changes that lock administrators in one order cannot wait for each other.
    let admins = transaction.users().list_enabled_admins().await?;
    let Some(mut record) = transaction.users().find_by_email(email).await? else {
        transaction.commit().await?;
        return Err(AdministrationError::NoSuchUser(email.clone()));
    };
    alter(&mut record);
    if admins == [record.user.id] && !(record.user.enabled && record.user.is_admin()) {
        return Err(AdministrationError::LastAdministrator(email.clone()));
    }
    transaction.users().update(&record).await?;
    let mut task = None;
    if ports.enforcement.keeps_policies() {
        task = Some(enqueue(ports, transaction.as_mut(), TaskKey::Principal(record.user.id)).await?);
    }
    transaction.commit().await?;
    Ok((record.user, task))
}
