use async_trait::async_trait;

use super::StoreError;
use crate::domain::{AccessKey, Credentials};
use crate::policy::{PolicyDocument, PolicyName};

/// The wanted state of a principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalSettings {
    /// Its access key and secret.
    pub credentials: Credentials,
    /// Whether it can make requests.
    pub enabled: bool,
    /// The policies that it must have; any others are detached.
    pub policies: Vec<PolicyName>,
}

/// The actual state of a principal, without its secret, which no store returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalState {
    /// Whether it can make requests.
    pub enabled: bool,
    /// The policies that it has, in byte order.
    pub policies: Vec<PolicyName>,
}

/// The principals of a store that authenticates and authorizes S3 requests by itself, and their policies.
///
/// Every method can fail with [`StoreError::Unavailable`], [`StoreError::AccessDenied`] and [`StoreError::Unexpected`];
/// `# Errors` lists the others.
///
/// # Contract
/// - Every write sets the wanted state whatever the actual one is, so that it can be repeated.
/// - No call waits indefinitely: while the store is unreachable, it fails with [`StoreError::Unavailable`] within
///   seconds.
/// - After a call has returned, the next request of any S3 client is decided accordingly.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait PrincipalStore: Send + Sync {
    /// Creates the principal, or sets its secret, its status and its policies.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if one of the policies does not exist.
    async fn put_principal(&self, settings: &PrincipalSettings) -> Result<(), StoreError>;

    /// Revokes the temporary credentials that were issued with the principal's access key, whichever secret it had.
    /// Succeeds if there is no such principal.
    async fn revoke_sessions(&self, access_key: &AccessKey) -> Result<(), StoreError>;

    /// Deletes the principal. Succeeds if there is none with this access key.
    async fn delete_principal(&self, access_key: &AccessKey) -> Result<(), StoreError>;

    /// Finds the actual state of the principal; `None` if there is none.
    async fn find_principal(&self, access_key: &AccessKey) -> Result<Option<PrincipalState>, StoreError>;

    /// Whether the store accepts a request that is signed with these credentials: the principal exists, is enabled and has
    /// this secret.
    async fn accepts(&self, credentials: &Credentials) -> Result<bool, StoreError>;

    /// Creates or replaces a policy.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a document that exceeds the store's limit.
    async fn put_policy(&self, name: &PolicyName, document: &PolicyDocument) -> Result<(), StoreError>;

    /// Finds a policy; `None` if there is none with this name.
    async fn find_policy(&self, name: &PolicyName) -> Result<Option<PolicyDocument>, StoreError>;

    /// Deletes a policy that no principal has. Succeeds if there is none with this name.
    ///
    /// # Errors
    /// [`StoreError::Refused`] while a principal has it.
    async fn delete_policy(&self, name: &PolicyName) -> Result<(), StoreError>;

    /// Lists the access keys of all principals, including foreign ones. Slow on a large store; for full checks only.
    async fn list_principals(&self) -> Result<Vec<String>, StoreError>;
}
