use s3s::dto::{
    ChecksumAlgorithm, ChecksumType, CopyPartResult, CreateMultipartUploadInput, CreateMultipartUploadOutput,
    UploadPartCopyInput, UploadPartCopyOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};
use uuid::Uuid;

use super::Operations;
use super::conditions::{ReadConditions, Verdict, failed};
use super::put_object::key_is_valid;
use super::receive::{Expected, MAX_BODY, Received, copy_bytes, receive};
use super::translate::{algorithm, copy_source, description, etag, kind, moment, sent_checksum, set_checksum};
use crate::digests::Algorithm;
use crate::endpoint::{Permission, Permit};
use crate::index::buckets::BucketRowId;
use crate::index::uploads::{self, NewPart, Upload, UploadAt};
use crate::object::Object;
use crate::store::now;

/// The highest number of a part.
const MAX_PARTS: i32 = 10_000;

pub(super) async fn create(
    this: &Operations,
    request: S3Request<CreateMultipartUploadInput>,
) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
    let bucket = Permission::of(&request)?.bucket()?;
    let mut input = request.input;
    key_is_valid(&input.key)?;
    let description = description!(input)?;
    let asked = input.checksum_type.as_ref().map(kind).transpose()?;
    let checksum = match input.checksum_algorithm.as_ref().map(algorithm).transpose()? {
        Some(algorithm) => Some((algorithm, asked.unwrap_or_else(|| algorithm.default_kind()))),
        None if asked.is_some() => {
            return Err(s3_error!(InvalidRequest, "A checksum type needs a checksum algorithm."));
        }
        None => None,
    };
    if let Some((algorithm, kind)) = checksum
        && !algorithm.allows(kind)
    {
        return Err(s3_error!(
            InvalidRequest,
            "The {} checksum type cannot be used with the {} checksum algorithm.",
            kind.name(),
            algorithm.name()
        ));
    }
    let upload = Upload { description, checksum };
    let id = Uuid::now_v7().simple().to_string();
    let (key, upload_id) = (input.key.clone(), id.clone());
    this.store
        .index()
        .write(move |connection| {
            uploads::insert(connection, &UploadAt { bucket, key: &key, id: &upload_id }, &upload, now())
        })
        .await?;
    Ok(S3Response::new(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        checksum_algorithm: checksum.map(|(algorithm, _)| ChecksumAlgorithm::from_static(algorithm.name())),
        checksum_type: checksum.map(|(_, kind)| ChecksumType::from_static(kind.name())),
        ..Default::default()
    }))
}

/// Where a part goes.
struct Target {
    bucket: BucketRowId,
    key: String,
    upload: String,
    number: i32,
}

pub(super) async fn put(
    this: &Operations,
    request: S3Request<UploadPartInput>,
) -> S3Result<S3Response<UploadPartOutput>> {
    let permission = Permission::of(&request)?;
    let bucket = permission.bucket()?;
    let mut input = request.input;
    let sent = sent_checksum!(input)?;
    let target = Target { bucket, key: input.key, upload: input.upload_id, number: input.part_number };
    let of_upload = find(this, &target).await?.checksum.map(|(algorithm, _)| algorithm);
    let expected = Expected::read(
        &request.headers,
        input.content_length,
        input.content_md5.as_deref(),
        sent,
        of_upload.or(input.checksum_algorithm.as_ref().map(algorithm).transpose()?),
        request.trailing_headers,
    )?;
    if of_upload.is_some() && expected.algorithm != of_upload {
        return Err(s3_error!(
            InvalidRequest,
            "Checksum Type mismatch occurred: the part has another checksum algorithm than the upload."
        ));
    }
    let stored = receive(&this.store, input.body, expected).await?;
    let permit = permission.confirm(&this.gate).await?;
    let (written, _) = write(this, permit, target, stored, of_upload).await?;
    let mut output = UploadPartOutput { e_tag: Some(etag(&written.etag)), ..Default::default() };
    if let Some((algorithm, value)) = written.checksum {
        set_checksum!(output, algorithm, value);
    }
    Ok(S3Response::new(output))
}

pub(super) async fn copy(
    this: &Operations,
    request: S3Request<UploadPartCopyInput>,
) -> S3Result<S3Response<UploadPartCopyOutput>> {
    let permission = Permission::of(&request)?;
    let bucket = permission.bucket()?;
    let input = request.input;
    let source = copy_source(&input.copy_source)?;
    let target = Target { bucket, key: input.key, upload: input.upload_id, number: input.part_number };
    let of_upload = find(this, &target).await?.checksum.map(|(algorithm, _)| algorithm);
    let conditions = ReadConditions {
        matches: input.copy_source_if_match,
        matches_not: input.copy_source_if_none_match,
        modified_since: input.copy_source_if_modified_since,
        unmodified_since: input.copy_source_if_unmodified_since,
    };
    let stream = loop {
        let object = this.store.find(&source.0, &source.1).await?;
        if conditions.check(&object) != Verdict::Go {
            return Err(failed());
        }
        let range = source_range(input.copy_source_range.as_deref(), &object)?;
        if range.end - range.start > MAX_BODY {
            return Err(s3_error!(EntityTooLarge, "A part has at most 5 GiB."));
        }
        if let Some(stream) = this.store.read(&object, range).await? {
            break stream;
        }
    };
    let stored = copy_bytes(&this.store, stream, of_upload).await?;
    let permit = permission.confirm(&this.gate).await?;
    let (written, modified_at) = write(this, permit, target, stored, of_upload).await?;
    let mut result = CopyPartResult {
        e_tag: Some(etag(&written.etag)),
        last_modified: Some(moment(modified_at)),
        ..Default::default()
    };
    if let Some((algorithm, value)) = written.checksum {
        set_checksum!(result, algorithm, value);
    }
    Ok(S3Response::new(UploadPartCopyOutput { copy_part_result: Some(result), ..Default::default() }))
}

async fn find(this: &Operations, target: &Target) -> S3Result<Upload> {
    if !(1..=MAX_PARTS).contains(&target.number) {
        return Err(s3_error!(InvalidArgument, "Part number must be an integer between 1 and {MAX_PARTS}, inclusive."));
    }
    let (bucket, upload, key) = (target.bucket, target.upload.clone(), target.key.clone());
    let get = move |connection: &mut _| uploads::get(connection, &UploadAt { bucket, key: &key, id: &upload });
    Ok(this.store.index().read(get).await?)
}

struct WrittenPart {
    etag: String,
    checksum: Option<(Algorithm, String)>,
}

async fn write(
    this: &Operations,
    permit: Permit,
    target: Target,
    stored: Received,
    of_upload: Option<Algorithm>,
) -> S3Result<(WrittenPart, i64)> {
    let digests = stored.digests.clone();
    let (size, modified_at) = (stored.digests.length, now());
    let Some(blob) = stored.blob.keep() else { return Err(s3_error!(InternalError)) };
    let part = NewPart {
        number: target.number,
        blob: blob.clone(),
        size,
        etag: digests.etag(),
        // Another algorithm than the upload's is checked and told, but of no use for the whole.
        checksum: digests
            .checksum
            .clone()
            .filter(|checksum| Some(checksum.algorithm) == of_upload)
            .map(|checksum| checksum.value),
    };
    this.store
        .commit(vec![blob], move |connection| {
            let at = UploadAt { bucket: permit.bucket(), key: &target.key, id: &target.upload };
            let replaced = uploads::put_part(connection, &at, &part, modified_at)?;
            Ok(((), replaced.into_iter().collect()))
        })
        .await?;
    Ok((
        WrittenPart {
            etag: digests.etag(),
            checksum: digests.checksum.map(|checksum| (checksum.algorithm, checksum.value)),
        },
        modified_at,
    ))
}

/// `bytes=first-last`, both given and within the object.
fn source_range(header: Option<&str>, object: &Object) -> S3Result<std::ops::Range<u64>> {
    let Some(header) = header else { return Ok(0..object.size) };
    let parse = || {
        let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
        Some((first.parse::<u64>().ok()?, last.parse::<u64>().ok()?))
    };
    match parse() {
        Some((first, last)) if first <= last && last < object.size => Ok(first..last + 1),
        Some((first, last)) if first <= last => Err(s3_error!(
            InvalidRange,
            "The range of the copy source is not within the source of {} bytes.",
            object.size
        )),
        _ => Err(s3_error!(InvalidArgument, "The x-amz-copy-source-range value must be of the form bytes=first-last.")),
    }
}
