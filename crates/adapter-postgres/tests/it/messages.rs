//! The language of the server's messages.

use storage_hub_adapter_postgres::{PgOptions, PgRecords};
use uuid::Uuid;

use crate::database::TestDatabase;

/// A role of its own that may do nothing but connect, and the URL with which it does. Roles belong to the server: it is
/// dropped by [`drop_role`].
async fn ordinary_role(database: &TestDatabase) -> (String, String) {
    let role = format!("storage_hub_test_{}", Uuid::new_v4().simple());
    database.client().await.batch_execute(&format!("CREATE ROLE {role} LOGIN")).await.unwrap();
    let (_, rest) =
        database.url().split_once("://").map(|(scheme, rest)| (scheme.to_owned(), rest.to_owned())).unwrap();
    let host = rest.rsplit_once('@').map_or(rest.clone(), |(_, host)| host.to_owned());
    (format!("postgres://{role}@{host}"), role)
}

async fn drop_role(database: &TestDatabase, role: &str) {
    database.client().await.batch_execute(&format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_superuser_gets_english_and_so_does_a_role_that_it_is_set_for() {
    let Some(database) = TestDatabase::empty().await else { return };
    assert_eq!(database.records().foreign_messages().await.unwrap(), None);
    let (url, role) = ordinary_role(&database).await;
    database.client().await.batch_execute(&format!("ALTER ROLE {role} SET lc_messages = 'C'")).await.unwrap();
    let records = PgRecords::connect(&url, PgOptions::default()).unwrap();
    assert_eq!(records.foreign_messages().await.unwrap(), None);
    drop(records);
    drop_role(&database, &role).await;
}

/// Other locales are not installed everywhere. The text is another one because the role's own operator raises it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_in_another_language_are_named() {
    let Some(database) = TestDatabase::empty().await else { return };
    let (url, role) = ordinary_role(&database).await;
    let own = format!(
        "CREATE SCHEMA german AUTHORIZATION {role}; \
         CREATE FUNCTION german.divide(integer, integer) RETURNS integer LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'Division durch Null' USING ERRCODE = 'division_by_zero'; END $$; \
         CREATE OPERATOR german./ (LEFTARG = integer, RIGHTARG = integer, FUNCTION = german.divide); \
         ALTER ROLE {role} SET search_path = german, pg_catalog"
    );
    database.client().await.batch_execute(&own).await.unwrap();
    let records = PgRecords::connect(&url, PgOptions::default()).unwrap();
    assert!(records.foreign_messages().await.unwrap().is_some());
    drop(records);
    drop_role(&database, &role).await;
}
