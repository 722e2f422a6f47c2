use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use storage_hub_core::domain::Password;
use storage_hub_core::use_cases::accounts::{self, AccountError, ChangePassword};
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use crate::AppState;
use crate::authenticated::Authenticated;
use crate::error::{ApiError, InputError, bad_input, documented, no_session, writing};
use crate::json_body::{Fields, JsonBody, ReadFields};
use crate::schemas::{self, Yes};

/// The password that somebody has, and the one that they want.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ChangePasswordRequest {
    #[schema(schema_with = schemas::password)]
    current_password: String,
    #[schema(schema_with = schemas::new_password)]
    new_password: String,
}

impl ReadFields for ChangePasswordRequest {
    fn read(fields: &mut Fields) -> Result<Self, InputError> {
        Ok(Self { current_password: fields.string("currentPassword")?, new_password: fields.string("newPassword")? })
    }
}

impl ChangePasswordRequest {
    fn command(self) -> Result<ChangePassword, InputError> {
        let new = Password::parse(self.new_password).map_err(|rule| InputError::invalid("newPassword")(&rule))?;
        Ok(ChangePassword { current: Password::parse(self.current_password).ok(), new })
    }
}

/// What proves the session from now on.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChangePasswordResponse {
    #[schema(inline)]
    success: Yes,
    #[schema(example = "Password changed successfully")]
    message: &'static str,
    data: ChangePasswordData,
}

/// A new token.
#[derive(Serialize, ToSchema)]
struct ChangePasswordData {
    /// For `Authorization: Bearer`; every token issued before has ended.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...")]
    token: String,
}

struct Errors;

impl IntoResponses for Errors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let own = [ApiError::WrongCurrentPassword];
        documented(bad_input().into_iter().chain(no_session()).chain(own).chain(writing()))
    }
}

/// Changes the password of who asks, and ends every token issued before.
#[utoipa::path(
    post,
    path = "/api/users/me/password",
    tag = "users",
    security(("bearer" = [])),
    request_body = ChangePasswordRequest,
    responses((status = 200, description = "The password is changed", body = ChangePasswordResponse), Errors)
)]
pub(crate) async fn change_password(
    state: web::Data<AppState>,
    caller: Authenticated,
    request: HttpRequest,
    body: JsonBody<ChangePasswordRequest>,
) -> Result<HttpResponse, ApiError> {
    let command = body.0.command()?;
    state.counters().own_password(caller.0.claimed_user, state.address_of(&request))?;
    let writer = AppState::clone(&state);
    let outcome = state.write(async move { accounts::change_password(writer.ports(), &caller.0, command).await }).await;
    let token = outcome.map_err(|error| match error {
        ApiError::Account(AccountError::InvalidCredentials) => ApiError::WrongCurrentPassword,
        other => other,
    })?;
    let data = ChangePasswordData { token: token.expose().to_owned() };
    let message = "Password changed successfully";
    Ok(HttpResponse::Ok().json(ChangePasswordResponse { success: Yes, message, data }))
}
