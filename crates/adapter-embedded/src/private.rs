//! Folders and files that only their owner can read: the bytes of objects are nobody else's business, even when the data
//! folder was created readable for everybody (systemd's `StateDirectory=`, `mkdir -m 755`).

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;

/// Creates a folder and its missing parents, and restricts the folder when it already exists.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)?;
    restrict_folder(path)
}

/// Creates an empty file unless the file exists, and restricts it in both cases.
///
/// SQLite gives its side files (`-wal`, `-shm`) the mode of the database file, so that file must exist before it.
pub(crate) fn create_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(FILE_MODE).open(path)?;
    restrict_file(path)?;
    Ok(file)
}

/// Creates a file that must not exist.
pub(crate) fn create_new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)
}

/// Restricts a folder and the files in it that an earlier release created with wider modes.
///
/// The mode of the folder is set last and tells later calls that its files were done, so that each file is visited once.
pub(crate) fn restrict_contents(folder: &Path) -> io::Result<()> {
    if fs::metadata(folder)?.permissions().mode() & 0o777 == FOLDER_MODE {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        restrict_file(&entry?.path()).or_else(ignore_missing)?;
    }
    restrict_folder(folder)
}

/// Treats a file that was deleted meanwhile as done.
pub(crate) fn ignore_missing(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

pub(crate) fn restrict_folder(path: &Path) -> io::Result<()> {
    restrict(path, FOLDER_MODE)
}

pub(crate) fn restrict_file(path: &Path) -> io::Result<()> {
    restrict(path, FILE_MODE)
}

/// Sets a mode. A path of another owner (a mounted volume for example) keeps its mode: everything below it has a mode of
/// its own.
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    if fs::metadata(path)?.permissions().mode() & 0o777 == mode {
        return Ok(());
    }
    match fs::set_permissions(path, Permissions::from_mode(mode)) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            tracing::warn!(%error, file.path = %path.display(), "could not restrict the mode of a file: it has another owner");
            Ok(())
        }
        result => result,
    }
}
