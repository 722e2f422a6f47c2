use async_trait::async_trait;

use super::RecordError;
use crate::acl::{Access, Grant, GrantSet};
use crate::domain::{
    AccessKey, Bucket, BucketId, BucketName, BucketRecord, Email, Page, PageRequest, SealedSecret, Timestamp, User,
    UserId, UserRecord,
};

/// A principal as a request names it, with what its signature and its rights are checked against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrincipalRecord {
    /// The user whose principal it is.
    pub user: User,
    /// Its secret key, encrypted.
    pub sealed_secret: SealedSecret,
}

/// How much of the outbox is not carried out, by whichever process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// How many tasks.
    pub tasks: u64,
    /// Since when the longest waiting of them waits; `None` when there is none.
    pub oldest: Option<Timestamp>,
}

/// What a policy shard is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShardContents {
    /// Whether its policy has been written to the store at least once.
    pub written: bool,
    /// The visible buckets (active or deleting) that stand in it, in the byte order of their names, with what the entry
    /// of the shard's grant gives.
    pub buckets: Vec<(BucketName, Access)>,
}

/// Reads the records, one snapshot a call: all that a call answers was so at one moment, and that moment is never older
/// than the last commit that was answered.
///
/// # Contract
/// - Nothing comes from a cache: what is committed is seen by the next call, of another process too.
/// - Calls with a user id answer with the user as it is now, so that the same snapshot also tells whether it is enabled
///   and its tokens are still good.
/// - Buckets that are not visible (creating, releasing) are in no list; `find_bucket` gives them, with their state.
/// - No call waits for ever: with the database away, [`RecordError::Unavailable`] comes within seconds.
#[async_trait]
pub trait Directory: Send + Sync {
    /// The user with this id.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn find_user(&self, id: UserId) -> Result<Option<User>, RecordError>;

    /// All that is kept of the user with this id.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn find_record(&self, id: UserId) -> Result<Option<UserRecord>, RecordError>;

    /// All that is kept of the user with this email.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn find_record_by_email(&self, email: &Email) -> Result<Option<UserRecord>, RecordError>;

    /// The principal with this access key.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn find_principal(&self, access_key: &AccessKey) -> Result<Option<PrincipalRecord>, RecordError>;

    /// The bucket with this name.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn find_bucket(&self, name: &BucketName) -> Result<Option<BucketRecord>, RecordError>;

    /// The bucket with this id.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn find_bucket_by_id(&self, id: BucketId) -> Result<Option<BucketRecord>, RecordError>;

    /// What the shard of this grant and number is to say; `None` when there is no such shard.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn find_shard(&self, grant: &Grant, number: i32) -> Result<Option<ShardContents>, RecordError>;

    /// The user with this id and the bucket with this name, in one snapshot; a bucket without its user is `None`.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn find_user_and_bucket(
        &self,
        id: UserId,
        name: &BucketName,
    ) -> Result<Option<(User, Option<BucketRecord>)>, RecordError>;

    /// The user with this id and a page of the visible buckets that it owns, in the byte order of their names, in one
    /// snapshot.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn list_owned_buckets(
        &self,
        owner: UserId,
        page: &PageRequest,
    ) -> Result<Option<(User, Page<Bucket>)>, RecordError>;

    /// The names of the visible buckets with an entry (of any access) for one of the grants, in byte order.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn list_names_by_grants(&self, grants: &GrantSet) -> Result<Vec<BucketName>, RecordError>;

    /// Users in the order of their ids, at most `limit`, from after the one given: for passes over all of them.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn list_users(&self, after: Option<UserId>, limit: u16) -> Result<Vec<UserRecord>, RecordError>;

    /// Buckets of every state in the byte order of their names, at most `limit`, from after the name given: for passes
    /// over all of them.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn list_buckets(&self, after: Option<&BucketName>, limit: u16) -> Result<Vec<BucketRecord>, RecordError>;

    /// The tasks of the outbox whose `done` is behind their generation, leased or put off or not: no more than `limit`
    /// are counted.
    ///
    /// # Errors
    /// [`RecordError`] of the database.
    async fn find_backlog(&self, limit: u16) -> Result<Backlog, RecordError>;

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`RecordError::Unavailable`] when there is none.
    async fn ping(&self) -> Result<(), RecordError>;
}
