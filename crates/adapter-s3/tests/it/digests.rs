//! What a client says of its bytes is held against them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::Md5;
use sha2::{Digest as _, Sha256};

use crate::hub::Hub;

const BODY: &[u8] = b"123456789";
/// Of that body, by each algorithm.
const CHECKSUMS: [(&str, &str); 5] = [
    ("x-amz-checksum-crc32", "y/Q5Jg=="),
    ("x-amz-checksum-crc32c", "4waSgw=="),
    ("x-amz-checksum-crc64nvme", "rosUhgp5mIg="),
    ("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="),
    ("x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
];

#[tokio::test]
async fn a_body_that_is_not_what_its_md5_says_is_refused() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let right = "JfnnlDI7RTiF9RgfG2JNCw==";
    let wrong = BASE64.encode([0; 16]);
    owner.send("PUT", "/photos/key", &[("content-md5", &wrong)], BODY).await.assert_error(400, "BadDigest");
    for malformed in ["not base64!", "AAAA"] {
        owner.send("PUT", "/photos/key", &[("content-md5", malformed)], BODY).await.assert_error(400, "InvalidDigest");
    }
    owner.get("/photos/key").await.assert_error(404, "NoSuchKey");
    let put = owner.send("PUT", "/photos/key", &[("content-md5", right)], BODY).await.assert_ok();
    assert_eq!(put.header("etag"), "\"25f9e794323b453885f5181f1b624d0b\"");
}

#[tokio::test]
async fn a_checksum_is_verified_kept_and_told_when_asked_for() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    for (header, value) in CHECKSUMS {
        let put = owner.send("PUT", "/photos/key", &[(header, value)], BODY).await.assert_ok();
        assert_eq!((put.header(header), put.header("x-amz-checksum-type")), (value, "FULL_OBJECT"));
        let asked = [("x-amz-checksum-mode", "ENABLED")];
        for method in ["GET", "HEAD"] {
            let reply = owner.send(method, "/photos/key", &asked, b"").await.assert_ok();
            assert_eq!(reply.header(header), value, "{method} {header}");
        }
        assert_eq!(owner.get("/photos/key").await.assert_ok().header(header), "");
        // A part of the object has another checksum than the whole.
        let part =
            owner.send("GET", "/photos/key", &[("x-amz-checksum-mode", "ENABLED"), ("range", "bytes=0-1")], b"").await;
        assert_eq!(part.header(header), "");
        let other = owner.send("PUT", "/photos/other", &[(header, value)], b"another body").await;
        other.assert_error(400, "BadDigest");
        let malformed = owner.send("PUT", "/photos/other", &[(header, "AA==")], BODY).await;
        malformed.assert_error(400, "InvalidRequest");
    }
    let two = owner.send("PUT", "/photos/other", &CHECKSUMS[..2], BODY).await;
    two.assert_error(400, "InvalidRequest");
    owner.get("/photos/other").await.assert_error(404, "NoSuchKey");
}

#[tokio::test]
async fn a_copy_has_the_checksum_that_it_is_asked_for() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.put("/photos/key", BODY).await.assert_ok();
    for (name, (header, value)) in ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"].into_iter().zip(CHECKSUMS) {
        let headers = [("x-amz-copy-source", "/photos/key"), ("x-amz-checksum-algorithm", name)];
        owner.send("PUT", "/photos/copy", &headers, b"").await.assert_ok();
        let asked = [("x-amz-checksum-mode", "ENABLED")];
        assert_eq!(owner.send("HEAD", "/photos/copy", &asked, b"").await.header(header), value);
    }
}

#[tokio::test]
async fn a_body_that_is_not_what_was_signed_is_refused() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let signed = hex::encode(Sha256::digest(b"what was signed"));
    let reply = owner.send_streaming("/photos/key", &[], &signed, b"what was sent..").await;
    reply.assert_error(400, "XAmzContentSHA256Mismatch");
    owner.get("/photos/key").await.assert_error(404, "NoSuchKey");
}

#[tokio::test]
async fn a_chunked_body_is_taken_apart_and_its_trailing_checksum_verified() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let chunked = |checksum: &str| format!("4\r\n1234\r\n5\r\n56789\r\n0\r\nx-amz-checksum-crc32:{checksum}\r\n\r\n");
    let headers = [
        ("content-encoding", "gzip,aws-chunked"),
        ("x-amz-decoded-content-length", "9"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let unsigned = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    let wrong = owner.send_streaming("/photos/key", &headers, unsigned, chunked("AAAAAA==").as_bytes()).await;
    wrong.assert_error(400, "BadDigest");
    owner.get("/photos/key").await.assert_error(404, "NoSuchKey");
    let right =
        owner.send_streaming("/photos/key", &headers, unsigned, chunked("y/Q5Jg==").as_bytes()).await.assert_ok();
    assert_eq!(right.header("x-amz-checksum-crc32"), "y/Q5Jg==");
    let got = owner.send("GET", "/photos/key", &[("x-amz-checksum-mode", "ENABLED")], b"").await.assert_ok();
    assert_eq!((&got.body[..], got.header("content-encoding")), (BODY, "gzip"));
    assert_eq!(got.header("x-amz-checksum-crc32"), "y/Q5Jg==");
    let torn = owner.send_streaming("/photos/torn", &headers, unsigned, b"4\r\n1234\r\n").await;
    torn.assert_error(400, "IncompleteBody");
    // At the end of a chunk, where the rest could be missing without a trace.
    let unfinished = owner.send_streaming("/photos/torn", &headers, unsigned, b"9\r\n123456789\r\n").await;
    unfinished.assert_error(400, "IncompleteBody");
    let garbled = owner.send_streaming("/photos/torn", &headers, unsigned, b"no chunks at all").await;
    garbled.assert_error(400, "IncompleteBody");
    owner.get("/photos/torn").await.assert_error(404, "NoSuchKey");
}

/// The CRC-32 of the body of the next test.
const CRC32: u32 = 0xAE6A5A31;

#[tokio::test]
async fn a_body_in_one_large_chunk_or_in_many_small_ones_is_the_same() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let body: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let length = body.len().to_string();
    let headers = [("x-amz-decoded-content-length", length.as_str()), ("x-amz-trailer", "x-amz-checksum-crc32")];
    let checksum = BASE64.encode(CRC32.to_be_bytes());
    for size in [body.len(), 100_000, 1000] {
        let mut chunked = Vec::new();
        for chunk in body.chunks(size) {
            chunked.extend([format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
        }
        chunked.extend(format!("0\r\nx-amz-checksum-crc32:{checksum}\r\n\r\n").as_bytes());
        let unsigned = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
        owner.send_streaming("/photos/key", &headers, unsigned, &chunked).await.assert_ok();
        assert!(owner.get("/photos/key").await.assert_ok().body == body, "chunks of {size}");
    }
    let long = [("x-amz-decoded-content-length", "3"), ("x-amz-trailer", "x-amz-checksum-crc32")];
    let more =
        owner.send_streaming("/photos/key", &long, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", b"4\r\n1234\r\n0\r\n\r\n");
    more.await.assert_error(400, "IncompleteBody");
}

#[tokio::test]
async fn a_deletion_of_many_is_held_against_the_digests_that_it_says() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.put("/photos/key", b"body").await.assert_ok();
    let body = b"<Delete><Object><Key>key</Key></Object></Delete>";
    let delete = async |header: (&str, &str)| owner.send("POST", "/photos?delete=", &[header], body).await;
    delete(("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==")).await.assert_error(400, "BadDigest");
    delete(("content-md5", "no digest")).await.assert_error(400, "InvalidDigest");
    delete(("x-amz-checksum-crc32", "AAAAAA==")).await.assert_error(400, "BadDigest");
    owner.get("/photos/key").await.assert_ok();
    delete(("content-md5", &BASE64.encode(Md5::digest(body)))).await.assert_ok();
    owner.get("/photos/key").await.assert_error(404, "NoSuchKey");
    owner.put("/photos/key", b"body").await.assert_ok();
    // However the parameter is written.
    let spelt = owner.send("POST", "/photos?%64elete=x", &[("x-amz-checksum-crc32", "AAAAAA==")], body).await;
    spelt.assert_error(400, "BadDigest");
    delete(("x-amz-checksum-sha256", &BASE64.encode(Sha256::digest(body)))).await.assert_ok();
    owner.get("/photos/key").await.assert_error(404, "NoSuchKey");
}

/// As the SDKs presign an upload: the headers with checksums move into the query.
#[tokio::test]
async fn a_checksum_in_a_presigned_url_is_held_against_the_body() {
    let hub = Hub::start().await;
    let put = async |query: &str| {
        let target = format!("/photos/key?{query}");
        let target = hub.client("owner").presign("PUT", &target, std::time::Duration::from_secs(60));
        hub.anonymous().put(&target, BODY).await
    };
    let right = put("x-amz-checksum-crc32=y%2FQ5Jg%3D%3D&x-amz-sdk-checksum-algorithm=CRC32").await.assert_ok();
    assert_eq!(right.header("x-amz-checksum-crc32"), "y/Q5Jg==");
    put("x-amz-checksum-crc32=AAAAAQ%3D%3D").await.assert_error(400, "BadDigest");
    // Of an upload whose body was not known when it was presigned.
    put("x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32").await.assert_ok();
    assert_eq!(hub.client("owner").get("/photos/key").await.body, BODY);
}
