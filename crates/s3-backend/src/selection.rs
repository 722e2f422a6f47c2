use std::ops::Range;

use http::{HeaderValue, header};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::GetObject;
use storage_hub_s3_protocol::types::Millis;

/// The bytes of an object that a read asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The bytes.
    pub bytes: Range<u64>,
    /// Whether the answer is 206 with `Content-Range`.
    pub partial: bool,
    /// The number of parts, where a part of a multipart object was requested.
    pub parts_count: Option<u32>,
    /// The index of that part.
    pub part: Option<usize>,
    /// Whether the bytes are the whole object.
    pub whole: bool,
}

impl Selection {
    /// Resolves the range or part number of a read, for an object with this ETag and time. `parts` are the sizes of the parts of a multipart object; an object that
    /// was written as a whole is its own part 1.
    ///
    /// # Errors
    /// `InvalidRange` with `Content-Range`, `InvalidPartNumber`, `InvalidRequest` for a range of a part.
    pub fn resolve(
        input: &GetObject,
        etag: &str,
        modified_at: Millis,
        size: u64,
        parts: Option<&[u64]>,
    ) -> S3Result<Self> {
        match (input.range_of(etag, modified_at), input.part_number) {
            (None, None) => Ok(Self { bytes: 0..size, partial: false, parts_count: None, part: None, whole: true }),
            (Some(_), Some(_)) => Err(S3Error::with_message(
                ErrorCode::InvalidRequest,
                "Cannot specify both Range header and partNumber query parameter.",
            )),
            (Some(range), None) => {
                let bytes = range.resolve(size).ok_or_else(|| not_satisfiable(size))?;
                Ok(Self { whole: bytes == (0..size), bytes, partial: true, parts_count: None, part: None })
            }
            (None, Some(number)) => Self::resolve_part(number, size, parts),
        }
    }

    fn resolve_part(number: u32, size: u64, parts: Option<&[u64]>) -> S3Result<Self> {
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let whole = [size];
        let sizes = parts.unwrap_or(&whole);
        let Some((index, length)) = index.and_then(|index| Some((index, *sizes.get(index)?))) else {
            return Err(ErrorCode::InvalidPartNumber.into());
        };
        let begin: u64 = sizes.iter().take(index).sum();
        let bytes = begin..begin.saturating_add(length);
        Ok(Self {
            whole: bytes == (0..size),
            partial: !bytes.is_empty(),
            bytes,
            parts_count: parts.and_then(|parts| u32::try_from(parts.len()).ok()),
            part: parts.map(|_| index),
        })
    }
}

fn not_satisfiable(size: u64) -> S3Error {
    let error = S3Error::new(ErrorCode::InvalidRange);
    match HeaderValue::from_str(&format!("bytes */{size}")) {
        Ok(value) => error.with_header(header::CONTENT_RANGE, value),
        Err(_) => error,
    }
}

#[cfg(test)]
mod tests {
    use storage_hub_s3_protocol::types::ByteRange;

    use super::*;

    fn resolve(
        range: Option<ByteRange>,
        part_number: Option<u32>,
        size: u64,
        parts: Option<&[u64]>,
    ) -> Result<Selection, ErrorCode> {
        let input = GetObject { range, part_number, ..GetObject::default() };
        Selection::resolve(&input, "a", 0, size, parts).map_err(|error| error.code())
    }

    #[test]
    fn ranges_are_cut_at_the_end_and_refused_behind_it() {
        let bytes = |range| resolve(Some(range), None, 10, None).map(|selection| selection.bytes);
        assert_eq!(bytes(ByteRange::Between(2, 4)), Ok(2..5));
        assert_eq!(bytes(ByteRange::Between(2, u64::MAX)), Ok(2..10));
        assert_eq!(bytes(ByteRange::From(9)), Ok(9..10));
        assert_eq!(bytes(ByteRange::Last(3)), Ok(7..10));
        assert_eq!(bytes(ByteRange::Last(30)), Ok(0..10));
        assert_eq!(bytes(ByteRange::From(10)), Err(ErrorCode::InvalidRange));
        assert_eq!(bytes(ByteRange::Last(0)), Err(ErrorCode::InvalidRange));
    }

    #[test]
    fn parts_are_found_by_their_number() {
        let part = |number| resolve(None, Some(number), 10, Some(&[4, 6]));
        let second = part(2).unwrap();
        assert_eq!((second.bytes, second.parts_count, second.part, second.whole), (4..10, Some(2), Some(1), false));
        assert_eq!(part(3), Err(ErrorCode::InvalidPartNumber));
        let whole = resolve(None, Some(1), 10, None).unwrap();
        assert_eq!((whole.bytes, whole.parts_count, whole.partial, whole.whole), (0..10, None, true, true));
        assert_eq!(resolve(None, Some(2), 10, None), Err(ErrorCode::InvalidPartNumber));
    }
}
