//! What every use case runs with: the ports, and the settings of this installation.

use std::sync::Arc;
use std::time::Duration;

use crate::decision_metrics::Decisions;
use crate::domain::StoreKind;
use crate::policy::PolicyPrefix;
use crate::ports::{
    Clock, Directory, IdSource, ObjectStore, PasswordHasher, PrincipalStore, SecretVault, TokenIssuer, UnitOfWork,
};
use crate::use_cases::progress::Progress;

/// Every port, and the few settings of the use cases. Built in one place; cheap to clone.
#[derive(Clone)]
pub struct Ports {
    /// Writes the records.
    pub unit_of_work: Arc<dyn UnitOfWork>,
    /// Reads the records.
    pub directory: Arc<dyn Directory>,
    /// The object store.
    pub store: Arc<dyn ObjectStore>,
    /// How the decisions of the ACL reach the store.
    pub enforcement: Enforcement,
    /// Hashes passwords.
    pub passwords: Arc<dyn PasswordHasher>,
    /// Issues tokens.
    pub tokens: Arc<dyn TokenIssuer>,
    /// Encrypts the secret keys of users.
    pub vault: Arc<dyn SecretVault>,
    /// The current time, and waiting.
    pub clock: Arc<dyn Clock>,
    /// Generates ids and keys.
    pub ids: Arc<dyn IdSource>,
    /// The settings.
    pub settings: Arc<Settings>,
    /// The requests of this process that wait for tasks.
    pub progress: Arc<Progress>,
    /// Counters of authorization decisions.
    pub decisions: Arc<Decisions>,
}

/// How the decisions of the ACL reach the store.
#[derive(Clone)]
pub enum Enforcement {
    /// This process serves S3 and asks the [`S3UseCases`](crate::use_cases::s3::S3UseCases) for every request.
    InProcess,
    /// The store has principals and policies of its own, which tasks keep equal to the records.
    Policies(Arc<dyn PrincipalStore>),
}

impl Enforcement {
    /// Whether the store has principals and policies of its own, so that changes of the records need tasks.
    #[must_use]
    pub const fn keeps_policies(&self) -> bool {
        matches!(self, Self::Policies(_))
    }
}

/// The settings of the use cases.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The prefix of the names of this hub's policies.
    pub policy_prefix: PolicyPrefix,
    /// The kind of the store.
    pub store_kind: StoreKind,
    /// The URL at which S3 clients reach the store.
    pub s3_endpoint: String,
    /// The region that S3 clients sign for.
    pub s3_region: String,
    /// The duration of a worker's lease. It must be longer than all calls of one task together can take.
    pub lease_duration: Duration,
    /// How long after a lease was taken over its task runs once more, to undo a late write of the previous worker.
    pub verify_after: Duration,
    /// How long a request waits for a task that another worker runs.
    pub wait_timeout: Duration,
    /// How long the name of a deleted bucket is reserved for its last owner; `None`: as long as the store
    /// [says](ObjectStore::name_reservation).
    pub name_reservation: Option<Duration>,
    /// Maximum number of buckets of a user; 0: unlimited.
    pub buckets_per_user: u32,
    /// Whether anybody may create an account. If not, only administrators do.
    pub sign_up_open: bool,
}

impl Settings {
    /// The default durations, for an embedded store that S3 clients reach at this endpoint.
    #[must_use]
    pub fn new(policy_prefix: PolicyPrefix, s3_endpoint: String, s3_region: String) -> Self {
        Self {
            policy_prefix,
            store_kind: StoreKind::Embedded,
            s3_endpoint,
            s3_region,
            lease_duration: Duration::from_secs(30),
            verify_after: Duration::from_secs(30),
            wait_timeout: Duration::from_secs(4),
            name_reservation: None,
            buckets_per_user: 1_000,
            sign_up_open: true,
        }
    }
}
