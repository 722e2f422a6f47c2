//! The line that each request leaves in the log.

use std::time::Duration;

use storage_hub_adapter_s3::{S3Limits, S3Options};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::hub::Hub;
use crate::lines::{Line, Lines};

/// Asserts the fields of a line, and that it has no others but those of every line.
#[track_caller]
fn assert_line(line: &Line, fields: [(&str, &str); 8]) {
    for (name, value) in fields {
        assert_eq!(line.get(name), value, "{name} of {line:?}");
    }
    assert_eq!(line.get("client.address"), "127.0.0.1");
    assert!(line.get("duration_ms").parse::<f64>().unwrap() >= 0.0, "{line:?}");
    assert_eq!(line.get("answer.complete"), "true");
    assert_eq!(line.get("message"), "answered an S3 request");
}

fn fields<'a>(
    operation: &'a str,
    bucket: &'a str,
    status: &'a str,
    code: &'a str,
    bytes: (&'a str, &'a str),
    key: &'a str,
    id: &'a str,
) -> [(&'a str, &'a str); 8] {
    [
        ("s3.operation", operation),
        ("bucket.name", bucket),
        ("http.response.status_code", status),
        ("s3.error_code", code),
        ("bytes.received", bytes.0),
        ("bytes.sent", bytes.1),
        ("s3.access_key", key),
        ("request.id", id),
    ]
}

#[tokio::test]
async fn each_request_has_a_line_that_says_what_was_done_by_whom_and_how_it_ended() {
    let (lines, _guard) = Lines::collect();
    let hub = Hub::start().await;
    lines.until_written(&hub).await;
    let owner = hub.client("owner");
    let id = "x-amz-request-id";

    let reply = owner.put("/photos/key", b"12345").await.assert_ok();
    let expected = fields("PutObject", "photos", "200", "", ("5", "0"), "user_owner", reply.header(id));
    assert_line(&lines.of_request(reply.header(id)).await, expected);

    let reply = owner.get("/photos/key").await.assert_ok();
    let expected = fields("GetObject", "photos", "200", "", ("0", "5"), "user_owner", reply.header(id));
    assert_line(&lines.of_request(reply.header(id)).await, expected);

    let reply = owner.send("HEAD", "/photos/missing", &[], b"").await;
    let expected = fields("HeadObject", "photos", "404", "NoSuchKey", ("0", "0"), "user_owner", reply.header(id));
    assert_line(&lines.of_request(reply.header(id)).await, expected);

    let reply = hub.client("stranger").put("/photos/key", b"12345").await;
    let sent = reply.body.len().to_string();
    let expected =
        fields("PutObject", "photos", "403", "AccessDenied", ("0", &sent), "user_stranger", reply.header(id));
    assert_line(&lines.of_request(reply.header(id)).await, expected);

    let reply = hub.anonymous().get("/open/missing").await;
    let sent = reply.body.len().to_string();
    let expected = fields("GetObject", "open", "404", "NoSuchKey", ("0", &sent), "", reply.header(id));
    assert_line(&lines.of_request(reply.header(id)).await, expected);

    // Refused before the operation was known.
    let reply = owner.get("/photos?acl=&policy=").await;
    let sent = reply.body.len().to_string();
    let expected = fields("", "photos", "400", "InvalidRequest", ("0", &sent), "", reply.header(id));
    assert_line(&lines.of_request(reply.header(id)).await, expected);
}

#[tokio::test]
async fn no_line_has_a_signature_a_secret_or_a_query() {
    let (lines, _guard) = Lines::collect();
    let hub = Hub::start().await;
    lines.until_written(&hub).await;
    let owner = hub.client("owner");
    let target = owner.presign("GET", "/photos/key?response-cache-control=from-the-query", Duration::from_secs(60));
    let signature = target.split("X-Amz-Signature=").nth(1).unwrap().to_owned();
    let cookie = [("cookie", "a-cookie-of-the-console")];
    hub.anonymous().send_plain("GET", &target, &cookie, b"").await.assert_error(404, "NoSuchKey");
    hub.anonymous().get(&target.replace("photos", "other")).await.assert_error(403, "SignatureDoesNotMatch");
    let note = [("x-amz-meta-note", "a-note-of-the-owner")];
    owner.send("PUT", "/photos/key", &note, b"the body").await.assert_ok();
    let last = owner.with_secret("a-wrong-secret").get("/photos/key").await;
    last.assert_error(403, "SignatureDoesNotMatch");
    lines.of_request(last.header("x-amz-request-id")).await;
    let logged = format!("{:?}", lines.all());
    assert!(logged.contains("user_owner"), "{logged}");
    let hidden =
        ["secret", "Signature=", "Credential=", "from-the-query", "a-cookie", "a-note", "the body", &signature];
    for hidden in hidden {
        assert!(!logged.contains(hidden), "`{hidden}` in {logged}");
    }
}

#[tokio::test]
async fn a_client_that_stops_reading_is_cut_off_and_its_line_says_so() {
    const SIZE: usize = 16 * 1024 * 1024;
    let (lines, _guard) = Lines::collect();
    let limits = S3Limits { pause: Duration::from_millis(50), ..S3Limits::default() };
    let hub = Hub::start_with(S3Options { limits, ..S3Options::default() }).await;
    lines.until_written(&hub).await;
    hub.put("photos", "large", vec![0; SIZE].leak()).await;
    let get = hub.client("owner").presign("GET", "/photos/large", Duration::from_secs(60));
    let mut stream = TcpStream::connect(hub.address).await.unwrap();
    stream.write_all(format!("GET {get} HTTP/1.1\r\nhost: {}\r\n\r\n", hub.address).as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let id = head.split("x-amz-request-id: ").nth(1).unwrap().lines().next().unwrap();
    // No more is read from the stream, whose buffers are smaller than the object.
    let line = lines.of_request(id).await;
    assert_eq!((line.get("s3.operation"), line.get("http.response.status_code")), ("GetObject", "200"));
    assert_eq!(line.get("answer.complete"), "false");
    drop(stream);
}
