use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::AppState;
use crate::error::{ApiError, errors};
use crate::readiness::Parts;
use crate::responses::ok;

/// All dependencies respond
#[derive(Serialize, ToSchema)]
pub(crate) struct ReadyAnswer {
    #[schema(example = "READY")]
    status: &'static str,
    #[schema(example = "Database and store respond")]
    message: &'static str,
}

errors!(Errors: [ApiError::NotReady(Parts { database: true, store: false })]);

/// Server readiness
///
/// For load balancers: 503 names the dependency, database or object store, that does not respond.
#[utoipa::path(
    get,
    path = "/ready",
    tag = "service",
    responses((status = 200, description = "Database and store respond", body = ReadyAnswer), Errors)
)]
pub(crate) async fn ready(state: web::Data<AppState>) -> Result<HttpResponse, ApiError> {
    if let Some(reason) = state.options().unready.get() {
        return Err(ApiError::Ending(reason));
    }
    let parts = state.readiness().parts(state.ports()).await;
    if parts != (Parts { database: true, store: true }) {
        return Err(ApiError::NotReady(parts));
    }
    Ok(ok(ReadyAnswer { status: "READY", message: "Database and store respond" }))
}
