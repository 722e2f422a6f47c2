//! PostgreSQL, MinIO and versitygw for tests: started for one run in temporary folders, and ended with it.

mod minio;
mod postgres;
mod versitygw;

use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::thread;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

use crate::clients::{MINIO, VERSITYGW};
use crate::guard::{self, Guarded, Job};
use crate::loopback;

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Postgres,
    Minio,
    Versitygw,
}

impl Kind {
    /// Every kind.
    pub(crate) const ALL: [Self; 3] = [Self::Postgres, Self::Minio, Self::Versitygw];

    /// Its name in messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Minio => "MinIO",
            Self::Versitygw => "versitygw",
        }
    }

    /// How to install it.
    pub(crate) fn install_hint(self) -> String {
        match self {
            Self::Postgres => "apt-get install postgresql, or put initdb and postgres into PATH".to_owned(),
            Self::Minio => format!("{}, or put minio into PATH", MINIO.hint()),
            Self::Versitygw => format!("{}, or put versitygw into PATH", VERSITYGW.hint()),
        }
    }

    /// Starts it and waits until it is ready. `None` if it is not installed.
    pub(crate) fn start(self, durability: Durability) -> Result<Option<Service>> {
        match self {
            Self::Postgres => postgres::start(durability),
            Self::Minio => minio::start(),
            Self::Versitygw => versitygw::start(),
        }
    }
}

/// Whether committed data survives a crash of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// As in production, for measurements.
    Full,
    /// For tests, which are quicker without it.
    None,
}

/// A server that is ready. It is ended and its folder removed on drop, or when this process dies.
pub(crate) struct Service {
    /// The environment variable with its URL.
    pub(crate) environment: (String, OsString),
    _process: Guarded,
}

/// Runs a command with services started for it.
pub(crate) fn run(postgres: bool, minio: bool, durability: Durability, command: &[OsString]) -> Result<ExitCode> {
    let kinds: &[Kind] = match (postgres, minio) {
        (true, false) => &[Kind::Postgres],
        (false, true) => &[Kind::Minio],
        _ => &Kind::ALL,
    };
    let services = kinds.iter().map(|kind| start_required(*kind, durability)).collect::<Result<Vec<_>>>()?;
    let environment: Vec<_> = services.iter().map(|service| service.environment.clone()).collect();
    let Some((program, arguments)) = command.split_first() else {
        for (name, value) in &environment {
            println!("export {name}={}", value.display());
        }
        eprintln!("running until Ctrl-C");
        loop {
            thread::park();
        }
    };
    if io::stdin().is_terminal() {
        // In our own process group: a shell or psql needs the terminal.
        let status = Command::new(program).args(arguments).envs(environment).status();
        return Ok(guard::exit_code(status.with_context(|| format!("cannot run {}", program.display()))?));
    }
    let mut job = Guarded::start(Job {
        program,
        arguments: arguments.to_vec(),
        environment,
        folder: None,
        stdout: Stdio::inherit(),
        stderr: Stdio::inherit(),
    })?;
    Ok(guard::exit_code(job.wait()?))
}

pub(crate) use postgres::{find_programs as find_postgres, shell as postgres_shell};

/// Starts MinIO with a root user of the caller's choice.
pub(crate) fn start_minio(user: &str, password: &str) -> Result<Service> {
    minio::start_as(user, password)?.with_context(|| format!("MinIO is not installed: {}", Kind::Minio.install_hint()))
}

fn start_required(kind: Kind, durability: Durability) -> Result<Service> {
    let Some(service) = kind.start(durability)? else {
        bail!("{} is not installed: {}", kind.name(), kind.install_hint())
    };
    Ok(service)
}

/// How to start a server in a folder that exists already.
struct Launch {
    kind: Kind,
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(String, OsString)>,
    folder: TempDir,
}

impl Launch {
    fn start(self, url: (&str, String), mut is_ready: impl FnMut() -> bool) -> Result<Service> {
        let log = self.folder.path().join("log");
        let file = fs::File::create(&log)?;
        let mut process = Guarded::start(Job {
            program: self.program.as_os_str(),
            arguments: self.arguments,
            environment: self.environment,
            folder: Some(self.folder.path()),
            stdout: file.try_clone()?.into(),
            stderr: file.into(),
        })?;
        // The guard removes the folder from now on.
        let _ = self.folder.keep();
        let name = self.kind.name();
        // Opened before the guard can remove it.
        let mut reader = fs::File::open(&log)?;
        loopback::wait_until(name, || {
            if process.has_ended()? {
                let mut text = String::new();
                io::Read::read_to_string(&mut reader, &mut text)?;
                bail!("{name} ended during its start:\n{text}");
            }
            Ok(is_ready())
        })?;
        Ok(Service { environment: (url.0.to_owned(), url.1.into()), _process: process })
    }
}

fn make_folder(what: &str) -> Result<TempDir> {
    Ok(tempfile::Builder::new().prefix(&format!("storage-hub-{what}-")).tempdir()?)
}
