//! Generated requests against the real server.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use crate::cargo::{build_programs, succeed, workspace};
use crate::clients::{self, CLIENTS};
use crate::guard::{Guarded, Job};
use crate::loopback;

/// Starts the server on an empty folder and lets schemathesis compare its answers with openapi.json.
pub(crate) fn run() -> Result<()> {
    let variable = "STORAGE_HUB_TEST_SCHEMATHESIS";
    let Some(program) = CLIENTS.iter().find(|client| client.variable == variable).and_then(|client| client.find())
    else {
        bail!("schemathesis is not installed: {}", clients::INSTALL_HINT);
    };
    let server = Server::start(&build_programs()?.join("storage-hub"))?;
    let token = server.sign_up_and_log_in()?;
    let mut command = Command::new(program);
    command.current_dir(workspace()).args(["run", "openapi.json", "--url", &server.url()]);
    command.args(["--header", &format!("Authorization: Bearer {token}")]);
    command.args(["--checks", "all", "--max-examples", "50", "--seed", "1", "--request-timeout", "10"]);
    succeed(command.stdin(Stdio::null())).with_context(|| format!("the server's log:\n{}", server.end_of_log()))
}

struct Server {
    port: u16,
    log: std::path::PathBuf,
    // Before the folder: the server ends first.
    _process: Guarded,
    _folder: tempfile::TempDir,
}

impl Server {
    fn start(program: &Path) -> Result<Self> {
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
            arguments: arguments.to_vec(),
            // Password hashing is not what is under test.
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
                bail!("storage-hub ended at once:\n{}", fs::read_to_string(&log)?);
            }
            Ok(loopback::request(port, "/health", None).is_ok_and(|answer| answer.status == 200))
        })?;
        Ok(Self { port, log, _process: process, _folder: folder })
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn sign_up_and_log_in(&self) -> Result<String> {
        let account = json!({"email": "tester@example.com", "password": "a password of the tester"});
        let signed_up = loopback::request(self.port, "/api/users/signup", Some(&account))?;
        ensure!(signed_up.status == 201, "the sign-up was answered {}: {}", signed_up.status, signed_up.body);
        let logged_in = loopback::request(self.port, "/api/users/login", Some(&account))?;
        ensure!(logged_in.status == 200, "the login was answered {}: {}", logged_in.status, logged_in.body);
        let body: Value = serde_json::from_str(&logged_in.body)?;
        Ok(body.pointer("/data/token").and_then(Value::as_str).context("the login gave no token")?.to_owned())
    }

    fn end_of_log(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines.get(lines.len().saturating_sub(40)..).unwrap_or_default().join("\n")
    }
}
