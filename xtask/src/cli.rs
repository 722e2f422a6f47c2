use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::bench_acl::{self, BenchAcl};
use crate::faults::{self, Faults};
use crate::services::Durability;
use crate::{
    api_clients, bench, ci, clients, commit_message, deny, fuzz, guard, openapi, record_clients, schemathesis,
    services, test_run, tidy,
};

/// Everything that a contributor runs besides cargo itself.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the tests, with the services and S3 clients that are installed
    ///
    /// Starts PostgreSQL and MinIO on free ports in temporary folders and ends them. Tests whose programs are not installed
    /// are skipped and counted. Arguments go to `cargo test`, for example `cargo xtask test -p storage-hub-core -- grant`.
    Test {
        /// Fail if a service or a client is not installed, instead of skipping its tests
        #[arg(long)]
        require_services: bool,
        /// Arguments of `cargo test`; without `-p`, all crates are tested
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Runs a command with PostgreSQL and MinIO
    ///
    /// Their URLs are in STORAGE_HUB_TEST_POSTGRES and STORAGE_HUB_TEST_MINIO. Without --postgres and --minio, both are
    /// started; without a command, they run until Ctrl-C. The command reads standard input at a terminal only.
    Services {
        /// Start PostgreSQL
        #[arg(long)]
        postgres: bool,
        /// Start MinIO
        #[arg(long)]
        minio: bool,
        /// Have PostgreSQL sync commits to disk, as in production
        #[arg(long)]
        durable: bool,
        /// The command and its arguments
        #[arg(last = true)]
        command: Vec<OsString>,
    },
    /// Shows which programs the tests would run
    Clients {
        /// Install what is missing in its pinned version, into the user's cache folder and Go's folder of programs
        #[arg(long)]
        install: bool,
        /// Also run programs that are too large for the tests (polars, pyarrow, Python's s3fs, litestream, pgBackRest)
        /// against a real hub, and with --install, install them first
        #[arg(long)]
        all: bool,
    },
    /// Records what S3 clients send, for the tests of crates/s3-protocol
    RecordClients {
        /// Only these clients
        clients: Vec<String>,
    },
    /// Writes openapi.json from the code
    Openapi {
        /// Only compare: fail if the committed file differs from the code
        #[arg(long)]
        check: bool,
    },
    /// Checks rules that the compiler does not check: dependencies, licences, file sizes and names, migrations, language
    Tidy,
    /// Checks the form of a commit message, for a `commit-msg` hook
    CommitMessage {
        /// The file with the message
        file: PathBuf,
    },
    /// Runs cargo-deny with deny.toml, if it is installed
    Deny,
    /// Sends generated requests to a real hub and compares its responses with openapi.json
    Schemathesis,
    /// Lints openapi.json, generates a Python, a TypeScript and a Go client from it, and runs them against a real hub
    ApiClients,
    /// Measures the server on PostgreSQL + MinIO and on SQLite + embedded: a table, and target/bench.json
    ///
    /// Takes about six minutes after the build. Arguments go to the load generator, for example
    /// `cargo xtask bench --seconds 10 --only logins` or `cargo xtask bench --scale`. `cargo xtask bench store` compares the
    /// S3 endpoint of the embedded store with MinIO and nginx instead (target/bench-store.json).
    Bench {
        /// Arguments of the load generator
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Compares the ACL with casbin, cedar-policy and queries without it: a table, and target/bench-acl.json
    ///
    /// A missed goal is reported; results that differ and decisions that allocate are errors.
    BenchAcl(BenchAcl),
    /// Runs the fuzz targets
    ///
    /// Needs a nightly toolchain and cargo-fuzz; without them, the targets are counted as skipped.
    Fuzz {
        /// Fail if the tools are not installed
        #[arg(long)]
        require_tools: bool,
        /// How long each target runs, in seconds
        #[arg(long, default_value_t = 15)]
        seconds: u32,
        /// Only these targets
        targets: Vec<String>,
    },
    /// Kills the hub at random moments under load, and has replicas compete, for longer than the tests do
    Faults(Faults),
    /// Runs everything that a change must pass
    Ci,
    /// Runs a command, and ends it when standard input closes
    #[command(hide = true)]
    Guard {
        /// A folder to remove at the end
        #[arg(long)]
        folder: Option<PathBuf>,
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
}

/// Runs the command of the command line.
pub(crate) fn run() -> Result<ExitCode> {
    match Cli::parse().command {
        Command::Test { require_services, arguments } => test_run::run(require_services, &arguments),
        Command::Services { postgres, minio, durable, command } => {
            let durability = if durable { Durability::Full } else { Durability::None };
            services::run(postgres, minio, durability, &command)
        }
        Command::Clients { install, all } => done(clients::run(install, all)),
        Command::RecordClients { clients } => done(record_clients::run(&clients)),
        Command::Openapi { check } => done(openapi::run(check)),
        Command::Tidy => done(tidy::run()),
        Command::CommitMessage { file } => done(commit_message::run(&file)),
        Command::Deny => done(deny::run()),
        Command::Schemathesis => done(schemathesis::run()),
        Command::ApiClients => done(api_clients::run()),
        Command::Bench { arguments } => bench::run(&arguments),
        Command::BenchAcl(options) => bench_acl::run(&options),
        Command::Fuzz { require_tools, seconds, targets } => {
            println!("{}", fuzz::run(seconds, require_tools, &targets)?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Faults(faults) => faults::run(&faults),
        Command::Ci => done(ci::run()),
        Command::Guard { folder, command } => guard::run(folder.as_deref(), &command),
    }
}

fn done(result: Result<()>) -> Result<ExitCode> {
    result.map(|()| ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn everything_after_the_first_cargo_argument_goes_to_cargo() {
        let line = ["cargo xtask", "test", "--require-services", "-p", "storage-hub-core", "--", "--nocapture"];
        let Command::Test { require_services, arguments } = Cli::parse_from(line).command else {
            panic!("not the test command");
        };
        assert!(require_services);
        assert_eq!(arguments, ["-p", "storage-hub-core", "--", "--nocapture"]);
    }
}
