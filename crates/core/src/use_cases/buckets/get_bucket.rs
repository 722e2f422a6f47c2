use super::{BucketError, find_authorized};
use crate::acl::Access;
use crate::context::Ports;
use crate::domain::{Bucket, BucketName};
use crate::use_cases::admission::Actor;

/// Gets a bucket that the caller may read.
///
/// # Errors
/// [`BucketError::NotFound`]; [`BucketError::Session`]; [`BucketError::Fault`].
#[tracing::instrument(level = "debug", skip_all, fields(bucket.name = %name))]
pub async fn get_bucket(ports: &Ports, actor: &Actor, name: &BucketName) -> Result<Bucket, BucketError> {
    Ok(find_authorized(ports, actor, name, Access::Read).await?.1.bucket)
}
