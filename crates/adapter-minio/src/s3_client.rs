//! Single S3 requests signed with any key, and what was answered: what the hub asks MinIO with, and what `doctor` and tests
//! try isolation with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::Method;
use http::header::{HeaderName, HeaderValue};
use sha2::{Digest as _, Sha256};
use storage_hub_core::domain::{BucketName, Credentials};
use storage_hub_core::ports::StoreError;
use storage_hub_core::s3_action::S3Action;
use storage_hub_s3_client::protocol::operation::Operation;
use storage_hub_s3_client::{Answer, Body, Connection, Identity, Request, S3Client as Client};

use crate::error::client_error;

pub use crate::sts::TemporaryKey;

/// An S3 client that signs as one identity. It says what was answered and judges nothing.
///
/// Every call fails with [`StoreError::Unavailable`] when there is no answer in time, and with nothing else that the
/// endpoint could cause.
#[derive(Clone, Debug)]
pub struct S3Client {
    pub(crate) client: Client,
}

type Answered = Result<Answer, StoreError>;

/// The identity of the holder of a key.
#[must_use]
pub fn identity_of(credentials: &Credentials) -> Identity {
    Identity::key(credentials.access_key.as_str(), credentials.secret_key.expose())
}

impl S3Client {
    /// A client over a connection, which others may share.
    #[must_use]
    pub const fn new(connection: Connection, identity: Identity) -> Self {
        Self { client: Client::new(connection, identity) }
    }

    /// A client that signs as somebody else, over the same connection.
    #[must_use]
    pub fn signing_as(&self, identity: Identity) -> Self {
        Self { client: self.client.signing_as(identity) }
    }

    /// The names of the buckets that [`list_buckets`](Self::list_buckets) answered with.
    #[must_use]
    pub fn bucket_names(answer: &Answer) -> Vec<String> {
        answer.children("Bucket").into_iter().filter_map(|mut fields| fields.remove("Name")).collect()
    }

    /// `ListBuckets`
    pub async fn list_buckets(&self) -> Answered {
        self.send(Request::new(Method::GET, None, None)).await
    }

    /// `HeadBucket`
    pub async fn head_bucket(&self, bucket: &BucketName) -> Answered {
        self.on_bucket(Method::HEAD, bucket, &[], Vec::new()).await
    }

    /// `CreateBucket`
    pub async fn create_bucket(&self, bucket: &BucketName) -> Answered {
        self.on_bucket(Method::PUT, bucket, &[], Vec::new()).await
    }

    /// `DeleteBucket`
    pub async fn delete_bucket(&self, bucket: &BucketName) -> Answered {
        self.on_bucket(Method::DELETE, bucket, &[], Vec::new()).await
    }

    /// `GetBucketLocation`
    pub async fn get_bucket_location(&self, bucket: &BucketName) -> Answered {
        self.on_bucket(Method::GET, bucket, &[("location", "")], Vec::new()).await
    }

    /// `GetBucketPolicy`
    pub async fn get_bucket_policy(&self, bucket: &BucketName) -> Answered {
        self.on_bucket(Method::GET, bucket, &[("policy", "")], Vec::new()).await
    }

    /// `PutBucketPolicy`
    pub async fn put_bucket_policy(&self, bucket: &BucketName, policy: Vec<u8>) -> Answered {
        self.on_bucket(Method::PUT, bucket, &[("policy", "")], policy).await
    }

    /// `PutBucketTagging`, with one tag.
    pub async fn put_bucket_tagging(&self, bucket: &BucketName) -> Answered {
        let tags = "<Tagging><TagSet><Tag><Key>tried</Key><Value>yes</Value></Tag></TagSet></Tagging>";
        self.on_bucket(Method::PUT, bucket, &[("tagging", "")], tags.into()).await
    }

    /// `ListObjectsV2`, the first page.
    pub async fn list_objects(&self, bucket: &BucketName) -> Answered {
        self.on_bucket(Method::GET, bucket, &[("list-type", "2")], Vec::new()).await
    }

    /// `GetObject`
    pub async fn get_object(&self, bucket: &BucketName, key: &str) -> Answered {
        self.on_object(Method::GET, bucket, key, Vec::new()).await
    }

    /// `PutObject`
    pub async fn put_object(&self, bucket: &BucketName, key: &str, body: Vec<u8>) -> Answered {
        self.on_object(Method::PUT, bucket, key, body).await
    }

    /// `DeleteObject`
    pub async fn delete_object(&self, bucket: &BucketName, key: &str) -> Answered {
        self.on_object(Method::DELETE, bucket, key, Vec::new()).await
    }

    /// Any request on a bucket, or on the object of this key in it, with these headers besides those of the signature.
    pub async fn request(
        &self,
        method: Method,
        (bucket, key): (&BucketName, &str),
        query: &[(&str, &str)],
        headers: &[(&'static str, &str)],
        body: Vec<u8>,
    ) -> Answered {
        let key = Some(key).filter(|key| !key.is_empty());
        let mut request = Request::new(method, Some(bucket.as_str()), key).with_query(query).with_body(body);
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).map_err(|error| StoreError::Unexpected(error.into()))?;
            request.headers.insert(HeaderName::from_static(name), value);
        }
        self.send(request).await
    }

    /// `ListObjectVersions`, one version or delete marker at most.
    pub async fn find_first_version(&self, bucket: &BucketName) -> Answered {
        self.on_bucket(Method::GET, bucket, &[("max-keys", "1"), ("versions", "")], Vec::new()).await
    }

    /// Whether [`find_first_version`](Self::find_first_version) found one.
    #[must_use]
    pub fn has_versions(answer: &Answer) -> bool {
        ["Version", "DeleteMarker"].iter().any(|element| !answer.children(element).is_empty())
    }

    /// `DeleteObject` of one version.
    pub async fn delete_object_version(&self, bucket: &BucketName, key: &str, version_id: &str) -> Answered {
        self.request(Method::DELETE, (bucket, key), &[("versionId", version_id)], &[], Vec::new()).await
    }

    /// `DeleteObjects`, with the base64 of the body's SHA-256, without which it is not taken.
    pub(crate) async fn delete_objects(&self, bucket: &BucketName, operation: &Operation) -> Answered {
        let template = Client::template(operation, Some(bucket.as_str())).map_err(client_error)?;
        let mut request = Request::of(template, Some(bucket.as_str()), None);
        if let Body::Bytes(document) = &request.body {
            let checksum = HeaderValue::from_str(&BASE64.encode(Sha256::digest(document)));
            let checksum = checksum.map_err(|error| StoreError::Unexpected(error.into()))?;
            request.headers.insert(HeaderName::from_static("x-amz-checksum-sha256"), checksum);
        }
        self.send(request).await
    }

    /// `ListMultipartUploads`, with URL-encoded keys.
    pub(crate) async fn list_multipart_uploads(&self, bucket: &BucketName) -> Answered {
        self.on_bucket(Method::GET, bucket, &[("encoding-type", "url"), ("uploads", "")], Vec::new()).await
    }

    /// `AbortMultipartUpload`
    pub(crate) async fn abort_multipart_upload(&self, bucket: &BucketName, key: &str, id: &str) -> Answered {
        self.request(Method::DELETE, (bucket, key), &[("uploadId", id)], &[], Vec::new()).await
    }

    /// One request that needs the right to this action on a bucket, or on the object of this key in it; `None` for
    /// actions that cannot be tried by one.
    ///
    /// It does what it says: the trial of `DeleteBucket` deletes an empty bucket.
    pub async fn attempt(&self, action: S3Action, bucket: &BucketName, key: &str) -> Option<Answered> {
        Some(match action {
            S3Action::ListAllMyBuckets => self.list_buckets().await,
            S3Action::ListBucket => self.list_objects(bucket).await,
            S3Action::GetBucketLocation => self.get_bucket_location(bucket).await,
            S3Action::GetObject => self.get_object(bucket, key).await,
            S3Action::PutObject => self.put_object(bucket, key, b"tried".to_vec()).await,
            S3Action::DeleteObject => self.delete_object(bucket, key).await,
            S3Action::GetBucketPolicy => self.get_bucket_policy(bucket).await,
            S3Action::PutBucketTagging => self.put_bucket_tagging(bucket).await,
            S3Action::PutBucketPolicy => self.put_bucket_policy(bucket, b"{}".to_vec()).await,
            S3Action::CreateBucket => self.create_bucket(bucket).await,
            S3Action::DeleteBucket => self.delete_bucket(bucket).await,
            _ => return None,
        })
    }

    /// `CreateBucket` of a name that no user's bucket can have.
    pub(crate) async fn create(&self, bucket: &str) -> Answered {
        self.send(Request::new(Method::PUT, Some(bucket), None)).await
    }

    /// `GetObject` in such a bucket.
    pub(crate) async fn read(&self, bucket: &str, key: &str) -> Answered {
        self.send(Request::new(Method::GET, Some(bucket), Some(key))).await
    }

    /// `PutObject` in such a bucket.
    pub(crate) async fn write(&self, bucket: &str, key: &str, body: Vec<u8>) -> Answered {
        self.send(Request::new(Method::PUT, Some(bucket), Some(key)).with_body(body)).await
    }

    async fn on_object(&self, method: Method, bucket: &BucketName, key: &str, body: Vec<u8>) -> Answered {
        self.request(method, (bucket, key), &[], &[], body).await
    }

    async fn on_bucket(&self, method: Method, bucket: &BucketName, query: &[(&str, &str)], body: Vec<u8>) -> Answered {
        self.request(method, (bucket, ""), query, &[], body).await
    }

    pub(crate) async fn send(&self, request: Request<'_>) -> Answered {
        self.client.send(request).await.map_err(client_error)
    }
}
