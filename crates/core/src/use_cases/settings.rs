//! What everybody may know of this installation.

use crate::context::Ports;
use crate::domain::StoreKind;

/// A feature that not every store has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFeature {
    /// Object keys may have any segments, `.`, `..` and empty ones included.
    AnyKey,
    /// CORS rules per bucket.
    BucketCors,
    /// Buckets can be created and deleted with S3 clients, not only by the API.
    BucketsByS3,
    /// Writes can depend on what the key holds (`If-Match`, `If-None-Match`).
    ConditionalWrites,
    /// Objects expire by the rules of their bucket.
    Lifecycle,
    /// Versions can be protected from deletion.
    ObjectLock,
    /// Buckets and objects can have tags.
    Tags,
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
    let in_process = !ports.enforcement.keeps_policies();
    let any_key = limits.takes_empty_segments && limits.takes_dot_segments && limits.takes_backslashes;
    let features = [
        (any_key, StoreFeature::AnyKey),
        (in_process, StoreFeature::BucketCors),
        (in_process, StoreFeature::BucketsByS3),
        (limits.writes_conditionally, StoreFeature::ConditionalWrites),
        (limits.expires_objects, StoreFeature::Lifecycle),
        (limits.locks_objects, StoreFeature::ObjectLock),
        (limits.keeps_tags, StoreFeature::Tags),
        (limits.keeps_versions, StoreFeature::Versioning),
    ];
    StoreSettings {
        kind: ports.settings.store_kind,
        features: features.into_iter().filter_map(|(has, feature)| has.then_some(feature)).collect(),
    }
}
