//! A bucket in the store: made or removed, as its state says.

use super::{Change, carry_out, complete, enqueue, settle};
use crate::domain::{BucketId, BucketRecord, BucketState};
use crate::policy::bucket_policy;
use crate::ports::{BucketPresence, Lease, Ports, RecordError, StoreError, TaskKey, Transaction};
use crate::use_cases::fault::Fault;
use crate::use_cases::shard_allocation::give_back_room;

pub(super) async fn perform(ports: &Ports, lease: &Lease, id: BucketId) -> Result<(), Fault> {
    let mut transaction = ports.unit_of_work.begin().await?;
    let record = transaction.buckets().find(id).await?;
    let Some(record) = record else {
        transaction.outbox().remove(&lease.key).await?;
        transaction.commit().await?;
        return Ok(());
    };
    transaction.commit().await?;
    match record.bucket.state {
        BucketState::Creating => make(ports, lease, record).await,
        BucketState::Active => rewrite_policy(ports, lease, &record).await,
        BucketState::Deleting => remove(ports, lease, record).await,
        BucketState::Releasing => release(ports, lease, &record).await,
    }
}

async fn make(ports: &Ports, lease: &Lease, mut record: BucketRecord) -> Result<(), Fault> {
    let name = &record.bucket.name;
    if !record.bucket.seen_absent {
        if ports.store.find_bucket(name).await? == BucketPresence::Present {
            return withdraw(ports, lease, &record).await;
        }
        record.bucket.seen_absent = true;
        let mut transaction = ports.unit_of_work.begin().await?;
        transaction.buckets().update(&record.bucket).await?;
        transaction.commit().await?;
    }
    match ports.store.make_bucket(name).await {
        // It was seen absent before the hub first asked for it: what is there now, the hub has made.
        Ok(()) | Err(StoreError::AlreadyOwned) => {}
        Err(error) => return Err(error.into()),
    }
    ports.store.put_bucket_policy(name, &bucket_policy(&record)).await?;

    let mut transaction = ports.unit_of_work.begin().await?;
    let mut changes = Vec::new();
    if complete(ports, transaction.as_mut(), lease).await? {
        record.bucket.state = BucketState::Active;
        transaction.buckets().update(&record.bucket).await?;
        changes = enqueue_shards(ports, transaction.as_mut(), &record).await?;
    }
    transaction.commit().await?;
    carry_out_all(ports, changes).await
}

/// The name belongs to somebody whom the hub does not know: the bucket was never made, and goes.
async fn withdraw(ports: &Ports, lease: &Lease, record: &BucketRecord) -> Result<(), Fault> {
    let mut transaction = ports.unit_of_work.begin().await?;
    if complete(ports, transaction.as_mut(), lease).await? {
        forget(transaction.as_mut(), lease, record).await?;
    }
    transaction.commit().await?;
    Ok(())
}

async fn rewrite_policy(ports: &Ports, lease: &Lease, record: &BucketRecord) -> Result<(), Fault> {
    for key in shard_keys(record) {
        settle(ports, key).await?;
    }
    let (name, policy) = (&record.bucket.name, bucket_policy(record));
    match ports.store.put_bucket_policy(name, &policy).await {
        Err(StoreError::NotFound) => {
            // Somebody removed it behind the hub's back: what was in it is lost, but its owner can go on.
            ports.store.make_bucket(name).await?;
            ports.store.put_bucket_policy(name, &policy).await?;
        }
        other => other?,
    }
    let mut transaction = ports.unit_of_work.begin().await?;
    complete(ports, transaction.as_mut(), lease).await?;
    transaction.commit().await?;
    Ok(())
}

async fn remove(ports: &Ports, lease: &Lease, mut record: BucketRecord) -> Result<(), Fault> {
    let gone = match ports.store.remove_bucket(&record.bucket.name).await {
        Ok(()) | Err(StoreError::NotFound) => true,
        Err(StoreError::NotEmpty) => false,
        Err(error) => return Err(error.into()),
    };
    record.bucket.state = if gone { BucketState::Releasing } else { BucketState::Active };
    let mut transaction = ports.unit_of_work.begin().await?;
    if !gone {
        if complete(ports, transaction.as_mut(), lease).await? {
            transaction.buckets().update(&record.bucket).await?;
        }
        transaction.commit().await?;
        return Ok(());
    }
    if shard_keys(&record).next().is_none() {
        forget(transaction.as_mut(), lease, &record).await?;
        transaction.commit().await?;
        return Ok(());
    }
    transaction.buckets().update(&record.bucket).await?;
    let changes = enqueue_shards(ports, transaction.as_mut(), &record).await?;
    transaction.commit().await?;
    carry_out_all(ports, changes).await?;
    release(ports, lease, &record).await
}

/// Frees the name once no policy names the bucket any more: before, its next owner's bucket would be the old one's too.
async fn release(ports: &Ports, lease: &Lease, record: &BucketRecord) -> Result<(), Fault> {
    for key in shard_keys(record) {
        settle(ports, key).await?;
    }
    let mut transaction = ports.unit_of_work.begin().await?;
    forget(transaction.as_mut(), lease, record).await?;
    transaction.commit().await?;
    Ok(())
}

async fn forget(transaction: &mut dyn Transaction, lease: &Lease, record: &BucketRecord) -> Result<(), RecordError> {
    if transaction.buckets().find(record.bucket.id).await?.is_none() {
        return Ok(());
    }
    for entry in &record.entries {
        if let Some(number) = entry.shard {
            give_back_room(transaction, &entry.grant, number, &record.bucket.name).await?;
        }
    }
    transaction.buckets().delete(record.bucket.id).await?;
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
        carry_out(ports, change).await?;
        settle_subject(ports, &key).await?;
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
