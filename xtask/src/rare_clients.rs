//! S3 clients that are too large or too slow for the tests: analysts' libraries and backup programs, each in a small
//! journey against a hub on the embedded store.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};

use crate::cargo::{succeed, workspace};
use crate::hub::Hub;
use crate::programs;
use crate::services::{find_postgres, postgres_shell};
use crate::tools::{GoProgram, Venv};

const PYTHON: Venv = Venv { folder: "clients-rare", requirements: "xtask/clients/python/rare-requirements.txt" };
const LITESTREAM: GoProgram =
    GoProgram { package: "github.com/benbjohnson/litestream/cmd/litestream", version: "v0.5.18" };
const BUCKET: &str = "rare-clients";
/// Programs that no registry of packages has, which nobody runs here.
const NOT_RUN: [&str; 3] = ["the AWS CLI 2", "s5cmd", "Terraform"];

/// Installs those that a registry of a language has.
pub(crate) fn install() -> Result<()> {
    PYTHON.install()?;
    if LITESTREAM.find().is_none() {
        LITESTREAM.install()?;
    }
    Ok(())
}

/// Runs every program that is installed, and names the others. Fails if one does.
pub(crate) fn run() -> Result<()> {
    let mut failed = Vec::new();
    for (name, journey) in [
        ("polars, pyarrow and s3fs", tables as fn() -> Result<bool>),
        ("litestream", litestream),
        ("pgBackRest", pgbackrest),
    ] {
        match journey() {
            Ok(true) => println!("passed: {name}"),
            Ok(false) => println!("not run: {name} is not installed"),
            Err(error) => {
                println!("FAILED: {name}: {error:#}");
                failed.push(name);
            }
        }
    }
    for name in NOT_RUN {
        println!("not run: {name} is not installed");
    }
    if failed.is_empty() { Ok(()) } else { bail!("{} failed", failed.join(", ")) }
}

fn tables() -> Result<bool> {
    let Some(python) = PYTHON.bin() else { return Ok(false) };
    let hub = Hub::start()?;
    let key = hub.create_bucket(BUCKET)?;
    let mut command = Command::new(python.join("python3"));
    command.arg(workspace().join("xtask/clients/python/tables.py"));
    command.arg(format!("http://{}", hub.s3_address())).args([&key.access, &key.secret, BUCKET]);
    succeed(without_surroundings(&mut command))?;
    Ok(true)
}

fn litestream() -> Result<bool> {
    let (Some(python), Some(litestream)) = (PYTHON.bin(), LITESTREAM.find()) else { return Ok(false) };
    let hub = Hub::start()?;
    let key = hub.create_bucket(BUCKET)?;
    let folder = tempfile::tempdir()?;
    let mut command = Command::new("sh");
    command.arg(workspace().join("xtask/clients/shell/litestream.sh"));
    command.arg(folder.path()).arg(litestream).arg(python.join("python3"));
    command.arg(format!("http://{}", hub.s3_address())).args([&key.access, &key.secret, BUCKET]);
    succeed(without_surroundings(&mut command))?;
    Ok(true)
}

fn pgbackrest() -> Result<bool> {
    let (Some(_), Some(postgres)) = (find_pgbackrest(), find_postgres()) else { return Ok(false) };
    let certificates = tempfile::tempdir()?;
    let (certificate, secret) = (certificates.path().join("cert.pem"), certificates.path().join("key.pem"));
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    fs::write(&certificate, made.cert.pem())?;
    fs::write(&secret, made.signing_key.serialize_pem())?;
    let settings = [("s3.tls_cert_file", certificate), ("s3.tls_key_file", secret)];
    let settings = settings.map(|(key, path)| [OsString::from("--set"), format!("{key}={}", path.display()).into()]);
    let hub = Hub::start_with(settings.concat())?;
    let key = hub.create_bucket(BUCKET)?;
    let folder = tempfile::tempdir()?;
    let (shell, arguments) = postgres_shell(folder.path())?;
    // As an argument, because the user of PostgreSQL may not be able to read this repository.
    let script = fs::read_to_string(workspace().join("xtask/clients/shell/pgbackrest.sh"))?;
    let mut command = Command::new(shell);
    command.args(arguments).args(["-c", &script, "sh"]).arg(folder.path()).arg(postgres);
    command.args([&hub.s3_address(), &key.access, &key.secret, BUCKET]).current_dir(folder.path());
    succeed(without_surroundings(&mut command))?;
    Ok(true)
}

fn find_pgbackrest() -> Option<PathBuf> {
    programs::find("pgbackrest", &["version"], "pgBackRest ")
}

/// Keeps the user's own settings of S3 away from a program.
fn without_surroundings(command: &mut Command) -> &mut Command {
    for variable in ["AWS_CA_BUNDLE", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
        command.env_remove(variable);
    }
    command.env("AWS_EC2_METADATA_DISABLED", "true").stdin(Stdio::null())
}
