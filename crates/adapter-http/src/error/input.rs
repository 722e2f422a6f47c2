use std::fmt;

use actix_web::http::StatusCode;

/// What is wrong with what was sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// A body of another type, or of none.
    #[error("Content-Type is {}; send application/json", .0.as_deref().unwrap_or("missing"))]
    ContentType(Option<String>),
    /// A body over the limit.
    #[error("the body has more than {0} bytes; send less")]
    TooLarge(usize),
    /// A body that did not arrive in time.
    #[error("the body did not arrive in time; send it faster")]
    TooSlow,
    /// A body that broke off.
    #[error("the body broke off; send all of it")]
    BrokenOff,
    /// A body that is no JSON.
    #[error("the body is no JSON: {0}; send a JSON object")]
    Syntax(#[source] serde_json::Error),
    /// A body of another shape.
    #[error("the body is {0}; send a JSON object")]
    NotAnObject(Kind),
    /// A field that is not there.
    #[error("{0} is missing; send it as a string")]
    Missing(&'static str),
    /// A field of another type.
    #[error("{0} is {1}; send a string")]
    WrongType(&'static str, Kind),
    /// A value that breaks a rule.
    #[error("{field}: {rule}")]
    Invalid {
        /// Where it was sent.
        field: &'static str,
        /// The rule, in the words of who keeps it.
        rule: String,
    },
    /// A parameter that may be there once.
    #[error("{0} is there twice; send it once")]
    Repeated(&'static str),
}

/// Of which kind a JSON value is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl InputError {
    /// A value that breaks a rule, in the rule's own words.
    pub(crate) fn invalid(field: &'static str) -> impl Fn(&dyn fmt::Display) -> Self {
        move |rule| Self::Invalid { field, rule: rule.to_string() }
    }

    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::ContentType(_)
            | Self::BrokenOff
            | Self::Syntax(_)
            | Self::NotAnObject(_)
            | Self::Missing(_)
            | Self::WrongType(..)
            | Self::Invalid { .. }
            | Self::Repeated(_) => StatusCode::BAD_REQUEST,
        }
    }

    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "Request too large",
            Self::TooSlow => "Request timeout",
            Self::ContentType(_) => "Invalid content type",
            Self::BrokenOff | Self::Syntax(_) => "Malformed JSON",
            Self::NotAnObject(_)
            | Self::Missing(_)
            | Self::WrongType(..)
            | Self::Invalid { .. }
            | Self::Repeated(_) => "Validation failed",
        }
    }
}

impl From<&serde_json::Value> for Kind {
    fn from(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}
