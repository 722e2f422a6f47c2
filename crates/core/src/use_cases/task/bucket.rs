//! The task of a bucket: creates or deletes it in the store, as its state in the records says.
//!
//! A worker whose lease expired may write late, to a bucket that was deleted in the meantime or to a name that has another
//! owner by now. Such a write is undone, or overwritten by requeueing the bucket that has the name now.

use std::time::Duration;

use super::{
    CompletedBy, EnqueuedTask, Run, TaskOutcome, apply_and_wait, apply_if_pending, complete,
    complete_in_own_transaction, enqueue, is_newest,
};
use crate::context::Ports;
use crate::domain::{Bucket, BucketId, BucketName, BucketRecord, BucketRef, BucketState, ReleasedName};
use crate::failpoint::{Failpoint, reach};
use crate::policy::bucket_policy;
use crate::ports::{BucketPresence, Lease, RecordError, StoreError, TaskKey, Transaction};
use crate::use_cases::fault::Fault;
use crate::use_cases::shard_allocation::give_back_room;

pub(super) async fn run(
    ports: &Ports,
    lease: &Lease,
    id: BucketId,
    bucket: Option<BucketRecord>,
) -> Result<Run, Fault> {
    let record = match bucket {
        Some(record) => Some(record),
        None => ports.directory.find_bucket_by_id(id).await?,
    };
    let Some(record) = record else {
        let mut transaction = ports.unit_of_work.begin().await?;
        transaction.outbox().delete(&lease.key).await?;
        transaction.commit().await?;
        return Ok(Run::Completed(TaskOutcome::Applied));
    };
    match record.bucket.state {
        BucketState::Creating => create(ports, lease, record).await,
        BucketState::Active => rewrite_policy(ports, lease, &record).await,
        BucketState::Deleting => delete(ports, lease, &record).await,
        BucketState::Releasing => release(ports, lease, &record).await,
    }
}

async fn create(ports: &Ports, lease: &Lease, record: BucketRecord) -> Result<Run, Fault> {
    let (id, bucket) = (record.bucket.id, record.bucket.reference());
    if !record.bucket.seen_absent {
        if ports.store.find_bucket(&bucket).await? == BucketPresence::Present {
            return abandon_create(ports, lease, &record).await;
        }
        let mut transaction = ports.unit_of_work.begin().await?;
        if let Some(mut record) = transaction.buckets().find(id).await? {
            record.bucket.seen_absent = true;
            transaction.buckets().update(&record.bucket).await?;
        }
        transaction.commit().await?;
    }
    reach(Failpoint::CreateBeforeBucket);
    let created = match ports.store.create_bucket(&bucket).await {
        Ok(()) => true,
        // The name was seen absent before the hub first asked for it, so the bucket that exists now is the hub's.
        Err(StoreError::AlreadyOwned) => false,
        Err(error) => return Err(error.into()),
    };
    reach(Failpoint::CreateAfterBucket);

    let mut transaction = ports.unit_of_work.begin().await?;
    if !transaction.buckets().transition(id, BucketState::Creating, BucketState::Active).await? {
        let record = transaction.buckets().find(id).await?;
        transaction.commit().await?;
        return match record {
            None => undo_late_create(ports, &bucket, created).await,
            Some(record) => follow_new_state(ports, lease, &record).await,
        };
    }
    let tasks = enqueue_shards(ports, transaction.as_mut(), &record).await?;
    transaction.commit().await?;
    reach(Failpoint::CreateAfterTransition);
    let policy = async {
        ports.store.put_bucket_policy(&bucket, &bucket_policy(&record)).await?;
        reach(Failpoint::CreateAfterPolicy);
        Ok::<_, StoreError>(())
    };
    // Await both even if one fails: cancelling would leave the shard leases held until they expire.
    let (policy, shards) = futures::future::join(policy, apply_all(ports, tasks)).await;
    policy?;
    shards?;
    let held = complete_after_policy_write(ports, lease, &record).await?;
    let bucket = Bucket { state: BucketState::Active, ..record.bucket };
    Ok(Run::completed_if(held, TaskOutcome::BucketCreated(bucket)))
}

/// Completes the task of a bucket whose policy was just written. If the lease was lost and the bucket is deleted, the
/// policy may have been written to the next owner's bucket.
async fn complete_after_policy_write(ports: &Ports, lease: &Lease, record: &BucketRecord) -> Result<bool, RecordError> {
    if ports.unit_of_work.complete(lease).await? {
        return Ok(true);
    }
    let mut transaction = ports.unit_of_work.begin().await?;
    let held = match transaction.buckets().find(record.bucket.id).await? {
        Some(_) => complete(ports, transaction.as_mut(), lease).await?,
        None => {
            requeue_current_owner(ports, transaction.as_mut(), &record.bucket.name).await?;
            false
        }
    };
    transaction.commit().await?;
    Ok(held)
}

/// Continues with a bucket whose state another worker or a deletion has changed since this worker read it.
async fn follow_new_state(ports: &Ports, lease: &Lease, record: &BucketRecord) -> Result<Run, Fault> {
    match record.bucket.state {
        BucketState::Active => rewrite_policy(ports, lease, record).await,
        _ => Ok(Run::applied_if(complete_in_own_transaction(ports, lease).await?)),
    }
}

/// Undoes a creation that reached the store after the bucket had been deleted from the records.
async fn undo_late_create(ports: &Ports, bucket: &BucketRef, created: bool) -> Result<Run, Fault> {
    let name = &bucket.name;
    tracing::warn!(bucket.name = %name, "bucket {name} was created after its deletion; undoing the late write");
    // A store that goes by names would delete the bucket of whoever has taken the name since.
    let deletable = ports.store.limits().tells_buckets_by_id || ports.directory.find_bucket(name).await?.is_none();
    if created && deletable {
        match ports.store.delete_bucket(bucket).await {
            Ok(()) | Err(StoreError::NotFound | StoreError::NotEmpty) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let mut transaction = ports.unit_of_work.begin().await?;
    requeue_current_owner(ports, transaction.as_mut(), name).await?;
    transaction.commit().await?;
    Ok(Run::LeaseLost)
}

/// Requeues the bucket that has the name now, so that the store is made equal to the records once more.
async fn requeue_current_owner(
    ports: &Ports,
    transaction: &mut dyn Transaction,
    name: &BucketName,
) -> Result<(), RecordError> {
    if let Some(other) = transaction.buckets().find_by_name(name).await? {
        tracing::warn!(bucket.name = %name, "bucket {name} may have received a late write for an earlier owner; requeued it");
        transaction.outbox().enqueue(&TaskKey::Bucket(other.bucket.id), ports.clock.now()).await?;
    }
    Ok(())
}

/// Deletes the records of a bucket that was never created, because the store has a foreign bucket of its name.
async fn abandon_create(ports: &Ports, lease: &Lease, record: &BucketRecord) -> Result<Run, Fault> {
    let mut transaction = ports.unit_of_work.begin().await?;
    // Read the bucket first, because buckets are locked before the outbox.
    let held = transaction.buckets().find(record.bucket.id).await?.is_some()
        && complete(ports, transaction.as_mut(), lease).await?;
    if held {
        delete_records(transaction.as_mut(), lease, record).await?;
    }
    transaction.commit().await?;
    Ok(Run::applied_if(held))
}

async fn rewrite_policy(ports: &Ports, lease: &Lease, record: &BucketRecord) -> Result<Run, Fault> {
    for key in shard_keys(record) {
        apply_if_pending(ports, key).await?;
    }
    let (bucket, policy) = (record.bucket.reference(), bucket_policy(record));
    match ports.store.put_bucket_policy(&bucket, &policy).await {
        Err(StoreError::NotFound) => {
            // Somebody deleted it without the hub: its contents are lost, but its owner can continue to use it.
            match ports.store.create_bucket(&bucket).await {
                Ok(()) | Err(StoreError::AlreadyOwned) => {}
                Err(error) => return Err(error.into()),
            }
            ports.store.put_bucket_policy(&bucket, &policy).await?;
        }
        other => other?,
    }
    Ok(Run::applied_if(complete_after_policy_write(ports, lease, record).await?))
}

async fn delete(ports: &Ports, lease: &Lease, record: &BucketRecord) -> Result<Run, Fault> {
    let (id, name) = (record.bucket.id, &record.bucket.name);
    // Read before anything is deleted: a store that does not say how long keeps its bucket.
    let reservation = name_reservation(ports).await?;
    reach(Failpoint::DeleteBeforeBucket);
    let gone = match ports.store.delete_bucket(&record.bucket.reference()).await {
        Ok(()) | Err(StoreError::NotFound) => true,
        Err(StoreError::NotEmpty) => false,
        Err(error) => return Err(error.into()),
    };
    reach(Failpoint::DeleteAfterBucket);

    let mut transaction = ports.unit_of_work.begin().await?;
    if gone && transaction.buckets().transition(id, BucketState::Deleting, BucketState::Releasing).await? {
        if shard_keys(record).next().is_none() {
            return release_name(ports, transaction, lease, record, reservation).await;
        }
        let tasks = enqueue_shards(ports, transaction.as_mut(), record).await?;
        transaction.commit().await?;
        reach(Failpoint::DeleteAfterTransition);
        apply_all(ports, tasks).await?;
        return release_name(ports, ports.unit_of_work.begin().await?, lease, record, reservation).await;
    }
    let Some(mut record) = transaction.buckets().find(id).await? else {
        // Another worker has finished the deletion: this one may have deleted the next owner's bucket.
        requeue_current_owner(ports, transaction.as_mut(), name).await?;
        transaction.commit().await?;
        return Ok(Run::LeaseLost);
    };
    match record.bucket.state {
        BucketState::Active => {
            // Another worker found it not empty, so it stays.
            transaction.outbox().enqueue(&lease.key, ports.clock.now()).await?;
            transaction.commit().await?;
            Ok(Run::LeaseLost)
        }
        BucketState::Releasing => {
            transaction.commit().await?;
            release(ports, lease, &record).await
        }
        BucketState::Creating | BucketState::Deleting => {
            // A deletion that was requested again in the meantime is tried again.
            let held = complete(ports, transaction.as_mut(), lease).await?;
            if held && is_newest(transaction.as_mut(), lease).await? {
                record.bucket.state = BucketState::Active;
                transaction.buckets().update(&record.bucket).await?;
            }
            transaction.commit().await?;
            Ok(Run::applied_if(held))
        }
    }
}

/// Releases the name once no policy names the bucket any more: earlier, the old owner would have access to the next
/// owner's bucket.
async fn release(ports: &Ports, lease: &Lease, record: &BucketRecord) -> Result<Run, Fault> {
    for key in shard_keys(record) {
        apply_if_pending(ports, key).await?;
    }
    let reservation = name_reservation(ports).await?;
    release_name(ports, ports.unit_of_work.begin().await?, lease, record, reservation).await
}

/// How long the name of a bucket that is deleted now is reserved for its last owner.
async fn name_reservation(ports: &Ports) -> Result<Duration, StoreError> {
    match ports.settings.name_reservation {
        Some(configured) => Ok(configured),
        None => ports.store.name_reservation().await,
    }
}

/// Deletes the bucket from the records and, in the same transaction, reserves its name for the last owner: the store may
/// still complete requests that it admitted before the policies changed, and would do so in the next owner's bucket.
async fn release_name(
    ports: &Ports,
    mut transaction: Box<dyn Transaction>,
    lease: &Lease,
    record: &BucketRecord,
    reservation: Duration,
) -> Result<Run, Fault> {
    let deleted = delete_records(transaction.as_mut(), lease, record).await?;
    if deleted && !reservation.is_zero() {
        let released_at = ports.clock.now();
        let (name, owner) = (record.bucket.name.clone(), record.bucket.owner);
        let reserved_until = released_at.after(reservation);
        transaction.released_names().upsert(&ReleasedName { name, owner, released_at, reserved_until }).await?;
    }
    reach(Failpoint::ReleaseBeforeCommit);
    // A relaxed commit is safe here: if it is lost, the name is only released later, and a transaction that takes the
    // name is lost with it.
    transaction.commit_relaxed().await?;
    reach(Failpoint::ReleaseAfterCommit);
    Ok(Run::Completed(TaskOutcome::NameReleased))
}

/// Deletes a bucket from the records; `false` when another worker has.
async fn delete_records(
    transaction: &mut dyn Transaction,
    lease: &Lease,
    record: &BucketRecord,
) -> Result<bool, RecordError> {
    match transaction.buckets().delete(record.bucket.id).await {
        Ok(()) => {}
        Err(RecordError::NotFound) => return Ok(false),
        Err(error) => return Err(error),
    }
    for entry in &record.entries {
        if let Some(number) = entry.shard {
            give_back_room(transaction, &entry.grant, number, &record.bucket.name).await?;
        }
    }
    transaction.outbox().delete(&lease.key).await?;
    Ok(true)
}

async fn enqueue_shards(
    ports: &Ports,
    transaction: &mut dyn Transaction,
    record: &BucketRecord,
) -> Result<Vec<EnqueuedTask>, RecordError> {
    let mut tasks = Vec::new();
    for key in shard_keys(record) {
        tasks.push(enqueue(ports, transaction, key).await?);
    }
    Ok(tasks)
}

/// Applies the task of each shard and, unless it was written before, that of the principal which is to get it.
async fn apply_all(ports: &Ports, tasks: Vec<EnqueuedTask>) -> Result<(), Fault> {
    for task in tasks {
        let key = task.key.clone();
        if apply_and_wait(ports, task).await? != CompletedBy::ThisWorker(TaskOutcome::Applied) {
            apply_principal_of(ports, &key).await?;
        }
    }
    Ok(())
}

async fn apply_principal_of(ports: &Ports, shard: &TaskKey) -> Result<(), Fault> {
    let TaskKey::Shard(grant, _) = shard else { return Ok(()) };
    match grant.author_id().and_then(|id| id.parse().ok()) {
        Some(user) => apply_if_pending(ports, TaskKey::Principal(user)).await,
        None => Ok(()),
    }
}

fn shard_keys(record: &BucketRecord) -> impl Iterator<Item = TaskKey> {
    record.entries.iter().filter_map(|entry| Some(TaskKey::Shard(entry.grant.clone(), entry.shard?)))
}
