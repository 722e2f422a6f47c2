//! The limit of open files, which bounds the number of connections.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the limit as far as the system allows. The usual limit would be reached at about a thousand idle connections.
pub(crate) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = rustix::process::Rlimit { current: limit.maximum, ..limit };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::warn!(%error, limit.current = limit.current, "could not raise the limit of open files");
        }
    }
}
