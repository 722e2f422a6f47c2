//! Records what real S3 clients send: each client talks to MinIO through a proxy of this program, and every request is
//! written to `crates/s3-protocol/tests/recordings`, where the tests of the protocol crate verify and parse it.
//!
//! The key is the one of the examples in AWS's documentation, so that nothing in the recordings is a secret. The ports
//! are fixed, because clients sign the `Host` header and the recordings should not differ in it.

mod http;
mod journeys;
mod proxy;
mod recordings;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::cargo::workspace;
use crate::services;
use journeys::Journey;
use proxy::Proxy;
use recordings::Recordings;

/// Where recordings are, from the folder of the workspace.
const RECORDINGS: &str = "crates/s3-protocol/tests/recordings";
const PORT: u16 = 9000;
const TLS_PORT: u16 = 9443;
/// The example key of AWS's documentation.
const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// What a client is given.
struct Target {
    url: String,
    tls_url: String,
    /// A file with the certificate of the TLS port.
    certificate: PathBuf,
    /// The client's folder for files and configuration.
    folder: TempDir,
}

/// Records the named clients, or all.
pub(crate) fn run(only: &[String]) -> Result<()> {
    let minio = services::start_minio(ACCESS_KEY, SECRET_KEY)?;
    let upstream = minio.environment.1.to_string_lossy().trim_start_matches("http://").parse()?;
    let folder = tempfile::tempdir()?;
    let certificate = folder.path().join("certificate.pem");
    let proxy = Proxy::start(upstream, &certificate)?;
    let mut recordings = Recordings::open(workspace().join(RECORDINGS))?;
    for journey in journeys::all().into_iter().filter(|journey| only.is_empty() || only.contains(&journey.name.into()))
    {
        record(&journey, &proxy, &certificate, &mut recordings)?;
    }
    recordings.finish()
}

fn record(journey: &Journey, proxy: &Proxy, certificate: &Path, recordings: &mut Recordings) -> Result<()> {
    let target = Target {
        url: format!("http://127.0.0.1:{PORT}"),
        tls_url: format!("https://127.0.0.1:{TLS_PORT}"),
        certificate: certificate.to_owned(),
        folder: tempfile::tempdir()?,
    };
    let Some(version) = (journey.version)() else {
        println!("{}: not installed", journey.name);
        return Ok(());
    };
    fs::write(target.folder.path().join("small.txt"), "hello, world\n")?;
    fs::write(target.folder.path().join("empty.txt"), "")?;
    proxy.take();
    for mut command in (journey.commands)(&target)? {
        let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
        if !output.status.success() {
            eprintln!("{}: {command:?}: {}", journey.name, output.status);
            eprintln!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        }
    }
    let count = recordings.write(journey.name, &version, proxy.take())?;
    println!("{} ({version}): {count} requests", journey.name);
    Ok(())
}
