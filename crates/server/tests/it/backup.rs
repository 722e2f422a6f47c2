//! `storage-hub backup` of a hub that is written to, and `storage-hub restore` of the copy.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use storage_hub_core::failpoint::{Failpoint, VARIABLE};

use crate::embedded_kills::{Random, Worker};
use crate::http::Api;
use crate::hub::{Backend, Hub, PASSWORD, Person, unique};
use crate::s3::Request;

const WRITERS: usize = 8;

/// An embedded hub with one person and one bucket.
struct Site {
    hub: Hub,
    person: Person,
    bucket: String,
}

impl Site {
    async fn start() -> Option<Self> {
        let hub = Hub::start(Backend::SqliteEmbedded).await?;
        let person = hub.sign_up("test@example.com").await;
        let bucket = unique("backup");
        person.create_bucket(&bucket).await;
        Some(Self { hub, person, bucket })
    }

    async fn put(&self, name: &str, body: &str) {
        let request = Request::new(Method::PUT, format!("/{}/{name}", self.bucket)).body(body);
        let reply = self.hub.s3.send(Some(&self.person.key), request).await;
        assert!(reply.succeeded(), "{name}: {reply:?}");
    }

    async fn delete(&self, name: &str) {
        let request = Request::new(Method::DELETE, format!("/{}/{name}", self.bucket));
        assert!(self.hub.s3.send(Some(&self.person.key), request).await.succeeded(), "{name}");
    }

    fn target(&self) -> PathBuf {
        self.hub.folder.path().join("backup")
    }

    fn back_up(&self) -> String {
        self.hub.tool_prints(&["backup", self.target().to_str().expect("UTF-8")])
    }

    /// Starts a backup, and returns when it has copied the index and waits for the file to be deleted.
    async fn back_up_to_the_copied_index(&self) -> (Child, PathBuf) {
        let held = self.hub.folder.path().join(unique("held"));
        let mut command = self.hub.command(&["backup", self.target().to_str().expect("UTF-8")]);
        command.env(VARIABLE, format!("{}={}", Failpoint::BackupAfterIndex.as_str(), held.display()));
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        self.hub.until("the index is copied", || async { held.exists() }).await;
        (child, held)
    }

    fn released(&self) -> usize {
        fs::read_dir(self.hub.data().join("objects/released")).expect("a folder").count()
    }

    /// Restores the backup into a hub of its own, with the vault key of this one, and starts it.
    async fn restore(&self) -> Self {
        let hub = self.empty_copy();
        let printed = hub.tool_prints(&["restore", self.target().to_str().expect("UTF-8")]);
        assert!(printed.contains("repeat every revocation"), "{printed}");
        let mut hub = hub;
        hub.run();
        let person = hub.log_in(&self.person.email, PASSWORD).await;
        Self { hub, person, bucket: self.bucket.clone() }
    }

    /// A hub that was never started, whose data folder holds the vault key of this one.
    fn empty_copy(&self) -> Hub {
        let hub = Hub::unstarted();
        fs::create_dir(hub.data()).expect("a folder");
        fs::copy(self.hub.data().join("vault.key"), hub.data().join("vault.key")).expect("a key");
        hub
    }

    /// Every object, read.
    async fn objects(&self) -> HashMap<String, String> {
        let list = Request::new(Method::GET, format!("/{}?list-type=2&max-keys=1000", self.bucket));
        let list = self.hub.s3.send(Some(&self.person.key), list).await;
        assert_eq!(list.element("IsTruncated"), Some("false"), "{list:?}");
        let mut objects = HashMap::new();
        for key in list.body.split("<Key>").skip(1).filter_map(|rest| Some(rest.split_once("</Key>")?.0)) {
            let read = Request::new(Method::GET, format!("/{}/{key}", self.bucket));
            let read = self.hub.s3.send(Some(&self.person.key), read).await;
            assert_eq!(read.status, 200, "{key}: {}", read.body);
            objects.insert(key.to_owned(), read.body);
        }
        objects
    }

    fn assert_sound(&mut self) {
        assert!(self.hub.tool_prints(&["reconcile", "--check"]).contains("0 differences"));
        self.hub.kill();
        let checked = self.hub.tool(&["store", "check"]);
        let text = String::from_utf8_lossy(&checked.stdout);
        assert!(text.contains("0 faults in the object store"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_beside_eight_writers_holds_every_object_that_was_answered_before() {
    let Some(site) = Site::start().await else { return };
    let before: HashMap<_, _> =
        (0..40).map(|number| (format!("before-{number}"), format!("{number} ").repeat(40_000))).collect();
    for (name, body) in &before {
        site.put(name, body).await;
    }
    let (acknowledged, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let writers = (0..WRITERS).map(|number| {
        let (s3, key, bucket) = (site.hub.s3.clone(), site.person.key.clone(), site.bucket.clone());
        let worker = Worker { s3, key, bucket, number, acknowledged: acknowledged.clone(), stop: stop.clone() };
        tokio::spawn(worker.work(HashMap::new(), Random::new(1 + number as u64)))
    });
    let writers: Vec<_> = writers.collect();
    site.hub.until("all write", || async { acknowledged.load(Ordering::SeqCst) > 4 * WRITERS }).await;
    let (backup, held) = site.back_up_to_the_copied_index().await;
    let begun = acknowledged.load(Ordering::SeqCst);
    site.hub.until("more was written", || async { acknowledged.load(Ordering::SeqCst) > begun + 4 * WRITERS }).await;
    assert!(site.released() > 0, "what the copied index names is kept");
    fs::remove_file(held).expect("the file");
    let output = backup.wait_with_output().expect("it ends");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    assert!(printed.contains("vault key") && printed.contains("is not in the backup"), "{printed}");
    stop.store(true, Ordering::SeqCst);
    for left in join_all(writers).await {
        assert!(left.expect("a writer").unanswered.is_none());
    }
    site.hub.until("nothing is kept any more", || async { site.released() == 0 }).await;
    assert_private(&site.target());

    let mut restored = site.restore().await;
    let objects = restored.objects().await;
    for (name, body) in &before {
        assert!(objects.get(name) == Some(body), "{name}");
    }
    let old_session = Api { url: restored.hub.api.url.clone(), ..site.person.api.clone() };
    let session = old_session.get("/api/users/me").await;
    assert_eq!(session.status, 401, "sessions of before the backup have ended");
    restored.assert_sound();
    // It starts again, and so does the original.
    restored.hub.run();
}

/// A body that is too large for the index.
fn large(text: &str) -> String {
    text.repeat(20_000 / text.len() + 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_during_a_backup_is_in_it_also_when_the_server_is_killed() {
    let Some(mut site) = Site::start().await else { return };
    for number in 0..6 {
        site.put(&format!("old-{number}"), &large(&format!("old body {number}"))).await;
    }
    let (backup, held) = site.back_up_to_the_copied_index().await;
    let second = site.hub.tool(&["backup", site.hub.folder.path().join("second").to_str().expect("UTF-8")]);
    let refused = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success() && refused.contains("another backup"), "{refused}");
    site.delete("old-0").await;
    site.put("old-1", "new body").await;
    site.hub.kill();
    site.hub.run();
    site.delete("old-2").await;
    site.put("new", "new body").await;
    site.hub.until("three blobs are kept", || async { site.released() == 3 }).await;
    site.hub.kill();
    let repair = site.hub.tool(&["store", "check", "--repair"]);
    let refused = String::from_utf8_lossy(&repair.stderr);
    assert!(!repair.status.success() && refused.contains("a backup"), "{refused}");
    fs::remove_file(held).expect("the file");
    assert!(backup.wait_with_output().expect("it ends").status.success());

    let mut restored = site.restore().await;
    let expected = (0..6).map(|number| (format!("old-{number}"), large(&format!("old body {number}"))));
    assert_eq!(restored.objects().await, expected.collect());
    restored.assert_sound();
    site.hub.run();
    site.hub.until("nothing is kept any more", || async { site.released() == 0 }).await;
    site.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_was_killed_is_refused_and_leaves_nothing_in_the_store() {
    let Some(mut site) = Site::start().await else { return };
    site.put("key", &large("body")).await;
    let (mut backup, _) = site.back_up_to_the_copied_index().await;
    site.delete("key").await;
    site.hub.until("the blob is kept", || async { site.released() == 1 }).await;
    backup.kill().expect("it runs");
    backup.wait().expect("it ends");
    site.hub.until("nothing is kept any more", || async { site.released() == 0 }).await;
    let empty = site.empty_copy();
    let refused = empty.tool(&["restore", site.target().to_str().expect("UTF-8")]);
    let text = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && text.contains("not a complete backup"), "{text}");
    let again = site.hub.tool(&["backup", site.target().to_str().expect("UTF-8")]);
    let text = String::from_utf8_lossy(&again.stderr);
    assert!(!again.status.success() && text.contains("not empty"), "{text}");
    fs::remove_dir_all(site.target()).expect("the folder");
    site.back_up();
    site.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_refuses_what_is_damaged_foreign_or_in_its_way_and_changes_nothing() {
    let Some(site) = Site::start().await else { return };
    for key in ["one", "two"] {
        site.put(key, &large(key)).await;
    }
    let inside = site.hub.tool(&["backup", site.hub.data().join("backup").to_str().expect("UTF-8")]);
    assert!(String::from_utf8_lossy(&inside.stderr).contains("inside data_dir"));
    assert!(!site.hub.data().join("backup").exists());
    site.back_up();
    let target = site.target();
    let refusal = |hub: &Hub| {
        let refused = hub.tool(&["restore", target.to_str().expect("UTF-8")]);
        assert!(!refused.status.success(), "{}", String::from_utf8_lossy(&refused.stdout));
        assert!(!hub.data().join("records.sqlite").exists() && !hub.data().join("objects").exists());
        String::from_utf8_lossy(&refused.stderr).into_owned()
    };
    let without_key = Hub::unstarted();
    assert!(refusal(&without_key).contains("there is no vault key"));
    let mut other_key = Hub::unstarted();
    other_key.set("auth.vault_key", &"0123456789abcdef".repeat(4));
    let text = refusal(&other_key);
    assert!(text.contains("has fingerprint"), "{text}");
    assert!(!other_key.data().exists(), "nothing was changed");
    let in_the_way = site.empty_copy();
    fs::write(in_the_way.data().join("notes.txt"), "").expect("a file");
    assert!(refusal(&in_the_way).contains("notes.txt"));
    let running = site.hub.tool(&["restore", target.to_str().expect("UTF-8")]);
    assert!(!running.status.success(), "{}", String::from_utf8_lossy(&running.stderr));

    let manifest = target.join("manifest.json");
    let right: Value = serde_json::from_slice(&fs::read(&manifest).expect("a manifest")).expect("JSON");
    assert!(!right.to_string().contains(&fs::read_to_string(site.hub.data().join("vault.key")).expect("a key")));
    for (change, expected) in [
        (json!({"format": 99}), "format 99"),
        (json!({"hub_id": "nobody"}), "hub_id"),
        (json!({"hub_id": "00000000-0000-4000-8000-000000000000"}), "another hub"),
        (json!({"records_bytes": 1}), "records.sqlite"),
        (
            json!({"objects": {"index_bytes": right["objects"]["index_bytes"], "blobs": 3, "blob_bytes": right["objects"]["blob_bytes"]}}),
            "3",
        ),
        (json!({"objects": null}), "damaged"),
        (json!({"store_kind": "minio"}), "store.kind"),
        (json!({"more": 1}), "damaged"),
    ] {
        let mut wrong = right.clone();
        for (key, value) in change.as_object().expect("an object") {
            wrong[key] = value.clone();
        }
        fs::write(&manifest, wrong.to_string()).expect("a manifest");
        let text = refusal(&site.empty_copy());
        assert!(text.contains(expected), "{change}: {text}");
    }
    for text in ["", "{", "[]"] {
        fs::write(&manifest, text).expect("a manifest");
        assert!(refusal(&site.empty_copy()).contains("damaged"));
    }
    fs::write(&manifest, right.to_string()).expect("a manifest");

    let shards = fs::read_dir(target.join("objects/blobs")).expect("a folder").flatten();
    let blob = shards.flat_map(|shard| fs::read_dir(shard.path()).expect("a shard").flatten()).next();
    let blob = blob.expect("a blob").path();
    let body = fs::read(&blob).expect("a blob");
    fs::write(&blob, "longer than it was").expect("a blob");
    assert!(refusal(&site.empty_copy()).contains("the index says"));
    fs::remove_file(&blob).expect("a blob");
    let text = refusal(&site.empty_copy());
    assert!(text.contains("missing"), "{text}");
    fs::write(&blob, body).expect("a blob");
    site.restore().await.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn records_on_sqlite_are_backed_up_without_minios_objects_and_those_on_postgresql_are_not() {
    if let Some(hub) = Hub::start(Backend::PostgresMinio).await {
        let refused = hub.tool(&["backup", hub.folder.path().join("backup").to_str().expect("UTF-8")]);
        let text = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && text.contains("pg_dump"), "{text}");
    }
    let Some(mut hub) = Hub::start(Backend::SqliteMinio).await else { return };
    let person = hub.sign_up("test@example.com").await;
    let bucket = unique("kept");
    person.create_bucket(&bucket).await;
    let folder = hub.folder.path().join("backup");
    let printed = hub.tool_prints(&["backup", folder.to_str().expect("UTF-8")]);
    assert!(printed.contains("the store keeps them"), "{printed}");
    assert!(!folder.join("objects").exists());
    hub.kill();
    for file in fs::read_dir(hub.data()).expect("a folder").flatten().map(|entry| entry.path()) {
        if file.file_name().is_some_and(|name| name.to_string_lossy().starts_with("records.sqlite")) {
            fs::remove_file(file).expect("a file");
        }
    }
    let printed = hub.tool_prints(&["restore", folder.to_str().expect("UTF-8")]);
    assert!(printed.contains("in the store"), "{printed}");
    hub.run();
    let person = hub.log_in(&person.email, PASSWORD).await;
    person.api.get(&format!("/api/buckets/{bucket}")).await.expect(200);
    assert!(hub.tool_prints(&["reconcile", "--check"]).contains("0 differences"));
}

fn assert_private(path: &Path) {
    let expected = if path.is_dir() { 0o700 } else { 0o600 };
    let mode = fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode, expected, "{}: {mode:o}", path.display());
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a folder") {
            assert_private(&entry.expect("an entry").path());
        }
    }
}
