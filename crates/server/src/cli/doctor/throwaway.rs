//! The isolation test of MinIO, with two temporary principals, their policies and a bucket, which are removed
//! afterwards.

use anyhow::Context as _;
use storage_hub_adapter_crypto::{OsIdSource, SystemClock};
use storage_hub_adapter_minio::s3_client::S3Client;
use storage_hub_core::acl::Access;
use storage_hub_core::context::Ports;
use storage_hub_core::domain::{AccessKey, BucketName, BucketRef, Credentials};
use storage_hub_core::policy::{PolicyName, shard_policy};
use storage_hub_core::ports::{Clock as _, IdSource as _, PrincipalSettings, PrincipalStore};
use storage_hub_s3_client::{Connection, Identity};

use super::isolation::Trial;
use crate::config::{Config, StoreKind};
use crate::wiring::store::{connection_options, minio_options};

/// The number of seconds by which the store's clock is ahead of this machine's; `None` if it is the same clock.
pub(crate) async fn clock_offset(config: &Config) -> anyhow::Result<Option<i64>> {
    if config.store.kind == StoreKind::Embedded {
        return Ok(None);
    }
    let connection = Connection::new(&connection_options(config)?)?;
    // Every response contains the time, even a refusal.
    let answer = S3Client::new(connection, Identity::Anonymous).list_buckets().await?;
    let theirs = answer.date().context("the store's response contains no date")?;
    Ok(Some(theirs - SystemClock.now().seconds()))
}

/// Tests isolation on the configured store.
pub(crate) async fn try_isolation(
    config: &Config,
    ports: &Ports,
    principals: &dyn PrincipalStore,
) -> anyhow::Result<String> {
    let id = OsIdSource.lease_token().simple().to_string();
    let bucket = BucketName::parse(&format!("doctor-{id}"))?;
    let [owner, stranger] = [throwaway(&format!("doctor-{id}-owner"))?, throwaway(&format!("doctor-{id}-stranger"))?];
    let connection = Connection::new(&minio_options(config)?.connection)?;
    let free = BucketName::parse(&format!("doctor-free-{id}"))?;
    let trial = Trial { connection, owner, stranger, bucket, free, in_process: false };

    let prepared = prepare(config, ports, principals, &trial).await.context("the isolation test cannot be prepared");
    let outcome = match prepared {
        Ok(()) => trial.run().await,
        Err(error) => Err(error),
    };
    let removed = remove(config, ports, principals, &trial).await;
    let outcome = outcome?;
    removed.with_context(|| format!("could not remove everything that is named doctor-{id} from the store"))?;
    Ok(outcome)
}

fn throwaway(name: &str) -> anyhow::Result<Credentials> {
    Ok(Credentials { access_key: AccessKey::parse(name)?, secret_key: OsIdSource.secret_key() })
}

fn policy_name(config: &Config, credentials: &Credentials) -> PolicyName {
    PolicyName::from_store(format!("{}.{}", config.store.policy_prefix, credentials.access_key))
}

/// The trial's bucket. It is not in the records, so that any id will do: MinIO goes by names.
fn reference(trial: &Trial) -> BucketRef {
    BucketRef { id: OsIdSource.bucket_id(), name: trial.bucket.clone() }
}

async fn prepare(config: &Config, ports: &Ports, principals: &dyn PrincipalStore, trial: &Trial) -> anyhow::Result<()> {
    ports.store.create_bucket(&reference(trial)).await?;
    let buckets = [(trial.bucket.clone(), Access::Manage)];
    for (credentials, buckets) in [(&trial.owner, buckets.as_slice()), (&trial.stranger, &[])] {
        let policy = policy_name(config, credentials);
        principals.put_policy(&policy, &shard_policy(buckets)).await?;
        let credentials = credentials.clone();
        principals.put_principal(&PrincipalSettings { credentials, enabled: true, policies: vec![policy] }).await?;
    }
    Ok(())
}

async fn remove(config: &Config, ports: &Ports, principals: &dyn PrincipalStore, trial: &Trial) -> anyhow::Result<()> {
    for credentials in [&trial.owner, &trial.stranger] {
        principals.delete_principal(&credentials.access_key).await?;
        principals.delete_policy(&policy_name(config, credentials)).await?;
    }
    ports.store.delete_object(&reference(trial), super::isolation::KEY).await?;
    ports.store.delete_bucket(&reference(trial)).await?;
    Ok(())
}
