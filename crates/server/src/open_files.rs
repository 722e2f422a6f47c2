//! How many connections the system lets this process have.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the limit of open files, and so of connections, as far as the system allows. Without it a thousand idle
/// connections would be all there is room for.
pub(crate) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = rustix::process::Rlimit { current: limit.maximum, ..limit };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::warn!(%error, current = limit.current, "the limit of open files stays as it is");
        }
    }
}
