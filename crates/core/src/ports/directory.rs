use async_trait::async_trait;

use super::RecordError;
use crate::acl::{Access, Grant, GrantSet};
use crate::domain::{
    AccessKey, Bucket, BucketId, BucketName, BucketRecord, CorsRules, Email, Page, PageRequest, SealedSecret,
    Timestamp, User, UserId, UserRecord,
};

/// The user whose access key a request names, with what its signature and its rights are checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalRecord {
    /// The user.
    pub user: User,
    /// The user's secret key, encrypted.
    pub sealed_secret: SealedSecret,
}

/// What an S3 request is authenticated and decided with, read in one snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct S3AccessRecord {
    /// The user whose access key the request names; `None` without a key, and for a key that nobody has.
    pub principal: Option<PrincipalRecord>,
    /// The bucket that the request names; `None` without a name, and when there is no such bucket.
    pub bucket: Option<S3BucketRecord>,
}

/// A bucket as far as the decisions about one subject need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3BucketRecord {
    /// The bucket, with those of its entries alone whose grants the subject holds.
    pub record: BucketRecord,
    /// Its CORS rules, if it has any.
    pub cors: Option<CorsRules>,
}

/// Which buckets [`Directory::list_s3_buckets`] lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3BucketQuery {
    /// Those with an entry for one of these grants, whatever its access; `None`: all of the hub.
    pub grants: Option<GrantSet>,
    /// Those whose names begin with this.
    pub prefix: String,
    /// Those whose names come after this one.
    pub after: Option<BucketName>,
    /// Maximum number of buckets.
    pub limit: u16,
}

/// The pending tasks of the outbox, whichever process enqueued them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// The number of pending tasks.
    pub tasks: u64,
    /// Since when the oldest of them has been pending; `None` if there is none.
    pub oldest: Option<Timestamp>,
}

/// What the policy of a shard must contain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardContents {
    /// Whether its policy has been written to the store at least once.
    pub written: bool,
    /// The visible buckets (active or deleting) of the shard, in byte order of their names, each with the access that the
    /// entry of the shard's grant gives.
    pub buckets: Vec<(BucketName, Access)>,
}

/// Reads the records outside of a transaction. Each call reads one snapshot, which is never older than the last commit
/// that has returned.
///
/// Every method can fail with the [`RecordError`] of the database.
///
/// # Contract
/// - Nothing is cached: the next call sees what any process has committed.
/// - Calls with a user id also return the user, so that the same snapshot shows whether it is enabled and its session
///   still valid.
/// - Buckets that are not visible (creating, releasing) are in no list. `find_bucket` returns them, with their state.
/// - No call waits indefinitely: while the database is unreachable, it fails with [`RecordError::Unavailable`] within
///   seconds.
#[async_trait]
pub trait Directory: Send + Sync {
    /// Finds the user with this id.
    async fn find_user(&self, id: UserId) -> Result<Option<User>, RecordError>;

    /// Finds the whole record of the user with this id.
    async fn find_record(&self, id: UserId) -> Result<Option<UserRecord>, RecordError>;

    /// Finds the whole record of the user with this email.
    async fn find_record_by_email(&self, email: &Email) -> Result<Option<UserRecord>, RecordError>;

    /// Finds the user with this access key.
    async fn find_principal(&self, access_key: &AccessKey) -> Result<Option<PrincipalRecord>, RecordError>;

    /// Finds the bucket with this name.
    async fn find_bucket(&self, name: &BucketName) -> Result<Option<BucketRecord>, RecordError>;

    /// Finds the bucket with this id.
    async fn find_bucket_by_id(&self, id: BucketId) -> Result<Option<BucketRecord>, RecordError>;

    /// Finds what the shard of this grant and number must contain; `None` if there is no such shard.
    async fn find_shard(&self, grant: &Grant, number: i32) -> Result<Option<ShardContents>, RecordError>;

    /// Finds the user with this id and the bucket with this name in one snapshot; `None` if there is no such user.
    async fn find_user_and_bucket(
        &self,
        id: UserId,
        name: &BucketName,
    ) -> Result<Option<(User, Option<BucketRecord>)>, RecordError>;

    /// Finds the user with this id, and lists a page of the visible buckets that it owns in byte order of their names, in
    /// one snapshot.
    async fn list_owned_buckets(
        &self,
        owner: UserId,
        page: &PageRequest,
    ) -> Result<Option<(User, Page<Bucket>)>, RecordError>;

    /// Finds what a request to the S3 endpoint needs, in one snapshot and by one statement: the user with this access key,
    /// the bucket with this name in whatever state, and those of the bucket's entries whose grants the user (without one:
    /// everybody) holds at this moment.
    async fn find_s3_access(
        &self,
        key: Option<&AccessKey>,
        bucket: Option<&BucketName>,
        now: Timestamp,
    ) -> Result<S3AccessRecord, RecordError>;

    /// Lists visible buckets with the moments of their creation, in byte order of their names.
    async fn list_s3_buckets(&self, query: &S3BucketQuery) -> Result<Vec<(BucketName, Timestamp)>, RecordError>;

    /// Lists at most `limit` users ordered by id, beginning after the one given: for passes over all users.
    async fn list_users(&self, after: Option<UserId>, limit: u16) -> Result<Vec<UserRecord>, RecordError>;

    /// Lists at most `limit` buckets of every state in byte order of their names, beginning after the name given: for
    /// passes over all buckets.
    async fn list_buckets(&self, after: Option<&BucketName>, limit: u16) -> Result<Vec<BucketRecord>, RecordError>;

    /// Counts the pending tasks of the outbox, including those that are leased or not due yet, up to `limit`.
    async fn find_backlog(&self, limit: u16) -> Result<Backlog, RecordError>;

    /// Checks that the database responds.
    async fn ping(&self) -> Result<(), RecordError>;
}
