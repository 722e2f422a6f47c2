use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use storage_hub_core::domain::Password;
use storage_hub_core::use_cases::accounts::{self, AccountError, ChangePassword};
use utoipa::ToSchema;

use crate::AppState;
use crate::authenticated::Authenticated;
use crate::error::{ApiError, InputError, body_errors, errors, session_errors, write_errors};
use crate::json_body::{Fields, JsonBody, ReadFields};
use crate::responses::ok;
use crate::schemas;

/// The present password and the new one
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ChangePasswordRequest {
    /// `None` if no account can have it.
    #[schema(schema_with = schemas::password, required = true)]
    current_password: Option<Password>,
    #[schema(schema_with = schemas::new_password)]
    new_password: Password,
}

impl ReadFields for ChangePasswordRequest {
    fn read(fields: &mut Fields) -> Option<Self> {
        let current_password = fields.parsed("currentPassword", |text| Ok::<_, String>(Password::parse(text).ok()));
        let new_password = fields.parsed("newPassword", Password::parse);
        Some(Self { current_password: current_password?, new_password: new_password? })
    }

    fn example_error() -> InputError {
        InputError::Missing("newPassword")
    }
}

/// The new token
#[derive(Serialize, ToSchema)]
pub(crate) struct ChangePasswordAnswer {
    #[schema(example = "Password changed successfully")]
    message: &'static str,
    data: NewToken,
}

/// A token that replaces all earlier ones
#[derive(Serialize, ToSchema)]
pub(crate) struct NewToken {
    /// For `Authorization: Bearer`
    #[schema(example = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...")]
    token: String,
}

errors!(Errors: body_errors::<ChangePasswordRequest>(), session_errors(), [ApiError::WrongCurrentPassword], write_errors());

/// Change the caller's password
///
/// Every token issued before ends immediately, including the one of this request; the response has a new one. S3 keys
/// keep working.
#[utoipa::path(
    post,
    path = "/api/users/me/password",
    tag = "users",
    security(("bearer" = [])),
    request_body = ChangePasswordRequest,
    responses((status = 200, description = "The password was changed", body = ChangePasswordAnswer), Errors)
)]
pub(crate) async fn change_password(
    state: web::Data<AppState>,
    caller: Authenticated,
    request: HttpRequest,
    body: JsonBody<ChangePasswordRequest>,
) -> Result<HttpResponse, ApiError> {
    let ChangePasswordRequest { current_password, new_password } = body.0;
    let command = ChangePassword { current: current_password, new: new_password };
    state.counters().own_password(caller.0.claimed_user, state.address_of(&request))?;
    let writer = AppState::clone(&state);
    let outcome = state.write(async move { accounts::change_password(writer.ports(), &caller.0, command).await }).await;
    let token = outcome.map_err(|error| match error {
        ApiError::Account(AccountError::InvalidCredentials) => ApiError::WrongCurrentPassword,
        other => other,
    })?;
    let data = NewToken { token: token.expose().to_owned() };
    Ok(ok(ChangePasswordAnswer { message: "Password changed successfully", data }))
}
