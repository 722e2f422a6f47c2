//! `storage-hub`: the command line, the configuration, and the wiring of the adapters. No rule of the product is here.

mod cli;
mod config;
mod logging;
mod metrics;
mod open_files;
mod runtime;
mod s3_guard;
mod tls;
mod traces;
mod wiring;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match runtime::main() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let outcome = runtime.block_on(run(cli));
    // A task that hangs, in a store that hangs, does not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    match outcome {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    if let Some(Command::Completions { shell }) = cli.command {
        clap_complete::generate(shell, &mut Cli::command(), "storage-hub", &mut std::io::stdout());
        return Ok(ExitCode::SUCCESS);
    }
    let config = config::load(&cli.options.overrides())?;
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => cli::serve::run(&config).await,
        Command::Migrate { check } => cli::migrate::run(&config, check).await,
        Command::Admin(command) => cli::admin::run(&config, command).await,
        Command::Reconcile { check } => cli::reconcile::run(&config, check).await,
        Command::Store(command) => cli::store::run(&config, command).await,
        Command::Doctor => cli::doctor::run(&config).await,
        Command::Config | Command::Completions { .. } => cli::config::run(&config),
    }
}

/// The error with its causes, for the person at the terminal.
#[allow(clippy::print_stderr, reason = "this is the command line")]
fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("storage-hub: {error:#}");
    ExitCode::FAILURE
}
