//! The examples of Amazon's documentation of S3, with the signatures that it prints.

use sha2::{Digest as _, Sha256};
use storage_hub_s3_protocol::body::PayloadMode;
use storage_hub_s3_protocol::error::ErrorCode;
use storage_hub_s3_protocol::head::Target;

use crate::sent::Sent;

/// 2013-05-24T00:00:00Z
const AT: i64 = 1_369_353_600;
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn authorization(signed_headers: &str, signature: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
         SignedHeaders={signed_headers},Signature={signature}"
    )
}

fn header_signed(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8], signature: &str) -> Sent {
    let mut headers = headers.to_vec();
    headers.push(("x-amz-date", "20130524T000000Z"));
    let mut names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    let authorization = authorization(&names.join(";"), signature);
    headers.push(("authorization", &authorization));
    Sent::new(method, target, &headers, body, AT)
}

const HOST: (&str, &str) = ("host", "examplebucket.s3.amazonaws.com");

fn examples() -> Vec<Sent> {
    let put_hash = hex(b"Welcome to Amazon S3.");
    let get = [HOST, ("range", "bytes=0-9"), ("x-amz-content-sha256", EMPTY)];
    let put = [
        HOST,
        ("date", "Fri, 24 May 2013 00:00:00 GMT"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("x-amz-content-sha256", &put_hash),
    ];
    let plain = [HOST, ("x-amz-content-sha256", EMPTY)];
    vec![
        header_signed(
            "GET",
            "/test.txt",
            &get,
            b"",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        header_signed(
            "PUT",
            "/test$file.text",
            &put,
            b"Welcome to Amazon S3.",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        header_signed(
            "GET",
            "/?lifecycle",
            &plain,
            b"",
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        header_signed(
            "GET",
            "/?max-keys=2&prefix=J",
            &plain,
            b"",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
        Sent::new(
            "GET",
            "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3\
             %2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=\
             aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
            &[HOST],
            b"",
            AT + 86_400,
        ),
        streamed(),
    ]
}

/// 65 KiB of `a` in signed chunks.
fn streamed() -> Sent {
    let chunks = [
        (65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
        (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
        (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
    ];
    let mut body = Vec::new();
    for (length, signature) in chunks {
        body.extend(format!("{length:x};chunk-signature={signature}\r\n").into_bytes());
        body.extend(vec![b'a'; length]);
        body.extend(b"\r\n");
    }
    let headers = [
        ("host", "s3.amazonaws.com"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
        ("content-length", "66824"),
    ];
    let seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
    header_signed("PUT", "/examplebucket/chunkObject.txt", &headers, &body, seed)
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn documented_requests_are_verified() {
    for example in examples() {
        assert_eq!(example.verify(), Ok(()), "{example:?}");
        let head = example.head().unwrap();
        assert_eq!(head.target().bucket(), Some("examplebucket"));
    }
    assert_eq!(
        examples()[1].head().unwrap().target(),
        &Target::Object { bucket: "examplebucket".to_owned(), key: "test$file.text".to_owned() }
    );
}

#[test]
fn no_documented_request_is_verified_after_a_change() {
    for example in examples() {
        let changes = example.changes();
        assert!(changes.len() > 100);
        for changed in changes {
            assert!(changed.verify().is_err(), "{changed:?}");
        }
    }
}

#[test]
fn a_seed_signature_with_a_trailer_is_verified() {
    let headers = [
        ("host", "s3.amazonaws.com"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
        ("x-amz-trailer", "x-amz-checksum-crc32c"),
    ];
    let seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
    let sent = header_signed("PUT", "/examplebucket/chunkObject.txt", &headers, b"", seed);
    let verified = sent.claim("us-east-1").unwrap().unwrap();
    assert!(matches!(verified.payload, PayloadMode::StreamingTrailer(_)));
}

/// The URL is that of the documentation; the signature printed there is of another string than it says.
#[test]
fn a_url_of_version_2_is_verified() {
    let url = "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=1No4mq5ETf02z8aet9voy6gui6E%3D&\
               Expires=1175139620";
    let sent = Sent::new("GET", url, &[("host", "awsexamplebucket1.s3.amazonaws.com")], b"", 1_175_139_620);
    assert_eq!(sent.verify(), Ok(()));
    for changed in sent.changes() {
        assert!(changed.verify().is_err(), "{changed:?}");
    }
    let late = Sent { at: sent.at + 1, ..sent.clone() };
    assert_eq!(late.verify(), Err(ErrorCode::AccessDenied));
    let early = Sent { at: sent.at - 604_801, ..sent };
    assert_eq!(early.verify(), Err(ErrorCode::AuthorizationQueryParametersError));
}
