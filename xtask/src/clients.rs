//! The programs that tests run: S3 clients, schemathesis, MinIO, versitygw. Found where they are, or installed in a pinned version.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;

use crate::tools::{GoModule, GoProgram, NodePackages, Venv};
use crate::{api_clients, programs, rare_clients};

/// The Python programs.
const VENV: Venv = Venv { folder: "clients", requirements: "xtask/clients/python/requirements.txt" };
/// The last botocore that reuses a connection after an empty body with `Expect: 100-continue`.
const OLD_VENV: Venv =
    Venv { folder: "clients-botocore", requirements: "xtask/clients/python/botocore-requirements.txt" };
const NODE: NodePackages = NodePackages { folder: "clients-node", sources: "xtask/clients/node" };
const GO: GoModule = GoModule { folder: "clients-go", sources: "xtask/clients/go" };
/// The last public version.
pub(crate) const MINIO: GoProgram =
    GoProgram { package: "github.com/minio/minio", version: "v0.0.0-20260212201848-7aac2a2c5b7c" };
/// Another S3 server, over folders, that the gateway is tested on.
pub(crate) const VERSITYGW: GoProgram =
    GoProgram { package: "github.com/versity/versitygw/cmd/versitygw", version: "v1.8.0" };
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
pub(crate) const CLIENTS: [Client; 11] = [
    Client { variable: "STORAGE_HUB_TEST_PYTHON", name: "Python with boto3", find: find_python },
    Client { variable: "STORAGE_HUB_TEST_AWS", name: "the AWS CLI", find: find_aws },
    Client { variable: "STORAGE_HUB_TEST_SCHEMATHESIS", name: "schemathesis", find: find_schemathesis },
    Client { variable: "STORAGE_HUB_TEST_MC", name: "MinIO's client mc", find: find_mc },
    Client { variable: "STORAGE_HUB_TEST_RCLONE", name: "rclone", find: find_rclone },
    Client { variable: "STORAGE_HUB_TEST_BOTOCORE", name: "Python with botocore 1.43.11", find: find_old_python },
    Client { variable: "STORAGE_HUB_TEST_NODE_MODULES", name: "the AWS SDK for JavaScript", find: || NODE.modules() },
    Client { variable: "STORAGE_HUB_TEST_GO_CLIENT", name: "the AWS SDK for Go", find: || GO.program() },
    Client { variable: "STORAGE_HUB_TEST_S3CMD", name: "s3cmd", find: find_s3cmd },
    Client { variable: "STORAGE_HUB_TEST_RESTIC", name: "restic", find: find_restic },
    Client { variable: "STORAGE_HUB_TEST_S3FS", name: "s3fs-fuse", find: find_s3fs },
];

/// The command that installs what is missing.
pub(crate) const INSTALL_HINT: &str = "cargo xtask clients --install";

impl Client {
    /// The command that installs it.
    pub(crate) fn install_hint(&self) -> &'static str {
        match self.name {
            "s3cmd" => "apt-get install s3cmd",
            "restic" => "apt-get install restic",
            "s3fs-fuse" => "apt-get install s3fs",
            _ => INSTALL_HINT,
        }
    }

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
///
/// With `all`, installs and runs the programs of [`rare_clients`] too.
pub(crate) fn run(install: bool, all: bool) -> Result<()> {
    if install {
        install_missing()?;
        if all {
            rare_clients::install()?;
        }
    }
    for client in &CLIENTS {
        match client.find() {
            Some(path) => println!("export {}={}", client.variable, path.display()),
            None => println!("# {} ({}) is not installed: {}", client.name, client.variable, client.install_hint()),
        }
    }
    if !api_clients::are_installed() {
        println!("# the linters and generators of `cargo xtask api-clients` are not installed: {INSTALL_HINT}");
    }
    if all { rare_clients::run() } else { Ok(()) }
}

fn install_missing() -> Result<()> {
    VENV.install()?;
    let programs = [
        (&MINIO, find_minio as fn() -> Option<PathBuf>),
        (&VERSITYGW, find_versitygw),
        (&MC, find_mc),
        (&RCLONE, find_rclone),
    ];
    for (program, find) in programs {
        if find().is_none() {
            program.install()?;
        }
    }
    OLD_VENV.install()?;
    NODE.install()?;
    GO.install()?;
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

/// Where versitygw is, in any version.
pub(crate) fn find_versitygw() -> Option<PathBuf> {
    programs::find("versitygw", &["--version"], "Version ")
}

fn find_mc() -> Option<PathBuf> {
    programs::find("mc", &["--version"], "mc version ")
}

fn find_rclone() -> Option<PathBuf> {
    programs::find("rclone", &["version"], "rclone v")
}

fn find_old_python() -> Option<PathBuf> {
    OLD_VENV.bin().map(|bin| bin.join("python3"))
}

fn find_s3cmd() -> Option<PathBuf> {
    programs::find("s3cmd", &["--version"], "s3cmd version ")
}

fn find_restic() -> Option<PathBuf> {
    programs::find("restic", &["version"], "restic ")
}

fn find_s3fs() -> Option<PathBuf> {
    programs::find("s3fs", &["--version"], "Amazon Simple Storage Service File System ")
}
