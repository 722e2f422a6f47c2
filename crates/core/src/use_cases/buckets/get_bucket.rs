use super::{BucketError, find_authorized};
use crate::acl::Access;
use crate::context::Ports;
use crate::domain::{Bucket, BucketName};
use crate::use_cases::admission::Actor;

/// A bucket that the user who asks may read.
///
/// # Errors
/// [`BucketError::NotFound`]; [`BucketError::Session`]; [`BucketError::Fault`].
pub async fn get_bucket(ports: &Ports, actor: &Actor, name: &BucketName) -> Result<Bucket, BucketError> {
    Ok(find_authorized(ports, actor, name, Access::Read).await?.1.bucket)
}
