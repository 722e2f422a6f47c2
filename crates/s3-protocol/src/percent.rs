//! Percent-encoding as S3 defines it: every byte outside `A-Z a-z 0-9 - . _ ~` is encoded, with upper-case digits.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &COMPONENT.remove(b'/');

/// Encodes a name or a value of a query, or a segment of a path.
pub(crate) fn encode_component(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

/// Encodes a path, whose `/` stay.
pub(crate) fn encode_path(text: &str) -> String {
    utf8_percent_encode(text, PATH).to_string()
}

/// Decodes strictly: `None` for a `%` without two hexadecimal digits, and for bytes that are not UTF-8.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('%') {
        let digits = after.as_bytes().first_chunk::<2>()?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
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
    fn malformed_encodings_are_refused() {
        for malformed in ["%", "%4", "a%zz", "%+1", "%%41", "%FF", "%C3", "%C3%28", "é%"] {
            assert_eq!(decode(malformed), None, "{malformed}");
        }
        assert_eq!(decode("%c3%A9+%2B%25"), Some("é++%".to_owned()));
        assert_eq!(encode_path("/é a+~%"), "/%C3%A9%20a%2B~%25");
        assert_eq!(encode_component("a/b=&"), "a%2Fb%3D%26");
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded_again(text in any::<String>()) {
            prop_assert_eq!(decode(&encode_component(&text)), Some(text.clone()));
            prop_assert_eq!(decode(&encode_path(&text)), Some(text));
        }
    }
}
