use std::any::Any;
use std::future::Future;
use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpRequest;
use futures::FutureExt as _;
use futures::channel::oneshot;
use storage_hub_core::context::Ports;
use storage_hub_core::failpoint::{Failpoint, reach};
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, Span};

use crate::HttpOptions;
use crate::client_address::{self, ClientAddress};
use crate::error::ApiError;
use crate::rate_limits::Counters;
use crate::readiness::Readiness;
use crate::receipts::Receipts;

/// The state that all requests of one server share. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

struct Shared {
    ports: Ports,
    options: HttpOptions,
    main_runtime: Handle,
    tasks: TaskTracker,
    receipts: Receipts,
    counters: Counters,
    readiness: Readiness,
}

impl AppState {
    /// Creates the state of a server. Use cases that write run on `main_runtime`.
    #[must_use]
    pub fn new(ports: Ports, options: HttpOptions, main_runtime: Handle) -> Self {
        let (tasks, receipts) = (TaskTracker::new(), Receipts::default());
        let (counters, readiness) = (Counters::new(options.rate_limits), Readiness::default());
        Self(Arc::new(Shared { ports, options, main_runtime, tasks, receipts, counters, readiness }))
    }

    pub(crate) fn ports(&self) -> &Ports {
        &self.0.ports
    }

    /// The operator's configuration of the API.
    pub(crate) fn options(&self) -> &HttpOptions {
        &self.0.options
    }

    /// The runtime that outlives connections.
    pub(crate) fn main_runtime(&self) -> &Handle {
        &self.0.main_runtime
    }

    /// The creations whose answers are being recorded.
    pub(crate) fn receipts(&self) -> &Receipts {
        &self.0.receipts
    }

    /// The counters of the rate limits.
    pub(crate) fn counters(&self) -> &Counters {
        &self.0.counters
    }

    /// The state of the dependencies.
    pub(crate) fn readiness(&self) -> &Readiness {
        &self.0.readiness
    }

    /// The full address of a client, for the log.
    pub(crate) fn client_of(&self, request: &HttpRequest) -> IpAddr {
        client_address::client(request, &self.0.options.proxies)
    }

    /// The address of a client as limits count it.
    pub(crate) fn address_of(&self, request: &HttpRequest) -> ClientAddress {
        ClientAddress::of(request, &self.0.options.proxies)
    }

    /// Runs a use case that reads, on this thread and no longer than the time limit.
    pub(crate) async fn read<T, E: Into<ApiError>>(
        &self,
        use_case: impl Future<Output = Result<T, E>>,
    ) -> Result<T, ApiError> {
        match timeout(self.0.options.time_limit, AssertUnwindSafe(use_case).catch_unwind()).await {
            Ok(outcome) => flatten(outcome),
            Err(_) => Err(ApiError::ReadingTimedOut),
        }
    }

    /// Runs a use case that writes as a task of the main runtime, and waits for it no longer than the time limit. The
    /// task runs to its end even if the client disconnects, because half a write would be left to the reconciler.
    pub(crate) async fn write<T: Send + 'static, E: Into<ApiError> + Send + 'static>(
        &self,
        use_case: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<T, ApiError> {
        let (sender, outcome) = oneshot::channel();
        self.spawn(async move {
            let outcome = AssertUnwindSafe(use_case).catch_unwind().await;
            reach(Failpoint::AnswerBefore);
            if let Err(unheard) = sender.send(outcome)
                && let Err(error) = flatten(unheard)
            {
                tracing::warn!(error = error.chain(), "a write failed after its client had disconnected");
            }
        });
        match timeout(self.0.options.time_limit, outcome).await {
            Ok(Ok(outcome)) => flatten(outcome),
            Ok(Err(_)) => Err(ApiError::Panicked("the main runtime has shut down".to_owned())),
            Err(_) => Err(ApiError::WritingTimedOut),
        }
    }

    /// Runs a task on the main runtime. The server waits for it before it stops.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.tasks.spawn_on(task.instrument(Span::current()), &self.0.main_runtime);
    }

    /// Waits until every task has ended; false if that takes longer than the limit.
    pub(crate) async fn finish(&self, limit: Duration) -> bool {
        self.0.tasks.close();
        timeout(limit, self.0.tasks.wait()).await.is_ok()
    }
}

fn flatten<T, E: Into<ApiError>>(outcome: Result<Result<T, E>, Box<dyn Any + Send>>) -> Result<T, ApiError> {
    match outcome {
        Ok(outcome) => outcome.map_err(Into::into),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(ApiError::Panicked(text.unwrap_or("no message").to_owned()))
        }
    }
}
