//! What everybody may know of this installation.

use crate::context::{Enforcement, Ports};

/// The kind of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// The hub serves S3 itself, from a folder of its own.
    Embedded,
    /// MinIO serves S3, and enforces the policies that the hub writes.
    Minio,
}

/// A feature that not every store has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFeature {
    /// Object keys may have any segments, `.`, `..` and empty ones included.
    AnyKey,
    /// CORS rules per bucket.
    BucketCors,
    /// Buckets can be created and deleted with S3 clients, not only by the API.
    BucketsByS3,
    /// Buckets can keep versions of objects.
    Versioning,
}

/// The store as its users see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSettings {
    /// Its kind.
    pub kind: StoreKind,
    /// What it can do, in the order of the features.
    pub features: Vec<StoreFeature>,
}

/// Returns what everybody may know of the store.
#[must_use]
pub fn get_settings(ports: &Ports) -> StoreSettings {
    let limits = ports.store.limits();
    let (kind, in_process) = match ports.enforcement {
        Enforcement::InProcess => (StoreKind::Embedded, true),
        Enforcement::Policies(_) => (StoreKind::Minio, false),
    };
    let any_key = limits.takes_empty_segments && limits.takes_dot_segments && limits.takes_backslashes;
    let features = [
        (any_key, StoreFeature::AnyKey),
        (in_process, StoreFeature::BucketCors),
        (in_process, StoreFeature::BucketsByS3),
        (limits.keeps_versions, StoreFeature::Versioning),
    ];
    StoreSettings { kind, features: features.into_iter().filter_map(|(has, feature)| has.then_some(feature)).collect() }
}
