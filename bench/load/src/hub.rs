//! The server under measurement, and its data.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_postgres::NoTls;
use uuid::Uuid;

use crate::http::{Connection, request};
use crate::process;

/// A pair of records and store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    PostgresMinio,
    SqliteEmbedded,
}

impl Backend {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::PostgresMinio => "PostgreSQL + MinIO",
            Self::SqliteEmbedded => "SQLite + embedded",
        }
    }
}

/// A server and its folder.
pub(crate) struct Hub {
    pub(crate) backend: Backend,
    pub(crate) database: Option<String>,
    pub(crate) address: String,
    /// The address of the S3 endpoint of the embedded store.
    pub(crate) s3_address: String,
    metrics: String,
    server: PathBuf,
    folder: TempDir,
    process: Option<Child>,
}

/// A user with an account.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) token: String,
}

pub(crate) const PASSWORD: &str = "password123";

/// The address of MinIO, and its root key.
#[expect(clippy::disallowed_methods, reason = "`cargo xtask bench` starts the service")]
pub(crate) fn minio() -> Result<(String, &'static str, &'static str)> {
    let url = std::env::var("STORAGE_HUB_TEST_MINIO").context("run this by cargo xtask bench: MinIO is missing")?;
    Ok((url, "storage-hub-root", "storage-hub-root-secret"))
}

impl Hub {
    pub(crate) async fn start(server: &Path, backend: Backend) -> Result<Self> {
        let database = match backend {
            Backend::PostgresMinio => Some(make_database().await?),
            Backend::SqliteEmbedded => None,
        };
        let folder = tempfile::tempdir()?;
        let server = server.canonicalize().with_context(|| format!("there is no {}", server.display()))?;
        let (address, s3_address, metrics) = (String::new(), String::new(), String::new());
        let mut hub = Self { backend, database, address, s3_address, metrics, server, folder, process: None };
        hub.run().await?;
        Ok(hub)
    }

    /// Starts the process and returns how long it took to respond.
    pub(crate) async fn run(&mut self) -> Result<Duration> {
        (self.address, self.s3_address, self.metrics) = (free_address()?, free_address()?, free_address()?);
        let mut command = Command::new(&self.server);
        command.current_dir(self.folder.path()).arg("serve");
        command.args(["--data-dir", "data", "--api-listen", &self.address, "--s3-listen", &self.s3_address]);
        for (key, value) in self.settings()? {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        let log = File::options().create(true).append(true).open(self.folder.path().join("log"))?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let started = Instant::now();
        self.process = Some(command.spawn().context("the server does not start")?);
        loop {
            if let Ok(mut connection) = Connection::open(&self.address).await
                && connection.status(&request("GET", "/health", None, None)).await.is_ok_and(|status| status == 200)
            {
                return Ok(started.elapsed());
            }
            if started.elapsed() > Duration::from_secs(30) {
                bail!("the server does not start: {}", std::fs::read_to_string(self.folder.path().join("log"))?);
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn settings(&self) -> Result<Vec<(&'static str, String)>> {
        let mut settings = vec![
            ("admin.password", "the admin's password".to_owned()),
            // A log line per request would measure the disk.
            ("log.level", "warn".to_owned()),
            ("limits.enabled", "false".to_owned()),
            ("metrics.listen", self.metrics.clone()),
        ];
        if let Some(database) = &self.database {
            let (endpoint, access_key, secret_key) = minio()?;
            settings.extend([
                ("database.url", database.clone()),
                ("store.kind", "minio".to_owned()),
                ("store.endpoint", endpoint),
                ("store.access_key", access_key.to_owned()),
                ("store.secret_key", secret_key.to_owned()),
            ]);
        }
        Ok(settings)
    }

    pub(crate) fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// The path of the SQLite records.
    pub(crate) fn records_file(&self) -> PathBuf {
        self.folder.path().join("data/records.sqlite")
    }

    /// The path of the index of the embedded store.
    pub(crate) fn index_file(&self) -> PathBuf {
        self.folder.path().join("data/objects/index.sqlite")
    }

    pub(crate) fn pid(&self) -> Result<u32> {
        Ok(self.process.as_ref().context("the server does not run")?.id())
    }

    /// User and system time of the server.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        process::cpu(self.pid()?)
    }

    /// Resident memory, in MiB.
    pub(crate) fn resident(&self) -> Result<f64> {
        process::memory(self.pid()?, "VmRSS")
    }

    /// Number and total seconds of the calls of the store since the start, for each kind of call.
    pub(crate) async fn store_calls(&self) -> Result<BTreeMap<String, (f64, f64)>> {
        let answer = Connection::open(&self.metrics).await?.send(&request("GET", "/metrics", None, None)).await?;
        let text = String::from_utf8(answer.body)?;
        let mut calls: BTreeMap<String, (f64, f64)> = BTreeMap::new();
        for line in text.lines().filter_map(|line| line.strip_prefix("storage_hub_store_call_seconds_")) {
            let Some((name, value)) = line.rsplit_once(' ') else { continue };
            let call = name.split('"').nth(1).context("a label")?;
            let entry = calls.entry(call.to_owned()).or_default();
            match name.split_once('{') {
                Some(("count", _)) => entry.0 += value.parse::<f64>()?,
                Some(("sum", _)) => entry.1 += value.parse::<f64>()?,
                _ => {}
            }
        }
        Ok(calls)
    }

    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> Result<Value> {
        let body = body.map(|body| body.to_string());
        let mut connection = Connection::open(&self.address).await?;
        let answer = connection.send(&request(method, path, token, body.as_deref())).await?;
        let expected = if method == "POST" && !path.ends_with("/login") { 201 } else { 200 };
        answer.expect(expected)
    }

    pub(crate) async fn sign_up(&self, name: &str) -> Result<Person> {
        let email = format!("{name}@example.com");
        let body = json!({"email": email, "password": PASSWORD});
        self.call("POST", "/api/users/signup", None, Some(body.clone())).await?;
        let answer = self.call("POST", "/api/users/login", None, Some(body)).await?;
        let text = |pointer| answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned).context("text");
        let (token, id) = (text("/data/token")?, text("/data/user/id")?);
        Ok(Person { id, email, token })
    }

    pub(crate) async fn create_buckets(&self, person: &Person, prefix: &str, count: usize) -> Result<()> {
        for number in 0..count {
            let body = json!({"name": format!("{prefix}-{number}")});
            self.call("POST", "/api/buckets", Some(&person.token), Some(body)).await?;
        }
        Ok(())
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.stop();
    }
}

pub(crate) fn free_address() -> Result<String> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

#[expect(clippy::disallowed_methods, reason = "`cargo xtask bench` starts the service")]
async fn make_database() -> Result<String> {
    let server = std::env::var("STORAGE_HUB_TEST_POSTGRES");
    let server = server.context("run this by cargo xtask bench: PostgreSQL is missing")?;
    let name = format!("bench_{}", Uuid::new_v4().simple());
    let (client, connection) = tokio_postgres::connect(&server, NoTls).await?;
    tokio::spawn(connection);
    client.batch_execute(&format!("CREATE DATABASE {name}")).await?;
    let (front, _) = server.rsplit_once('/').context("a URL with a database")?;
    Ok(format!("{front}/{name}"))
}
