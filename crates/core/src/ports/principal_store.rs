use async_trait::async_trait;

use super::StoreError;
use crate::domain::{AccessKey, Credentials};
use crate::policy::{PolicyDocument, PolicyName};

/// What a principal is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalSettings {
    /// Its key.
    pub credentials: Credentials,
    /// Whether it may do anything at all.
    pub enabled: bool,
    /// The policies that it is to have, and no others.
    pub policies: Vec<PolicyName>,
}

/// What a principal is, without its secret: stores do not give it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalState {
    /// Whether it may do anything at all.
    pub enabled: bool,
    /// The policies that it has, in byte order.
    pub policies: Vec<PolicyName>,
}

/// The identities of a store that keeps its own, and the policies that say what they may do.
///
/// # Contract
/// - Every write sets what is wanted whatever was there, so that it can be repeated.
/// - No call waits for ever: with the store away, [`StoreError::Unavailable`] comes within seconds.
/// - What a call has answered is in force for the next request of an S3 client.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait PrincipalStore: Send + Sync {
    /// Makes the principal, or sets its secret, its status and its policies.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when one of the policies has not been written.
    async fn put_principal(&self, settings: &PrincipalSettings) -> Result<(), StoreError>;

    /// Ends the temporary credentials that were made with the principal's key, whichever secret it had.
    ///
    /// # Errors
    /// [`StoreError`]; a principal that does not exist has none to end.
    async fn revoke_sessions(&self, access_key: &AccessKey) -> Result<(), StoreError>;

    /// Removes the principal; one that is not there is removed already.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn delete_principal(&self, access_key: &AccessKey) -> Result<(), StoreError>;

    /// The principal as it is; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn find_principal(&self, access_key: &AccessKey) -> Result<Option<PrincipalState>, StoreError>;

    /// Whether a request that is signed with this key is taken for the principal's: it exists, is enabled, and the
    /// secret is right.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn accepts(&self, credentials: &Credentials) -> Result<bool, StoreError>;

    /// Writes a policy over whatever was there.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a document over the store's limit.
    async fn put_policy(&self, name: &PolicyName, document: &PolicyDocument) -> Result<(), StoreError>;

    /// A policy as it is; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn find_policy(&self, name: &PolicyName) -> Result<Option<PolicyDocument>, StoreError>;

    /// Removes a policy that no principal has; one that is not there is removed already.
    ///
    /// # Errors
    /// [`StoreError::Refused`] while a principal has it.
    async fn delete_policy(&self, name: &PolicyName) -> Result<(), StoreError>;

    /// The access keys of all principals, the hub's or not: slow on a big store, for full checks only.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn list_principals(&self) -> Result<Vec<String>, StoreError>;
}
