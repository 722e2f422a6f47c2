use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use storage_hub_sqlite_pool::ConnectOptions;

/// How long a statement waits for the lock of another connection.
const BUSY_TIMEOUT: Duration = Duration::from_secs(3);

/// What of a path stands for itself in a URI.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// Makes an empty file that its owner alone may read, and the folders that it lacks; what is there stays as it is.
///
/// SQLite gives its side files (`-wal`, `-shm`) the mode of the database.
pub(crate) fn create(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map(drop)
}

/// How a connection to a file that is there is opened.
pub(crate) fn connect_options(path: &Path) -> io::Result<ConnectOptions> {
    Ok(ConnectOptions { url: uri(path)?, busy_timeout: BUSY_TIMEOUT, read_only: false })
}

/// The address by which SQLite opens a file that is there: without one, no connection makes a new and empty database.
pub(crate) fn uri(path: &Path) -> io::Result<String> {
    let path = std::path::absolute(path)?;
    Ok(format!("file://{}?mode=rw", percent_encode(path.as_os_str().as_encoded_bytes(), ENCODED)))
}
