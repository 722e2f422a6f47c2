use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use storage_hub_core::domain::BucketName;
use storage_hub_core::use_cases::released_names;

use super::output::print_line;
use crate::config::Config;
use crate::wiring::{Purpose, assemble};

/// The name of a deleted bucket.
#[derive(Debug, Args)]
pub(crate) struct ReleasedBucket {
    /// The name
    name: String,
}

/// Releases a reserved name, and says what may still happen in the next bucket that has it.
pub(crate) async fn run(config: &Config, released: &ReleasedBucket) -> anyhow::Result<ExitCode> {
    let name = BucketName::parse(&released.name).with_context(|| format!("`{}`", released.name.escape_debug()))?;
    let ports = assemble(config, Purpose::Tool).await?.ports;
    let released = released_names::release_name(&ports, &name).await?;
    print_line!("{name}: anybody may create a bucket of this name now")?;
    print_line!(
        "until {}, requests that the store admitted before the old bucket was deleted may still write into the next one, \
         and unfinished uploads of the old one may be readable there",
        released.reserved_until
    )?;
    Ok(ExitCode::SUCCESS)
}
