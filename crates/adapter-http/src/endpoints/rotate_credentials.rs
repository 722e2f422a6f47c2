use actix_web::{HttpResponse, web};
use serde::Serialize;
use storage_hub_core::use_cases::accounts;
use utoipa::ToSchema;

use crate::AppState;
use crate::authenticated::Authenticated;
use crate::error::{ApiError, errors, session_errors, write_errors};
use crate::responses::{Credentials, ok};

/// The S3 key with its new secret
#[derive(Serialize, ToSchema)]
pub(crate) struct RotateCredentialsAnswer {
    #[schema(example = "Credentials rotated successfully")]
    message: &'static str,
    data: Credentials,
}

errors!(Errors: session_errors(), write_errors());

/// Replace the secret of the caller's S3 key
///
/// The old secret, and temporary credentials issued with it, stop working immediately. The access key stays the same.
#[utoipa::path(
    post,
    path = "/api/users/me/credentials/rotate",
    tag = "users",
    security(("bearer" = [])),
    responses((status = 200, description = "The secret was replaced", body = RotateCredentialsAnswer), Errors)
)]
pub(crate) async fn rotate_credentials(
    state: web::Data<AppState>,
    caller: Authenticated,
) -> Result<HttpResponse, ApiError> {
    let writer = AppState::clone(&state);
    let issued = state.write(async move { accounts::rotate_credentials(writer.ports(), &caller.0).await }).await?;
    Ok(ok(RotateCredentialsAnswer { message: "Credentials rotated successfully", data: issued.into() }))
}
