use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::AppState;
use crate::responses::ok;

/// The process is alive
#[derive(Serialize, ToSchema)]
pub(crate) struct HealthAnswer {
    #[schema(example = "OK")]
    status: &'static str,
    #[schema(example = "Server is running")]
    message: &'static str,
    #[schema(format = "date-time", example = "2024-01-01T00:00:00.000Z")]
    timestamp: String,
}

/// Server health status
///
/// Answers 200 as long as the process responds, regardless of the state of its dependencies; `GET /ready` checks those.
#[utoipa::path(
    get,
    path = "/health",
    tag = "service",
    responses((status = 200, description = "The process is alive", body = HealthAnswer))
)]
pub(crate) async fn health(state: web::Data<AppState>) -> HttpResponse {
    let timestamp = state.ports().clock.now().to_string();
    ok(HealthAnswer { status: "OK", message: "Server is running", timestamp })
}
