//! Headers that can be read in one way only.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::error::{ErrorCode, S3Error, S3Result};

/// Headers besides `x-amz-*` that must not be repeated, because they decide what a request does.
const SINGLE: [HeaderName; 23] = [
    header::ACCESS_CONTROL_REQUEST_METHOD,
    header::AUTHORIZATION,
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    HeaderName::from_static("content-md5"),
    header::DATE,
    header::EXPECT,
    header::EXPIRES,
    header::HOST,
    header::IF_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::IF_UNMODIFIED_SINCE,
    header::ORIGIN,
    header::RANGE,
    header::TE,
    header::TRANSFER_ENCODING,
];

/// Headers that are stored with an object. Clients send them in UTF-8.
const UTF8: [HeaderName; 5] = [
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::EXPIRES,
];

/// What a header may contain, and how often it may come.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Rule {
    single: bool,
    charset: Charset,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Charset {
    Ascii,
    /// As `Ascii`, with single spaces as the only blanks. Signatures cover any run of blanks as one space, so that of two
    /// values with the same signature one could be another `x-amz-copy-source`.
    SingleSpaces,
    Utf8,
    /// The header has no effect but through a signature, which is over its bytes.
    Any,
}

impl Rule {
    fn of(name: &HeaderName) -> Self {
        let text = name.as_str();
        if text.starts_with("x-amz-meta-") {
            return Self { single: false, charset: Charset::Utf8 };
        }
        if text == "x-amz-user-agent" {
            return Self { single: true, charset: Charset::Ascii };
        }
        if text.starts_with("x-amz-") {
            // An SDK sends one line per value of these.
            let is_list = matches!(text, "x-amz-object-attributes" | "x-amz-optional-object-attributes");
            return Self { single: !is_list, charset: Charset::SingleSpaces };
        }
        if UTF8.contains(name) {
            return Self { single: true, charset: Charset::Utf8 };
        }
        if SINGLE.contains(name) {
            return Self { single: true, charset: Charset::Ascii };
        }
        Self { single: false, charset: Charset::Any }
    }
}

/// Reads headers into a map in which each comes at most once: the values of a repeatable one are joined with `,` in the
/// order received. Blanks around a value are none of it, and `Cookie` is dropped.
///
/// # Errors
/// `InvalidArgument` for a header that counts and is repeated, or contains characters that it must not contain.
pub(crate) fn read(received: &HeaderMap) -> S3Result<HeaderMap> {
    let mut headers = HeaderMap::with_capacity(received.keys_len());
    for name in received.keys() {
        if *name == header::COOKIE {
            continue;
        }
        let rule = Rule::of(name);
        let mut values = received.get_all(name).iter();
        let allowed = |value: &HeaderValue| match rule.charset {
            Charset::Ascii => value.to_str().is_ok(),
            Charset::SingleSpaces => value.to_str().is_ok_and(has_single_spaces),
            Charset::Utf8 => std::str::from_utf8(value.as_bytes()).is_ok(),
            Charset::Any => true,
        };
        if !received.get_all(name).iter().all(allowed) {
            return Err(refused(name, rule.charset));
        }
        let Some(first) = values.next() else { continue };
        let mut more = values.peekable();
        let value = if more.peek().is_none() && first.as_bytes().trim_ascii() == first.as_bytes() {
            first.clone()
        } else if more.peek().is_some() && rule.single {
            let message = format!("The `{name}` header must not be given more than once.");
            return Err(S3Error::with_message(ErrorCode::InvalidArgument, message));
        } else {
            join(first, more).ok_or_else(|| refused(name, rule.charset))?
        };
        headers.insert(name.clone(), value);
    }
    Ok(headers)
}

fn has_single_spaces(text: &str) -> bool {
    let text = text.trim_ascii();
    !text.contains('\t') && !text.contains("  ")
}

fn join<'a>(first: &HeaderValue, more: impl Iterator<Item = &'a HeaderValue>) -> Option<HeaderValue> {
    let mut joined = first.as_bytes().trim_ascii().to_vec();
    for value in more {
        joined.push(b',');
        joined.extend_from_slice(value.as_bytes().trim_ascii());
    }
    HeaderValue::from_bytes(&joined).ok()
}

fn refused(name: &HeaderName, charset: Charset) -> S3Error {
    let rule = match charset {
        Charset::Ascii => "printable ASCII",
        Charset::SingleSpaces => "printable ASCII, with single spaces as its only blanks",
        Charset::Utf8 | Charset::Any => "UTF-8",
    };
    S3Error::with_message(ErrorCode::InvalidArgument, format!("The `{name}` header must be {rule}."))
}
