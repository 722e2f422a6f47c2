use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest, web};
use futures::StreamExt as _;
use futures::future::LocalBoxFuture;
use serde_json::{Map, Value};
use tokio::time::timeout;

use crate::AppState;
use crate::error::{ApiError, InputError};

/// A body of JSON, read into what the endpoint takes.
pub(crate) struct JsonBody<T>(pub(crate) T);

/// What can be read from a JSON object.
pub(crate) trait ReadFields: Sized {
    /// Takes the fields that it has.
    fn read(fields: &mut Fields) -> Result<Self, InputError>;
}

/// The fields of a JSON object. Those that nobody takes do not matter; of a repeated one the last counts.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    fn parse(body: &[u8]) -> Result<Self, InputError> {
        match serde_json::from_slice(body).map_err(InputError::Syntax)? {
            Value::Object(fields) => Ok(Self(fields)),
            other => Err(InputError::NotAnObject((&other).into())),
        }
    }

    /// Takes a string.
    pub(crate) fn string(&mut self, field: &'static str) -> Result<String, InputError> {
        match self.0.remove(field) {
            Some(Value::String(text)) => Ok(text),
            Some(other) => Err(InputError::WrongType(field, (&other).into())),
            None => Err(InputError::Missing(field)),
        }
    }
}

impl<T: ReadFields> FromRequest for JsonBody<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let state = request.app_data::<web::Data<AppState>>().cloned();
        let checked = check_type(request).map(|()| announced_length(request));
        let payload = payload.take();
        Box::pin(async move {
            let state = state.ok_or_else(|| ApiError::Panicked("the application has no state".to_owned()))?;
            let (options, announced) = (state.options(), checked?);
            if announced.is_some_and(|length| length > options.body_limit as u64) {
                return Err(InputError::TooLarge(options.body_limit).into());
            }
            let body = timeout(options.time_limit, collect(payload, options.body_limit)).await;
            let body = body.map_err(|_| InputError::TooSlow)??;
            Ok(Self(T::read(&mut Fields::parse(&body)?)?))
        })
    }
}

async fn collect(mut payload: Payload, limit: usize) -> Result<Vec<u8>, InputError> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| InputError::BrokenOff)?;
        if body.len() + chunk.len() > limit {
            return Err(InputError::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// `application/json`, in UTF-8 if it names a character set.
fn check_type(request: &HttpRequest) -> Result<(), InputError> {
    let Some(header) = request.headers().get(CONTENT_TYPE) else { return Err(InputError::ContentType(None)) };
    let text = header.to_str().unwrap_or("unreadable");
    let mut parts = text.split(';').map(str::trim);
    let json = parts.next().is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    let utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            ["utf-8", "utf8"].contains(&value.trim_matches('"').to_ascii_lowercase().as_str())
        }
        _ => true,
    });
    if json && utf8 { Ok(()) } else { Err(InputError::ContentType(Some(text.to_owned()))) }
}

fn announced_length(request: &HttpRequest) -> Option<u64> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
