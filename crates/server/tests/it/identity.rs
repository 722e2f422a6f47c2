//! One identity of the installation: what belongs to different moments or hubs is refused, and stays as it is.

mod embedded;
mod minio;
mod newer_schema;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use storage_hub_core::failpoint::Failpoint;

/// The failpoints that these tests reach, and no operation does.
pub(crate) const STEPS_OF_A_START: [Failpoint; 4] =
    [Failpoint::StartAnnounced, Failpoint::StartInIndex, Failpoint::StartInRecords, Failpoint::StartAfterMark];

/// Every file of a folder with its contents; without the lock and what SQLite keeps beside its files.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries.map(|entry| entry.expect("an entry")) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !["-wal", "-shm", "lock"].iter().any(|end| path.to_string_lossy().ends_with(end)) {
            found.insert(path.clone(), fs::read(&path).expect("a file"));
        }
    }
    found
}

/// Copies a folder with everything in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}
