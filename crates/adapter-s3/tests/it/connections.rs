//! Connections: how many there may be, and what becomes of them after an answer.

use std::time::Duration;

use storage_hub_adapter_s3::{S3Limits, S3Options};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::hub::Hub;

/// Sends bytes, and reads up to the end of the connection.
async fn exchange(hub: &Hub, sent: &str) -> String {
    let mut stream = TcpStream::connect(hub.address).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_refusal_before_the_body_is_not_followed_by_another_request() {
    let hub = Hub::start().await;
    let put = hub.client("stranger").presign("PUT", "/photos/key", Duration::from_secs(60));
    let head =
        format!("PUT {put} HTTP/1.1\r\nhost: {}\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n", hub.address);
    let next = format!("GET /photos HTTP/1.1\r\nhost: {}\r\n\r\n", hub.address);
    let answer = exchange(&hub, &format!("{head}{next}")).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
}

#[tokio::test]
async fn a_body_is_asked_for_after_the_decision() {
    let hub = Hub::start().await;
    let put = hub.client("owner").presign("PUT", "/photos/key", Duration::from_secs(60));
    let head =
        format!("PUT {put} HTTP/1.1\r\nhost: {}\r\ncontent-length: 4\r\nexpect: 100-continue\r\n\r\n", hub.address);
    let mut stream = TcpStream::connect(hub.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 25];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"body").await.unwrap();
    let mut answer = vec![0; 15];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 200 OK");
    assert_eq!(hub.client("owner").get("/photos/key").await.assert_ok().body, "body");
}

#[tokio::test]
async fn the_answer_to_an_empty_body_that_was_to_be_continued_ends_the_connection() {
    let hub = Hub::start().await;
    let put = hub.client("owner").presign("PUT", "/photos/empty", Duration::from_secs(60));
    let head =
        format!("PUT {put} HTTP/1.1\r\nhost: {}\r\ncontent-length: 0\r\nexpect: 100-continue\r\n\r\n", hub.address);
    let answer = exchange(&hub, &head).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("connection: close"), "{answer}");
    assert!(answer.contains("etag:"), "{answer}");
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let hub = Hub::start().await;
    let get = hub.client("owner").presign("GET", "/photos/missing", Duration::from_secs(60));
    let first = format!("GET {get} HTTP/1.1\r\nhost: {}\r\n\r\n", hub.address);
    let last = format!("GET {get} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", hub.address);
    let answer = exchange(&hub, &format!("{first}{first}{last}")).await;
    assert_eq!(answer.matches("HTTP/1.1 404").count(), 3, "{answer}");
}

#[tokio::test]
async fn an_address_has_a_limited_number_of_connections() {
    let limits = S3Limits { connections_per_address: 2, ..S3Limits::default() };
    let hub = Hub::start_with(S3Options { limits, ..S3Options::default() }).await;
    let (one, two) = (TcpStream::connect(hub.address).await.unwrap(), TcpStream::connect(hub.address).await.unwrap());
    let answer = exchange(&hub, "").await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    drop((one, two));
    // The places are free again as soon as the server has seen the end of both.
    loop {
        let get = format!("GET /photos HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", hub.address);
        if exchange(&hub, &get).await.starts_with("HTTP/1.1 403") {
            break;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn documents_wait_for_a_place_and_are_refused_without_one() {
    let limits = S3Limits {
        buffered_bodies: 1,
        buffered_bodies_per_address: 1,
        place_time: Duration::from_millis(1),
        ..S3Limits::default()
    };
    let hub = Hub::start_with(S3Options { limits, ..S3Options::default() }).await;
    let owner = hub.client("owner");
    let delete = owner.sign_post("/photos?delete=", b"<Delete>");
    let headers = delete.headers().iter().filter(|(name, _)| *name != "content-length");
    let headers: String = headers.map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap())).collect();
    let head = format!("POST /photos?delete= HTTP/1.1\r\n{headers}content-length: 8\r\nexpect: 100-continue\r\n\r\n");
    let mut stream = TcpStream::connect(hub.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 25];
    // Once the endpoint asks for the body, it has taken the place.
    stream.read_exact(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 100"));
    owner.post("/photos?delete=", "<Delete>").await.assert_error(503, "SlowDown");
    stream.write_all(b"<Delete>").await.unwrap();
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 400");
    owner.post("/photos?delete=", "<Delete>").await.assert_error(400, "MalformedXML");
}
