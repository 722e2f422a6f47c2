//! Measures the server, with the services that it needs.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::cargo::{cargo, succeed, workspace};
use crate::guard::{self, Guarded, Job};
use crate::services::{self, Durability};
use crate::{clients, programs};

/// The profile of the measured build.
const PROFILE: &str = "measure";

/// Builds the server and the load generator, starts what is compared, and measures.
pub(crate) fn run(arguments: &[OsString]) -> Result<ExitCode> {
    let packages = ["-p", "storage-hub-server", "-p", "storage-hub-bench-load"];
    succeed(cargo(&["build", "--locked", "--profile", PROFILE]).args(packages))?;
    let programs = workspace().join("target").join(PROFILE);
    let stores = arguments.first().is_some_and(|first| first == "store");
    let json = workspace().join("target").join(if stores { "bench-store.json" } else { "bench.json" });
    let mut command: Vec<OsString> = vec![
        programs.join("storage-hub-bench-load").into(),
        "--server".into(),
        programs.join("storage-hub").into(),
        "--json".into(),
        json.into(),
    ];
    command.extend(arguments.iter().cloned());
    if stores { measure_stores(command) } else { services::run(true, true, Durability::Full, &command) }
}

// The generator starts the servers itself, because it needs their process ids.
fn measure_stores(mut command: Vec<OsString>) -> Result<ExitCode> {
    let minio = clients::find_minio().with_context(|| format!("MinIO is not installed: {}", clients::INSTALL_HINT))?;
    command.extend(["--minio".into(), minio.into()]);
    match find_nginx() {
        Some(nginx) => command.extend(["--nginx".into(), nginx.into()]),
        None => println!("not installed: nginx: apt-get install nginx-light"),
    }
    let (program, arguments) = command.split_first().context("a command")?;
    let mut job = Guarded::start(Job {
        program,
        arguments: arguments.to_vec(),
        // On the disk of the build: /tmp may be in memory.
        environment: vec![("TMPDIR".to_owned(), workspace().join("target").into())],
        folder: None,
        stdout: std::process::Stdio::inherit(),
        stderr: std::process::Stdio::inherit(),
    })?;
    Ok(guard::exit_code(job.wait()?))
}

// Debian installs it where only root's PATH has it.
fn find_nginx() -> Option<PathBuf> {
    let mut folders = programs::path_folders();
    folders.push(Path::new("/usr/sbin").to_owned());
    folders.into_iter().map(|folder| folder.join("nginx")).find(|path| programs::is_executable(path))
}
