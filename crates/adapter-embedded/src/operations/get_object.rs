use std::ops::Range;

use http::{HeaderMap, HeaderValue, header};
use s3s::dto::{
    ChecksumMode, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, Metadata, StreamingBlob,
};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use super::Operations;
use super::conditions::{ReadConditions, Verdict, failed, not_modified};
use super::translate::{checksum_kind, etag, http_date, moment, only_null_version, parse_http_date, set_checksum};
use crate::endpoint::Visitor;
use crate::error::custom;
use crate::object::{Content, Object};

/// Which bytes are asked for.
struct Selection {
    bytes: Range<u64>,
    /// Set when they are not simply all.
    content_range: Option<String>,
    parts: Option<i32>,
    whole: bool,
}

/// What GET and HEAD have in common.
macro_rules! output {
    ($output:ident, $object:expr, $selection:expr, $checksums:expr) => {{
        let (object, selection) = ($object, $selection);
        let headers = &object.description.headers;
        let metadata: Metadata = object.description.metadata.clone().into_iter().collect();
        let mut output = $output {
            accept_ranges: Some("bytes".to_owned()),
            content_length: i64::try_from(selection.bytes.end - selection.bytes.start).ok(),
            content_range: selection.content_range.clone(),
            parts_count: selection.parts,
            e_tag: Some(etag(&object.etag)),
            last_modified: Some(moment(object.modified_at)),
            content_type: Some(headers.content_type.clone().unwrap_or_else(|| "binary/octet-stream".to_owned())),
            cache_control: headers.cache_control.clone(),
            content_disposition: headers.content_disposition.clone(),
            content_encoding: headers.content_encoding.clone(),
            content_language: headers.content_language.clone(),
            expires: headers.expires.as_deref().and_then(parse_http_date),
            metadata: (!metadata.is_empty()).then_some(metadata),
            ..Default::default()
        };
        // The checksum is that of all bytes: with a part of them it would only mislead.
        if let Some(checksum) = object.checksum.as_ref().filter(|_| $checksums && selection.whole) {
            output.checksum_type = Some(checksum_kind(checksum));
            set_checksum!(output, checksum.algorithm, checksum.value.clone());
        }
        output
    }};
}

pub(super) async fn get(
    this: &Operations,
    request: S3Request<GetObjectInput>,
) -> S3Result<S3Response<GetObjectOutput>> {
    let visitor = Visitor::of(&request)?;
    let input = request.input;
    let overrides = [
        input.response_cache_control.is_some(),
        input.response_content_disposition.is_some(),
        input.response_content_encoding.is_some(),
        input.response_content_language.is_some(),
        input.response_content_type.is_some(),
        input.response_expires.is_some(),
    ];
    refuse_anonymous_overrides(&visitor, &overrides)?;
    only_null_version(input.version_id.as_deref())?;
    let conditions = ReadConditions {
        matches: input.if_match,
        matches_not: input.if_none_match,
        modified_since: input.if_modified_since,
        unmodified_since: input.if_unmodified_since,
    };
    loop {
        let object = this.store.find(&input.bucket, &input.key).await?;
        check(&conditions, &object)?;
        let selection = select(&object, input.range.as_ref(), input.part_number)?;
        let Some(stream) = this.store.read(&object, selection.bytes.clone()).await? else { continue };
        let mut output = output!(GetObjectOutput, &object, &selection, wants_checksum(input.checksum_mode.as_ref()));
        output.body =
            Some(StreamingBlob::wrap(futures::StreamExt::map(stream, |chunk| chunk.map_err(std::io::Error::other))));
        return Ok(S3Response::new(output));
    }
}

pub(super) async fn head(
    this: &Operations,
    request: S3Request<HeadObjectInput>,
) -> S3Result<S3Response<HeadObjectOutput>> {
    let visitor = Visitor::of(&request)?;
    let input = request.input;
    let overrides = [
        (header::CACHE_CONTROL, input.response_cache_control),
        (header::CONTENT_DISPOSITION, input.response_content_disposition),
        (header::CONTENT_ENCODING, input.response_content_encoding),
        (header::CONTENT_LANGUAGE, input.response_content_language),
        (header::CONTENT_TYPE, input.response_content_type),
        (header::EXPIRES, input.response_expires.as_ref().and_then(http_date)),
    ];
    refuse_anonymous_overrides(&visitor, &overrides.each_ref().map(|(_, value)| value.is_some()))?;
    only_null_version(input.version_id.as_deref())?;
    let conditions = ReadConditions {
        matches: input.if_match,
        matches_not: input.if_none_match,
        modified_since: input.if_modified_since,
        unmodified_since: input.if_unmodified_since,
    };
    let object = this.store.find(&input.bucket, &input.key).await?;
    check(&conditions, &object)?;
    let selection = select(&object, input.range.as_ref(), input.part_number)?;
    let output = output!(HeadObjectOutput, &object, &selection, wants_checksum(input.checksum_mode.as_ref()));
    let mut headers = HeaderMap::new();
    for (name, value) in overrides {
        let Some(value) = value else { continue };
        let value = HeaderValue::from_str(&value)
            .map_err(|_| s3_error!(InvalidArgument, "The value for {name} is no header value."))?;
        headers.insert(name, value);
    }
    Ok(S3Response::with_headers(output, headers))
}

fn refuse_anonymous_overrides(visitor: &Visitor, overrides: &[bool]) -> S3Result<()> {
    if visitor.0.is_none() && overrides.contains(&true) {
        return Err(s3_error!(
            InvalidRequest,
            "Request specific response headers cannot be used for anonymous GET requests."
        ));
    }
    Ok(())
}

fn check(conditions: &ReadConditions, object: &Object) -> S3Result<()> {
    match conditions.check(object) {
        Verdict::Go => Ok(()),
        Verdict::NotModified => Err(not_modified(object)),
        Verdict::Failed => Err(failed()),
    }
}

fn wants_checksum(mode: Option<&ChecksumMode>) -> bool {
    mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED)
}

fn select(object: &Object, range: Option<&s3s::dto::Range>, part: Option<i32>) -> S3Result<Selection> {
    match (range, part) {
        (None, None) => Ok(Selection { bytes: 0..object.size, content_range: None, parts: None, whole: true }),
        (Some(_), Some(_)) => {
            Err(s3_error!(InvalidRequest, "Cannot specify both Range header and partNumber query parameter"))
        }
        (Some(range), None) => {
            let bytes = range.check(object.size).map_err(|_| not_satisfiable(object))?;
            Ok(selection(object, bytes, None))
        }
        (None, Some(number)) => select_part(object, number),
    }
}

fn select_part(object: &Object, number: i32) -> S3Result<Selection> {
    let sizes: Vec<_> = match &object.content {
        Content::Inline | Content::Whole(_) => vec![object.size],
        Content::Parts(pieces) => pieces.iter().map(|piece| piece.size).collect(),
    };
    let at = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    let Some((at, size)) = at.and_then(|at| Some((at, *sizes.get(at)?))) else {
        let mut error =
            S3Error::with_message(custom("InvalidPartNumber"), "The requested partnumber is not satisfiable.");
        error.set_status_code(http::StatusCode::RANGE_NOT_SATISFIABLE);
        return Err(error);
    };
    let begin = sizes.iter().take(at).sum::<u64>();
    let parts = match &object.content {
        Content::Inline | Content::Whole(_) => None,
        Content::Parts(pieces) => i32::try_from(pieces.len()).ok(),
    };
    Ok(selection(object, begin..begin.saturating_add(size), parts))
}

fn selection(object: &Object, bytes: Range<u64>, parts: Option<i32>) -> Selection {
    let content_range = (bytes.end > bytes.start)
        .then(|| format!("bytes {}-{}/{}", bytes.start, bytes.end.saturating_sub(1), object.size));
    let whole = bytes == (0..object.size);
    Selection { bytes, content_range, parts, whole }
}

fn not_satisfiable(object: &Object) -> S3Error {
    let mut error = S3Error::with_message(S3ErrorCode::InvalidRange, "The requested range is not satisfiable");
    if let Ok(value) = HeaderValue::from_str(&format!("bytes */{}", object.size)) {
        error.set_headers(HeaderMap::from_iter([(header::CONTENT_RANGE, value)]));
    }
    error
}
