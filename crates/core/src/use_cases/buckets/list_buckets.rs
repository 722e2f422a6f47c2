use super::BucketError;
use crate::context::Ports;
use crate::domain::{Bucket, Page, PageRequest};
use crate::use_cases::admission::Actor;

/// A page of the buckets that the user who asks owns, in the order of their names.
///
/// # Errors
/// [`BucketError::Session`]; [`BucketError::Fault`].
pub async fn list_buckets(ports: &Ports, actor: &Actor, page: &PageRequest) -> Result<Page<Bucket>, BucketError> {
    Ok(actor.list_owned_buckets(ports, page).await?)
}
