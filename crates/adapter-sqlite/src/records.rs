use std::path::Path;

use diesel::SqliteConnection;
use diesel::result::QueryResult;
use storage_hub_core::ports::RecordError;

use crate::connection::Connections;
use crate::database_file;
use crate::error::OpenError;
use crate::migrations::migrate;

/// The records in one SQLite file.
pub struct SqliteRecords {
    /// One connection: who has it is the writer.
    pub(crate) writer: Connections,
    readers: Connections,
}

impl SqliteRecords {
    /// How many read at once. More gained nothing.
    const READERS: usize = 4;

    /// Opens a database file: makes it, for its owner alone, when it is not there, and brings its tables up to date.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        migrate(path).await?;
        let uri = database_file::uri(path).map_err(|error| OpenError::open(path, error))?;
        let connections = |most| Connections::new(&uri, most).map_err(|error| OpenError::open(path, error));
        Ok(Self { writer: connections(1)?, readers: connections(Self::READERS)? })
    }

    /// Runs one statement that reads, outside of any transaction.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        statement: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
    ) -> Result<T, RecordError> {
        let mut connection = self.readers.get().await?;
        let found = connection.run(statement).await?;
        connection.give_back();
        Ok(found)
    }
}
