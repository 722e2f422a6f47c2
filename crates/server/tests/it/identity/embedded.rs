//! SQLite and the embedded store.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use reqwest::Method;
use storage_hub_core::failpoint::{Failpoint, VARIABLE};

use super::{STEPS_OF_A_START, copy, files};
use crate::hub::{Backend, Hub, PASSWORD, is_private, unique};
use crate::s3::Request;

const INDEX: [&str; 3] = ["objects/index.sqlite", "objects/index.sqlite-wal", "objects/index.sqlite-shm"];
const RECORDS: [&str; 3] = ["records.sqlite", "records.sqlite-wal", "records.sqlite-shm"];

/// A hub with an object, stopped, and the name of its bucket.
async fn hub() -> Option<(Hub, String)> {
    let mut hub = Hub::start(Backend::SqliteEmbedded).await?;
    let person = hub.sign_up("test@example.com").await;
    let bucket = unique("kept");
    person.create_bucket(&bucket).await;
    let put = Request::new(Method::PUT, format!("/{bucket}/key")).body(kept());
    assert!(hub.s3.send(Some(&person.key), put).await.succeeded());
    assert!(hub.stop());
    Some((hub, bucket))
}

/// An object that is too large for the index, so that it has a blob.
fn kept() -> String {
    "kept".repeat(10_000)
}

/// The object is there.
async fn is_whole(hub: &Hub, bucket: &str) {
    let person = hub.log_in("test@example.com", PASSWORD).await;
    let got = hub.s3.send(Some(&person.key), Request::new(Method::GET, format!("/{bucket}/key"))).await;
    assert_eq!(got.body, kept(), "{got:?}");
}

fn remove(hub: &Hub, names: &[&str]) {
    for name in names {
        drop(fs::remove_file(hub.data().join(name)));
    }
}

/// Puts files back as they were in a copy of the data folder.
fn restore(hub: &Hub, from: &std::path::Path, names: &[&str]) {
    remove(hub, names);
    for name in names {
        if from.join(name).exists() {
            fs::copy(from.join(name), hub.data().join(name)).expect("restored");
        }
    }
}

/// A start says this and changes nothing, and neither does any tool that would work on it.
#[track_caller]
fn assert_refused(hub: &Hub, wanted: &str) {
    let before = files(&hub.data());
    let message = hub.refused_to_serve(&[]);
    assert!(message.contains(wanted) && message.contains("nothing was changed"), "{wanted}: {message}");
    assert_eq!(message.trim().lines().count(), 1, "{message}");
    for tool in [&["reconcile"][..], &["admin", "enable", "test@example.com"], &["doctor"]] {
        let message = hub.tool_fails(tool);
        assert!(message.contains(wanted) || message.contains("no hub in"), "{tool:?}: {wanted}: {message}");
    }
    let told = hub.tool_fails(&["store", "adopt"]);
    assert!(told.contains(wanted) && told.contains("--yes"), "{told}");
    let after = files(&hub.data());
    assert!(before == after, "changed: {:?}", after.keys().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_emptied_index_is_refused_and_every_object_stays() {
    let Some((mut hub, bucket)) = hub().await else { return };
    let copied = tempfile::tempdir().expect("a folder");
    copy(&hub.data(), copied.path());
    remove(&hub, &INDEX);
    assert_refused(&hub, "the object index (index.sqlite) is missing");
    fs::write(hub.data().join(INDEX[0]), "").expect("emptied");
    assert_refused(&hub, "the object index (index.sqlite) is empty");
    fs::write(hub.data().join(INDEX[0]), "no database, but long enough to be seen as that".repeat(20))
        .expect("written");
    let message = hub.refused_to_serve(&[]);
    assert!(message.contains("not a database"), "{message}");

    restore(&hub, copied.path(), &INDEX);
    hub.run();
    is_whole(&hub, &bucket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_or_emptied_records_are_refused_and_no_new_hub_is_made() {
    let Some((mut hub, bucket)) = hub().await else { return };
    let copied = tempfile::tempdir().expect("a folder");
    copy(&hub.data(), copied.path());
    remove(&hub, &RECORDS);
    assert_refused(&hub, "there is a vault.key, but there are no records");
    assert!(!hub.data().join(RECORDS[0]).exists());
    remove(&hub, &["vault.key"]);
    assert_refused(&hub, "the records are missing or empty");
    fs::write(hub.data().join(RECORDS[0]), "").expect("emptied");
    assert_refused(&hub, "the records are missing or empty");

    restore(&hub, copied.path(), &RECORDS);
    restore(&hub, copied.path(), &["vault.key"]);
    hub.run();
    is_whole(&hub, &bucket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_key_that_is_left_of_an_unmounted_disk_is_refused() {
    let Some((hub, _)) = hub().await else { return };
    let key = fs::read(hub.data().join("vault.key")).expect("a key");
    fs::remove_dir_all(hub.data()).expect("unmounted");
    fs::create_dir(hub.data()).expect("a folder");
    fs::write(hub.data().join("vault.key"), key).expect("left");
    assert_refused(&hub, "there is a vault.key, but there are no records");
    assert_eq!(files(&hub.data()).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_any_part_is_refused() {
    let Some((mut hub, bucket)) = hub().await else { return };
    let older = tempfile::tempdir().expect("a folder");
    copy(&hub.data(), older.path());
    hub.run();
    assert!(hub.stop());
    let newer = tempfile::tempdir().expect("a folder");
    copy(&hub.data(), newer.path());

    let file = ["objects/hub.json"];
    let (objects, both) = ([&INDEX[..], &file].concat(), [&INDEX[..], &file, &RECORDS].concat());
    for (names, wanted) in [
        (
            &INDEX[..],
            "found an older copy of the object index (index.sqlite), with 1 starts of the server instead of 2",
        ),
        (&RECORDS, "found an older copy of the records, with 1 starts of the server instead of 2"),
        (&file, "found an older copy of hub.json"),
        (&objects, "found an older copy of"),
    ] {
        restore(&hub, older.path(), names);
        assert_refused(&hub, wanted);
        restore(&hub, newer.path(), &both);
    }
    // All of one moment is one installation.
    restore(&hub, older.path(), &both);
    hub.run();
    is_whole(&hub, &bucket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_another_hub_are_refused() {
    let (Some((hub, _)), Some((mut other, bucket))) = (hub().await, self::hub().await) else { return };
    let copied = tempfile::tempdir().expect("a folder");
    copy(&other.data(), copied.path());
    for names in [&INDEX[..], &["objects/hub.json"], &RECORDS] {
        restore(&other, &hub.data(), names);
        assert_refused(&other, "belongs to hub");
        restore(&other, copied.path(), names);
    }
    other.run();
    is_whole(&other, &bucket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_damaged_or_empty_hub_file_is_refused() {
    let Some((mut hub, bucket)) = hub().await else { return };
    let path = hub.data().join("objects/hub.json");
    let text = fs::read(&path).expect("a file");
    assert!(is_private(&path));
    fs::remove_file(&path).expect("removed");
    assert_refused(&hub, "hub.json is missing");
    for damaged in ["", "{", "{}", "\u{0}\u{0}"] {
        fs::write(&path, damaged).expect("written");
        assert_refused(&hub, "hub.json next to the object index is damaged");
    }
    fs::write(&path, text).expect("restored");
    hub.run();
    is_whole(&hub, &bucket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_kind_of_store_is_refused() {
    let Some((mut hub, bucket)) = hub().await else { return };
    let before = files(&hub.data());
    let minio = ["kind=minio", "endpoint=http://127.0.0.1:1", "access_key=key", "secret_key=secret-secret"];
    let flags: Vec<_> = minio.iter().map(|setting| format!("--set=store.{setting}")).collect();
    let message = hub.refused_to_serve(&flags.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(message.contains("a store of kind `embedded`, but store.kind is `minio`"), "{message}");
    assert!(message.contains("nothing was changed") && before == files(&hub.data()), "{message}");
    hub.run();
    is_whole(&hub, &bucket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_not_taken_for_missing() {
    let Some((mut hub, bucket)) = hub().await else { return };
    hub.run_without_root();
    // Not the folder `objects`: a start gives its owner access to it again.
    for name in [RECORDS[0], INDEX[0], "objects/hub.json"] {
        let path = hub.data().join(name);
        let mode = fs::metadata(&path).expect("there").permissions();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("closed");
        let message = hub.refused_to_serve(&[]);
        assert!(message.contains("Permission denied"), "{name}: {message}");
        fs::set_permissions(&path, mode).expect("opened");
    }
    hub.run();
    is_whole(&hub, &bucket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_ends_between_any_two_steps_is_repeated() {
    for point in STEPS_OF_A_START.into_iter().filter(|point| *point != Failpoint::StartAfterMark) {
        // The first start, and a later one.
        let mut hub = Hub::prepared(Backend::SqliteEmbedded).await.expect("it needs no service");
        let die = |hub: &mut Hub| {
            hub.environment = vec![(VARIABLE, point.as_str().to_owned())];
            assert!(hub.serve_to_the_end().is_none(), "{} was not reached", point.as_str());
        };
        die(&mut hub);
        die(&mut hub);
        hub.environment.clear();
        hub.run();
        let person = hub.sign_up("test@example.com").await;
        let bucket = unique("kept");
        person.create_bucket(&bucket).await;
        let put = Request::new(Method::PUT, format!("/{bucket}/key")).body(kept());
        assert!(hub.s3.send(Some(&person.key), put).await.succeeded());
        assert!(hub.stop());

        die(&mut hub);
        die(&mut hub);
        hub.environment.clear();
        hub.tool_prints(&["reconcile", "--check"]);
        hub.run();
        is_whole(&hub, &bucket).await;
        assert!(hub.stop());
        let text = fs::read_to_string(hub.data().join("objects/hub.json")).expect("a file");
        assert!(text.contains("\"starts\": 2") && !text.contains("starting"), "{text}");
    }
}

/// As the release before left it: no identity anywhere, and tables without those of it.
fn without_identity(hub: &Hub) {
    for (file, version) in [(RECORDS[0], "00000000000002"), (INDEX[0], "0002")] {
        let path = hub.data().join(file);
        let mut connection = SqliteConnection::establish(path.to_str().expect("a path")).expect("a database");
        let back =
            format!("DROP TABLE installation; DELETE FROM __diesel_schema_migrations WHERE version = '{version}';");
        connection.batch_execute(&back).expect("taken back");
    }
    remove(hub, &["objects/hub.json"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_of_the_release_before_gets_its_identity_without_a_word() {
    for first in [None, Some(Failpoint::StartAnnounced), Some(Failpoint::StartInIndex), Some(Failpoint::StartInRecords)]
    {
        let Some((mut hub, bucket)) = hub().await else { return };
        without_identity(&hub);
        let message = hub.tool_fails(&["reconcile", "--check"]);
        assert!(message.contains("run storage-hub migrate"), "{message}");
        match first {
            None => drop(hub.tool_prints(&["migrate"])),
            Some(point) => {
                hub.environment = vec![(VARIABLE, point.as_str().to_owned())];
                assert!(hub.serve_to_the_end().is_none(), "{} was not reached", point.as_str());
                hub.environment.clear();
            }
        }
        hub.run();
        is_whole(&hub, &bucket).await;
        assert!(hub.tool_prints(&["reconcile", "--check"]).contains("0 differences"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_before_the_upgrade_is_refused() {
    let Some((mut hub, bucket)) = hub().await else { return };
    without_identity(&hub);
    let older = tempfile::tempdir().expect("a folder");
    copy(&hub.data(), older.path());
    hub.run();
    assert!(hub.stop());
    let newer = tempfile::tempdir().expect("a folder");
    copy(&hub.data(), newer.path());
    for (names, wanted) in
        [(INDEX, "the object index (index.sqlite) has no hub id"), (RECORDS, "the records have no hub id")]
    {
        restore(&hub, older.path(), &names);
        assert_refused(&hub, wanted);
        restore(&hub, newer.path(), &names);
    }
    remove(&hub, &INDEX);
    remove(&hub, &["objects/hub.json"]);
    restore(&hub, older.path(), &RECORDS);
    assert_refused(&hub, "the object index (index.sqlite) is missing");
    restore(&hub, newer.path(), &[&INDEX[..], &RECORDS, &["objects/hub.json"]].concat());
    hub.run();
    is_whole(&hub, &bucket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_can_accept_what_is_refused_and_nothing_is_deleted() {
    let Some((mut hub, bucket)) = hub().await else { return };
    let blobs = files(&hub.data().join("objects/blobs"));
    assert_eq!(blobs.len(), 1);
    assert!(hub.tool_prints(&["store", "adopt", "--yes"]).contains("nothing to accept"));
    remove(&hub, &INDEX);
    let accepted = hub.tool_prints(&["store", "adopt", "--yes"]);
    assert!(accepted.contains("accepted"), "{accepted}");
    hub.run();
    // The bucket is created again, and what was in it is kept aside for whoever finds its index.
    let person = hub.log_in("test@example.com", PASSWORD).await;
    hub.tool_prints(&["reconcile"]);
    let listed = hub.s3.send(Some(&person.key), Request::new(Method::GET, format!("/{bucket}"))).await;
    assert!(listed.succeeded() && !listed.body.contains("<Key>"), "{listed:?}");
    assert!(hub.stop());
    hub.run();

    assert!(hub.stop());
    remove(&hub, &RECORDS);
    hub.tool_prints(&["store", "adopt", "--yes"]);
    hub.run();
    assert!(hub.banner.iter().any(|line| line.contains("Admin")), "{:?}", hub.banner);
    let unknown = hub.tool_fails(&["reconcile", "--check"]);
    assert!(unknown.contains(&format!("bucket {bucket}: not in the records")), "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn adopt_is_refused_beside_a_server() {
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    fs::remove_file(hub.data().join("objects/hub.json")).expect("removed");
    let message = hub.tool_fails(&["store", "adopt", "--yes"]);
    assert!(message.contains("another process"), "{message}");
}
