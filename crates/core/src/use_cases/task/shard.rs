//! A policy shard in the store: made equal to the entries of its grant.

use super::{Done, Performed, complete, end, settled};
use crate::acl::Grant;
use crate::domain::UserId;
use crate::failpoint::{Failpoint, reach};
use crate::policy::{PolicyName, shard_policy};
use crate::ports::{Enforcement, Lease, Ports, RecordError, Shard, ShardContents, TaskKey, Transaction};
use crate::use_cases::fault::Fault;

pub(super) async fn perform(ports: &Ports, lease: &Lease, grant: &Grant, number: i32) -> Result<Performed, Fault> {
    let contents = ports.directory.find_shard(grant, number).await?;
    let contents = contents.unwrap_or(ShardContents { written: false, buckets: Vec::new() });
    if let Enforcement::Policies(principals) = &ports.enforcement {
        let name = PolicyName::shard(&ports.settings.policy_prefix, grant, number);
        let policy = shard_policy(&contents.buckets);
        reach(Failpoint::ShardBeforePolicy);
        principals.put_policy(&name, &policy).await?;
        reach(Failpoint::ShardAfterPolicy);
    }
    let performed =
        if contents.written { settled(end(ports, lease).await?) } else { first(ports, lease, grant, number).await? };
    reach(Failpoint::ShardAfterCommit);
    Ok(performed)
}

/// Ends a shard's lease, and notes that the store has it.
async fn first(ports: &Ports, lease: &Lease, grant: &Grant, number: i32) -> Result<Performed, Fault> {
    let mut transaction = ports.unit_of_work.begin().await?;
    // Read first: shards are locked before the outbox.
    let shards = transaction.shards().list(grant).await?;
    let new = shards.into_iter().find(|shard| shard.number == number && !shard.written);
    let mut performed = settled(complete(ports, transaction.as_mut(), lease).await?);
    if let Some(new) = new.filter(|_| performed.is_some()) {
        note_written(ports, transaction.as_mut(), new).await?;
        performed = Some(Done::ThisButMore);
    }
    // Lost, it would be written once more.
    transaction.commit_relaxed().await?;
    Ok(performed)
}

/// A shard that the store has for the first time is one that its subject does not have yet.
async fn note_written(ports: &Ports, transaction: &mut dyn Transaction, new: Shard) -> Result<(), RecordError> {
    let subject = new.grant.author_id().and_then(|id| id.parse::<UserId>().ok());
    transaction.shards().upsert(&Shard { written: true, ..new }).await?;
    if let Some(user) = subject {
        transaction.outbox().enqueue(&TaskKey::Principal(user), ports.clock.now()).await?;
    }
    Ok(())
}
