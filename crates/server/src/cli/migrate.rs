use std::process::ExitCode;

use crate::config::Config;
use crate::wiring::records;

/// Brings the database up to date, or tells what is pending.
#[allow(clippy::print_stdout, reason = "this is the command line")]
pub(crate) async fn run(config: &Config, check: bool) -> anyhow::Result<ExitCode> {
    if !check {
        records::open(config).await?;
        println!("the database is up to date");
        return Ok(ExitCode::SUCCESS);
    }
    let pending = records::pending_migrations(config).await?;
    if pending.is_empty() {
        println!("the database is up to date");
        return Ok(ExitCode::SUCCESS);
    }
    for migration in pending {
        println!("pending: {migration}");
    }
    Ok(ExitCode::FAILURE)
}
