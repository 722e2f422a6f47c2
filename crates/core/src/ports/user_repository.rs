use async_trait::async_trait;

use super::RecordError;
use crate::domain::{Email, UserId, UserRecord};

/// The users, in a transaction.
///
/// # Contract
/// - Email keys ([`Email::key`]) and access keys are unique: of two racing inserts one gets
///   [`RecordError::AlreadyExists`].
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

    /// The user with this email: with this exact spelling or, if there is none, with its key.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn find_by_email(&mut self, email: &Email) -> Result<Option<UserRecord>, RecordError>;

    /// The ids of the enabled users who hold `admin`, in their order. Their rows stay as they are until the transaction
    /// ends, so that of two changes that would leave no administrator the second one sees the first.
    async fn list_enabled_admins(&mut self) -> Result<Vec<UserId>, RecordError>;

    /// Writes every field of the user with the record's id, but for `created_at`.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] when there is none; [`RecordError::AlreadyExists`] as for `insert`.
    async fn update(&mut self, record: &UserRecord) -> Result<(), RecordError>;
}
