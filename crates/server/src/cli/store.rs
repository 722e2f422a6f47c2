use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use storage_hub_adapter_embedded::{CheckDepth, EmbeddedStore};

use super::output::print_line;
use crate::config::{Config, StoreKind};
use crate::wiring::identity::adopt::{accept, find_fault};
use crate::wiring::identity::no_hub;

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
    /// Accept records and a store that a start refuses because they do not belong together
    ///
    /// Prints what would be accepted, and accepts it with --yes. Deletes nothing. Stop the hub first.
    Adopt {
        /// Accept the state
        #[arg(long)]
        yes: bool,
    },
}

/// The consequences of accepting records and a store of different moments.
const CONSEQUENCES: &str = "If this state is accepted:
- buckets that only the records have are created again, empty; objects that only the index has cannot be read;
- buckets and files that only the store has stay where they are; reconcile --check and store check list them;
- revocations that are newer than an older copy of the records are lost and must be repeated.";

async fn adopt(config: &Config, yes: bool) -> anyhow::Result<ExitCode> {
    let Some(fault) = find_fault(config).await? else {
        print_line!("records and store belong together; there is nothing to accept")?;
        return Ok(ExitCode::SUCCESS);
    };
    print_line!("{fault}")?;
    print_line!("{CONSEQUENCES}")?;
    if !yes {
        print_line!("nothing was changed; accept this with storage-hub store adopt --yes")?;
        return Ok(ExitCode::FAILURE);
    }
    accept(config).await?;
    print_line!("accepted: records and store are one installation from now on")?;
    Ok(ExitCode::SUCCESS)
}

/// Runs the command.
pub(crate) async fn run(config: &Config, command: StoreCommand) -> anyhow::Result<ExitCode> {
    let (quick, repair) = match command {
        StoreCommand::Check { quick, repair } => (quick, repair),
        StoreCommand::Adopt { yes } => return adopt(config, yes).await,
    };
    match config.store.kind {
        StoreKind::Embedded => {}
        StoreKind::Minio => {
            bail!("store.kind is not embedded: MinIO checks and repairs its objects itself (mc admin heal)")
        }
        StoreKind::Gateway => bail!(
            "store.kind is not embedded: the S3 service behind the gateway checks and repairs its objects itself; run \
             storage-hub reconcile --check to compare its buckets with the records"
        ),
    }
    let folder = config.data_dir.join("objects");
    let index = folder.join("index.sqlite");
    if !index.try_exists().with_context(|| format!("{} cannot be read", index.display()))? {
        return Err(no_hub(config));
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
