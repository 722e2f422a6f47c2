//! A database of its own for every test, copied from one that was migrated once.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use storage_hub_adapter_postgres::{PgOptions, PgRecords};
use storage_hub_port_contract::services;
use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/postgres");

static TEMPLATE: OnceCell<String> = OnceCell::const_new();

/// A database that is dropped with this.
pub(crate) struct TestDatabase {
    server: String,
    name: String,
}

impl TestDatabase {
    /// One without any table; `None` without a server.
    pub(crate) async fn empty() -> Option<Self> {
        Self::create("").await
    }

    /// One with all tables; `None` without a server.
    pub(crate) async fn migrated() -> Option<Self> {
        let server = services::postgres()?;
        let template = TEMPLATE.get_or_init(|| template(&server)).await;
        Self::create(&format!("TEMPLATE {template}")).await
    }

    async fn create(template: &str) -> Option<Self> {
        let server = services::postgres()?;
        let name = format!("storage_hub_test_{}", Uuid::new_v4().simple());
        client(&server).await.batch_execute(&format!("CREATE DATABASE {name} {template}")).await.unwrap();
        Some(Self { server, name })
    }

    pub(crate) fn url(&self) -> String {
        url_of(&self.server, &self.name)
    }

    pub(crate) fn records(&self) -> PgRecords {
        PgRecords::connect(&self.url(), PgOptions::default()).unwrap()
    }

    /// A connection beside those of the records.
    pub(crate) async fn client(&self) -> Client {
        client(&self.url()).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        // The test's own runtime may be ending.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                client(&server).await.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
            });
        });
        dropping.join().unwrap();
    }
}

async fn client(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The URL of another database of the same server.
fn url_of(server: &str, name: &str) -> String {
    let (base, query) = server.split_once('?').unwrap_or((server, ""));
    let (host, _) = base.rsplit_once('/').unwrap();
    format!("{host}/{name}?{query}")
}

/// The name of a database to copy, made by whoever needs it first, and kept.
async fn template(server: &str) -> String {
    // A template of other migrations is another template.
    let mut folders: Vec<_> = fs::read_dir(MIGRATIONS).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut hasher = DefaultHasher::new();
    folders.iter().for_each(|folder| fs::read_to_string(folder.join("up.sql")).unwrap().hash(&mut hasher));
    let name = format!("storage_hub_template_{:016x}", hasher.finish());
    let client = client(server).await;
    client.batch_execute("SELECT pg_advisory_lock(1398227810, 1)").await.unwrap();
    let exists = client.query_opt("SELECT FROM pg_database WHERE datname = $1", &[&name]).await.unwrap().is_some();
    if !exists {
        let making = format!("{name}_making");
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)")).await.unwrap();
        client.batch_execute(&format!("CREATE DATABASE {making}")).await.unwrap();
        let records = PgRecords::connect(&url_of(server, &making), PgOptions::default()).unwrap();
        records.migrate().await.unwrap();
        drop(records);
        // It can be renamed, and copied, once its last connection is gone.
        let connected = "SELECT FROM pg_stat_activity WHERE datname = $1";
        while !client.query(connected, &[&making]).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        client.batch_execute(&format!("ALTER DATABASE {making} RENAME TO {name}")).await.unwrap();
    }
    name
}
