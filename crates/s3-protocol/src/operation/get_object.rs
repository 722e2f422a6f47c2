use http::{HeaderName, HeaderValue, Method, header};

use super::fields::{
    MAX_PAGE, MAX_PART, invalid, key, read_conditions, read_page_size, read_u32, send_read_conditions, version_id,
};
use super::request::RequestTemplate;
use super::{GetObject, GetObjectAttributes, ObjectAttribute, ObjectVersionRef, ResponseOverrides};
use crate::dates;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;
use crate::types::{ByteRange, IfRange, Millis};

const CHECKSUM_MODE: HeaderName = HeaderName::from_static("x-amz-checksum-mode");
const ATTRIBUTES: HeaderName = HeaderName::from_static("x-amz-object-attributes");
const MAX_PARTS: HeaderName = HeaderName::from_static("x-amz-max-parts");
const PART_MARKER: HeaderName = HeaderName::from_static("x-amz-part-number-marker");

/// The parameters that replace headers of the answer.
const OVERRIDES: [(&str, &str); 6] = [
    ("response-cache-control", "cache-control"),
    ("response-content-disposition", "content-disposition"),
    ("response-content-encoding", "content-encoding"),
    ("response-content-language", "content-language"),
    ("response-content-type", "content-type"),
    ("response-expires", "expires"),
];

impl GetObject {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        let query = head.query();
        let range = head.header(header::RANGE.as_str());
        let part_number = query.get("partNumber").map(|text| read_u32("partNumber", text, 1, MAX_PART)).transpose()?;
        if range.is_some() && part_number.is_some() {
            return Err(S3Error::with_message(
                ErrorCode::InvalidRequest,
                "`Range` and `partNumber` must not be given together.",
            ));
        }
        let checksum_mode = match head.amz(CHECKSUM_MODE.as_str()) {
            None => false,
            Some(mode) if mode.eq_ignore_ascii_case("ENABLED") => true,
            Some(_) => return Err(invalid("`x-amz-checksum-mode` must be ENABLED.")),
        };
        let mut range = range.and_then(read_range);
        let mut if_range = None;
        if let Some(text) = head.header(header::IF_RANGE.as_str()).filter(|_| range.is_some()) {
            if_range = read_if_range(text);
            // A condition that never holds.
            range = range.filter(|_| if_range.is_some());
        }
        Ok(Self {
            key: key(head),
            version_id: version_id(head)?,
            range,
            if_range,
            part_number,
            conditions: read_conditions(head)?,
            checksum_mode,
            overrides: ResponseOverrides::parse(head)?,
        })
    }

    pub(super) fn to_request(&self, method: Method, bucket: Option<&str>) -> RequestTemplate {
        let mut request = RequestTemplate::new(method, bucket, Some(&self.key));
        request.set_opt_query("versionId", self.version_id.as_deref());
        request.set_opt_query("partNumber", self.part_number.map(|number| number.to_string()).as_deref());
        request.set_opt_header(header::RANGE, self.range.map(write_range).as_deref());
        request.set_opt_header(header::IF_RANGE, self.if_range.as_ref().map(write_if_range).as_deref());
        send_read_conditions(&self.conditions, &mut request);
        request.set_opt_header(CHECKSUM_MODE, self.checksum_mode.then_some("ENABLED"));
        for (name, value) in &self.overrides.headers {
            if let Some((parameter, _)) = OVERRIDES.iter().find(|(_, header)| header == name) {
                request.set_query(parameter, value.as_str());
            }
        }
        request
    }
}

impl GetObject {
    /// The range that counts for an object with this ETag, without quotes, and this time.
    #[must_use]
    pub fn range_of(&self, etag: &str, modified_at: Millis) -> Option<ByteRange> {
        self.range.filter(|_| match &self.if_range {
            None => true,
            Some(IfRange::Etag(wanted)) => wanted == etag,
            Some(IfRange::ModifiedAt(wanted)) => *wanted == modified_at.div_euclid(1000),
        })
    }
}

impl ResponseOverrides {
    fn parse(head: &RequestHead) -> S3Result<Self> {
        let mut headers = Vec::new();
        for (parameter, header) in OVERRIDES {
            let Some(value) = head.query().get(parameter) else { continue };
            if HeaderValue::from_str(value).is_err() {
                return Err(invalid(format!("`{parameter}` must not contain control characters.")));
            }
            headers.push((header, value.to_owned()));
        }
        Ok(Self { headers })
    }
}

/// Reads `bytes=` and one of `1-2`, `1-`, `-2`. Anything else is ignored, as S3 does: several ranges too.
fn read_range(text: &str) -> Option<ByteRange> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    // As far as a position in an object may go.
    let number = |digits: &str| {
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u64>().ok().filter(|number| is_number && i64::try_from(*number).is_ok())
    };
    match (first, last) {
        ("", last) => Some(ByteRange::Last(number(last)?)),
        (first, "") => Some(ByteRange::From(number(first)?)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(ByteRange::Between(first, last))
        }
    }
}

fn write_range(range: ByteRange) -> String {
    match range {
        ByteRange::Between(first, last) => format!("bytes={first}-{last}"),
        ByteRange::From(first) => format!("bytes={first}-"),
        ByteRange::Last(count) => format!("bytes=-{count}"),
    }
}

/// Reads a strong ETag or a date. A weak ETag never holds.
fn read_if_range(text: &str) -> Option<IfRange> {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(etag) => Some(IfRange::Etag(etag.to_owned())),
        None => dates::read_http_date(text).map(IfRange::ModifiedAt),
    }
}

fn write_if_range(condition: &IfRange) -> String {
    match condition {
        IfRange::Etag(etag) => format!("\"{etag}\""),
        IfRange::ModifiedAt(seconds) => dates::write_http_date(seconds.saturating_mul(1000)),
    }
}

impl ObjectAttribute {
    /// Every attribute, in the order of the answer.
    pub const ALL: [Self; 5] = [Self::Etag, Self::Checksum, Self::ObjectParts, Self::StorageClass, Self::ObjectSize];

    /// The name in the header and in the answer.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Etag => "ETag",
            Self::Checksum => "Checksum",
            Self::ObjectParts => "ObjectParts",
            Self::StorageClass => "StorageClass",
            Self::ObjectSize => "ObjectSize",
        }
    }
}

impl GetObjectAttributes {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        let names = head.amz(ATTRIBUTES.as_str()).unwrap_or_default();
        let read = |name: &str| {
            let known = ObjectAttribute::ALL.into_iter().find(|known| known.name() == name);
            known.ok_or_else(|| {
                let known = ObjectAttribute::ALL.map(ObjectAttribute::name).join(", ");
                invalid(format!("`{ATTRIBUTES}` must be a list of {known}."))
            })
        };
        let number = head.amz(PART_MARKER.as_str());
        let marker = number.map(|text| read_u32(PART_MARKER.as_str(), text, 0, i32::MAX.unsigned_abs()));
        Ok(Self {
            key: key(head),
            version_id: version_id(head)?,
            attributes: names.split(',').map(|name| read(name.trim())).collect::<S3Result<_>>()?,
            max_parts: read_page_size(MAX_PARTS.as_str(), head.amz(MAX_PARTS.as_str()))?,
            part_number_marker: marker.transpose()?.unwrap_or_default(),
            conditions: read_conditions(head)?,
        })
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        let mut request = RequestTemplate::new(Method::GET, bucket, Some(&self.key));
        request.set_query("attributes", "");
        request.set_opt_query("versionId", self.version_id.as_deref());
        let names: Vec<_> = self.attributes.iter().map(|attribute| attribute.name()).collect();
        request.set_header(ATTRIBUTES, &names.join(","));
        if self.max_parts != MAX_PAGE {
            request.set_header(MAX_PARTS, &self.max_parts.to_string());
        }
        if self.part_number_marker > 0 {
            request.set_header(PART_MARKER, &self.part_number_marker.to_string());
        }
        send_read_conditions(&self.conditions, &mut request);
        request
    }
}

impl ObjectVersionRef {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        Ok(Self { key: key(head), version_id: version_id(head)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_well_formed_range_is_heeded_and_nothing_else() {
        let heeded = [
            ("bytes=0-0", ByteRange::Between(0, 0)),
            ("bytes=1-2", ByteRange::Between(1, 2)),
            ("bytes=1-", ByteRange::From(1)),
            ("bytes=-2", ByteRange::Last(2)),
            ("bytes=-0", ByteRange::Last(0)),
            ("bytes=9223372036854775807-", ByteRange::From(9_223_372_036_854_775_807)),
        ];
        for (text, range) in heeded {
            assert_eq!(read_range(text), Some(range), "{text}");
            assert_eq!(write_range(range), text);
        }
        let ignored = [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=2-1",
            "bytes=0-1,3-4",
            "bytes=0-1, 3-",
            "lines=0-1",
            "bytes=+1-2",
            "bytes=--1",
            "bytes=1-2-3",
            "bytes= 1-2",
            "bytes=9223372036854775808-",
            "Bytes=0-1",
        ];
        for ignored in ignored {
            assert_eq!(read_range(ignored), None, "{ignored}");
        }
    }
}
