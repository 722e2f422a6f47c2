use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::sql_types::{Bool, Text};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use storage_hub_core::ports::RecordError;

use crate::PgRecords;
use crate::error::{record_error, unreadable};
use crate::statement::statements;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Held while migrations are looked at and run: replicas that start together wait for each other. It ends with its
/// connection.
const LOCK: &str = "SELECT pg_advisory_lock(1398227810, 0)";

statements! {
    HasMigrations { } -> Bool = "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL";

    ListMigrations { } -> Text = "SELECT version FROM __diesel_schema_migrations";
}

impl PgRecords {
    /// Brings the tables up to date and returns the names of the migrations that it ran. Of several processes that do
    /// it at once, each migration is run by one.
    ///
    /// # Errors
    /// [`RecordError`] of the database; what was run before the error stays.
    pub async fn migrate(&self) -> Result<Vec<String>, RecordError> {
        let mut connection = self.connector.connect_unbounded().await?.statements;
        connection.batch_execute(LOCK).await.map_err(record_error)?;
        let migrating = self.connector.runtime.spawn_blocking(move || run_pending(connection));
        migrating.await.map_err(unreadable)?
    }

    /// The names of the migrations that are still to be run. Nothing is written.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, RecordError> {
        let has_some = self.load_one(HasMigrations {}).await?.unwrap_or(false);
        let run: Vec<String> = if has_some { self.load(ListMigrations {}).await? } else { Vec::new() };
        let known = MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(unreadable)?;
        let pending = known.iter().filter(|migration| {
            let version = migration.name().version().to_string();
            !run.contains(&version)
        });
        let mut names: Vec<_> = pending.map(|migration| migration.name().to_string()).collect();
        names.sort();
        Ok(names)
    }
}

fn run_pending(connection: AsyncPgConnection) -> Result<Vec<String>, RecordError> {
    let mut connection = AsyncConnectionWrapper::<_>::from(connection);
    let run = connection.run_pending_migrations(MIGRATIONS).map_err(unreadable)?;
    Ok(run.iter().map(ToString::to_string).collect())
}
