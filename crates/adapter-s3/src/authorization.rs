//! Decisions about a request, and their renewal: right before a write is committed, and while a download runs.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use futures::future::try_join_all;
use storage_hub_core::domain::BucketRef;
use storage_hub_core::s3_action::S3Action;
use storage_hub_core::use_cases::s3::{S3Access, S3Fault, S3Refusal, S3UseCases};
use storage_hub_s3_backend::{ByteStream, CommitGuard, Permit};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::object_lock::ObjectLock;
use storage_hub_s3_protocol::tags::Tags;
use tokio::time::Instant;

/// What a request was allowed to do.
#[derive(Clone)]
pub(crate) struct Authorization {
    use_cases: S3UseCases,
    bucket: BucketRef,
    /// Each action with the snapshot on which it was allowed. A copy reads from a bucket that may be another one.
    allowed: Vec<(Arc<S3Access>, S3Action)>,
}

impl Authorization {
    /// Decides about an action in the bucket of this snapshot.
    ///
    /// # Errors
    /// `NoSuchBucket`, `AccessDenied`.
    pub(crate) fn decide(use_cases: &S3UseCases, access: &Arc<S3Access>, action: S3Action) -> S3Result<Self> {
        let bucket = use_cases.authorize(access, action).map_err(refused)?;
        Ok(Self { use_cases: use_cases.clone(), bucket, allowed: vec![(access.clone(), action)] })
    }

    /// The bucket, by its id.
    pub(crate) fn bucket(&self) -> &BucketRef {
        &self.bucket
    }

    /// Adds what else was allowed, so that it is decided about again together with the rest.
    pub(crate) fn and(mut self, other: &Self) -> Self {
        self.allowed.extend(other.allowed.iter().cloned());
        self
    }

    /// Decides about a further action in the same bucket, on the same snapshot.
    ///
    /// # Errors
    /// `AccessDenied`.
    pub(crate) fn also(&self, action: S3Action) -> S3Result<Self> {
        let Some((access, _)) = self.allowed.first() else { return Err(ErrorCode::AccessDenied.into()) };
        Ok(self.clone().and(&Self::decide(&self.use_cases, access, action)?))
    }

    /// Decides about what the tags and the lock of a write need besides.
    ///
    /// # Errors
    /// `AccessDenied`.
    pub(crate) fn also_options(mut self, tags: Option<&Tags>, lock: &ObjectLock) -> S3Result<Self> {
        let needed = [
            (tags.is_some_and(|tags| !tags.is_empty()), S3Action::PutObjectTagging),
            (lock.retention.is_some(), S3Action::PutObjectRetention),
            (lock.legal_hold.is_some(), S3Action::PutObjectLegalHold),
        ];
        for (_, action) in needed.into_iter().filter(|(is_needed, _)| *is_needed) {
            self = self.also(action)?;
        }
        Ok(self)
    }

    /// Decides again, from the records as they are now.
    ///
    /// # Errors
    /// `NoSuchBucket`, `AccessDenied`; `ServiceUnavailable` and `InternalError` if the records cannot be read.
    pub(crate) async fn renew(&self) -> S3Result<()> {
        let decisions = self.allowed.iter().map(|(before, action)| async {
            self.use_cases.reauthorize(before, *action).await.map_err(failed)?.map_err(refused)
        });
        try_join_all(decisions).await.map(|_| ())
    }

    /// Authorizes a running download again from time to time, and cuts it when it is no longer allowed.
    pub(crate) fn guard_download(self, stream: ByteStream, interval: Duration) -> ByteStream {
        let state = (stream, self, Instant::now());
        Box::pin(futures::stream::try_unfold(state, move |(mut stream, authorization, mut decided)| async move {
            let Some(bytes) = stream.next().await.transpose()? else { return Ok(None) };
            if decided.elapsed() >= interval {
                authorization.renew().await?;
                decided = Instant::now();
            }
            Ok(Some((bytes, (stream, authorization, decided))))
        }))
    }
}

#[async_trait]
impl CommitGuard for Authorization {
    async fn permit(&self) -> S3Result<Permit> {
        self.renew().await?;
        Ok(Permit::granted(self.bucket.id))
    }
}

/// The error of a refusal.
pub(crate) fn refused(refusal: S3Refusal) -> S3Error {
    match refusal {
        S3Refusal::NoSuchBucket => ErrorCode::NoSuchBucket.into(),
        S3Refusal::Denied => ErrorCode::AccessDenied.into(),
    }
}

/// The error of a failure. A failed decision denies.
pub(crate) fn failed(fault: S3Fault) -> S3Error {
    let code = if fault.is_temporary() { ErrorCode::ServiceUnavailable } else { ErrorCode::InternalError };
    S3Error::new(code).caused_by(fault)
}
