use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, ConnectionError, ConnectionResult, SqliteConnection};

/// How a connection is opened.
#[derive(Clone, Debug)]
pub struct ConnectOptions {
    /// A path or a `file:` URI.
    pub url: String,
    /// How long a statement waits for the lock of another connection.
    pub busy_timeout: Duration,
    /// Whether statements that write fail.
    pub read_only: bool,
}

/// Opens a connection. Blocks.
///
/// A commit that was answered is on the disk (`synchronous = FULL`), readers do not wait for the writer
/// (`journal_mode = WAL`), and foreign keys are enforced.
///
/// # Errors
/// [`ConnectionError`] when the file cannot be opened, or is not a database.
pub fn connect(options: &ConnectOptions) -> ConnectionResult<SqliteConnection> {
    let started = Instant::now();
    let setup = setup(options);
    loop {
        let mut connection = SqliteConnection::establish(&options.url)?;
        match connection.batch_execute(&setup) {
            Ok(()) => return Ok(connection),
            // When several connections set a new file to WAL at the same time, SQLite fails some of them immediately,
            // whatever their busy timeout.
            Err(error) if error.to_string().contains("locked") && started.elapsed() < options.busy_timeout => {
                thread::sleep(Duration::from_millis(10));
            }
            Err(error) => return Err(ConnectionError::CouldntSetupConfiguration(error)),
        }
    }
}

fn setup(options: &ConnectOptions) -> String {
    format!(
        "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
         PRAGMA query_only = {};",
        options.busy_timeout.as_millis(),
        if options.read_only { "ON" } else { "OFF" },
    )
}
