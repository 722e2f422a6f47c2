use super::{BucketError, check_owner};
use crate::context::Ports;
use crate::domain::{BucketId, BucketName, BucketRef, BucketState};
use crate::failpoint::{Failpoint, reach};
use crate::ports::TaskKey;
use crate::use_cases::admission::Actor;
use crate::use_cases::retry::retrying;
use crate::use_cases::task::{CompletedBy, EnqueuedTask, TaskOutcome, apply_and_wait, enqueue};

/// Deletes an empty bucket of the caller; administrators may delete every bucket. When this returns, no policy contains its name any more and the name is available again.
///
/// # Errors
/// [`BucketError::NotEmpty`]; [`BucketError::NotFound`]; [`BucketError::Forbidden`]; [`BucketError::Session`];
/// [`BucketError::Fault`].
#[tracing::instrument(level = "debug", skip_all, fields(bucket.name = %name))]
pub async fn delete_bucket(ports: &Ports, actor: &Actor, name: &BucketName) -> Result<(), BucketError> {
    delete(ports, actor, name, None).await
}

/// As [`delete_bucket`], only the bucket with this id.
///
/// # Errors
/// As [`delete_bucket`]; [`BucketError::NotFound`] also when another bucket has the name now.
#[tracing::instrument(level = "debug", skip_all, fields(bucket.name = %bucket.name, bucket.id = %bucket.id))]
pub(in crate::use_cases) async fn delete_exactly(
    ports: &Ports,
    actor: &Actor,
    bucket: &BucketRef,
) -> Result<(), BucketError> {
    delete(ports, actor, &bucket.name, Some(bucket.id)).await
}

async fn delete(ports: &Ports, actor: &Actor, name: &BucketName, only: Option<BucketId>) -> Result<(), BucketError> {
    let (id, task) = retrying(ports, || write(ports, actor, name, only)).await?;
    reach(Failpoint::DeleteAfterCommit);
    if apply_and_wait(ports, task).await? == CompletedBy::ThisWorker(TaskOutcome::NameReleased) {
        return Ok(());
    }
    let left = ports.directory.find_bucket(name).await?;
    match left.filter(|left| left.bucket.id == id) {
        None => Ok(()),
        Some(_) => Err(BucketError::NotEmpty),
    }
}

/// Marks the bucket as to be deleted, and enqueues its task.
async fn write(
    ports: &Ports,
    actor: &Actor,
    name: &BucketName,
    only: Option<BucketId>,
) -> Result<(BucketId, EnqueuedTask), BucketError> {
    let mut transaction = ports.unit_of_work.begin().await?;
    let user = actor.lock_user(transaction.as_mut()).await?;
    let record = transaction.buckets().find_by_name(name).await?;
    let record = record.filter(|record| only.is_none_or(|id| record.bucket.id == id));
    let mut record = record.ok_or(BucketError::NotFound)?;
    check_owner(ports, &user, &record)?;
    record.bucket.state = BucketState::Deleting;
    transaction.buckets().update(&record.bucket).await?;
    let task = enqueue(ports, transaction.as_mut(), TaskKey::Bucket(record.bucket.id)).await?;
    reach(Failpoint::DeleteBeforeCommit);
    transaction.commit().await?;
    Ok((record.bucket.id, task.with_bucket(record)))
}
