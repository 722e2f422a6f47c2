//! A user's principal in the store: its key, its status and its policies, made equal to the user.

use super::{Run, complete, is_newest};
use crate::context::{Enforcement, Ports};
use crate::domain::{Credentials, UserId, UserRecord};
use crate::failpoint::{Failpoint, reach};
use crate::policy::{PolicyName, admin_policy};
use crate::ports::{Lease, PrincipalSettings, PrincipalStore, RecordError, Shard};
use crate::use_cases::fault::Fault;

pub(super) async fn run(ports: &Ports, lease: &Lease, user: UserId) -> Result<Run, Fault> {
    if let Enforcement::Policies(principals) = &ports.enforcement
        && let Some((record, shards)) = read(ports, user).await?
    {
        write(ports, principals.as_ref(), &record, &shards).await?;
    }
    let mut transaction = ports.unit_of_work.begin().await?;
    // Read the user first, because users are locked before the outbox.
    let record = transaction.users().find(user).await?;
    let held = complete(ports, transaction.as_mut(), lease).await?;
    if held
        && let Some(mut record) = record.filter(|record| record.revoke_sessions)
        && is_newest(transaction.as_mut(), lease).await?
    {
        record.revoke_sessions = false;
        transaction.users().update(&record).await?;
    }
    transaction.commit().await?;
    reach(Failpoint::PrincipalAfterCommit);
    Ok(Run::applied_if(held))
}

pub(in crate::use_cases) async fn read(
    ports: &Ports,
    user: UserId,
) -> Result<Option<(UserRecord, Vec<Shard>)>, RecordError> {
    let mut transaction = ports.unit_of_work.begin().await?;
    let record = transaction.users().find(user).await?;
    let shards = match &record {
        Some(record) => transaction.shards().list(&record.user.own_grant()).await?,
        None => Vec::new(),
    };
    transaction.commit().await?;
    Ok(record.map(|record| (record, shards)))
}

/// What the user's principal is to be.
pub(in crate::use_cases) fn settings(
    ports: &Ports,
    record: &UserRecord,
    shards: &[Shard],
) -> Result<PrincipalSettings, Fault> {
    let prefix = &ports.settings.policy_prefix;
    let own = record.user.own_grant();
    let written = shards.iter().filter(|shard| shard.written);
    let mut policies: Vec<_> = written.map(|shard| PolicyName::shard(prefix, &own, shard.number)).collect();
    if record.user.is_admin() {
        policies.push(PolicyName::admin(prefix));
    }
    policies.sort();
    let secret_key = ports.vault.open(record.user.id, &record.sealed_secret)?;
    let credentials = Credentials { access_key: record.user.access_key.clone(), secret_key };
    Ok(PrincipalSettings { credentials, enabled: record.user.enabled, policies })
}

async fn write(
    ports: &Ports,
    principals: &dyn PrincipalStore,
    record: &UserRecord,
    shards: &[Shard],
) -> Result<(), Fault> {
    reach(Failpoint::PrincipalBeforeWrite);
    if record.user.is_admin() {
        principals.put_policy(&PolicyName::admin(&ports.settings.policy_prefix), &admin_policy()).await?;
    }
    let settings = settings(ports, record, shards)?;
    if settings.policies.is_empty() {
        // MinIO evaluates a principal without a policy of its own more slowly, and denies it nothing. The principal
        // follows with its first shard, whose task enqueues this one.
        return Ok(());
    }
    principals.put_principal(&settings).await?;
    reach(Failpoint::PrincipalAfterWrite);
    if record.revoke_sessions {
        principals.revoke_sessions(&record.user.access_key).await?;
    }
    reach(Failpoint::PrincipalBeforeCommit);
    Ok(())
}
