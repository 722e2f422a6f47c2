use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use storage_hub_core::domain::{Email, Password};
use storage_hub_core::use_cases::accounts::{self, AccountError, LogIn};
use utoipa::ToSchema;

use crate::AppState;
use crate::error::{ApiError, InputError, body_errors, errors, read_errors};
use crate::json_body::{Fields, JsonBody, ReadFields};
use crate::responses::{User, ok};
use crate::schemas;

/// Email and password of an account
#[derive(ToSchema)]
pub(crate) struct LogInRequest {
    #[schema(schema_with = schemas::email)]
    email: Email,
    /// `None` if no account can have it.
    #[schema(schema_with = schemas::password, required = true)]
    password: Option<Password>,
}

impl ReadFields for LogInRequest {
    fn read(fields: &mut Fields) -> Option<Self> {
        let email = fields.parsed("email", |text| Email::parse(&text));
        let password = fields.parsed("password", |text| Ok::<_, String>(Password::parse(text).ok()));
        Some(Self { email: email?, password: password? })
    }

    fn example_error() -> InputError {
        InputError::Missing("password")
    }
}

/// The account and its token
#[derive(Serialize, ToSchema)]
pub(crate) struct LogInAnswer {
    #[schema(example = "Login successful")]
    message: &'static str,
    data: Login,
}

/// An account and a token of it
#[derive(Serialize, ToSchema)]
pub(crate) struct Login {
    user: User,
    /// For `Authorization: Bearer`
    #[schema(example = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...")]
    token: String,
}

errors!(
    Errors: body_errors::<LogInRequest>(),
    [AccountError::InvalidCredentials, AccountError::Disabled],
    [ApiError::TooManyRequests(3)],
    read_errors(),
);

/// Log in with email and password
///
/// The response has a token for `Authorization: Bearer`. An unknown email is answered like a wrong password.
#[utoipa::path(
    post,
    path = "/api/users/login",
    tag = "users",
    request_body = LogInRequest,
    responses((status = 200, description = "The caller is logged in", body = LogInAnswer), Errors)
)]
pub(crate) async fn log_in(
    state: web::Data<AppState>,
    request: HttpRequest,
    body: JsonBody<LogInRequest>,
) -> Result<HttpResponse, ApiError> {
    let LogInRequest { email, password } = body.0;
    state.counters().log_in(&email, state.address_of(&request))?;
    let logged_in = state.read(accounts::log_in(state.ports(), LogIn { email, password })).await?;
    let data = Login { user: (&logged_in.user).into(), token: logged_in.token.expose().to_owned() };
    Ok(ok(LogInAnswer { message: "Login successful", data }))
}
