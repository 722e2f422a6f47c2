//! Text beyond ASCII in header values: the encoded words of RFC 2047, as S3 uses them for user metadata.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

const PREFIX: &str = "=?UTF-8?B?";
const SUFFIX: &str = "?=";
/// As many bytes in Base64 keep an encoded word within the 75 characters that RFC 2047 allows.
const BYTES_PER_WORD: usize = 45;

/// Decodes the encoded words of a text. Everything else stays as it is, and so does a word that is malformed, has an unknown
/// charset, or hides a control character.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains("=?") {
        return Cow::Borrowed(text);
    }
    let (mut decoded, mut rest, mut after_word) = (String::with_capacity(text.len()), text, false);
    while let Some(at) = rest.find("=?") {
        let (before, word) = rest.split_at(at);
        let Some((content, length)) = decode_word(word) else {
            let (kept, remaining) = rest.split_at(at + 2);
            decoded.push_str(kept);
            (rest, after_word) = (remaining, false);
            continue;
        };
        // White space between two encoded words only separates them.
        if !(after_word && before.chars().all(|c| c == ' ' || c == '\t')) {
            decoded.push_str(before);
        }
        decoded.push_str(&content);
        (rest, after_word) = (word.get(length..).unwrap_or_default(), true);
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// Decodes the encoded word that a text begins with, and returns its length.
fn decode_word(text: &str) -> Option<(String, usize)> {
    let (charset, rest) = text.strip_prefix("=?")?.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    // Up to the next question mark only, so that a value of many unfinished words costs no more than its length.
    let (content, after) = rest.split_once('?')?;
    let after = after.strip_prefix('=')?;
    if content.contains([' ', '\t']) {
        return None;
    }
    let bytes = match encoding {
        "B" | "b" => STANDARD.decode(content).or_else(|_| STANDARD_NO_PAD.decode(content)).ok()?,
        "Q" | "q" => decode_q(content)?,
        _ => return None,
    };
    // A language may follow the charset: `UTF-8*en`.
    let charset = charset.split('*').next().unwrap_or_default();
    let decoded = match charset.to_ascii_lowercase().as_str() {
        "utf-8" | "us-ascii" => String::from_utf8(bytes).ok()?,
        "iso-8859-1" => bytes.into_iter().map(char::from).collect(),
        _ => return None,
    };
    let is_printable = decoded.chars().all(|c| !c.is_control() || c == '\t');
    is_printable.then(|| (decoded, text.len() - after.len()))
}

fn decode_q(content: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(content.len());
    let mut bytes = content.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'_' => b' ',
            b'=' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        });
    }
    Some(decoded)
}

/// Writes a text so that [`decode`] returns it: as it is where that is possible, else in encoded words.
pub(crate) fn encode(text: &str) -> Cow<'_, str> {
    let is_plain = text.bytes().all(|byte| matches!(byte, b'\t' | 0x20..=0x7e)) && text.trim() == text;
    if is_plain && decode(text) == text {
        return Cow::Borrowed(text);
    }
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = (1..=BYTES_PER_WORD.min(rest.len())).rev().find(|end| rest.is_char_boundary(*end));
        let (word, remaining) = rest.split_at(end.unwrap_or(rest.len()));
        words.push(format!("{PREFIX}{}{SUFFIX}", STANDARD.encode(word)));
        rest = remaining;
    }
    Cow::Owned(words.join(" "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn encoded_words_are_decoded_and_other_text_is_kept() {
        let table = [
            ("=?ISO-8859-1?Q?Gr=FC=DFe?=", "Grüße"),
            ("=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"),
            ("=?utf-8?q?Gr=C3=BC=C3=9Fe_an?= alle", "Grüße an alle"),
            ("=?UTF-8?B?R3LDvA==?= =?UTF-8?B?w59l?=", "Grüße"),
            ("=?UTF-8?Q?a?= and =?UTF-8?Q?b?=", "a and b"),
            ("=?UTF-8*de?Q?a?=", "a"),
            ("=?KOI8-R?Q?=C1?=", "=?KOI8-R?Q?=C1?="),
            ("=?UTF-8?Q?=ZZ?=", "=?UTF-8?Q?=ZZ?="),
            ("=?UTF-8?B?%%%?=", "=?UTF-8?B?%%%?="),
            ("=?UTF-8?Q?=0D=0A?=", "=?UTF-8?Q?=0D=0A?="),
            ("=?UTF-8?Q?=FF?=", "=?UTF-8?Q?=FF?="),
            ("a =? b", "a =? b"),
            ("=?", "=?"),
            ("plain", "plain"),
        ];
        for (text, expected) in table {
            assert_eq!(decode(text), expected, "{text}");
        }
    }

    #[test]
    fn long_text_is_split_at_characters() {
        let text = "ü".repeat(60);
        let encoded = encode(&text);
        assert!(encoded.split(' ').all(|word| word.len() <= 75), "{encoded}");
        assert_eq!(decode(&encoded), text);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(text in r"(\PC|\t|=\?UTF-8\?Q\?a\?=|=\?| ){0,40}") {
            let encoded = encode(&text);
            prop_assert!(encoded.bytes().all(|byte| matches!(byte, b'\t' | 0x20..=0x7e)));
            prop_assert_eq!(encoded.trim(), encoded.as_ref());
            prop_assert_eq!(decode(&encoded), text.as_str());
        }
    }
}
