//! S3 requests signed with any key, and what was answered: what the hub asks its store with, and what `doctor` and
//! tests try isolation with.

use http::Method;
use storage_hub_core::domain::BucketName;
use storage_hub_core::ports::StoreError;
use storage_hub_core::s3_action::S3Action;

use crate::answer::Answer;
use crate::connection::{Call, Connection};
use crate::signing::Identity;
use crate::xml;

pub use crate::sts::TemporaryKey;

/// An S3 client that signs as one identity. It says what was answered and judges nothing.
///
/// Every call fails with [`StoreError::Unavailable`] when there is no answer in time, and with nothing else that the
/// endpoint could cause.
#[derive(Clone, Debug)]
pub struct S3Client {
    pub(crate) connection: Connection,
    pub(crate) identity: Identity,
}

type Answered = Result<Answer, StoreError>;

impl S3Client {
    /// A client over a connection, which others may share.
    #[must_use]
    pub const fn new(connection: Connection, identity: Identity) -> Self {
        Self { connection, identity }
    }

    /// A client that signs as somebody else, over the same connection.
    #[must_use]
    pub fn signing_as(&self, identity: impl Into<Identity>) -> Self {
        Self { connection: self.connection.clone(), identity: identity.into() }
    }

    /// The names of the buckets that [`list_buckets`](Self::list_buckets) answered with.
    #[must_use]
    pub fn bucket_names(answer: &Answer) -> Vec<String> {
        xml::texts(&answer.body, &["Bucket", "Name"])
    }

    /// `ListBuckets`
    pub async fn list_buckets(&self) -> Answered {
        self.send(Method::GET, "/", &[], Vec::new()).await
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
        let path = if key.is_empty() { format!("/{bucket}") } else { format!("/{bucket}/{key}") };
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.connection.send(&self.identity, Call { body, headers, ..Call::new(method, &path, query) }).await
    }

    /// `ListObjectVersions`, one version or delete marker at most.
    pub async fn find_first_version(&self, bucket: &BucketName) -> Answered {
        self.on_bucket(Method::GET, bucket, &[("max-keys", "1"), ("versions", "")], Vec::new()).await
    }

    /// Whether [`find_first_version`](Self::find_first_version) found one.
    #[must_use]
    pub fn has_versions(answer: &Answer) -> bool {
        ["Version", "DeleteMarker"].iter().any(|element| !xml::children(&answer.body, element).is_empty())
    }

    /// `DeleteObject` of one version.
    pub async fn delete_object_version(&self, bucket: &BucketName, key: &str, version_id: &str) -> Answered {
        let query = [("versionId", version_id)];
        self.send(Method::DELETE, &format!("/{bucket}/{key}"), &query, Vec::new()).await
    }

    /// `DeleteObjects`, with the base64 of the body's SHA-256, without which it is not taken.
    pub(crate) async fn delete_objects(&self, bucket: &BucketName, body: Vec<u8>, checksum: &str) -> Answered {
        let headers = [("x-amz-checksum-sha256", checksum)];
        self.request(Method::POST, (bucket, ""), &[("delete", "")], &headers, body).await
    }

    /// `ListMultipartUploads`, with URL-encoded keys.
    pub(crate) async fn list_multipart_uploads(&self, bucket: &BucketName) -> Answered {
        self.on_bucket(Method::GET, bucket, &[("encoding-type", "url"), ("uploads", "")], Vec::new()).await
    }

    /// `AbortMultipartUpload`
    pub(crate) async fn abort_multipart_upload(&self, bucket: &BucketName, key: &str, id: &str) -> Answered {
        self.send(Method::DELETE, &format!("/{bucket}/{key}"), &[("uploadId", id)], Vec::new()).await
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

    async fn on_object(&self, method: Method, bucket: &BucketName, key: &str, body: Vec<u8>) -> Answered {
        self.send(method, &format!("/{bucket}/{key}"), &[], body).await
    }

    async fn on_bucket(&self, method: Method, bucket: &BucketName, query: &[(&str, &str)], body: Vec<u8>) -> Answered {
        self.send(method, &format!("/{bucket}"), query, body).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, query: &[(&str, &str)], body: Vec<u8>) -> Answered {
        self.connection.send(&self.identity, Call { body, ..Call::new(method, path, query) }).await
    }
}
