use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::Serialize;
use storage_hub_core::use_cases::accounts;
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use crate::AppState;
use crate::answers::CredentialsData;
use crate::authenticated::Authenticated;
use crate::error::{ApiError, documented, no_session, writing};
use crate::schemas::Yes;

/// The new S3 key of who asks.
#[derive(Serialize, ToSchema)]
pub(crate) struct RotateCredentialsResponse {
    #[schema(inline)]
    success: Yes,
    #[schema(example = "Credentials rotated successfully")]
    message: &'static str,
    data: CredentialsData,
}

struct Errors;

impl IntoResponses for Errors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented(no_session().into_iter().chain(writing()))
    }
}

/// Replaces the secret of the S3 key. The old one works no more, nor do temporary credentials that were made with it.
#[utoipa::path(
    post,
    path = "/api/users/me/credentials/rotate",
    tag = "users",
    security(("bearer" = [])),
    responses((status = 200, description = "The secret is replaced", body = RotateCredentialsResponse), Errors)
)]
pub(crate) async fn rotate_credentials(
    state: web::Data<AppState>,
    caller: Authenticated,
) -> Result<HttpResponse, ApiError> {
    let writer = AppState::clone(&state);
    let issued = state.write(async move { accounts::rotate_credentials(writer.ports(), &caller.0).await }).await?;
    let message = "Credentials rotated successfully";
    Ok(HttpResponse::Ok().json(RotateCredentialsResponse { success: Yes, message, data: issued.into() }))
}
