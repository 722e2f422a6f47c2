//! Migrations: embedded in the binary, run under an advisory lock.

use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::{Bool, Text};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use storage_hub_core::domain::Email;
use storage_hub_core::ports::{MigrationState, RecordError, RecordsContents, RecordsState};
use uuid::Uuid;

use crate::PgRecords;
use crate::error::{record_error, unreadable};
use crate::installation_repository::{ReadInstallation, installation};
use crate::schema::users;
use crate::statement::statements;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Serializes migrations, so that replicas that start together wait for each other. The lock ends with its connection.
const LOCK: &str = "SELECT pg_advisory_lock(1398227810, 0)";

statements! {
    HasTables { } -> (Bool, Bool, Bool) =
        "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL, to_regclass('users') IS NOT NULL, \
         to_regclass('installation') IS NOT NULL";

    ListMigrations { } -> Text = "SELECT version FROM __diesel_schema_migrations";

    HasRows { } -> (Bool, Bool) =
        "SELECT EXISTS (SELECT FROM users), \
         EXISTS (SELECT FROM buckets WHERE state IN ('active', 'deleting'))";
}

impl PgRecords {
    /// Runs the pending migrations and returns their names. Concurrent processes run each migration once.
    ///
    /// # Errors
    /// [`RecordError`] of the database; what was run before the error stays. A database that a newer release has migrated
    /// is refused, and stays as it is.
    pub async fn migrate(&self) -> Result<Vec<String>, RecordError> {
        let mut connection = self.connector.connect_unbounded().await?.statements;
        connection.batch_execute(LOCK).await.map_err(record_error)?;
        // Looked at under the lock: a newer release may have been here a moment ago.
        self.migration_state().await?.refuse_newer().map_err(unreadable)?;
        let migrating = self.connector.runtime.spawn_blocking(move || run_pending(connection));
        migrating.await.map_err(unreadable)?
    }

    /// Which migrations the database has had, compared with those of this release. Nothing is written.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    pub async fn migration_state(&self) -> Result<MigrationState, RecordError> {
        let (has_migrations, ..) = self.tables().await?;
        self.compare_migrations(has_migrations).await
    }

    /// What the database holds. Nothing is written.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    pub async fn inspect(&self) -> Result<RecordsState, RecordError> {
        let (has_migrations, has_users, has_installation) = self.tables().await?;
        let migrations = self.compare_migrations(has_migrations).await?;
        if has_installation && let Some(row) = self.load_one(ReadInstallation {}).await? {
            return Ok(RecordsState { migrations, contents: RecordsContents::Identified(installation(row)?) });
        }
        let rows = if has_users { self.load_one(HasRows {}).await? } else { None };
        let contents = match rows {
            Some((true, has_buckets)) => RecordsContents::Unidentified { has_buckets },
            _ => RecordsContents::Empty,
        };
        Ok(RecordsState { migrations, contents })
    }

    async fn tables(&self) -> Result<(bool, bool, bool), RecordError> {
        Ok(self.load_one(HasTables {}).await?.unwrap_or_default())
    }

    async fn compare_migrations(&self, has_some: bool) -> Result<MigrationState, RecordError> {
        let applied: Vec<String> = if has_some { self.load(ListMigrations {}).await? } else { Vec::new() };
        let known = MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(unreadable)?;
        let known =
            known.iter().map(|migration| (migration.name().version().to_string(), migration.name().to_string()));
        Ok(MigrationState::compare(known, &applied))
    }
}

fn run_pending(connection: AsyncPgConnection) -> Result<Vec<String>, RecordError> {
    let mut connection = AsyncConnectionWrapper::<AsyncPgConnection>::from(connection);
    let run = connection.run_pending_migrations(MIGRATIONS).map_err(unreadable)?;
    let run = run.iter().map(ToString::to_string).collect();
    fill_email_keys(&mut connection).map_err(record_error)?;
    Ok(run)
}

/// Gives each account without an email key its own, unless another account has it: the older one keeps it.
fn fill_email_keys(connection: &mut AsyncConnectionWrapper<AsyncPgConnection>) -> QueryResult<()> {
    let without: Vec<(Uuid, String)> = users::table
        .filter(users::email_key.is_null())
        .order((users::created_at, users::id))
        .select((users::id, users::email))
        .load(connection)?;
    for (id, email) in without {
        let Ok(email) = Email::parse(&email) else { continue };
        let key = email.key().to_owned();
        let taken = diesel::dsl::exists(users::table.filter(users::email_key.eq(key.clone())));
        if !diesel::select(taken).get_result::<bool>(connection)? {
            let row = users::table.filter(users::id.eq(id));
            match diesel::update(row).set(users::email_key.eq(key)).execute(connection) {
                // Somebody signed up with it since it was looked for.
                Ok(_) | Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}
