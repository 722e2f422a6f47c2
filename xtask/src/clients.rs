//! The programs that tests run: S3 clients, schemathesis, MinIO. Found where they are, or installed in a pinned version.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;

use crate::tools::{GoProgram, Venv};
use crate::{api_clients, programs};

/// The Python programs.
const VENV: Venv = Venv { folder: "clients", requirements: "xtask/clients-requirements.txt" };
/// The last public version.
pub(crate) const MINIO: GoProgram =
    GoProgram { package: "github.com/minio/minio", version: "v0.0.0-20260212201848-7aac2a2c5b7c" };
const MC: GoProgram = GoProgram { package: "github.com/minio/mc", version: "v0.0.0-20250313080218-cf909e1063a9" };
const RCLONE: GoProgram = GoProgram { package: "github.com/rclone/rclone", version: "v1.76.0" };

/// A program that tests run.
pub(crate) struct Client {
    /// The environment variable with its path.
    pub(crate) variable: &'static str,
    /// Its name in messages.
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

/// The command that installs what is missing.
pub(crate) const INSTALL_HINT: &str = "cargo xtask clients --install";

impl Client {
    /// Its path: from the environment, else where it is installed.
    pub(crate) fn find(&self) -> Option<PathBuf> {
        env::var_os(self.variable).filter(|path| !path.is_empty()).map(PathBuf::from).or_else(self.find)
    }
}

/// The environment variables of the clients that are installed.
pub(crate) fn environment() -> Vec<(String, OsString)> {
    let found = CLIENTS.iter().filter_map(|client| Some((client.variable.to_owned(), client.find()?.into())));
    found.collect()
}

/// Prints the clients as environment variables, after installing what is missing if asked to.
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
    if !api_clients::are_installed() {
        println!("# the linters and generators of `cargo xtask api-clients` are not installed: {INSTALL_HINT}");
    }
    Ok(())
}

fn install_missing() -> Result<()> {
    VENV.install()?;
    for (program, find) in [(&MINIO, find_minio as fn() -> Option<PathBuf>), (&MC, find_mc), (&RCLONE, find_rclone)] {
        if find().is_none() {
            program.install()?;
        }
    }
    api_clients::install()
}

fn find_in_venv(name: &str, version: &[&str], proof: &str) -> Option<PathBuf> {
    let own = VENV.bin().map(|bin| bin.join(name)).filter(|path| programs::is(path, version, proof));
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

/// Where MinIO is, in any version.
pub(crate) fn find_minio() -> Option<PathBuf> {
    programs::find("minio", &["--version"], "minio version")
}

fn find_mc() -> Option<PathBuf> {
    programs::find("mc", &["--version"], "mc version ")
}

fn find_rclone() -> Option<PathBuf> {
    programs::find("rclone", &["version"], "rclone v")
}
