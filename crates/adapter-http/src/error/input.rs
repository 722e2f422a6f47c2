use std::fmt;

use actix_web::http::StatusCode;

/// What is wrong with a request's body, query or path.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    #[error("Content-Type is {}; send application/json", .0.as_deref().unwrap_or("missing"))]
    ContentType(Option<String>),
    /// The body is compressed.
    #[error("Content-Encoding `{0}` is not supported; send the request body uncompressed")]
    ContentEncoding(String),
    #[error("the request body must not be larger than {0} bytes")]
    TooLarge(usize),
    #[error("the request body did not arrive in time; send it faster")]
    TooSlow,
    #[error("the request body ended early; send it in full")]
    EndedEarly,
    #[error("the request body is empty; send a JSON object")]
    Empty,
    #[error("the request body is not valid JSON: {0}; send a JSON object")]
    Syntax(#[source] serde_json::Error),
    #[error("the request body must be a JSON object, got {0}")]
    NotAnObject(Kind),
    #[error("`{0}` is missing; send it as a string")]
    Missing(&'static str),
    #[error("`{0}` must be a string, got {1}")]
    WrongType(&'static str, Kind),
    /// The value breaks a rule of the domain.
    #[error("{}", words(.field, .rule))]
    Invalid {
        /// The name of the field or parameter.
        field: &'static str,
        /// The message of the type that has the rule.
        rule: String,
    },
    #[error("`{0}` was given more than once")]
    Repeated(&'static str),
    /// Several fields of one body are wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Several(Vec<InputError>),
}

/// The kind of a JSON value.
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
    /// A value that breaks a rule, with the message of the rule.
    pub(crate) fn invalid(field: &'static str) -> impl Fn(&dyn fmt::Display) -> Self {
        move |rule| Self::Invalid { field, rule: rule.to_string() }
    }

    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::ContentEncoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::ContentType(_)
            | Self::EndedEarly
            | Self::Empty
            | Self::Syntax(_)
            | Self::NotAnObject(_)
            | Self::Missing(_)
            | Self::WrongType(..)
            | Self::Invalid { .. }
            | Self::Repeated(_)
            | Self::Several(_) => StatusCode::BAD_REQUEST,
        }
    }

    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "Request too large",
            Self::TooSlow => "Request timeout",
            Self::ContentType(_) => "Invalid content type",
            Self::ContentEncoding(_) => "Unsupported content encoding",
            Self::EndedEarly | Self::Empty | Self::Syntax(_) => "Malformed JSON",
            Self::NotAnObject(_)
            | Self::Missing(_)
            | Self::WrongType(..)
            | Self::Invalid { .. }
            | Self::Repeated(_)
            | Self::Several(_) => "Validation failed",
        }
    }
}

/// The rule, after the name of its field unless the rule says that name itself: `email must …`, but
/// `newPassword: password must …`.
fn words(field: &str, rule: &str) -> String {
    let names_the_field = rule.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == field);
    if names_the_field { rule.to_owned() } else { format!("{field}: {rule}") }
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
