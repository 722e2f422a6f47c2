//! The programs that the client tests and the API fuzzing run: found where they are, or installed on request.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::cargo::succeed;
use crate::programs;

const REQUIREMENTS: &str = include_str!("../clients-requirements.txt");

/// A program that tests run, with the variable that tells them its path.
pub(crate) struct Client {
    /// The variable.
    pub(crate) variable: &'static str,
    /// What it is.
    pub(crate) name: &'static str,
    find: fn() -> Option<PathBuf>,
}

/// Every client.
pub(crate) const CLIENTS: [Client; 5] = [
    Client { variable: "STORAGE_HUB_TEST_PYTHON", name: "Python with boto3", find: find_python },
    Client { variable: "STORAGE_HUB_TEST_AWS", name: "the AWS CLI", find: find_aws },
    Client { variable: "STORAGE_HUB_TEST_SCHEMATHESIS", name: "schemathesis", find: find_schemathesis },
    Client { variable: "STORAGE_HUB_TEST_MC", name: "MinIO's client mc", find: find_mc },
    Client { variable: "STORAGE_HUB_TEST_RCLONE", name: "rclone", find: find_rclone },
];

/// How to install those that are missing.
pub(crate) const INSTALL_HINT: &str = "cargo xtask clients --install";

impl Client {
    /// Where it is: what the environment says already, else where it was installed.
    pub(crate) fn find(&self) -> Option<PathBuf> {
        env::var_os(self.variable).filter(|path| !path.is_empty()).map(PathBuf::from).or_else(self.find)
    }
}

/// What tells tests where the clients are; nothing of those that are missing.
pub(crate) fn environment() -> Vec<(String, OsString)> {
    let found = CLIENTS.iter().filter_map(|client| Some((client.variable.to_owned(), client.find()?.into())));
    found.collect()
}

/// Shows the clients, after installing what is missing when asked to.
pub(crate) fn run(install: bool) -> Result<()> {
    if install {
        install_missing()?;
    }
    for client in &CLIENTS {
        match client.find() {
            Some(path) => println!("export {}={}", client.variable, path.display()),
            None => println!("# {} ({}) is not installed: {INSTALL_HINT}", client.name, client.variable),
        }
    }
    Ok(())
}

fn install_missing() -> Result<()> {
    if installed_venv().is_none() {
        install_venv()?;
    }
    if find_mc().is_none() {
        go_install("github.com/minio/mc@latest")?;
    }
    if find_rclone().is_none() {
        go_install("github.com/rclone/rclone@latest")?;
    }
    Ok(())
}

fn install_venv() -> Result<()> {
    let venv = venv_folder()?;
    eprintln!("installing into {}: {}", venv.display(), pinned().collect::<Vec<_>>().join(", "));
    succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    let wanted = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients-requirements.txt");
    succeed(Command::new(venv.join("bin/pip")).args(["install", "--quiet", "--requirement"]).arg(wanted))?;
    fs::write(stamp(&venv), REQUIREMENTS).context("cannot finish the virtual environment")
}

fn pinned() -> impl Iterator<Item = &'static str> {
    REQUIREMENTS.lines().filter(|line| !line.starts_with('#'))
}

fn go_install(module: &str) -> Result<()> {
    eprintln!("installing {module} with go");
    succeed(Command::new("go").args(["install", module]))
}

// Written last, and compared: an installation that was cut off or is of other versions does not count.
fn stamp(venv: &Path) -> PathBuf {
    venv.join("storage-hub-requirements.txt")
}

fn installed_venv() -> Option<PathBuf> {
    let venv = venv_folder().ok()?;
    (fs::read_to_string(stamp(&venv)).ok()? == REQUIREMENTS).then(|| venv.join("bin"))
}

fn venv_folder() -> Result<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = cache.or_else(|| env::home_dir().map(|home| home.join(".cache")));
    Ok(cache.context("neither XDG_CACHE_HOME nor HOME is set")?.join("storage-hub/clients"))
}

fn find_in_venv(name: &str, version: &[&str], proof: &str) -> Option<PathBuf> {
    let own = installed_venv().map(|bin| bin.join(name)).filter(|path| programs::is(path, version, proof));
    own.or_else(|| programs::find(name, version, proof))
}

fn find_python() -> Option<PathBuf> {
    find_in_venv("python3", &["-c", "import boto3; print('boto3', boto3.__version__)"], "boto3 ")
}

fn find_aws() -> Option<PathBuf> {
    find_in_venv("aws", &["--version"], "aws-cli/")
}

fn find_schemathesis() -> Option<PathBuf> {
    find_in_venv("schemathesis", &["--version"], "schemathesis, version 4.")
}

fn find_mc() -> Option<PathBuf> {
    programs::find("mc", &["--version"], "mc version ")
}

fn find_rclone() -> Option<PathBuf> {
    programs::find("rclone", &["version"], "rclone v")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_requirement_is_pinned() {
        assert_eq!(pinned().filter(|line| line.contains("==")).count(), pinned().count());
        assert_eq!(pinned().count(), 3);
    }
}
