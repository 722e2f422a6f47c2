//! Creation and addressing of the database file.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use storage_hub_sqlite_pool::ConnectOptions;

/// How long a statement waits for the lock of another connection.
const BUSY_TIMEOUT: Duration = Duration::from_secs(3);

/// The characters of a path that must be encoded in a URI.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// Creates an empty file with mode 0600, and missing folders with mode 0700. An existing file is left unchanged.
///
/// SQLite creates its side files (`-wal`, `-shm`) with the mode of the database.
pub(crate) fn create(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map(drop)
}

/// Options for connections to an existing file.
pub(crate) fn connect_options(path: &Path) -> io::Result<ConnectOptions> {
    Ok(ConnectOptions { url: uri(path)?, busy_timeout: BUSY_TIMEOUT, read_only: false })
}

/// The URI of an existing file. When the file is missing, connecting fails instead of creating an empty database.
pub(crate) fn uri(path: &Path) -> io::Result<String> {
    let path = std::path::absolute(path)?;
    Ok(format!("file://{}?mode=rw", percent_encode(path.as_os_str().as_encoded_bytes(), ENCODED)))
}
