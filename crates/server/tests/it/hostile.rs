//! Malicious clients: the server stays within its limits and serves the others.

use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::hub::{Backend, Hub, PASSWORD};

/// An allowance for a busy machine, which tells a hang from slowness. Nothing is measured.
const BOUND: Duration = Duration::from_secs(60);
/// Maximum number of connections that are opened concurrently.
const AT_A_TIME: usize = 200;

async fn connect(hub: &Hub) -> TcpStream {
    TcpStream::connect(hub.api.url.trim_start_matches("http://")).await.expect("a connection")
}

/// Reads until the server closes the connection.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // A server that closes a connection with unread input resets it, and its response may be lost.
    drop(tokio::time::timeout(BOUND, stream.read_to_end(&mut answer)).await.expect("the connection is closed"));
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_idle_connections_leave_room_for_others() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).expect("as far as the system allows");
    let allowed = limit.maximum.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
    let count = allowed.saturating_sub(1000).min(10_000);
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    let mut idle = Vec::new();
    while idle.len() < count {
        let batch = (0..AT_A_TIME.min(count - idle.len())).map(|_| async {
            let mut stream = connect(&hub).await;
            stream.write_all(b"GET /health HTTP/1.1\r\nHost: hub\r\n\r\n").await.expect("sent");
            let mut start = [0; 12];
            stream.read_exact(&mut start).await.expect("an answer");
            assert_eq!(&start, b"HTTP/1.1 200");
            stream
        });
        idle.extend(futures::future::join_all(batch).await);
    }
    let person = hub.sign_up("test@example.com").await;
    person.create_bucket("among-many").await;
    let put = crate::s3::Request::new(reqwest::Method::PUT, "/among-many/key".to_owned()).body("x");
    assert!(hub.s3.send(Some(&person.key), put).await.succeeded());
    let resident = hub.resident_mib();
    assert!(resident < 512, "{count} connections take {resident} MiB");
    println!("{count} idle connections: {resident} MiB resident");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_a_head_byte_by_byte_is_hung_up_on() {
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    let slow = (0..100).map(|_| async {
        let mut stream = connect(&hub).await;
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: hub\r\n").await.expect("sent");
        let begun = Instant::now();
        // Continues until the server closes the connection.
        while stream.write_all(b"X-Drip: 1\r\n").await.is_ok() {
            assert!(begun.elapsed() < BOUND, "the head is still waited for");
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    });
    let others = async {
        for number in 0..20 {
            hub.sign_up(&format!("user{number}@example.com")).await;
        }
    };
    futures::future::join(futures::future::join_all(slow), others).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_without_end_is_refused() {
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    let endless = [
        format!("X-Long: {}\r\n", "x".repeat(1_000_000)),
        "X-Many: 1\r\n".repeat(100_000),
        format!("Cookie: {}", "a=b; ".repeat(200_000)),
    ];
    for headers in endless {
        let mut stream = connect(&hub).await;
        let head = format!("GET /health HTTP/1.1\r\nHost: hub\r\n{headers}\r\n\r\n");
        // The server closes the connection before it has received everything.
        drop(stream.write_all(head.as_bytes()).await);
        let answer = until_closed(&mut stream).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
        hub.api.get("/health").await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn json_of_any_depth_is_answered_400() {
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let depth = 8000 / open.len();
        let bodies = [open.repeat(depth), format!("{}1{}", open.repeat(depth), close.repeat(depth))];
        for body in bodies {
            let email = format!("{{\"email\":{body},\"password\":\"{PASSWORD}\"}}");
            for body in [body, email] {
                let url = format!("{}/api/users/signup", hub.api.url);
                let request = hub.api.client.post(url).header("Content-Type", "application/json").body(body);
                let answer = request.send().await.expect("an answer");
                assert_eq!(answer.status(), 400);
                let answer: Value = answer.json().await.expect("JSON");
                assert_eq!(answer["error"], "Malformed JSON", "{answer}");
            }
        }
    }
    hub.sign_up("test@example.com").await;
}

/// What the S3 endpoint answers to a head of which the body is announced and begun only.
async fn s3_answer(hub: &Hub, head: &[u8]) -> String {
    let mut stream = TcpStream::connect(hub.s3.url.trim_start_matches("http://")).await.expect("a connection");
    stream.write_all(head).await.expect("sent");
    stream.write_all(b"x").await.expect("sent");
    until_closed(&mut stream).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_nobody_may_send_is_refused_before_it_comes() {
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    let before = hub.resident_mib();
    let forms: [&[u8]; 3] = [
        "content-type: multipart/form-data; boundary=x; n=\"é\"".as_bytes(),
        b"content-type: multipart/form-data; boundary=x; n=\"\xe9\"",
        b"content-type: text/plain\r\ncontent-type: multipart/form-data; boundary=x",
    ];
    for form in forms {
        let head = [b"POST /a-bucket HTTP/1.1\r\nhost: hub\r\ncontent-length: 8388608\r\n", form, b"\r\n\r\n"].concat();
        let answer = s3_answer(&hub, &head).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{}: {answer}", String::from_utf8_lossy(form));
    }
    let document = b"POST /a-bucket?delete= HTTP/1.1\r\nhost: hub\r\ncontent-length: 20000000\r\n\r\n";
    assert!(s3_answer(&hub, document).await.starts_with("HTTP/1.1 403"));
    let after = hub.resident_mib();
    assert!(after < before + 16, "{before} MiB, then {after} MiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunk_of_any_size_is_received_in_constant_memory() {
    let Some(hub) = Hub::start(Backend::SqliteEmbedded).await else { return };
    let person = hub.sign_up("test@example.com").await;
    person.create_bucket("large-chunks").await;
    let put = || {
        let put = crate::s3::Request::new(reqwest::Method::PUT, "/large-chunks/key".to_owned());
        crate::s3::Request { signed_payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER", ..put }
            .header("x-amz-trailer", "x-amz-checksum-crc32")
    };
    let chunked = |data: &[u8], crc32: &str| {
        let end = format!("\r\n0\r\nx-amz-checksum-crc32:{crc32}\r\n\r\n");
        [format!("{:x}\r\n", data.len()).as_bytes(), data, end.as_bytes()].concat()
    };
    // Once before, so that what the first request of all takes is not counted.
    let small = put().header("x-amz-decoded-content-length", "1").body(chunked(b"x", "jNwWgw=="));
    assert!(hub.s3.send(Some(&person.key), small).await.succeeded());
    let before = hub.resident_mib();
    let data = vec![7; 64 * 1024 * 1024];
    let large = put().header("x-amz-decoded-content-length", data.len().to_string()).body(chunked(&data, "nTz9Ow=="));
    let begun = hub.s3.begin(&person.key, large).await;
    let folder = hub.data().join("objects/incoming");
    let received = || {
        let files = std::fs::read_dir(&folder).expect("a folder").filter_map(|file| file.ok()?.metadata().ok());
        files.map(|file| file.len()).sum::<u64>()
    };
    hub.until("the data is received", || async { received() > 63 * 1024 * 1024 }).await;
    let during = hub.resident_mib();
    assert!(during < before + 16, "{before} MiB, then {during} MiB");
    let reply = begun.finish().await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_passwords_is_told_to_wait_and_nobody_else_is() {
    let more =
        [("limits.enabled", "true"), ("limits.attempts_per_minute", "5"), ("api.trusted_proxies", "[\"127.0.0.0/8\"]")];
    let Some(hub) = Hub::start_with(Backend::SqliteEmbedded, &more).await else { return };
    hub.sign_up("test@example.com").await;
    let log_in = async |address: &str, password: &str| {
        let request =
            hub.api.client.post(format!("{}/api/users/login", hub.api.url)).header("X-Forwarded-For", address);
        let body = json!({"email": "test@example.com", "password": password});
        request.json(&body).send().await.expect("an answer")
    };
    for _ in 0..5 {
        assert_eq!(log_in("203.0.113.7", "a guess of mine").await.status(), 401);
    }
    let refused = log_in("203.0.113.7", PASSWORD).await;
    assert_eq!(refused.status(), 429);
    let wait: u64 = refused.headers()["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..=60).contains(&wait));
    assert_eq!(log_in("203.0.113.8", PASSWORD).await.status(), 200);
}
