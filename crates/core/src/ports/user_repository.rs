use async_trait::async_trait;

use super::RecordError;
use crate::domain::{Email, UserId, UserRecord};

/// The users, in a transaction.
///
/// Every method can fail with the [`RecordError`] of the database; `# Errors` lists only errors with a meaning of their
/// own.
///
/// # Contract
/// - Email keys ([`Email::key`]) and access keys are unique: of two concurrent inserts, one fails with
///   [`RecordError::AlreadyExists`].
/// - A row that a `find` method returns does not change until the transaction ends.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait UserRepository: Send {
    /// Inserts a user.
    ///
    /// # Errors
    /// [`RecordError::AlreadyExists`] with the key that is taken: the email or the access key.
    async fn insert(&mut self, record: &UserRecord) -> Result<(), RecordError>;

    /// Finds the user with this id, to change it: concurrent transactions that find it wait.
    async fn find(&mut self, id: UserId) -> Result<Option<UserRecord>, RecordError>;

    /// Finds the user with this id, to rely on it without changing it: concurrent transactions may do the same.
    ///
    /// The default is the specification; an adapter overrides it to take a weaker lock.
    async fn find_shared(&mut self, id: UserId) -> Result<Option<UserRecord>, RecordError> {
        self.find(id).await
    }

    /// Finds the user with this email, to change it: the one with this exact spelling or, if there is none, with its key.
    async fn find_by_email(&mut self, email: &Email) -> Result<Option<UserRecord>, RecordError>;

    /// Lists the ids of the enabled users who hold `admin`, in their order. Their rows do not change until the transaction
    /// ends, so that of two changes that would leave no administrator, the second one sees the first.
    async fn list_enabled_admins(&mut self) -> Result<Vec<UserId>, RecordError>;

    /// Overwrites every field of the user with the record's id, except `created_at`.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] if there is no such user; [`RecordError::AlreadyExists`] as for
    /// [`insert`](Self::insert).
    async fn update(&mut self, record: &UserRecord) -> Result<(), RecordError>;
}
