use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use storage_hub_core::domain::{Email, Password};
use storage_hub_core::use_cases::accounts::{self, AccountError, SignUp};
use utoipa::ToSchema;

use crate::AppState;
use crate::error::{ApiError, InputError, body_errors, errors, write_errors};
use crate::json_body::{Fields, JsonBody, ReadFields};
use crate::receipts::Created;
use crate::responses::{User, created};
use crate::schemas;

/// Email and password of the new account
#[derive(ToSchema)]
pub(crate) struct SignUpRequest {
    #[schema(schema_with = schemas::email)]
    email: Email,
    #[schema(schema_with = schemas::new_password)]
    password: Password,
}

impl ReadFields for SignUpRequest {
    fn read(fields: &mut Fields) -> Option<Self> {
        let email = fields.parsed("email", |text| Email::parse(&text));
        let password = fields.parsed("password", Password::parse);
        Some(Self { email: email?, password: password? })
    }

    fn example_error() -> InputError {
        InputError::Missing("password")
    }
}

/// The new account
#[derive(Serialize, ToSchema)]
pub(crate) struct SignUpAnswer {
    #[schema(example = "User created successfully")]
    message: &'static str,
    data: User,
}

errors!(
    Errors: body_errors::<SignUpRequest>(),
    [AccountError::EmailTaken, AccountError::SignUpClosed],
    [ApiError::TooManyRequests(2)],
    write_errors(),
);

/// Create an account with an S3 key
///
/// A request whose response was lost can be sent again: until a creation has been answered, its repetition with the same
/// password is answered 201 as well.
#[utoipa::path(
    post,
    path = "/api/users/signup",
    tag = "users",
    request_body = SignUpRequest,
    responses((status = 201, description = "The account was created", body = SignUpAnswer), Errors)
)]
pub(crate) async fn sign_up(
    state: web::Data<AppState>,
    request: HttpRequest,
    body: JsonBody<SignUpRequest>,
) -> Result<HttpResponse, ApiError> {
    let SignUpRequest { email, password } = body.0;
    state.counters().sign_up(state.address_of(&request))?;
    let writer = AppState::clone(&state);
    let user = state
        .write(async move {
            writer.receipts().wait_for_user(&email).await;
            accounts::sign_up(writer.ports(), SignUp { email, password }).await
        })
        .await?;
    let answer = SignUpAnswer { message: "User created successfully", data: (&user).into() };
    created(&state, Created::User(user.email, user.id), answer)
}
