//! Admission: from the actor that a request was authenticated as to a user that may act now.
//!
//! A token or a signature proves which user a request speaks for, but not that this user may still act: the account may
//! have been disabled, or the session ended, a moment ago. So use cases receive an [`Actor`], whose user can only be
//! read through this module. Every read admits the user in the snapshot or transaction that it was read in, and returns
//! an [`ActiveUser`]; the functions that decide and write for a user demand one. A use case that forgets admission does
//! not compile. Use cases that only a session may call take a [`Session`] instead.

use std::ops::Deref;

use super::session::SessionError;
use crate::context::Ports;
use crate::domain::{
    AccessKey, Bucket, BucketName, BucketRecord, Page, PageRequest, Session, User, UserId, UserRecord,
};
use crate::ports::{RecordError, Transaction};

/// What a request was authenticated as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The holder of a session token.
    Session(Session),
    /// The holder of an access key, who has signed the request with its secret.
    AccessKey {
        /// The user whose access key it is.
        claimed_user: UserId,
        /// The access key that the request names.
        access_key: AccessKey,
    },
}

impl From<Session> for Actor {
    fn from(session: Session) -> Self {
        Self::Session(session)
    }
}

/// A user that was admitted: it is enabled, and what the request was authenticated with is still valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveUser(User);

impl ActiveUser {
    /// The user, for an answer about it.
    pub(crate) fn into_user(self) -> User {
        self.0
    }
}

impl Deref for ActiveUser {
    type Target = User;

    fn deref(&self) -> &User {
        &self.0
    }
}

/// The whole record of a user that was admitted.
#[derive(Debug)]
pub(super) struct ActiveRecord(UserRecord);

impl ActiveRecord {
    /// The record, to change it in the transaction that it was read in.
    pub(super) fn into_record(self) -> UserRecord {
        self.0
    }
}

impl Deref for ActiveRecord {
    type Target = UserRecord;

    fn deref(&self) -> &UserRecord {
        &self.0
    }
}

/// Why an actor was not admitted.
#[derive(Debug, thiserror::Error)]
pub(super) enum AdmissionError {
    /// Its user may not act with it.
    #[error(transparent)]
    Refused(#[from] SessionError),
    /// Its user could not be read.
    #[error(transparent)]
    Records(#[from] RecordError),
}

/// Lets `?` convert an [`AdmissionError`] to an area's error.
macro_rules! from_admission {
    ($area:ty) => {
        impl From<$crate::use_cases::admission::AdmissionError> for $area {
            fn from(error: $crate::use_cases::admission::AdmissionError) -> Self {
                use $crate::use_cases::admission::AdmissionError;
                match error {
                    AdmissionError::Refused(error) => Self::Session(error),
                    AdmissionError::Records(error) => error.into(),
                }
            }
        }
    };
}
pub(super) use from_admission;

impl Actor {
    /// The actor's user.
    pub(super) async fn find_user(&self, ports: &Ports) -> Result<ActiveUser, AdmissionError> {
        let user = ports.directory.find_user(self.claimed_user()).await?;
        Ok(self.admit(user)?)
    }

    /// The actor's user and the bucket with this name, in one snapshot.
    pub(super) async fn find_user_and_bucket(
        &self,
        ports: &Ports,
        name: &BucketName,
    ) -> Result<(ActiveUser, Option<BucketRecord>), AdmissionError> {
        let found = ports.directory.find_user_and_bucket(self.claimed_user(), name).await?;
        let (user, bucket) = found.unzip();
        Ok((self.admit(user)?, bucket.flatten()))
    }

    /// A page of the buckets that the actor's user owns.
    pub(super) async fn list_owned_buckets(
        &self,
        ports: &Ports,
        page: &PageRequest,
    ) -> Result<Page<Bucket>, AdmissionError> {
        let found = ports.directory.list_owned_buckets(self.claimed_user(), page).await?;
        let (user, buckets) = found.ok_or(SessionError::Ended)?;
        self.admit(Some(user))?;
        Ok(buckets)
    }

    /// The actor's user, which stays as it is until the transaction ends.
    pub(super) async fn lock_user(&self, transaction: &mut dyn Transaction) -> Result<ActiveUser, AdmissionError> {
        let record = transaction.users().find_shared(self.claimed_user()).await?;
        Ok(self.admit(record.map(|record| record.user))?)
    }

    /// As [`lock_user`](Self::lock_user), and no other transaction can lock the user meanwhile.
    pub(super) async fn lock_user_alone(
        &self,
        transaction: &mut dyn Transaction,
    ) -> Result<ActiveUser, AdmissionError> {
        let record = transaction.users().find(self.claimed_user()).await?;
        Ok(self.admit(record.map(|record| record.user))?)
    }

    /// Admits a user that was just read for this actor; `None` when there is none any more.
    pub(super) fn admit(&self, user: Option<User>) -> Result<ActiveUser, SessionError> {
        let user = user.ok_or(SessionError::Ended)?;
        match self {
            Self::Session(session) => session.check(&user)?,
            Self::AccessKey { access_key, .. } => check(&user, user.access_key == *access_key)?,
        }
        Ok(ActiveUser(user))
    }

    const fn claimed_user(&self) -> UserId {
        match self {
            Self::Session(session) => session.claimed_user,
            Self::AccessKey { claimed_user, .. } => *claimed_user,
        }
    }
}

impl Session {
    /// The whole record of the session's user.
    pub(super) async fn find_record(&self, ports: &Ports) -> Result<ActiveRecord, AdmissionError> {
        Ok(self.admit(ports.directory.find_record(self.claimed_user).await?)?)
    }

    /// The whole record of the session's user, which nobody else can read to change it until the transaction ends.
    pub(super) async fn lock_record(&self, transaction: &mut dyn Transaction) -> Result<ActiveRecord, AdmissionError> {
        Ok(self.admit(transaction.users().find(self.claimed_user).await?)?)
    }

    fn admit(&self, record: Option<UserRecord>) -> Result<ActiveRecord, SessionError> {
        let record = record.ok_or(SessionError::Ended)?;
        self.check(&record.user)?;
        Ok(ActiveRecord(record))
    }

    const fn check(&self, user: &User) -> Result<(), SessionError> {
        check(user, user.token_epoch == self.epoch)
    }
}

const fn check(user: &User, valid: bool) -> Result<(), SessionError> {
    match (user.enabled, valid) {
        (false, _) => Err(SessionError::Disabled),
        (true, false) => Err(SessionError::Ended),
        (true, true) => Ok(()),
    }
}
