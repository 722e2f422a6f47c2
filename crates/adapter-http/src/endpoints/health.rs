use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::AppState;
use crate::schemas::Yes;

/// A sign of life.
#[derive(Serialize, ToSchema)]
pub(crate) struct HealthResponse {
    #[schema(inline)]
    success: Yes,
    #[schema(example = "OK")]
    status: &'static str,
    #[schema(example = "Server is running")]
    message: &'static str,
    #[schema(format = "date-time", example = "2024-01-01T00:00:00.000Z")]
    timestamp: String,
}

/// Server health status: 200 as long as the process answers, whatever becomes of what it stands on.
#[utoipa::path(
    get,
    path = "/health",
    tag = "service",
    responses((status = 200, description = "The server answers", body = HealthResponse))
)]
pub(crate) async fn health(state: web::Data<AppState>) -> HttpResponse {
    let timestamp = state.ports().clock.now().to_string();
    HttpResponse::Ok().json(HealthResponse { success: Yes, status: "OK", message: "Server is running", timestamp })
}
