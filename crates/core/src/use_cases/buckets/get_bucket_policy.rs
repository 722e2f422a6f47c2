use super::{BucketError, find_authorized};
use crate::acl::Access;
use crate::context::Ports;
use crate::domain::BucketName;
use crate::policy::{PolicyDocument, bucket_policy};
use crate::use_cases::admission::Actor;

/// The bucket policy, rendered from the records by the function that the store's copy is rendered by.
///
/// # Errors
/// [`BucketError::NotFound`]; [`BucketError::Forbidden`] for those who may read the bucket but not manage it;
/// [`BucketError::Session`]; [`BucketError::Fault`].
pub async fn get_bucket_policy(ports: &Ports, actor: &Actor, name: &BucketName) -> Result<PolicyDocument, BucketError> {
    Ok(bucket_policy(&find_authorized(ports, actor, name, Access::Manage).await?.1))
}
