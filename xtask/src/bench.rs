//! Measures the server, with the services that it needs.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;

use crate::cargo::{cargo, succeed, workspace};
use crate::services::{self, Durability};

/// The profile of the measured build.
const PROFILE: &str = "measure";

/// Builds the server and the load generator, starts PostgreSQL and MinIO, and measures.
pub(crate) fn run(arguments: &[OsString]) -> Result<ExitCode> {
    let packages = ["-p", "storage-hub-server", "-p", "storage-hub-bench-load"];
    succeed(cargo(&["build", "--locked", "--profile", PROFILE]).args(packages))?;
    let programs = workspace().join("target").join(PROFILE);
    let mut command: Vec<OsString> = vec![
        programs.join("storage-hub-bench-load").into(),
        "--server".into(),
        programs.join("storage-hub").into(),
        "--json".into(),
        workspace().join("target").join("bench.json").into(),
    ];
    command.extend(arguments.iter().cloned());
    services::run(true, true, Durability::Full, &command)
}
