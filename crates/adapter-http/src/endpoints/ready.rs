use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use crate::AppState;
use crate::error::{ApiError, documented};
use crate::readiness::Parts;
use crate::schemas::Yes;

/// All that the server stands on is there.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReadyResponse {
    #[schema(inline)]
    success: Yes,
    #[schema(example = "READY")]
    status: &'static str,
    #[schema(example = "Database and store answer")]
    message: &'static str,
}

struct Errors;

impl IntoResponses for Errors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented([ApiError::NotReady(Parts { database: true, store: false })])
    }
}

/// Whether the server can do its work now: 503 says whether the database or the store is away. For balancers.
#[utoipa::path(
    get,
    path = "/ready",
    tag = "service",
    responses((status = 200, description = "Database and store answer", body = ReadyResponse), Errors)
)]
pub(crate) async fn ready(state: web::Data<AppState>) -> Result<HttpResponse, ApiError> {
    let parts = state.readiness().parts(state.ports()).await;
    if parts != (Parts { database: true, store: true }) {
        return Err(ApiError::NotReady(parts));
    }
    Ok(HttpResponse::Ok().json(ReadyResponse { success: Yes, status: "READY", message: "Database and store answer" }))
}
