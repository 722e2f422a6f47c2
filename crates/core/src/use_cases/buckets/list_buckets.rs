use super::BucketError;
use crate::context::Ports;
use crate::domain::{Bucket, Page, PageRequest};
use crate::use_cases::admission::Actor;

/// Lists a page of the buckets that the caller owns, in the order of their names.
///
/// # Errors
/// [`BucketError::Session`]; [`BucketError::Fault`].
#[tracing::instrument(level = "debug", skip_all)]
pub async fn list_buckets(ports: &Ports, actor: &Actor, page: &PageRequest) -> Result<Page<Bucket>, BucketError> {
    Ok(actor.list_owned_buckets(ports, page).await?)
}
