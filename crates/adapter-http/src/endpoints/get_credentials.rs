use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::Serialize;
use storage_hub_core::use_cases::accounts;
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use crate::AppState;
use crate::answers::CredentialsData;
use crate::authenticated::Authenticated;
use crate::error::{ApiError, documented, no_session, reading};
use crate::schemas::Yes;

/// The S3 key of who asks.
#[derive(Serialize, ToSchema)]
pub(crate) struct GetCredentialsResponse {
    #[schema(inline)]
    success: Yes,
    data: CredentialsData,
}

struct Errors;

impl IntoResponses for Errors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented(no_session().into_iter().chain(reading()))
    }
}

/// What an S3 client is configured with.
#[utoipa::path(
    get,
    path = "/api/users/me/credentials",
    tag = "users",
    security(("bearer" = [])),
    responses((status = 200, description = "The S3 key", body = GetCredentialsResponse), Errors)
)]
pub(crate) async fn get_credentials(
    state: web::Data<AppState>,
    caller: Authenticated,
) -> Result<HttpResponse, ApiError> {
    let issued = state.read(accounts::get_credentials(state.ports(), &caller.0)).await?;
    Ok(HttpResponse::Ok().json(GetCredentialsResponse { success: Yes, data: issued.into() }))
}
