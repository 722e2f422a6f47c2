//! Who may do what: the core decides, the endpoint obeys.

use std::time::{Duration, SystemTime};

use storage_hub_adapter_s3::S3Options;

use crate::hub::Hub;

/// What each visitor gets for one request.
async fn statuses(hub: &Hub, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> [u16; 6] {
    let mut statuses = [0; 6];
    let clients = [
        hub.client("owner"),
        hub.client("writer"),
        hub.client("reader"),
        hub.client("stranger"),
        hub.client("admin"),
        hub.anonymous(),
    ];
    for (status, client) in statuses.iter_mut().zip(clients) {
        *status = client.send(method, target, headers, body).await.status.as_u16();
    }
    statuses
}

#[tokio::test]
async fn each_visitor_gets_what_the_entries_of_the_bucket_give() {
    let hub = Hub::start().await;
    hub.put("photos", "key", b"body").await;
    // owner, writer, reader, stranger, admin, anonymous
    let all_signed_in = [200, 200, 200, 200, 200, 403];
    let readers = [200, 200, 200, 403, 200, 403];
    let writers = [200, 200, 403, 403, 200, 403];
    let nobody = [403; 6];
    let table: [(&str, &str, &[(&str, &str)], &[u8], [u16; 6]); 14] = [
        ("GET", "/", &[], b"", all_signed_in),
        ("HEAD", "/photos", &[], b"", readers),
        ("GET", "/photos", &[], b"", readers),
        ("GET", "/photos?list-type=2", &[], b"", readers),
        ("GET", "/photos?location=", &[], b"", readers),
        ("GET", "/photos?versioning=", &[], b"", readers),
        ("GET", "/photos/key", &[], b"", readers),
        ("HEAD", "/photos/key", &[], b"", readers),
        ("PUT", "/photos/new", &[], b"body", writers),
        ("PUT", "/photos/copy", &[("x-amz-copy-source", "/photos/key")], b"", writers),
        ("POST", "/photos/upload?uploads=", &[], b"", writers),
        ("GET", "/photos?uploads=", &[], b"", writers),
        ("PUT", "/photos?policy=", &[], b"{}", nobody),
        ("DELETE", "/photos?policy=", &[], b"", nobody),
    ];
    for (method, target, headers, body, expected) in table {
        assert_eq!(statuses(&hub, method, target, headers, body).await, expected, "{method} {target}");
    }
    let deleted = statuses(&hub, "DELETE", "/photos/key", &[], b"").await;
    assert_eq!(deleted, [204, 204, 403, 403, 204, 403]);
    let delete_many = "<Delete><Object><Key>x</Key></Object></Delete>".as_bytes();
    assert_eq!(statuses(&hub, "POST", "/photos?delete=", &[], delete_many).await, writers);
    // A version is deleted by those who manage the bucket alone.
    let version = statuses(&hub, "DELETE", "/photos/key?versionId=null", &[], b"").await;
    assert_eq!(version, [204, 403, 403, 403, 204, 403]);
    let delete_version = "<Delete><Object><Key>x</Key><VersionId>null</VersionId></Object></Delete>".as_bytes();
    let version = statuses(&hub, "POST", "/photos?delete=", &[], delete_version).await;
    assert_eq!(version, [200, 200, 403, 403, 200, 403]);
    let refused = hub.client("writer").send("POST", "/photos?delete=", &[], delete_version).await.assert_ok();
    assert_eq!((refused.all("Code"), refused.all("Deleted")), (vec!["AccessDenied".to_owned()], vec![]));
}

#[tokio::test]
async fn policies_and_the_admin_api_of_minio_are_refused_even_to_the_admin() {
    let hub = Hub::start().await;
    for (method, target) in
        [("PUT", "/photos?policy="), ("DELETE", "/photos?policy="), ("PUT", "/minio/admin/v3/add-user")]
    {
        hub.client("admin").send(method, target, &[], b"").await.assert_error(403, "AccessDenied");
    }
}

#[tokio::test]
async fn a_bucket_that_everyone_may_read_is_read_without_a_signature_and_no_more() {
    let hub = Hub::start().await;
    hub.put("open", "key", b"body").await;
    let anonymous = hub.anonymous();
    assert_eq!(anonymous.get("/open/key").await.assert_ok().body, "body");
    assert_eq!(anonymous.get("/open?list-type=2").await.assert_ok().all("Key"), ["key"]);
    anonymous.put("/open/key", b"other").await.assert_error(403, "AccessDenied");
    anonymous.delete("/open/key").await.assert_error(403, "AccessDenied");
    anonymous.get("/open/key?response-content-type=text/html").await.assert_error(400, "InvalidRequest");
    for target in ["/open?acl=", "/open?versions=", "/open?location=", "/open/key?tagging=", "/open/key?versionId=null"]
    {
        anonymous.get(target).await.assert_error(403, "AccessDenied");
        hub.client("stranger").get(target).await.assert_error(403, "AccessDenied");
    }
    assert_eq!(hub.client("stranger").get("/open/key").await.assert_ok().body, "body");
}

#[tokio::test]
async fn a_wrong_secret_an_unknown_key_and_a_disabled_user_are_refused() {
    let hub = Hub::start().await;
    hub.client("owner").with_secret("another-secret").get("/photos").await.assert_error(403, "SignatureDoesNotMatch");
    hub.client("nobody").get("/photos").await.assert_error(403, "InvalidAccessKeyId");
    hub.client("gone").get("/photos").await.assert_error(403, "InvalidAccessKeyId");
    hub.client("gone").get("/open").await.assert_error(403, "InvalidAccessKeyId");
}

#[tokio::test]
async fn the_source_of_a_copy_must_be_readable() {
    let hub = Hub::start().await;
    hub.put("other", "secret", b"secret").await;
    let owner = hub.client("owner");
    let source = [("x-amz-copy-source", "/other/secret")];
    owner.send("PUT", "/photos/stolen", &source, b"").await.assert_error(403, "AccessDenied");
    let upload = owner.post("/photos/stolen?uploads=", "").await.assert_ok().all("UploadId").remove(0);
    let part = format!("/photos/stolen?partNumber=1&uploadId={upload}");
    owner.send("PUT", &part, &source, b"").await.assert_error(403, "AccessDenied");
    hub.client("admin").send("PUT", "/photos/fetched", &source, b"").await.assert_ok();
    // Only callers that may see a source learn that it does not exist.
    let missing = [("x-amz-copy-source", "/other/missing")];
    owner.send("PUT", "/photos/stolen", &missing, b"").await.assert_error(403, "AccessDenied");
}

#[tokio::test]
async fn a_bucket_that_does_not_exist_is_told_to_signed_in_callers_alone() {
    let hub = Hub::start().await;
    hub.client("admin").get("/missing").await.assert_error(404, "NoSuchBucket");
    hub.client("admin").put("/missing/key", b"body").await.assert_error(404, "NoSuchBucket");
    hub.client("admin").get("/missing/key").await.assert_error(404, "NoSuchBucket");
    hub.client("owner").get("/missing").await.assert_error(404, "NoSuchBucket");
    hub.client("owner").put("/missing/key", b"body").await.assert_error(404, "NoSuchBucket");
    hub.client("owner").get("/other").await.assert_error(403, "AccessDenied");
    hub.anonymous().get("/other").await.assert_error(403, "AccessDenied");
    hub.client("owner").get("/Bad_Name/key").await.assert_error(400, "InvalidBucketName");
    hub.anonymous().get("/missing/key").await.assert_error(403, "AccessDenied");
    hub.client("reader").get("/photos/missing").await.assert_error(404, "NoSuchKey");
    hub.client("stranger").get("/photos/missing").await.assert_error(403, "AccessDenied");
}

#[tokio::test]
async fn everyone_lists_the_buckets_that_they_may_see() {
    let hub = Hub::start().await;
    // What is only public is not listed.
    let table: [(&str, &[&str]); 4] = [
        ("owner", &["open", "photos"]),
        ("reader", &["photos"]),
        ("stranger", &["other"]),
        ("admin", &["open", "other", "photos"]),
    ];
    for (user, expected) in table {
        assert_eq!(hub.client(user).get("/").await.assert_ok().all("Name"), expected, "{user}");
    }
    let page = hub.client("admin").get("/?max-buckets=2").await.assert_ok();
    assert_eq!(page.all("Name"), ["open", "other"]);
    let token = page.all("ContinuationToken").remove(0);
    let page = hub.client("admin").get(&format!("/?max-buckets=2&continuation-token={token}")).await.assert_ok();
    assert_eq!((page.all("Name"), page.all("ContinuationToken")), (vec!["photos".to_string()], vec![]));
}

#[tokio::test]
async fn a_presigned_url_gives_what_was_signed_until_it_expires() {
    let hub = Hub::start().await;
    let (owner, anyone) = (hub.client("owner"), hub.anonymous());
    let minute = Duration::from_secs(60);
    let put = owner.presign("PUT", "/photos/key", minute);
    anyone.put(&put, b"body").await.assert_ok();
    let get = owner.presign("GET", "/photos/key?response-content-type=text%2Fplain", minute);
    let reply = anyone.get(&get).await.assert_ok();
    assert_eq!((&reply.body[..], reply.header("content-type")), (&b"body"[..], "text/plain"));
    anyone.get(&get.replace("/key", "/other")).await.assert_error(403, "SignatureDoesNotMatch");
    anyone.put(&get, b"other").await.assert_error(403, "SignatureDoesNotMatch");
    let expired = owner.presign_at(SystemTime::now() - 2 * minute, "GET", "/photos/key", minute);
    anyone.get(&expired).await.assert_error(403, "AccessDenied");
    let stranger = hub.client("stranger").presign("GET", "/photos/key", minute);
    anyone.get(&stranger).await.assert_error(403, "AccessDenied");
    let long = owner.presign("GET", "/photos/key", Duration::from_secs(8 * 24 * 60 * 60));
    anyone.get(&long).await.assert_error(400, "AuthorizationQueryParametersError");
}

#[tokio::test]
async fn a_bucket_is_addressed_by_host_name_too_when_there_is_a_domain() {
    let hub = Hub::start_with(S3Options { domain: Some("s3.example.com".to_owned()), ..S3Options::default() }).await;
    let owner = hub.client("owner");
    owner.put("/photos/key", b"body").await.assert_ok();
    let by_host = owner.with_host("photos.s3.example.com");
    assert_eq!(by_host.get("/key").await.assert_ok().body, "body");
    assert_eq!(owner.with_host("s3.example.com").get("/photos/key").await.assert_ok().body, "body");
    assert_eq!(owner.with_host("elsewhere.example.org").get("/photos/key").await.assert_ok().body, "body");
    hub.client("stranger").with_host("photos.s3.example.com").get("/key").await.assert_error(403, "AccessDenied");
}
