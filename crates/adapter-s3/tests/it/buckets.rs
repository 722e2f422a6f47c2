//! Buckets that are created and deleted by S3, and what tools read of them.

use crate::hub::{Hub, name};

#[tokio::test]
async fn a_bucket_is_created_used_and_deleted_by_its_owner() {
    let hub = Hub::start().await;
    let (owner, stranger) = (hub.client("owner"), hub.client("stranger"));
    let created = owner.put("/fresh-bucket", b"").await.assert_ok();
    assert_eq!(created.header("location"), "/fresh-bucket");
    owner.put("/fresh-bucket/key", b"body").await.assert_ok();
    owner.put("/fresh-bucket", b"").await.assert_error(409, "BucketAlreadyOwnedByYou");
    stranger.put("/fresh-bucket", b"").await.assert_error(409, "BucketAlreadyExists");
    stranger.delete("/fresh-bucket").await.assert_error(403, "AccessDenied");
    hub.anonymous().put("/another-bucket", b"").await.assert_error(403, "AccessDenied");
    hub.anonymous().delete("/fresh-bucket").await.assert_error(403, "AccessDenied");
    owner.delete("/fresh-bucket").await.assert_error(409, "BucketNotEmpty");
    owner.delete("/fresh-bucket/key").await.assert_ok();
    assert_eq!(owner.delete("/fresh-bucket").await.status, 204);
    owner.delete("/fresh-bucket").await.assert_error(404, "NoSuchBucket");
    assert!(!hub.backend.has_bucket_named(&name("fresh-bucket")));
}

#[tokio::test]
async fn manage_is_not_enough_to_delete_a_bucket_and_administrators_may() {
    let hub = Hub::start().await;
    hub.client("writer").delete("/photos").await.assert_error(403, "AccessDenied");
    assert_eq!(hub.client("admin").delete("/photos").await.status, 204);
    hub.client("owner").get("/photos").await.assert_error(404, "NoSuchBucket");
}

#[tokio::test]
async fn a_location_constraint_is_that_of_the_endpoint() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let document = |region: &str| {
        let constraint = format!("<LocationConstraint>{region}</LocationConstraint>");
        format!("<CreateBucketConfiguration>{constraint}</CreateBucketConfiguration>")
    };
    owner.put("/first-bucket", document("us-east-1").as_bytes()).await.assert_ok();
    owner.put("/second-bucket", document("").as_bytes()).await.assert_ok();
    let refused = owner.put("/third-bucket", document("eu-central-1").as_bytes()).await;
    refused.assert_error(400, "InvalidLocationConstraint");
    owner.put("/third-bucket", b"<Any>").await.assert_error(400, "MalformedXML");
    assert_eq!(owner.get("/third-bucket").await.status, 404);
}

#[tokio::test]
async fn a_bucket_that_is_created_anew_contains_nothing_of_the_former_one() {
    let hub = Hub::start().await;
    let (owner, stranger) = (hub.client("owner"), hub.client("stranger"));
    owner.put("/shared-name", b"").await.assert_ok();
    let upload = owner.post("/shared-name/key?uploads=", "").await.assert_ok().all("UploadId").remove(0);
    // An unfinished upload does not keep a bucket.
    assert_eq!(owner.delete("/shared-name").await.status, 204);
    stranger.put("/shared-name", b"").await.assert_ok();
    owner.get("/shared-name").await.assert_error(403, "AccessDenied");
    let parts = format!("/shared-name/key?uploadId={upload}");
    stranger.get(&parts).await.assert_error(404, "NoSuchUpload");
    assert_eq!(stranger.get("/shared-name?uploads=").await.assert_ok().all("UploadId"), Vec::<String>::new());
}

#[tokio::test]
async fn what_tools_read_of_a_bucket_always_has_an_answer() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.put("/photos/key", b"body").await.assert_ok();
    let table = [
        ("/photos?acl=", 200, ""),
        ("/photos?tagging=", 404, "NoSuchTagSet"),
        ("/photos?cors=", 404, "NoSuchCORSConfiguration"),
        ("/photos?lifecycle=", 404, "NoSuchLifecycleConfiguration"),
        ("/photos?encryption=", 404, "ServerSideEncryptionConfigurationNotFoundError"),
        ("/photos?object-lock=", 404, "ObjectLockConfigurationNotFoundError"),
        ("/photos?website=", 404, "NoSuchWebsiteConfiguration"),
        ("/photos?replication=", 404, "ReplicationConfigurationNotFoundError"),
        ("/photos?logging=", 200, ""),
        ("/photos?notification=", 200, ""),
        ("/photos?requestPayment=", 200, ""),
        ("/photos?accelerate=", 200, ""),
        ("/photos?policyStatus=", 200, ""),
        ("/photos?policy=", 200, ""),
        ("/photos?versioning=", 200, ""),
        ("/photos?versions=", 200, ""),
        ("/photos?publicAccessBlock=", 501, "NotImplemented"),
        ("/photos?ownershipControls=", 501, "NotImplemented"),
        ("/photos/key?acl=", 200, ""),
        ("/photos/key?tagging=", 200, ""),
        ("/photos/key?retention=", 400, "InvalidRequest"),
        ("/photos/key?legal-hold=", 400, "InvalidRequest"),
        ("/photos/missing?acl=", 404, "NoSuchKey"),
        ("/photos/missing?tagging=", 404, "NoSuchKey"),
    ];
    for (target, status, code) in table {
        let reply = owner.get(target).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code), "{target} {}", reply.text());
        if status != 501 {
            hub.client("stranger").get(target).await.assert_error(403, "AccessDenied");
        }
    }
    assert_eq!(owner.get("/photos?policyStatus=").await.all("IsPublic"), ["false"]);
    assert_eq!(owner.get("/open?policyStatus=").await.all("IsPublic"), ["true"]);
    assert_eq!(owner.get("/photos?versions=").await.all("VersionId"), ["null"]);
    for target in ["/photos?acl=", "/photos/key?acl="] {
        owner.send("PUT", target, &[("x-amz-acl", "private")], b"").await.assert_ok();
        let public = owner.send("PUT", target, &[("x-amz-acl", "public-read")], b"").await;
        public.assert_error(501, "NotImplemented");
    }
}

#[tokio::test]
async fn an_error_always_has_code_message_resource_and_request_id() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let replies = [
        (owner.get("/photos/missing").await, "/photos/missing"),
        (owner.with_secret("a secret of nobody").get("/photos/key").await, "/photos/key"),
        (owner.get("/Bad_Name/x").await, "/Bad_Name/x"),
        (hub.anonymous().get("/photos").await, "/photos"),
    ];
    for (reply, resource) in replies {
        assert!(!reply.code().is_empty() && !reply.all("Message").concat().is_empty(), "{}", reply.text());
        assert_eq!(reply.all("Resource"), [resource]);
        assert_eq!(reply.all("RequestId"), [reply.header("x-amz-request-id")]);
        assert!(!reply.header("date").is_empty() && !reply.header("server").is_empty());
    }
}
