//! The calls of the store that creating and deleting a bucket causes, made directly: the limit that the store itself
//! sets.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use storage_hub_adapter_minio::{MinioOptions, MinioStore};
use storage_hub_core::acl::{Access, Grant};
use storage_hub_core::domain::{
    AccessKey, Bucket, BucketEntry, BucketId, BucketName, BucketRecord, BucketState, SecretKey, Timestamp, UserId,
};
use storage_hub_core::policy::{PolicyName, PolicyPrefix, bucket_policy, shard_policy};
use storage_hub_core::ports::{ObjectStore as _, PrincipalStore as _};
use storage_hub_s3_client::ConnectionOptions;
use uuid::Uuid;

use crate::hub::minio;

/// The calls that the server made during a run.
pub(crate) struct StoreCalls {
    count: f64,
    seconds: f64,
    pairs: f64,
    policies: f64,
}

impl StoreCalls {
    /// The difference of two readings of the metrics. Every pair creates one bucket.
    pub(crate) fn between(before: &BTreeMap<String, (f64, f64)>, after: &BTreeMap<String, (f64, f64)>) -> Self {
        let of = |call: &str| {
            let (count, seconds) = after.get(call).copied().unwrap_or_default();
            let (earlier, spent) = before.get(call).copied().unwrap_or_default();
            (count - earlier, seconds - spent)
        };
        let (count, seconds) =
            after.keys().map(|call| of(call)).fold((0.0, 0.0), |sum, call| (sum.0 + call.0, sum.1 + call.1));
        Self { count, seconds, pairs: of("create_bucket").0.max(1.0), policies: of("put_policy").0 }
    }

    /// Number of calls per pair.
    pub(crate) fn per_pair(&self) -> f64 {
        self.count / self.pairs
    }

    /// Duration of the calls of a pair.
    pub(crate) fn seconds_per_pair(&self) -> f64 {
        self.seconds / self.pairs
    }
}

/// Pairs per second on this number of connections, with as many policy writes as the server made.
pub(crate) async fn raw_pairs(calls: &StoreCalls, connections: usize, time: Duration) -> Result<f64> {
    let (endpoint, access_key, secret_key) = minio()?;
    let options = MinioOptions {
        connection: ConnectionOptions::new(endpoint.parse()?),
        access_key: access_key.to_owned(),
        secret_key: SecretKey::parse(secret_key)?,
    };
    let store = Arc::new(MinioStore::new(options)?);
    let prefix = PolicyPrefix::parse("bench-raw")?;
    let policies = calls.policies / calls.pairs;
    let started = Instant::now();
    let workers = (0..connections).map(|_| {
        let (store, prefix) = (store.clone(), prefix.clone());
        async move {
            let user = UserId::new(Uuid::new_v4());
            let shard = PolicyName::shard(&prefix, &Grant::author(user), 0);
            let (mut count, mut owed) = (0_u32, 0.0);
            while started.elapsed() < time {
                owed += policies;
                pair(&store, user, &shard, &mut owed).await?;
                count += 1;
            }
            anyhow::Ok(count)
        }
    });
    let counts = futures::future::try_join_all(workers).await?;
    let rate = f64::from(counts.iter().sum::<u32>()) / started.elapsed().as_secs_f64();
    Ok(rate)
}

/// Makes the same calls in the same order as the server, with documents of the same size, and as many of the two
/// policy writes as are due.
async fn pair(store: &MinioStore, user: UserId, shard: &PolicyName, owed: &mut f64) -> Result<()> {
    let name = BucketName::parse(&format!("raw-{}", &Uuid::new_v4().simple().to_string()[..12]))?;
    let record = record(user, &name)?;
    let bucket = record.bucket.reference();
    store.find_bucket(&bucket).await?;
    store.create_bucket(&bucket).await?;
    store.put_bucket_policy(&bucket, &bucket_policy(&record)).await?;
    if *owed >= 1.0 {
        *owed -= 1.0;
        store.put_policy(shard, &shard_policy(&[(name.clone(), Access::Manage)])).await?;
    }
    store.delete_bucket(&bucket).await?;
    if *owed >= 1.0 {
        *owed -= 1.0;
        store.put_policy(shard, &shard_policy(&[])).await?;
    }
    Ok(())
}

fn record(owner: UserId, name: &BucketName) -> Result<BucketRecord> {
    let bucket = Bucket {
        id: BucketId::new(Uuid::new_v4()),
        name: name.clone(),
        owner,
        state: BucketState::Creating,
        seen_absent: true,
        answered: false,
        created_at: Timestamp::from_millis(0),
    };
    let entry = |grant| BucketEntry { grant, access: Access::Manage, shard: None };
    let entries = vec![entry(Grant::admin()), entry(Grant::author(owner))];
    Ok(BucketRecord { bucket, owner_access_key: AccessKey::parse("user_1700000000_bench")?, entries })
}
