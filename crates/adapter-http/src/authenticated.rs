use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderValue};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use storage_hub_core::domain::Session;
use storage_hub_core::use_cases::session::{SessionError, read_token};

use crate::AppState;
use crate::error::ApiError;

/// The session of the token in `Authorization: Bearer …`. Every endpoint that is not public takes one; the use case
/// checks whether the session still holds.
pub(crate) struct Authenticated(pub(crate) Session);

impl FromRequest for Authenticated {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authenticate(request))
    }
}

fn authenticate(request: &HttpRequest) -> Result<Authenticated, ApiError> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let header = headers.next().ok_or(ApiError::NoToken)?;
    if headers.next().is_some() {
        return Err(SessionError::InvalidToken.into());
    }
    let token = bearer(header).ok_or(ApiError::NotBearer)?;
    let state = request.app_data::<web::Data<AppState>>();
    let state = state.ok_or_else(|| ApiError::Panicked("the application has no state".to_owned()))?;
    let session = read_token(state.ports(), token)?;
    request.extensions_mut().insert(session.claimed_user);
    state.counters().request(session.claimed_user)?;
    Ok(Authenticated(session))
}

/// The token of a `Bearer` header. The scheme is case-insensitive.
fn bearer(header: &HeaderValue) -> Option<&str> {
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
