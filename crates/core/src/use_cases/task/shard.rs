//! A policy shard in the store: made equal to the entries of its grant.

use super::{Run, TaskOutcome, complete, complete_in_own_transaction};
use crate::acl::Grant;
use crate::context::{Enforcement, Ports};
use crate::domain::UserId;
use crate::failpoint::{Failpoint, reach};
use crate::policy::{PolicyName, shard_policy};
use crate::ports::{Lease, RecordError, Shard, ShardContents, TaskKey, Transaction};
use crate::use_cases::fault::Fault;

pub(super) async fn run(ports: &Ports, lease: &Lease, grant: &Grant, number: i32) -> Result<Run, Fault> {
    let contents = ports.directory.find_shard(grant, number).await?;
    let contents = contents.unwrap_or(ShardContents { written: false, buckets: Vec::new() });
    if let Enforcement::Policies(principals) = &ports.enforcement {
        let name = PolicyName::shard(&ports.settings.policy_prefix, grant, number);
        let policy = shard_policy(&contents.buckets);
        reach(Failpoint::ShardBeforePolicy);
        principals.put_policy(&name, &policy).await?;
        reach(Failpoint::ShardAfterPolicy);
    }
    let run = match contents.written {
        true => Run::applied_if(complete_in_own_transaction(ports, lease).await?),
        false => complete_first_write(ports, lease, grant, number).await?,
    };
    reach(Failpoint::ShardAfterCommit);
    Ok(run)
}

/// Completes the task of a shard that the store did not have before, and marks the shard as written.
async fn complete_first_write(ports: &Ports, lease: &Lease, grant: &Grant, number: i32) -> Result<Run, Fault> {
    let mut transaction = ports.unit_of_work.begin().await?;
    // Read the shards first, because shards are locked before the outbox.
    let shards = transaction.shards().list(grant).await?;
    let new = shards.into_iter().find(|shard| shard.number == number && !shard.written);
    let held = complete(ports, transaction.as_mut(), lease).await?;
    let mut outcome = TaskOutcome::Applied;
    if let Some(new) = new.filter(|_| held) {
        mark_written(ports, transaction.as_mut(), new).await?;
        outcome = TaskOutcome::FollowUpPending;
    }
    // A relaxed commit is safe here: if it is lost, the shard is only written once more.
    transaction.commit_relaxed().await?;
    Ok(Run::completed_if(held, outcome))
}

/// Marks a shard as written, and enqueues the principal that is to get it: the store could not attach it before.
async fn mark_written(ports: &Ports, transaction: &mut dyn Transaction, new: Shard) -> Result<(), RecordError> {
    let subject = new.grant.author_id().and_then(|id| id.parse::<UserId>().ok());
    transaction.shards().upsert(&Shard { written: true, ..new }).await?;
    if let Some(user) = subject {
        transaction.outbox().enqueue(&TaskKey::Principal(user), ports.clock.now()).await?;
    }
    Ok(())
}
