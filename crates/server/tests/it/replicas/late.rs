//! A replica that is suspended in the middle of a write and continues after others have finished its work.

use std::path::PathBuf;

use reqwest::Method;
use serde_json::json;
use storage_hub_adapter_minio::{MinioOptions, MinioStore};
use storage_hub_core::acl::Grant;
use storage_hub_core::domain::SecretKey;
use storage_hub_core::failpoint::{Failpoint, VARIABLE};
use storage_hub_core::policy::{PolicyName, PolicyPrefix, shard_policy};
use storage_hub_core::ports::PrincipalStore as _;
use storage_hub_port_contract::services;
use storage_hub_s3_client::ConnectionOptions;

use crate::hub::{Backend, Hub, Person, unique};
use crate::s3::Request;

const TIMES: [(&str, &str); 2] = [("reconcile.lease_seconds", "1"), ("reconcile.verify_seconds", "3")];

/// A replica that is suspended at a failpoint.
struct Held {
    hub: Hub,
    marker: PathBuf,
}

impl Held {
    /// Starts a process that stops at the failpoint.
    fn arm(hub: &Hub, point: Failpoint) -> Self {
        let marker = hub.folder.path().join(unique("held"));
        let value = format!("{}={}", point.as_str(), marker.display());
        Self { hub: hub.replica(vec![(VARIABLE, value)]), marker }
    }

    /// Starts an operation in the replica and suspends the process at the failpoint.
    async fn begin(&self, person: &Person, method: Method, path: &str, body: Option<serde_json::Value>) {
        let api = self.hub.api.with_token(person.api.token.as_deref().expect("logged in"));
        let path = path.to_owned();
        tokio::spawn(async move { drop(api.try_call(method, &path, body).await) });
        self.hub.until("the failpoint is reached", || async { self.marker.exists() }).await;
        self.hub.signal("STOP");
    }

    /// Resumes the process.
    fn wake(&self) {
        std::fs::remove_file(&self.marker).expect("it was held");
        self.hub.signal("CONT");
    }
}

async fn may_write(hub: &Hub, person: &Person, bucket: &str) -> bool {
    let put = Request::new(Method::PUT, format!("/{bucket}/key")).body("x");
    hub.s3.send(Some(&person.key), put).await.succeeded()
}

async fn is_mended(hub: &Hub) {
    hub.until("no difference", || async { hub.tool(&["reconcile", "--check"]).status.success() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_a_woken_replica_writes_late_is_put_right() {
    let Some(hub) = Hub::start_with(Backend::PostgresMinio, &TIMES).await else { return };
    let person = hub.sign_up("late@example.com").await;
    let held = Held::arm(&hub, Failpoint::ShardBeforePolicy);
    let (first, second) = (unique("first"), unique("second"));
    held.begin(&person, Method::POST, "/api/buckets", Some(json!({"name": first}))).await;

    // The others continue without it: the policy that it is about to write lacks the second bucket.
    person.create_bucket(&second).await;
    assert!(may_write(&hub, &person, &second).await);
    held.wake();
    hub.until("both are the person's", || async {
        may_write(&hub, &person, &first).await && may_write(&hub, &person, &second).await
    })
    .await;
    is_mended(&hub).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_write_that_arrives_after_its_replica_died_is_put_right() {
    let Some(hub) = Hub::start_with(Backend::PostgresMinio, &TIMES).await else { return };
    let Some(minio) = services::minio() else { return };
    let person = hub.sign_up("late@example.com").await;
    let id = person.api.get("/api/users/me").await.expect(200)["data"]["id"].as_str().expect("an id").to_owned();
    let mut held = Held::arm(&hub, Failpoint::ShardBeforePolicy);
    let bucket = unique("bucket");
    held.begin(&person, Method::POST, "/api/buckets", Some(json!({"name": bucket}))).await;
    held.hub.kill();
    let second = unique("second");
    person.create_bucket(&second).await;
    assert!(may_write(&hub, &person, &second).await);

    // The late write of the dead replica: an outdated policy.
    let store = MinioStore::new(MinioOptions {
        connection: ConnectionOptions::new(minio.parse().expect("a URL")),
        access_key: services::ROOT_USER.to_owned(),
        secret_key: SecretKey::parse(services::ROOT_PASSWORD).expect("a secret"),
    });
    let prefix = PolicyPrefix::parse(hub.setting("store.policy_prefix")).expect("a prefix");
    let grant = Grant::parse(format!("author-{id}")).expect("a grant");
    let stale = PolicyName::shard(&prefix, &grant, 0);
    store.expect("MinIO").put_policy(&stale, &shard_policy(&[])).await.expect("written");
    assert!(!may_write(&hub, &person, &second).await, "the late write took no access away");
    hub.until("access is back", || may_write(&hub, &person, &second)).await;
    is_mended(&hub).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_a_woken_replica_makes_after_its_deletion_goes() {
    let Some(hub) = Hub::start_with(Backend::PostgresMinio, &TIMES).await else { return };
    let (person, other) = (hub.sign_up("late@example.com").await, hub.sign_up("other@example.com").await);
    let held = Held::arm(&hub, Failpoint::CreateBeforeBucket);
    let bucket = unique("bucket");
    held.begin(&person, Method::POST, "/api/buckets", Some(json!({"name": bucket}))).await;
    hub.until("another replica makes it", || async {
        person.api.post("/api/buckets", json!({"name": bucket})).await.status == 201
    })
    .await;
    person.api.delete(&format!("/api/buckets/{bucket}")).await.expect(200);
    held.wake();
    hub.until("the late worker is through", || async { hub.logs().contains("late write") }).await;
    hub.until("the name is free", || async {
        other.api.post("/api/buckets", json!({"name": bucket})).await.status == 201
    })
    .await;
    assert!(may_write(&hub, &other, &bucket).await && !may_write(&hub, &person, &bucket).await);
    is_mended(&hub).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_owners_bucket_that_a_woken_replica_removes_comes_back() {
    let Some(hub) = Hub::start_with(Backend::PostgresMinio, &TIMES).await else { return };
    let (person, other) = (hub.sign_up("late@example.com").await, hub.sign_up("other@example.com").await);
    let bucket = unique("bucket");
    person.create_bucket(&bucket).await;
    let held = Held::arm(&hub, Failpoint::DeleteBeforeBucket);
    held.begin(&person, Method::DELETE, &format!("/api/buckets/{bucket}"), None).await;
    hub.until("another replica removes it, and the next owner makes it", || async {
        other.api.post("/api/buckets", json!({"name": bucket})).await.status == 201
    })
    .await;
    held.wake();
    hub.until("the late worker is through", || async { hub.logs().contains("late write for an earlier owner") }).await;
    hub.until("the bucket is back", || may_write(&hub, &other, &bucket)).await;
    is_mended(&hub).await;
}
