use super::BucketError;
use crate::domain::{Bucket, Page, PageRequest, Session};
use crate::ports::Ports;
use crate::use_cases::session::{SessionError, admit};

/// A page of the buckets that the user who asks owns, in the order of their names.
///
/// # Errors
/// [`BucketError::Session`]; [`BucketError::Fault`].
pub async fn list_buckets(ports: &Ports, session: &Session, page: &PageRequest) -> Result<Page<Bucket>, BucketError> {
    let found = ports.directory.list_owned_buckets(session.user, page).await?;
    let (user, buckets) = found.ok_or(SessionError::Ended)?;
    admit(session, &user)?;
    Ok(buckets)
}
