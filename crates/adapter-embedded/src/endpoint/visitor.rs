//! Who sends a request, from the check of its signature to the operation.

use std::sync::{Arc, Mutex, PoisonError};

use http::StatusCode;
use s3s::{S3Request, S3Result};
use storage_hub_core::use_cases::s3_gate::Caller;

use super::body_fault::BodyFault;
use crate::digests::Digests;

tokio::task_local! {
    static KNOWN: Known;
}

/// What is found out about a request on its way.
#[derive(Clone, Default)]
pub(super) struct Known(Arc<Mutex<Findings>>);

#[derive(Default)]
struct Findings {
    caller: Option<Caller>,
    operation: Option<&'static str>,
    unknown_key: bool,
    digests: Option<Digests>,
    fault: Option<BodyFault>,
}

impl Known {
    /// The operation; `None` when the request was refused before it was known.
    pub(super) fn operation(&self) -> Option<&'static str> {
        self.with(|findings| findings.operation)
    }

    /// Whether the request was refused for its signature: nobody has the key, or it was made with another secret.
    pub(super) fn was_signed_wrongly(&self, status: StatusCode) -> bool {
        self.with(|findings| {
            let refused = findings.operation.is_none() && status == StatusCode::FORBIDDEN;
            refused && (findings.unknown_key || findings.caller.is_some())
        })
    }

    /// Whether a request of this access key was signed rightly.
    pub(super) fn was_signed_by(&self, access_key: &str) -> bool {
        self.with(|findings| {
            let caller = findings.caller.as_ref().filter(|_| findings.operation.is_some());
            caller.is_some_and(|caller| caller.access_key.as_str() == access_key)
        })
    }

    /// Notes why the body was refused.
    pub(super) fn set_fault(&self, fault: BodyFault) {
        self.with(|findings| findings.fault = Some(fault));
    }

    /// Why the body was refused, if it was.
    pub(super) fn fault(&self) -> Option<BodyFault> {
        self.with(|findings| findings.fault)
    }

    /// Notes the digests of the body.
    pub(super) fn set_digests(&self, digests: Digests) {
        self.with(|findings| findings.digests = Some(digests));
    }

    fn with<T>(&self, look: impl FnOnce(&mut Findings) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
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
    pub(super) async fn scope<F: Future>(&self, known: Known, request: F) -> F::Output {
        KNOWN.scope(known, request).await
    }

    pub(super) fn set_caller(&self, caller: Caller) {
        let _ = KNOWN.try_with(|known| known.with(|findings| findings.caller = Some(caller)));
    }

    pub(super) fn set_unknown_key(&self) {
        let _ = KNOWN.try_with(|known| known.with(|findings| findings.unknown_key = true));
    }

    pub(super) fn caller(&self) -> Option<Caller> {
        KNOWN.try_with(|known| known.with(|findings| findings.caller.clone())).ok().flatten()
    }

    pub(super) fn set_operation(&self, operation: &'static str) {
        let _ = KNOWN.try_with(|known| known.with(|findings| findings.operation = Some(operation)));
    }
}

/// The digests of the body of this request, where it says one.
pub(crate) fn body_digests() -> Option<Digests> {
    KNOWN.try_with(|known| known.with(|findings| findings.digests.clone())).ok().flatten()
}
