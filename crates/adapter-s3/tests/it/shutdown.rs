//! The end of the endpoint.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::hub::Hub;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_under_way_comes_to_its_end_and_no_new_one_begins() {
    let hub = Hub::start().await;
    let address = hub.address;
    let owner = hub.client("owner");
    let body = vec![b'a'; 8 * 1024 * 1024];
    owner.put("/photos/key", &body).await.assert_ok();
    let get = owner.presign("GET", "/photos/key", Duration::from_secs(60));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("GET {get} HTTP/1.1\r\nhost: {address}\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = vec![0; 1];
    stream.read_exact(&mut answer).await.unwrap();
    let stopping = tokio::spawn(hub.stop());
    // The connection is not kept for another request: it ends with this one.
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.ends_with(&body));
    stopping.await.unwrap();
    TcpStream::connect(address).await.unwrap_err();
}
