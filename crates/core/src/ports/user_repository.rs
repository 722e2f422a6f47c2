use async_trait::async_trait;

use super::RecordError;
use crate::domain::{Email, UserId, UserRecord};

/// The users, in a transaction.
///
/// # Contract
/// - Emails and access keys are unique: of two racing inserts one gets [`RecordError::AlreadyExists`].
/// - All `find` calls keep the row as it is until the transaction ends.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait UserRepository: Send {
    /// Adds a user.
    ///
    /// # Errors
    /// [`RecordError::AlreadyExists`] with the email or the access key that is taken.
    async fn insert(&mut self, record: &UserRecord) -> Result<(), RecordError>;

    /// The user with this id.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn find(&mut self, id: UserId) -> Result<Option<UserRecord>, RecordError>;

    /// As [`find`](Self::find), for one who does not change it: others may hold it likewise.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn find_shared(&mut self, id: UserId) -> Result<Option<UserRecord>, RecordError> {
        self.find(id).await
    }

    /// The user with this email.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn find_by_email(&mut self, email: &Email) -> Result<Option<UserRecord>, RecordError>;

    /// Writes every field of the user with the record's id, but for `created_at`.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] when there is none; [`RecordError::AlreadyExists`] as for `insert`.
    async fn update(&mut self, record: &UserRecord) -> Result<(), RecordError>;
}
