//! Every row of the table.

use actix_web::body::{MessageBody as _, to_bytes};
use actix_web::http::header::WWW_AUTHENTICATE;
use futures::FutureExt as _;
use serde_json::{Value, json};
use storage_hub_core::ports::{HashError, RecordError, StoreError, TokenError, UniqueKey, VaultError};

use super::input::Kind;
use super::*;

const SOURCE: &str = "password=hunter2 host=10.0.0.1";

fn body(error: &ApiError) -> Value {
    let body = to_bytes(error.error_response().into_body().boxed()).now_or_never().unwrap().unwrap();
    serde_json::from_slice(&body).unwrap()
}

#[test]
fn every_refusal_has_its_row() {
    let syntax = serde_json::from_str::<Value>("{").unwrap_err();
    let rule = InputError::invalid("email")(&"a rule");
    let bad = "Validation failed";
    let table: [(ApiError, u16, &str, &str); 32] = [
        (AccountError::EmailTaken.into(), 409, "User already exists", "Email is already registered"),
        (AccountError::SignUpClosed.into(), 403, "Sign-up closed", "Ask an administrator of this hub for an account"),
        (AccountError::InvalidCredentials.into(), 401, "Invalid credentials", "Check email and password"),
        (AccountError::Disabled.into(), 403, "Account disabled", "Ask an administrator to enable the account"),
        (SessionError::InvalidToken.into(), 401, "Invalid token", "Log in to get a token"),
        (SessionError::ExpiredToken.into(), 401, "Token expired", "Log in again to get a new token"),
        (SessionError::Ended.into(), 401, "Session ended", "Log in again to get a new token"),
        (SessionError::Disabled.into(), 401, "Account disabled", "Ask an administrator to enable the account"),
        (BucketError::NameTaken.into(), 409, "Bucket name already taken", "Choose a different bucket name"),
        (BucketError::AlreadyOwned.into(), 409, "Bucket name already taken", "You have this bucket already"),
        (
            BucketError::LimitReached(3).into(),
            403,
            "Bucket limit reached",
            "An account can own at most 3 buckets; delete one that you no longer need",
        ),
        (BucketError::NotFound.into(), 404, "Bucket not found", "The bucket does not exist, or you may not see it"),
        (
            BucketError::Forbidden.into(),
            403,
            "Access denied",
            "Ask the bucket's owner for the access that this requires",
        ),
        (BucketError::NotEmpty.into(), 409, "Bucket not empty", "Delete the bucket's objects and versions first"),
        (ApiError::NoToken, 401, "Access token required", "Include Authorization header"),
        (
            ApiError::NotBearer,
            401,
            "Access token required",
            "Authorization must have the form `Bearer TOKEN`; log in to get a token",
        ),
        (ApiError::WrongCurrentPassword, 401, "Invalid credentials", "currentPassword is not the account's password"),
        (ApiError::NoSuchPath, 404, "Not found", "No endpoint has this path; GET / lists them all"),
        (ApiError::NoSuchMethod("GET".into()), 405, "Method not allowed", "Allowed methods: GET"),
        (
            InputError::ContentType(None).into(),
            400,
            "Invalid content type",
            "Content-Type is missing; send application/json",
        ),
        (
            InputError::ContentType(Some("text/plain".into())).into(),
            400,
            "Invalid content type",
            "Content-Type is text/plain; send application/json",
        ),
        (InputError::TooLarge(9).into(), 413, "Request too large", "the request body must not be larger than 9 bytes"),
        (InputError::TooSlow.into(), 408, "Request timeout", "the request body did not arrive in time; send it faster"),
        (InputError::EndedEarly.into(), 400, "Malformed JSON", "the request body ended early; send it in full"),
        (InputError::Empty.into(), 400, "Malformed JSON", "the request body is empty; send a JSON object"),
        (
            InputError::ContentEncoding("br".into()).into(),
            415,
            "Unsupported content encoding",
            "Content-Encoding `br` is not supported; send the request body uncompressed",
        ),
        (
            InputError::Syntax(syntax).into(),
            400,
            "Malformed JSON",
            "the request body is not valid JSON: EOF while parsing an object at line 1 column 1; send a JSON object",
        ),
        (InputError::NotAnObject(Kind::Array).into(), 400, bad, "the request body must be a JSON object, got an array"),
        (InputError::Missing("email").into(), 400, bad, "`email` is missing; send it as a string"),
        (InputError::WrongType("email", Kind::Null).into(), 400, bad, "`email` must be a string, got null"),
        (rule.into(), 400, bad, "email: a rule"),
        (InputError::Repeated("limit").into(), 400, bad, "`limit` was given more than once"),
    ];
    for (error, status, name, message) in table {
        assert_eq!(error.status_code().as_u16(), status, "{error:?}");
        assert_eq!(body(&error), json!({"success": false, "error": name, "message": message}));
    }
}

#[test]
fn every_area_answers_session_errors_alike() {
    for error in [SessionError::InvalidToken, SessionError::ExpiredToken, SessionError::Ended, SessionError::Disabled] {
        let expected = body(&error.into());
        for error in [ApiError::from(AccountError::from(error)), BucketError::from(error).into()] {
            assert_eq!(body(&error), expected);
            let response = error.error_response();
            assert_eq!(response.headers().get(WWW_AUTHENTICATE).unwrap(), "Bearer error=\"invalid_token\"");
        }
    }
}

#[test]
fn faults_are_503_if_temporary_and_500_otherwise_without_their_source() {
    let source = || SOURCE.into();
    let table: [(Fault, u16); 17] = [
        (Fault::Pending, 503),
        (RecordError::Conflict(source()).into(), 503),
        (RecordError::Unavailable(source()).into(), 503),
        (StoreError::Unavailable(source()).into(), 503),
        (HashError::Overloaded.into(), 503),
        (RecordError::AlreadyExists(UniqueKey::AccessKey).into(), 500),
        (RecordError::NotFound.into(), 500),
        (RecordError::Unexpected(source()).into(), 500),
        (StoreError::NotFound.into(), 500),
        (StoreError::AlreadyOwned.into(), 500),
        (StoreError::NotEmpty.into(), 500),
        (StoreError::Unexpected(source()).into(), 500),
        (HashError::Unexpected(source()).into(), 500),
        (VaultError::DoesNotOpen.into(), 500),
        (TokenError::Expired.into(), 500),
        (TokenError::Invalid.into(), 500),
        (TokenError::Signing(source()).into(), 500),
    ];
    for (fault, status) in table {
        let has_source = fault.source().and_then(|port| port.source()).is_some();
        let error = ApiError::from(BucketError::from(fault));
        let response = error.error_response();
        assert_eq!(response.status().as_u16(), status, "{error:?}");
        assert_eq!(response.headers().contains_key(RETRY_AFTER), status == 503, "{error:?}");
        assert!(!body(&error).to_string().contains(SOURCE), "{error:?}");
        assert_eq!(error.chain().contains(SOURCE), has_source, "{error:?}");
    }
    let panicked = ApiError::Panicked(SOURCE.to_owned());
    assert_eq!(panicked.status_code(), 500);
    assert!(!body(&panicked).to_string().contains(SOURCE));
    let limited = ApiError::TooManyRequests(7).error_response();
    assert_eq!((limited.status().as_u16(), limited.headers().get(RETRY_AFTER).unwrap().as_bytes()), (429, &b"7"[..]));
    for (database, store, part) in [(false, false, "Neither"), (false, true, "database"), (true, false, "store")] {
        let message = body(&ApiError::NotReady(Parts { database, store }))["message"].to_string();
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(ApiError::ReadingTimedOut.status_code(), 503);
    assert_eq!(ApiError::WritingTimedOut.status_code(), 503);
}
