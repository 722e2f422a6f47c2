use std::process::ExitCode;

use super::output::print_line;
use crate::config::Config;
use crate::wiring::{Purpose, identity};

/// Migrates the databases and gives them their identity, or lists the pending migrations.
pub(crate) async fn run(config: &Config, check: bool) -> anyhow::Result<ExitCode> {
    if !check {
        identity::open(config, Purpose::Create).await?;
        print_line!("the database is up to date")?;
        return Ok(ExitCode::SUCCESS);
    }
    let inspected = identity::inspect(config).await?;
    inspected.refuse_newer()?;
    let mut code = ExitCode::SUCCESS;
    for (name, state) in inspected.migrations() {
        for migration in &state.pending {
            print_line!("pending: {migration} of {name}")?;
            code = ExitCode::FAILURE;
        }
    }
    if code == ExitCode::SUCCESS {
        print_line!("the database is up to date")?;
    }
    Ok(code)
}
