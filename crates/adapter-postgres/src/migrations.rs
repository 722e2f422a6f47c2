use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel::sql_types::{Bool, Text};
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use storage_hub_core::domain::Email;
use storage_hub_core::ports::RecordError;
use uuid::Uuid;

use crate::PgRecords;
use crate::error::{record_error, unreadable};
use crate::schema::users;
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
