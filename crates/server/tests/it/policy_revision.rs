//! MinIO: policies that an earlier release rendered are replaced at the start.

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use reqwest::Method;
use serde_json::json;
use storage_hub_adapter_minio::{MinioOptions, MinioStore};
use storage_hub_core::acl::Grant;
use storage_hub_core::domain::SecretKey;
use storage_hub_core::policy::{PolicyDocument, PolicyName, PolicyPrefix};
use storage_hub_core::ports::PrincipalStore as _;
use storage_hub_port_contract::services::{ROOT_PASSWORD, ROOT_USER};
use storage_hub_s3_client::ConnectionOptions;

use crate::hub::{Backend, Hub, unique};
use crate::s3::Request;

#[tokio::test(flavor = "multi_thread")]
async fn policies_of_an_earlier_release_are_rendered_again_at_the_start() {
    let Some(mut hub) = Hub::start(Backend::SqliteMinio).await else { return };
    let owner = hub.sign_up("owner@example.com").await;
    let bucket = unique("revision");
    owner.create_bucket(&bucket).await;
    let versions = format!("/{bucket}/key?versionId=null");
    let delete_version = async || hub.s3.send(Some(&owner.key), Request::new(Method::DELETE, versions.as_str())).await;
    let put = Request::new(Method::PUT, format!("/{bucket}/key")).body("kept");
    assert!(hub.s3.send(Some(&owner.key), put).await.succeeded());
    assert_eq!(delete_version().await.status, 403);

    // What the release before wrote: no denial of the deletion of versions.
    let id = owner.api.get("/api/users/me").await.expect(200)["data"]["id"].as_str().expect("an id").to_owned();
    let prefix = PolicyPrefix::parse(hub.setting("store.policy_prefix")).expect("a prefix");
    let name = PolicyName::shard(&prefix, &Grant::author(&id), 0);
    let resources = [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*")];
    let statement = json!({"Effect": "Allow", "Action": ["s3:*"], "Resource": resources});
    let old = PolicyDocument::new(json!({"Version": "2012-10-17", "Statement": [statement]}));
    let minio = MinioStore::new(MinioOptions {
        connection: ConnectionOptions::new(hub.setting("store.endpoint").parse().expect("a URL")),
        access_key: ROOT_USER.to_owned(),
        secret_key: SecretKey::parse(ROOT_PASSWORD).expect("a secret"),
    });
    minio.expect("the options are valid").put_policy(&name, &old).await.expect("written");
    assert_eq!(delete_version().await.status, 204, "the old policy lets the version go");

    assert!(hub.stop());
    let path = hub.data().join("records.sqlite");
    let mut records = SqliteConnection::establish(path.to_str().expect("UTF-8")).expect("opened");
    records.batch_execute("UPDATE installation SET policy_revision = 1").expect("written");
    drop(records);
    hub.run();
    hub.until("the policies are rendered again", || async {
        let deleted = Request::new(Method::DELETE, versions.as_str());
        hub.s3.send(Some(&owner.key), deleted).await.status == 403
    })
    .await;
    // The tasks of other principals may still be pending.
    hub.tool_prints(&["reconcile"]);
    assert!(hub.tool_prints(&["reconcile", "--check"]).contains("0 differences"));
}
