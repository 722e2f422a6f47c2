use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use storage_hub_core::domain::{Email, Password};
use storage_hub_core::use_cases::accounts::{self, AccountError, SignUp};
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use crate::AppState;
use crate::answered::Created;
use crate::answers::{UserData, created};
use crate::error::{ApiError, InputError, bad_input, documented, writing};
use crate::json_body::{Fields, JsonBody, ReadFields};
use crate::schemas::{self, Yes};

/// What somebody signs up with.
#[derive(ToSchema)]
pub(crate) struct SignUpRequest {
    #[schema(schema_with = schemas::email)]
    email: String,
    #[schema(schema_with = schemas::new_password)]
    password: String,
}

impl ReadFields for SignUpRequest {
    fn read(fields: &mut Fields) -> Result<Self, InputError> {
        Ok(Self { email: fields.string("email")?, password: fields.string("password")? })
    }
}

impl SignUpRequest {
    fn command(self) -> Result<SignUp, InputError> {
        let email = Email::parse(&self.email).map_err(|rule| InputError::invalid("email")(&rule))?;
        let password = Password::parse(self.password).map_err(|rule| InputError::invalid("password")(&rule))?;
        Ok(SignUp { email, password })
    }
}

/// The account that was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignUpResponse {
    #[schema(inline)]
    success: Yes,
    #[schema(example = "User created successfully")]
    message: &'static str,
    data: UserData,
}

struct Errors;

impl IntoResponses for Errors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented(
            bad_input()
                .into_iter()
                .chain([AccountError::EmailTaken.into(), ApiError::TooManyRequests(2)])
                .chain(writing()),
        )
    }
}

/// Makes an account with an S3 key of its own.
#[utoipa::path(
    post,
    path = "/api/users/signup",
    tag = "users",
    request_body = SignUpRequest,
    responses((status = 201, description = "The account is made", body = SignUpResponse), Errors)
)]
pub(crate) async fn sign_up(
    state: web::Data<AppState>,
    request: HttpRequest,
    body: JsonBody<SignUpRequest>,
) -> Result<HttpResponse, ApiError> {
    let command = body.0.command()?;
    state.counters().sign_up(state.address_of(&request))?;
    let writer = AppState::clone(&state);
    let user = state
        .write(async move {
            writer.answered().settle_user(&command.email).await;
            accounts::sign_up(writer.ports(), command).await
        })
        .await?;
    let body = SignUpResponse { success: Yes, message: "User created successfully", data: (&user).into() };
    created(&state, Created::User(user.email, user.id), &body)
}
