//! Versioning, over the protocol.

use crate::hub::Hub;

const ENABLED: &[u8] = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
const SUSPENDED: &[u8] = b"<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";

#[tokio::test]
async fn versions_are_kept_marked_and_deleted() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.put("/photos?versioning=", ENABLED).await.assert_ok();
    assert_eq!(owner.get("/photos?versioning=").await.assert_ok().all("Status"), ["Enabled"]);
    let one = owner.put("/photos/key", b"1").await.assert_ok().header("x-amz-version-id").to_owned();
    let two = owner.put("/photos/key", b"2").await.assert_ok().header("x-amz-version-id").to_owned();
    let current = owner.get("/photos/key").await.assert_ok();
    assert_eq!((current.header("x-amz-version-id"), &*current.body), (two.as_str(), b"2".as_slice()));
    assert_eq!(owner.get(&format!("/photos/key?versionId={one}")).await.assert_ok().body, "1");

    let marked = owner.delete("/photos/key").await;
    let marker = marked.header("x-amz-version-id").to_owned();
    assert_eq!((marked.status.as_u16(), marked.header("x-amz-delete-marker")), (204, "true"));
    let hidden = owner.get("/photos/key").await;
    hidden.assert_error(404, "NoSuchKey");
    assert_eq!((hidden.header("x-amz-delete-marker"), hidden.header("x-amz-version-id")), ("true", marker.as_str()));
    let addressed = owner.send("HEAD", &format!("/photos/key?versionId={marker}"), &[], b"").await;
    assert_eq!((addressed.status.as_u16(), addressed.header("allow")), (405, "DELETE"));
    let listed = owner.get("/photos?versions=").await.assert_ok();
    assert_eq!(listed.all("VersionId"), [marker.clone(), two.clone(), one.clone()]);
    assert!(listed.text().contains("<DeleteMarker>"));

    let source = format!("/photos/key?versionId={one}");
    let restored = owner.send("PUT", "/photos/key", &[("x-amz-copy-source", &source)], b"").await.assert_ok();
    assert_eq!(restored.header("x-amz-copy-source-version-id"), one);
    assert_eq!(owner.get("/photos/key").await.assert_ok().body, "1");

    let deleted = owner.delete(&format!("/photos/key?versionId={marker}")).await;
    assert_eq!((deleted.header("x-amz-delete-marker"), deleted.header("x-amz-version-id")), ("true", marker.as_str()));
    let document = format!(
        "<Delete><Object><Key>key</Key><VersionId>{two}</VersionId></Object><Object><Key>other</Key></Object></Delete>"
    );
    let deleted = owner.post("/photos?delete=", &document).await.assert_ok();
    assert_eq!((deleted.all("VersionId"), deleted.all("DeleteMarker")), (vec![two], vec!["true".to_owned()]));
    owner.put("/photos?versioning=", SUSPENDED).await.assert_ok();
    assert_eq!(owner.put("/photos/key", b"3").await.assert_ok().header("x-amz-version-id"), "null");
}

#[tokio::test]
async fn a_bucket_with_versions_is_not_deleted() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.put("/photos?versioning=", ENABLED).await.assert_ok();
    let version = owner.put("/photos/key", b"1").await.assert_ok().header("x-amz-version-id").to_owned();
    let marker = owner.delete("/photos/key").await.header("x-amz-version-id").to_owned();
    owner.delete("/photos").await.assert_error(409, "BucketNotEmpty");
    for version in [version, marker] {
        owner.delete(&format!("/photos/key?versionId={version}")).await.assert_ok();
    }
    assert_eq!(owner.delete("/photos").await.status, 204);
}

#[tokio::test]
async fn only_managers_change_versioning_and_delete_versions() {
    let hub = Hub::start().await;
    for user in ["writer", "reader", "stranger"] {
        hub.client(user).put("/photos?versioning=", ENABLED).await.assert_error(403, "AccessDenied");
    }
    hub.client("admin").put("/photos?versioning=", ENABLED).await.assert_ok();
    let writer = hub.client("writer");
    let version = writer.put("/photos/key", b"1").await.assert_ok().header("x-amz-version-id").to_owned();
    let target = format!("/photos/key?versionId={version}");
    writer.delete(&target).await.assert_error(403, "AccessDenied");
    assert_eq!(writer.delete("/photos/key").await.status, 204);
    assert_eq!(hub.client("reader").get(&target).await.assert_ok().body, "1");
    hub.client("owner")
        .put("/photos?versioning=", b"<VersioningConfiguration/>")
        .await
        .assert_error(400, "MalformedXML");
}
