//! Heads of the parts of a form, and the header that announces the form.

use super::reader::malformed;
use crate::error::S3Result;
use crate::uri;

/// Maximum length of a boundary, by RFC 2046.
const MAX_BOUNDARY: usize = 70;

/// What the head of a part says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PartHead {
    /// In lower case.
    pub(super) name: String,
    pub(super) file_name: Option<String>,
}

/// The boundary that `Content-Type: multipart/form-data` names.
pub(super) fn boundary(content_type: &str) -> S3Result<String> {
    let (kind, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return Err(malformed("The `Content-Type` of a form must be multipart/form-data."));
    }
    let mut found = None;
    for (name, value) in parse_parameters(parameters)? {
        if name == "boundary" && found.replace(value).is_some() {
            return Err(malformed("The `Content-Type` of a form must name one boundary."));
        }
    }
    let boundary = found.unwrap_or_default();
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    if !(1..=MAX_BOUNDARY).contains(&boundary.len()) || !boundary.bytes().all(is_allowed) || boundary.ends_with(' ') {
        return Err(malformed("The `Content-Type` of a form must name a boundary of 1 to 70 characters."));
    }
    Ok(boundary)
}

impl PartHead {
    /// Reads the lines of a head, without the empty one at its end.
    pub(super) fn parse(head: &[u8]) -> S3Result<Self> {
        let head = std::str::from_utf8(head).map_err(|_| malformed("The head of a part must be UTF-8."))?;
        let mut disposition = None;
        for line in head.split("\r\n").filter(|line| !line.is_empty()) {
            let (name, value) =
                line.split_once(':').ok_or_else(|| malformed("A line in the head of a part is not a valid header."))?;
            if value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
                return Err(malformed("The head of a part must not contain control characters."));
            }
            match name.to_ascii_lowercase().as_str() {
                "content-disposition" if disposition.replace(value).is_some() => {
                    return Err(malformed("A part must have only one `Content-Disposition`."));
                }
                "content-transfer-encoding"
                    if !["7bit", "8bit", "binary"].contains(&value.trim().to_ascii_lowercase().as_str()) =>
                {
                    return Err(malformed("The `Content-Transfer-Encoding` of a part must be binary."));
                }
                _ => {}
            }
        }
        let disposition = disposition.ok_or_else(|| malformed("A part must have a `Content-Disposition`."))?;
        let (kind, parameters) = disposition.split_once(';').unwrap_or((disposition, ""));
        if !kind.trim().eq_ignore_ascii_case("form-data") {
            return Err(malformed("The `Content-Disposition` of a part must be form-data."));
        }
        Self::of_parameters(parse_parameters(parameters)?)
    }

    fn of_parameters(parameters: Vec<(String, String)>) -> S3Result<Self> {
        let (mut name, mut file_name, mut extended) = (None, None, None);
        for (parameter, value) in parameters {
            let place = match parameter.as_str() {
                "name" => &mut name,
                "filename" => &mut file_name,
                "filename*" => &mut extended,
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(malformed("The `Content-Disposition` of a part must have each parameter once only."));
            }
        }
        let name = name.filter(|name| !name.is_empty()).ok_or_else(|| malformed("A part must have a name."))?;
        let extended = extended.map(|text| read_extended(&text)).transpose()?;
        Ok(Self { name: name.to_ascii_lowercase(), file_name: extended.or(file_name) })
    }
}

/// Reads `; name=value` and `; name="value"`. Names are returned in lower case.
///
/// Within quotes a backslash escapes a quotation mark or a backslash, and else stands for itself: browsers sent paths with
/// backslashes as they are.
fn parse_parameters(mut text: &str) -> S3Result<Vec<(String, String)>> {
    let mut parameters = Vec::new();
    loop {
        text = text.trim_start_matches([' ', '\t', ';']);
        if text.is_empty() {
            return Ok(parameters);
        }
        let (name, rest) = text.split_once('=').ok_or_else(|| malformed("A parameter must have a value."))?;
        let name = name.trim_end().to_ascii_lowercase();
        if name.is_empty() || name.contains(['"', ';', ' ', '\t']) {
            return Err(malformed("The name of a parameter is malformed."));
        }
        let rest = rest.trim_start_matches([' ', '\t']);
        let value = if let Some(quoted) = rest.strip_prefix('"') {
            let (value, rest) = unquote(quoted).ok_or_else(|| malformed("A quotation mark is missing."))?;
            let rest = rest.trim_start_matches([' ', '\t']);
            if !rest.is_empty() && !rest.starts_with(';') {
                return Err(malformed("A quoted value must be followed by `;`."));
            }
            text = rest;
            value
        } else {
            let (value, rest) = rest.split_once(';').unwrap_or((rest, ""));
            text = rest;
            value.trim_end().to_owned()
        };
        parameters.push((name, value));
    }
}

/// Reads up to the closing quotation mark, and returns what is behind it too.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\\' => match characters.next_if(|(_, next)| matches!(next, '"' | '\\')) {
                Some((_, escaped)) => value.push(escaped),
                None => value.push('\\'),
            },
            character => value.push(character),
        }
    }
    None
}

/// Reads a value in the form of RFC 5987: `UTF-8''percent-encoded`.
fn read_extended(text: &str) -> S3Result<String> {
    let mut parts = text.splitn(3, '\'');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(charset), Some(_), Some(value)) if charset.eq_ignore_ascii_case("utf-8") => uri::decode(value),
        _ => None,
    }
    .ok_or_else(|| malformed("`filename*` must be UTF-8, percent-encoded."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries_are_read_strictly() {
        let table = [
            ("multipart/form-data; boundary=abc", Some("abc")),
            ("Multipart/Form-Data;BOUNDARY=\"a b:c\"; charset=utf-8", Some("a b:c")),
            (
                "multipart/form-data; charset=utf-8; boundary=----WebKitFormBoundary7MA4",
                Some("----WebKitFormBoundary7MA4"),
            ),
            ("multipart/form-data", None),
            ("multipart/form-data; boundary=", None),
            ("multipart/form-data; boundary=\"\"", None),
            ("multipart/form-data; boundary=\"a ", None),
            ("multipart/form-data; boundary=\"a \"", None),
            ("multipart/form-data; boundary=\"a\"b", None),
            ("multipart/form-data; boundary=a; boundary=b", None),
            ("multipart/form-data; boundary=a\u{e9}", None),
            ("multipart/form-data; boundary=a@b", None),
            ("multipart/mixed; boundary=abc", None),
            ("text/plain", None),
        ];
        for (text, expected) in table {
            assert_eq!(boundary(text).ok().as_deref(), expected, "{text}");
        }
        assert!(boundary(&format!("multipart/form-data; boundary={}", "a".repeat(70))).is_ok());
        assert!(boundary(&format!("multipart/form-data; boundary={}", "a".repeat(71))).is_err());
    }

    #[test]
    fn the_heads_of_parts_are_read_as_browsers_and_tools_write_them() {
        let table = [
            ("Content-Disposition: form-data; name=\"Key\"", Some(("key", None))),
            ("content-disposition:form-data;name=key", Some(("key", None))),
            (
                "Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain",
                Some(("file", Some("a.txt"))),
            ),
            (
                "Content-Disposition: form-data; name=\"file\"; filename=\"C:\\dir\\a.txt\"",
                Some(("file", Some("C:\\dir\\a.txt"))),
            ),
            ("Content-Disposition: form-data; name=\"file\"; filename=\"a\\\"b;c=\"", Some(("file", Some("a\"b;c=")))),
            ("Content-Disposition: form-data; name=\"file\"; filename=\"ü\"", Some(("file", Some("ü")))),
            ("Content-Disposition: form-data; name=\"file\"; filename*=utf-8''%C3%BC", Some(("file", Some("ü")))),
            (
                "Content-Disposition: form-data; name=\"file\"; filename*=utf-8'en'a; filename=b",
                Some(("file", Some("a"))),
            ),
            ("Content-Disposition: form-data; name=\"file\"; filename*=latin1''%FC", None),
            ("Content-Disposition: form-data; name=\"file\"; filename*=utf-8''%FC", None),
            ("Content-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: Binary", Some(("a", None))),
            ("Content-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64", None),
            ("Content-Disposition: form-data; name=\"a\"; name=\"b\"", None),
            ("Content-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"b\"", None),
            ("Content-Disposition: form-data; name=\"\"", None),
            ("Content-Disposition: form-data", None),
            ("Content-Disposition: attachment; name=\"a\"", None),
            ("Content-Disposition: form-data; name=\"a", None),
            ("Content-Type: text/plain", None),
            ("no header", None),
            ("Content-Disposition: form-data; name=\"a\n\"", None),
            ("", None),
        ];
        for (text, expected) in table {
            let read = PartHead::parse(text.as_bytes()).ok();
            let read = read.as_ref().map(|head| (head.name.as_str(), head.file_name.as_deref()));
            assert_eq!(read, expected, "{text}");
        }
        assert!(PartHead::parse(b"Content-Disposition: form-data; name=\"\xff\"").is_err());
    }
}
