use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::Serialize;
use storage_hub_core::use_cases::accounts;
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use crate::AppState;
use crate::answers::UserData;
use crate::authenticated::Authenticated;
use crate::error::{ApiError, documented, no_session, reading};
use crate::schemas::Yes;

/// The account of who asks.
#[derive(Serialize, ToSchema)]
pub(crate) struct GetMeResponse {
    #[schema(inline)]
    success: Yes,
    data: MeData,
}

/// An account, as its owner sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeData {
    #[serde(flatten)]
    user: UserData,
    /// What it was granted, beside `public` and its own grant.
    #[schema(example = json!(["admin"]))]
    grants: Vec<String>,
}

struct Errors;

impl IntoResponses for Errors {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented(no_session().into_iter().chain(reading()))
    }
}

/// The account of who asks.
#[utoipa::path(
    get,
    path = "/api/users/me",
    tag = "users",
    security(("bearer" = [])),
    responses((status = 200, description = "The account", body = GetMeResponse), Errors)
)]
pub(crate) async fn get_me(state: web::Data<AppState>, caller: Authenticated) -> Result<HttpResponse, ApiError> {
    let user = state.read(accounts::get_me(state.ports(), &caller.0.into())).await?;
    let grants = user.grants.iter().map(ToString::to_string).collect();
    let data = MeData { user: (&user).into(), grants };
    Ok(HttpResponse::Ok().json(GetMeResponse { success: Yes, data }))
}
