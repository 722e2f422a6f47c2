use super::{BucketError, check};
use crate::acl::Access;
use crate::context::Ports;
use crate::domain::{BucketId, BucketName, BucketState};
use crate::failpoint::{Failpoint, reach};
use crate::ports::TaskKey;
use crate::use_cases::admission::Actor;
use crate::use_cases::retry::retrying;
use crate::use_cases::task::{CompletedBy, EnqueuedTask, TaskOutcome, apply_and_wait, enqueue};

/// Deletes an empty bucket. When this returns, no policy contains its name any more and the name is available again.
///
/// # Errors
/// [`BucketError::NotEmpty`]; [`BucketError::NotFound`]; [`BucketError::Forbidden`]; [`BucketError::Session`];
/// [`BucketError::Fault`].
#[tracing::instrument(level = "debug", skip_all, fields(bucket.name = %name))]
pub async fn delete_bucket(ports: &Ports, actor: &Actor, name: &BucketName) -> Result<(), BucketError> {
    let (id, task) = retrying(ports, || write(ports, actor, name)).await?;
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
async fn write(ports: &Ports, actor: &Actor, name: &BucketName) -> Result<(BucketId, EnqueuedTask), BucketError> {
    let mut transaction = ports.unit_of_work.begin().await?;
    let user = actor.lock_user(transaction.as_mut()).await?;
    let mut record = transaction.buckets().find_by_name(name).await?.ok_or(BucketError::NotFound)?;
    check(ports, &user, &record, Access::Manage)?;
    record.bucket.state = BucketState::Deleting;
    transaction.buckets().update(&record.bucket).await?;
    let task = enqueue(ports, transaction.as_mut(), TaskKey::Bucket(record.bucket.id)).await?;
    reach(Failpoint::DeleteBeforeCommit);
    transaction.commit().await?;
    Ok((record.bucket.id, task.with_bucket(record)))
}
