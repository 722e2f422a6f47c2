use async_trait::async_trait;

use super::RecordError;
use crate::domain::Installation;

/// The identity of the installation, in a transaction.
///
/// # Contract
/// - There is at most one: of two racing inserts one gets [`RecordError::AlreadyExists`].
/// - `find` keeps the row as it is until the transaction ends.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait InstallationRepository: Send {
    /// The identity; `None` before the first start.
    async fn find(&mut self) -> Result<Option<Installation>, RecordError>;

    /// Writes the identity for the first time.
    ///
    /// # Errors
    /// [`RecordError::AlreadyExists`] when there is one.
    async fn insert(&mut self, installation: &Installation) -> Result<(), RecordError>;

    /// Writes every field but `hub_id`, which never changes.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] when there is none.
    async fn update(&mut self, installation: &Installation) -> Result<(), RecordError>;
}
