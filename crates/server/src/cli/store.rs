use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use storage_hub_adapter_embedded::{CheckDepth, EmbeddedStore};

use super::output::print_line;
use crate::config::{Config, StoreKind};

/// Look after the embedded object store.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Hold every object against its size, ETag and checksum; print each fault, and exit with 1 when there is one
    ///
    /// Runs beside a server too. A fault is an object or a part whose bytes are missing or are not those that were
    /// stored, and a file that belongs to no object.
    Check {
        /// Compare names and sizes only, and read no object
        #[arg(long)]
        quick: bool,
        /// Remove files of no object, and move what is broken out of the lists into objects/quarantine
        ///
        /// Not while a server has the folder. What it printed is mended when it exits with 0.
        #[arg(long)]
        repair: bool,
    },
}

/// Does what the command says.
pub(crate) async fn run(config: &Config, command: StoreCommand) -> anyhow::Result<ExitCode> {
    let StoreCommand::Check { quick, repair } = command;
    if config.store.kind != StoreKind::Embedded {
        bail!("store.kind is not embedded: MinIO looks after its objects itself (mc admin heal)");
    }
    let folder = config.data_dir.join("objects");
    if !folder.join("index.sqlite").exists() {
        bail!("there is no object store in {}; is data_dir right?", folder.display());
    }
    let depth = if quick { CheckDepth::Quick } else { CheckDepth::Full };
    let context = || format!("the objects in {} cannot be checked", folder.display());
    if repair {
        let mended = EmbeddedStore::repair(&folder, depth).await.with_context(context)?;
        for finding in &mended {
            print_line!("{finding}")?;
        }
        print_line!("{} faults dealt with", mended.len())?;
    }
    let findings = EmbeddedStore::check(&folder, depth).await.with_context(context)?;
    for finding in &findings {
        print_line!("{finding}")?;
    }
    print_line!("{} faults in the object store", findings.len())?;
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
