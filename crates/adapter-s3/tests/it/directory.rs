//! Records that fail, or make their reader wait, when a test says so.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};

use async_trait::async_trait;
use storage_hub_core::acl::Grant;
use storage_hub_core::domain::{
    AccessKey, Bucket, BucketId, BucketName, BucketRecord, Email, Page, PageRequest, Timestamp, User, UserId,
    UserRecord,
};
use storage_hub_core::ports::{
    Backlog, Directory, PrincipalRecord, RecordError, S3AccessRecord, S3BucketQuery, ShardContents,
};
use storage_hub_core::testing::InMemoryRecords;
use tokio::sync::oneshot;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    None = 0,
    Unavailable = 1,
    Unexpected = 2,
    /// Only the buckets cannot be read: the caller is known, and what the caller may do is not.
    BucketsUnavailable = 3,
}

pub(crate) struct FailingDirectory {
    records: InMemoryRecords,
    failure: AtomicU8,
    hold: Mutex<Option<Hold>>,
}

/// Makes one decision wait.
struct Hold {
    /// How many readers pass before.
    pass: usize,
    arrived: oneshot::Sender<()>,
    go_on: oneshot::Receiver<()>,
}

/// A reader that waits, or will.
pub(crate) struct Held {
    pub(crate) arrived: oneshot::Receiver<()>,
    pub(crate) go_on: oneshot::Sender<()>,
}

impl FailingDirectory {
    pub(crate) fn new(records: InMemoryRecords) -> Self {
        Self { records, failure: AtomicU8::new(Failure::None as u8), hold: Mutex::default() }
    }

    pub(crate) fn fail(&self, failure: Failure) {
        self.failure.store(failure as u8, Ordering::SeqCst);
    }

    /// Makes one decision wait, after this many others.
    pub(crate) fn hold_after(&self, pass: usize) -> Held {
        let ((sent, arrived), (go_on, wait)) = (oneshot::channel(), oneshot::channel());
        *self.hold.lock().unwrap() = Some(Hold { pass, arrived: sent, go_on: wait });
        Held { arrived, go_on }
    }

    fn take_hold(&self) -> Option<Hold> {
        let mut hold = self.hold.lock().unwrap();
        match hold.as_mut() {
            Some(Hold { pass: 0, .. }) => hold.take(),
            Some(hold) => {
                hold.pass -= 1;
                None
            }
            None => None,
        }
    }

    fn principals(&self) -> Result<&InMemoryRecords, RecordError> {
        match self.failure.load(Ordering::SeqCst) {
            1 => Err(RecordError::Unavailable("away, and nobody's business".into())),
            2 => Err(RecordError::Unexpected("broken, and nobody's business".into())),
            _ => Ok(&self.records),
        }
    }

    fn buckets(&self) -> Result<&InMemoryRecords, RecordError> {
        match self.failure.load(Ordering::SeqCst) {
            3 => Err(RecordError::Unavailable("away, and nobody's business".into())),
            _ => self.principals(),
        }
    }
}

#[async_trait]
impl Directory for FailingDirectory {
    async fn find_user(&self, id: UserId) -> Result<Option<User>, RecordError> {
        self.principals()?.find_user(id).await
    }

    async fn find_record(&self, id: UserId) -> Result<Option<UserRecord>, RecordError> {
        self.principals()?.find_record(id).await
    }

    async fn find_record_by_email(&self, email: &Email) -> Result<Option<UserRecord>, RecordError> {
        self.principals()?.find_record_by_email(email).await
    }

    async fn find_principal(&self, access_key: &AccessKey) -> Result<Option<PrincipalRecord>, RecordError> {
        self.principals()?.find_principal(access_key).await
    }

    async fn find_s3_access(
        &self,
        key: Option<&AccessKey>,
        bucket: Option<&BucketName>,
        now: Timestamp,
    ) -> Result<S3AccessRecord, RecordError> {
        if let Some(hold) = self.take_hold() {
            let _ = hold.arrived.send(());
            let _ = hold.go_on.await;
        }
        self.buckets()?.find_s3_access(key, bucket, now).await
    }

    async fn list_s3_buckets(&self, query: &S3BucketQuery) -> Result<Vec<(BucketName, Timestamp)>, RecordError> {
        self.buckets()?.list_s3_buckets(query).await
    }

    async fn find_bucket(&self, name: &BucketName) -> Result<Option<BucketRecord>, RecordError> {
        self.buckets()?.find_bucket(name).await
    }

    async fn find_bucket_by_id(&self, id: BucketId) -> Result<Option<BucketRecord>, RecordError> {
        self.buckets()?.find_bucket_by_id(id).await
    }

    async fn find_shard(&self, grant: &Grant, number: i32) -> Result<Option<ShardContents>, RecordError> {
        self.buckets()?.find_shard(grant, number).await
    }

    async fn find_user_and_bucket(
        &self,
        id: UserId,
        name: &BucketName,
    ) -> Result<Option<(User, Option<BucketRecord>)>, RecordError> {
        self.buckets()?.find_user_and_bucket(id, name).await
    }

    async fn list_owned_buckets(
        &self,
        owner: UserId,
        page: &PageRequest,
    ) -> Result<Option<(User, Page<Bucket>)>, RecordError> {
        self.buckets()?.list_owned_buckets(owner, page).await
    }

    async fn list_users(&self, after: Option<UserId>, limit: u16) -> Result<Vec<UserRecord>, RecordError> {
        self.principals()?.list_users(after, limit).await
    }

    async fn list_buckets(&self, after: Option<&BucketName>, limit: u16) -> Result<Vec<BucketRecord>, RecordError> {
        self.buckets()?.list_buckets(after, limit).await
    }

    async fn find_backlog(&self, limit: u16) -> Result<Backlog, RecordError> {
        self.principals()?.find_backlog(limit).await
    }

    async fn ping(&self) -> Result<(), RecordError> {
        self.principals()?.ping().await
    }
}
