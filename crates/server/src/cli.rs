//! The command line.

pub(crate) mod admin;
pub(crate) mod backup;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod migrate;
mod options;
pub(crate) mod output;
pub(crate) mod reconcile;
mod release_name;
pub(crate) mod restore;
pub(crate) mod serve;
pub(crate) mod store;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use clap_complete::Shell;

use crate::config::Overrides;

/// The self-service, multi-user front of S3-compatible object storage.
///
/// Without a command it serves. With nothing configured it uses SQLite and an S3 endpoint of its own, and keeps all
/// data in ./data.
#[derive(Debug, Parser)]
#[command(name = "storage-hub", version, about, propagate_version = true)]
struct Cli {
    /// `serve` when absent.
    #[command(subcommand)]
    command: Option<Command>,
}

/// A command of the hub.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the REST API and, unless MinIO does, S3
    Serve,
    /// Migrate the database to this version (serve does so too)
    Migrate {
        /// List the pending migrations without applying them; exit with 1 if there are any
        #[arg(long)]
        check: bool,
    },
    /// Create administrators, disable and enable accounts, reset passwords
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Make the store match the records
    ///
    /// Applies pending tasks, then compares everything in the records with everything in the store and repairs each
    /// difference. The comparison asks the store about every user and bucket and requests full listings, which users of
    /// a large store will notice.
    Reconcile {
        /// List the differences without repairing them; exit with 1 if there are any
        #[arg(long)]
        check: bool,
    },
    /// Check and repair the embedded object store
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// Copy a hub on SQLite, which may be running, to a new folder
    ///
    /// The copy holds the records and the objects of the embedded store. It never holds the vault key: keep a copy of the
    /// key in another place.
    Backup {
        /// The folder to create; an empty one is used
        folder: PathBuf,
    },
    /// Create a hub from a backup in an empty data folder
    ///
    /// The data folder must hold nothing but the vault.key of the backup, or nothing at all with auth.vault_key set. All
    /// users must log in again, and revocations made after the backup must be repeated.
    Restore {
        /// The folder of the backup
        folder: PathBuf,
    },
    /// Check the configuration, the database, the store, the clock, and whether the store isolates users
    Doctor,
    /// Check the configuration and print it as a file, with the source of each value and secrets masked
    Config,
    /// Print the completions of a shell
    Completions {
        /// Name of the shell
        shell: Shell,
    },
}

/// What a command line asks for.
pub(crate) struct Invocation {
    /// The command.
    pub(crate) command: Command,
    /// What its flags set.
    pub(crate) overrides: Overrides,
}

/// Parses a command line, the name of the program first.
///
/// # Errors
/// When it is malformed, and when it asks for help or for the version: these are what the error prints.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Invocation, clap::Error> {
    let arguments: Vec<_> = arguments.into_iter().collect();
    if options::has_malformed_setting(&arguments) {
        let message = "--set must be followed by KEY=VALUE, such as --set store.kind=minio";
        return Err(command().error(ErrorKind::ValueValidation, message));
    }
    let matches = command().try_get_matches_from(arguments)?;
    let command = Cli::from_arg_matches(&matches)?.command.unwrap_or(Command::Serve);
    Ok(Invocation { command, overrides: options::overrides(&matches)? })
}

/// The command line as clap knows it.
pub(crate) fn command() -> clap::Command {
    options::everywhere(Cli::command())
}

/// Prints the completions of a shell.
pub(crate) fn completions(shell: Shell) -> anyhow::Result<ExitCode> {
    // The generator panics when it cannot write, so it writes to memory.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command(), "storage-hub", &mut text);
    output::print(&String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests;
