//! A service that is unavailable, dies in the middle, hangs, or comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::StreamExt as _;
use storage_hub_adapter_gateway::{Gateway, GatewayS3Backend};
use storage_hub_port_contract::services;
use storage_hub_s3_backend::{S3Backend as _, Write};
use storage_hub_s3_protocol::error::ErrorCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::bodies::{Protection, Wrong, bytes};
use crate::bodies::{decoded, received};
use crate::harness::{self, Allowing, get, options, put};

/// A way to a service that is cut after this many bytes in one direction; then every connection is.
struct Cutter {
    endpoint: String,
    up: Arc<AtomicUsize>,
    down: Arc<AtomicUsize>,
}

impl Cutter {
    async fn new(service: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (up, down) = (Arc::new(AtomicUsize::new(usize::MAX)), Arc::new(AtomicUsize::new(usize::MAX)));
        let left = (up.clone(), down.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(&service).await else { continue };
                let (up, down) = (left.0.clone(), left.1.clone());
                tokio::spawn(async move {
                    let (client_read, client_write) = client.into_split();
                    let (server_read, server_write) = server.into_split();
                    tokio::select! {
                        () = pass(client_read, server_write, &up) => {}
                        () = pass(server_read, client_write, &down) => {}
                    }
                });
            }
        });
        Self { endpoint, up, down }
    }

    fn cut_after(&self, up: usize, down: usize) {
        self.up.store(up, Ordering::SeqCst);
        self.down.store(down, Ordering::SeqCst);
    }
}

/// Passes bytes on until there are none left to pass.
async fn pass(
    mut from: impl tokio::io::AsyncRead + Unpin,
    mut to: impl tokio::io::AsyncWrite + Unpin,
    left: &AtomicUsize,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let Ok(read @ 1..) = from.read(&mut buffer).await else { return };
        let before = left.load(Ordering::SeqCst);
        if before < read {
            return;
        }
        if before != usize::MAX {
            left.fetch_sub(read, Ordering::SeqCst);
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

/// A gateway like that of the harness, through another endpoint.
fn through(endpoint: &str, harness: &harness::Harness) -> GatewayS3Backend {
    let mut options = options(endpoint);
    options.bucket_prefix = harness.gateway().prefix().clone();
    let gateway = Gateway::new(&options).unwrap();
    gateway.accept_probe(harness.gateway().probe_result().unwrap());
    GatewayS3Backend::new(gateway)
}

#[tokio::test]
async fn a_service_that_dies_in_the_middle_is_unavailable_and_comes_back() {
    for (harness, endpoint) in
        [(harness::minio().await, services::minio()), (harness::versitygw().await, services::versitygw())]
    {
        let (Some(harness), Some(endpoint)) = (harness, endpoint) else { continue };
        let cutter = Cutter::new(endpoint.trim_start_matches("http://").to_owned()).await;
        let backend = through(&cutter.endpoint, &harness);
        let bucket = harness.bucket().await;
        let guard = Allowing(bucket.id);
        let write = Write { bucket: &bucket, guard: &guard };
        let whole = bytes(1_000_000, 1);
        for protection in [Protection::Hash, Protection::Trailer] {
            harness.put(&bucket, "key", b"before").await;
            cutter.cut_after(300_000, usize::MAX);
            let refused = backend.put_object(write, put("key"), received(&whole, protection, Wrong::Nothing)).await;
            assert_eq!(refused.unwrap_err().code(), ErrorCode::ServiceUnavailable);
            assert_eq!(harness.bytes(&bucket, "key").await.unwrap(), b"before", "{protection:?}");
            cutter.cut_after(usize::MAX, usize::MAX);
            backend.put_object(write, put("key"), received(&whole, protection, Wrong::Nothing)).await.unwrap();
            assert!(harness.bytes(&bucket, "key").await.unwrap() == whole);
        }
        cutter.cut_after(usize::MAX, 300_000);
        let (head, stream) = backend.get_object(&bucket, get("key")).await.unwrap();
        assert_eq!(head.size, 1_000_000);
        let read: Vec<_> = stream.collect().await;
        assert!(read.last().unwrap().is_err(), "an answer that breaks off must not look whole");
        cutter.cut_after(0, 0);
        assert_eq!(backend.head_object(&bucket, get("key")).await.unwrap_err().code(), ErrorCode::ServiceUnavailable);
        cutter.cut_after(usize::MAX, usize::MAX);
        assert_eq!(backend.head_object(&bucket, get("key")).await.unwrap().size, 1_000_000);
    }
}

/// An endpoint that takes connections and never answers.
async fn hanging() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            open.push(connection);
        }
    });
    endpoint
}

#[tokio::test]
async fn a_service_that_hangs_holds_a_bounded_number_of_requests_for_a_bounded_time() {
    let mut options = options(&hanging().await);
    options.connection.timeout = Duration::from_millis(200);
    options.max_waiting = 2;
    let gateway = Gateway::new(&options).unwrap();
    gateway.accept_probe(storage_hub_adapter_gateway::ProbeResult {
        checksums: vec!["CRC32".to_owned()],
        ..Default::default()
    });
    let backend = GatewayS3Backend::new(gateway);
    let bucket = harness::new_bucket();
    let reads = (0..20).map(|_| backend.head_object(&bucket, get("key")));
    let results = futures::future::join_all(reads).await;
    let codes: Vec<_> = results.into_iter().map(|result| result.unwrap_err().code()).collect();
    assert!(codes.iter().all(|code| matches!(code, ErrorCode::ServiceUnavailable | ErrorCode::SlowDown)), "{codes:?}");
    assert!(codes.contains(&ErrorCode::SlowDown), "{codes:?}");
    let guard = Allowing(bucket.id);
    let write = Write { bucket: &bucket, guard: &guard };
    for body in [decoded(b"small"), decoded(&bytes(30_000_000, 1))] {
        let refused = backend.put_object(write, put("key"), body).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::ServiceUnavailable);
    }
}
