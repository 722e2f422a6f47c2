use async_trait::async_trait;
use http::{Method, StatusCode};
use storage_hub_adapter_minio::s3_client::S3Client;
use storage_hub_adapter_minio::{MinioOptions, MinioStore, identity_of};
use storage_hub_core::domain::{AccessKey, BucketId, BucketName, BucketRef, Credentials, SecretKey};
use storage_hub_core::policy::{PolicyDocument, PolicyName};
use storage_hub_core::ports::{ObjectStore, PrincipalSettings, PrincipalStore, StoreMarker};
use storage_hub_core::s3_action::S3Action;
use storage_hub_port_contract::object_store::ObjectStoreHarness;
use storage_hub_port_contract::principal_store::{OBJECT, PrincipalStoreHarness};
use storage_hub_port_contract::services::{self, ROOT_PASSWORD, ROOT_USER};
use storage_hub_port_contract::store_marker::StoreMarkerHarness;
use storage_hub_s3_client::{Answer, ConnectionOptions, Identity};
use uuid::Uuid;

/// A store on the MinIO server of the tests, and one whose server does not answer.
pub(crate) struct Harness {
    pub(crate) store: MinioStore,
    away: MinioStore,
}

/// `None` when there is no MinIO server.
pub(crate) async fn harness() -> Option<Harness> {
    let endpoint = services::minio()?;
    Some(Harness { store: store(&endpoint), away: store(&closed_endpoint()) })
}

pub(crate) fn store(endpoint: &str) -> MinioStore {
    MinioStore::new(options(endpoint)).unwrap()
}

pub(crate) fn options(endpoint: &str) -> MinioOptions {
    MinioOptions {
        connection: ConnectionOptions::new(endpoint.parse().unwrap()),
        access_key: ROOT_USER.to_owned(),
        secret_key: SecretKey::parse(ROOT_PASSWORD).unwrap(),
    }
}

/// A port that nobody listens on.
pub(crate) fn closed_endpoint() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

pub(crate) fn bucket_name() -> BucketName {
    BucketName::parse(&format!("minio-{}", Uuid::now_v7().simple())).unwrap()
}

/// The bucket of this name. MinIO goes by names, so that any id will do.
pub(crate) fn at(name: &BucketName) -> BucketRef {
    BucketRef { id: BucketId::new(Uuid::nil()), name: name.clone() }
}

pub(crate) fn policy_name() -> PolicyName {
    PolicyName::from_store(format!("minio.author-{}.0", Uuid::now_v7()))
}

pub(crate) fn secret_key() -> SecretKey {
    SecretKey::parse(format!("secret-{}", Uuid::new_v4().simple())).unwrap()
}

/// A new principal, enabled, with these policies.
pub(crate) fn settings(policies: &[PolicyName]) -> PrincipalSettings {
    let access_key = AccessKey::parse(format!("minio_{}", Uuid::now_v7().simple())).unwrap();
    let credentials = Credentials { access_key, secret_key: secret_key() };
    PrincipalSettings { credentials, enabled: true, policies: policies.to_vec() }
}

impl Harness {
    /// Writes a policy under a new name.
    pub(crate) async fn policy(&self, document: &PolicyDocument) -> PolicyName {
        let name = policy_name();
        self.store.put_policy(&name, document).await.unwrap();
        name
    }

    /// The same store, asked with a principal's key instead of the hub's.
    pub(crate) fn store_as(&self, credentials: &Credentials) -> MinioStore {
        let Credentials { access_key, secret_key } = credentials.clone();
        let options = options(&services::minio().unwrap());
        MinioStore::new(MinioOptions { access_key: access_key.to_string(), secret_key, ..options }).unwrap()
    }

    /// An S3 client that signs with the hub's own key.
    pub(crate) fn root(&self) -> S3Client {
        self.client(Identity::key(ROOT_USER, ROOT_PASSWORD))
    }

    /// A request with the hub's own key that must succeed.
    pub(crate) async fn request(
        &self,
        method: Method,
        target: (&BucketName, &str),
        query: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let answer = self.root().request(method, target, query, &[], body.to_vec()).await.unwrap();
        assert!(answer.is_success(), "{target:?}: {answer:?}");
        answer
    }

    /// An S3 client that signs as somebody.
    pub(crate) fn client(&self, identity: Identity) -> S3Client {
        S3Client::new(self.store.connection().clone(), identity)
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
        let begun = self.request(Method::POST, (&bucket.name, key), &[("uploads", "")], b"").await;
        let uploads = begun.texts("UploadId");
        let query = [("partNumber", "1"), ("uploadId", uploads.first().unwrap().as_str())];
        self.request(Method::PUT, (&bucket.name, key), &query, b"a part").await;
    }

    async fn has_upload(&self, bucket: &BucketRef, key: &str) -> bool {
        // With a prefix MinIO lists the uploads of exactly that key.
        let listed = self.request(Method::GET, (&bucket.name, ""), &[("prefix", key), ("uploads", "")], b"").await;
        !listed.texts("UploadId").is_empty()
    }

    async fn enable_versioning(&self, bucket: &BucketRef) {
        let on = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        self.request(Method::PUT, (&bucket.name, ""), &[("versioning", "")], on).await;
    }

    async fn list_versions(&self, bucket: &BucketRef, key: &str) -> Vec<String> {
        let query = [("prefix", key), ("versions", "")];
        self.request(Method::GET, (&bucket.name, ""), &query, b"").await.texts("VersionId")
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

#[async_trait]
impl PrincipalStoreHarness for Harness {
    fn store(&self) -> &dyn PrincipalStore {
        &self.store
    }

    fn objects(&self) -> &dyn ObjectStore {
        &self.store
    }

    fn away(&self) -> &dyn PrincipalStore {
        &self.away
    }

    async fn may(&self, credentials: &Credentials, action: S3Action, bucket: &BucketName) -> bool {
        let answer = self.client(identity_of(credentials)).attempt(action, bucket, OBJECT).await.unwrap().unwrap();
        assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{action}: {answer:?}");
        !answer.is_denied()
    }
}
