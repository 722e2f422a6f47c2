use storage_hub_s3_backend::lifecycle::expiration_of;
use storage_hub_s3_protocol::error::S3Result;
use storage_hub_s3_protocol::lifecycle::LifecycleConfiguration;
use storage_hub_s3_protocol::tags::Tags;
use storage_hub_s3_protocol::types::{Millis, ObjectExpiration};

/// When the lifecycle rules of a bucket delete a current version.
pub(super) fn expiration(
    rules: Option<&str>,
    key: &str,
    size: u64,
    tags: &Tags,
    modified_at: Millis,
) -> S3Result<Option<ObjectExpiration>> {
    let Some(rules) = rules else { return Ok(None) };
    let configuration = LifecycleConfiguration::parse(rules.as_bytes())?;
    Ok(expiration_of(&configuration, key, size, tags, modified_at))
}
