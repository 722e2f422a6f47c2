use super::{BucketError, find_authorized};
use crate::acl::Access;
use crate::domain::{BucketName, Session};
use crate::policy::{PolicyDocument, bucket_policy};
use crate::ports::Ports;

/// The bucket policy, rendered from the records by the function that the store's copy is rendered by.
///
/// # Errors
/// [`BucketError::NotFound`]; [`BucketError::Forbidden`] for those who may read the bucket but not manage it;
/// [`BucketError::Session`]; [`BucketError::Fault`].
pub async fn get_bucket_policy(
    ports: &Ports,
    session: &Session,
    name: &BucketName,
) -> Result<PolicyDocument, BucketError> {
    Ok(bucket_policy(&find_authorized(ports, session, name, Access::Manage).await?.1))
}
