//! The calls of the store that a pair of creation and deletion makes, made raw: what the store itself allows.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use storage_hub_adapter_minio::{ConnectionOptions, MinioOptions, MinioStore};
use storage_hub_core::acl::{Access, Grant};
use storage_hub_core::domain::{
    AccessKey, Bucket, BucketEntry, BucketId, BucketName, BucketRecord, BucketState, SecretKey, Timestamp, UserId,
};
use storage_hub_core::policy::{PolicyName, PolicyPrefix, bucket_policy, shard_policy};
use storage_hub_core::ports::{ObjectStore as _, PrincipalStore as _};
use uuid::Uuid;

use crate::hub::minio;

/// Pairs a second on so many connections.
pub(crate) async fn raw_pairs(connections: usize, time: Duration) -> Result<f64> {
    let (endpoint, access_key, secret_key) = minio()?;
    let options = MinioOptions {
        connection: ConnectionOptions::new(endpoint.parse()?),
        access_key: access_key.to_owned(),
        secret_key: SecretKey::parse(secret_key)?,
    };
    let store = Arc::new(MinioStore::new(options)?);
    let prefix = PolicyPrefix::parse("bench-raw")?;
    let started = Instant::now();
    let workers = (0..connections).map(|_| {
        let (store, prefix) = (store.clone(), prefix.clone());
        async move {
            let user = UserId::new(Uuid::new_v4());
            let shard = PolicyName::shard(&prefix, &Grant::author(user), 0);
            let mut count = 0_u32;
            while started.elapsed() < time {
                pair(&store, user, &shard).await?;
                count += 1;
            }
            anyhow::Ok(count)
        }
    });
    let counts = futures::future::try_join_all(workers).await?;
    let rate = f64::from(counts.iter().sum::<u32>()) / started.elapsed().as_secs_f64();
    Ok(rate)
}

/// The same calls in the same order as the server's, with documents of the same size.
async fn pair(store: &MinioStore, user: UserId, shard: &PolicyName) -> Result<()> {
    let name = BucketName::parse(&format!("raw-{}", &Uuid::new_v4().simple().to_string()[..12]))?;
    let record = record(user, &name)?;
    store.find_bucket(&name).await?;
    store.make_bucket(&name).await?;
    store.put_bucket_policy(&name, &bucket_policy(&record)).await?;
    store.put_policy(shard, &shard_policy(&[(name.clone(), Access::Manage)])).await?;
    store.remove_bucket(&name).await?;
    store.put_policy(shard, &shard_policy(&[])).await?;
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
