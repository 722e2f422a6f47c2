use std::collections::BTreeSet;

use super::Difference;
use super::run_due::{Pass, run_due};
use super::unknown::{Unknown, find_unknown};
use crate::context::{Enforcement, Ports};
use crate::domain::{BucketName, BucketRecord, UserId, UserRecord};
use crate::policy::{PolicyName, admin_policy, bucket_policy, shard_policy};
use crate::ports::{BucketPresence, PrincipalStore, Shard, StoreError, TaskKey};
use crate::use_cases::fault::Fault;
use crate::use_cases::task;

/// Number of rows that one query of a pass over all records returns.
pub(super) const BATCH: u16 = 500;

/// Finds every difference between the records and the store.
///
/// It reads all of both: a few requests per user and bucket, and full listings. On a large store this is slow, and slows
/// down its users.
///
/// # Errors
/// [`Fault`] if one of them cannot be read.
#[tracing::instrument(level = "debug", name = "reconcile_check", skip_all)]
pub async fn check(ports: &Ports) -> Result<Vec<Difference>, Fault> {
    Ok(find(ports).await?.into_iter().map(|(difference, _)| difference).collect())
}

/// Finds every difference as [`check`] does, enqueues the tasks that repair them, and runs these.
///
/// # Errors
/// As [`check`]. A task that fails is counted in the pass.
#[tracing::instrument(level = "debug", name = "reconcile_repair", skip_all)]
pub async fn repair(ports: &Ports) -> Result<Pass, Fault> {
    let due = run_due(ports).await?;
    let tasks: BTreeSet<TaskKey> = find(ports).await?.into_iter().filter_map(|(_, task)| task).collect();
    for task in &tasks {
        // One transaction per task, because workers lock several tasks in another order.
        let mut transaction = ports.unit_of_work.begin().await?;
        transaction.outbox().enqueue(task, ports.clock.now()).await?;
        transaction.commit().await?;
    }
    let repaired = run_due(ports).await?;
    Ok(Pass { done: due.done + repaired.done, failed: repaired.failed })
}

type Found = Vec<(Difference, Option<TaskKey>)>;

async fn find(ports: &Ports) -> Result<Found, Fault> {
    let mut found = pending(ports).await?;
    buckets(ports, &mut found).await?;
    if let Enforcement::Policies(principals) = &ports.enforcement {
        users(ports, principals.as_ref(), &mut found).await?;
    }
    let Unknown { buckets, principals, .. } = find_unknown(ports).await?;
    let buckets = buckets.into_iter().map(Difference::BucketUnknown);
    let principals = principals.into_iter().map(Difference::PrincipalUnknown);
    found.extend(buckets.chain(principals).map(|difference| (difference, None)));
    Ok(found)
}

async fn pending(ports: &Ports) -> Result<Found, Fault> {
    let mut transaction = ports.unit_of_work.begin().await?;
    let tasks = transaction.outbox().list_pending(u16::MAX).await?;
    transaction.commit().await?;
    let waiting = |task: crate::ports::PendingTask| {
        let key = Some(task.key.clone());
        (Difference::Pending { task: task.key, last_error: task.last_error }, key)
    };
    Ok(tasks.into_iter().map(waiting).collect())
}

async fn buckets(ports: &Ports, found: &mut Found) -> Result<(), Fault> {
    let mut after: Option<BucketName> = None;
    loop {
        let records = ports.directory.list_buckets(after.as_ref(), BATCH).await?;
        for record in &records {
            if record.bucket.state.is_visible() {
                let task = TaskKey::Bucket(record.bucket.id);
                found.extend(bucket(ports, record).await?.map(|difference| (difference, Some(task))));
            }
        }
        match records.last() {
            Some(last) if records.len() == usize::from(BATCH) => after = Some(last.bucket.name.clone()),
            _ => return Ok(()),
        }
    }
}

async fn bucket(ports: &Ports, record: &BucketRecord) -> Result<Option<Difference>, Fault> {
    let (bucket, name) = (record.bucket.reference(), &record.bucket.name);
    if ports.store.find_bucket(&bucket).await? == BucketPresence::Absent {
        return Ok(Some(Difference::BucketMissing(name.clone())));
    }
    let policy = match ports.store.find_bucket_policy(&bucket).await {
        // Another bucket has its name, or it was deleted meanwhile.
        Err(StoreError::NotFound) => return Ok(Some(Difference::BucketMissing(name.clone()))),
        found => found?,
    };
    Ok((policy != Some(bucket_policy(record))).then(|| Difference::BucketPolicy(name.clone())))
}

async fn users(ports: &Ports, principals: &dyn PrincipalStore, found: &mut Found) -> Result<(), Fault> {
    let mut after: Option<UserId> = None;
    let mut admin: Option<UserId> = None;
    loop {
        let records = ports.directory.list_users(after, BATCH).await?;
        for record in &records {
            if record.user.is_admin() {
                admin = Some(record.user.id);
            }
            user(ports, principals, record, found).await?;
        }
        match records.last() {
            Some(last) if records.len() == usize::from(BATCH) => after = Some(last.user.id),
            _ => break,
        }
    }
    let name = PolicyName::admin(&ports.settings.policy_prefix);
    if let Some(admin) = admin
        && principals.find_policy(&name).await? != Some(admin_policy())
    {
        found.push((Difference::Policy(name), Some(TaskKey::Principal(admin))));
    }
    Ok(())
}

async fn user(
    ports: &Ports,
    principals: &dyn PrincipalStore,
    record: &UserRecord,
    found: &mut Found,
) -> Result<(), Fault> {
    let Some((record, shards)) = task::principal::read(ports, record.user.id).await? else { return Ok(()) };
    for shard in &shards {
        found.extend(policy(ports, principals, shard).await?);
    }
    let wanted = task::principal::settings(ports, &record, &shards)?;
    let key = &record.user.access_key;
    let difference = match principals.find_principal(key).await? {
        None => Some(Difference::PrincipalMissing(key.clone())),
        Some(state) if state.enabled != wanted.enabled => Some(Difference::PrincipalStatus(key.clone())),
        Some(state) if state.policies != wanted.policies => Some(Difference::PrincipalPolicies(key.clone())),
        Some(_) if wanted.enabled && !principals.accepts(&wanted.credentials).await? => {
            Some(Difference::PrincipalSecret(key.clone()))
        }
        Some(_) => None,
    };
    found.extend(difference.map(|difference| (difference, Some(TaskKey::Principal(record.user.id)))));
    Ok(())
}

async fn policy(
    ports: &Ports,
    principals: &dyn PrincipalStore,
    shard: &Shard,
) -> Result<Option<(Difference, Option<TaskKey>)>, Fault> {
    let contents = ports.directory.find_shard(&shard.grant, shard.number).await?;
    let buckets = contents.map(|contents| contents.buckets).unwrap_or_default();
    let name = PolicyName::shard(&ports.settings.policy_prefix, &shard.grant, shard.number);
    let stored = match principals.find_policy(&name).await {
        Err(StoreError::NotFound) => None,
        other => other?,
    };
    let task = TaskKey::Shard(shard.grant.clone(), shard.number);
    Ok((stored != Some(shard_policy(&buckets))).then_some((Difference::Policy(name), Some(task))))
}
