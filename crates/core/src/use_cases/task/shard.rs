//! A policy shard in the store: made equal to the entries of its grant.

use super::complete;
use crate::acl::Grant;
use crate::domain::UserId;
use crate::failpoint::{Failpoint, reach};
use crate::policy::{PolicyName, shard_policy};
use crate::ports::{Enforcement, Lease, Ports, RecordError, Shard, TaskKey, Transaction};
use crate::use_cases::fault::Fault;

pub(super) async fn perform(ports: &Ports, lease: &Lease, grant: &Grant, number: i32) -> Result<(), Fault> {
    if let Enforcement::Policies(principals) = &ports.enforcement {
        let mut transaction = ports.unit_of_work.begin().await?;
        let buckets = transaction.buckets().list_shard(grant, number).await?;
        transaction.commit().await?;
        let name = PolicyName::shard(&ports.settings.policy_prefix, grant, number);
        let policy = shard_policy(&buckets);
        reach(Failpoint::ShardBeforePolicy);
        principals.put_policy(&name, &policy).await?;
        reach(Failpoint::ShardAfterPolicy);
    }
    let mut transaction = ports.unit_of_work.begin().await?;
    // Read first: shards are locked before the outbox.
    let shards = transaction.shards().list(grant).await?;
    if complete(ports, transaction.as_mut(), lease).await?
        && let Some(new) = shards.into_iter().find(|shard| shard.number == number && !shard.written)
    {
        note_written(ports, transaction.as_mut(), new).await?;
    }
    transaction.commit().await?;
    reach(Failpoint::ShardAfterCommit);
    Ok(())
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
