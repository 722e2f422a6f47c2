use super::{BucketError, find_authorized};
use crate::acl::Access;
use crate::domain::{Bucket, BucketName, Session};
use crate::ports::Ports;

/// A bucket that the user who asks may read.
///
/// # Errors
/// [`BucketError::NotFound`]; [`BucketError::Session`]; [`BucketError::Fault`].
pub async fn get_bucket(ports: &Ports, session: &Session, name: &BucketName) -> Result<Bucket, BucketError> {
    Ok(find_authorized(ports, session, name, Access::Read).await?.1.bucket)
}
