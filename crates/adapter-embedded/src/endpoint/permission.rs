//! What the access check allowed a request to do, and what is checked again before a write is committed.
//!
//! The access check comes before the body is read, and a client decides how long that takes. Meanwhile the bucket may
//! have been deleted and its name taken by somebody else, and the user disabled, or the secret rotated. So a write goes
//! to the bucket's row that existed when access was checked, never to whatever has its name; and a write that read a
//! body needs a [`Permit`], which only a second look at the records gives.

use s3s::{S3Error, S3ErrorCode, S3Request, S3Result};
use storage_hub_core::domain::BucketName;
use storage_hub_core::s3_action::S3Action;
use storage_hub_core::use_cases::s3_gate::S3Gate;

use super::visitor::Visitor;
use crate::error::gate_error;
use crate::index::IndexError;
use crate::index::buckets::BucketRowId;

/// What a request was allowed to do in a bucket. The access check leaves it in the request.
#[derive(Clone, Debug)]
pub(crate) struct Permission {
    pub(super) visitor: Visitor,
    pub(super) action: S3Action,
    pub(super) bucket: BucketName,
    /// The bucket's row as it was before the gate was asked; `None` when the index had no such bucket.
    pub(super) row: Option<BucketRowId>,
    /// What a copy reads.
    pub(super) source: Option<(S3Action, BucketName)>,
}

/// Proof that a write was still allowed after its body had arrived.
#[derive(Debug)]
pub(crate) struct Permit {
    bucket: BucketRowId,
}

impl Permission {
    /// The permission of this request. A request without one never passed the access check.
    pub(crate) fn of<T>(request: &S3Request<T>) -> S3Result<Self> {
        request
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| s3s::s3_error!(InternalError, "the request did not pass the access check"))
    }

    /// The bucket that a write without a body goes to.
    pub(crate) fn bucket(&self) -> S3Result<BucketRowId> {
        Ok(self.row.ok_or(IndexError::NoSuchBucket)?)
    }

    /// Asks the gate again. To be called after the body was received and verified, right before the commit.
    pub(crate) async fn confirm(&self, gate: &S3Gate) -> S3Result<Permit> {
        let target = (self.action, self.bucket.clone());
        for (action, bucket) in std::iter::once(target).chain(self.source.clone()) {
            if !gate.still_allows(self.visitor.0.as_ref(), action, &bucket).await.map_err(gate_error)? {
                return Err(denied());
            }
        }
        Ok(Permit { bucket: self.bucket()? })
    }
}

impl Permit {
    /// The bucket that the write goes to.
    pub(crate) fn bucket(&self) -> BucketRowId {
        self.bucket
    }
}

pub(super) fn denied() -> S3Error {
    S3Error::with_message(S3ErrorCode::AccessDenied, "Access Denied.")
}
