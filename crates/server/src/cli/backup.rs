//! `storage-hub backup`: a copy of a hub, which may be running.
//!
//! The index of objects is copied first, then the records, then the blobs that the copied index names. The server keeps the
//! blobs that it would delete meanwhile. So an object whose upload was answered before the backup began is in the backup,
//! and every object in the backup is complete.

pub(crate) mod manifest;

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use storage_hub_adapter_crypto::SystemClock;
use storage_hub_adapter_embedded::{BlobTotals, StoreBackup};
use storage_hub_core::domain::{Installation, StoreKind};
use storage_hub_core::failpoint::{Failpoint, reach};
use storage_hub_core::ports::{Clock as _, IndexState, RecordsContents};

use super::output::print_line;
use crate::config::Config;
use crate::wiring::{Purpose, assemble};
use manifest::{FORMAT, Manifest, ObjectTotals};

/// The names in a backup, which are those in a data folder.
pub(crate) const RECORDS: &str = "records.sqlite";
pub(crate) const OBJECTS: &str = "objects";

/// Copies the hub into a new folder.
pub(crate) async fn run(config: &Config, folder: &Path) -> anyhow::Result<ExitCode> {
    if config.database.url.is_some() {
        bail!(
            "the records are in PostgreSQL: back them up with pg_dump, and the objects with the tools of their store \
             (README.md, \"Backup and restore\")"
        );
    }
    let created_at = SystemClock.now().to_string();
    // Opening the hub verifies that the records, the store and the vault key belong together.
    let hub = assemble(config, Purpose::Tool).await?;
    create_target(config, folder)?;
    let copied = copy(config, folder).await;
    let (installation, totals) = copied.with_context(|| {
        format!("the backup in {} is incomplete; delete that folder and repeat the backup", folder.display())
    })?;
    let size = |path: PathBuf| fs::metadata(&path).with_context(|| format!("could not read {}", path.display()));
    let objects = match totals {
        Some(totals) => Some(ObjectTotals {
            index_bytes: size(folder.join(OBJECTS).join("index.sqlite"))?.len(),
            blobs: totals.count,
            blob_bytes: totals.bytes,
        }),
        None => None,
    };
    let manifest = Manifest {
        format: FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        created_at,
        hub_id: installation.hub_id.to_string(),
        vault_key_fingerprint: hub.key_fingerprint,
        store_kind: installation.store_kind.to_string(),
        records_bytes: size(folder.join(RECORDS))?.len(),
        objects,
    };
    manifest.write(folder).with_context(|| format!("could not write the manifest of {}", folder.display()))?;
    print_line!("backed up the records to {}", folder.display())?;
    match totals {
        Some(totals) => print_line!("backed up {} blobs of objects with {} bytes", totals.count, totals.bytes)?,
        None => {
            print_line!("the objects are not in the backup: the store keeps them, so back it up with its own tools")?
        }
    }
    print_line!(
        "the vault key (fingerprint {}) is not in the backup: keep a copy of it in another place; without it the backup \
         cannot be restored",
        manifest.vault_key_fingerprint
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Copies everything but the manifest, in the order that the module describes.
async fn copy(config: &Config, folder: &Path) -> anyhow::Result<(Installation, Option<BlobTotals>)> {
    let (source, objects) = (config.data_dir.join(OBJECTS), folder.join(OBJECTS));
    let running = match config.store.kind.recorded() {
        StoreKind::Embedded => {
            let running = StoreBackup::begin(&source).await?;
            create_private(&objects)?;
            running.copy_index(&objects).await?;
            reach(Failpoint::BackupAfterIndex);
            Some(running)
        }
        StoreKind::Minio | StoreKind::Gateway => None,
    };
    let records = folder.join(RECORDS);
    storage_hub_adapter_sqlite::copy(&config.data_dir.join(RECORDS), &records).await?;
    let installation = installation_of(&records).await?;
    let totals = match running {
        Some(running) => {
            let state = storage_hub_adapter_embedded::inspect(&objects).await?;
            match state.index {
                IndexState::Identified { hub_id, .. } if hub_id == installation.hub_id => {}
                _ => bail!("the records and the object index are not of the same hub"),
            }
            Some(running.copy_blobs(&objects).await?)
        }
        None => None,
    };
    Ok((installation, totals))
}

/// The identity that a copy of the records holds.
pub(crate) async fn installation_of(records: &Path) -> anyhow::Result<Installation> {
    match storage_hub_adapter_sqlite::inspect(records).await?.contents {
        RecordsContents::Identified(installation) => Ok(installation),
        RecordsContents::Empty | RecordsContents::Unidentified { .. } => {
            bail!("the records have no identity yet: start the hub of this release once")
        }
    }
}

/// Creates the folder of the backup, or takes an empty one.
fn create_target(config: &Config, folder: &Path) -> anyhow::Result<()> {
    let context = || format!("could not create the folder {}", folder.display());
    let absolute = std::path::absolute(folder).with_context(context)?;
    // Links are resolved as far as the path exists.
    let existing = absolute.ancestors().find_map(|ancestor| fs::canonicalize(ancestor).ok()).unwrap_or_default();
    if existing.starts_with(fs::canonicalize(&config.data_dir).with_context(context)?) {
        bail!("the folder {} is inside data_dir; a backup belongs on another disk", folder.display());
    }
    match fs::read_dir(folder) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                bail!(
                    "the folder {} is not empty; name a new folder, or delete what an unfinished backup has left",
                    folder.display()
                );
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(context)?;
        }
        Err(error) => return Err(error).with_context(|| format!("could not read the folder {}", folder.display())),
    }
    fs::set_permissions(folder, Permissions::from_mode(0o700)).with_context(context)
}

pub(crate) fn create_private(folder: &Path) -> anyhow::Result<()> {
    let created = DirBuilder::new().mode(0o700).create(folder);
    created.with_context(|| format!("could not create the folder {}", folder.display()))
}
