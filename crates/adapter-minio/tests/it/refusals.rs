//! A server that does not know the hub, or does not answer.

use std::time::Duration;

use storage_hub_adapter_minio::{MinioOptions, MinioStore};
use storage_hub_core::ports::{ObjectStore, PrincipalStore, StoreError};
use storage_hub_port_contract::services::{self, ROOT_PASSWORD};
use storage_hub_s3_client::ConnectionOptions;

use crate::harness::{at, bucket_name, options, secret_key, settings, store};

#[tokio::test]
async fn wrong_credentials_of_the_hub_are_told_and_not_shown() {
    let Some(endpoint) = services::minio() else { return };
    let wrong_secret = MinioOptions { secret_key: secret_key(), ..options(&endpoint) };
    let unknown_key = MinioOptions { access_key: "nobody".to_owned(), ..options(&endpoint) };
    for (options, code) in [(wrong_secret, "SignatureDoesNotMatch"), (unknown_key, "InvalidAccessKeyId")] {
        let secret = options.secret_key.clone();
        let store = MinioStore::new(options).unwrap();
        for result in [
            store.ping().await,
            store.create_bucket(&at(&bucket_name())).await,
            store.find_bucket(&at(&bucket_name())).await.map(drop),
            store.put_principal(&settings(&[])).await,
            store.find_principal(&settings(&[]).credentials.access_key).await.map(drop),
        ] {
            match result {
                Err(StoreError::AccessDenied(told)) => {
                    assert!(told.contains(code), "{told}");
                    assert!(!told.contains(secret.expose()), "{told}");
                }
                other => panic!("{code}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_server_that_never_answers_is_unavailable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let silent = tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            open.push(connection);
        }
    });
    let mut options = options(&endpoint);
    options.connection.timeout = Duration::from_millis(200);
    let store = MinioStore::new(options).unwrap();
    assert!(matches!(store.ping().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.put_principal(&settings(&[])).await, Err(StoreError::Unavailable(_))));
    silent.abort();
}

#[tokio::test]
async fn an_answer_that_is_no_s3_is_unexpected_and_one_of_a_dead_gateway_unavailable() {
    for (status, available) in [("302 Found", true), ("418 Teapot", true), ("502 Bad Gateway", false)] {
        let endpoint = answering(format!("HTTP/1.1 {status}\r\ncontent-length: 5\r\nlocation: /x\r\n\r\nhello")).await;
        let result = store(&endpoint).create_bucket(&at(&bucket_name())).await;
        match result {
            Err(StoreError::Unexpected(_)) => assert!(available, "{status}"),
            Err(StoreError::Unavailable(_)) => assert!(!available, "{status}"),
            other => panic!("{status}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_unavailable() {
    let endpoint = answering("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n<ListAll".to_owned()).await;
    assert!(matches!(store(&endpoint).list_buckets().await, Err(StoreError::Unavailable(_))));
}

#[test]
fn what_is_printed_of_the_store_holds_no_secret() {
    let options = options("http://127.0.0.1:9");
    let printed = format!("{options:?} {:?}", MinioStore::new(options.clone()).unwrap());
    assert!(!printed.contains(ROOT_PASSWORD), "{printed}");
}

#[test]
fn a_missing_file_of_authorities_is_told() {
    let mut connection = ConnectionOptions::new("https://127.0.0.1:9".parse().unwrap());
    connection.ca_file = Some("/no/such/file.pem".into());
    let error = MinioStore::new(MinioOptions { connection, ..options("https://127.0.0.1:9") }).unwrap_err();
    assert!(error.to_string().contains("/no/such/file.pem"), "{error}");
}

/// An endpoint that gives every connection this answer, whatever it asks.
async fn answering(answer: String) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = Vec::new();
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                if connection.read_buf(&mut request).await.unwrap_or_default() == 0 {
                    break;
                }
            }
            let _ = connection.write_all(answer.as_bytes()).await;
        }
    });
    endpoint
}
