use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::channel::oneshot;
use storage_hub_core::use_cases::s3::S3UseCases;
use storage_hub_s3_backend::S3Backend;
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::head::VirtualHosts;
use storage_hub_s3_protocol::response::Owner;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, Span};

use crate::options::{S3Limits, S3Options};
use crate::places::Places;
use crate::seldom::Seldom;

/// The one owner that answers name.
const OWNER: &str = "storage-hub";
/// How long a request waits for a use case that writes. The use case goes on to its end.
const WRITE_TIME: Duration = Duration::from_secs(30);

/// The S3 endpoint, ready to be served. Cheap to clone.
#[derive(Clone)]
pub struct S3Endpoint(pub(crate) Arc<Endpoint>);

/// What all requests share.
pub(crate) struct Endpoint {
    pub(crate) use_cases: S3UseCases,
    pub(crate) backend: Arc<dyn S3Backend>,
    pub(crate) options: S3Options,
    pub(crate) hosts: VirtualHosts,
    /// Who owns everything, as clients see it. The hub knows owners; clients only want to see one.
    pub(crate) owner: Owner,
    /// Places for bodies that are held in memory as a whole.
    pub(crate) buffered: Places,
    /// Bodies for which there was no place.
    pub(crate) crowded: Seldom,
    main_runtime: Handle,
    tasks: TaskTracker,
}

/// A string that is not a domain for virtual-host addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a domain name; use one like s3.example.com, without a port")]
pub struct InvalidDomain(String);

impl S3Endpoint {
    /// Creates an endpoint. The use cases authenticate every request and decide about it; the backend keeps the bytes. Use
    /// cases that write run on `main_runtime`, which outlives connections, so that a client that hangs up never cuts one in
    /// half.
    ///
    /// # Errors
    /// [`InvalidDomain`].
    pub fn new(
        use_cases: S3UseCases,
        backend: Arc<dyn S3Backend>,
        options: S3Options,
        main_runtime: Handle,
    ) -> Result<Self, InvalidDomain> {
        let hosts = match &options.domain {
            None => VirtualHosts::default(),
            Some(domain) => VirtualHosts::new([domain]).ok_or_else(|| InvalidDomain(domain.clone()))?,
        };
        let limits = &options.limits;
        Ok(Self(Arc::new(Endpoint {
            use_cases,
            backend,
            hosts,
            owner: Owner { id: OWNER.to_owned(), display_name: OWNER.to_owned() },
            buffered: Places::new(limits.buffered_bodies, limits.buffered_bodies_per_address),
            crowded: Seldom::default(),
            options,
            main_runtime,
            tasks: TaskTracker::new(),
        })))
    }
}

impl Endpoint {
    /// Whether this address is a trusted proxy.
    pub(crate) fn is_proxy(&self, peer: IpAddr) -> bool {
        self.options.guard.as_ref().is_some_and(|guard| guard.is_proxy(peer))
    }

    pub(crate) fn limits(&self) -> &S3Limits {
        &self.options.limits
    }

    /// Runs a use case that writes as a task of the main runtime, and waits for its outcome.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        use_case: impl Future<Output = S3Result<T>> + Send + 'static,
    ) -> S3Result<T> {
        let (sender, outcome) = oneshot::channel();
        let task = async move {
            if let Err(Err(error)) = sender.send(use_case.await) {
                tracing::warn!(%error, "a write failed after its client had disconnected");
            }
        };
        self.tasks.spawn_on(task.instrument(Span::current()), &self.main_runtime);
        match timeout(WRITE_TIME, outcome).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(S3Error::new(ErrorCode::InternalError).caused_by("the task of a write has panicked")),
            Err(_) => Err(S3Error::with_message(
                ErrorCode::ServiceUnavailable,
                "The change takes longer than expected. It may still be made; look before you repeat it.",
            )),
        }
    }

    /// Waits until every task has ended; false if that takes longer than the limit.
    pub(crate) async fn finish_tasks(&self, limit: Duration) -> bool {
        self.tasks.close();
        timeout(limit, self.tasks.wait()).await.is_ok()
    }
}
