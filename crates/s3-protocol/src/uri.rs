//! Percent-encoding of paths and queries: the one place where names become parts of a URL.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Every byte but `A-Z a-z 0-9 - . _ ~` is encoded.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// As [`STRICT`], and `/` stays.
const PATH: &AsciiSet = &STRICT.remove(b'/');

/// Percent-encodes every byte of a text except for `A-Z a-z 0-9 - . _ ~`.
///
/// ```
/// assert_eq!(storage_hub_s3_protocol::uri::encode("a/b c+ü"), "a%2Fb%20c%2B%C3%BC");
/// ```
#[must_use]
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, STRICT).to_string()
}

/// As [`encode`], but keeps `/`.
///
/// ```
/// assert_eq!(storage_hub_s3_protocol::uri::encode_path("a/../b c?"), "a/../b%20c%3F");
/// ```
#[must_use]
pub fn encode_path(text: &str) -> String {
    utf8_percent_encode(text, PATH).to_string()
}

/// The path of a request to the service, a bucket or an object, in path style. Nothing is normalized: `.` and `..` stay,
/// and so do empty segments.
///
/// ```
/// use storage_hub_s3_protocol::uri::path_of;
///
/// assert_eq!(path_of(None, None), "/");
/// assert_eq!(path_of(Some("photos"), None), "/photos");
/// assert_eq!(path_of(Some("photos"), Some("/a//b")), "/photos//a//b");
/// ```
#[must_use]
pub fn path_of(bucket: Option<&str>, key: Option<&str>) -> String {
    match (bucket, key) {
        (None, _) => "/".to_owned(),
        (Some(bucket), None) => format!("/{}", encode(bucket)),
        (Some(bucket), Some(key)) => format!("/{}/{}", encode(bucket), encode_path(key)),
    }
}

/// The query of a URL, without `?`.
pub(crate) fn query_of(pairs: &[(String, String)]) -> String {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

/// Decodes strictly: `None` for a `%` without two hexadecimal digits, and for what is not UTF-8. `+` stays.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('%') {
        let digits = after.get(..2)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        rest = after;
    }
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn malformed_encodings_are_not_decoded() {
        for malformed in ["%", "%4", "a%zz", "%FF", "%C3", "%é"] {
            assert_eq!(decode(malformed), None, "{malformed}");
        }
        assert_eq!(decode("a+b%2B%2f").as_deref(), Some("a+b+/"));
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(text in any::<String>()) {
            prop_assert_eq!(decode(&encode(&text)), Some(text.clone()));
            prop_assert_eq!(decode(&encode_path(&text)), Some(text));
        }
    }
}
