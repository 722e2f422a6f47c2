//! Object lock, over the protocol.

use crate::hub::Hub;

const LOCK: (&str, &str) = ("x-amz-bucket-object-lock-enabled", "true");
const BYPASS: [(&str, &str); 1] = [("x-amz-bypass-governance-retention", "true")];
const UNTIL: (&str, &str) = ("x-amz-object-lock-retain-until-date", "2099-01-01T00:00:00Z");
const GOVERNANCE: (&str, &str) = ("x-amz-object-lock-mode", "GOVERNANCE");
const COMPLIANCE: (&str, &str) = ("x-amz-object-lock-mode", "COMPLIANCE");

fn retention(mode: &str, until: &str) -> Vec<u8> {
    let until = format!("<RetainUntilDate>{until}</RetainUntilDate>");
    format!("<Retention><Mode>{mode}</Mode>{until}</Retention>").into_bytes()
}

#[tokio::test]
async fn a_bucket_is_created_with_object_lock() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.send("PUT", "/locked", &[LOCK], b"").await.assert_ok();
    assert_eq!(owner.get("/locked?versioning=").await.assert_ok().all("Status"), ["Enabled"]);
    assert_eq!(owner.get("/locked?object-lock=").await.assert_ok().all("ObjectLockEnabled"), ["Enabled"]);
    let suspended = b"<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
    owner.put("/locked?versioning=", suspended).await.assert_error(409, "InvalidBucketState");
    let default = b"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>\
        <Mode>GOVERNANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>";
    owner.put("/locked?object-lock=", default).await.assert_ok();
    let written = owner.put("/locked/key", b"body").await.assert_ok();
    let version = written.header("x-amz-version-id");
    assert_eq!(owner.get("/locked/key").await.assert_ok().header("x-amz-object-lock-mode"), "GOVERNANCE");
    assert_eq!(owner.get("/locked/key?retention=").await.assert_ok().all("Mode"), ["GOVERNANCE"]);
    owner.get("/locked/key?legal-hold=").await.assert_error(404, "NoSuchObjectLockConfiguration");
    owner.delete(&format!("/locked/key?versionId={version}")).await.assert_error(403, "AccessDenied");
    owner.put("/photos?object-lock=", default).await.assert_error(409, "InvalidBucketState");
    owner.send("PUT", "/photos/key", &[GOVERNANCE, UNTIL], b"x").await.assert_error(400, "InvalidRequest");
}

#[tokio::test]
async fn only_managers_who_say_so_bypass_governance_retention() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let on = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    owner.put("/photos?versioning=", on).await.assert_ok();
    let lock = b"<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";
    hub.client("writer").put("/photos?object-lock=", lock).await.assert_error(403, "AccessDenied");
    owner.put("/photos?object-lock=", lock).await.assert_ok();
    // Locking is more than writing, because nobody can take it back.
    let locked = hub.client("writer").send("PUT", "/photos/key", &[GOVERNANCE, UNTIL], b"x").await;
    locked.assert_error(403, "AccessDenied");
    let put = owner.send("PUT", "/photos/key", &[GOVERNANCE, UNTIL], b"x").await.assert_ok();
    let version = format!("/photos/key?versionId={}", put.header("x-amz-version-id"));
    assert_eq!(hub.client("reader").get("/photos/key").await.assert_ok().header("x-amz-object-lock-mode"), "");
    hub.client("writer").send("DELETE", &version, &BYPASS, b"").await.assert_error(403, "AccessDenied");
    owner.delete(&version).await.assert_error(403, "AccessDenied");
    let target = version.replace('?', "?retention=&");
    let shorter = retention("GOVERNANCE", "2098-01-01T00:00:00Z");
    owner.put(&target, &shorter).await.assert_error(403, "AccessDenied");
    owner.send("PUT", &target, &BYPASS, &shorter).await.assert_ok();
    let document = format!(
        "<Delete><Object><Key>key</Key><VersionId>{}</VersionId></Object></Delete>",
        put.header("x-amz-version-id")
    );
    let refused = owner.post("/photos?delete=", &document).await.assert_ok();
    assert_eq!(refused.all("Code"), ["AccessDenied"]);
    let deleted = owner.send("POST", "/photos?delete=", &BYPASS, document.as_bytes()).await.assert_ok();
    assert_eq!(deleted.all("VersionId"), [put.header("x-amz-version-id")]);
}

#[tokio::test]
async fn nobody_deletes_what_compliance_retention_or_a_legal_hold_protects() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.send("PUT", "/locked", &[LOCK], b"").await.assert_ok();
    let kept = owner.send("PUT", "/locked/kept", &[COMPLIANCE, UNTIL], b"x").await.assert_ok();
    let held = owner.send("PUT", "/locked/held", &[("x-amz-object-lock-legal-hold", "ON")], b"x").await.assert_ok();
    let kept = format!("/locked/kept?versionId={}", kept.header("x-amz-version-id"));
    let held = format!("/locked/held?versionId={}", held.header("x-amz-version-id"));
    for user in ["owner", "admin"] {
        let client = hub.client(user);
        for version in [&kept, &held] {
            client.send("DELETE", version, &BYPASS, b"").await.assert_error(403, "AccessDenied");
        }
        let shorter = retention("COMPLIANCE", "2098-01-01T00:00:00Z");
        let shortened = client.send("PUT", "/locked/kept?retention=", &BYPASS, &shorter).await;
        shortened.assert_error(403, "AccessDenied");
    }
    assert_eq!(owner.delete("/locked/kept").await.status, 204);
    assert_eq!(owner.get(&kept).await.assert_ok().body, "x");
    owner.put("/locked/held?legal-hold=", b"<LegalHold><Status>OFF</Status></LegalHold>").await.assert_ok();
    assert_eq!(owner.get("/locked/held?legal-hold=").await.assert_ok().all("Status"), ["OFF"]);
    assert_eq!(owner.delete(&held).await.status, 204);
}
