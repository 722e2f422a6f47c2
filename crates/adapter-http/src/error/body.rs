use serde::Serialize;

/// The body of every error. The document has a schema for each status, with the names that it can have
/// (`documented.rs`).
#[derive(Serialize)]
pub(crate) struct ErrorBody {
    success: bool,
    error: &'static str,
    message: String,
}

impl ErrorBody {
    pub(super) const fn new(error: &'static str, message: String) -> Self {
        Self { success: false, error, message }
    }
}
