use std::any::Any;
use std::future::Future;
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
use crate::answered::Answered;
use crate::client_address::ClientAddress;
use crate::error::ApiError;
use crate::rate_limits::Counters;
use crate::readiness::Readiness;

/// What every request of one server shares. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

struct Shared {
    ports: Ports,
    options: HttpOptions,
    main_runtime: Handle,
    tasks: TaskTracker,
    answered: Answered,
    counters: Counters,
    readiness: Readiness,
}

impl AppState {
    /// The state of a server that has answered nothing yet. Use cases that write run on `main_runtime`.
    #[must_use]
    pub fn new(ports: Ports, options: HttpOptions, main_runtime: Handle) -> Self {
        let (tasks, answered) = (TaskTracker::new(), Answered::default());
        let (counters, readiness) = (Counters::new(options.rate_limits), Readiness::default());
        Self(Arc::new(Shared { ports, options, main_runtime, tasks, answered, counters, readiness }))
    }

    /// Every port.
    pub(crate) fn ports(&self) -> &Ports {
        &self.0.ports
    }

    /// What the operator chose.
    pub(crate) fn options(&self) -> &HttpOptions {
        &self.0.options
    }

    /// The runtime that outlives connections.
    pub(crate) fn main_runtime(&self) -> &Handle {
        &self.0.main_runtime
    }

    /// Which creations have been answered.
    pub(crate) fn answered(&self) -> &Answered {
        &self.0.answered
    }

    /// How much everybody asked for.
    pub(crate) fn counters(&self) -> &Counters {
        &self.0.counters
    }

    /// Whether what the hub stands on is there.
    pub(crate) fn readiness(&self) -> &Readiness {
        &self.0.readiness
    }

    /// Who asks, by address.
    pub(crate) fn address_of(&self, request: &HttpRequest) -> ClientAddress {
        ClientAddress::of(request, &self.0.options.proxies)
    }

    /// Runs a use case that reads: here, and no longer than the time limit.
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
    /// task runs to its end, whether or not anybody waits.
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
                tracing::warn!(error = error.chain(), "a request that nobody waits for any more came to nothing");
            }
        });
        match timeout(self.0.options.time_limit, outcome).await {
            Ok(Ok(outcome)) => flatten(outcome),
            Ok(Err(_)) => Err(ApiError::Panicked("the runtime that it ran on is gone".to_owned())),
            Err(_) => Err(ApiError::WritingTimedOut),
        }
    }

    /// Runs something on the main runtime; the server does not stop before it has ended.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.tasks.spawn_on(task.instrument(Span::current()), &self.0.main_runtime);
    }

    /// Waits until everything that was begun has ended; false when that takes longer than the limit.
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
