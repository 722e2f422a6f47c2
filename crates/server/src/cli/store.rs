use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use storage_hub_adapter_embedded::{CheckDepth, EmbeddedStore};

use super::output::print_line;
use crate::config::{Config, StoreKind};

/// Check and repair the embedded object store.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Compare every object with its size, ETag and checksum; print each fault, and exit with 1 if there is one
    ///
    /// A fault is an object or a part whose bytes are missing or differ from what was stored, and a file that belongs to
    /// no object. The command can run while the hub is serving.
    Check {
        /// Compare names and sizes only, and read no object
        #[arg(long)]
        quick: bool,
        /// Move damaged objects, and files that belong to no object, to objects/quarantine
        ///
        /// Stop the hub first. Damaged objects are also removed from lists. Nothing is deleted, and nothing is changed
        /// if the index is damaged. All printed faults are repaired if the command exits with 0.
        #[arg(long)]
        repair: bool,
    },
}

/// Runs the command.
pub(crate) async fn run(config: &Config, command: StoreCommand) -> anyhow::Result<ExitCode> {
    let StoreCommand::Check { quick, repair } = command;
    if config.store.kind != StoreKind::Embedded {
        bail!("store.kind is not embedded: MinIO checks and repairs its objects itself (mc admin heal)");
    }
    let folder = config.data_dir.join("objects");
    if !folder.join("index.sqlite").exists() {
        bail!("there is no object store in {}; is data_dir right?", folder.display());
    }
    let depth = if quick { CheckDepth::Quick } else { CheckDepth::Full };
    let context = || format!("could not check the objects in {}", folder.display());
    if repair {
        let repaired = EmbeddedStore::repair(&folder, depth).await.with_context(context)?;
        for finding in &repaired {
            print_line!("{finding}")?;
        }
        print_line!("{} faults repaired", repaired.len())?;
    }
    let findings = EmbeddedStore::check(&folder, depth).await.with_context(context)?;
    for finding in &findings {
        print_line!("{finding}")?;
    }
    print_line!("{} faults in the object store", findings.len())?;
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
