//! Readers of single parameters and headers, which refuse what they cannot read.

use http::HeaderName;

use super::request::RequestTemplate;
use crate::dates::{read_http_date, write_http_date};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;
use crate::types::{EtagCondition, ListPosition, ReadConditions, WriteConditions};

/// Maximum number of entries of a page, and their number unless a request says otherwise.
pub(super) const MAX_PAGE: u32 = 1000;
/// Maximum number of a part.
pub(super) const MAX_PART: u32 = 10_000;

pub(super) fn invalid(message: impl Into<String>) -> S3Error {
    S3Error::with_message(ErrorCode::InvalidArgument, message.into())
}

pub(super) fn not_implemented(message: impl Into<String>) -> S3Error {
    S3Error::with_message(ErrorCode::NotImplemented, message.into())
}

/// The key of an object request.
pub(super) fn key(head: &RequestHead) -> String {
    head.target().key().unwrap_or_default().to_owned()
}

/// The parameters of signatures, which are not headers in the query.
const OF_SIGNATURES: [&str; 8] = [
    "x-amz-algorithm",
    "x-amz-content-sha256",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
];

/// All `x-amz-*` headers, and parameters of such a name, by names in lower case. None of them has two values: see
/// [`refuse_unsupported`](super::unsupported::refuse_unsupported).
pub(super) fn all_amz(head: &RequestHead) -> impl Iterator<Item = (String, &str)> {
    let headers = head.headers().keys().map(HeaderName::as_str);
    let headers = headers.map(|name| (name.to_owned(), head.header(name).unwrap_or_default()));
    let parameters = head.query().iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
    let parameters = parameters.filter(|(name, _)| !OF_SIGNATURES.contains(&name.as_str()));
    headers.chain(parameters).filter(|(name, _)| name.starts_with("x-amz-"))
}

pub(super) fn version_id(head: &RequestHead) -> S3Result<Option<String>> {
    Ok(non_empty(head, "versionId"))
}

/// A number in decimal digits. [`str::parse`] alone accepts a sign.
pub(super) fn read_number(name: &str, text: &str, min: u64, max: u64) -> S3Result<u64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_number.then(|| text.parse().ok()).flatten().filter(|number| (min..=max).contains(number));
    number.ok_or_else(|| invalid(format!("`{name}` must be an integer from {min} to {max}.")))
}

pub(super) fn read_u32(name: &str, text: &str, min: u32, max: u32) -> S3Result<u32> {
    let number = read_number(name, text, min.into(), max.into())?;
    Ok(u32::try_from(number).unwrap_or(max))
}

/// A requested number of entries: at most [`MAX_PAGE`], whatever is requested.
pub(super) fn read_page_size(name: &str, text: Option<&str>) -> S3Result<u32> {
    let Some(text) = text else { return Ok(MAX_PAGE) };
    Ok(read_u32(name, text, 0, i32::MAX.unsigned_abs())?.min(MAX_PAGE))
}

pub(super) fn read_encoding(head: &RequestHead) -> S3Result<bool> {
    match head.query().get("encoding-type") {
        None => Ok(false),
        Some("url") => Ok(true),
        Some(_) => Err(invalid("`encoding-type` must be `url`.")),
    }
}

/// A parameter whose empty value means that it is absent.
pub(super) fn non_empty(head: &RequestHead, name: &str) -> Option<String> {
    head.query().get(name).filter(|value| !value.is_empty()).map(str::to_owned)
}

pub(super) fn read_position(head: &RequestHead, key_marker: &str, id_marker: &str) -> Option<ListPosition> {
    let key = non_empty(head, key_marker)?;
    Some(ListPosition { key, id: non_empty(head, id_marker) })
}

/// Reads `If-Match` or `If-None-Match`: `*`, or a list of ETags (RFC 9110), which S3 accepts without quotes too. `None` if it
/// is malformed.
pub(super) fn parse_etags(text: &str) -> Option<EtagCondition> {
    if text.trim() == "*" {
        return Some(EtagCondition::Any);
    }
    let (mut etags, mut rest) = (Vec::new(), text);
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            break;
        }
        let opened = rest.strip_prefix("W/\"").or_else(|| rest.strip_prefix('"'));
        if let Some(opened) = opened {
            let (etag, after) = opened.split_once('"')?;
            let after = after.trim_start_matches([' ', '\t']);
            if !(after.is_empty() || after.starts_with(',')) {
                return None;
            }
            etags.push(etag.to_owned());
            rest = after;
        } else {
            let (etag, after) = rest.split_once(',').unwrap_or((rest, ""));
            if etag.contains('"') {
                return None;
            }
            etags.push(etag.trim_end().to_owned());
            rest = after;
        }
    }
    (!etags.is_empty()).then_some(EtagCondition::List(etags))
}

pub(super) fn write_etags(condition: &EtagCondition) -> String {
    match condition {
        EtagCondition::Any => "*".to_owned(),
        EtagCondition::List(etags) => etags.iter().map(|etag| format!("\"{etag}\"")).collect::<Vec<_>>().join(", "),
    }
}

fn read_etags(name: &str, text: Option<&str>) -> S3Result<Option<EtagCondition>> {
    let Some(text) = text else { return Ok(None) };
    parse_etags(text).map(Some).ok_or_else(|| invalid(format!("`{name}` must be `*` or a list of ETags.")))
}

/// The names of the four preconditions.
struct Names {
    matches: &'static str,
    none_match: &'static str,
    modified_since: &'static str,
    unmodified_since: &'static str,
}

const OF_TARGET: Names = Names {
    matches: "if-match",
    none_match: "if-none-match",
    modified_since: "if-modified-since",
    unmodified_since: "if-unmodified-since",
};

const OF_SOURCE: Names = Names {
    matches: "x-amz-copy-source-if-match",
    none_match: "x-amz-copy-source-if-none-match",
    modified_since: "x-amz-copy-source-if-modified-since",
    unmodified_since: "x-amz-copy-source-if-unmodified-since",
};

fn conditions<'a>(names: &Names, text: impl Fn(&str) -> Option<&'a str>) -> S3Result<ReadConditions> {
    let date = |name| text(name).and_then(read_http_date);
    Ok(ReadConditions {
        if_match: read_etags(names.matches, text(names.matches))?,
        if_none_match: read_etags(names.none_match, text(names.none_match))?,
        if_modified_since: date(names.modified_since),
        if_unmodified_since: date(names.unmodified_since),
    })
}

pub(super) fn read_conditions(head: &RequestHead) -> S3Result<ReadConditions> {
    conditions(&OF_TARGET, |name| head.header(name))
}

pub(super) fn source_conditions(head: &RequestHead) -> S3Result<ReadConditions> {
    conditions(&OF_SOURCE, |name| head.amz(name))
}

fn write_conditions_as(conditions: &ReadConditions, names: &Names, request: &mut RequestTemplate) {
    let etags = [(names.matches, &conditions.if_match), (names.none_match, &conditions.if_none_match)];
    for (name, etags) in etags {
        request.set_opt_header(HeaderName::from_static(name), etags.as_ref().map(write_etags).as_deref());
    }
    let dates = [
        (names.modified_since, conditions.if_modified_since),
        (names.unmodified_since, conditions.if_unmodified_since),
    ];
    for (name, date) in dates {
        let date = date.map(|seconds| write_http_date(seconds.saturating_mul(1000)));
        request.set_opt_header(HeaderName::from_static(name), date.as_deref());
    }
}

pub(super) fn send_read_conditions(conditions: &ReadConditions, request: &mut RequestTemplate) {
    write_conditions_as(conditions, &OF_TARGET, request);
}

pub(super) fn send_source_conditions(conditions: &ReadConditions, request: &mut RequestTemplate) {
    write_conditions_as(conditions, &OF_SOURCE, request);
}

/// The preconditions of a write. Those on times are refused: ignoring them would overwrite what they protect.
pub(super) fn write_conditions(head: &RequestHead) -> S3Result<WriteConditions> {
    for name in [OF_TARGET.modified_since, OF_TARGET.unmodified_since] {
        if head.header(name).is_some() {
            return Err(not_implemented(format!("The `{name}` header is not implemented for writes.")));
        }
    }
    let etags = |name| read_etags(name, head.header(name));
    Ok(WriteConditions { if_match: etags(OF_TARGET.matches)?, if_none_match: etags(OF_TARGET.none_match)? })
}

pub(super) fn send_write_conditions(conditions: &WriteConditions, request: &mut RequestTemplate) {
    let etags = [(OF_TARGET.matches, &conditions.if_match), (OF_TARGET.none_match, &conditions.if_none_match)];
    for (name, etags) in etags {
        request.set_opt_header(HeaderName::from_static(name), etags.as_ref().map(write_etags).as_deref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(etags: &[&str]) -> Option<EtagCondition> {
        Some(EtagCondition::List(etags.iter().map(|&etag| etag.to_owned()).collect()))
    }

    #[test]
    fn etag_conditions_are_lists() {
        let table = [
            ("*", Some(EtagCondition::Any)),
            (r#""x""#, list(&["x"])),
            (r#""x", "y""#, list(&["x", "y"])),
            (r#""x","y,z" "#, list(&["x", "y,z"])),
            (r#"W/"x", "y""#, list(&["x", "y"])),
            ("x", list(&["x"])),
            ("x, y", list(&["x", "y"])),
            (r#"x, "y""#, list(&["x", "y"])),
            (r#""""#, list(&[""])),
            ("", None),
            (",", None),
            (r#""x"#, None),
            (r#""x"y"#, None),
            (r#"x"y"#, None),
        ];
        for (text, expected) in table {
            assert_eq!(parse_etags(text), expected, "{text}");
            if let Some(condition) = expected {
                assert_eq!(parse_etags(&write_etags(&condition)), Some(condition), "{text}");
            }
        }
    }

    #[test]
    fn numbers_are_digits_within_their_bounds() {
        for good in ["0", "1", "1000", "007", "2147483647"] {
            assert!(read_page_size("max-keys", Some(good)).is_ok(), "{good}");
        }
        for bad in ["", "-1", "+1", " 1", "1.5", "blah", "2147483648", "99999999999999999999"] {
            let error = read_page_size("max-keys", Some(bad)).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidArgument, "{bad}");
        }
        assert_eq!(read_page_size("max-keys", Some("5000")).unwrap(), 1000);
        assert_eq!(read_page_size("max-keys", None).unwrap(), 1000);
    }
}
