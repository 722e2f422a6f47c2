use serde::Serialize;
use utoipa::ToSchema;

use crate::schemas::No;

/// What every error answers.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    #[schema(inline)]
    success: No,
    /// Which error: short and stable.
    #[schema(example = "Validation failed")]
    error: &'static str,
    /// What was wrong, and what would be right.
    #[schema(example = "email: an email has the form name@example.com")]
    message: String,
}

impl ErrorBody {
    pub(super) const fn new(error: &'static str, message: String) -> Self {
        Self { success: No, error, message }
    }
}
