use async_trait::async_trait;
use storage_hub_core::domain::{BucketId, BucketRef};
use storage_hub_s3_protocol::error::S3Result;

/// Authorizes a write again, right before it is committed.
///
/// A client decides how long its body takes. Meanwhile its user may have been disabled, its key rotated, its access revoked,
/// or the bucket deleted and its name taken by somebody else. A backend asks the guard after the whole body was received and
/// verified, and commits only with the [`Permit`] that it returns.
#[async_trait]
pub trait CommitGuard: Send + Sync {
    /// Decides from the records as they are now.
    ///
    /// # Errors
    /// `AccessDenied`, `NoSuchBucket`, `ServiceUnavailable`; the write must then leave nothing.
    async fn permit(&self) -> S3Result<Permit>;
}

/// Proof that a write to this bucket was still allowed after its body had arrived. Commit functions of backends demand it.
#[derive(Debug)]
pub struct Permit {
    bucket: BucketId,
}

impl Permit {
    /// States that a write to this bucket is allowed now. Only a [`CommitGuard`] creates permits.
    #[must_use]
    pub fn granted(bucket: BucketId) -> Self {
        Self { bucket }
    }

    /// The bucket that the write goes to.
    #[must_use]
    pub fn bucket(&self) -> BucketId {
        self.bucket
    }
}

/// Where a write goes, and who authorizes its commit.
#[derive(Clone, Copy)]
pub struct Write<'a> {
    /// The bucket, by its id.
    pub bucket: &'a BucketRef,
    /// To be asked right before the commit.
    pub guard: &'a dyn CommitGuard,
}
