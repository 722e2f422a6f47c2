//! Writes whose body arrives after the right to make them is gone, or after the bucket is.

use std::time::Duration;

use storage_hub_adapter_s3::{S3Limits, S3Options};
use storage_hub_core::acl::Access;
use storage_hub_core::domain::{BucketId, SecretKey};
use storage_hub_core::ports::{SecretVault as _, UnitOfWork as _};
use storage_hub_core::testing::PlainVault;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::client::{Client, Reply};
use crate::hub::{Hub, bucket, id};

const WRITES: [&str; 8] = ["put", "chunked put", "part", "copy part", "complete", "delete many", "copy", "copy bytes"];

/// An upload in `photos` with one part.
struct Upload {
    id: String,
    etag: String,
}

async fn begin_upload(client: &Client) -> Upload {
    let id = client.post("/photos/key?uploads=", "").await.assert_ok().all("UploadId").remove(0);
    let part = client.put(&format!("/photos/key?partNumber=1&uploadId={id}"), b"part").await.assert_ok();
    Upload { id, etag: part.header("etag").to_owned() }
}

/// Writes to `key` of `photos`. Copies read `source` of `open`.
async fn write(client: &Client, operation: &str, upload: &Upload) -> Reply {
    let source = ("x-amz-copy-source", "/open/source");
    let part = format!("/photos/key?partNumber=2&uploadId={}", upload.id);
    match operation {
        "put" => client.put("/photos/key", b"late").await,
        "chunked put" => {
            let headers = [("x-amz-decoded-content-length", "4"), ("x-amz-trailer", "x-amz-checksum-crc32")];
            let unsigned = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
            client
                .send_streaming(
                    "/photos/key",
                    &headers,
                    unsigned,
                    b"4\r\nlate\r\n0\r\nx-amz-checksum-crc32:byoflQ==\r\n\r\n",
                )
                .await
        }
        "part" => client.put(&part, b"late").await,
        "copy part" => client.send("PUT", &part, &[source], b"").await,
        "complete" => {
            let part = format!("<Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part>", upload.etag);
            let body = format!("<CompleteMultipartUpload>{part}</CompleteMultipartUpload>");
            client.post(&format!("/photos/key?uploadId={}", upload.id), &body).await
        }
        "delete many" => client.post("/photos?delete=", "<Delete><Object><Key>key</Key></Object></Delete>").await,
        "copy" => client.send("PUT", "/photos/key", &[source], b"").await,
        "copy bytes" => client.send("PUT", "/photos/key", &[source, ("x-amz-checksum-algorithm", "SHA256")], b"").await,
        other => panic!("no such write: {other}"),
    }
}

/// What a write of the user is answered when this happens after its body has arrived.
async fn write_late(
    hub: &Hub,
    user: &str,
    operation: &'static str,
    upload: Upload,
    change: impl AsyncFnOnce(),
) -> Reply {
    let client = hub.client(user);
    // The source of a copy is in another bucket, which is read by itself.
    let held = hub.directory.hold_after(if operation.starts_with("copy") { 2 } else { 1 });
    let writing = tokio::spawn(async move { write(&client, operation, &upload).await });
    held.arrived.await.expect("the records are read again before the commit");
    change().await;
    held.go_on.send(()).unwrap();
    writing.await.unwrap()
}

async fn change_user(hub: &Hub, user: &str, change: impl FnOnce(&mut storage_hub_core::domain::UserRecord)) {
    let mut transaction = hub.records.begin().await.unwrap();
    let mut record = transaction.users().find(id(user)).await.unwrap().unwrap();
    change(&mut record);
    transaction.users().update(&record).await.unwrap();
    transaction.commit().await.unwrap();
}

/// Makes the records say that `photos` belongs to somebody, and is shared with nobody.
async fn give_photos_to(hub: &Hub, owner: &str) {
    let mut transaction = hub.records.begin().await.unwrap();
    let (bucket, entries) = bucket("photos", owner, &[] as &[(&str, Access)]);
    transaction.buckets().delete(bucket.id).await.unwrap();
    transaction.buckets().insert(&bucket, &entries).await.unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn what_is_revoked_before_the_commit_is_not_written() {
    for operation in WRITES {
        for revocation in ["disabled", "rotated", "not shared any more"] {
            let hub = Hub::start().await;
            let (writer, owner) = (hub.client("writer"), hub.client("owner"));
            hub.put("open", "source", b"source").await;
            owner.put("/photos/key", b"kept").await.assert_ok();
            let upload = begin_upload(&writer).await;
            let parts = format!("/photos/key?uploadId={}", upload.id);
            let reply = write_late(&hub, "writer", operation, upload, async || match revocation {
                "disabled" => change_user(&hub, "writer", |record| record.user.enabled = false).await,
                "rotated" => {
                    let secret = SecretKey::parse("another-secret-of-the-writer").unwrap();
                    let sealed = PlainVault::default().seal(id("writer"), &secret).unwrap();
                    change_user(&hub, "writer", |record| record.sealed_secret = sealed).await;
                }
                _ => give_photos_to(&hub, "owner").await,
            })
            .await;
            reply.assert_error(403, "AccessDenied");
            assert_eq!(owner.get("/photos/key").await.assert_ok().body, "kept", "{operation}, {revocation}");
            assert_eq!(owner.get(&parts).await.assert_ok().all("PartNumber"), ["1"], "{operation}, {revocation}");
        }
    }
}

/// Deletes `photos`, and has somebody create a bucket of the same name.
async fn replace_photos(hub: &Hub, owner: &str) {
    let (mut next, entries) = bucket("photos", owner, &[] as &[(&str, Access)]);
    let before = next.reference();
    next.id = BucketId::new(Uuid::from_u128(4711));
    let mut transaction = hub.records.begin().await.unwrap();
    transaction.buckets().delete(before.id).await.unwrap();
    transaction.buckets().insert(&next, &entries).await.unwrap();
    transaction.commit().await.unwrap();
    hub.backend.delete_bucket(&before).unwrap();
    assert!(hub.backend.create_bucket(&next.reference()));
}

#[tokio::test]
async fn what_was_begun_in_a_bucket_does_not_reach_the_next_one_of_its_name() {
    for operation in WRITES {
        // The administrator may write into both buckets, and the write is still one into the first.
        for user in ["owner", "admin"] {
            let hub = Hub::start().await;
            let stranger = hub.client("stranger");
            hub.put("open", "source", b"source").await;
            let upload = begin_upload(&hub.client(user)).await;
            let reply = write_late(&hub, user, operation, upload, async || {
                replace_photos(&hub, "stranger").await;
                stranger.put("/photos/key", b"the stranger's").await.assert_ok();
            })
            .await;
            let refused =
                matches!((reply.status.as_u16(), &*reply.code()), (404, "NoSuchBucket") | (403, "AccessDenied"));
            assert!(refused, "{operation} by {user}: {} {}", reply.status, reply.text());
            assert_eq!(stranger.get("/photos/key").await.assert_ok().body, "the stranger's", "{operation} by {user}");
            assert_eq!(stranger.get("/photos").await.assert_ok().all("Key"), ["key"], "{operation} by {user}");
        }
    }
}

#[tokio::test]
async fn an_upload_id_of_a_bucket_that_is_gone_is_of_no_use_in_the_next_one() {
    let hub = Hub::start().await;
    let upload = begin_upload(&hub.client("owner")).await;
    let target = format!("/photos/key?uploadId={}", upload.id);
    replace_photos(&hub, "owner").await;
    for method in ["GET", "DELETE"] {
        hub.client("owner").send(method, &target, &[], b"").await.assert_error(404, "NoSuchUpload");
    }
    write(&hub.client("owner"), "part", &upload).await.assert_error(404, "NoSuchUpload");
}

#[tokio::test]
async fn a_running_download_ends_when_it_is_no_longer_allowed() {
    let limits = S3Limits { reauthorize_interval: Duration::ZERO, ..S3Limits::default() };
    let hub = Hub::start_with(S3Options { limits, ..S3Options::default() }).await;
    hub.put("photos", "key", b"body").await;
    let download = async |change: &str| {
        let get = hub.client("writer").presign("GET", "/photos/key", Duration::from_secs(60));
        let held = hub.directory.hold_after(1);
        let mut stream = TcpStream::connect(hub.address).await.unwrap();
        let head = format!("GET {get} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", hub.address);
        stream.write_all(head.as_bytes()).await.unwrap();
        held.arrived.await.expect("the records are read again while the download runs");
        if change == "disabled" {
            change_user(&hub, "writer", |record| record.user.enabled = false).await;
        }
        held.go_on.send(()).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    };
    let whole = download("nothing").await;
    assert!(whole.starts_with("HTTP/1.1 200") && whole.ends_with("\r\n\r\nbody"), "{whole}");
    let cut = download("disabled").await;
    assert!(!cut.ends_with("body"), "{cut}");
}
