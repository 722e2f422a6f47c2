use std::process::ExitCode;

use storage_hub_core::use_cases::reconcile;

use crate::config::Config;
use crate::wiring::{Purpose, assemble};

/// Makes the store equal to the records, or tells where it is not.
#[allow(clippy::print_stdout, reason = "this is the command line")]
pub(crate) async fn run(config: &Config, check: bool) -> anyhow::Result<ExitCode> {
    let hub = assemble(config, Purpose::Tool).await?;
    if !check {
        let pass = reconcile::repair(&hub.ports).await?;
        println!("{} tasks carried out, {} failed", pass.done, pass.failed);
    }
    let differences = reconcile::check(&hub.ports).await?;
    for difference in &differences {
        println!("{difference}");
    }
    println!("{} differences between the records and the store", differences.len());
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
