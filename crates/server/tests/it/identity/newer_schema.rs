//! Databases that a newer release has migrated.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};

use super::files;
use crate::hub::{Backend, Hub};

const NEWER: &str = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99999999999999')";

fn change(hub: &Hub, file: &str, statement: &str) {
    let path = hub.data().join(file);
    let mut connection = SqliteConnection::establish(path.to_str().expect("a path")).expect("a database");
    connection.batch_execute(statement).expect("changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_of_a_newer_release_are_refused_before_any_write() {
    for (file, name) in [("records.sqlite", "the database file"), ("objects/index.sqlite", "the object index")] {
        let Some(mut hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
        assert!(hub.stop());
        change(&hub, file, NEWER);
        let before = files(&hub.data());
        let message = hub.refused_to_serve(&[]);
        assert!(message.contains(name) && message.contains("newer release"), "{message}");
        for tool in
            [&["migrate", "--check"][..], &["migrate"], &["doctor"], &["reconcile"], &["store", "adopt", "--yes"]]
        {
            let message = hub.tool_fails(tool);
            assert!(message.contains("unknown migrations: 99999999999999"), "{tool:?}: {message}");
        }
        assert!(before == files(&hub.data()), "{file} was changed");
        change(&hub, file, "DELETE FROM __diesel_schema_migrations WHERE version = '99999999999999'");
        hub.run();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_does_not_migrate_what_the_first_one_serves_from() {
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    // As a release would find it that has one migration more than the one that runs.
    change(
        &hub,
        "records.sqlite",
        "DELETE FROM __diesel_schema_migrations WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)",
    );
    let before = files(&hub.data());
    let message = hub.refused_to_serve(&[]);
    assert!(message.contains("another process"), "{message}");
    let message = hub.tool_fails(&["migrate"]);
    assert!(message.contains("another process"), "{message}");
    assert!(before == files(&hub.data()), "the records were migrated");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_that_meets_a_newer_schema_is_not_ready_and_ends() {
    for backend in Backend::ALL {
        let Some(mut hub) = Hub::start(backend).await else { continue };
        hub.api.get("/ready").await.expect(200);
        let started = Instant::now();
        match &hub.database {
            Some(database) => database.execute(NEWER).await,
            None => change(&hub, "records.sqlite", NEWER),
        }
        let mut reason = String::new();
        while reason.is_empty() {
            assert!(started.elapsed() < Duration::from_secs(10), "{}", hub.logs());
            let ready = hub.api.try_call(reqwest::Method::GET, "/ready", None).await.expect("it still answers");
            if ready.status == 503 {
                reason = ready.body.to_string();
            }
        }
        assert!(reason.contains("migrated by a newer release"), "{reason}");
        assert!(hub.has_died().await, "{}", hub.logs());
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
        assert!(hub.logs().contains("unknown migrations: 99999999999999"), "{}", hub.logs());
        let message = hub.refused_to_serve(&[]);
        assert!(message.contains("newer release"), "{message}");
    }
}
