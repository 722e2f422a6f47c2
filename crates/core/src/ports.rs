//! What the hub needs from outside, as traits. Each states its contract, and a suite of `storage-hub-port-contract` checks
//! every adapter against it.

mod bucket_repository;
mod clock;
mod directory;
mod id_source;
mod installation_repository;
mod installation_state;
mod migration_state;
mod object_store;
mod outbox;
mod password_hasher;
mod pool_state;
mod principal_store;
mod record_error;
mod released_name_repository;
mod secret_vault;
mod shard_repository;
mod store_marker;
mod store_probe_repository;
mod token_issuer;
mod unit_of_work;
mod user_repository;

pub use bucket_repository::BucketRepository;
pub use clock::Clock;
pub use directory::{
    Backlog, Directory, PrincipalRecord, S3AccessRecord, S3BucketQuery, S3BucketRecord, ShardContents,
};
pub use id_source::IdSource;
pub use installation_repository::InstallationRepository;
pub use installation_state::{EmbeddedState, HubFile, HubFileState, IndexState, RecordsContents, RecordsState};
pub use migration_state::{MigrationState, NewerSchema};
pub use object_store::{BucketPresence, KeyRefusal, ObjectStore, StoreError, StoreLimits, VersionOutcome};
pub use outbox::{Lease, LeaseRequest, Outbox, PendingTask, TaskKey, TaskKeyError, TaskState};
pub use password_hasher::{HashError, PasswordHasher};
pub use pool_state::PoolState;
pub use principal_store::{PrincipalSettings, PrincipalState, PrincipalStore};
pub use record_error::{RecordError, UniqueKey};
pub use released_name_repository::ReleasedNameRepository;
pub use secret_vault::{SecretVault, VaultError};
pub use shard_repository::{Shard, ShardRepository};
pub use store_marker::{StoreMark, StoreMarker};
pub use store_probe_repository::StoreProbeRepository;
pub use token_issuer::{TokenError, TokenIssuer};
pub use unit_of_work::{Transaction, UnitOfWork};
pub use user_repository::UserRepository;

/// The error of the library below an adapter, for the log.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// The mocks that `mockall` generates for the ports; [`testing`](crate::testing) re-exports them.
#[cfg(feature = "testing")]
pub(crate) mod mocks {
    pub use super::bucket_repository::MockBucketRepository;
    pub use super::clock::MockClock;
    pub use super::id_source::MockIdSource;
    pub use super::installation_repository::MockInstallationRepository;
    pub use super::object_store::MockObjectStore;
    pub use super::outbox::MockOutbox;
    pub use super::principal_store::MockPrincipalStore;
    pub use super::released_name_repository::MockReleasedNameRepository;
    pub use super::secret_vault::MockSecretVault;
    pub use super::shard_repository::MockShardRepository;
    pub use super::store_marker::MockStoreMarker;
    pub use super::store_probe_repository::MockStoreProbeRepository;
    pub use super::token_issuer::MockTokenIssuer;
    pub use super::unit_of_work::MockUnitOfWork;
    pub use super::user_repository::MockUserRepository;
}
