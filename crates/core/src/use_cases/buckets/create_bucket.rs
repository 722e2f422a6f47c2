use super::BucketError;
use crate::acl::{Access, Grant};
use crate::domain::{Bucket, BucketEntry, BucketId, BucketName, BucketRecord, BucketState, Session, User};
use crate::failpoint::{Failpoint, reach};
use crate::ports::{BucketPresence, Ports, RecordError, TaskKey, UniqueKey};
use crate::use_cases::retry::retrying;
use crate::use_cases::session::{SessionError, admit};
use crate::use_cases::shard_allocation::take_room;
use crate::use_cases::task::{CompletedBy, EnqueuedTask, TaskOutcome, apply_and_wait, apply_if_pending, enqueue};

/// Makes a bucket for the user who asks, who alone (and the admins) has access to it.
///
/// Until the creation has been answered ([`mark_bucket_answered`]), the owner's repeat answers with the bucket that
/// the first one made.
///
/// # Errors
/// [`BucketError::NameTaken`], also by a bucket of the store that the hub did not make; [`BucketError::Session`];
/// [`BucketError::Fault`].
pub async fn create_bucket(ports: &Ports, session: &Session, name: BucketName) -> Result<Bucket, BucketError> {
    let user = ports.directory.find_user(session.user).await?.ok_or(SessionError::Ended)?;
    admit(session, &user)?;
    if ports.store.find_bucket(&name).await? == BucketPresence::Present {
        return repeat(ports, &user, &name).await;
    }
    match retrying(ports, || insert(ports, session, &name)).await {
        Ok((bucket, task)) => {
            reach(Failpoint::CreateAfterCommit);
            match apply_and_wait(ports, task).await? {
                CompletedBy::ThisWorker(TaskOutcome::BucketCreated) => {
                    return Ok(Bucket { state: BucketState::Active, ..bucket });
                }
                CompletedBy::ThisWorker(_) => {}
                CompletedBy::OtherWorker => apply_shards(ports, &name).await?,
            }
            find_created(ports, &user, &name, bucket.id).await
        }
        Err(BucketError::NameTaken) => repeat(ports, &user, &name).await,
        Err(error) => Err(error),
    }
}

/// Notes that the caller has the answer to its creation.
///
/// # Errors
/// [`BucketError::Fault`].
pub async fn mark_bucket_answered(ports: &Ports, id: BucketId) -> Result<(), BucketError> {
    retrying(ports, || async {
        let mut transaction = ports.unit_of_work.begin().await?;
        transaction.buckets().mark_answered(id).await?;
        // Lost, a repeat would be answered as if the first answer had not come.
        transaction.commit_relaxed().await?;
        Ok(())
    })
    .await
}

/// Writes down that the bucket is wanted, with the entries that it is to have.
async fn insert(ports: &Ports, session: &Session, name: &BucketName) -> Result<(Bucket, EnqueuedTask), BucketError> {
    let mut transaction = ports.unit_of_work.begin().await?;
    let owner = transaction.users().find_shared(session.user).await?.ok_or(SessionError::Ended)?.user;
    admit(session, &owner)?;
    let bucket = Bucket {
        id: ports.ids.bucket_id(),
        name: name.clone(),
        owner: owner.id,
        state: BucketState::Creating,
        seen_absent: true,
        answered: false,
        created_at: ports.clock.now(),
    };
    let shard = match ports.enforcement.keeps_policies() {
        true => Some(take_room(transaction.as_mut(), &owner.own_grant(), name).await?),
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
    let task = enqueue(ports, transaction.as_mut(), TaskKey::Bucket(bucket.id)).await?;
    reach(Failpoint::CreateBeforeCommit);
    transaction.commit().await?;
    let record = BucketRecord { bucket: bucket.clone(), owner_access_key: owner.access_key, entries };
    Ok((bucket, task.with_bucket(record)))
}

/// The bucket as it came to be; it is gone when the store turned out to have a foreign one of this name.
async fn find_created(ports: &Ports, owner: &User, name: &BucketName, id: BucketId) -> Result<Bucket, BucketError> {
    let record = ports.directory.find_bucket(name).await?;
    let created = record.filter(|record| record.bucket.id == id && record.bucket.owner == owner.id);
    created.map(|record| record.bucket).ok_or(BucketError::NameTaken)
}

/// The name is taken: by an unanswered creation of the same owner, which is carried on, or by somebody else.
async fn repeat(ports: &Ports, owner: &User, name: &BucketName) -> Result<Bucket, BucketError> {
    let bucket = ports.directory.find_bucket(name).await?.ok_or(BucketError::NameTaken)?.bucket;
    let unanswered = !bucket.answered && matches!(bucket.state, BucketState::Creating | BucketState::Active);
    if bucket.owner != owner.id || !unanswered {
        return Err(BucketError::NameTaken);
    }
    apply_if_pending(ports, TaskKey::Bucket(bucket.id)).await?;
    apply_shards(ports, name).await?;
    find_created(ports, owner, name, bucket.id).await
}

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
