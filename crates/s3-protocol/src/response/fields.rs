//! What several answers have in common.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::Owner;
use crate::checksum::{Checksum, ChecksumAlgorithm, ChecksumKind};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::types::{Millis, ObjectExpiration};
use crate::xml::{self, Element, XmlWriter};
use crate::{dates, uri};

pub(super) const CHECKSUM_TYPE: HeaderName = HeaderName::from_static("x-amz-checksum-type");
pub(super) const VERSION_ID: HeaderName = HeaderName::from_static("x-amz-version-id");
const EXPIRATION: HeaderName = HeaderName::from_static("x-amz-expiration");
/// Maximum number of elements of an answer that is read: 1,000 entries with room for what is ignored.
const MAX_ELEMENTS: usize = 64_000;

pub(super) fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

pub(super) fn insert_opt(headers: &mut HeaderMap, name: HeaderName, value: Option<&str>) {
    if let Some(value) = value {
        insert(headers, name, value);
    }
}

/// Tells when a lifecycle rule deletes an object.
pub(super) fn insert_expiration(headers: &mut HeaderMap, expiration: Option<&ObjectExpiration>) {
    if let Some(ObjectExpiration { at, rule_id }) = expiration {
        let date = dates::write_http_date(*at);
        insert(headers, EXPIRATION, &format!("expiry-date=\"{date}\", rule-id=\"{}\"", uri::encode(rule_id)));
    }
}

pub(super) fn read_expiration(headers: &HeaderMap) -> Option<ObjectExpiration> {
    let text = header(headers, &EXPIRATION)?;
    let value = |name: &str| text.split_once(&format!("{name}=\""))?.1.split_once('"').map(|(value, _)| value);
    let at = dates::read_http_date(value("expiry-date")?)?.saturating_mul(1000);
    let rule_id = value("rule-id")?;
    Some(ObjectExpiration { at, rule_id: uri::decode(rule_id).unwrap_or_else(|| rule_id.to_owned()) })
}

pub(super) fn quote(etag: &str) -> String {
    format!("\"{etag}\"")
}

pub(super) fn unquote(etag: &str) -> String {
    let etag = etag.trim();
    let etag = etag.strip_prefix("W/").unwrap_or(etag);
    etag.strip_prefix('"').and_then(|etag| etag.strip_suffix('"')).unwrap_or(etag).to_owned()
}

pub(super) fn insert_checksum(headers: &mut HeaderMap, checksum: &Checksum, with_kind: bool) {
    insert(headers, checksum.algorithm.header_name(), &checksum.value);
    if with_kind {
        insert(headers, CHECKSUM_TYPE, checksum.kind.name());
    }
}

pub(super) fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
}

/// The checksum that headers tell. A server that does not tell its kind has a composite one where it ends with `-<parts>`.
pub(super) fn read_checksum(headers: &HeaderMap) -> Option<Checksum> {
    let value = |algorithm: ChecksumAlgorithm| Some((algorithm, header(headers, &algorithm.header_name())?));
    let (algorithm, value) = ChecksumAlgorithm::ALL.into_iter().find_map(value)?;
    Some(checksum(algorithm, value, header(headers, &CHECKSUM_TYPE)))
}

fn checksum(algorithm: ChecksumAlgorithm, value: &str, kind: Option<&str>) -> Checksum {
    let told = kind.and_then(ChecksumKind::parse);
    let kind = told.unwrap_or(if value.contains('-') { ChecksumKind::Composite } else { ChecksumKind::FullObject });
    Checksum { algorithm, kind, value: value.to_owned() }
}

pub(super) fn write_checksum(writer: &mut XmlWriter, checksum: &Checksum, with_kind: bool) {
    writer.text(checksum.algorithm.element(), &checksum.value);
    if with_kind {
        writer.text("ChecksumType", checksum.kind.name());
    }
}

/// The checksum that the child elements of an element tell.
pub(super) fn checksum_of(element: &Element) -> S3Result<Option<Checksum>> {
    for algorithm in ChecksumAlgorithm::ALL {
        if let Some(value) = element.text_of(algorithm.element())? {
            return Ok(Some(checksum(algorithm, value, element.text_of("ChecksumType")?)));
        }
    }
    Ok(None)
}

/// Writes the algorithm and kind of a checksum that is not told.
pub(super) fn write_checksum_kind(writer: &mut XmlWriter, checksum: Option<(ChecksumAlgorithm, ChecksumKind)>) {
    if let Some((algorithm, kind)) = checksum {
        writer.text("ChecksumAlgorithm", algorithm.name());
        writer.text("ChecksumType", kind.name());
    }
}

pub(super) fn checksum_kind_of(element: &Element) -> S3Result<Option<(ChecksumAlgorithm, ChecksumKind)>> {
    // Servers that keep several list several.
    let algorithm = element.all("ChecksumAlgorithm").next().map(Element::text).transpose()?;
    let Some(algorithm) = algorithm.and_then(ChecksumAlgorithm::parse) else { return Ok(None) };
    let kind = element.text_of("ChecksumType")?.and_then(ChecksumKind::parse);
    Ok(Some((algorithm, kind.unwrap_or(algorithm.default_kind()))))
}

pub(super) fn write_owner(writer: &mut XmlWriter, name: &str, owner: &Owner) {
    writer.element(name, |writer| {
        writer.text("ID", &owner.id);
        writer.text("DisplayName", &owner.display_name);
    });
}

/// Writes names as a client requested it: as they are, or percent-encoded (`encoding-type=url`). As it is, a name that XML
/// cannot carry is changed; see [`XmlWriter::answer`].
#[derive(Clone, Copy)]
pub(super) struct Names {
    pub(super) encoded: bool,
}

impl Names {
    pub(super) fn write(self, writer: &mut XmlWriter, element: &str, name: &str) {
        if self.encoded { writer.text(element, &uri::encode_path(name)) } else { writer.text(element, name) }
    }

    pub(super) fn write_opt(self, writer: &mut XmlWriter, element: &str, name: Option<&str>) {
        if let Some(name) = name {
            self.write(writer, element, name);
        }
    }

    /// How the names of a document are written.
    pub(super) fn of(root: &Element) -> S3Result<Self> {
        Ok(Self { encoded: root.text_of("EncodingType")? == Some("url") })
    }

    pub(super) fn read(self, name: &str) -> S3Result<String> {
        if !self.encoded {
            return Ok(name.to_owned());
        }
        // Some servers write a space as `+`, and a plus always as %2B.
        uri::decode(&name.replace('+', " ")).ok_or_else(|| unreadable("a name is not percent-encoded"))
    }

    pub(super) fn read_from(self, element: &Element, name: &str) -> S3Result<Option<String>> {
        element.text_of(name)?.map(|text| self.read(text)).transpose()
    }
}

/// Reads the document of a successful answer. A copy or a completion that fails late answers 200 with an error in it.
pub(super) fn parse_answer(root_name: &str, document: &[u8]) -> S3Result<Element> {
    let root =
        xml::parse(document, MAX_ELEMENTS).map_err(|error| unreadable("its document is malformed").caused_by(error))?;
    if root.name() == "Error" {
        return Err(S3Error::parse_document(http::StatusCode::INTERNAL_SERVER_ERROR, document));
    }
    root.expect_name(root_name).map_err(|error| unreadable("its document is another one").caused_by(error))?;
    Ok(root)
}

/// The answer of a server that cannot be read.
pub(super) fn unreadable(why: &'static str) -> S3Error {
    S3Error::new(ErrorCode::InternalError).caused_by(format!("the answer cannot be read: {why}"))
}

pub(super) fn required<T>(value: Option<T>) -> S3Result<T> {
    value.ok_or_else(|| unreadable("an element is missing"))
}

pub(super) fn number_of<T: std::str::FromStr>(element: &Element, name: &str) -> S3Result<Option<T>> {
    let Some(text) = element.text_of(name)?.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| unreadable("a number is malformed"))
}

pub(super) fn is_true(element: &Element, name: &str) -> S3Result<bool> {
    Ok(element.text_of(name)?.is_some_and(|text| text.trim().eq_ignore_ascii_case("true")))
}

pub(super) fn date_of(element: &Element, name: &str) -> S3Result<Millis> {
    let Some(text) = element.text_of(name)? else { return Ok(0) };
    dates::read_iso_date(text).ok_or_else(|| unreadable("a date is malformed"))
}

pub(super) fn etag_of(element: &Element) -> S3Result<String> {
    Ok(element.text_of("ETag")?.map(unquote).unwrap_or_default())
}
