use std::time::Duration;

use async_trait::async_trait;
use http::Method;
use storage_hub_adapter_gateway::{
    BucketPrefix, Gateway, GatewayObjectStore, GatewayOptions, GatewayS3Backend, ProbeResult,
};
use storage_hub_core::domain::{BucketId, BucketName, BucketRef, SecretKey};
use storage_hub_core::ports::{ObjectStore, StoreError, StoreMarker};
use storage_hub_port_contract::object_store::ObjectStoreHarness;
use storage_hub_port_contract::s3_backend::S3BackendHarness;
use storage_hub_port_contract::services::{self, ROOT_PASSWORD, ROOT_USER};
use storage_hub_port_contract::store_marker::StoreMarkerHarness;
use storage_hub_s3_backend::{CommitGuard, Permit, S3Backend, Write};
use storage_hub_s3_client::{Answer, ConnectionOptions, Request};
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::operation::{GetObject, PutObject};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// A gateway over a service of the tests, and one whose service does not answer.
pub(crate) struct Harness {
    pub(crate) backend: GatewayS3Backend,
    pub(crate) store: GatewayObjectStore,
    away: GatewayObjectStore,
}

/// Over MinIO; `None` without it.
pub(crate) async fn minio() -> Option<Harness> {
    static PROBED: OnceCell<ProbeResult> = OnceCell::const_new();
    over(&services::minio()?, &PROBED).await
}

/// Over versitygw; `None` without it.
pub(crate) async fn versitygw() -> Option<Harness> {
    static PROBED: OnceCell<ProbeResult> = OnceCell::const_new();
    over(&services::versitygw()?, &PROBED).await
}

/// Every service that there is.
pub(crate) async fn all() -> Vec<Harness> {
    [minio().await, versitygw().await].into_iter().flatten().collect()
}

async fn over(endpoint: &str, probed: &'static OnceCell<ProbeResult>) -> Option<Harness> {
    let gateway = gateway(endpoint);
    let result = probed.get_or_init(|| async { gateway.probe().await.unwrap() }).await;
    gateway.accept_probe(result.clone());
    let away = self::gateway(&closed_endpoint());
    away.accept_probe(result.clone());
    Some(Harness {
        backend: GatewayS3Backend::new(gateway.clone()),
        store: GatewayObjectStore::new(gateway),
        away: GatewayObjectStore::new(away),
    })
}

pub(crate) fn gateway(endpoint: &str) -> Gateway {
    Gateway::new(&options(endpoint)).unwrap()
}

pub(crate) fn options(endpoint: &str) -> GatewayOptions {
    // A prefix of its own, so that other runs of the tests use other buckets.
    let prefix = BucketPrefix::parse(&format!("t{}-", &Uuid::new_v4().simple().to_string()[..8])).unwrap();
    let mut connection = ConnectionOptions::new(endpoint.parse().unwrap());
    connection.timeout = Duration::from_secs(30);
    GatewayOptions::new(connection, ROOT_USER, SecretKey::parse(ROOT_PASSWORD).unwrap(), prefix)
}

/// A port that nobody listens on.
pub(crate) fn closed_endpoint() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

pub(crate) fn new_bucket() -> BucketRef {
    let id = Uuid::new_v4();
    BucketRef { id: BucketId::new(id), name: BucketName::parse(&format!("gateway-{}", id.simple())).unwrap() }
}

/// A guard that permits writes to a bucket.
pub(crate) struct Allowing(pub(crate) BucketId);

/// A guard that permits nothing: the right was revoked while the body arrived.
pub(crate) struct Revoked;

#[async_trait]
impl CommitGuard for Allowing {
    async fn permit(&self) -> S3Result<Permit> {
        Ok(Permit::granted(self.0))
    }
}

#[async_trait]
impl CommitGuard for Revoked {
    async fn permit(&self) -> S3Result<Permit> {
        Err(ErrorCode::AccessDenied.into())
    }
}

pub(crate) fn put(key: &str) -> PutObject {
    PutObject { key: key.to_owned(), ..PutObject::default() }
}

pub(crate) fn get(key: &str) -> GetObject {
    GetObject { key: key.to_owned(), ..GetObject::default() }
}

impl Harness {
    pub(crate) fn gateway(&self) -> &Gateway {
        self.backend.gateway()
    }

    pub(crate) async fn bucket(&self) -> BucketRef {
        let bucket = new_bucket();
        self.store.create_bucket(&bucket).await.unwrap();
        bucket
    }

    /// The bytes of a key; `None` if there are none.
    pub(crate) async fn bytes(&self, bucket: &BucketRef, key: &str) -> Option<Vec<u8>> {
        use futures::TryStreamExt as _;
        match self.backend.get_object(bucket, get(key)).await {
            Ok((_, stream)) => Some(stream.try_collect::<Vec<_>>().await.unwrap().concat()),
            Err(error) if error.code() == ErrorCode::NoSuchKey => None,
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn put(&self, bucket: &BucketRef, key: &str, bytes: &[u8]) {
        let body = crate::bodies::decoded(bytes);
        let guard = Allowing(bucket.id);
        self.backend.put_object(Write { bucket, guard: &guard }, put(key), body).await.unwrap();
    }

    /// A request to the service itself, which must succeed.
    async fn request(&self, method: Method, bucket: &BucketRef, key: Option<&str>, query: &[(&str, &str)]) -> Answer {
        self.send(method, bucket, key, query, b"").await
    }

    async fn send(
        &self,
        method: Method,
        bucket: &BucketRef,
        key: Option<&str>,
        query: &[(&str, &str)],
        body: &'static [u8],
    ) -> Answer {
        let behind = self.gateway().prefix().bucket(bucket.id);
        let request = Request::new(method, Some(&behind), key).with_query(query).with_body(body);
        let answer = self.gateway().client().send(request).await.unwrap();
        assert!(answer.is_success(), "{key:?}: {answer:?}");
        answer
    }
}

#[async_trait]
impl S3BackendHarness for Harness {
    fn backend(&self) -> &dyn S3Backend {
        &self.backend
    }

    async fn create_bucket(&self, bucket: &BucketRef) {
        self.store.create_bucket(bucket).await.unwrap();
    }

    async fn delete_bucket(&self, bucket: &BucketRef) -> bool {
        match self.store.delete_bucket(bucket).await {
            Ok(()) => true,
            Err(StoreError::NotEmpty) => false,
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[async_trait]
impl ObjectStoreHarness for Harness {
    fn store(&self) -> &dyn ObjectStore {
        &self.store
    }

    fn away(&self) -> Option<&dyn ObjectStore> {
        Some(&self.away)
    }

    async fn begin_upload(&self, bucket: &BucketRef, key: &str) {
        let begun = self.request(Method::POST, bucket, Some(key), &[("uploads", "")]).await;
        let id = begun.text("UploadId").unwrap();
        self.send(Method::PUT, bucket, Some(key), &[("partNumber", "1"), ("uploadId", &id)], b"a part").await;
    }

    async fn has_upload(&self, bucket: &BucketRef, key: &str) -> bool {
        // With a prefix MinIO lists the uploads of exactly that key.
        let query = [("prefix", key), ("uploads", "")];
        !self.request(Method::GET, bucket, None, &query).await.texts("UploadId").is_empty()
    }

    async fn enable_versioning(&self, bucket: &BucketRef) {
        let on = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        self.send(Method::PUT, bucket, None, &[("versioning", "")], on).await;
    }

    async fn list_versions(&self, bucket: &BucketRef, key: &str) -> Vec<String> {
        let query = [("prefix", key), ("versions", "")];
        self.request(Method::GET, bucket, None, &query).await.texts("VersionId")
    }
}

impl StoreMarkerHarness for Harness {
    fn store(&self) -> &dyn StoreMarker {
        &self.store
    }

    fn away(&self) -> &dyn StoreMarker {
        &self.away
    }
}
