//! Who sends a request, from the check of its signature to the operation.

use std::sync::{Arc, Mutex, PoisonError};

use s3s::{S3Request, S3Result};
use storage_hub_core::use_cases::s3_gate::Caller;

tokio::task_local! {
    static IDENTIFIED: Arc<Mutex<Option<Caller>>>;
}

/// Who sends a request: a user, or nobody.
#[derive(Clone, Debug)]
pub(crate) struct Visitor(pub(crate) Option<Caller>);

impl Visitor {
    /// Who sends this request. The access check left it there; a request without it never passed that check.
    pub(crate) fn of<T>(request: &S3Request<T>) -> S3Result<Self> {
        request
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| s3s::s3_error!(InternalError, "the request did not pass the access check"))
    }
}

/// Carries the user that the signature check found to the access check of the same request, so that both go by one
/// reading of the records.
#[derive(Clone, Default)]
pub(super) struct Visitors;

impl Visitors {
    /// Runs the work on one request.
    pub(super) async fn scope<F: Future>(&self, request: F) -> F::Output {
        IDENTIFIED.scope(Arc::default(), request).await
    }

    pub(super) fn set(&self, caller: Caller) {
        let _ = IDENTIFIED.try_with(|slot| *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(caller));
    }

    pub(super) fn get(&self) -> Option<Caller> {
        IDENTIFIED.try_with(|slot| slot.lock().unwrap_or_else(PoisonError::into_inner).clone()).ok().flatten()
    }
}
