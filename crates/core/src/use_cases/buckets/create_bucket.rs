use super::BucketError;
use crate::acl::{Access, Grant};
use crate::context::Ports;
use crate::domain::{Bucket, BucketEntry, BucketId, BucketName, BucketRecord, BucketRef, BucketState, UserId};
use crate::failpoint::{Failpoint, reach};
use crate::ports::{BucketPresence, RecordError, TaskKey, Transaction, UniqueKey};
use crate::use_cases::admission::{ActiveUser, Actor};
use crate::use_cases::fault::Fault;
use crate::use_cases::retry::retrying;
use crate::use_cases::shard_allocation::take_room;
use crate::use_cases::task::{CompletedBy, EnqueuedTask, TaskOutcome, apply_and_wait, apply_if_pending, enqueue};

/// Creates a bucket that only its owner and the admins can access.
///
/// Until the creation was answered ([`mark_bucket_answered`]), a repetition by the owner returns the bucket that the first
/// request created.
///
/// # Errors
/// [`BucketError::LimitReached`]; [`BucketError::AlreadyOwned`]; [`BucketError::NameTaken`], also if the store has a
/// foreign bucket with this name; [`BucketError::Session`]; [`BucketError::Fault`].
#[tracing::instrument(level = "debug", skip_all, fields(bucket.name = %name))]
pub async fn create_bucket(ports: &Ports, actor: &Actor, name: BucketName) -> Result<Bucket, BucketError> {
    let user = actor.find_user(ports).await?;
    let bucket = BucketRef { id: ports.ids.bucket_id(), name };
    let name = &bucket.name;
    if ports.store.find_bucket(&bucket).await? == BucketPresence::Present {
        return repeat(ports, &user, name).await;
    }
    match retrying(ports, || insert(ports, actor, user.id, &bucket)).await {
        Ok((id, task)) => {
            reach(Failpoint::CreateAfterCommit);
            match apply_and_wait(ports, task).await? {
                CompletedBy::ThisWorker(TaskOutcome::BucketCreated(bucket)) => return Ok(bucket),
                CompletedBy::ThisWorker(
                    TaskOutcome::Applied | TaskOutcome::FollowUpPending | TaskOutcome::NameReleased,
                ) => {}
                CompletedBy::OtherWorker => apply_shards(ports, name).await?,
            }
            find_created(ports, &user, name, id).await
        }
        Err(BucketError::NameTaken) => repeat(ports, &user, name).await,
        Err(error) => Err(error),
    }
}

/// Marks the creation of a bucket as answered: the caller has received the response.
///
/// # Errors
/// [`Fault`].
#[tracing::instrument(level = "debug", skip_all, fields(bucket.id = %id))]
pub async fn mark_bucket_answered(ports: &Ports, id: BucketId) -> Result<(), Fault> {
    retrying(ports, || async {
        let mut transaction = ports.unit_of_work.begin().await?;
        transaction.buckets().mark_answered(id).await?;
        // A relaxed commit is safe here: if it is lost, a repeat is answered as if the first answer had not arrived.
        transaction.commit_relaxed().await?;
        Ok(())
    })
    .await
}

/// Inserts the bucket with its entries, and enqueues the task that creates it in the store.
async fn insert(
    ports: &Ports,
    actor: &Actor,
    user: UserId,
    bucket: &BucketRef,
) -> Result<(BucketId, EnqueuedTask), BucketError> {
    let BucketRef { id, name } = bucket;
    let mut transaction = ports.unit_of_work.begin().await?;
    let (owner, max) = lock_owner(ports, transaction.as_mut(), actor, user).await?;
    let bucket = Bucket {
        id: *id,
        name: name.clone(),
        owner: owner.id,
        state: BucketState::Creating,
        seen_absent: true,
        answered: false,
        created_at: ports.clock.now(),
    };
    let shard = match ports.enforcement.keeps_policies() {
        true => Some(take_room(transaction.as_mut(), &owner, name).await?),
        false => None,
    };
    let entries = vec![
        BucketEntry { grant: Grant::admin(), access: Access::Manage, shard: None },
        BucketEntry { grant: owner.own_grant(), access: Access::Manage, shard },
    ];
    transaction.buckets().insert(&bucket, &entries).await.map_err(|error| match error {
        RecordError::AlreadyExists(UniqueKey::BucketName) => BucketError::NameTaken,
        other => other.into(),
    })?;
    // After the insert, because a bucket of a name that is reserved for this user takes no further name.
    if let Some(max) = max
        && held_names(ports, transaction.as_mut(), owner.id).await? > max.into()
    {
        return Err(BucketError::LimitReached(max));
    }
    let task = enqueue(ports, transaction.as_mut(), TaskKey::Bucket(bucket.id)).await?;
    reach(Failpoint::CreateBeforeCommit);
    transaction.commit().await?;
    let record = BucketRecord { bucket, owner_access_key: owner.into_user().access_key, entries };
    Ok((*id, task.with_bucket(record)))
}

/// How far below the maximum the creations of one user still run concurrently. The count of each misses the buckets of the
/// others that are not committed yet, so this is more than the creations that can be under way together.
const CONCURRENT_CREATIONS: u64 = 100;

/// The maximum number of names that is to be checked once the bucket is inserted, and the user, locked. Admits the user
/// again, because only a user that is locked in this transaction cannot be disabled before it commits.
async fn lock_owner(
    ports: &Ports,
    transaction: &mut dyn Transaction,
    actor: &Actor,
    user: UserId,
) -> Result<(ActiveUser, Option<u32>), BucketError> {
    let max = ports.settings.buckets_per_user;
    // Counted before the user is locked, because two transactions that share a lock cannot both make it exclusive.
    if max == 0 || held_names(ports, transaction, user).await?.saturating_add(CONCURRENT_CREATIONS) < max.into() {
        return Ok((actor.lock_user(transaction).await?, None));
    }
    Ok((actor.lock_user_alone(transaction).await?, Some(max)))
}

async fn held_names(ports: &Ports, transaction: &mut dyn Transaction, user: UserId) -> Result<u64, RecordError> {
    transaction.buckets().count_names(user, ports.clock.now()).await
}

/// Finds the bucket after its task was applied. It is gone if the store turned out to have a foreign one of this name.
async fn find_created(
    ports: &Ports,
    owner: &ActiveUser,
    name: &BucketName,
    id: BucketId,
) -> Result<Bucket, BucketError> {
    let record = ports.directory.find_bucket(name).await?;
    let created = record.filter(|record| record.bucket.id == id && record.bucket.owner == owner.id);
    created.map(|record| record.bucket).ok_or(BucketError::NameTaken)
}

/// Handles a name that is taken: continues an unanswered creation of the same owner, and refuses anything else.
async fn repeat(ports: &Ports, owner: &ActiveUser, name: &BucketName) -> Result<Bucket, BucketError> {
    let bucket = ports.directory.find_bucket(name).await?.ok_or(BucketError::NameTaken)?.bucket;
    if bucket.owner != owner.id || !matches!(bucket.state, BucketState::Creating | BucketState::Active) {
        return Err(BucketError::NameTaken);
    }
    if bucket.answered {
        return Err(BucketError::AlreadyOwned);
    }
    apply_if_pending(ports, TaskKey::Bucket(bucket.id)).await?;
    apply_shards(ports, name).await?;
    find_created(ports, owner, name, bucket.id).await
}

/// Waits until the owner has access to the bucket, where another worker creates it.
async fn apply_shards(ports: &Ports, name: &BucketName) -> Result<(), BucketError> {
    let Some(record) = ports.directory.find_bucket(name).await? else { return Ok(()) };
    for entry in record.entries {
        if let Some(number) = entry.shard {
            apply_if_pending(ports, TaskKey::Shard(entry.grant, number)).await?;
        }
    }
    apply_if_pending(ports, TaskKey::Principal(record.bucket.owner)).await?;
    Ok(())
}
