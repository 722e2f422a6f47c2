//! Renders the decisions of the ACL as policies of the store: pure functions of the records.

mod bucket;
mod document;
mod shard;

pub use bucket::bucket_policy;
pub use document::{PolicyDocument, PolicyName, PolicyPrefix, PolicyPrefixError};
pub use shard::{POLICY_REVISION, SHARD_BYTES, admin_policy, entry_bytes, shard_policy};
