//! The command line.

pub(crate) mod admin;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod migrate;
pub(crate) mod reconcile;
pub(crate) mod serve;
pub(crate) mod store;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::config::Overrides;

/// The self-service, multi-user front of S3-compatible object storage.
///
/// Without a command it serves: with nothing configured, on SQLite and an S3 endpoint of its own, all in ./data.
#[derive(Debug, Parser)]
#[command(name = "storage-hub", version, about, propagate_version = true, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    /// What to do; `serve` when not given.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// Configuration for every command.
    #[command(flatten)]
    pub(crate) options: Options,
}

/// Configuration for every command: defaults < file < environment (STORAGE_HUB_API__LISTEN=…) < these flags.
#[derive(Clone, Debug, Args)]
pub(crate) struct Options {
    /// The configuration file [default: storage-hub.toml, where there is one]
    #[arg(long, short, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of records, objects and generated keys [default: ./data]
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// Where the REST API listens [default: 127.0.0.1:3000]
    #[arg(long, global = true, value_name = "ADDRESS")]
    api_listen: Option<SocketAddr>,
    /// Where the embedded store's S3 endpoint listens [default: 127.0.0.1:9000]
    #[arg(long, global = true, value_name = "ADDRESS")]
    s3_listen: Option<SocketAddr>,
    /// Sets any key of the configuration, such as store.kind=minio; may be repeated
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = parse_setting)]
    settings: Vec<(String, String)>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the REST API, and the S3 endpoint of the embedded store
    Serve,
    /// Bring the database up to date (serve does so too)
    Migrate {
        /// Change nothing; say what is pending, and exit with 1 when something is
        #[arg(long)]
        check: bool,
    },
    /// Make admins, disable and enable accounts, reset passwords
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Make the store equal to the records
    ///
    /// Carries out what is left over, then reads everything of both and mends every difference. The reading asks the
    /// store for each user and bucket and for full listings, which a big store's users feel.
    Reconcile {
        /// Change nothing; print every difference, and exit with 1 when there is one
        #[arg(long)]
        check: bool,
    },
    /// Look after the embedded object store
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// Check the configuration, the database, the store, the clock, and whether the store really isolates users
    Doctor,
    /// Print the configuration in effect, secrets masked
    Config,
    /// Print the completions of a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

impl Options {
    /// What the flags set.
    pub(crate) fn overrides(&self) -> Overrides {
        let mut values = Vec::new();
        let mut set = |key: &str, value: Option<String>| values.extend(value.map(|value| (key.to_owned(), value)));
        set("data_dir", self.data_dir.as_ref().map(|folder| folder.display().to_string()));
        set("api.listen", self.api_listen.map(|address| address.to_string()));
        set("s3.listen", self.s3_listen.map(|address| address.to_string()));
        values.extend(self.settings.iter().cloned());
        Overrides { file: self.config.clone(), values }
    }
}

fn parse_setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("a setting has the form key=value, such as store.kind=minio".to_owned()),
    }
}
