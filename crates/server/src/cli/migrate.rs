use std::process::ExitCode;

use super::output::print_line;
use crate::config::Config;
use crate::wiring::records;

/// Migrates the database, or lists the pending migrations.
pub(crate) async fn run(config: &Config, check: bool) -> anyhow::Result<ExitCode> {
    if !check {
        records::open(config).await?;
        print_line!("the database is up to date")?;
        return Ok(ExitCode::SUCCESS);
    }
    let pending = records::pending_migrations(config).await?;
    if pending.is_empty() {
        print_line!("the database is up to date")?;
        return Ok(ExitCode::SUCCESS);
    }
    for migration in pending {
        print_line!("pending: {migration}")?;
    }
    Ok(ExitCode::FAILURE)
}
