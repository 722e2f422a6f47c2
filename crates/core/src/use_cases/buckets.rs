//! Buckets: create, list, get and delete, and the bucket policy.

mod create_bucket;
mod delete_bucket;
mod delete_versions;
mod get_bucket;
mod get_bucket_policy;
mod list_buckets;

pub use create_bucket::{create_bucket, mark_bucket_answered};
pub use delete_bucket::delete_bucket;
pub(super) use delete_bucket::delete_exactly;
pub use delete_versions::{InvalidVersions, MAX_VERSIONS, delete_versions};
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
use crate::s3_action::{Rule, S3Action};

/// Why a use case of buckets failed.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// Another bucket has this name: one of the hub, or a foreign one of the store.
    #[error("the bucket name is taken")]
    NameTaken,
    /// The caller has already created a bucket with this name.
    #[error("the caller already owns a bucket with this name")]
    AlreadyOwned,
    /// The caller owns as many buckets as a user may have.
    #[error("the caller owns {0} buckets already, which is the maximum")]
    LimitReached(u32),
    /// There is no such bucket, or none that the caller may see.
    #[error("there is no bucket with this name")]
    NotFound,
    /// The caller may see the bucket, but not do this.
    #[error("the caller does not have the required access to the bucket")]
    Forbidden,
    /// The bucket contains objects or versions.
    #[error("the bucket is not empty")]
    NotEmpty,
    /// The versions to delete are not a list that the store accepts.
    #[error(transparent)]
    InvalidVersions(#[from] InvalidVersions),
    /// The actor was not admitted.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// An internal failure that the caller cannot fix.
    #[error(transparent)]
    Fault(#[from] Fault),
}

super::fault::from_ports!(BucketError: RecordError, StoreError);
super::admission::from_admission!(BucketError);

/// Finds the actor's user and a bucket to which it has the wanted access, in one snapshot.
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

/// Checks that the user owns the bucket or is an administrator. A user who may not see the bucket is told that there is
/// none.
fn check_owner(ports: &Ports, user: &ActiveUser, record: &BucketRecord) -> Result<(), BucketError> {
    let allowed = record.bucket.state.is_visible() && record.bucket.is_controlled_by(user);
    ports.decisions.count(Surface::Api, Rule::Owner, Outcome::of(allowed));
    if allowed {
        Ok(())
    } else if authorize(&user.subject(), &record.access_entries(), Access::Read).is_allowed() {
        Err(BucketError::Forbidden)
    } else {
        Err(BucketError::NotFound)
    }
}

/// Checks, in the transaction of a write, that the user may still perform an action of the S3 endpoint on a bucket. The
/// decision was counted when the request began.
pub(super) fn check_action(user: &ActiveUser, record: &BucketRecord, action: S3Action) -> Result<(), BucketError> {
    if !record.bucket.state.is_visible() {
        return Err(BucketError::NotFound);
    }
    let allowed = match action.rule() {
        Rule::Access(wanted) => authorize(&user.subject(), &record.entries_for(action), wanted).is_allowed(),
        Rule::Owner => record.bucket.is_controlled_by(user),
        Rule::SignedIn | Rule::Hub => false,
    };
    if allowed { Ok(()) } else { Err(BucketError::Forbidden) }
}

/// Checks that the user has the wanted access. A user who may not see the bucket is told that there is none.
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
