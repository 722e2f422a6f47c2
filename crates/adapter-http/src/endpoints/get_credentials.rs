use actix_web::{HttpResponse, web};
use serde::Serialize;
use storage_hub_core::use_cases::accounts;
use utoipa::ToSchema;

use crate::AppState;
use crate::authenticated::Authenticated;
use crate::error::{ApiError, errors, read_errors, session_errors};
use crate::responses::{Credentials, ok};

/// The caller's S3 key
#[derive(Serialize, ToSchema)]
pub(crate) struct GetCredentialsAnswer {
    data: Credentials,
}

errors!(Errors: session_errors(), read_errors());

/// Get the caller's S3 key
///
/// The response has everything that an S3 client is configured with: access key, secret key, endpoint and region.
#[utoipa::path(
    get,
    path = "/api/users/me/credentials",
    tag = "users",
    security(("bearer" = [])),
    responses((status = 200, description = "The S3 key", body = GetCredentialsAnswer), Errors)
)]
pub(crate) async fn get_credentials(
    state: web::Data<AppState>,
    caller: Authenticated,
) -> Result<HttpResponse, ApiError> {
    let issued = state.read(accounts::get_credentials(state.ports(), &caller.0)).await?;
    Ok(ok(GetCredentialsAnswer { data: issued.into() }))
}
