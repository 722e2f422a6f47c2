//! What the OpenAPI document says about errors: made from the table that answers with them.

use std::collections::BTreeMap;

use actix_web::ResponseError as _;
use storage_hub_core::domain::{BucketName, Email};
use storage_hub_core::use_cases::session::SessionError;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use super::input::Kind;
use super::{ApiError, ErrorBody, InputError};

/// The responses that document these errors: one per status, with an example of each error.
pub(crate) fn documented(errors: impl IntoIterator<Item = ApiError>) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status = BTreeMap::<u16, Vec<ApiError>>::new();
    for error in errors {
        by_status.entry(error.status_code().as_u16()).or_default().push(error);
    }
    by_status.into_iter().map(|(status, errors)| (status.to_string(), RefOr::T(response(&errors)))).collect()
}

fn response(errors: &[ApiError]) -> Response {
    let mut content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorBody")));
    let mut names = Vec::new();
    for error in errors {
        let answer = error.answer();
        let value = serde_json::to_value(ErrorBody::new(answer.error, answer.message)).ok();
        let name = answer.error.to_owned();
        let example = ExampleBuilder::new().summary(&name).value(value).build();
        if !names.contains(&name) {
            content = content.examples_from_iter([(name.clone(), example)]);
            names.push(name);
        }
    }
    ResponseBuilder::new().description(names.join("; ")).content("application/json", content.build()).build()
}

/// What a body can be refused for.
pub(crate) fn bad_input() -> Vec<ApiError> {
    let syntax = serde_json::from_str::<serde_json::Value>("{").err().map(InputError::Syntax);
    let email = Email::parse("").err().map(|rule| InputError::invalid("email")(&rule));
    let inputs = [InputError::ContentType(None), InputError::WrongType("email", Kind::Number)];
    let limits = [InputError::TooLarge(16384), InputError::TooSlow];
    email.into_iter().chain(syntax).chain(inputs).chain(limits).map(ApiError::from).collect()
}

/// What a bucket's name in the path can be refused for.
pub(crate) fn bad_name() -> Vec<ApiError> {
    let name = BucketName::parse("").err().map(|rule| InputError::invalid("name")(&rule));
    name.into_iter().map(ApiError::from).collect()
}

/// What a token can be refused for.
pub(crate) fn no_session() -> Vec<ApiError> {
    let all = [SessionError::InvalidToken, SessionError::ExpiredToken, SessionError::Ended, SessionError::Disabled];
    [ApiError::NoToken, ApiError::TooManyRequests(1)].into_iter().chain(all.map(ApiError::from)).collect()
}

/// What a use case that reads can fail by.
pub(crate) fn reading() -> Vec<ApiError> {
    vec![ApiError::Panicked(String::new()), ApiError::ReadingTimedOut]
}

/// What a use case that writes can fail by.
pub(crate) fn writing() -> Vec<ApiError> {
    vec![ApiError::Panicked(String::new()), ApiError::ReadingTimedOut, ApiError::WritingTimedOut]
}
