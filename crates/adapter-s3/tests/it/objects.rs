//! Objects as clients write, read, copy and delete them.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::hub::Hub;

#[tokio::test]
async fn an_object_comes_back_as_it_was_sent() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let body: Vec<u8> = (0..=255).cycle().take(1_000_003).collect();
    let headers = [
        ("content-type", "text/plain; charset=utf-8"),
        ("cache-control", "max-age=60"),
        ("content-disposition", "attachment; filename=\"a.txt\""),
        ("content-encoding", "gzip"),
        ("content-language", "de"),
        ("expires", "Thu, 01 Dec 2044 16:00:00 GMT"),
        ("x-amz-meta-colour", "dark blue"),
    ];
    let put = owner.send("PUT", "/photos/key", &headers, &body).await.assert_ok();
    let got = owner.get("/photos/key").await.assert_ok();
    assert!(got.body == body);
    let head = owner.send("HEAD", "/photos/key", &[], b"").await.assert_ok();
    for reply in [&got, &head] {
        for (name, value) in headers {
            assert_eq!(reply.header(name), value, "{name}");
        }
        assert_eq!(reply.header("content-length"), "1000003");
        assert_eq!(reply.header("accept-ranges"), "bytes");
        assert_eq!(reply.header("etag"), put.header("etag"));
        assert!(!reply.header("last-modified").is_empty());
    }
    owner.put("/photos/empty", b"").await.assert_ok();
    let empty = owner.get("/photos/empty").await.assert_ok();
    assert_eq!((empty.body.len(), empty.header("content-length")), (0, "0"));
    assert_eq!(empty.header("etag"), "\"d41d8cd98f00b204e9800998ecf8427e\"");
    assert_eq!(empty.header("content-type"), "binary/octet-stream");
}

#[tokio::test]
async fn too_much_metadata_is_refused() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let long = "m".repeat(2048 - 1);
    owner.send("PUT", "/photos/key", &[("x-amz-meta-a", &long)], b"").await.assert_ok();
    let reply = owner.send("PUT", "/photos/key", &[("x-amz-meta-ab", &long)], b"").await;
    reply.assert_error(400, "MetadataTooLarge");
}

#[tokio::test]
async fn a_write_over_an_object_leaves_one_blob() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    for body in ["first", "second", "third"] {
        owner.put("/photos/key", body.as_bytes()).await.assert_ok();
    }
    assert_eq!(owner.get("/photos/key").await.assert_ok().body, "third");
    owner.delete("/photos/key").await.assert_ok();
    assert_eq!(owner.delete("/photos/key").await.status, 204);
}

#[tokio::test]
async fn many_objects_are_deleted_by_one_request() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    for key in ["a", "b%26c", "d"] {
        owner.put(&format!("/photos/{key}"), b"body").await.assert_ok();
    }
    let wanted = "<Delete><Object><Key>a</Key></Object><Object><Key>b&amp;c</Key></Object><Object><Key>never</Key></Object>\
                  <Object><Key>d</Key><VersionId>other</VersionId></Object></Delete>";
    let reply = owner.post("/photos?delete=", wanted).await.assert_ok();
    assert_eq!(reply.all("Key"), ["a", "b&c", "never", "d"]);
    assert_eq!(reply.all("Code"), ["NoSuchVersion"]);
    assert_eq!(owner.get("/photos?list-type=2").await.assert_ok().all("Key"), ["d"]);
    let quiet = "<Delete><Quiet>true</Quiet><Object><Key>d</Key></Object></Delete>";
    assert_eq!(owner.post("/photos?delete=", quiet).await.assert_ok().all("Key"), Vec::<String>::new());
    owner.post("/photos?delete=", "<Delete></Delete>").await.assert_error(400, "MalformedXML");
}

#[tokio::test]
async fn a_copy_keeps_what_it_is_told_to_keep_and_outlives_its_source() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let headers = [("content-type", "text/plain"), ("x-amz-meta-colour", "blue")];
    let put = owner.send("PUT", "/photos/from%20here", &headers, b"body").await.assert_ok();
    let source = ("x-amz-copy-source", "/photos/from%20here");
    let copied = owner.send("PUT", "/photos/copy", &[source], b"").await.assert_ok();
    assert_eq!(copied.all("ETag"), [put.header("etag")]);
    let replaced = [source, ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-size", "small")];
    owner.send("PUT", "/photos/replaced", &replaced, b"").await.assert_ok();
    owner.delete("/photos/from%20here").await.assert_ok();
    let copy = owner.get("/photos/copy").await.assert_ok();
    assert_eq!(
        (&copy.body[..], copy.header("x-amz-meta-colour"), copy.header("content-type")),
        (&b"body"[..], "blue", "text/plain")
    );
    let copy = owner.get("/photos/replaced").await.assert_ok();
    assert_eq!(
        (&copy.body[..], copy.header("x-amz-meta-colour"), copy.header("x-amz-meta-size")),
        (&b"body"[..], "", "small")
    );
    owner.send("PUT", "/photos/x", &[source], b"").await.assert_error(404, "NoSuchKey");
}

#[tokio::test]
async fn a_copy_to_itself_must_change_something() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.send("PUT", "/photos/key", &[("x-amz-meta-colour", "blue")], b"body").await.assert_ok();
    let source = ("x-amz-copy-source", "photos/key");
    owner.send("PUT", "/photos/key", &[source], b"").await.assert_error(400, "InvalidRequest");
    let changed = [source, ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-colour", "red")];
    owner.send("PUT", "/photos/key", &changed, b"").await.assert_ok();
    let got = owner.get("/photos/key").await.assert_ok();
    assert_eq!((&got.body[..], got.header("x-amz-meta-colour")), (&b"body"[..], "red"));
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.put("/photos/key", b"before").await.assert_ok();
    let put = owner.presign("PUT", "/photos/key", Duration::from_secs(60));
    let mut stream = TcpStream::connect(hub.address).await.unwrap();
    let head = format!("PUT {put} HTTP/1.1\r\nhost: {}\r\ncontent-length: 1000000\r\n\r\n", hub.address);
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&[b'x'; 600_000]).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert_eq!(owner.get("/photos/key").await.assert_ok().body, "before");
}

#[tokio::test]
async fn an_object_that_is_replaced_while_it_is_read_is_read_to_its_end() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let body = vec![b'a'; 8 * 1024 * 1024];
    owner.put("/photos/key", &body).await.assert_ok();
    let get = owner.presign("GET", "/photos/key", Duration::from_secs(60));
    let mut stream = TcpStream::connect(hub.address).await.unwrap();
    let head = format!("GET {get} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", hub.address);
    stream.write_all(head.as_bytes()).await.unwrap();
    // The answer has begun: the object is open.
    let mut first = [0; 1];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut first).await.unwrap();
    owner.put("/photos/key", b"new").await.assert_ok();
    let mut rest = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut rest).await.unwrap();
    assert!(rest.ends_with(&body));
    assert_eq!(owner.get("/photos/key").await.assert_ok().body, "new");
}

/// All SDKs sign a run of blanks as one, as S3 has it.
#[tokio::test]
async fn runs_of_blanks_in_metadata_are_signed_as_one_and_kept() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    for value in ["a  b", "  a b  ", "a     b  c", "\"a   b\""] {
        owner.send("PUT", "/photos/key", &[("x-amz-meta-note", value)], b"").await.assert_ok();
        let kept = owner.send("HEAD", "/photos/key", &[], b"").await.assert_ok();
        assert_eq!(kept.header("x-amz-meta-note"), value.trim(), "{value:?}");
    }
}
