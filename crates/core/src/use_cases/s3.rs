//! What the S3 endpoint of this process asks: who a request comes from, what it may do, and what happens to buckets.
//!
//! A request is decided in this order:
//!
//! | step | function |
//! |---|---|
//! | before the signature is verified | [`authenticate`](S3UseCases::authenticate): one read of the key's user and the bucket |
//! | after it was verified | [`authorize`](S3UseCases::authorize), [`authorize_service`](S3UseCases::authorize_service): pure, on what was read |
//! | before a write is committed, and every 30 s of a download | [`reauthorize`](S3UseCases::reauthorize): reads and decides again |
//!
//! Nothing is cached between two reads. A use case that writes must run as a task of its own, like those of the REST API.

mod authenticate;
mod authorize;
mod bucket_cors;
mod create_bucket;
mod delete_bucket;
mod list_buckets;
mod reauthorize;

use crate::acl::{Access, Grant, Subject};
use crate::context::Ports;
use crate::domain::{
    AccessKey, BucketEntry, BucketName, BucketRecord, BucketRef, CorsRules, SecretKey, Timestamp, UserId,
};
use crate::policy::{PolicyDocument, bucket_policy};
use crate::ports::{RecordError, VaultError};
use crate::use_cases::admission::{ActiveUser, Actor};

/// The use cases of the S3 endpoint. Cheap to clone.
#[derive(Clone)]
pub struct S3UseCases {
    ports: Ports,
}

impl S3UseCases {
    /// Creates the use cases of a hub with these ports.
    #[must_use]
    pub const fn new(ports: Ports) -> Self {
        Self { ports }
    }

    /// The present time, by which signatures are judged.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }
}

/// The user whose access key a request names. Whoever holds one has not verified the signature yet.
#[derive(Clone, Debug)]
pub struct S3Caller {
    /// The access key that the request names.
    pub access_key: AccessKey,
    /// The secret key that the signature must have been made with.
    pub secret_key: SecretKey,
    user: ActiveUser,
    subject: Subject,
}

impl S3Caller {
    /// The id of the user.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.user.id
    }

    /// Whether the user is an administrator.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.user.is_admin()
    }

    /// The actor of the use cases that the caller's requests lead to.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::AccessKey { claimed_user: self.user.id, access_key: self.access_key.clone() }
    }
}

/// Who a request comes from and which bucket it names, as they were at one moment.
#[derive(Clone, Debug)]
pub struct S3Access {
    /// The caller; `None` for an anonymous request, and for a key that gives no access.
    pub caller: Option<S3Caller>,
    /// The bucket; `None` when the request names none that exists and is visible.
    pub bucket: Option<S3Bucket>,
    /// The key that was asked for, if it can be one.
    key: Option<AccessKey>,
    /// The name that was asked for.
    name: Option<BucketName>,
}

/// A visible bucket, as far as decisions about the caller need it.
#[derive(Clone, Debug)]
pub struct S3Bucket {
    record: BucketRecord,
    cors: Option<CorsRules>,
}

impl S3Bucket {
    /// Its id and name.
    #[must_use]
    pub fn reference(&self) -> BucketRef {
        self.record.bucket.reference()
    }

    /// The user who owns it.
    #[must_use]
    pub const fn owner(&self) -> UserId {
        self.record.bucket.owner
    }

    /// When it was created.
    #[must_use]
    pub const fn created_at(&self) -> Timestamp {
        self.record.bucket.created_at
    }

    /// Whether everybody may read its objects.
    #[must_use]
    pub fn is_public(&self) -> bool {
        let public = Grant::public();
        self.record.entries.iter().any(|entry| entry.grant == public)
    }

    /// Its CORS rules, if it has any.
    #[must_use]
    pub const fn cors(&self) -> Option<&CorsRules> {
        self.cors.as_ref()
    }

    /// Its policy: the rights of its owner, and of everyone. The same document as the REST API shows.
    #[must_use]
    pub fn policy(&self) -> PolicyDocument {
        let owner = Grant::author(self.owner());
        let mut record = self.record.clone();
        // The caller may be another user, who does not hold the owner's grant. The owner's entry cannot be removed.
        if !record.entries.iter().any(|entry| entry.grant == owner) {
            record.entries.push(BucketEntry { grant: owner, access: Access::Manage, shard: None });
            record.entries.sort_by(|one, other| one.grant.cmp(&other.grant));
        }
        bucket_policy(&record)
    }
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum S3Refusal {
    /// There is no bucket with this name, or none that is visible. Only signed-in callers are told so.
    #[error("the bucket does not exist")]
    NoSuchBucket,
    /// The caller may not do this.
    #[error("access denied")]
    Denied,
}

/// Why a decision failed. A failed decision denies access.
#[derive(Debug, thiserror::Error)]
pub enum S3Fault {
    /// The records could not be read.
    #[error("could not read the records")]
    Records(#[from] RecordError),
    /// The secret key of the user could not be decrypted.
    #[error("could not decrypt a secret key")]
    Secret(#[from] VaultError),
}

impl S3Fault {
    /// Whether the same request may succeed a little later without anybody's intervention.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Records(RecordError::Conflict(_) | RecordError::Unavailable(_)))
    }
}
