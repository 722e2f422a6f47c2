use crate::context::Ports;
use crate::domain::{UserId, UserRecord};
use crate::policy::POLICY_REVISION;
use crate::ports::{RecordError, TaskKey};
use crate::use_cases::fault::Fault;
use crate::use_cases::retry::retrying;

/// How many users' tasks are enqueued in one transaction.
const BATCH: u16 = 50;

/// Enqueues every principal and every shard once when the store has policies of an earlier revision, and returns whether
/// it did. The tasks are run by [`run_due`](super::run_due).
///
/// The revision is stored after the last task: a call that was cut off is repeated by the next start, and two replicas
/// that start concurrently enqueue the same rows. A later revision in the records is left alone, because a newer version
/// of the hub has rendered the policies.
///
/// # Errors
/// [`Fault::Records`] when the records cannot be read or written.
pub async fn render_policies(ports: &Ports) -> Result<bool, Fault> {
    if !ports.enforcement.keeps_policies() || !is_outdated(ports).await? {
        return Ok(false);
    }
    let mut after: Option<UserId> = None;
    loop {
        let users = ports.directory.list_users(after, BATCH).await?;
        retrying(ports, || enqueue(ports, &users)).await?;
        match users.last() {
            Some(last) if users.len() == usize::from(BATCH) => after = Some(last.user.id),
            _ => break,
        }
    }
    retrying(ports, || store_revision(ports)).await?;
    Ok(true)
}

async fn is_outdated(ports: &Ports) -> Result<bool, RecordError> {
    let mut transaction = ports.unit_of_work.begin().await?;
    let installation = transaction.installation().find().await?;
    transaction.commit().await?;
    Ok(installation.is_some_and(|installation| installation.policy_revision < POLICY_REVISION))
}

async fn enqueue(ports: &Ports, users: &[UserRecord]) -> Result<(), RecordError> {
    let mut transaction = ports.unit_of_work.begin().await?;
    let mut keys = Vec::new();
    for record in users {
        for shard in transaction.shards().list(&record.user.own_grant()).await? {
            keys.push(TaskKey::Shard(shard.grant, shard.number));
        }
        keys.push(TaskKey::Principal(record.user.id));
    }
    // After all shards, because shards are locked before the outbox.
    for key in &keys {
        transaction.outbox().enqueue(key, ports.clock.now()).await?;
    }
    transaction.commit().await
}

async fn store_revision(ports: &Ports) -> Result<(), RecordError> {
    let mut transaction = ports.unit_of_work.begin().await?;
    if let Some(mut installation) = transaction.installation().find().await?
        && installation.policy_revision < POLICY_REVISION
    {
        installation.policy_revision = POLICY_REVISION;
        transaction.installation().update(&installation).await?;
    }
    transaction.commit().await
}
