//! What the OpenAPI document says about errors: derived from the table that answers with them.

use std::collections::BTreeMap;

use actix_web::ResponseError as _;
use actix_web::http::StatusCode;
use storage_hub_core::domain::BucketName;
use storage_hub_core::use_cases::session::SessionError;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use super::{ApiError, ErrorBody, InputError};
use crate::HttpOptions;
use crate::json_body::ReadFields;

/// Declares a type with the errors of an operation, for `responses(…)` of `#[utoipa::path]`.
macro_rules! errors {
    ($name:ident: $($errors:expr),+ $(,)?) => {
        struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
                let none = std::iter::empty::<$crate::error::ApiError>();
                $crate::error::documented(none $(.chain($errors.into_iter().map($crate::error::ApiError::from)))+)
            }
        }
    };
}
pub(crate) use errors;

/// The responses that document these errors: one per status, with an example of each error. Their schemas are those of
/// [`schema_name`], which `openapi.rs` adds.
pub(crate) fn documented(errors: impl IntoIterator<Item = ApiError>) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status = BTreeMap::<StatusCode, Vec<ApiError>>::new();
    for error in errors {
        by_status.entry(error.status_code()).or_default().push(error);
    }
    let responses = by_status.into_iter();
    responses.map(|(status, errors)| (status.as_str().to_owned(), RefOr::T(response(status, &errors)))).collect()
}

/// The name of the schema of a status: `NotFoundError`.
pub(crate) fn schema_name(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or_default().replace(' ', "");
    if reason.ends_with("Error") { reason } else { format!("{reason}Error") }
}

fn response(status: StatusCode, errors: &[ApiError]) -> Response {
    let mut content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema_name(status))));
    let mut response = ResponseBuilder::new();
    let mut names = Vec::new();
    for error in errors {
        let answer = error.answer();
        if let Some(header) = answer.header {
            let name = header.documented_name();
            response = response.header_ref(name, Ref::new(format!("#/components/headers/{name}")));
        }
        if !names.contains(&answer.error) {
            names.push(answer.error);
            let value = serde_json::to_value(ErrorBody::new(answer.error, answer.message)).ok();
            let example = ExampleBuilder::new().summary(answer.error).value(value).build();
            content = content.examples_from_iter([(answer.error.to_owned(), example)]);
        }
    }
    response.description(names.join("; ")).content("application/json", content.build()).build()
}

/// Errors of a request with a body of this type.
pub(crate) fn body_errors<T: ReadFields>() -> Vec<ApiError> {
    let syntax = serde_json::from_str::<serde_json::Value>("{").err().map(InputError::Syntax);
    let inputs = [T::example_error(), InputError::ContentType(None), InputError::ContentEncoding("gzip".to_owned())];
    let limits = [InputError::TooLarge(T::body_limit(&HttpOptions::default())), InputError::TooSlow];
    inputs.into_iter().chain(syntax).chain(limits).map(ApiError::from).collect()
}

/// Errors of a bucket name in the path.
pub(crate) fn path_errors() -> Vec<ApiError> {
    let name = BucketName::parse("My_Bucket").err().map(|rule| InputError::invalid("name")(&rule));
    name.into_iter().map(ApiError::from).collect()
}

/// Errors of authentication.
pub(crate) fn session_errors() -> Vec<ApiError> {
    let all = [SessionError::InvalidToken, SessionError::ExpiredToken, SessionError::Ended, SessionError::Disabled];
    [ApiError::NoToken, ApiError::TooManyRequests(1)].into_iter().chain(all.map(ApiError::from)).collect()
}

/// Errors of every use case that reads.
pub(crate) fn read_errors() -> Vec<ApiError> {
    vec![ApiError::Panicked(String::new()), ApiError::ReadingTimedOut]
}

/// Errors of every use case that writes.
pub(crate) fn write_errors() -> Vec<ApiError> {
    vec![ApiError::Panicked(String::new()), ApiError::ReadingTimedOut, ApiError::WritingTimedOut]
}
