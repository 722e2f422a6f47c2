//! The isolation test of stores behind this process's own S3 endpoint. It uses a separate hub in a temporary folder, because
//! the two temporary users could not be removed from the real one. Behind the gateway, that hub has buckets of its own at
//! the same service, which are deleted afterwards.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Context as _;
use http::Method;
use storage_hub_adapter_crypto::OsIdSource;
use storage_hub_adapter_embedded::EmbeddedS3Backend;
use storage_hub_adapter_gateway::{Gateway, GatewayS3Backend};
use storage_hub_adapter_s3::{S3Endpoint, S3Options};
use storage_hub_core::context::Ports;
use storage_hub_core::domain::{BucketName, Credentials, Email};
use storage_hub_core::ports::IdSource as _;
use storage_hub_core::use_cases::accounts::{LogIn, SignUp, get_credentials, log_in, sign_up};
use storage_hub_core::use_cases::buckets::create_bucket;
use storage_hub_core::use_cases::s3::S3UseCases;
use storage_hub_core::use_cases::session::read_token;
use storage_hub_s3_backend::S3Backend;
use storage_hub_s3_client::{Connection, ConnectionOptions, Request};
use tokio::runtime::Handle;
use url::Url;

use super::isolation::Trial;
use crate::cli::admin::generate_password;
use crate::config::{Auth, Config, Database};
use crate::wiring::{Purpose, assemble};

/// Tests isolation on a hub that is configured like the real one.
pub(crate) async fn try_isolation(config: &Config, gateway: Option<&Gateway>) -> anyhow::Result<String> {
    let folder = tempfile::tempdir().context("no temporary folder can be created")?;
    let auth = Auth { bcrypt_cost: 4, ..Auth::default() };
    let mut scratch = Config { data_dir: folder.path().join("hub"), auth, ..config.clone() };
    scratch.database = Database::default();
    scratch.store.bucket_prefix = scratch_prefix(&config.store.bucket_prefix);
    let hub = assemble(&scratch, Purpose::Serve).await?;
    if let (Some(scratch), Some(result)) = (&hub.gateway, gateway.and_then(Gateway::probe_result)) {
        scratch.accept_probe(result);
    }
    let backend: Arc<dyn S3Backend> = match (hub.embedded.clone(), hub.gateway.clone()) {
        (Some(store), _) => Arc::new(EmbeddedS3Backend::new(store)),
        (None, Some(gateway)) => Arc::new(GatewayS3Backend::new(gateway)),
        (None, None) => anyhow::bail!("the store is not served by this process"),
    };
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let endpoint: Url = format!("http://{}", listener.local_addr()?).parse()?;
    let use_cases = S3UseCases::new(hub.ports.clone());
    let options = S3Options { region: config.s3.region.clone(), ..S3Options::default() };
    let service = S3Endpoint::new(use_cases, backend, options, Handle::current())?;
    let server = tokio::spawn(service.serve(listener, None, std::future::pending::<()>()));

    let outcome = run(config, &hub.ports, endpoint).await;
    server.abort();
    let removed = match &hub.gateway {
        Some(gateway) => remove(&hub.ports, gateway, &config.store.policy_prefix).await,
        None => Ok(()),
    };
    let outcome = outcome?;
    removed.with_context(|| format!("could not delete the buckets {}*", scratch.store.bucket_prefix))?;
    Ok(outcome)
}

async fn run(config: &Config, ports: &Ports, endpoint: Url) -> anyhow::Result<String> {
    let bucket = BucketName::parse(&format!("doctor-{}", OsIdSource.lease_token().simple()))?;
    let owner = join(ports, "owner@doctor.localhost", Some(&bucket)).await?;
    let stranger = join(ports, "stranger@doctor.localhost", None).await?;
    let options = ConnectionOptions { region: config.s3.region.clone(), ..ConnectionOptions::new(endpoint) };
    let free = BucketName::parse(&format!("doctor-{}", OsIdSource.lease_token().simple()))?;
    Trial { connection: Connection::new(&options)?, owner, stranger, bucket, free, in_process: true }.run().await
}

/// A prefix of this hub's own: a key that is limited to the configured prefix may create such buckets too, and no other hub
/// finds them among its own.
fn scratch_prefix(configured: &str) -> String {
    let id: String = OsIdSource.lease_token().simple().to_string().chars().take(8).collect();
    let kept: String = configured.chars().take(21).collect();
    format!("{kept}d{id}-")
}

/// Deletes the buckets of the separate hub from the service.
async fn remove(ports: &Ports, gateway: &Gateway, mark: &str) -> anyhow::Result<()> {
    let mut names = BTreeSet::new();
    for record in ports.directory.list_buckets(None, 100).await? {
        let bucket = record.bucket.reference();
        ports.store.delete_object(&bucket, super::isolation::KEY).await?;
        ports.store.delete_bucket(&bucket).await?;
        names.insert(bucket.name.to_string());
    }
    let own = gateway.prefix().own_bucket();
    let labels = names.iter().map(|name| format!("buckets/{name}.json"));
    for key in labels.chain([format!("{mark}.json")]) {
        let answer = gateway.client().send(Request::new(Method::DELETE, Some(&own), Some(&key))).await?;
        anyhow::ensure!(answer.is_success() || answer.status == 404, "{} {}", answer.status, answer.code());
    }
    let answer = gateway.client().send(Request::new(Method::DELETE, Some(&own), None)).await?;
    anyhow::ensure!(answer.is_success() || answer.status == 404, "{} {}", answer.status, answer.code());
    Ok(())
}

async fn join(ports: &Ports, email: &str, bucket: Option<&BucketName>) -> anyhow::Result<Credentials> {
    let (email, password) = (Email::parse(email)?, generate_password()?);
    sign_up(ports, SignUp { email: email.clone(), password: password.clone() }).await?;
    let token = log_in(ports, LogIn { email, password: Some(password) }).await?.token;
    let session = read_token(ports, token.expose())?;
    if let Some(bucket) = bucket {
        create_bucket(ports, &session.into(), bucket.clone()).await?;
    }
    Ok(get_credentials(ports, &session).await?.credentials)
}
