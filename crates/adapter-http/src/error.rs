//! What can go wrong, and how each of it is answered: one table ([`answer`](ApiError::answer)), closed.

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

pub(crate) use body::ErrorBody;
pub(crate) use documented::{bad_input, bad_name, documented, no_session, reading, writing};
pub(crate) use input::InputError;

use crate::readiness::Parts;

/// Why a request is not answered with what it asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// An account's use case said no.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// A bucket's use case said no.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// The token is none, or none any more.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// What was sent is not what the endpoint takes.
    #[error(transparent)]
    Input(#[from] InputError),
    /// No token was sent.
    #[error("no access token was sent")]
    NoToken,
    /// The password that is to be changed is another.
    #[error("the current password is wrong")]
    WrongCurrentPassword,
    /// Nothing is at this path.
    #[error("nothing is at this path")]
    NoSuchPath,
    /// The path has other methods: these.
    #[error("the path does not have this method")]
    NoSuchMethod(&'static str),
    /// A page of another origin may not ask for this; why.
    #[error("refused across origins: {0}")]
    CrossOrigin(String),
    /// More was asked for than is allowed; how many seconds to wait.
    #[error("more is asked for than is allowed")]
    TooManyRequests(u64),
    /// Something that the server stands on is away.
    #[error("not ready: {0:?}")]
    NotReady(Parts),
    /// A use case that reads took too long.
    #[error("reading took longer than a request waits")]
    ReadingTimedOut,
    /// A use case that writes took too long; it goes on.
    #[error("writing took longer than a request waits; it goes on")]
    WritingTimedOut,
    /// A use case panicked.
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

/// What some errors say beside their body.
enum Header {
    /// Who asks has to sign in.
    Challenge(&'static str),
    /// The same may work in so many seconds.
    Retry(u64),
    /// The methods that there are.
    Allow(&'static str),
}

const RETRY: Option<Header> = Some(Header::Retry(1));
const CHALLENGE: Option<Header> = Some(Header::Challenge("Bearer"));
const BAD_TOKEN: Option<Header> = Some(Header::Challenge("Bearer error=\"invalid_token\""));

impl ApiError {
    /// The table.
    fn answer(&self) -> Answer {
        use StatusCode as S;
        match self {
            Self::Account(error) => match error {
                AccountError::EmailTaken => {
                    Answer::new(S::CONFLICT, "User already exists", "Email is already registered")
                }
                AccountError::InvalidCredentials => {
                    Answer::new(S::UNAUTHORIZED, "Invalid credentials", "Check email and password")
                }
                AccountError::Disabled => {
                    Answer::new(S::FORBIDDEN, "Account disabled", "Ask an administrator to enable the account")
                }
                AccountError::Session(error) => session(*error),
                AccountError::Fault(fault) => self::fault(fault),
            },
            Self::Bucket(error) => match error {
                BucketError::NameTaken => {
                    Answer::new(S::CONFLICT, "Bucket name already taken", "Choose a different bucket name")
                }
                BucketError::NotFound => Answer::new(
                    S::NOT_FOUND,
                    "Bucket not found",
                    "There is no bucket of this name, or none that you may know of",
                ),
                BucketError::Forbidden => {
                    Answer::new(S::FORBIDDEN, "Access denied", "Ask the bucket's owner for the access that this takes")
                }
                BucketError::NotEmpty => Answer::new(
                    S::CONFLICT,
                    "Bucket not empty",
                    "Delete the bucket's objects, versions and unfinished uploads first",
                ),
                BucketError::Session(error) => session(*error),
                BucketError::Fault(fault) => self::fault(fault),
            },
            Self::Session(error) => session(*error),
            Self::Input(error) => Answer::new(error.status(), error.name(), error.to_string()),
            Self::NoToken => {
                Answer::new(S::UNAUTHORIZED, "Access token required", "Include Authorization header").with(CHALLENGE)
            }
            Self::WrongCurrentPassword => {
                Answer::new(S::UNAUTHORIZED, "Invalid credentials", "currentPassword is not the account's password")
            }
            Self::NoSuchPath => Answer::new(S::NOT_FOUND, "Not found", "Nothing is at this path; GET / lists what is"),
            Self::NoSuchMethod(allowed) => {
                Answer::new(S::METHOD_NOT_ALLOWED, "Method not allowed", format!("This path has {allowed}"))
                    .with(Some(Header::Allow(allowed)))
            }
            Self::CrossOrigin(why) => {
                let message = format!("{why}; ask the operator which origins may call the API from a browser, and how");
                Answer::new(S::BAD_REQUEST, "Cross-origin request refused", message)
            }
            Self::TooManyRequests(wait) => {
                let message = format!("You ask for more than is allowed; try again in {wait} s");
                Answer::new(S::TOO_MANY_REQUESTS, "Too many requests", message).with(Some(Header::Retry(*wait)))
            }
            Self::NotReady(parts) => {
                let message = match (parts.database, parts.store) {
                    (false, false) => "Neither the database nor the store answers",
                    (false, true) => "The database does not answer",
                    (true, _) => "The store does not answer",
                };
                Answer::new(S::SERVICE_UNAVAILABLE, "Not ready", message).with(RETRY)
            }
            Self::ReadingTimedOut => unavailable(),
            Self::WritingTimedOut => catching_up(),
            Self::Panicked(_) => internal(),
        }
    }

    /// The error with all that caused it, in one line, for the log.
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
    let message = "The change is written down and will be carried out; ask again in a moment";
    Answer::new(StatusCode::SERVICE_UNAVAILABLE, "Store is catching up", message).with(RETRY)
}

fn unavailable() -> Answer {
    let message = "The service is not available at the moment; try again in a moment";
    Answer::new(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable", message).with(RETRY)
}

fn internal() -> Answer {
    let message = "The service failed; its log tells why under the X-Request-Id of this answer";
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
