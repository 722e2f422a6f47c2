//! Errors of requests and how each is answered: one closed table ([`ApiError::answer`]), from which the OpenAPI document
//! is derived too.
//!
//! Which error type when: a request that cannot be read or breaks a rule of a value is an [`InputError`]; an outcome of a
//! use case is that use case's own error, which converts with `?`; what HTTP itself adds (unknown paths and methods, missing
//! tokens, limits, timeouts) is a variant of [`ApiError`]. A handler never builds an error response by itself.

mod body;
mod documented;
mod input;
#[cfg(test)]
mod tests;

use std::error::Error as _;
use std::fmt::Write as _;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use storage_hub_core::use_cases::accounts::AccountError;
use storage_hub_core::use_cases::buckets::BucketError;
use storage_hub_core::use_cases::fault::Fault;
use storage_hub_core::use_cases::session::SessionError;

pub(crate) use documented::{
    body_errors, documented, errors, path_errors, read_errors, schema_name, session_errors, write_errors,
};
pub(crate) use input::{InputError, Kind};

use crate::readiness::Parts;
use body::ErrorBody;

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Bucket(#[from] BucketError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Input(#[from] InputError),
    /// `Authorization` is missing.
    #[error("no access token was sent")]
    NoToken,
    /// `Authorization` has another scheme than `Bearer`, or no token.
    #[error("`Authorization` does not have the form `Bearer TOKEN`")]
    NotBearer,
    #[error("the current password is wrong")]
    WrongCurrentPassword,
    #[error("no route has this path")]
    NoSuchPath,
    /// The path has other methods, in the form of `Allow`.
    #[error("the path does not support this method")]
    NoSuchMethod(String),
    /// CORS refused the request, with the reason.
    #[error("refused across origins: {0}")]
    CrossOrigin(String),
    /// A rate limit was exceeded; how many seconds to wait.
    #[error("a rate limit was exceeded")]
    TooManyRequests(u64),
    #[error("not ready: {0:?}")]
    NotReady(Parts),
    /// The server is about to end, with the reason.
    #[error("the server must end: {0}")]
    Ending(&'static str),
    #[error("reading exceeded the time limit of requests")]
    ReadingTimedOut,
    /// The use case goes on without the request.
    #[error("writing exceeded the time limit of requests and goes on")]
    WritingTimedOut,
    #[error("a use case panicked: {0}")]
    Panicked(String),
}

/// How an error is answered.
pub(crate) struct Answer {
    status: StatusCode,
    error: &'static str,
    message: String,
    header: Option<Header>,
}

/// The header that belongs to an error.
enum Header {
    /// The client has to authenticate.
    Challenge(&'static str),
    /// The same request may succeed after this many seconds.
    Retry(u64),
    /// The methods that the path supports.
    Allow(String),
}

const RETRY: Option<Header> = Some(Header::Retry(1));
const CHALLENGE: Option<Header> = Some(Header::Challenge("Bearer"));
const BAD_TOKEN: Option<Header> = Some(Header::Challenge("Bearer error=\"invalid_token\""));

impl ApiError {
    /// The table.
    fn answer(&self) -> Answer {
        use StatusCode as S;
        match self {
            Self::Account(error) => account(error),
            Self::Bucket(error) => bucket(error),
            Self::Session(error) => session(*error),
            Self::Input(error) => Answer::new(error.status(), error.name(), error.to_string()),
            Self::NoToken => {
                Answer::new(S::UNAUTHORIZED, "Access token required", "Include Authorization header").with(CHALLENGE)
            }
            Self::NotBearer => {
                let message = "Authorization must have the form `Bearer TOKEN`; log in to get a token";
                Answer::new(S::UNAUTHORIZED, "Access token required", message).with(CHALLENGE)
            }
            Self::WrongCurrentPassword => {
                Answer::new(S::UNAUTHORIZED, "Invalid credentials", "currentPassword is not the account's password")
            }
            Self::NoSuchPath => {
                Answer::new(S::NOT_FOUND, "Not found", "No endpoint has this path; GET / lists them all")
            }
            Self::NoSuchMethod(allowed) => {
                Answer::new(S::METHOD_NOT_ALLOWED, "Method not allowed", format!("Allowed methods: {allowed}"))
                    .with(Some(Header::Allow(allowed.clone())))
            }
            Self::CrossOrigin(why) => {
                let message = format!("{why}; the operator sets the permitted origins in `api.cors_origins`");
                Answer::new(S::BAD_REQUEST, "Cross-origin request refused", message)
            }
            Self::TooManyRequests(wait) => {
                let message = format!("Rate limit exceeded; retry in {wait} s");
                Answer::new(S::TOO_MANY_REQUESTS, "Too many requests", message).with(Some(Header::Retry(*wait)))
            }
            Self::NotReady(parts) => {
                let message = match (parts.database, parts.store) {
                    (false, false) => "Neither the database nor the store responds",
                    (false, true) => "The database does not respond",
                    (true, _) => "The store does not respond",
                };
                Answer::new(S::SERVICE_UNAVAILABLE, "Not ready", message).with(RETRY)
            }
            Self::Ending(reason) => Answer::new(S::SERVICE_UNAVAILABLE, "Not ready", *reason),
            Self::ReadingTimedOut => unavailable(),
            Self::WritingTimedOut => catching_up(),
            Self::Panicked(_) => internal(),
        }
    }

    /// The error and its causes in one line, for the log.
    pub(crate) fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        text
    }
}

fn account(error: &AccountError) -> Answer {
    use StatusCode as S;
    match error {
        AccountError::EmailTaken => Answer::new(S::CONFLICT, "User already exists", "Email is already registered"),
        AccountError::SignUpClosed => {
            Answer::new(S::FORBIDDEN, "Sign-up closed", "Ask an administrator of this hub for an account")
        }
        AccountError::InvalidCredentials => {
            Answer::new(S::UNAUTHORIZED, "Invalid credentials", "Check email and password")
        }
        AccountError::Disabled => {
            Answer::new(S::FORBIDDEN, "Account disabled", "Ask an administrator to enable the account")
        }
        AccountError::Session(error) => session(*error),
        AccountError::Fault(fault) => self::fault(fault),
    }
}

fn bucket(error: &BucketError) -> Answer {
    use StatusCode as S;
    match error {
        BucketError::NameTaken => {
            Answer::new(S::CONFLICT, "Bucket name already taken", "Choose a different bucket name")
        }
        BucketError::AlreadyOwned => {
            Answer::new(S::CONFLICT, "Bucket name already taken", "You have this bucket already")
        }
        BucketError::LimitReached(max) => {
            let message = format!("An account can own at most {max} buckets; delete one that you no longer need");
            Answer::new(S::FORBIDDEN, "Bucket limit reached", message)
        }
        BucketError::NotFound => {
            let message = "The bucket does not exist, or you may not see it";
            Answer::new(S::NOT_FOUND, "Bucket not found", message)
        }
        BucketError::Forbidden => {
            Answer::new(S::FORBIDDEN, "Access denied", "Ask the bucket's owner for the access that this requires")
        }
        BucketError::NotEmpty => {
            Answer::new(S::CONFLICT, "Bucket not empty", "Delete the bucket's objects and versions first")
        }
        BucketError::InvalidVersions(error) => Answer::new(S::BAD_REQUEST, "Validation failed", error.to_string()),
        BucketError::Session(error) => session(*error),
        BucketError::Fault(fault) => self::fault(fault),
    }
}

fn session(error: SessionError) -> Answer {
    let (error, message) = match error {
        SessionError::InvalidToken => ("Invalid token", "Log in to get a token"),
        SessionError::ExpiredToken => ("Token expired", "Log in again to get a new token"),
        SessionError::Ended => ("Session ended", "Log in again to get a new token"),
        SessionError::Disabled => ("Account disabled", "Ask an administrator to enable the account"),
    };
    Answer::new(StatusCode::UNAUTHORIZED, error, message).with(BAD_TOKEN)
}

fn fault(fault: &Fault) -> Answer {
    match fault {
        Fault::Pending => catching_up(),
        Fault::Records(_) | Fault::Store(_) | Fault::Passwords(_) | Fault::Vault(_) | Fault::Tokens(_) => {
            if fault.is_temporary() { unavailable() } else { internal() }
        }
    }
}

fn catching_up() -> Answer {
    let message = "The change was accepted and will be applied shortly; retry in a moment";
    Answer::new(StatusCode::SERVICE_UNAVAILABLE, "Store is catching up", message).with(RETRY)
}

fn unavailable() -> Answer {
    let message = "The service is temporarily unavailable; retry in a moment";
    Answer::new(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable", message).with(RETRY)
}

fn internal() -> Answer {
    let message = "The service failed; its log has the reason under the X-Request-Id of this response";
    Answer::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error", message)
}

impl Answer {
    fn new(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        Self { status, error, message: message.into(), header: None }
    }

    fn with(self, header: Option<Header>) -> Self {
        Self { header, ..self }
    }
}

impl Header {
    /// The name as the OpenAPI document writes it.
    const fn documented_name(&self) -> &'static str {
        match self {
            Self::Challenge(_) => "WWW-Authenticate",
            Self::Retry(_) => "Retry-After",
            Self::Allow(_) => "Allow",
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.answer().status
    }

    fn error_response(&self) -> HttpResponse {
        let answer = self.answer();
        let mut response = HttpResponse::build(answer.status);
        match answer.header {
            Some(Header::Challenge(challenge)) => response.insert_header((WWW_AUTHENTICATE, challenge)),
            Some(Header::Retry(seconds)) => response.insert_header((RETRY_AFTER, seconds)),
            Some(Header::Allow(methods)) => response.insert_header((ALLOW, methods)),
            None => &mut response,
        };
        response.json(ErrorBody::new(answer.error, answer.message))
    }
}
