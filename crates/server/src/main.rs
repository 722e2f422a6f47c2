//! `storage-hub`: the command line, the configuration, and the wiring of the adapters. No rule of the product is here.

mod cli;
mod config;
mod logging;
mod metrics;
mod name_reservation;
mod open_files;
mod runtime;
mod s3_guard;
mod store_probe;
mod supervision;
mod tls;
mod traces;
mod wiring;

use std::process::ExitCode;

use cli::{Command, Invocation, output};

fn main() -> ExitCode {
    let invocation = match cli::parse(std::env::args_os()) {
        Ok(invocation) => invocation,
        Err(error) => error.exit(),
    };
    let runtime = match runtime::main() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let outcome = runtime.block_on(run(invocation));
    // A task that waits for a store that does not answer must not keep the process alive.
    runtime.shutdown_timeout(runtime::SHUTDOWN_LIMIT);
    match outcome {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

async fn run(Invocation { command, overrides }: Invocation) -> anyhow::Result<ExitCode> {
    if let Command::Completions { shell } = command {
        return cli::completions(shell);
    }
    let loaded = config::load(&overrides)?;
    // `serve` logs them, and `config` and `doctor` print them with the rest.
    if !matches!(command, Command::Serve | Command::Config | Command::Doctor) {
        for warning in &loaded.warnings {
            output::note(format_args!("warning: {warning}"));
        }
    }
    let config = &loaded.config;
    match command {
        Command::Serve => cli::serve::run(&loaded).await,
        Command::Migrate { check } => cli::migrate::run(config, check).await,
        Command::Admin(command) => cli::admin::run(config, command).await,
        Command::Reconcile { check } => cli::reconcile::run(config, check).await,
        Command::Backup { folder } => cli::backup::run(config, &folder).await,
        Command::Restore { folder } => cli::restore::run(config, &folder).await,
        Command::Store(command) => cli::store::run(config, command).await,
        Command::Doctor => cli::doctor::run(&loaded).await,
        Command::Config | Command::Completions { .. } => cli::config::run(&loaded),
    }
}

/// Prints the error with its causes.
fn fail(error: &anyhow::Error) -> ExitCode {
    output::note(format_args!("{error:#}"));
    ExitCode::FAILURE
}
