//! Requests that would be taken for something else than was signed, and settings that are not there.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use storage_hub_core::ports::ObjectStore as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::hub::{Hub, name};

#[tokio::test]
async fn the_holder_of_a_presigned_put_cannot_make_it_a_copy() {
    let hub = Hub::start().await;
    hub.store.put_object(&name("photos"), "private", b"private".to_vec()).await.unwrap();
    let put = hub.client("owner").presign("PUT", "/photos/inbox", Duration::from_secs(60));
    for (header, value) in
        [("x-amz-copy-source", "/photos/private"), ("x-amz-meta-added", "later"), ("x-amz-acl", "private")]
    {
        let reply = hub.anonymous().send("PUT", &put, &[(header, value)], b"").await;
        reply.assert_error(403, "AccessDenied");
    }
    hub.client("owner").get("/photos/inbox").await.assert_error(404, "NoSuchKey");
    hub.anonymous().put(&put, b"body").await.assert_ok();
}

#[tokio::test]
async fn headers_signed_by_the_second_version_of_signatures_are_refused() {
    let hub = Hub::start().await;
    let headers = [("authorization", "AWS user_owner:c2lnbmF0dXJl"), ("date", "Sun, 22 Nov 2026 05:00:00 GMT")];
    hub.anonymous().send_plain("GET", "/photos", &headers, b"").await.assert_error(400, "InvalidRequest");
}

#[tokio::test]
async fn urls_presigned_by_the_second_version_of_signatures_are_held_to_what_they_sign() {
    let hub = Hub::start().await;
    hub.store.put_object(&name("photos"), "key", b"body".to_vec()).await.unwrap();
    let (owner, anyone) = (hub.client("owner"), hub.anonymous());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let get = owner.presign_by_v2("GET", "/photos/key", now + 60);
    assert_eq!(anyone.get(&get).await.assert_ok().body, "body");
    anyone.get(&get.replace("/key", "/other")).await.assert_error(403, "SignatureDoesNotMatch");
    anyone.get(&owner.presign_by_v2("GET", "/photos/key", now - 60)).await.assert_error(403, "AccessDenied");
    let long = owner.presign_by_v2("GET", "/photos/key", now + 8 * 24 * 60 * 60);
    anyone.get(&long).await.assert_error(400, "AuthorizationQueryParametersError");
    let put = owner.presign_by_v2("PUT", "/photos/inbox", now + 60);
    let source = [("x-amz-copy-source", "/photos/key")];
    anyone.send("PUT", &put, &source, b"").await.assert_error(403, "SignatureDoesNotMatch");
    let repeated = format!("{put}&partNumber=1&partNumber=1&uploadId=x&uploadId=x");
    anyone.put(&repeated, b"part").await.assert_error(400, "InvalidRequest");
    anyone.put(&put, b"body").await.assert_ok();
    let stranger = hub.client("stranger").presign_by_v2("GET", "/photos/key", now + 60);
    anyone.get(&stranger).await.assert_error(403, "AccessDenied");
}

#[tokio::test]
async fn temporary_credentials_and_forms_are_refused() {
    let hub = Hub::start().await;
    let token = [("x-amz-security-token", "token")];
    hub.client("owner").send("GET", "/photos", &token, b"").await.assert_error(400, "InvalidToken");
    let form = [("content-type", "Multipart/Form-Data; boundary=b")];
    hub.anonymous().send("POST", "/open", &form, b"--b--").await.assert_error(501, "NotImplemented");
}

#[tokio::test]
async fn what_is_not_there_is_refused_and_not_dropped_in_silence() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let headers = [
        ("x-amz-tagging", "a=b"),
        ("x-amz-acl", "public-read"),
        ("x-amz-grant-read", "id=1"),
        ("x-amz-server-side-encryption", "AES256"),
        ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
        ("x-amz-object-lock-mode", "COMPLIANCE"),
        ("x-amz-website-redirect-location", "/elsewhere"),
    ];
    for header in headers {
        owner.send("PUT", "/photos/key", &[header], b"body").await.assert_error(501, "NotImplemented");
    }
    let storage_class = [("x-amz-storage-class", "GLACIER")];
    owner.send("PUT", "/photos/key", &storage_class, b"body").await.assert_error(400, "InvalidStorageClass");
    owner.get("/photos/key").await.assert_error(404, "NoSuchKey");
    let usual = [("x-amz-acl", "private"), ("x-amz-storage-class", "STANDARD")];
    owner.send("PUT", "/photos/key", &usual, b"body").await.assert_ok();
    for target in
        ["/photos?tagging=", "/photos?lifecycle=", "/photos?cors=", "/photos/key?tagging=", "/photos?versions="]
    {
        owner.get(target).await.assert_error(501, "NotImplemented");
        hub.client("stranger").get(target).await.assert_error(403, "AccessDenied");
    }
    owner.get("/photos/key?versionId=other").await.assert_error(404, "NoSuchVersion");
    assert_eq!(owner.get("/photos/key?versionId=null").await.assert_ok().body, "body");
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_is_sent() {
    let hub = Hub::start().await;
    let length = (5_u64 * 1024 * 1024 * 1024 + 1).to_string();
    let put = hub.client("owner").presign("PUT", "/photos/key", Duration::from_secs(60));
    let mut stream = TcpStream::connect(hub.address).await.unwrap();
    let head = format!("PUT {put} HTTP/1.1\r\nhost: {}\r\ncontent-length: {length}\r\n\r\n", hub.address);
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let read = stream.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("EntityTooLarge"), "{answer}");
}
