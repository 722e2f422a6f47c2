use std::fmt;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{FromRequest, HttpRequest, web};
use futures::StreamExt as _;
use futures::future::LocalBoxFuture;
use serde_json::{Map, Value};
use tokio::time::timeout;

use crate::error::{ApiError, InputError, Kind};
use crate::{AppState, HttpOptions};

/// The UTF-8 byte order mark, which some editors and shells write before the JSON.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A JSON body as the type that an endpoint takes.
pub(crate) struct JsonBody<T>(pub(crate) T);

/// A type that is read from the fields of a JSON object.
pub(crate) trait ReadFields: Sized {
    /// Reads every field, also after one that is wrong, so that the client gets all errors at once. `None` when any was
    /// wrong.
    fn read(fields: &mut Fields) -> Option<Self>;

    /// A typical error, for the OpenAPI document.
    fn example_error() -> InputError;

    /// The maximum size of the body, in bytes.
    fn body_limit(options: &HttpOptions) -> usize {
        options.body_limit
    }
}

/// The fields of a JSON object, and what was wrong with those that were read. Unknown fields are ignored; of a repeated
/// field the last one counts.
pub(crate) struct Fields {
    values: Map<String, Value>,
    errors: Vec<InputError>,
}

impl Fields {
    fn parse(body: &[u8]) -> Result<Self, InputError> {
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
        if body.trim_ascii().is_empty() {
            return Err(InputError::Empty);
        }
        match serde_json::from_slice(body).map_err(InputError::Syntax)? {
            Value::Object(values) => Ok(Self { values, errors: Vec::new() }),
            other => Err(InputError::NotAnObject((&other).into())),
        }
    }

    /// Takes a string and parses it.
    pub(crate) fn parsed<T, E: fmt::Display>(
        &mut self,
        field: &'static str,
        parse: impl FnOnce(String) -> Result<T, E>,
    ) -> Option<T> {
        let value = match self.values.remove(field) {
            Some(Value::String(text)) => parse(text).map_err(|rule| InputError::invalid(field)(&rule)),
            Some(other) => Err(InputError::WrongType(field, (&other).into())),
            None => Err(InputError::Missing(field)),
        };
        value.map_err(|error| self.errors.push(error)).ok()
    }

    /// Takes an array of at most `max` objects and parses each. Of the items that are wrong the first one is reported.
    pub(crate) fn objects<T>(
        &mut self,
        field: &'static str,
        max: usize,
        parse: impl Fn(&Map<String, Value>) -> Result<T, String>,
    ) -> Option<Vec<T>> {
        let parsed = match self.values.remove(field) {
            Some(Value::Array(items)) if items.len() <= max => items
                .iter()
                .enumerate()
                .map(|(index, item)| {
                    let object =
                        item.as_object().ok_or_else(|| format!(" must be an object, got {}", Kind::from(item)));
                    object.and_then(&parse).map_err(|rule| format!("{field}[{index}]{rule}"))
                })
                .collect(),
            Some(Value::Array(items)) => Err(format!("{field} must have at most {max} items, got {}", items.len())),
            Some(other) => Err(format!("{field} must be an array of objects, got {}", Kind::from(&other))),
            None => Err(format!("{field} is missing; send an array of objects")),
        };
        parsed.map_err(|rule| self.errors.push(InputError::invalid(field)(&rule))).ok()
    }

    fn read<T: ReadFields>(mut self) -> Result<T, InputError> {
        let value = T::read(&mut self);
        match (value, self.errors.len()) {
            (Some(value), 0) => Ok(value),
            (_, 1) => Err(self.errors.remove(0)),
            _ => Err(InputError::Several(self.errors)),
        }
    }
}

impl<T: ReadFields> FromRequest for JsonBody<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let state = request.app_data::<web::Data<AppState>>().cloned();
        let checked = check_headers(request).map(|()| announced_length(request));
        let payload = payload.take();
        Box::pin(async move {
            let state = state.ok_or_else(|| ApiError::Panicked("the application has no state".to_owned()))?;
            let (options, announced) = (state.options(), checked?);
            let limit = T::body_limit(options);
            if announced.is_some_and(|length| length > limit as u64) {
                return Err(InputError::TooLarge(limit).into());
            }
            let body = timeout(options.time_limit, collect(payload, limit)).await;
            let body = body.map_err(|_| InputError::TooSlow)??;
            Ok(Self(Fields::parse(&body)?.read()?))
        })
    }
}

async fn collect(mut payload: Payload, limit: usize) -> Result<Vec<u8>, InputError> {
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| InputError::EndedEarly)?;
        if body.len() + chunk.len() > limit {
            return Err(InputError::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn check_headers(request: &HttpRequest) -> Result<(), InputError> {
    for encoding in request.headers().get_all(CONTENT_ENCODING) {
        let encoding = encoding.to_str().unwrap_or("unreadable").trim();
        if !encoding.eq_ignore_ascii_case("identity") {
            return Err(InputError::ContentEncoding(encoding.to_owned()));
        }
    }
    check_type(request)
}

/// Accepts `application/json`, in UTF-8 if it names a character set.
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
