//! Buckets: making, listing, looking at and deleting them.

mod create_bucket;
mod delete_bucket;
mod get_bucket;
mod get_bucket_policy;
mod list_buckets;

pub use create_bucket::{create_bucket, mark_bucket_answered};
pub use delete_bucket::delete_bucket;
pub use get_bucket::get_bucket;
pub use get_bucket_policy::get_bucket_policy;
pub use list_buckets::list_buckets;

use super::admission::{ActiveUser, Actor};
use super::fault::Fault;
use super::session::SessionError;
use crate::acl::{Access, authorize};
use crate::context::Ports;
use crate::decision_metrics::{Outcome, Surface};
use crate::domain::{BucketName, BucketRecord};
use crate::ports::{RecordError, StoreError};
use crate::s3_action::Rule;

/// Why a use case of this area did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// Another bucket, of the hub or of somebody whom it does not know, has this name.
    #[error("the bucket name is taken")]
    NameTaken,
    /// The caller has created a bucket of this name already.
    #[error("the caller owns a bucket of this name already")]
    AlreadyOwned,
    /// There is none, or none that the caller may know of.
    #[error("there is no bucket of this name")]
    NotFound,
    /// The caller may know of the bucket, but not do this.
    #[error("the caller may not do this with the bucket")]
    Forbidden,
    /// It holds objects, versions or unfinished uploads.
    #[error("the bucket is not empty")]
    NotEmpty,
    /// Nobody is signed in.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Nothing that the caller did.
    #[error(transparent)]
    Fault(#[from] Fault),
}

super::fault::from_ports!(BucketError: RecordError, StoreError);
super::admission::from_admission!(BucketError);

/// The actor's user and a bucket on which it has the access that is wanted, in one read.
async fn find_authorized(
    ports: &Ports,
    actor: &Actor,
    name: &BucketName,
    wanted: Access,
) -> Result<(ActiveUser, BucketRecord), BucketError> {
    let (user, record) = actor.find_user_and_bucket(ports, name).await?;
    let record = record.ok_or(BucketError::NotFound)?;
    check(ports, &user, &record, wanted)?;
    Ok((user, record))
}

/// Checks that the user has the access that is wanted. A user who may not see the bucket is told that there is none.
fn check(ports: &Ports, user: &ActiveUser, record: &BucketRecord, wanted: Access) -> Result<(), BucketError> {
    let (subject, entries) = (user.subject(), record.access_entries());
    let allowed = authorize(&subject, &entries, wanted).is_allowed();
    ports.decisions.count(Surface::Api, Rule::Access(wanted), Outcome::of(allowed));
    if allowed {
        Ok(())
    } else if authorize(&subject, &entries, Access::Read).is_allowed() {
        Err(BucketError::Forbidden)
    } else {
        Err(BucketError::NotFound)
    }
}
