use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use storage_hub_core::domain::{Email, Password};
use storage_hub_core::use_cases::accounts::{self, AccountError, LogIn};
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use crate::AppState;
use crate::answers::UserData;
use crate::error::{ApiError, InputError, bad_input, documented, reading};
use crate::json_body::{Fields, JsonBody, ReadFields};
use crate::schemas::{self, Yes};

/// What somebody logs in with.
#[derive(ToSchema)]
pub(crate) struct LogInRequest {
    #[schema(schema_with = schemas::email)]
    email: String,
    #[schema(schema_with = schemas::password)]
    password: String,
}

impl ReadFields for LogInRequest {
    fn read(fields: &mut Fields) -> Result<Self, InputError> {
        Ok(Self { email: fields.string("email")?, password: fields.string("password")? })
    }
}

/// Who has logged in, and what proves it.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogInResponse {
    #[schema(inline)]
    success: Yes,
    #[schema(example = "Login successful")]
    message: &'static str,
    data: LogInData,
}

/// An account and its token.
#[derive(Serialize, ToSchema)]
struct LogInData {
    user: UserData,
    /// For `Authorization: Bearer`.
    #[schema(example = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...")]
    token: String,
}

struct Errors;

impl IntoResponses for Errors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let refused = [AccountError::InvalidCredentials, AccountError::Disabled].map(ApiError::from);
        let own = refused.into_iter().chain([ApiError::TooManyRequests(3)]);
        documented(bad_input().into_iter().chain(own).chain(reading()))
    }
}

/// Exchanges an email and a password for a token. An unknown email is answered like a wrong password.
#[utoipa::path(
    post,
    path = "/api/users/login",
    tag = "users",
    request_body = LogInRequest,
    responses((status = 200, description = "Logged in", body = LogInResponse), Errors)
)]
pub(crate) async fn log_in(
    state: web::Data<AppState>,
    request: HttpRequest,
    body: JsonBody<LogInRequest>,
) -> Result<HttpResponse, ApiError> {
    let LogInRequest { email, password } = body.0;
    let email = Email::parse(&email).map_err(|rule| InputError::invalid("email")(&rule))?;
    state.counters().log_in(&email, state.address_of(&request))?;
    let command = LogIn { email, password: Password::parse(password).ok() };
    let logged_in = state.read(accounts::log_in(state.ports(), command)).await?;
    let data = LogInData { user: (&logged_in.user).into(), token: logged_in.token.expose().to_owned() };
    Ok(HttpResponse::Ok().json(LogInResponse { success: Yes, message: "Login successful", data }))
}
