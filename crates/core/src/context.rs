//! What every use case runs with: the ports, and the settings of this installation.

use std::sync::Arc;
use std::time::Duration;

use crate::decision_metrics::Decisions;
use crate::policy::PolicyPrefix;
use crate::ports::{
    Clock, Directory, IdSource, ObjectStore, PasswordHasher, PrincipalStore, SecretVault, TokenIssuer, UnitOfWork,
};
use crate::use_cases::progress::Progress;

/// Every port, and the few settings that use cases go by. Built in one place; cheap to clone.
#[derive(Clone)]
pub struct Ports {
    /// Writes the records.
    pub unit_of_work: Arc<dyn UnitOfWork>,
    /// Reads the records.
    pub directory: Arc<dyn Directory>,
    /// The object store.
    pub store: Arc<dyn ObjectStore>,
    /// How the store learns what the ACL decides.
    pub enforcement: Enforcement,
    /// Hashes passwords.
    pub passwords: Arc<dyn PasswordHasher>,
    /// Issues tokens.
    pub tokens: Arc<dyn TokenIssuer>,
    /// Encrypts principals' secrets.
    pub vault: Arc<dyn SecretVault>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids and keys come from.
    pub ids: Arc<dyn IdSource>,
    /// Settings.
    pub settings: Arc<Settings>,
    /// Who waits in this process for which task.
    pub progress: Arc<Progress>,
    /// How often it was decided what.
    pub decisions: Arc<Decisions>,
}

/// How the store learns what the ACL decides.
#[derive(Clone)]
pub enum Enforcement {
    /// It runs in this process and asks for every request ([`S3Gate`](crate::use_cases::s3_gate::S3Gate)).
    InProcess,
    /// It keeps principals and policies of its own, which follow the records.
    Policies(Arc<dyn PrincipalStore>),
}

impl Enforcement {
    /// Whether the store keeps principals and policies, so that changes of the records have to be carried to it.
    #[must_use]
    pub const fn keeps_policies(&self) -> bool {
        matches!(self, Self::Policies(_))
    }
}

/// What use cases go by, beside the ports.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What the names of this hub's policies begin with.
    pub policy_prefix: PolicyPrefix,
    /// Where S3 clients reach the store, as a URL.
    pub s3_endpoint: String,
    /// The region that S3 clients sign for.
    pub s3_region: String,
    /// How long a worker may hold a task: longer than all calls of one task together may last.
    pub lease_duration: Duration,
    /// How long after a lost lease its task is carried out once more, against a write that arrives late.
    pub verify_after: Duration,
    /// How long a request waits for a task that another worker carries out.
    pub wait_timeout: Duration,
}

impl Settings {
    /// The usual times, for a store that S3 clients reach at this endpoint.
    #[must_use]
    pub fn new(policy_prefix: PolicyPrefix, s3_endpoint: String, s3_region: String) -> Self {
        Self {
            policy_prefix,
            s3_endpoint,
            s3_region,
            lease_duration: Duration::from_secs(30),
            verify_after: Duration::from_secs(30),
            wait_timeout: Duration::from_secs(4),
        }
    }
}
