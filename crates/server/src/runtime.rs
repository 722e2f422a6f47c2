//! The runtimes and their numbers of threads.

use std::io;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

/// Time that tasks of the main runtime get to end after the command has ended.
pub(crate) const SHUTDOWN_LIMIT: Duration = Duration::from_secs(1);

/// Starts the main runtime, on which the work of API requests runs. It has one thread per two cores, because the web
/// server has one thread per core besides: with more, threads pass work back and forth, and listing buckets takes a
/// third longer. `TOKIO_WORKER_THREADS` overrides the number.
pub(crate) fn main() -> io::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    if std::env::var_os("TOKIO_WORKER_THREADS").is_none() {
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        builder.worker_threads(cores.div_ceil(2));
    }
    builder.enable_all().build()
}

/// A runtime with one thread per core. Unlike tokio's own it can be dropped in asynchronous code; tasks that still run
/// on it are aborted then.
pub(crate) struct OwnRuntime {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl OwnRuntime {
    pub(crate) fn start(name: &str) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().thread_name(name).enable_all().build()?;
        Ok(Self { handle: runtime.handle().clone(), runtime: Some(runtime) })
    }

    pub(crate) fn spawn<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.handle.spawn(task)
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
