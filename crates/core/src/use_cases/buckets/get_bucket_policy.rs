use super::{BucketError, find_authorized};
use crate::acl::Access;
use crate::context::Ports;
use crate::domain::BucketName;
use crate::policy::{PolicyDocument, bucket_policy};
use crate::use_cases::admission::Actor;

/// Gets the bucket policy, rendered from the records by the same function as the copy in the store.
///
/// # Errors
/// [`BucketError::NotFound`]; [`BucketError::Forbidden`] if the caller may read the bucket but not manage it;
/// [`BucketError::Session`]; [`BucketError::Fault`].
#[tracing::instrument(level = "debug", skip_all, fields(bucket.name = %name))]
pub async fn get_bucket_policy(ports: &Ports, actor: &Actor, name: &BucketName) -> Result<PolicyDocument, BucketError> {
    Ok(bucket_policy(&find_authorized(ports, actor, name, Access::Manage).await?.1))
}
