use std::collections::BTreeSet;

use super::check::BATCH;
use crate::context::{Enforcement, Ports};
use crate::domain::{AccessKey, BucketName, UserId};
use crate::ports::{PrincipalStore, RecordError};
use crate::use_cases::fault::Fault;

/// What a store has and the records do not. Nothing deletes it: the records may be the ones that are wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unknown {
    /// Buckets of a store that is this hub's alone.
    pub buckets: Vec<String>,
    /// How many buckets another store has, which may be anybody's.
    pub other_buckets: usize,
    /// Principals with a policy of this hub.
    pub principals: Vec<String>,
}

/// Finds what the store has and the records do not: one listing of each.
///
/// # Errors
/// [`Fault`] when one of them cannot be read.
pub async fn find_unknown(ports: &Ports) -> Result<Unknown, Fault> {
    // Read the store first, because a bucket is in the records before it is created in the store.
    let mut stored: BTreeSet<_> = ports.store.list_buckets().await?.into_iter().collect();
    let mut after: Option<BucketName> = None;
    loop {
        let records = ports.directory.list_buckets(after.as_ref(), BATCH).await?;
        for record in &records {
            stored.remove(record.bucket.name.as_str());
        }
        match records.last() {
            Some(last) if records.len() == usize::from(BATCH) => after = Some(last.bucket.name.clone()),
            _ => break,
        }
    }
    let Enforcement::Policies(principals) = &ports.enforcement else {
        return Ok(Unknown { buckets: still_unknown(ports, stored).await?, ..Unknown::default() });
    };
    let mut unknown = Unknown { other_buckets: stored.len(), ..Unknown::default() };
    let stored = principals.list_principals().await?;
    let known = access_keys(ports).await?;
    for key in stored {
        if !known.contains(&key) && is_ours(ports, principals.as_ref(), &key).await? {
            unknown.principals.push(key);
        }
    }
    Ok(unknown)
}

/// Leaves out what was deleted since the store was listed, and is therefore in neither.
async fn still_unknown(ports: &Ports, mut names: BTreeSet<String>) -> Result<Vec<String>, Fault> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let stored: BTreeSet<_> = ports.store.list_buckets().await?.into_iter().collect();
    names.retain(|name| stored.contains(name));
    let mut unknown = Vec::new();
    for name in names {
        let is_known = match BucketName::parse(&name) {
            Ok(name) => ports.directory.find_bucket(&name).await?.is_some(),
            Err(_) => false,
        };
        if !is_known {
            unknown.push(name);
        }
    }
    Ok(unknown)
}

async fn access_keys(ports: &Ports) -> Result<BTreeSet<String>, RecordError> {
    let mut after: Option<UserId> = None;
    let mut keys = BTreeSet::new();
    loop {
        let records = ports.directory.list_users(after, BATCH).await?;
        keys.extend(records.iter().map(|record| record.user.access_key.to_string()));
        match records.last() {
            Some(last) if records.len() == usize::from(BATCH) => after = Some(last.user.id),
            _ => return Ok(keys),
        }
    }
}

/// Whether a principal has a policy of this hub. Others belong to other users of the store and are ignored.
async fn is_ours(ports: &Ports, principals: &dyn PrincipalStore, key: &str) -> Result<bool, Fault> {
    let Ok(key) = AccessKey::parse(key) else { return Ok(false) };
    let state = principals.find_principal(&key).await?;
    let prefix = &ports.settings.policy_prefix;
    Ok(state.is_some_and(|state| state.policies.iter().any(|policy| policy.has_prefix(prefix))))
}
