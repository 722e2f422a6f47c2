//! A policy shard in the store: made equal to the entries of its grant.

use super::complete;
use crate::acl::Grant;
use crate::domain::UserId;
use crate::policy::{PolicyName, shard_policy};
use crate::ports::{Enforcement, Lease, Ports, RecordError, Shard, TaskKey, Transaction};
use crate::use_cases::fault::Fault;

pub(super) async fn perform(ports: &Ports, lease: &Lease, grant: &Grant, number: i32) -> Result<(), Fault> {
    if let Enforcement::Policies(principals) = &ports.enforcement {
        let mut transaction = ports.unit_of_work.begin().await?;
        let buckets = transaction.buckets().list_shard(grant, number).await?;
        transaction.commit().await?;
        let name = PolicyName::shard(&ports.settings.policy_prefix, grant, number);
        principals.put_policy(&name, &shard_policy(&buckets)).await?;
    }
    let mut transaction = ports.unit_of_work.begin().await?;
    if complete(ports, transaction.as_mut(), lease).await? {
        note_written(ports, transaction.as_mut(), grant, number).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// A shard that the store has for the first time is one that its subject does not have yet.
async fn note_written(
    ports: &Ports,
    transaction: &mut dyn Transaction,
    grant: &Grant,
    number: i32,
) -> Result<(), RecordError> {
    let shards = transaction.shards().list(grant).await?;
    let Some(shard) = shards.into_iter().find(|shard| shard.number == number && !shard.written) else {
        return Ok(());
    };
    transaction.shards().upsert(&Shard { written: true, ..shard }).await?;
    if let Some(user) = grant.author_id().and_then(|id| id.parse::<UserId>().ok()) {
        transaction.outbox().enqueue(&TaskKey::Principal(user), ports.clock.now()).await?;
    }
    Ok(())
}
