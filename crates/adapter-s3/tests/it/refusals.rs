//! Requests that could be read as something else than was signed, and settings that are not implemented.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::hub::Hub;

#[tokio::test]
async fn the_holder_of_a_presigned_put_cannot_make_it_a_copy() {
    let hub = Hub::start().await;
    hub.put("photos", "private", b"private").await;
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
    hub.put("photos", "key", b"body").await;
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
async fn temporary_credentials_are_refused() {
    let hub = Hub::start().await;
    let token = [("x-amz-security-token", "token")];
    hub.client("owner").send("GET", "/photos", &token, b"").await.assert_error(403, "InvalidToken");
}

#[tokio::test]
async fn what_is_not_there_is_refused_and_not_dropped_in_silence() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    let headers = [
        ("x-amz-acl", "public-read"),
        ("x-amz-grant-read", "id=1"),
        ("x-amz-server-side-encryption", "AES256"),
        ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
        ("x-amz-website-redirect-location", "/elsewhere"),
    ];
    for header in headers {
        owner.send("PUT", "/photos/key", &[header], b"body").await.assert_error(501, "NotImplemented");
    }
    let storage_class = [("x-amz-storage-class", "GLACIER")];
    owner.send("PUT", "/photos/key", &storage_class, b"body").await.assert_error(501, "NotImplemented");
    owner.get("/photos/key").await.assert_error(404, "NoSuchKey");
    let usual = [("x-amz-acl", "private"), ("x-amz-storage-class", "STANDARD")];
    owner.send("PUT", "/photos/key", &usual, b"body").await.assert_ok();
    for target in ["/photos?encryption=", "/photos?notification="] {
        let refused = owner.put(target, b"<Any/>").await;
        refused.assert_error(501, "NotImplemented");
        assert!(refused.text().contains("<Message>Put"), "{}", refused.text());
        hub.client("stranger").put(target, b"<Any/>").await.assert_error(403, "AccessDenied");
    }
    owner.get("/photos/key?versionId=other").await.assert_error(404, "NoSuchVersion");
    assert_eq!(owner.get("/photos/key?versionId=null").await.assert_ok().body, "body");
}

/// Sends the head of a request and a byte of its body, and returns the status and the code of the answer.
async fn status_of_head(hub: &Hub, head: &[u8]) -> (String, String) {
    let mut stream = TcpStream::connect(hub.address).await.unwrap();
    stream.write_all(head).await.unwrap();
    stream.write_all(b"x").await.unwrap();
    let mut answer = vec![0; 4096];
    let read = stream.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    let code = answer.split_once("<Code>").and_then(|(_, rest)| rest.split_once('<')).unwrap_or_default().0;
    (answer.get(9..12).unwrap_or_default().to_owned(), code.to_owned())
}

#[tokio::test]
async fn a_head_that_two_readers_could_take_for_different_things_is_refused_before_its_body() {
    let hub = Hub::start().await;
    let signed = "AWS4-HMAC-SHA256 Credential=user_owner/20261122/us-east-1/s3/aws4_request, SignedHeaders=host";
    let table: &[(&str, &[u8], &str, &str)] = &[
        ("POST /open", "content-type: multipart/form-data; boundary=x; n=\"é\"".as_bytes(), "400", "InvalidArgument"),
        ("POST /open", b"content-type: multipart/form-data; boundary=x; n=\"\xe9\"", "400", "InvalidArgument"),
        ("POST /open", b"content-type: a/b\r\ncontent-type: multipart/form-data; boundary=x", "400", "InvalidArgument"),
        ("PUT /open/k", "authorization: é".as_bytes(), "400", "InvalidArgument"),
        ("PUT /open/k", b"authorization: \xff\r\nauthorization: AWS user_owner:c2ln", "400", "InvalidArgument"),
        ("PUT /open/k", b"authorization: AWS user_owner:c2ln", "400", "InvalidRequest"),
        ("PUT /open/k", b"authorization: Bearer x", "400", "AuthorizationHeaderMalformed"),
        ("PUT /open/k", "x-amz-copy-source: /photos/é".as_bytes(), "400", "InvalidArgument"),
        ("PUT /open/k", b"x-amz-acl: private\r\nx-amz-acl: public-read", "400", "InvalidArgument"),
        ("PUT /open/k", b"if-none-match: *\r\nif-none-match: *", "400", "InvalidArgument"),
        ("PUT /open/k", b"content-md5: a\r\ncontent-md5: b", "400", "InvalidArgument"),
        ("PUT /open/k", b"x-amz-meta-name: \xff", "400", "InvalidArgument"),
        ("PUT /open/k", b"content-disposition: \xff", "400", "InvalidArgument"),
        ("PUT /open/k", b"host: other.example.com", "400", "InvalidArgument"),
        ("PUT http://other.example.com/open/k", b"x-any: 1", "400", "InvalidArgument"),
        ("PUT /open/k", b"x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER", "400", "InvalidRequest"),
        ("GET /open/k?versionId=a&versionId=b", b"x-any: 1", "400", "InvalidRequest"),
        ("GET /open/k?versionId=a&version%49d=b", b"x-any: 1", "400", "InvalidRequest"),
        ("GET /open?prefix=%FF", b"x-any: 1", "400", "InvalidURI"),
        ("POST /open?delete=", b"content-length: 8388609", "403", "AccessDenied"),
        // These may come twice, and hold UTF-8: nobody may write there, that is all.
        ("PUT /open/k", "x-amz-meta-a: é\r\nx-amz-meta-a: ü".as_bytes(), "403", "AccessDenied"),
        ("PUT /open/k", "content-disposition: attachment; filename=é".as_bytes(), "403", "AccessDenied"),
        (
            "GET /photos/k?attributes=",
            b"x-amz-object-attributes: ETag\r\nx-amz-object-attributes: ObjectSize",
            "403",
            "AccessDenied",
        ),
    ];
    for (line, header, status, code) in table {
        let length: &[u8] = if header.starts_with(b"content-length") { b"" } else { b"\r\ncontent-length: 8388608" };
        let host = format!("host: {}\r\n", hub.address);
        let head = [line.as_bytes(), b" HTTP/1.1\r\n", host.as_bytes(), header, length, b"\r\n\r\n"].concat();
        let answer = status_of_head(&hub, &head).await;
        assert_eq!(answer, ((*status).to_owned(), (*code).to_owned()), "{line} {}", String::from_utf8_lossy(header));
    }
    let both = format!("authorization: {signed}, Signature=0");
    for url in ["X-Amz-Signature=0", "Signature=0&AWSAccessKeyId=user_owner&Expires=1"] {
        let head = format!("GET /open/k?{url} HTTP/1.1\r\nhost: {}\r\n{both}\r\n\r\n", hub.address);
        assert_eq!(status_of_head(&hub, head.as_bytes()).await.1, "InvalidArgument", "{url}");
    }
    let mut many = format!("/open/k?Signature=x&Expires={}&AWSAccessKeyId=a", u32::MAX);
    many.extend((0..10_000).map(|number| format!("&{number}")));
    hub.anonymous().send_plain("GET", &many, &[], b"").await.assert_error(400, "InvalidArgument");
}

#[tokio::test]
async fn a_header_beside_the_signed_ones_is_seen_whatever_they_contain() {
    let hub = Hub::start().await;
    hub.put("photos", "private", b"private").await;
    let signed = hub.client("owner").sign_put("/photos/inbox", b"");
    let target = "PUT /photos/inbox HTTP/1.1\r\ncontent-length: 0\r\n".to_owned();
    let head = |authorization: &str, more: &str| {
        let headers = signed.headers().iter().filter(|(name, _)| *name != "authorization" && *name != "content-length");
        let headers: String = headers.map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap())).collect();
        format!("{target}{headers}authorization: {authorization}\r\n{more}\r\n")
    };
    let authorization = signed.headers()["authorization"].to_str().unwrap();
    let source = "x-amz-copy-source: /photos/private\r\n";
    let expect = async |head: String, code: &str| {
        assert_eq!(status_of_head(&hub, head.as_bytes()).await.1, code, "{head}");
    };
    expect(head(authorization, source), "AccessDenied").await;
    expect(head(&authorization.replace(", Signature", ";é, Signature"), source), "InvalidArgument").await;
    expect(
        head(&authorization.replace("SignedHeaders=", "SignedHeaders=x-amz-copy-source;"), source),
        "SignatureDoesNotMatch",
    )
    .await;
    expect(head(&authorization.replace("HMAC-SHA256", "OTHER"), source), "AuthorizationHeaderMalformed").await;
    hub.client("owner").get("/photos/inbox").await.assert_error(404, "NoSuchKey");
    expect(head(authorization, ""), "").await;
    assert_eq!(hub.client("owner").get("/photos/inbox").await.assert_ok().body, "");
}

#[tokio::test]
async fn a_document_names_exactly_what_is_deleted() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    for (sent, deleted) in [("a<![CDATA[b]]>", "ab"), ("<![CDATA[ab]]>", "ab"), ("&#128512;", "\u{1F600}")] {
        for key in ["a", "ab", "%F0%9F%98%80"] {
            owner.put(&format!("/photos/{key}"), b"body").await.assert_ok();
        }
        let body = format!("<Delete><Object><Key>{sent}</Key></Object></Delete>");
        assert_eq!(owner.post("/photos?delete=", &body).await.assert_ok().all("Key"), [deleted]);
        assert_eq!(owner.get("/photos").await.assert_ok().all("Key").len(), 2, "{sent}");
    }
    for key in ["a&#16;", "a\u{10}"] {
        let body = format!("<Delete><Object><Key>{key}</Key></Object></Delete>");
        owner.post("/photos?delete=", &body).await.assert_error(400, "MalformedXML");
    }
    let many = format!("<Delete>{}</Delete>", "<Object><Key/></Object>".repeat(80_000));
    owner.post("/photos?delete=", &many).await.assert_error(400, "MalformedXML");
    let large = "x".repeat(2 * 1024 * 1024 + 1);
    owner.post("/photos?delete=", &large).await.assert_error(400, "MaxMessageLengthExceeded");
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
