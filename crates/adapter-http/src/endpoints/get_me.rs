use actix_web::{HttpResponse, web};
use serde::Serialize;
use storage_hub_core::use_cases::accounts;
use utoipa::ToSchema;

use crate::AppState;
use crate::authenticated::Authenticated;
use crate::error::{ApiError, errors, read_errors, session_errors};
use crate::responses::{User, ok};

/// The caller's account
#[derive(Serialize, ToSchema)]
pub(crate) struct GetMeAnswer {
    data: Me,
}

/// An account as its owner sees it
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    #[serde(flatten)]
    user: User,
    /// The grants of the account, except `public` and the one that every account has by its id
    #[schema(example = json!(["admin"]))]
    grants: Vec<String>,
}

errors!(Errors: session_errors(), read_errors());

/// Get the caller's account
///
/// The response has the grants of the account too.
#[utoipa::path(
    get,
    path = "/api/users/me",
    tag = "users",
    security(("bearer" = [])),
    responses((status = 200, description = "The account", body = GetMeAnswer), Errors)
)]
pub(crate) async fn get_me(state: web::Data<AppState>, caller: Authenticated) -> Result<HttpResponse, ApiError> {
    let user = state.read(accounts::get_me(state.ports(), &caller.0.into())).await?;
    let grants = user.grants.iter().map(ToString::to_string).collect();
    Ok(ok(GetMeAnswer { data: Me { user: (&user).into(), grants } }))
}
