use std::process::ExitCode;

use storage_hub_core::use_cases::reconcile;

use super::output::print_line;
use crate::config::Config;
use crate::wiring::{Purpose, assemble};

/// Makes the store match the records, or lists the differences.
pub(crate) async fn run(config: &Config, check: bool) -> anyhow::Result<ExitCode> {
    let hub = assemble(config, Purpose::Tool).await?;
    if !check {
        let pass = reconcile::repair(&hub.ports).await?;
        print_line!("{} pending tasks applied, {} failed", pass.done, pass.failed)?;
    }
    let differences = reconcile::check(&hub.ports).await?;
    for difference in &differences {
        print_line!("{difference}")?;
    }
    let others = reconcile::find_unknown(&hub.ports).await?.other_buckets;
    if others > 0 {
        print_line!("{others} buckets of the store are not in the records; they may belong to others")?;
    }
    print_line!("{} differences between the records and the store", differences.len())?;
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
