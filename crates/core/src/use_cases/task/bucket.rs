//! A bucket in the store: made or removed, as its state says.
//!
//! A worker whose lease ran out may come late, to a bucket that was deleted meanwhile or a name that has another owner:
//! what it did to the store then is undone, or done again by who has the name now.

use super::{Change, Done, Performed, Worker, carry_out, complete, end, enqueue, is_newest, settle, settled};
use crate::domain::{BucketId, BucketName, BucketRecord, BucketState};
use crate::failpoint::{Failpoint, reach};
use crate::policy::bucket_policy;
use crate::ports::{BucketPresence, Lease, Ports, RecordError, StoreError, TaskKey, Transaction};
use crate::use_cases::fault::Fault;
use crate::use_cases::shard_allocation::give_back_room;

pub(super) async fn perform(
    ports: &Ports,
    lease: &Lease,
    id: BucketId,
    seen: Option<BucketRecord>,
) -> Result<Performed, Fault> {
    let record = match seen {
        Some(record) => Some(record),
        None => ports.directory.find_bucket_by_id(id).await?,
    };
    let Some(record) = record else {
        let mut transaction = ports.unit_of_work.begin().await?;
        transaction.outbox().remove(&lease.key).await?;
        transaction.commit().await?;
        return Ok(Some(Done::Settled));
    };
    match record.bucket.state {
        BucketState::Creating => make(ports, lease, record).await,
        BucketState::Active => rewrite_policy(ports, lease, &record).await,
        BucketState::Deleting => remove(ports, lease, &record).await,
        BucketState::Releasing => release(ports, lease, &record).await,
    }
}

async fn make(ports: &Ports, lease: &Lease, record: BucketRecord) -> Result<Performed, Fault> {
    let (id, name) = (record.bucket.id, &record.bucket.name);
    if !record.bucket.seen_absent {
        if ports.store.find_bucket(name).await? == BucketPresence::Present {
            return withdraw(ports, lease, &record).await;
        }
        let mut transaction = ports.unit_of_work.begin().await?;
        if let Some(mut record) = transaction.buckets().find(id).await? {
            record.bucket.seen_absent = true;
            transaction.buckets().update(&record.bucket).await?;
        }
        transaction.commit().await?;
    }
    reach(Failpoint::MakeBeforeBucket);
    let made = match ports.store.make_bucket(name).await {
        Ok(()) => true,
        // It was seen absent before the hub first asked for it: what is there now, the hub has made.
        Err(StoreError::AlreadyOwned) => false,
        Err(error) => return Err(error.into()),
    };
    reach(Failpoint::MakeAfterBucket);

    let mut transaction = ports.unit_of_work.begin().await?;
    if !transaction.buckets().transition(id, BucketState::Creating, BucketState::Active).await? {
        let record = transaction.buckets().find(id).await?;
        transaction.commit().await?;
        return match record {
            None => came_late(ports, name, made).await,
            Some(record) => found_changed(ports, lease, &record).await,
        };
    }
    let changes = enqueue_shards(ports, transaction.as_mut(), &record).await?;
    transaction.commit().await?;
    reach(Failpoint::MakeAfterCommit);
    let policy = async {
        ports.store.put_bucket_policy(name, &bucket_policy(&record)).await?;
        reach(Failpoint::MakeAfterPolicy);
        Ok::<_, StoreError>(())
    };
    // Both to their ends, whatever becomes of the other: a lease that is left lying would have to run out.
    let (policy, shards) = futures::future::join(policy, carry_out_all(ports, changes)).await;
    policy?;
    shards?;
    Ok(end_written(ports, lease, &record).await?.then_some(Done::Made))
}

/// Ends the lease of a bucket whose policy was just written. If it was lost, and the bucket is deleted, the policy may
/// have landed on the next owner's bucket.
async fn end_written(ports: &Ports, lease: &Lease, record: &BucketRecord) -> Result<bool, RecordError> {
    if ports.unit_of_work.complete(lease).await? {
        return Ok(true);
    }
    let mut transaction = ports.unit_of_work.begin().await?;
    let kept = match transaction.buckets().find(record.bucket.id).await? {
        Some(_) => complete(ports, transaction.as_mut(), lease).await?,
        None => {
            mend_namesake(ports, transaction.as_mut(), &record.bucket.name).await?;
            false
        }
    };
    transaction.commit().await?;
    Ok(kept)
}

/// Another worker, or who wants it deleted, was here since the bucket was read.
async fn found_changed(ports: &Ports, lease: &Lease, record: &BucketRecord) -> Result<Performed, Fault> {
    match record.bucket.state {
        BucketState::Active => rewrite_policy(ports, lease, record).await,
        _ => Ok(settled(end(ports, lease).await?)),
    }
}

/// The bucket was deleted while this worker was away, and the store was told of it after that.
async fn came_late(ports: &Ports, name: &BucketName, made: bool) -> Result<Performed, Fault> {
    tracing::warn!(bucket = %name, "a worker came late to a bucket that is deleted; what it did is put right");
    if made && ports.directory.find_bucket(name).await?.is_none() {
        match ports.store.remove_bucket(name).await {
            Ok(()) | Err(StoreError::NotFound | StoreError::NotEmpty) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let mut transaction = ports.unit_of_work.begin().await?;
    mend_namesake(ports, transaction.as_mut(), name).await?;
    transaction.commit().await?;
    Ok(None)
}

/// Has the bucket that bears the name now made equal to the records once more.
async fn mend_namesake(ports: &Ports, transaction: &mut dyn Transaction, name: &BucketName) -> Result<(), RecordError> {
    if let Some(other) = transaction.buckets().find_by_name(name).await? {
        tracing::warn!(bucket = %name, "a worker came late to a name that has another owner; the store is put right");
        transaction.outbox().enqueue(&TaskKey::Bucket(other.bucket.id), ports.clock.now()).await?;
    }
    Ok(())
}

/// The name belongs to somebody whom the hub does not know: the bucket was never made, and goes.
async fn withdraw(ports: &Ports, lease: &Lease, record: &BucketRecord) -> Result<Performed, Fault> {
    let mut transaction = ports.unit_of_work.begin().await?;
    // Read first: buckets are locked before the outbox.
    let kept = transaction.buckets().find(record.bucket.id).await?.is_some()
        && complete(ports, transaction.as_mut(), lease).await?;
    if kept {
        forget(transaction.as_mut(), lease, record).await?;
    }
    transaction.commit().await?;
    Ok(settled(kept))
}

async fn rewrite_policy(ports: &Ports, lease: &Lease, record: &BucketRecord) -> Result<Performed, Fault> {
    for key in shard_keys(record) {
        settle(ports, key).await?;
    }
    let (name, policy) = (&record.bucket.name, bucket_policy(record));
    match ports.store.put_bucket_policy(name, &policy).await {
        Err(StoreError::NotFound) => {
            // Somebody removed it behind the hub's back: what was in it is lost, but its owner can go on.
            match ports.store.make_bucket(name).await {
                Ok(()) | Err(StoreError::AlreadyOwned) => {}
                Err(error) => return Err(error.into()),
            }
            ports.store.put_bucket_policy(name, &policy).await?;
        }
        other => other?,
    }
    Ok(settled(end_written(ports, lease, record).await?))
}

async fn remove(ports: &Ports, lease: &Lease, record: &BucketRecord) -> Result<Performed, Fault> {
    let (id, name) = (record.bucket.id, &record.bucket.name);
    reach(Failpoint::RemoveBeforeBucket);
    let gone = match ports.store.remove_bucket(name).await {
        Ok(()) | Err(StoreError::NotFound) => true,
        Err(StoreError::NotEmpty) => false,
        Err(error) => return Err(error.into()),
    };
    reach(Failpoint::RemoveAfterBucket);

    let mut transaction = ports.unit_of_work.begin().await?;
    if gone && transaction.buckets().transition(id, BucketState::Deleting, BucketState::Releasing).await? {
        if shard_keys(record).next().is_none() {
            return free_name(transaction, lease, record).await;
        }
        let changes = enqueue_shards(ports, transaction.as_mut(), record).await?;
        transaction.commit().await?;
        reach(Failpoint::RemoveAfterCommit);
        carry_out_all(ports, changes).await?;
        return free_name(ports.unit_of_work.begin().await?, lease, record).await;
    }
    let Some(mut record) = transaction.buckets().find(id).await? else {
        // Another worker was through with it: what this one removed may be the next owner's.
        mend_namesake(ports, transaction.as_mut(), name).await?;
        transaction.commit().await?;
        return Ok(None);
    };
    match record.bucket.state {
        BucketState::Active => {
            // Another worker found it not empty, and it stays.
            transaction.outbox().enqueue(&lease.key, ports.clock.now()).await?;
            transaction.commit().await?;
            Ok(None)
        }
        BucketState::Releasing => {
            transaction.commit().await?;
            release(ports, lease, &record).await
        }
        BucketState::Creating | BucketState::Deleting => {
            // Who asked again meanwhile has it tried again.
            let kept = complete(ports, transaction.as_mut(), lease).await?;
            if kept && is_newest(transaction.as_mut(), lease).await? {
                record.bucket.state = BucketState::Active;
                transaction.buckets().update(&record.bucket).await?;
            }
            transaction.commit().await?;
            Ok(settled(kept))
        }
    }
}

/// Frees the name once no policy names the bucket any more: before, its next owner's bucket would be the old one's too.
async fn release(ports: &Ports, lease: &Lease, record: &BucketRecord) -> Result<Performed, Fault> {
    for key in shard_keys(record) {
        settle(ports, key).await?;
    }
    free_name(ports.unit_of_work.begin().await?, lease, record).await
}

async fn free_name(
    mut transaction: Box<dyn Transaction>,
    lease: &Lease,
    record: &BucketRecord,
) -> Result<Performed, Fault> {
    forget(transaction.as_mut(), lease, record).await?;
    reach(Failpoint::ReleaseBeforeCommit);
    // Lost, the name would be freed a little later; whoever takes it meanwhile commits after this.
    transaction.commit_relaxed().await?;
    reach(Failpoint::ReleaseAfterCommit);
    Ok(Some(Done::Freed))
}

/// Takes a bucket out of the records, unless another worker has.
async fn forget(transaction: &mut dyn Transaction, lease: &Lease, record: &BucketRecord) -> Result<(), RecordError> {
    match transaction.buckets().delete(record.bucket.id).await {
        Ok(()) => {}
        Err(RecordError::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    }
    for entry in &record.entries {
        if let Some(number) = entry.shard {
            give_back_room(transaction, &entry.grant, number, &record.bucket.name).await?;
        }
    }
    transaction.outbox().remove(&lease.key).await
}

async fn enqueue_shards(
    ports: &Ports,
    transaction: &mut dyn Transaction,
    record: &BucketRecord,
) -> Result<Vec<Change>, RecordError> {
    let mut changes = Vec::new();
    for key in shard_keys(record) {
        changes.push(enqueue(ports, transaction, key).await?);
    }
    Ok(changes)
}

/// Each shard, and then, where it was a new one, the principal that is to have it.
async fn carry_out_all(ports: &Ports, changes: Vec<Change>) -> Result<(), Fault> {
    for change in changes {
        let key = change.key.clone();
        if carry_out(ports, change).await? != Worker::This(Done::Settled) {
            settle_subject(ports, &key).await?;
        }
    }
    Ok(())
}

async fn settle_subject(ports: &Ports, shard: &TaskKey) -> Result<(), Fault> {
    let TaskKey::Shard(grant, _) = shard else { return Ok(()) };
    match grant.author_id().and_then(|id| id.parse().ok()) {
        Some(user) => settle(ports, TaskKey::Principal(user)).await,
        None => Ok(()),
    }
}

fn shard_keys(record: &BucketRecord) -> impl Iterator<Item = TaskKey> {
    record.entries.iter().filter_map(|entry| Some(TaskKey::Shard(entry.grant.clone(), entry.shard?)))
}
