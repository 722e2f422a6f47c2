//! `manifest.json`: what a backup holds. It is written last, so a backup without it is incomplete.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

const NAME: &str = "manifest.json";
/// The only format that this release writes and reads.
pub(crate) const FORMAT: u32 = 1;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// [`FORMAT`].
    pub(crate) format: u32,
    /// The release that made the backup.
    pub(crate) version: String,
    /// When it was begun, as RFC 3339.
    pub(crate) created_at: String,
    /// The identity of the installation.
    pub(crate) hub_id: String,
    /// Which key the secrets in the records are encrypted with. The key itself is not in the backup.
    pub(crate) vault_key_fingerprint: String,
    /// The kind of store, as the configuration names it.
    pub(crate) store_kind: String,
    /// The size of `records.sqlite`.
    pub(crate) records_bytes: u64,
    /// The objects, where they are in the backup.
    pub(crate) objects: Option<ObjectTotals>,
}

/// The objects of a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ObjectTotals {
    /// The size of `objects/index.sqlite`.
    pub(crate) index_bytes: u64,
    /// The number of files below `objects/blobs`.
    pub(crate) blobs: u64,
    /// Their sizes together.
    pub(crate) blob_bytes: u64,
}

/// The format of a manifest, read before anything else in it.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl Manifest {
    /// Writes the manifest of a folder, for its owner alone. Blocks.
    pub(crate) fn write(&self, folder: &Path) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        // Complete before it has its name.
        let unfinished = folder.join("manifest.json.new");
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(unfinished, folder.join(NAME))?;
        File::open(folder)?.sync_all()
    }

    /// Reads the manifest of a folder. Blocks.
    ///
    /// # Errors
    /// When the backup is incomplete, or the manifest is not one that this release writes.
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(NAME);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound && folder.is_dir() => {
                bail!("{} is not a complete backup: it has no {NAME}, which a backup writes last", folder.display())
            }
            Err(error) => return Err(error).with_context(|| format!("could not read {}", path.display())),
        };
        let invalid = || format!("{} is damaged or is not the manifest of a backup", path.display());
        let Format { format } = serde_json::from_slice(&text).with_context(invalid)?;
        if format != FORMAT {
            bail!(
                "{} has format {format}, but this release reads format {FORMAT}; use the release that wrote it",
                path.display()
            );
        }
        serde_json::from_slice(&text).with_context(invalid)
    }
}
