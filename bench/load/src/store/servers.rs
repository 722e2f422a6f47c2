//! The servers that are compared.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::requests::{hash, sign};
use super::wire::Wire;
use crate::hub::{Hub, free_address};

/// Size of the file that nginx serves.
pub(crate) const NGINX_FILE: usize = 64 << 20;

/// A server, a bucket on it, and a key.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) address: String,
    pub(crate) access: String,
    pub(crate) secret: String,
    pub(crate) bucket: String,
    pub(crate) pid: u32,
    _process: Option<Process>,
}

/// A process and its folder, which ends on drop.
struct Process(Child, #[expect(dead_code, reason = "it is removed on drop")] TempDir);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A bucket on a hub that runs.
pub(crate) async fn hub_server(hub: &Hub, bucket: &str) -> Result<Server> {
    let bucket = format!("bench-{bucket}");
    let person = hub.sign_up(&bucket).await?;
    hub.call("POST", "/api/buckets", Some(&person.token), Some(json!({"name": bucket}))).await?;
    let key = hub.call("GET", "/api/users/me/credentials", Some(&person.token), None).await?;
    let text = |name| key.pointer(name).and_then(Value::as_str).map(str::to_owned).context("a key");
    Ok(Server {
        name: "hub",
        address: hub.s3_address.clone(),
        access: text("/data/accessKey")?,
        secret: text("/data/secretKey")?,
        bucket,
        pid: hub.pid()?,
        _process: None,
    })
}

/// Starts MinIO with a bucket.
pub(crate) async fn start_minio(program: &Path) -> Result<Server> {
    let (address, console) = (free_address()?, free_address()?);
    let (access, secret) = ("storage-hub-bench", "storage-hub-bench-secret");
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(program);
    command.args(["server", "--address", &address, "--console-address", &console]).arg(folder.path().join("data"));
    command.env("MINIO_ROOT_USER", access).env("MINIO_ROOT_PASSWORD", secret);
    command.env("MINIO_UPDATE", "off").env("MINIO_BROWSER", "off");
    let bucket = "bench-objects".to_owned();
    let mut server = start("MinIO", command, folder, address, "/minio/health/ready").await?;
    (server.access, server.secret, server.bucket) = (access.to_owned(), secret.to_owned(), bucket);
    let create = sign(&server, "PUT", "", "", &hash(b""), Some(0))?;
    let started = Instant::now();
    // It answers 503 for a while after its health check has succeeded.
    loop {
        let (status, _) = Wire::open(&server.address).await?.exchange(&create.head, b"", true).await?;
        match status {
            200 => return Ok(server),
            503 if started.elapsed() < Duration::from_secs(30) => tokio::time::sleep(Duration::from_millis(50)).await,
            status => bail!("MinIO did not create a bucket: {status}"),
        }
    }
}

/// Starts nginx twice, without and with `sendfile`, on a file of zeros.
pub(crate) async fn start_nginx(program: Option<&Path>) -> Result<Vec<Server>> {
    let Some(program) = program else { return Ok(Vec::new()) };
    let mut servers = Vec::new();
    for (name, sendfile) in [("nginx, sendfile off", "off"), ("nginx, sendfile on", "on")] {
        let address = free_address()?;
        let folder = tempfile::tempdir()?;
        std::fs::create_dir_all(folder.path().join("files/nginx"))?;
        std::fs::write(folder.path().join("files/nginx/file"), vec![0; NGINX_FILE])?;
        // One process, so that its CPU time is all of it; the paths would else be the ones of the package.
        let temporary =
            ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path temp;"));
        let settings = format!(
            "daemon off; master_process off; pid pid; error_log error.log; events {{}} http {{ access_log off; \
             sendfile {sendfile}; {} server {{ listen {address}; root files; }} }}",
            temporary.concat()
        );
        std::fs::write(folder.path().join("nginx.conf"), settings)?;
        let mut command = Command::new(program);
        command.arg("-p").arg(folder.path()).args(["-c", "nginx.conf", "-e", "error.log"]);
        let mut server = start(name, command, folder, address, "/nginx/file").await?;
        server.bucket = "nginx".to_owned();
        servers.push(server);
    }
    Ok(servers)
}

async fn start(
    name: &'static str,
    mut command: Command,
    folder: TempDir,
    address: String,
    path: &str,
) -> Result<Server> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let child = child.with_context(|| format!("{name} does not start"))?;
    let (pid, process) = (child.id(), Process(child, folder));
    let request = format!("HEAD {path} HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let started = Instant::now();
    loop {
        if let Ok(mut wire) = Wire::open(&address).await
            && wire.exchange(request.as_bytes(), b"", false).await.is_ok_and(|(status, _)| status == 200)
        {
            let empty = String::new;
            let (access, secret, bucket) = (empty(), empty(), empty());
            return Ok(Server { name, address, access, secret, bucket, pid, _process: Some(process) });
        }
        if started.elapsed() > Duration::from_secs(30) {
            bail!("{name} does not start");
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
