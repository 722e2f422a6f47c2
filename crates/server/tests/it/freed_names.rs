//! MinIO: the name of a deleted bucket, while requests and uploads of its last owner may still be under way.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::hub::{Backend, Hub, Person, unique};
use crate::s3::{Key, Request};

/// What MinIO's defaults come to.
const RESERVED: [(&str, &str); 1] = [("store.name_reservation_seconds", "111600")];
const MINIO: [Backend; 2] = [Backend::SqliteMinio, Backend::PostgresMinio];

async fn status_of_creation(person: &Person, bucket: &str) -> u16 {
    person.api.post("/api/buckets", json!({"name": bucket})).await.status.as_u16()
}

/// A PUT whose body is held back but for its beginning: it is authorized, and stays open.
fn hold_put(hub: &Hub, key: &Key, path: &str, body: &str) -> (TcpStream, usize) {
    let request = hub.s3.signed(key, Request::new(Method::PUT, path).body(body));
    let address = hub.s3.url.strip_prefix("http://").expect("no TLS");
    let mut head =
        format!("PUT {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\nexpect: 100-continue\r\n", body.len());
    for (name, value) in request.headers() {
        if !matches!(name.as_str(), "host" | "content-length") {
            head.push_str(&format!("{name}: {}\r\n", value.to_str().expect("text")));
        }
    }
    head.push_str("\r\n");
    let mut socket = TcpStream::connect(address).expect("MinIO listens");
    socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket");
    socket.write_all(head.as_bytes()).expect("the head is taken");
    // MinIO asks for the body only once the request is authorized.
    let mut answer = [0; 12];
    socket.read_exact(&mut answer).expect("an interim answer");
    assert_eq!(&answer, b"HTTP/1.1 100");
    let mut rest = [0; 13];
    socket.read_exact(&mut rest).expect("the rest of its line");
    socket.write_all(&body.as_bytes()[..4]).expect("the beginning is taken");
    (socket, 4)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_gets_the_name_while_a_put_of_its_last_owner_may_be_open() {
    for backend in MINIO {
        let Some(hub) = Hub::start_with(backend, &RESERVED).await else { continue };
        let (first, second) = (hub.sign_up("first@example.com").await, hub.sign_up("second@example.com").await);
        let bucket = unique("contested");
        first.create_bucket(&bucket).await;
        let body = "evil content from the last owner";
        let (mut socket, sent) = hold_put(&hub, &first.key, &format!("/{bucket}/index.html"), body);

        first.api.delete(&format!("/api/buckets/{bucket}")).await.expect(200);
        let refused = second.api.post("/api/buckets", json!({"name": bucket})).await.expect(409);
        assert_eq!(refused["error"], "Bucket name already taken");

        socket.write_all(&body.as_bytes()[sent..]).expect("the rest is sent");
        let mut answer = [0; 12];
        drop(socket.read(&mut answer));
        assert_eq!(status_of_creation(&second, &bucket).await, 409);
        // The owner has it back at once, and nobody but itself to thank for what is in it.
        first.create_bucket(&bucket).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_owner_of_a_name_reads_no_upload_of_the_last() {
    for backend in MINIO {
        let Some(hub) = Hub::start_with(backend, &[("store.name_reservation_seconds", "2")]).await else { continue };
        let (first, second) = (hub.sign_up("first@example.com").await, hub.sign_up("second@example.com").await);
        let bucket = unique("uploads");
        first.create_bucket(&bucket).await;
        let path = format!("/{bucket}/backup.tar");
        let begun = hub.s3.send(Some(&first.key), Request::new(Method::POST, format!("{path}?uploads="))).await;
        let id = begun.element("UploadId").expect("an upload").to_owned();
        let part = Request::new(Method::PUT, format!("{path}?partNumber=1&uploadId={id}")).body("private data");
        let part = hub.s3.send(Some(&first.key), part).await;
        assert!(part.succeeded(), "{part:?}");

        first.api.delete(&format!("/api/buckets/{bucket}")).await.expect(200);
        assert_eq!(status_of_creation(&second, &bucket).await, 409);
        let taken = || async { status_of_creation(&second, &bucket).await == 201 };
        hub.until("the reservation expires", taken).await;

        for query in ["?uploads=".to_owned(), "?uploads=&prefix=backup.tar".to_owned()] {
            let listed = hub.s3.send(Some(&second.key), Request::new(Method::GET, format!("/{bucket}{query}"))).await;
            assert!(listed.succeeded() && !listed.body.contains("<Upload>"), "{listed:?}");
        }
        let parts = hub.s3.send(Some(&second.key), Request::new(Method::GET, format!("{path}?uploadId={id}"))).await;
        assert_eq!(parts.status, 404, "{parts:?}");
        let body = format!(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>",
            part.etag
        );
        let completed = Request::new(Method::POST, format!("{path}?uploadId={id}")).body(body);
        assert_eq!(hub.s3.send(Some(&second.key), completed).await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_releases_a_reserved_name() {
    let Some(hub) = Hub::start_with(Backend::SqliteMinio, &RESERVED).await else { return };
    let (first, second) = (hub.sign_up("first@example.com").await, hub.sign_up("second@example.com").await);
    let bucket = unique("released");
    let release = || hub.tool(&["admin", "release-name", &bucket]);
    assert!(!release().status.success());
    first.create_bucket(&bucket).await;
    assert!(!release().status.success());
    first.api.delete(&format!("/api/buckets/{bucket}")).await.expect(200);
    assert_eq!(status_of_creation(&second, &bucket).await, 409);
    assert!(hub.tool_prints(&["admin", "release-name", &bucket]).contains("may still write into the next one"));
    assert_eq!(status_of_creation(&second, &bucket).await, 201);
}
