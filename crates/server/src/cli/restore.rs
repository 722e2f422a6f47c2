//! `storage-hub restore`: a hub out of a backup.
//!
//! Everything is copied into a folder `restore.partial` of the data folder, verified, and given a higher number of starts.
//! Only then the parts are moved to their places, the records last: no server starts on objects without records.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use storage_hub_adapter_crypto::SystemClock;
use storage_hub_adapter_embedded::{BlobTotals, EmbeddedStore, restore_store, write_hub_file};
use storage_hub_adapter_sqlite::SqliteRecords;
use storage_hub_core::domain::{HubId, StoreKind};
use storage_hub_core::ports::{Clock as _, HubFile, IndexState, UnitOfWork as _};

use super::backup::manifest::Manifest;
use super::backup::{OBJECTS, RECORDS, create_private};
use super::output::print_line;
use crate::config::Config;
use crate::wiring::keys;

const PARTIAL: &str = "restore.partial";
const VAULT_KEY: &str = "vault.key";

/// Creates the hub of a backup in an empty data folder.
pub(crate) async fn run(config: &Config, backup: &Path) -> anyhow::Result<ExitCode> {
    if config.database.url.is_some() {
        bail!(
            "the records are in PostgreSQL: restore them with pg_restore or psql (README.md, \"Backup and restore\")"
        );
    }
    let manifest = Manifest::read(backup)?;
    let kind = config.store.kind.recorded();
    ensure!(
        manifest.store_kind == kind.as_str(),
        "the backup is of a hub with store.kind = \"{}\", but store.kind is \"{kind}\"; nothing was changed",
        manifest.store_kind
    );
    ensure!(
        manifest.objects.is_some() == (kind == StoreKind::Embedded),
        "the manifest of {} is damaged: it does not say how many objects there are",
        backup.display()
    );
    verify_empty(&config.data_dir)?;
    let fingerprint = keys::load_existing(config)?.fingerprint();
    ensure!(
        fingerprint == manifest.vault_key_fingerprint,
        "the vault key has fingerprint {fingerprint}, but the backup needs the one with fingerprint {}; put it into {} or \
         set auth.vault_key; nothing was changed",
        manifest.vault_key_fingerprint,
        config.data_dir.join(VAULT_KEY).display()
    );
    let partial = config.data_dir.join(PARTIAL);
    let created = DirBuilder::new().recursive(true).mode(0o700).create(&config.data_dir);
    created.with_context(|| format!("could not create the folder {}", config.data_dir.display()))?;
    create_private(&partial)?;
    let restored = restore(backup, &partial, &manifest).await;
    let users = restored
        .with_context(|| format!("the restore is incomplete: delete {} before you repeat it", partial.display()))?;
    publish(&partial, &config.data_dir, kind).with_context(|| {
        let folder = config.data_dir.display();
        format!("could not move the restored files to {folder}; delete everything but the vault key there, and repeat")
    })?;
    print_line!(
        "restored the hub {} as of {} into {}",
        manifest.hub_id,
        manifest.created_at,
        config.data_dir.display()
    )?;
    match manifest.objects {
        Some(objects) => print_line!("verified {} blobs of objects with {} bytes", objects.blobs, objects.blob_bytes)?,
        None => print_line!("the objects are in the store: run storage-hub reconcile --check when the hub runs")?,
    }
    print_line!("ended the sessions of all {users} users: they must log in again")?;
    print_line!(
        "repeat every revocation that was made after the backup: disabled accounts, rotated S3 keys, changed passwords and \
         removed access are as they were at the time of the backup"
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Refuses a data folder that holds anything but a vault key.
fn verify_empty(folder: &Path) -> anyhow::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(|| format!("could not read data_dir {}", folder.display())),
    };
    for entry in entries {
        let name = entry?.file_name();
        if name == PARTIAL {
            bail!("data_dir {} holds an unfinished restore; delete {PARTIAL} in it", folder.display());
        }
        // A disk that is mounted there has the latter.
        if name != VAULT_KEY && name != "lost+found" {
            bail!(
                "data_dir {} must be empty, apart from {VAULT_KEY}, but it holds {}; nothing was changed",
                folder.display(),
                name.display()
            );
        }
    }
    Ok(())
}

/// Copies and verifies everything, and prepares it for its first start. Returns the number of users.
async fn restore(backup: &Path, target: &Path, manifest: &Manifest) -> anyhow::Result<usize> {
    let hub_id: HubId = manifest.hub_id.parse().ok().context("the manifest is damaged: its hub_id is not a UUID")?;
    let records = target.join(RECORDS);
    storage_hub_adapter_sqlite::restore(&backup.join(RECORDS), &records, manifest.records_bytes).await?;
    let objects = target.join(OBJECTS);
    let mut starts = 0;
    if let Some(expected) = &manifest.objects {
        let index = backup.join(OBJECTS).join("index.sqlite");
        let found = fs::metadata(&index).with_context(|| format!("could not read {}", index.display()))?.len();
        ensure!(
            found == expected.index_bytes,
            "the object index of the backup has {found} bytes, but its manifest says {}",
            expected.index_bytes
        );
        let BlobTotals { count, bytes } = restore_store(&backup.join(OBJECTS), &objects).await?;
        ensure!(
            (count, bytes) == (expected.blobs, expected.blob_bytes),
            "the backup holds {count} blobs with {bytes} bytes, but its manifest says {} with {}",
            expected.blobs,
            expected.blob_bytes
        );
        match storage_hub_adapter_embedded::inspect(&objects).await?.index {
            IndexState::Identified { hub_id: found, starts: counted } if found == hub_id => starts = counted,
            _ => bail!("the object index of the backup is of another hub than its manifest says"),
        }
    }
    let opened = SqliteRecords::open(&records).await?;
    // No session has this number: epochs begin at 0, and grow by one with a password.
    let users = opened.end_all_sessions(SystemClock.now().seconds()).await?;
    let mut transaction = opened.begin().await?;
    let installation = transaction.installation().find().await?.filter(|installation| installation.hub_id == hub_id);
    let mut installation =
        installation.context("the records of the backup are of another hub than its manifest says")?;
    installation.starts = installation.starts.max(starts).saturating_add(1);
    transaction.installation().update(&installation).await?;
    transaction.commit().await?;
    // The last connection that is closed moves everything into the database file.
    drop(opened);
    let side_file = target.join(format!("{RECORDS}-wal"));
    ensure!(!side_file.try_exists()?, "{} was not merged into the records", side_file.display());
    if manifest.objects.is_some() {
        let store = EmbeddedStore::open(&objects).await?;
        store.record_start(hub_id, installation.starts).await?;
        write_hub_file(&objects, &HubFile { hub_id, starts: installation.starts, starting: false })?;
    }
    Ok(users)
}

/// Moves the parts to their places.
fn publish(partial: &Path, data: &Path, kind: StoreKind) -> io::Result<()> {
    if kind == StoreKind::Embedded {
        fs::rename(partial.join(OBJECTS), data.join(OBJECTS))?;
    }
    fs::rename(partial.join(RECORDS), data.join(RECORDS))?;
    fs::remove_dir(partial)?;
    File::open(data)?.sync_all()
}
