//! Complete in-memory adapters of the ports, for tests. They pass the same contract suites as the real adapters.
//!
//! [`InMemoryRecords`] stores the records, [`InMemoryStore`] the buckets, objects, principals and policies.
//! [`PlainHasher`], [`PlainTokens`], [`PlainVault`], [`ManualClock`] and [`SequentialIds`] implement the other ports.
//!
//! The `Mock…` types are for forcing a failure that no fake has. `Directory` and `PasswordHasher` have no mock, because
//! `mockall` does not support their optional references.

mod in_memory_ports;
mod in_memory_records;
mod in_memory_store;

pub use crate::ports::mocks::{
    MockBucketRepository, MockClock, MockIdSource, MockInstallationRepository, MockObjectStore, MockOutbox,
    MockPrincipalStore, MockReleasedNameRepository, MockSecretVault, MockShardRepository, MockStoreMarker,
    MockStoreProbeRepository, MockTokenIssuer, MockUnitOfWork, MockUserRepository,
};
pub use in_memory_ports::{ManualClock, PlainHasher, PlainTokens, PlainVault, SequentialIds};
pub use in_memory_records::InMemoryRecords;
pub use in_memory_store::{InMemoryStore, StoreCall};
