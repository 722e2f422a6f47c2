//! The isolation test of the embedded store. It uses a separate hub in a temporary folder, because the two temporary
//! users could not be removed from the real one.

use std::net::TcpListener;
use std::sync::Arc;

use anyhow::Context as _;
use storage_hub_adapter_crypto::OsIdSource;
use storage_hub_adapter_embedded::EmbeddedS3Backend;
use storage_hub_adapter_s3::{S3Endpoint, S3Options};
use storage_hub_core::context::Ports;
use storage_hub_core::domain::{BucketName, Credentials, Email};
use storage_hub_core::ports::IdSource as _;
use storage_hub_core::use_cases::accounts::{LogIn, SignUp, get_credentials, log_in, sign_up};
use storage_hub_core::use_cases::buckets::create_bucket;
use storage_hub_core::use_cases::s3::S3UseCases;
use storage_hub_core::use_cases::session::read_token;
use storage_hub_s3_client::{Connection, ConnectionOptions};
use tokio::runtime::Handle;

use super::isolation::Trial;
use crate::cli::admin::generate_password;
use crate::config::{Auth, Config};
use crate::wiring::{Purpose, assemble};

/// Tests isolation on a hub that is configured like the real one.
pub(crate) async fn try_isolation(config: &Config) -> anyhow::Result<String> {
    let folder = tempfile::tempdir().context("no temporary folder can be created")?;
    let auth = Auth { bcrypt_cost: 4, ..Auth::default() };
    let scratch = Config { data_dir: folder.path().join("hub"), auth, ..config.clone() };
    let hub = assemble(&scratch, Purpose::Serve).await?;
    let store = hub.embedded.context("the store is not the embedded one")?;
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let endpoint = format!("http://{}", listener.local_addr()?).parse()?;
    let (use_cases, backend) = (S3UseCases::new(hub.ports.clone()), Arc::new(EmbeddedS3Backend::new(store)));
    let options = S3Options { region: config.s3.region.clone(), ..S3Options::default() };
    let service = S3Endpoint::new(use_cases, backend, options, Handle::current())?;
    let server = tokio::spawn(service.serve(listener, None, std::future::pending::<()>()));

    let bucket = BucketName::parse(&format!("doctor-{}", OsIdSource.lease_token().simple()))?;
    let owner = join(&hub.ports, "owner@doctor.localhost", Some(&bucket)).await?;
    let stranger = join(&hub.ports, "stranger@doctor.localhost", None).await?;
    let options = ConnectionOptions { region: config.s3.region.clone(), ..ConnectionOptions::new(endpoint) };
    let free = BucketName::parse(&format!("doctor-{}", OsIdSource.lease_token().simple()))?;
    let outcome =
        Trial { connection: Connection::new(&options)?, owner, stranger, bucket, free, in_process: true }.run().await;
    server.abort();
    outcome
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
