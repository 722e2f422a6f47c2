//! A hub on SQLite and the embedded store, started for one command in a temporary folder and ended with it.

use std::ffi::OsString;
use std::fs;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use crate::cargo::build_programs;
use crate::guard::{Guarded, Job};
use crate::loopback;

/// A key for the S3 endpoint.
pub(crate) struct S3Key {
    pub(crate) access: String,
    pub(crate) secret: String,
}

/// A running hub.
pub(crate) struct Hub {
    port: u16,
    s3_port: u16,
    log: std::path::PathBuf,
    // Before the folder: the server ends first.
    _process: Guarded,
    _folder: tempfile::TempDir,
}

impl Hub {
    /// Builds and starts a hub.
    pub(crate) fn start() -> Result<Self> {
        Self::start_with(Vec::new())
    }

    /// Builds and starts a hub with more arguments.
    pub(crate) fn start_with(more: Vec<OsString>) -> Result<Self> {
        let program = build_programs()?.join("storage-hub");
        let folder = tempfile::Builder::new().prefix("storage-hub-server-").tempdir()?;
        let (port, s3_port) = (loopback::free_port()?, loopback::free_port()?);
        let log = folder.path().join("log");
        let file = fs::File::create(&log)?;
        let arguments: [OsString; 7] = [
            "serve".into(),
            "--data-dir".into(),
            folder.path().join("data").into(),
            "--api-listen".into(),
            format!("127.0.0.1:{port}").into(),
            "--s3-listen".into(),
            format!("127.0.0.1:{s3_port}").into(),
        ];
        let mut process = Guarded::start(Job {
            program: program.as_os_str(),
            arguments: arguments.into_iter().chain(more).collect(),
            // The cost of password hashing is not under test.
            environment: vec![
                ("STORAGE_HUB_AUTH__BCRYPT_COST".to_owned(), "4".into()),
                ("STORAGE_HUB_LIMITS__ENABLED".to_owned(), "false".into()),
            ],
            folder: None,
            stdout: file.try_clone()?.into(),
            stderr: file.into(),
        })?;
        loopback::wait_until("storage-hub", || {
            if process.has_ended()? {
                bail!("storage-hub ended during its start:\n{}", fs::read_to_string(&log)?);
            }
            Ok(loopback::request(port, "/health", None).is_ok_and(|answer| answer.status == 200))
        })?;
        Ok(Self { port, s3_port, log, _process: process, _folder: folder })
    }

    /// The URL of its API.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The address of its S3 endpoint.
    pub(crate) fn s3_address(&self) -> String {
        format!("127.0.0.1:{}", self.s3_port)
    }

    /// Creates an account and returns a token of it.
    pub(crate) fn sign_up_and_log_in(&self) -> Result<String> {
        let account = json!({"email": "tester@example.com", "password": "a password of the tester"});
        let signed_up = loopback::request(self.port, "/api/users/signup", Some(&account))?;
        ensure!(signed_up.status == 201, "the sign-up was answered {}: {}", signed_up.status, signed_up.body);
        let logged_in = loopback::request(self.port, "/api/users/login", Some(&account))?;
        ensure!(logged_in.status == 200, "the login was answered {}: {}", logged_in.status, logged_in.body);
        let body: Value = serde_json::from_str(&logged_in.body)?;
        Ok(body.pointer("/data/token").and_then(Value::as_str).context("the login gave no token")?.to_owned())
    }

    /// Creates an account and a bucket of it, and returns the account's key.
    pub(crate) fn create_bucket(&self, name: &str) -> Result<S3Key> {
        let token = self.sign_up_and_log_in()?;
        let created = loopback::request_as(self.port, &token, "/api/buckets", Some(&json!({"name": name})))?;
        ensure!(created.status == 201, "the bucket was answered {}: {}", created.status, created.body);
        let key = loopback::request_as(self.port, &token, "/api/users/me/credentials", None)?;
        let key: Value = serde_json::from_str(&key.body)?;
        let text = |name| key.pointer(name).and_then(Value::as_str).map(str::to_owned).context("a key");
        Ok(S3Key { access: text("/data/accessKey")?, secret: text("/data/secretKey")? })
    }

    /// The last lines of its log.
    pub(crate) fn end_of_log(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines.get(lines.len().saturating_sub(40)..).unwrap_or_default().join("\n")
    }
}
